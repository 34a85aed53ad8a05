//! Reads JSON with the browser's parser: serde's would add 40 kilobytes of WebAssembly.
//! `tests/web/json.rs` compares these readers with serde on valid and invalid texts.
//!
//! Invariant: a value is read whole or not at all; unknown fields are ignored.

use crate::checkout::Attempt;
use contract::{
    Category, Customer, Discount, IdempotencyKey, Line, OpenOrder, Order, OrderLine, OrderStatus,
    Payment, PaymentWay, PlaceOrder, Problem, ProblemCode, Product, Profile, Promo, Reduction,
    Reward, RewardKind, RewardStatus, Rupiah, Session, UnixTime, Wording,
};
use js_sys::{Array, Reflect};
use std::num::NonZeroU32;
use wasm_bindgen::{JsCast, JsValue};

pub trait Read: Sized {
    /// `None` for JSON of another form.
    fn read(json: &JsValue) -> Option<Self>;
}

pub fn parse<T: Read>(text: &str) -> Option<T> {
    T::read(&js_sys::JSON::parse(text).ok()?)
}

/// `Number.MAX_SAFE_INTEGER`.
const SAFE: f64 = 9_007_199_254_740_991.0;

fn is_object(json: &JsValue) -> bool {
    json.is_object() && !Array::is_array(json)
}

fn field(json: &JsValue, name: &str) -> Option<JsValue> {
    let field = is_object(json).then(|| Reflect::get(json, &name.into()));
    field?.ok().filter(|field| !field.is_undefined())
}

fn text(json: &JsValue, name: &str) -> Option<String> {
    field(json, name)?.as_string()
}

fn integer(json: &JsValue, name: &str) -> Option<i64> {
    let number = field(json, name)?.as_f64()?;
    (number.fract() == 0.0 && number.abs() <= SAFE).then_some(number as i64)
}

fn whole(json: &JsValue, name: &str) -> Option<u64> {
    integer(json, name)?.try_into().ok()
}

fn at<T: Read>(json: &JsValue, name: &str) -> Option<T> {
    T::read(&field(json, name)?)
}

/// An optional or null field: `None` only if its value has another form.
fn maybe<T>(
    json: &JsValue,
    name: &str,
    read: fn(&JsValue, &str) -> Option<T>,
) -> Option<Option<T>> {
    match field(json, name) {
        Some(field) if !field.is_null() => read(json, name).map(Some),
        _ => Some(None),
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(json: &JsValue) -> Option<Self> {
        json.dyn_ref::<Array>()?
            .iter()
            .map(|it| T::read(&it))
            .collect()
    }
}

/// A list that skips unreadable entries: one order of a newer merchant must not hide the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries<T>(pub Vec<T>);

impl<T: Read> Read for Entries<T> {
    fn read(json: &JsValue) -> Option<Self> {
        let entries = json.dyn_ref::<Array>()?.iter();
        Some(Self(entries.filter_map(|it| T::read(&it)).collect()))
    }
}

fn rupiah(json: &JsValue, name: &str) -> Option<Rupiah> {
    whole(json, name).map(Rupiah::new)
}

fn time(json: &JsValue, name: &str) -> Option<UnixTime> {
    integer(json, name).map(UnixTime)
}

fn quantity(json: &JsValue, name: &str) -> Option<NonZeroU32> {
    NonZeroU32::new(whole(json, name)?.try_into().ok()?)
}

impl Read for Session {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            customer: at(json, "customer")?,
            catalogue: at::<Entries<_>>(json, "catalogue")?.0,
            open_order: maybe(json, "open_order", at)?,
        })
    }
}

impl<T: Read> Read for Box<T> {
    fn read(json: &JsValue) -> Option<Self> {
        T::read(json).map(Self::new)
    }
}

impl Read for Customer {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            id: text(json, "id")?.into(),
            name: maybe(json, "name", text)?,
        })
    }
}

impl Read for Profile {
    fn read(json: &JsValue) -> Option<Self> {
        let name = maybe(json, "name", text)?;
        is_object(json).then_some(Self { name })
    }
}

impl Read for Product {
    fn read(json: &JsValue) -> Option<Self> {
        let sold_out = field(json, "sold_out").map_or(Some(false), |it| it.as_bool());
        Some(Self {
            id: text(json, "id")?,
            name: at(json, "name")?,
            description: at(json, "description")?,
            price: rupiah(json, "price")?,
            image: text(json, "image")?,
            category: maybe(json, "category", at)?,
            sold_out: sold_out?,
        })
    }
}

impl Read for Category {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            id: text(json, "id")?,
            name: at(json, "name")?,
        })
    }
}

impl Read for Wording {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            id: text(json, "id")?,
            en: text(json, "en")?,
        })
    }
}

impl Read for OpenOrder {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            id: text(json, "id")?.into(),
            total: rupiah(json, "total")?,
        })
    }
}

impl Read for Order {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            id: text(json, "id")?.into(),
            status: OrderStatus::from_name(&text(json, "status")?).unwrap_or(OrderStatus::Other),
            lines: at(json, "lines")?,
            total: rupiah(json, "total")?,
            discount: maybe(json, "discount", at)?,
            table: maybe(json, "table", text)?,
            created_at: time(json, "created_at")?,
            paid_at: maybe(json, "paid_at", time)?,
            refunded: maybe(json, "refunded", rupiah)?,
            pickup_code: maybe(json, "pickup_code", text)?,
            payment: maybe(json, "payment", at)?,
            rewards: field(json, "rewards").map_or(Some(Vec::new()), |it| Read::read(&it))?,
            as_of: time(json, "as_of")?,
        })
    }
}

impl Read for Reward {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            kind: RewardKind::from_name(&text(json, "kind")?),
            amount: whole(json, "amount")?,
            status: RewardStatus::from_name(&text(json, "status")?),
        })
    }
}

impl Read for OrderLine {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            product: text(json, "product")?,
            name: at(json, "name")?,
            quantity: quantity(json, "quantity")?,
            price: rupiah(json, "price")?,
        })
    }
}

impl Read for Discount {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            code: text(json, "code")?,
            amount: rupiah(json, "amount")?,
        })
    }
}

impl Read for Promo {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            code: text(json, "code")?,
            reduction: at(json, "reduction")?,
            min_total: maybe(json, "min_total", rupiah)?.unwrap_or_default(),
        })
    }
}

impl Read for Reduction {
    fn read(json: &JsValue) -> Option<Self> {
        match whole(json, "percent") {
            Some(percent) => percent.try_into().ok().map(Self::Percent),
            None => rupiah(json, "amount").map(Self::Amount),
        }
    }
}

impl Read for Payment {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            way: payment_way(json)?,
            valid_until: time(json, "valid_until")?,
        })
    }
}

/// The way to pay is the name of one field.
fn payment_way(json: &JsValue) -> Option<PaymentWay> {
    let way = |name, way: fn(String) -> PaymentWay| text(json, name).map(way);
    way("deeplink", PaymentWay::Deeplink)
        .or_else(|| way("snap_token", PaymentWay::SnapToken))
        .or_else(|| way("web_page", PaymentWay::WebPage))
}

impl Read for Problem {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            status: whole(json, "status")?.try_into().ok()?,
            code: ProblemCode::from_name(&text(json, "code")?),
            title: text(json, "title")?,
            detail: maybe(json, "detail", text)?,
            consent: maybe(json, "consent", text)?,
        })
    }
}

impl Read for Attempt {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            key: IdempotencyKey::from(text(json, "key")?),
            customer: text(json, "customer")?.into(),
            order: at(json, "order")?,
            made_at: whole(json, "made_at")?,
            replaces: maybe(json, "replaces", at)?,
        })
    }
}

impl Read for PlaceOrder {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            lines: at(json, "lines")?,
            expected_total: rupiah(json, "expected_total")?,
            promo: maybe(json, "promo", text)?,
            table: maybe(json, "table", text)?,
        })
    }
}

impl Read for Line {
    fn read(json: &JsValue) -> Option<Self> {
        Some(Self {
            product: text(json, "product")?,
            quantity: quantity(json, "quantity")?,
        })
    }
}
