//! `POST /v1.0/debit/payment-host-to-host`, service 54 `[seamless-payment-v2]`
//! `[direct-debit-api-gopay]`.

use super::{
    field::Fields,
    freshness::lifetime,
    refusal::Refusal,
    signed::{Signed, text, verify},
};
use crate::{
    account,
    answers::Before,
    id,
    ledger::Event,
    payments::{self, Payment},
    shared::Shared,
    world::World,
};
use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use gopay_protocol::{
    Amount, ResponseCode, ServiceCode, header,
    timestamp::{format_wib, parse},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;

const SERVICE: ServiceCode = ServiceCode::Payment;

/// How long a payment can be paid when the merchant does not say `[direct-debit-api-gopay]`.
const DEFAULT_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// What a payment asks for.
struct Order {
    partner_reference_no: String,
    amount: Amount,
    lifetime: SignedDuration,
    /// As the merchant wrote it.
    valid_up_to: Option<String>,
}

/// Makes a payment.
pub(crate) async fn make(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    shared.write(|world| {
        let result = verify(&shared, world, SERVICE, &uri, &headers, &body)
            .and_then(|signed| payment(world, &signed));
        world.record(event(&headers, &body, &result));
        match result {
            Ok((answer, _)) => Json(answer).into_response(),
            Err(refusal) => refusal.into_response(),
        }
    })
}

/// The answer, and whether it was given before.
///
/// Unverified: 4095400. That one id with two bodies is a conflict is SNAP's rule; GoPay's
/// pages say nothing of it.
fn payment(world: &mut World, signed: &Signed<'_>) -> Result<(Value, bool), Refusal> {
    let now = world.now();
    let order = order(signed)?;
    match world
        .answers
        .find(SERVICE, signed.external_id, &signed.body, now)
    {
        Before::Answered(answer) => return Ok((answer, true)),
        Before::Conflict => return Err(Refusal::new(409, SERVICE, 0, "Conflict. X-EXTERNAL-ID")),
        Before::Never => {}
    }
    let valid_until = now + order.lifetime;
    let payment = Payment {
        reference_no: id::reference_no(now),
        partner_reference_no: order.partner_reference_no,
        external_id: signed.external_id.to_owned(),
        amount: order.amount,
        created_at: now,
        valid_until,
        valid_up_to: order.valid_up_to.unwrap_or_else(|| format_wib(valid_until)),
        state: payments::State::Pending,
        leaves: 0,
        refunds: Vec::new(),
    };
    let answer = answer(&payment);
    world.payments.add(payment);
    world.answers.remember(
        SERVICE,
        signed.external_id,
        &signed.body,
        answer.clone(),
        now,
    );
    Ok((answer, false))
}

/// Unverified: the query of `webRedirectUrl`. One of its documented forms has a `tref`; that
/// it is the reference number is a guess nobody should rely on.
///
/// Docs disagree: `grossAmount` in the sample, `gross_amount` in the table.
fn answer(payment: &Payment) -> Value {
    json!({
        "responseCode": ResponseCode::new(200, SERVICE, 0),
        "responseMessage": "Successful",
        "referenceNo": payment.reference_no,
        "partnerReferenceNo": payment.partner_reference_no,
        "webRedirectUrl": format!(
            "https://gopay.co.id/app/merchanttransfer?tref={}",
            payment.reference_no
        ),
        "appRedirectUrl": "",
        "additionalInfo": {
            "paymentType": "GOPAY",
            "grossAmount": payment.amount,
            "transactionTime": format_wib(payment.created_at),
            "validUpTo": payment.valid_up_to,
        },
    })
}

/// Reads the body, strictly.
fn order(signed: &Signed<'_>) -> Result<Order, Refusal> {
    let refused = |name: &str| Refusal::field(SERVICE, name);
    let fields = |object| Fields {
        service: SERVICE,
        object,
    };
    let body = fields(&signed.body);

    let partner_reference_no = body.text("partnerReferenceNo")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
    if !(1..=64).contains(&partner_reference_no.len()) || !partner_reference_no.bytes().all(allowed)
    {
        return Err(refused("partnerReferenceNo"));
    }
    // Docs disagree: String(40) though a token has up to 2048 characters and "the same as the
    // Authorization token", and the libraries' examples send it empty.
    let charge_token = body.text("chargeToken")?;
    if !charge_token.is_empty() && charge_token != signed.bearer {
        return Err(refused("chargeToken"));
    }
    if let Some(merchant_id) = body.optional_text("merchantId")?
        && merchant_id != account::MERCHANT_ID
    {
        return Err(refused("merchantId"));
    }
    let valid_up_to = body.optional_text("validUpTo")?;
    let lifetime = match valid_up_to {
        None => DEFAULT_LIFETIME,
        Some(text) => parse(text)
            .ok()
            .and_then(|valid_up_to| lifetime(signed.timestamp, valid_up_to))
            .ok_or_else(|| refused("validUpTo"))?,
    };
    // Unverified: that more than one way to pay is declined.
    let options = signed
        .body
        .get("payOptionDetails")
        .and_then(Value::as_array);
    let [option] = options.map(Vec::as_slice).unwrap_or_default() else {
        return Err(refused("payOptionDetails"));
    };
    let option = fields(option);
    if !option.text("payMethod")?.eq_ignore_ascii_case("GOPAY") {
        return Err(refused("payMethod"));
    }
    // Docs disagree: `gopay`, `GOPAY` and `GOPAY_WALLET`, by page.
    let pay_option = option.text("payOption")?.to_ascii_uppercase();
    if pay_option != "GOPAY" && pay_option != "GOPAY_WALLET" {
        return Err(refused("payOption"));
    }
    let amount = option.amount("transAmount")?;
    point_of_purchase(fields(
        signed.body.get("additionalInfo").unwrap_or(&Value::Null),
    ))?;
    Ok(Order {
        partner_reference_no: partner_reference_no.to_owned(),
        amount,
        lifetime,
        valid_up_to: valid_up_to.map(str::to_owned),
    })
}

/// Unverified: the code of a PoP id that is not the account's.
fn point_of_purchase(additional_info: Fields<'_>) -> Result<(), Refusal> {
    let id = additional_info.text("pointOfPurchaseId")?;
    if id.is_empty() {
        return Err(Refusal::field(SERVICE, "pointOfPurchaseId"));
    }
    if id != account::POINT_OF_PURCHASE_ID {
        let message = "Transaction Not Permitted. pointOfPurchaseId";
        return Err(Refusal::new(403, SERVICE, 15, message));
    }
    Ok(())
}

fn event(headers: &HeaderMap, body: &[u8], result: &Result<(Value, bool), Refusal>) -> Event {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text_of = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    let (outcome, message) = match result {
        Ok(_) => (ResponseCode::new(200, SERVICE, 0), "Successful".to_owned()),
        Err(refusal) => (refusal.code, refusal.message.clone()),
    };
    Event::PaymentRequested {
        external_id: text(headers, header::EXTERNAL_ID)
            .unwrap_or_default()
            .to_owned(),
        partner_reference_no: text_of(&body, "partnerReferenceNo").unwrap_or_default(),
        reference_no: result
            .as_ref()
            .ok()
            .and_then(|(answer, _)| text_of(answer, "referenceNo")),
        outcome,
        message,
        repeated: matches!(result, Ok((_, true))),
    }
}
