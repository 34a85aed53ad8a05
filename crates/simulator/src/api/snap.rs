//! `POST /snap/v1/transactions` `[miniapp-x-snap-checkout-payment]` `[request-body-json-parameter]`,
//! and the end of a session `[cancel-a-snap-session]`.

use super::{
    rule::Rule,
    server_key::{SERVER_KEY_RULE, authorize},
};
use crate::{
    app_state::AppState,
    caller::Caller,
    checkout::{Requests, SandboxPointOfPurchase},
    gopay_state::GoPayState,
    host::Host,
    input::PathParameters,
    ledger::Event,
    mini_apps::{MiniAppId, MiniApps},
    payments::{PayOption, Payment, PaymentState, PaymentWay, ReturnAddresses},
    snap_session::{PaymentExpiry, SnapSession},
};
use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gopay_protocol::{
    Amount,
    message::snap::{Errors, GOPAY, MAX_FIRST_NAME_LEN, MAX_ITEM_TEXT_LEN, is_order_id},
    timestamp::{format_wib, parse_midtrans},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

const PAGE: &str = "miniapp-x-snap-checkout-payment";

const SESSION_PAGE: &str = "cancel-a-snap-session";

/// How long the page can be opened without an expiry `[expire-a-snap-session]`.
const DEFAULT_PAGE_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

const MIN_PAGE_LIFETIME: SignedDuration = SignedDuration::from_mins(5);

const MAX_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The largest amount of a payment, as in `[direct-debit-api-gopay]`.
const MAX_AMOUNT: u64 = 99_999_999_999;

/// An error of Snap: `{"error_messages": [...]}`.
///
/// Unverified: the words, but for those in quotation marks on `[miniapp-x-snap-checkout-payment]`
/// and `[cancel-a-snap-session]`; and the HTTP statuses of the latter page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SnapError {
    http: u16,
    messages: Vec<String>,
    rule: Option<Rule>,
}

impl SnapError {
    pub(super) fn new(http: u16, message: impl Into<String>) -> Self {
        Self {
            http,
            messages: vec![message.into()],
            rule: None,
        }
    }

    /// The message is the rule.
    fn broken(http: u16, message: impl Into<String>, page: &str) -> Self {
        let message = message.into();
        Self {
            rule: Some(Rule::new(message.clone(), page)),
            ..Self::new(http, message)
        }
    }

    fn field(message: impl Into<String>) -> Self {
        Self::broken(400, message, "request-body-json-parameter")
    }

    pub(super) fn unauthorized(why: &str) -> Self {
        let mut error = Self::new(401, "Access denied, please check client or server key");
        error.messages.push(why.to_owned());
        error.rule = Some(Rule::new(SERVER_KEY_RULE, PAGE));
        error
    }
}

impl IntoResponse for SnapError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let errors = Errors {
            error_messages: self.messages,
        };
        (status, self.rule.map(Extension), Json(errors)).into_response()
    }
}

pub(crate) async fn create(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    state.write(|gopay| {
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let result = authorize(&state, host, &headers)
            .map_err(SnapError::unauthorized)
            .and_then(|caller| process(gopay, caller, &body));
        let order_id = body["transaction_details"]["order_id"].as_str();
        gopay.record(Event::SnapRequested {
            host,
            order_id: order_id.unwrap_or_default().to_owned(),
            reference_no: result.as_ref().ok().map(|made| made.reference_no.clone()),
            outcome: result.as_ref().err().map_or(201, |error| error.http),
            message: result
                .as_ref()
                .err()
                .map(|error| error.messages.join("; "))
                .unwrap_or_default(),
        });
        let token = match result {
            Ok(Made { token, .. }) => token,
            Err(error) => return error.into_response(),
        };
        let answer = json!({
            "token": token,
            "redirect_url": state.page_url(host, &format!("snap/v4/redirection/{token}")),
        });
        (StatusCode::CREATED, Json(answer)).into_response()
    })
}

struct Made {
    reference_no: String,
    token: String,
}

/// Docs disagree: `/snap/v2/vtweb/{token}` in the samples of `redirect_url`, `/snap/v4/redirection/`
/// in the field. The latter.
///
/// Docs disagree: an order id is used once `[json-objects]`, or may be used again once its transaction
/// has expired or was cancelled `[expire-transaction]`. Once.
fn process(gopay: &mut GoPayState, caller: Caller, body: &Value) -> Result<Made, SnapError> {
    let Caller { host, merchant } = caller;
    if !body.is_object() {
        return Err(SnapError::field("the body is not a JSON object"));
    }
    if gopay.checkout.requests == Requests::Literal {
        literal_forms(body)?;
    }
    let now = gopay.now();
    let (order_id, rupiah) = transaction_details(&body["transaction_details"])?;
    items(&body["item_details"], rupiah)?;
    first_name(&body["customer_details"])?;
    enabled_payments(&body["enabled_payments"])?;
    let is_ignored = gopay.checkout.sandbox_point_of_purchase == SandboxPointOfPurchase::Ignored;
    let pop_id = &body["gopay"]["pop_id"];
    let mini_app = point_of_purchase(caller, pop_id, &gopay.mini_apps, is_ignored)?;
    let return_to = callbacks(&body["callbacks"])?;
    let real_now = now - gopay.clock.ahead();
    let (page_until, expiry) = expiry(body, now, real_now)?;
    if gopay.payments.by_order_id(caller, &order_id).is_some() {
        return Err(SnapError::field(
            "transaction_details.order_id has already been taken",
        ));
    }
    let reference_no = gopay.ids.reference_no(now);
    let token = gopay.ids.snap_token();
    gopay.add_payment(Payment {
        host,
        // The page of Snap is not told who opens it.
        buyer: None,
        merchant,
        merchant_id: gopay.merchants.of(merchant).account.merchant_id.clone(),
        mini_app,
        way: PaymentWay::Snap(SnapSession {
            token: token.clone(),
            expiry,
            chosen_at: None,
            is_canceled: false,
        }),
        reference_no: reference_no.clone(),
        partner_reference_no: order_id.clone(),
        external_id: order_id,
        amount: Amount::idr(rupiah),
        created_at: now,
        valid_until: page_until,
        valid_up_to: format_wib(page_until),
        state: PaymentState::Pending,
        leaves: 0,
        refunds: Vec::new(),
        return_to,
        paid_with: PayOption::default(),
        promo: 0,
        paid_by: None,
        notify_after: SignedDuration::ZERO,
        last_answer: None,
    });
    Ok(Made {
        reference_no,
        token,
    })
}

/// The forms of the table `[json-objects]`, and no library's.
fn literal_forms(body: &Value) -> Result<(), SnapError> {
    let details = &body["transaction_details"];
    let items = body["item_details"].as_array().into_iter().flatten();
    let is_literal = [
        (
            "transaction_details.order_id has to be a text",
            !details["order_id"].is_number(),
        ),
        (
            "transaction_details.gross_amount has to be a number",
            !details["gross_amount"].is_string(),
        ),
        (
            "price and quantity of item_details have to be numbers",
            items
                .into_iter()
                .all(|it| !it["price"].is_string() && !it["quantity"].is_string()),
        ),
    ];
    match is_literal.iter().find(|(_, holds)| !holds) {
        Some((rule, _)) => Err(SnapError::broken(400, *rule, "json-objects")),
        None => Ok(()),
    }
}

/// Docs disagree: `order_id` is a text `[json-objects]`, and `rand()` in the examples of Midtrans' PHP
/// library; amounts and quantities are numbers, and texts in those of its Java library.
fn transaction_details(details: &Value) -> Result<(String, u64), SnapError> {
    let order_id = match &details["order_id"] {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => {
            return Err(SnapError::field("transaction_details.order_id is required"));
        }
    };
    if !is_order_id(&order_id) {
        return Err(SnapError::field(
            "transaction_details.order_id has to be 1 to 50 letters, digits and -_~.",
        ));
    }
    match &details["gross_amount"] {
        Value::Null => Err(SnapError::field(
            "transaction_details.gross_amount is required",
        )),
        amount => whole_number(amount)
            .and_then(|rupiah| u64::try_from(rupiah).ok())
            .filter(|rupiah| (1..=MAX_AMOUNT).contains(rupiah))
            .map(|rupiah| (order_id, rupiah))
            .ok_or_else(|| {
                SnapError::field(
                    "transaction_details.gross_amount has to be a whole number from 1 to 99999999999",
                )
            }),
    }
}

fn items(items: &Value, rupiah: u64) -> Result<(), SnapError> {
    let items = match items {
        Value::Null => return Ok(()),
        Value::Array(items) => items,
        _ => return Err(SnapError::field("item_details is not an array")),
    };
    let mut sum = 0_i128;
    for item in items {
        let price = whole_number(&item["price"]);
        let price = price.ok_or_else(|| SnapError::field("item_details.price is required"))?;
        let quantity = whole_number(&item["quantity"]).filter(|quantity| *quantity > 0);
        let quantity = quantity.ok_or_else(|| {
            SnapError::field("item_details.quantity must be greater than or equal to 1")
        })?;
        let is_text = |text: &Value| {
            let text = text.as_str();
            text.is_some_and(|text| text.chars().count() <= MAX_ITEM_TEXT_LEN)
        };
        if !is_text(&item["name"]) {
            return Err(SnapError::field(
                "item_details.name is required, with 50 characters at most",
            ));
        }
        if !item["id"].is_null() && !is_text(&item["id"]) {
            return Err(SnapError::field(
                "item_details.id is a text of 50 characters at most",
            ));
        }
        sum += i128::from(price) * i128::from(quantity);
    }
    if !items.is_empty() && sum != i128::from(rupiah) {
        return Err(SnapError::field(
            "transaction_details.gross_amount is not equal to the sum of item_details",
        ));
    }
    Ok(())
}

/// A whole number, or its text.
fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::String(digits) => digits.parse().ok(),
        number => number.as_i64(),
    }
}

fn first_name(customer: &Value) -> Result<(), SnapError> {
    match &customer["first_name"] {
        Value::Null => Ok(()),
        Value::String(name) if name.chars().count() <= MAX_FIRST_NAME_LEN => Ok(()),
        _ => Err(SnapError::field(
            "customer_details.first_name is a text of 255 characters at most",
        )),
    }
}

/// Unverified: that a list without GoPay is declined. A mini app takes GoPay only.
fn enabled_payments(payments: &Value) -> Result<(), SnapError> {
    match payments {
        Value::Null => Ok(()),
        Value::Array(payments) if payments.iter().any(|payment| payment == GOPAY) => Ok(()),
        _ => Err(SnapError::field("enabled_payments has no gopay")),
    }
}

/// The mini app of the point of purchase; none in the sandbox.
///
/// Unverified: that a mini app's payment without a point of purchase is declined: the page says that
/// it "may not be routed correctly". And that the sandbox declines one.
fn point_of_purchase(
    Caller { host, merchant }: Caller,
    id: &Value,
    mini_apps: &MiniApps,
    is_ignored: bool,
) -> Result<Option<MiniAppId>, SnapError> {
    match (host, id) {
        (Host::Sandbox, Value::Null) => Ok(None),
        (Host::Sandbox, _) if is_ignored => Ok(None),
        (Host::Sandbox, _) => Err(SnapError::field(
            "gopay.pop_id is of production: leave it out in the sandbox",
        )),
        (Host::Production, Value::Null) => {
            Err(SnapError::broken(400, "gopay.pop_id is required", PAGE))
        }
        (Host::Production, id) => id
            .as_str()
            .and_then(|id| mini_apps.by_point_of_purchase(merchant, id))
            .map(|mini_app| Some(mini_app.id.clone()))
            .ok_or_else(|| SnapError::broken(400, "gopay.pop_id is unknown", PAGE)),
    }
}

fn callbacks(callbacks: &Value) -> Result<ReturnAddresses, SnapError> {
    let address = |name: &str| match &callbacks[name] {
        Value::Null => Ok(None),
        Value::String(text) if Url::parse(text).is_ok_and(is_web) => Ok(Some(text.clone())),
        _ => Err(SnapError::field(format!(
            "callbacks.{name} has to be an http or https address"
        ))),
    };
    Ok(ReturnAddresses {
        finish: address("finish")?,
        error: address("error")?,
    })
}

fn is_web(url: Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Until when the page can be opened, and when the payment ends. `page_expiry` goes before `expiry`
/// `[expire-a-snap-session]`.
///
/// The control API moves GoPay's clock and not the merchant's, so that `start_time` counts from real
/// time.
fn expiry(
    body: &Value,
    now: Timestamp,
    real_now: Timestamp,
) -> Result<(Timestamp, PaymentExpiry), SnapError> {
    let mut page_until = now + DEFAULT_PAGE_LIFETIME;
    let mut payment = PaymentExpiry::default();
    let expiry = &body["expiry"];
    if let Some(lifetime) = duration(expiry, "expiry", SignedDuration::from_mins(1))? {
        match &expiry["start_time"] {
            Value::Null => {
                page_until = now + lifetime;
                payment = PaymentExpiry::AfterChoice(lifetime);
            }
            start => {
                let start = start.as_str().and_then(|text| parse_midtrans(text).ok());
                let start = start.ok_or_else(|| {
                    SnapError::field("expiry.start_time has to be YYYY-MM-DD HH:MM:SS +0700")
                })?;
                let left = (start + lifetime).duration_since(real_now);
                if left <= SignedDuration::ZERO {
                    return Err(SnapError::field("expiry ends in the past"));
                }
                page_until = now + left;
                payment = PaymentExpiry::At(page_until);
            }
        }
    }
    if let Some(lifetime) = duration(&body["page_expiry"], "page_expiry", MIN_PAGE_LIFETIME)? {
        page_until = now + lifetime;
    }
    Ok((page_until, payment))
}

fn duration(
    expiry: &Value,
    name: &str,
    least: SignedDuration,
) -> Result<Option<SignedDuration>, SnapError> {
    if expiry.is_null() {
        return Ok(None);
    }
    let seconds = match expiry["unit"].as_str() {
        Some("minute" | "minutes") => 60,
        Some("hour" | "hours") => 60 * 60,
        Some("day" | "days") => 24 * 60 * 60,
        _ => {
            let message = format!("{name}.unit has to be minutes, hours or days");
            return Err(SnapError::field(message));
        }
    };
    let count = expiry["duration"]
        .as_u64()
        .and_then(|it| u32::try_from(it).ok());
    let lifetime = count.map(|count| SignedDuration::from_secs(i64::from(count) * seconds));
    match lifetime {
        Some(lifetime) if (least..=MAX_LIFETIME).contains(&lifetime) => Ok(Some(lifetime)),
        _ => Err(SnapError::field(format!(
            "{name}.duration has to be from {} minutes to 7 days",
            least.as_mins()
        ))),
    }
}

/// `POST /snap/v1/transactions/{token}/cancel`: only before the buyer's choice.
pub(crate) async fn cancel(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    PathParameters(token): PathParameters<String>,
    headers: HeaderMap,
) -> Response {
    state.write(|gopay| {
        let result = authorize(&state, host, &headers)
            .map_err(SnapError::unauthorized)
            .and_then(|caller| end_session(gopay, caller, &token));
        let payment = gopay.payments.by_token(host, &token);
        let order_id = payment.map(|payment| payment.partner_reference_no.clone());
        gopay.record(Event::SnapSessionCanceled {
            host,
            order_id: order_id.unwrap_or_default(),
            outcome: result.as_ref().err().map_or(200, |error| error.http),
        });
        match result {
            Ok(at) => Json(json!({"canceled_at": at.to_string()})).into_response(),
            Err(error) => error.into_response(),
        }
    })
}

fn end_session(
    gopay: &mut GoPayState,
    caller: Caller,
    token: &str,
) -> Result<Timestamp, SnapError> {
    let now = gopay.now();
    let payment = gopay.payments.by_token(caller.host, token);
    let payment = payment.filter(|payment| payment.merchant == caller.merchant);
    let payment = payment.ok_or_else(|| SnapError::broken(404, "token not found", SESSION_PAGE))?;
    let session = payment.snap();
    if session.is_some_and(|session| session.is_canceled) {
        return Err(SnapError::broken(
            400,
            "token already canceled",
            SESSION_PAGE,
        ));
    }
    if payment.transaction_at().is_some() {
        return Err(SnapError::broken(
            400,
            "Transaction is on progress",
            SESSION_PAGE,
        ));
    }
    let reference_no = payment.reference_no.clone();
    gopay.payments.cancel_session(&reference_no, now);
    Ok(now)
}
