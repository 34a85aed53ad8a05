//! Answers that say something else than GoPay meant.

use crate::{
    account,
    faults::{Call, Fault, Harm},
    payments::Payment,
    shared::Shared,
    world::World,
};
use axum::{
    Json,
    body::{Bytes, to_bytes},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gopay_protocol::LatestTransactionStatus;
use serde_json::{Value, json};

/// More than any answer of the simulator's has.
const MOST: usize = 64 * 1024;

/// The body of an answer.
pub(super) async fn bytes(answer: Response) -> Bytes {
    to_bytes(answer.into_body(), MOST).await.unwrap_or_default()
}

/// `answer` with something in it changed. One that is no success stays as it is.
pub(super) async fn answer(shared: &Shared, fault: &Fault, answer: Response) -> Response {
    if answer.status() != StatusCode::OK {
        return answer;
    }
    let body = bytes(answer).await;
    if fault.r#do == Harm::Truncate {
        let half = body.slice(..body.len() / 2);
        return ([("content-type", "application/json")], half).into_response();
    }
    let mut body: Value = serde_json::from_slice(&body).unwrap_or_default();
    shared.read(|world| spoil(world, fault, &mut body));
    Json(body).into_response()
}

fn spoil(world: &World, fault: &Fault, body: &mut Value) {
    let payment = fault.on == Call::Payment;
    let (order, reference) = if payment {
        ("partnerReferenceNo", "referenceNo")
    } else {
        ("originalPartnerReferenceNo", "originalReferenceNo")
    };
    match fault.r#do {
        Harm::OtherOrder => {
            let other = other(world, body, reference);
            body[order] = json!(other.map_or("another-order", |it| &it.partner_reference_no));
        }
        Harm::OtherReference => {
            let other = other(world, body, reference);
            body[reference] = json!(other.map_or("A100000000000000another", |it| &it.reference_no));
        }
        Harm::OtherAmount => amount(body, payment)["value"] = json!("1.00"),
        Harm::OtherCurrency => amount(body, payment)["currency"] = json!("USD"),
        Harm::BadUrl => {
            body["webRedirectUrl"] = json!("https://gopay.example/app/merchanttransfer?tref=A1");
        }
        Harm::ScriptUrl => body["webRedirectUrl"] = json!("javascript:alert(1)//?tref=A1"),
        Harm::NotFound => not_found(body),
        Harm::FraudDeny => body["additionalInfo"]["fraudStatus"] = json!("deny"),
        Harm::ExpiresIn => match (&fault.value, body.as_object_mut()) {
            (Some(value), Some(fields)) => {
                fields.insert("expiresIn".to_owned(), value.clone());
            }
            (None, Some(fields)) => {
                fields.remove("expiresIn");
            }
            (_, None) => {}
        },
        Harm::NoAmount => remove(body, "transAmount"),
        Harm::OddIds => odd_ids(body, order, reference),
        Harm::OddForms => odd_forms(body, payment),
        Harm::Replace => {
            let replaced = fault.value.as_ref().and_then(Value::as_object);
            for (name, value) in replaced.into_iter().flatten() {
                body[name] = value.clone();
            }
        }
        Harm::NoToken if fault.on == Call::Token => remove(body, "accessToken"),
        Harm::NoToken => remove(&mut body["data"], "auth_token"),
        Harm::OtherAccount => {
            let stranger = account::gopay_account_id("somebody else");
            body["data"]["gopay_account_id"] = json!(stranger);
        }
        _ => {}
    }
}

/// The oldest payment that the answer is not about.
fn other<'a>(world: &'a World, body: &Value, reference: &str) -> Option<&'a Payment> {
    let own = body.get(reference).and_then(Value::as_str);
    let mut payments = world.payments.all().iter();
    payments.find(|payment| Some(payment.reference_no.as_str()) != own)
}

fn amount(body: &mut Value, payment: bool) -> &mut Value {
    if payment {
        &mut body["additionalInfo"]["grossAmount"]
    } else {
        &mut body["transAmount"]
    }
}

/// As GoPay answers about a payment that it does not know.
fn not_found(body: &mut Value) {
    body["latestTransactionStatus"] = json!(LatestTransactionStatus::NotFound);
    for name in [
        "originalPartnerReferenceNo",
        "transAmount",
        "refundHistory",
        "additionalInfo",
        "paidTime",
    ] {
        remove(body, name);
    }
}

/// The reference stays; the merchant's name for the payment is the reference once more, and its
/// `X-EXTERNAL-ID` is spelt in capitals. From public reports about SNAP back ends.
fn odd_ids(body: &mut Value, order: &str, reference: &str) {
    body[order] = body[reference].clone();
    if let Some(external_id) = body["originalExternalId"].as_str() {
        body["originalExternalId"] = json!(external_id.to_ascii_uppercase());
    }
}

/// What libraries make of the same answer: an amount is a number without a currency, a code is a
/// number, nothing is `null`, an empty object is `[]`. From public reports about SNAP back ends.
fn odd_forms(body: &mut Value, payment: bool) {
    for name in ["transAmount", "refundAmount"] {
        let Some(amount) = body.get_mut(name) else {
            continue;
        };
        let value = amount["value"].as_str().unwrap_or_default();
        let whole = value
            .split('.')
            .next()
            .and_then(|whole| whole.parse::<u64>().ok());
        if let Some(whole) = whole {
            *amount = json!({"value": whole});
        }
    }
    if payment {
        body["additionalInfo"] = json!([]);
    }
    let code = body["responseCode"].as_str();
    if let Some(code) = code.and_then(|code| code.parse::<u64>().ok()) {
        body["responseCode"] = json!(code);
    }
    body["responseMessage"] = Value::Null;
}

fn remove(object: &mut Value, name: &str) {
    if let Some(fields) = object.as_object_mut() {
        fields.remove(name);
    }
}
