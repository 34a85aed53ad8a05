//! The Core API calls that act on a Snap transaction: `GET /v2/{id}/status`
//! `[get-transaction-status]`, `POST /v2/{id}/cancel` `[cancel-transaction]`, `/expire`
//! `[expire-transaction]` and `/refund/online/direct` `[direct-refund-transaction]`.
//!
//! Docs disagree: the OpenAPI descriptions have the body's 404 and 412 under HTTP 200, and libraries
//! look for them there; 401 is under its own status. So here.
//!
//! Not here: the header `transaction-source: SNAP_API`, by which these calls know a payment of
//! BI-SNAP's.

use super::{
    rule::Rule,
    server_key::{SERVER_KEY_RULE, authorize},
};
use crate::{
    app_state::AppState,
    caller::Caller,
    checkout::{RefundRepeated, Requests},
    faults::Endpoint,
    gopay_state::GoPayState,
    host::Host,
    id::Ids,
    input::PathParameters,
    ledger::{Actor, Event},
    payments::{Payment, PaymentAction, RefundError},
    refunds::{Refund, RefundOutcome, total},
    transaction::transaction,
};
use axum::{
    Extension, Json,
    body::Bytes,
    extract::{FromRequestParts, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use gopay_protocol::{
    Amount,
    message::{core_api::MAX_REASON_CHARS, refund::MAX_PARTNER_REFUND_NO_LEN},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// A refusal: `{"status_code", "status_message"}`.
///
/// Unverified: the words, but for those of the pages' samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CoreApiError {
    code: u16,
    message: String,
    /// Of some errors only.
    id: Option<String>,
    /// The rule that is broken, where Midtrans' own words do not say it.
    why: Option<&'static str>,
}

impl CoreApiError {
    pub(super) fn new(code: u16, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            id: None,
            why: None,
        }
    }

    fn because(self, why: &'static str) -> Self {
        Self {
            why: Some(why),
            ..self
        }
    }

    fn rule(&self, endpoint: Endpoint) -> Rule {
        let page = match endpoint {
            Endpoint::SnapCancel => "cancel-transaction",
            Endpoint::SnapExpire => "expire-transaction",
            Endpoint::SnapRefund => "direct-refund-transaction",
            _ => "get-transaction-status",
        };
        Rule::new(self.why.unwrap_or(&self.message), page)
    }

    pub(super) fn not_found(ids: &Ids) -> Self {
        Self {
            id: Some(ids.core_api_error()),
            ..Self::new(404, "Transaction doesn't exist.").because(
                "the id is an order id or a transaction id of Snap's on this host; there is a transaction once the \
                 buyer has chosen to pay",
            )
        }
    }

    fn not_modifiable(why: &'static str) -> Self {
        Self::new(412, "Merchant cannot modify the status of the transaction").because(why)
    }

    pub(super) fn unauthorized(why: &str) -> Self {
        let message = "Transaction cannot be authorized with the current client/server key.";
        Self::new(401, format!("{message} ({why})")).because(SERVER_KEY_RULE)
    }
}

impl IntoResponse for CoreApiError {
    fn into_response(self) -> Response {
        let http = match self.code {
            code @ (401 | 429 | 500..) => code,
            _ => 200,
        };
        let status = StatusCode::from_u16(http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut body = json!({
            "status_code": self.code.to_string(),
            "status_message": self.message,
        });
        if let Some(id) = self.id {
            body["id"] = json!(id);
        }
        (status, Json(body)).into_response()
    }
}

pub(crate) async fn status(State(state): State<Arc<AppState>>, target: Target) -> Response {
    let call = target.call(Endpoint::SnapStatus, Value::Null);
    call.answer(&state, |gopay, call, caller| {
        let payment = call.transaction(gopay, caller)?;
        Ok(transaction(payment, &payment.latest_transaction_status()))
    })
}

pub(crate) async fn cancel(State(state): State<Arc<AppState>>, target: Target) -> Response {
    let call = target.call(Endpoint::SnapCancel, Value::Null);
    call.answer(&state, |gopay, call, caller| {
        let action = PaymentAction::Cancel;
        end(
            gopay,
            call,
            caller,
            action,
            200,
            "Success, transaction is canceled",
        )
    })
}

pub(crate) async fn expire(State(state): State<Arc<AppState>>, target: Target) -> Response {
    let call = target.call(Endpoint::SnapExpire, Value::Null);
    call.answer(&state, |gopay, call, caller| {
        let action = PaymentAction::Expire;
        end(
            gopay,
            call,
            caller,
            action,
            407,
            "Success, transaction has expired",
        )
    })
}

pub(crate) async fn refund(
    State(state): State<Arc<AppState>>,
    target: Target,
    body: Bytes,
) -> Response {
    let request = serde_json::from_slice(&body).unwrap_or_default();
    target
        .call(Endpoint::SnapRefund, request)
        .answer(&state, give_back)
}

/// Which transaction a request is about, and who asks.
pub(crate) struct Target {
    host: Host,
    id: String,
    headers: HeaderMap,
}

impl FromRequestParts<Arc<AppState>> for Target {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<AppState>,
    ) -> Result<Self, Self::Rejection> {
        type Parsed = (Extension<Host>, PathParameters<String>, HeaderMap);
        let (Extension(host), PathParameters(id), headers) =
            Parsed::from_request_parts(parts, state)
                .await
                .map_err(IntoResponse::into_response)?;
        Ok(Self { host, id, headers })
    }
}

impl Target {
    fn call(self, endpoint: Endpoint, request: Value) -> Call {
        Call {
            endpoint,
            host: self.host,
            id: self.id,
            headers: self.headers,
            request,
        }
    }
}

struct Call {
    endpoint: Endpoint,
    host: Host,
    /// The order id or the transaction id.
    id: String,
    headers: HeaderMap,
    request: Value,
}

impl Call {
    fn answer(
        self,
        state: &AppState,
        act: impl FnOnce(&mut GoPayState, &Self, Caller) -> Result<Value, CoreApiError>,
    ) -> Response {
        state.write(|gopay| {
            let result = authorize(state, self.host, &self.headers)
                .map_err(CoreApiError::unauthorized)
                .and_then(|caller| act(gopay, &self, caller));
            gopay.record(self.event(&result));
            match result {
                Ok(answer) => Json(answer).into_response(),
                Err(error) => (Extension(error.rule(self.endpoint)), error).into_response(),
            }
        })
    }

    fn transaction<'a>(
        &self,
        gopay: &'a GoPayState,
        caller: Caller,
    ) -> Result<&'a Payment, CoreApiError> {
        gopay
            .payments
            .snap_transaction(caller, &self.id)
            .ok_or_else(|| CoreApiError::not_found(&gopay.ids))
    }

    fn event(&self, result: &Result<Value, CoreApiError>) -> Event {
        let text_of = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
        let answer = result.as_ref().ok();
        Event::CoreApiRequested {
            on: self.endpoint,
            host: self.host,
            id: self.id.clone(),
            reference_no: answer.and_then(|answer| text_of(answer, "transaction_id")),
            partner_refund_no: text_of(&self.request, "refund_key"),
            amount: self.request.get("amount").cloned(),
            outcome: match result {
                Ok(answer) => text_of(answer, "status_code").unwrap_or_default(),
                Err(error) => error.code.to_string(),
            },
            message: match result {
                Ok(answer) => text_of(answer, "status_message").unwrap_or_default(),
                Err(error) => error.message.clone(),
            },
            transaction_status: answer.and_then(|answer| text_of(answer, "transaction_status")),
        }
    }
}

fn end(
    gopay: &mut GoPayState,
    call: &Call,
    caller: Caller,
    action: PaymentAction,
    code: u16,
    message: &str,
) -> Result<Value, CoreApiError> {
    let reference_no = call.transaction(gopay, caller)?.reference_no.clone();
    gopay
        .act(&reference_no, action, Actor::Merchant)
        .map_err(|_| CoreApiError::not_modifiable("the transaction is pending"))?;
    let payment = call.transaction(gopay, caller)?;
    let mut answer = transaction(payment, &payment.latest_transaction_status());
    answer["status_code"] = json!(code.to_string());
    answer["status_message"] = json!(message);
    Ok(answer)
}

/// Docs disagree: see [`RefundRepeated`]. A refund that was denied may be asked for again.
///
/// Docs disagree: 414 is "invalid amount" `[direct-refund-transaction]`, or the merchant's
/// insufficient funds `[code-4xx]`. The page of the call.
fn give_back(gopay: &mut GoPayState, call: &Call, caller: Caller) -> Result<Value, CoreApiError> {
    let is_literal = gopay.checkout.requests == Requests::Literal;
    let (number, amount, reason) = refund_request(&call.request, is_literal)?;
    let payment = call.transaction(gopay, caller)?;
    let reference_no = payment.reference_no.clone();
    if let Some(number) = number
        && let Some((of, before)) = gopay.payments.refund_by_number(caller.merchant, number)
    {
        let is_same =
            of.reference_no == reference_no && amount.is_none_or(|it| it == before.rupiah);
        if is_same && gopay.checkout.snap_refund_repeated == RefundRepeated::Answered {
            return Ok(refunded(payment, before));
        }
        return Err(CoreApiError::new(406, "Duplicate refund ID"));
    }
    let rupiah = payment
        .refundable(amount)
        .map_err(|why| api_error(&gopay.ids, why))?;
    if gopay.refund_behaviour.outcome == RefundOutcome::Failed {
        let mut answer = transaction(payment, &payment.latest_transaction_status());
        answer["status_code"] = json!("202");
        answer["status_message"] = json!("Refund denied by the bank");
        answer["refund_chargeback_id"] = json!(number_of(&gopay.ids.refund_no()));
        answer["refund_amount"] = json!(Amount::idr(total(&payment.refunds)).value);
        answer["refund_key"] = json!(number);
        return Ok(answer);
    }
    let number = number.map_or_else(|| gopay.ids.refund_no(), str::to_owned);
    let refund = gopay
        .refund(
            &reference_no,
            Some(rupiah),
            Some(number),
            reason.map(str::to_owned),
            Actor::Merchant,
        )
        .map_err(|why| api_error(&gopay.ids, why))?;
    Ok(refunded(call.transaction(gopay, caller)?, &refund))
}

fn number_of(digits: &str) -> u64 {
    digits.parse().unwrap_or_default()
}

/// `refund_amount` is "cumulative".
fn refunded(payment: &Payment, refund: &Refund) -> Value {
    let mut answer = transaction(payment, &payment.latest_transaction_status());
    answer["refund_chargeback_id"] = json!(refund.chargeback_id());
    answer["refund_key"] = json!(refund.partner_refund_no);
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("refunds");
    }
    answer
}

fn api_error(ids: &Ids, why: RefundError) -> CoreApiError {
    match why {
        RefundError::Unknown => CoreApiError::not_found(ids),
        RefundError::NotPaid(_) => CoreApiError::not_modifiable("the transaction is settled"),
        RefundError::TooMuch { .. } => {
            CoreApiError::new(414, "Refund request is rejected due to invalid amount")
        }
    }
}

type RefundFields<'a> = (Option<&'a str>, Option<u64>, Option<&'a str>);

/// Key, amount and reason, none of which is mandatory.
fn refund_request(request: &Value, is_literal: bool) -> Result<RefundFields<'_>, CoreApiError> {
    let invalid = |what: &str| {
        CoreApiError::new(
            400,
            format!("One or more parameters in the payload is invalid: {what}"),
        )
    };
    if !request.is_object() {
        return Err(invalid("the body is not a JSON object"));
    }
    let text = |name: &str| match &request[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.as_str())),
        _ => Err(invalid(name)),
    };
    let number = text("refund_key")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if number.is_some_and(|number| {
        !(1..=MAX_PARTNER_REFUND_NO_LEN).contains(&number.len()) || !number.bytes().all(allowed)
    }) {
        return Err(invalid("refund_key"));
    }
    let amount = match &request["amount"] {
        Value::Null => None,
        // Docs disagree: a number in the table, a text in the OpenAPI description.
        Value::String(digits) if !is_literal => {
            Some(digits.parse().map_err(|_| invalid("amount"))?)
        }
        number => Some(number.as_u64().ok_or_else(|| invalid("amount"))?),
    };
    let reason = text("reason")?;
    if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON_CHARS) {
        return Err(invalid("reason"));
    }
    Ok((number, amount, reason))
}
