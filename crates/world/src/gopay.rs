//! GoPay's side: its books, and what it answers by its documents. The oracle: what stands
//! here is what happened to the money.
//!
//! Invariant: it never breaks by itself; all trouble is made on the way to it.

use crate::time::{HOUR, MINUTE, timestamp};
use gopay_protocol::{
    Amount, ServiceCode,
    message::{access_token, cancel, payment, status},
    timestamp::{format_wib, parse},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// So long GoPay knows an `X-EXTERNAL-ID` again `[core-api-snap-open-api-overview]`.
const KNOWN_AGAIN: u64 = 24 * HOUR;

/// A token's life `[access-token-api]`.
const TOKEN: u64 = 15 * MINUTE;

/// Path of the refund API `[refund-api]`.
pub(crate) const REFUND: &str = "/v1.0/debit/refund";

/// One payment.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) reference_no: String,
    /// The merchant's name for it.
    pub(crate) partner_reference_no: String,
    pub(crate) external_id: String,
    /// What the merchant asked for.
    pub(crate) asked: u64,
    /// What GoPay takes, or took.
    pub(crate) amount: u64,
    pub(crate) made_at: i64,
    pub(crate) valid_until: i64,
    pub(crate) state: State,
    /// Whether GoPay doubts that it was the buyer.
    pub(crate) doubtful: bool,
    /// Whether GoPay called it expired before it was paid.
    pub(crate) paid_late: bool,
    pub(crate) refunds: Vec<Refund>,
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
    /// Whether GoPay says afterwards that it came to nothing.
    pub(crate) failed: bool,
}

/// What the merchant sent.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) token: String,
    pub(crate) external_id: String,
    pub(crate) body: Value,
}

/// What GoPay says to that.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// Something to notify the merchant of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) reference_no: String,
    pub(crate) status: &'static str,
}

#[derive(Debug)]
struct Answered {
    at: i64,
    asked: Value,
    reply: Reply,
}

/// GoPay.
#[derive(Debug, Default)]
pub(crate) struct GoPay {
    /// In the order they were made.
    pub(crate) payments: Vec<Payment>,
    /// To be told.
    pub(crate) notices: Vec<Notice>,
    answered: BTreeMap<(String, String), Answered>,
    tokens: BTreeMap<String, i64>,
    tokens_made: u32,
    turned_away: u32,
}

impl Payment {
    /// The merchant's order: the name of a further payment has a suffix.
    pub(crate) fn order(&self) -> &str {
        let (order, _) =
            (self.partner_reference_no.split_once('-')).unwrap_or((&self.partner_reference_no, ""));
        order
    }

    /// As `latestTransactionStatus`.
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

impl Reply {
    pub(crate) fn of(status: u16, service: u8, case: u8) -> Self {
        Self {
            status,
            body: json!({
                "responseCode": format!("{status}{service:02}{case:02}"),
                "responseMessage": "",
            }),
        }
    }

    fn done(service: ServiceCode, mut more: Value) -> Self {
        let mut reply = Self::of(200, digits(service), 0);
        if let (Some(body), Some(more)) = (reply.body.as_object_mut(), more.as_object_mut()) {
            body.append(more);
        }
        reply
    }
}

/// Two digits.
fn digits(service: ServiceCode) -> u8 {
    service.digits().to_string().parse().unwrap_or_default()
}

/// Which service a path belongs to.
pub(crate) fn service(path: &str) -> u8 {
    match path {
        access_token::PATH => 73,
        payment::PATH => 54,
        status::PATH => 55,
        cancel::PATH => 57,
        _ => 58,
    }
}

impl GoPay {
    /// Answers, at a moment of GoPay's clock; where it is `strict`, a repeated request with 409,
    /// as in most of SNAP.
    pub(crate) fn answer(&mut self, request: &Request, now: i64, strict: bool) -> Reply {
        self.expire(now);
        if request.path == access_token::PATH {
            self.tokens_made += 1;
            self.turned_away = 0;
            let token = format!("token-{}", self.tokens_made);
            self.tokens
                .insert(token.clone(), now.saturating_add_unsigned(TOKEN));
            let mut reply = Reply::of(200, 73, 0);
            reply.body["accessToken"] = json!(token);
            reply.body["tokenType"] = json!("BearerToken");
            reply.body["expiresIn"] = json!("900");
            return reply;
        }
        if self
            .tokens
            .get(&request.token)
            .is_none_or(|until| *until <= now)
        {
            self.turned_away += 1;
            return Reply::of(401, service(&request.path), 1);
        }
        match request.path.as_str() {
            payment::PATH => self.once(request, now, strict, Self::make),
            status::PATH => self.status(request),
            cancel::PATH => self.once(request, now, strict, Self::cancel),
            REFUND => self.once(request, now, strict, Self::refund),
            _ => Reply::of(404, 0, 0),
        }
    }

    /// What was answered with a success is answered so again; another body under the same id
    /// is a conflict.
    fn once(
        &mut self,
        request: &Request,
        now: i64,
        strict: bool,
        act: fn(&mut Self, &Request, i64) -> Reply,
    ) -> Reply {
        let mut asked = request.body.clone();
        if let Some(asked) = asked.as_object_mut() {
            asked.remove("chargeToken");
        }
        let key = (request.path.clone(), request.external_id.clone());
        if let Some(before) = self.answered.get(&key)
            && now < before.at.saturating_add_unsigned(KNOWN_AGAIN)
        {
            return match before.asked == asked && !strict {
                true => before.reply.clone(),
                false => Reply::of(409, service(&request.path), 0),
            };
        }
        let reply = act(self, request, now);
        if reply.status == 200 {
            let answered = Answered {
                at: now,
                asked,
                reply: reply.clone(),
            };
            self.answered.insert(key, answered);
        }
        reply
    }

    fn make(&mut self, request: &Request, now: i64) -> Reply {
        let Ok(asked) = serde_json::from_value::<payment::Request>(request.body.clone()) else {
            return Reply::of(400, 54, 1);
        };
        let until = (asked.valid_up_to.as_deref()).and_then(|text| parse(text).ok());
        let amount =
            (asked.pay_option_details.first()).and_then(|option| option.trans_amount.rupiah().ok());
        let (Some(until), Some(amount)) = (until, amount) else {
            return Reply::of(400, 54, 1);
        };
        // Docs: at least 20 seconds.
        if until.as_millisecond() < now + 20_000 {
            return Reply::of(400, 54, 1);
        }
        // In most of SNAP a name of the merchant's stands for one payment.
        let name = &asked.partner_reference_no;
        if (self.payments.iter()).any(|payment| payment.partner_reference_no == *name) {
            return Reply::of(409, 54, 1);
        }
        let reference_no = format!("A{:04}", self.payments.len() + 1);
        self.payments.push(Payment {
            reference_no: reference_no.clone(),
            partner_reference_no: asked.partner_reference_no.clone(),
            external_id: request.external_id.clone(),
            asked: amount,
            amount,
            made_at: now,
            valid_until: until.as_millisecond(),
            state: State::Pending,
            doubtful: false,
            paid_late: false,
            refunds: Vec::new(),
        });
        Reply::done(
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
        self.payments.iter_mut().find(|payment| match reference {
            Some(reference) => payment.reference_no == reference,
            None => external == Some(payment.external_id.as_str()),
        })
    }

    fn status(&mut self, request: &Request) -> Reply {
        let Some(payment) = self.find(&request.body) else {
            return Self::not_found();
        };
        let fraud = match payment.doubtful && matches!(payment.state, State::Paid(_)) {
            true => "deny",
            false => "accept",
        };
        Reply::done(
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

    /// As an inquiry about a payment that there is not, or not yet.
    pub(crate) fn not_found() -> Reply {
        Reply::done(
            ServiceCode::Status,
            json!({"latestTransactionStatus": "07"}),
        )
    }

    fn cancel(&mut self, request: &Request, _: i64) -> Reply {
        match self.find(&request.body) {
            Some(payment) if payment.state == State::Pending => {
                payment.state = State::Cancelled;
                let reference_no = payment.reference_no.clone();
                self.notices.push(Notice {
                    reference_no: reference_no.clone(),
                    status: "05",
                });
                Reply::done(
                    ServiceCode::Cancel,
                    json!({"originalReferenceNo": reference_no}),
                )
            }
            Some(_) => Reply::of(403, 57, 15),
            None => Reply::of(404, 57, 1),
        }
    }

    fn refund(&mut self, request: &Request, _: i64) -> Reply {
        let text = |name: &str| request.body.get(name).and_then(Value::as_str);
        let number = text("partnerRefundNo").unwrap_or_default().to_owned();
        let amount = serde_json::from_value::<Amount>(request.body["refundAmount"].clone())
            .ok()
            .and_then(|amount| amount.rupiah().ok());
        let Some(payment) = self.find(&request.body) else {
            return Reply::of(404, 58, 1);
        };
        if !matches!(payment.state, State::Paid(_)) {
            return Reply::of(403, 58, 15);
        }
        // No amount is all there is [refund-api].
        let amount = amount.unwrap_or(payment.amount - payment.refunded());
        if payment.refunds.iter().any(|refund| refund.number == number) {
            return Reply::of(404, 58, 18);
        }
        if payment.refunded() + amount > payment.amount || amount == 0 {
            return Reply::of(403, 58, 14);
        }
        payment.refunds.push(Refund {
            number: number.clone(),
            amount,
            failed: false,
        });
        let reference_no = payment.reference_no.clone();
        self.notices.push(Notice {
            reference_no: reference_no.clone(),
            status: "04",
        });
        let mut reply = Reply::of(200, 58, 0);
        reply.body["originalReferenceNo"] = json!(reference_no);
        reply.body["refundNo"] = json!(format!("R-{number}"));
        reply.body["partnerRefundNo"] = json!(number);
        reply.body["refundAmount"] = json!(Amount::idr(amount));
        reply
    }

    /// A refund comes to nothing after all.
    pub(crate) fn fail_refund(&mut self, number: &str) {
        let refunds = self
            .payments
            .iter_mut()
            .flat_map(|payment| &mut payment.refunds);
        for refund in refunds.filter(|refund| refund.number == number) {
            refund.failed = true;
        }
    }

    /// The buyer confirms, or does not. Whether that decided anything.
    pub(crate) fn decide(&mut self, reference_no: &str, state: State, now: i64) -> bool {
        self.expire(now);
        let waiting = self.payments.iter_mut().find(|payment| {
            payment.reference_no == reference_no && payment.state == State::Pending
        });
        let Some(payment) = waiting else {
            return false;
        };
        payment.state = state;
        let status = payment.status();
        self.notices.push(Notice {
            reference_no: reference_no.to_owned(),
            status,
        });
        true
    }

    /// A payment that GoPay called expired was paid all the same. Whether it was one.
    pub(crate) fn pays_late(&mut self, reference_no: &str, now: i64) -> bool {
        let Some(payment) = self.payment_mut(reference_no) else {
            return false;
        };
        if payment.state != State::Expired {
            return false;
        }
        payment.state = State::Paid(now);
        payment.paid_late = true;
        self.notices.push(Notice {
            reference_no: reference_no.to_owned(),
            status: "00",
        });
        true
    }

    /// Ends what nobody paid in time.
    pub(crate) fn expire(&mut self, now: i64) {
        for payment in &mut self.payments {
            if payment.state == State::Pending && payment.valid_until <= now {
                payment.state = State::Expired;
                self.notices.push(Notice {
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

    /// All tokens are forgotten.
    pub(crate) fn forget_tokens(&mut self) {
        self.tokens.clear();
    }

    /// How many requests came with a token that is no good, since the last one was made.
    pub(crate) fn turned_away(&self) -> u32 {
        self.turned_away
    }

    /// What a notification says.
    pub(crate) fn message(&self, notice: &Notice, vague: bool) -> Option<Value> {
        let payment = self.payment(&notice.reference_no)?;
        let mut body = json!({
            "createdTime": format_wib(timestamp(payment.made_at)),
            "latestTransactionStatus": notice.status,
            "originalReferenceNo": payment.reference_no,
            "originalPartnerReferenceNo": payment.partner_reference_no,
            "originalExternalId": payment.external_id,
            "amount": Amount::idr(payment.amount),
            "additionalInfo": {
                "refundHistory": if notice.status == "04" { payment.history() } else { Vec::new() },
            },
        });
        if vague && let Some(body) = body.as_object_mut() {
            body.remove("amount");
        }
        Some(body)
    }
}
