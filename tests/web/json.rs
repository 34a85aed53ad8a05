//! The app's JSON reader agrees with serde on valid and invalid answers.

use contract::{
    Category, Customer, Discount, IdempotencyKey, Line, Order, OrderLine, OrderStatus, Payment,
    PaymentWay, PlaceOrder, Problem, ProblemCode, Product, Profile, Reward, RewardKind,
    RewardStatus, Rupiah, Session, UnixTime, Wording,
};
use mini_app::checkout::Attempt;
use mini_app::json::{self, Read};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;
use std::num::NonZeroU32;
use wasm_bindgen_test::wasm_bindgen_test;

/// Replacements for each part of a value.
const OTHERS: [&str; 12] = [
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "70000",
    "5000000000",
    "\"\"",
    "\"paid\"",
    "[]",
    "[1]",
    "{}",
];

fn wording(text: &str) -> Wording {
    Wording {
        id: text.to_owned(),
        en: "\u{1f600} \"quoted\"\n".to_owned(),
    }
}

fn order(status: OrderStatus) -> Order {
    let paid = status.took_money();
    Order {
        id: "0123456789abcdef".into(),
        status,
        lines: vec![OrderLine {
            product: "kopi-susu".to_owned(),
            name: wording("Kopi"),
            quantity: NonZeroU32::new(2).unwrap(),
            price: Rupiah::new(25_000),
        }],
        total: Rupiah::MAX_PAYMENT,
        discount: Some(Discount {
            code: "HEMAT10".to_owned(),
            amount: Rupiah::new(1),
        }),
        table: Some("7".to_owned()),
        created_at: UnixTime(1_795_331_000),
        paid_at: paid.then_some(UnixTime(1_795_331_060)),
        refunded: (status == OrderStatus::Refunded).then_some(Rupiah::new(1)),
        pickup_code: paid.then(|| "A47".to_owned()),
        payment: (!paid).then(|| Payment {
            way: PaymentWay::Deeplink("gopay://merchanttransfer?tref=1".to_owned()),
            valid_until: UnixTime(1_795_331_900),
        }),
        rewards: match paid {
            true => vec![
                Reward {
                    kind: RewardKind::Coins,
                    amount: 2_500,
                    status: RewardStatus::Given,
                },
                Reward {
                    kind: RewardKind::Gems,
                    amount: 10,
                    status: RewardStatus::Pending,
                },
            ],
            false => Vec::new(),
        },
        as_of: UnixTime(1_795_331_100),
    }
}

fn session() -> Session {
    Session {
        customer: Customer {
            id: "buyer".into(),
            name: Some("Budi".to_owned()),
        },
        catalogue: vec![Product {
            id: "kopi-susu".to_owned(),
            name: wording("Kopi"),
            description: wording(""),
            price: Rupiah::new(25_000),
            image: "/assets/kopi-susu.svg".to_owned(),
            category: Some(Category {
                id: "kopi".to_owned(),
                name: Wording {
                    id: "Kopi".to_owned(),
                    en: "Coffee".to_owned(),
                },
            }),
            sold_out: true,
        }],
        open_order: order(OrderStatus::AwaitingPayment).open(),
    }
}

/// The value itself, and with each of its parts removed or replaced.
fn variants(value: &Value) -> Vec<Value> {
    let mut all = vec![value.clone()];
    all.extend(OTHERS.map(|other| serde_json::from_str(other).unwrap()));
    match value {
        Value::Object(fields) => {
            for (name, part) in fields {
                let mut without = fields.clone();
                without.remove(name);
                all.push(Value::Object(without));
                for other in variants(part) {
                    let mut with = fields.clone();
                    with.insert(name.clone(), other);
                    all.push(Value::Object(with));
                }
            }
            let mut more = fields.clone();
            more.insert("unknown_field".to_owned(), json!({"a": 1}));
            all.push(Value::Object(more));
        }
        Value::Array(items) => {
            for (index, part) in items.iter().enumerate() {
                for other in variants(part) {
                    let mut with = items.clone();
                    with[index] = other;
                    all.push(Value::Array(with));
                }
            }
        }
        _ => {}
    }
    all
}

fn is_read_as_serde_does<T: Read + DeserializeOwned + PartialEq + Debug>(value: Value) {
    let (mut good, mut bad) = (0, 0);
    for value in variants(&value) {
        let text = value.to_string();
        let expected = serde_json::from_str::<T>(&text).ok();
        assert_eq!(json::parse::<T>(&text), expected, "{text}");
        *(if expected.is_some() {
            &mut good
        } else {
            &mut bad
        }) += 1;
    }
    assert!(good > 1 && bad > 5, "{good} good and {bad} bad ones");
}

#[wasm_bindgen_test]
fn every_valid_or_invalid_answer_is_read_as_serde_reads_it() {
    // The catalogue is read entry by entry.
    let mut uncatalogued = json!(session());
    uncatalogued["catalogue"] = json!({});
    assert_eq!(json::parse::<Session>(&uncatalogued.to_string()), None);
    is_read_as_serde_does::<Customer>(json!(session().customer));
    is_read_as_serde_does::<Product>(json!(session().catalogue[0]));
    for status in OrderStatus::ALL {
        is_read_as_serde_does::<Order>(json!(order(status)));
    }
    is_read_as_serde_does::<Vec<Order>>(json!([order(OrderStatus::Paid)]));
    is_read_as_serde_does::<Profile>(json!({"name": "Budi"}));
    for code in ProblemCode::ALL {
        is_read_as_serde_does::<Problem>(json!(Problem {
            status: 403,
            code,
            title: "Agree first".to_owned(),
            detail: Some("Ask".to_owned()),
            consent: Some("user_name".to_owned()),
        }));
    }
}

#[wasm_bindgen_test]
fn a_text_that_is_not_json_is_none() {
    for text in ["", "<h1>Wi-Fi</h1>", "{", "undefined", "{\"id\": \"a\"} x"] {
        assert_eq!(json::parse::<Customer>(text), None, "{text}");
    }
}

#[wasm_bindgen_test]
fn a_stored_attempt_is_read_back_unchanged() {
    let attempt = Attempt {
        key: IdempotencyKey::from("6f0c"),
        customer: "buyer".into(),
        order: PlaceOrder {
            lines: vec![Line {
                product: "kopi-susu".to_owned(),
                quantity: NonZeroU32::MIN,
            }],
            expected_total: Rupiah::new(25_000),
            promo: Some("HEMAT10".to_owned()),
            table: Some("7".to_owned()),
        },
        made_at: 1_795_331_000_000,
        replaces: None,
    };
    let next = Attempt {
        key: IdempotencyKey::from("7a1d"),
        replaces: Some(Box::new(attempt.clone())),
        ..attempt.clone()
    };
    for attempt in [attempt, next] {
        let text = serde_json::to_string(&attempt).unwrap();
        assert_eq!(json::parse(&text), Some(attempt));
    }
}

#[wasm_bindgen_test]
fn an_unreadable_entry_is_skipped() {
    let mut odd = json!(order(OrderStatus::Paid));
    odd["total"] = json!("25.000");
    let list = json!([order(OrderStatus::Paid), odd, order(OrderStatus::Review)]);
    let json::Entries(read) = json::parse::<json::Entries<Order>>(&list.to_string()).unwrap();
    assert_eq!(read, [order(OrderStatus::Paid), order(OrderStatus::Review)]);
    assert_eq!(json::parse::<json::Entries<Order>>("{}"), None);
    let mut all = json!(session());
    all["catalogue"] = json!([{"id": "of tomorrow"}, session().catalogue[0]]);
    assert_eq!(json::parse::<Session>(&all.to_string()), Some(session()));
}

#[wasm_bindgen_test]
fn an_unknown_status_becomes_other() {
    let mut tomorrow = json!(order(OrderStatus::Paid));
    tomorrow["status"] = json!("preparing");
    let read = json::parse::<Order>(&tomorrow.to_string()).unwrap();
    assert_eq!(read.status, OrderStatus::Other);
}
