//! One attempt to pay an order, and when GoPay is to be asked about it next.

use super::{
    inquiry_schedule,
    payment_event::{EventSource, PaymentEvent, ReceivedEvent, attempt_status},
};
use contract::{OrderStatus, Rupiah};
use gopay_protocol::message::payment;

/// One request to GoPay for a payment.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// `X-EXTERNAL-ID`: the same for every time it is sent.
    pub external_id: String,
    /// 1, 2, ... within its order.
    pub number: i64,
    /// The app's request that began it.
    pub idempotency_key: String,
    /// The body for GoPay, but for `chargeToken`.
    pub request: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub valid_until: i64,
    /// GoPay's id, once it answered.
    pub reference_no: Option<String>,
    /// How to pay it, once GoPay answered.
    pub deeplink: Option<String>,
    /// What GoPay said about it, in the order it was heard.
    pub events: Vec<ReceivedEvent>,
}

impl Attempt {
    /// What GoPay was told to call the payment; `None` in a request that cannot be read.
    pub fn partner_reference_no(&self) -> Option<String> {
        let request: payment::Request = serde_json::from_str(&self.request).ok()?;
        Some(request.partner_reference_no)
    }

    /// What is known of its money: that it was paid, or at least that some of it went back.
    pub fn known_money(&self) -> Option<PaymentEvent> {
        let mut events = self.events.iter().map(|received| received.event);
        events.find(|event| event.is_money())
    }

    /// Whether its money has been known for so long at `now`; milliseconds.
    pub fn has_been_paid_for(&self, milliseconds: i64, now: i64) -> bool {
        let mut money = self
            .events
            .iter()
            .filter(|received| received.event.is_money());
        money.any(|received| now > received.received_at.saturating_add(milliseconds))
    }

    /// Whether its end is known.
    pub fn has_ended(&self) -> bool {
        let mut received = self.events.iter();
        received
            .any(|received| !matches!(received.event, PaymentEvent::Made | PaymentEvent::GivenUp))
    }

    /// Whether GoPay was asked for its end in vain, and has not told it since.
    pub fn is_given_up(&self) -> bool {
        let mut received = self.events.iter();
        !self.has_ended() && received.any(|received| received.event == PaymentEvent::GivenUp)
    }

    /// When to look at an attempt that has ended, after `evidence` was heard of, which may be
    /// news.
    ///
    /// Only the answer to an inquiry says whether GoPay doubts that it was the buyer: so money
    /// that a notification tells of is asked about at once, and nothing but an answer to an
    /// inquiry makes that needless.
    pub fn next_inquiry(&self, total: Rupiah, received: &ReceivedEvent, news: bool) -> NextInquiry {
        let money = self.status(total).took_money();
        match (received.source, received.event) {
            (EventSource::Notification, PaymentEvent::Paid(_)) if money && news => NextInquiry::Now,
            // Money that GoPay told of has not come after all, or this is old.
            (
                EventSource::Notification | EventSource::Answer,
                PaymentEvent::Cancelled | PaymentEvent::Failed | PaymentEvent::Expired,
            ) if money && news => NextInquiry::Now,
            (EventSource::Notification | EventSource::Answer, _) if money => NextInquiry::Unchanged,
            // An inquiry plans when its lease ends. What a notification has planned in the
            // meantime is newer than the answer.
            (EventSource::Inquiry, _) => NextInquiry::Unchanged,
            _ => NextInquiry::At(self.next_inquiry_at(total, received.received_at)),
        }
    }

    /// When GoPay is to be asked about it after something was heard of it at `now`, if ever.
    pub fn next_inquiry_at(&self, total: Rupiah, now: i64) -> Option<i64> {
        let status = self.status(total);
        if status.is_open() || self.is_given_up() {
            inquiry_schedule::next_inquiry_at(self.created_at, self.valid_until, now)
        } else if status.took_money() {
            None
        } else {
            inquiry_schedule::final_inquiry_at(self.valid_until, now)
        }
    }

    /// Where it stands.
    pub fn status(&self, total: Rupiah) -> OrderStatus {
        let events: Vec<_> = self.events.iter().map(|received| received.event).collect();
        attempt_status(total, &events)
    }
}

/// When to look at an attempt that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextInquiry {
    /// At once, whoever is looking.
    Now,
    /// Then, if ever.
    At(Option<i64>),
    /// As it was planned before.
    Unchanged,
}
