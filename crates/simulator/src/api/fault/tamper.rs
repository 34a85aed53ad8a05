//! Faults that change the body of a response.

use crate::{
    account,
    app_state::AppState,
    faults::{Api, Endpoint, Fault, FaultKind},
    gopay_state::GoPayState,
    payments::Payment,
};
use axum::{
    Json,
    body::{Bytes, to_bytes},
    response::{IntoResponse, Response},
};
use gopay_protocol::LatestTransactionStatus;
use serde_json::{Value, json};

/// More than any response of the simulator has.
const MAX_BODY_BYTES: usize = 64 * 1024;

pub(super) async fn body_of(response: Response) -> Bytes {
    let body = to_bytes(response.into_body(), MAX_BODY_BYTES).await;
    body.unwrap_or_default()
}

/// Changes the body of a success; an error stays as it is.
pub(super) async fn tamper(state: &AppState, fault: &Fault, response: Response) -> Response {
    let status = response.status();
    if !status.is_success() {
        return response;
    }
    let body = body_of(response).await;
    if fault.kind == FaultKind::Truncate {
        let half = body.slice(..body.len() / 2);
        return (status, [("content-type", "application/json")], half).into_response();
    }
    let mut body: Value = serde_json::from_slice(&body).unwrap_or_default();
    state.read(|gopay| match fault.on.api() {
        Api::Snap | Api::Core => tamper_snap_body(gopay, fault, &mut body),
        Api::BiSnap(_) | Api::MiniApp => tamper_body(gopay, fault, &mut body),
    });
    (status, Json(body)).into_response()
}

fn tamper_body(gopay: &GoPayState, fault: &Fault, body: &mut Value) {
    let payment = fault.on == Endpoint::Payment;
    let (order, reference) = if payment {
        ("partnerReferenceNo", "referenceNo")
    } else {
        ("originalPartnerReferenceNo", "originalReferenceNo")
    };
    match fault.kind {
        FaultKind::OtherOrder => {
            let other = other_payment(gopay, body, reference);
            body[order] = json!(other.map_or("another-order", |it| &it.partner_reference_no));
        }
        FaultKind::OtherReference => {
            let other = other_payment(gopay, body, reference);
            body[reference] = json!(other.map_or("A100000000000000another", |it| &it.reference_no));
        }
        FaultKind::OtherAmount => amount(body, payment)["value"] = json!("1.00"),
        FaultKind::OtherCurrency => amount(body, payment)["currency"] = json!("USD"),
        FaultKind::BadUrl => {
            body["webRedirectUrl"] = json!("https://gopay.example/app/merchanttransfer?tref=A1");
        }
        FaultKind::ScriptUrl => body["webRedirectUrl"] = json!("javascript:alert(1)//?tref=A1"),
        FaultKind::NotFound => not_found(body),
        FaultKind::FraudDeny => body["additionalInfo"]["fraudStatus"] = json!("deny"),
        FaultKind::ExpiresIn => match (&fault.value, body.as_object_mut()) {
            (Some(value), Some(fields)) => {
                fields.insert("expiresIn".to_owned(), value.clone());
            }
            (None, Some(fields)) => {
                fields.remove("expiresIn");
            }
            (_, None) => {}
        },
        FaultKind::Replace => replace(fault, body),
        FaultKind::NoToken if fault.on == Endpoint::Token => remove(body, "accessToken"),
        FaultKind::NoToken => remove(&mut body["data"], "auth_token"),
        FaultKind::OtherAccount => {
            let other = account::gopay_account_id("somebody else");
            body["data"]["gopay_account_id"] = json!(other);
        }
        kind => kind.reshape(body),
    }
}

fn replace(fault: &Fault, body: &mut Value) {
    let replaced = fault.value.as_ref().and_then(Value::as_object);
    for (name, value) in replaced.into_iter().flatten() {
        body[name] = value.clone();
    }
}

/// The bodies of Snap and of the Core API.
fn tamper_snap_body(gopay: &GoPayState, fault: &Fault, body: &mut Value) {
    match fault.kind {
        FaultKind::OtherOrder => {
            let other = other_payment(gopay, body, "transaction_id");
            body["order_id"] = json!(other.map_or("another-order", |it| &it.partner_reference_no));
        }
        FaultKind::OtherReference => {
            let other = other_payment(gopay, body, "transaction_id");
            let other = other.map_or("A100000000000000another", |it| &it.reference_no);
            body["transaction_id"] = json!(other);
        }
        FaultKind::OtherAmount => body["gross_amount"] = json!("1.00"),
        FaultKind::OtherCurrency => body["currency"] = json!("USD"),
        FaultKind::BadUrl => {
            body["redirect_url"] = json!("https://midtrans.example/snap/v4/redirection/A1");
        }
        FaultKind::ScriptUrl => body["redirect_url"] = json!("javascript:alert(1)"),
        FaultKind::FraudDeny => body["fraud_status"] = json!("deny"),
        FaultKind::NoAmount => remove(body, "gross_amount"),
        FaultKind::NoToken => remove(body, "token"),
        FaultKind::OddForms => {
            for name in ["status_code", "gross_amount", "refund_amount"] {
                let text = body[name].as_str().unwrap_or_default();
                let whole = text
                    .split('.')
                    .next()
                    .and_then(|whole| whole.parse::<u64>().ok());
                if let Some(whole) = whole {
                    body[name] = json!(whole);
                }
            }
            remove(body, "currency");
            body["status_message"] = Value::Null;
        }
        FaultKind::Replace => replace(fault, body),
        _ => {}
    }
}

/// The oldest payment other than the response's own.
fn other_payment<'a>(gopay: &'a GoPayState, body: &Value, reference: &str) -> Option<&'a Payment> {
    let own = body.get(reference).and_then(Value::as_str);
    let mut payments = gopay.payments.all().iter();
    payments.find(|payment| Some(payment.reference_no.as_str()) != own)
}

fn amount(body: &mut Value, payment: bool) -> &mut Value {
    if !payment {
        return &mut body["transAmount"];
    }
    let info = &mut body["additionalInfo"];
    let name = match info.get("gross_amount") {
        Some(_) => "gross_amount",
        None => "grossAmount",
    };
    &mut info[name]
}

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

fn remove(object: &mut Value, name: &str) {
    if let Some(fields) = object.as_object_mut() {
        fields.remove(name);
    }
}
