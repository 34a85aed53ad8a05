//! GoPay's payments and its documented responses. The oracle: this state says what happened to the
//! money.
//!
//! Invariant: GoPay itself never fails; the transport injects the faults.

use crate::{
    gopay_message::{Request, Response},
    gopay_mini_app::MiniApp,
    time::{HOUR, MINUTE, timestamp},
};
use gopay_protocol::{
    Amount, ServiceCode,
    message::{access_token, cancel, payment, status},
    timestamp::{format_wib, parse},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How long GoPay repeats its response to an `X-EXTERNAL-ID` `[core-api-snap-open-api-overview]`.
const IDEMPOTENCY_WINDOW: u64 = 24 * HOUR;

/// `[access-token-api]`
const TOKEN_LIFETIME: u64 = 15 * MINUTE;

/// `[refund-api]`
pub(crate) const REFUND: &str = "/v1.0/debit/refund";

/// What the numbers of refunds in GoPay's dashboard begin with.
const DASHBOARD: &str = "D";

#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) reference_no: String,
    pub(crate) partner_reference_no: String,
    pub(crate) external_id: String,
    /// The merchant's amount, in rupiah.
    pub(crate) requested: u64,
    /// GoPay's amount, in rupiah.
    pub(crate) amount: u64,
    pub(crate) created_at: i64,
    pub(crate) valid_until: i64,
    pub(crate) state: State,
    pub(crate) suspicious: bool,
    /// Whether the payment was expired before it was paid.
    pub(crate) paid_late: bool,
    pub(crate) refunds: Vec<Refund>,
    /// Of a Snap transaction.
    pub(crate) snap_token: Option<String>,
    /// When GoPay began to know it: as it was made, or, through Snap, as the buyer opened its page.
    /// Before that it is found by no inquiry, notified of to nobody, and cannot be paid.
    pub(crate) known_since: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Paid(i64),
    Cancelled,
    Expired,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refund {
    pub(crate) number: String,
    pub(crate) amount: u64,
    /// Whether it failed after it was accepted.
    pub(crate) failed: bool,
}

/// A new status to notify the merchant of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusChange {
    pub(crate) reference_no: String,
    pub(crate) status: &'static str,
}

#[derive(Debug)]
struct IdempotencyEntry {
    at: i64,
    request: Value,
    response: Response,
}

#[derive(Debug, Default)]
pub(crate) struct GoPay {
    /// The oldest first.
    pub(crate) payments: Vec<Payment>,
    /// Not yet notified.
    pub(crate) status_changes: Vec<StatusChange>,
    pub(crate) mini_app: MiniApp,
    idempotency: BTreeMap<(String, String), IdempotencyEntry>,
    /// By token, its expiry.
    tokens: BTreeMap<String, i64>,
    tokens_issued: u32,
    rejected_tokens: u32,
}

impl Payment {
    /// The id of the merchant's order: from the second attempt on, the number has a suffix.
    pub(crate) fn order(&self) -> &str {
        let (order, _) =
            (self.partner_reference_no.split_once('-')).unwrap_or((&self.partner_reference_no, ""));
        order
    }

    /// `latestTransactionStatus`
    fn status(&self) -> &'static str {
        match self.state {
            State::Pending => "03",
            State::Paid(_) if self.refunded() == 0 => "00",
            State::Paid(_) => "04",
            State::Cancelled => "05",
            State::Failed => "06",
            State::Expired => "08",
        }
    }

    pub(crate) fn refunded(&self) -> u64 {
        let done = self.refunds.iter().filter(|refund| !refund.failed);
        done.map(|refund| refund.amount).sum()
    }

    pub(crate) fn refunded_in_dashboard(&self) -> u64 {
        let refunds = self
            .refunds
            .iter()
            .filter(|it| it.number.starts_with(DASHBOARD));
        refunds.map(|refund| refund.amount).sum()
    }

    pub(crate) fn history(&self) -> Vec<Value> {
        let entry = |refund: &Refund| {
            json!({
                "refundNo": format!("R-{}", refund.number),
                "partnerRefundNo": refund.number,
                "refundStatus": if refund.failed { "06" } else { "00" },
                "refundAmount": Amount::idr(refund.amount),
            })
        };
        self.refunds.iter().map(entry).collect()
    }
}

pub(crate) fn service_code(path: &str) -> u8 {
    match path {
        access_token::PATH => 73,
        payment::PATH => 54,
        status::PATH => 55,
        cancel::PATH => 57,
        _ => 58,
    }
}

impl GoPay {
    /// Responds to a request; with `refuses_repetition`, a repeated one gets 409, as in most of SNAP.
    pub(crate) fn respond(
        &mut self,
        request: &Request,
        now: i64,
        refuses_repetition: bool,
    ) -> Response {
        self.expire(now);
        if request.path == access_token::PATH {
            self.tokens_issued += 1;
            self.rejected_tokens = 0;
            let token = format!("token-{}", self.tokens_issued);
            self.tokens
                .insert(token.clone(), now.saturating_add_unsigned(TOKEN_LIFETIME));
            let mut response = Response::of(200, 73, 0);
            response.body["accessToken"] = json!(token);
            response.body["tokenType"] = json!("BearerToken");
            response.body["expiresIn"] = json!("900");
            return response;
        }
        if self
            .tokens
            .get(&request.token)
            .is_none_or(|until| *until <= now)
        {
            self.rejected_tokens += 1;
            return Response::of(401, service_code(&request.path), 1);
        }
        match request.path.as_str() {
            payment::PATH => self.idempotent(request, now, refuses_repetition, Self::create),
            status::PATH => self.status(request),
            cancel::PATH => self.idempotent(request, now, refuses_repetition, Self::cancel),
            REFUND => self.idempotent(request, now, refuses_repetition, Self::refund),
            _ => Response::of(404, 0, 0),
        }
    }

    /// Repeats a successful response under the same id; another body under it is a conflict.
    fn idempotent(
        &mut self,
        request: &Request,
        now: i64,
        refuses_repetition: bool,
        act: fn(&mut Self, &Request, i64) -> Response,
    ) -> Response {
        let mut body = request.body.clone();
        if let Some(fields) = body.as_object_mut() {
            fields.remove("chargeToken");
        }
        let key = (request.path.clone(), request.external_id.clone());
        if let Some(before) = self.idempotency.get(&key)
            && now < before.at.saturating_add_unsigned(IDEMPOTENCY_WINDOW)
        {
            return match before.request == body && !refuses_repetition {
                true => before.response.clone(),
                false => Response::of(409, service_code(&request.path), 0),
            };
        }
        let response = act(self, request, now);
        if response.status == 200 {
            let entry = IdempotencyEntry {
                at: now,
                request: body,
                response: response.clone(),
            };
            self.idempotency.insert(key, entry);
        }
        response
    }

    fn create(&mut self, request: &Request, now: i64) -> Response {
        let Ok(asked) = serde_json::from_value::<payment::Request>(request.body.clone()) else {
            return Response::of(400, 54, 1);
        };
        let until = (asked.valid_up_to.as_deref()).and_then(|text| parse(text).ok());
        let amount =
            (asked.pay_option_details.first()).and_then(|option| option.trans_amount.rupiah().ok());
        let (Some(until), Some(amount)) = (until, amount) else {
            return Response::of(400, 54, 1);
        };
        // Docs: at least 20 seconds.
        if until.as_millisecond() < now + 20_000 {
            return Response::of(400, 54, 1);
        }
        // In most of SNAP a name of the merchant's stands for one payment.
        let name = &asked.partner_reference_no;
        if (self.payments.iter()).any(|payment| payment.partner_reference_no == name.as_str()) {
            return Response::of(409, 54, 1);
        }
        let reference_no = format!("A{:04}", self.payments.len() + 1);
        self.payments.push(Payment {
            reference_no: reference_no.clone(),
            partner_reference_no: asked.partner_reference_no.to_string(),
            external_id: request.external_id.clone(),
            requested: amount,
            amount,
            created_at: now,
            valid_until: until.as_millisecond(),
            state: State::Pending,
            suspicious: false,
            paid_late: false,
            refunds: Vec::new(),
            snap_token: None,
            known_since: Some(now),
        });
        Response::success(
            ServiceCode::Payment,
            json!({
                "referenceNo": reference_no,
                "partnerReferenceNo": asked.partner_reference_no,
                "webRedirectUrl":
                    format!("https://gopay.co.id/app/merchanttransfer?tref={reference_no}"),
                "additionalInfo": {"grossAmount": Amount::idr(amount)},
            }),
        )
    }

    /// The payment that a request is about.
    pub(crate) fn find(&mut self, body: &Value) -> Option<&mut Payment> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let (reference, external) = (text("originalReferenceNo"), text("originalExternalId"));
        let mut payments = self
            .payments
            .iter_mut()
            .filter(|it| it.snap_token.is_none());
        payments.find(|payment| match reference {
            Some(reference) => payment.reference_no == reference,
            None => external == Some(payment.external_id.as_str()),
        })
    }

    fn status(&mut self, request: &Request) -> Response {
        let Some(payment) = self.find(&request.body) else {
            return Self::not_found();
        };
        let fraud = match payment.suspicious && matches!(payment.state, State::Paid(_)) {
            true => "deny",
            false => "accept",
        };
        Response::success(
            ServiceCode::Status,
            json!({
                "originalPartnerReferenceNo": payment.partner_reference_no,
                "originalExternalId": payment.external_id,
                "originalReferenceNo": payment.reference_no,
                "serviceCode": "54",
                "latestTransactionStatus": payment.status(),
                "transAmount": Amount::idr(payment.amount),
                "refundHistory": payment.history(),
                "additionalInfo": {"fraudStatus": fraud},
            }),
        )
    }

    /// The response to an inquiry about an unknown payment.
    pub(crate) fn not_found() -> Response {
        Response::success(
            ServiceCode::Status,
            json!({"latestTransactionStatus": "07"}),
        )
    }

    fn cancel(&mut self, request: &Request, _: i64) -> Response {
        match self.find(&request.body) {
            Some(payment) if payment.state == State::Pending => {
                payment.state = State::Cancelled;
                let reference_no = payment.reference_no.clone();
                self.status_changes.push(StatusChange {
                    reference_no: reference_no.clone(),
                    status: "05",
                });
                Response::success(
                    ServiceCode::Cancel,
                    json!({"originalReferenceNo": reference_no}),
                )
            }
            Some(_) => Response::of(403, 57, 15),
            None => Response::of(404, 57, 1),
        }
    }

    fn refund(&mut self, request: &Request, _: i64) -> Response {
        let text = |name: &str| request.body.get(name).and_then(Value::as_str);
        let number = text("partnerRefundNo").unwrap_or_default().to_owned();
        let amount = serde_json::from_value::<Amount>(request.body["refundAmount"].clone())
            .ok()
            .and_then(|amount| amount.rupiah().ok());
        let Some(payment) = self.find(&request.body) else {
            return Response::of(404, 58, 1);
        };
        if !matches!(payment.state, State::Paid(_)) {
            return Response::of(403, 58, 15);
        }
        // Without an amount, everything is refunded [refund-api].
        let amount = amount.unwrap_or(payment.amount - payment.refunded());
        if payment.refunds.iter().any(|refund| refund.number == number) {
            return Response::of(404, 58, 18);
        }
        if payment.refunded() + amount > payment.amount || amount == 0 {
            return Response::of(403, 58, 14);
        }
        payment.refunds.push(Refund {
            number: number.clone(),
            amount,
            failed: false,
        });
        let reference_no = payment.reference_no.clone();
        self.status_changes.push(StatusChange {
            reference_no: reference_no.clone(),
            status: "04",
        });
        let mut response = Response::of(200, 58, 0);
        response.body["originalReferenceNo"] = json!(reference_no);
        response.body["refundNo"] = json!(format!("R-{number}"));
        response.body["partnerRefundNo"] = json!(number);
        response.body["refundAmount"] = json!(Amount::idr(amount));
        response
    }

    /// Refunds a part of an order's one payment, or all of it, in GoPay's dashboard; returns whether it
    /// did.
    pub(crate) fn refund_in_dashboard(&mut self, order: &str, amount: impl Fn(u64) -> u64) -> bool {
        let number = format!(
            "{DASHBOARD}{}",
            self.status_changes.len() + self.payments.len()
        );
        let mut paid: Vec<_> = (self.payments.iter_mut())
            .filter(|it| it.order() == order && matches!(it.state, State::Paid(_)))
            .collect();
        let [payment] = paid.as_mut_slice() else {
            return false;
        };
        if payment.suspicious || payment.amount != payment.requested || !payment.refunds.is_empty()
        {
            return false;
        }
        payment.refunds.push(Refund {
            number,
            amount: amount(payment.amount),
            failed: false,
        });
        self.status_changes.push(StatusChange {
            reference_no: payment.reference_no.clone(),
            status: "04",
        });
        true
    }

    /// Whether staff refunded the order of this payment, or a part of it. Buyers pay no other payment of
    /// such an order here: the app would keep on showing the refund.
    fn is_refunded_in_dashboard(&self, reference_no: &str) -> bool {
        let order = self.payment(reference_no).map(Payment::order);
        let mut payments = self.payments.iter();
        payments.any(|it| Some(it.order()) == order && it.refunded_in_dashboard() > 0)
    }

    pub(crate) fn refund_count(&self) -> usize {
        self.payments
            .iter()
            .map(|payment| payment.refunds.len())
            .sum()
    }

    pub(crate) fn fail_refund(&mut self, number: &str) {
        let refunds = self
            .payments
            .iter_mut()
            .flat_map(|payment| &mut payment.refunds);
        for refund in refunds.filter(|refund| refund.number == number) {
            refund.failed = true;
        }
    }

    /// Settles a pending payment; returns whether it was pending.
    pub(crate) fn settle(&mut self, reference_no: &str, state: State, now: i64) -> bool {
        self.expire(now);
        if self.is_refunded_in_dashboard(reference_no) {
            return false;
        }
        let pending = self.payments.iter_mut().find(|payment| {
            payment.reference_no == reference_no && payment.state == State::Pending
        });
        let Some(payment) = pending else {
            return false;
        };
        payment.state = state;
        let status = payment.status();
        self.status_changes.push(StatusChange {
            reference_no: reference_no.to_owned(),
            status,
        });
        true
    }

    /// Pays an expired payment; returns whether it was expired.
    pub(crate) fn pay_late(&mut self, reference_no: &str, now: i64) -> bool {
        if self.is_refunded_in_dashboard(reference_no) {
            return false;
        }
        let Some(payment) = self.payment_mut(reference_no) else {
            return false;
        };
        if payment.state != State::Expired || payment.known_since.is_none() {
            return false;
        }
        payment.state = State::Paid(now);
        payment.paid_late = true;
        self.status_changes.push(StatusChange {
            reference_no: reference_no.to_owned(),
            status: "00",
        });
        true
    }

    pub(crate) fn expire(&mut self, now: i64) {
        for payment in &mut self.payments {
            if payment.state == State::Pending && payment.valid_until <= now {
                payment.state = State::Expired;
                if payment.known_since.is_none() {
                    continue;
                }
                self.status_changes.push(StatusChange {
                    reference_no: payment.reference_no.clone(),
                    status: "08",
                });
            }
        }
    }

    pub(crate) fn payment(&self, reference_no: &str) -> Option<&Payment> {
        self.payments
            .iter()
            .find(|payment| payment.reference_no == reference_no)
    }

    pub(crate) fn payment_mut(&mut self, reference_no: &str) -> Option<&mut Payment> {
        self.payments
            .iter_mut()
            .find(|payment| payment.reference_no == reference_no)
    }

    pub(crate) fn revoke_tokens(&mut self) {
        self.tokens.clear();
    }

    /// How many requests had an invalid token since the last token was issued.
    pub(crate) fn rejected_tokens(&self) -> u32 {
        self.rejected_tokens
    }

    pub(crate) fn notification(
        &self,
        change: &StatusChange,
        without_amount: bool,
    ) -> Option<Value> {
        let payment = self.payment(&change.reference_no)?;
        let mut body = json!({
            "createdTime": format_wib(timestamp(payment.created_at)),
            "latestTransactionStatus": change.status,
            "originalReferenceNo": payment.reference_no,
            "originalPartnerReferenceNo": payment.partner_reference_no,
            "originalExternalId": payment.external_id,
            "amount": Amount::idr(payment.amount),
            "additionalInfo": {
                "refundHistory": if change.status == "04" { payment.history() } else { Vec::new() },
            },
        });
        if without_amount && let Some(body) = body.as_object_mut() {
            body.remove("amount");
        }
        Some(body)
    }
}
