//! One attempt to pay an order, and when its next inquiry is due.

use super::{
    inquiry_schedule,
    payment_event::{
        EventSource, PaymentAmounts, PaymentEvent, ReceivedEvent, attempt_status, payment_amounts,
    },
    payment_request::PaymentRequest,
    time::Timestamp,
};
use contract::{IdempotencyKey, OrderStatus, PaymentWay, Rupiah};
use gopay_protocol::{ExternalId, PartnerReferenceNo, ReferenceNo};
use std::time::Duration;

/// One request to GoPay for a payment.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// `X-EXTERNAL-ID`: the same for every time it is sent.
    pub external_id: ExternalId,
    /// 1, 2, ... within its order.
    pub number: u32,
    /// Of the app's request that began it.
    pub idempotency_key: IdempotencyKey,
    /// The body without `chargeToken`, as it is sent every time.
    pub request: String,
    pub created_at: Timestamp,
    pub valid_until: Timestamp,
    /// From GoPay's answer.
    pub reference_no: Option<ReferenceNo>,
    /// From GoPay's answer.
    pub way: Option<PaymentWay>,
    /// In the order they were received.
    pub events: Vec<ReceivedEvent>,
}

impl Attempt {
    /// The id in the request; `None` where that cannot be read.
    pub fn partner_reference_no(&self) -> Option<PartnerReferenceNo> {
        let request = PaymentRequest::parse(&self.request)?;
        Some(request.partner_reference_no().clone())
    }

    /// The first event that tells of money: a payment, or at least a refund of one.
    pub fn known_money(&self) -> Option<PaymentEvent> {
        let mut events = self.events.iter().map(|it| it.event);
        events.find(|event| event.is_money())
    }

    /// Whether an event of money was received more than `duration` before `now`.
    pub fn has_known_money_for(&self, duration: Duration, now: Timestamp) -> bool {
        let mut money = self.events.iter().filter(|it| it.event.is_money());
        money.any(|received| now > received.received_at + duration)
    }

    /// Whether its end is known.
    pub fn has_ended(&self) -> bool {
        let mut received = self.events.iter();
        received.any(|it| !matches!(it.event, PaymentEvent::Created | PaymentEvent::GivenUp))
    }

    /// Whether inquiries gave up on its end, and no event has ended it since.
    pub fn is_given_up(&self) -> bool {
        let mut received = self.events.iter();
        !self.has_ended() && received.any(|it| it.event == PaymentEvent::GivenUp)
    }

    /// When to inquire about an attempt that has ended, after an event that may be news.
    ///
    /// Only the answer to an inquiry says whether GoPay doubts that it was the buyer: so a
    /// notification of money leads to an inquiry at once, which only an inquiry's answer makes
    /// needless.
    pub fn next_inquiry(&self, total: Rupiah, received: &ReceivedEvent, news: bool) -> NextInquiry {
        let money = self.status(total).took_money();
        match (received.source, received.event) {
            (EventSource::Notification, PaymentEvent::Paid(_)) if money && news => NextInquiry::Now,
            // A contradiction, or an old message.
            (
                EventSource::Notification | EventSource::Answer,
                PaymentEvent::Cancelled | PaymentEvent::Failed | PaymentEvent::Expired,
            ) if money && news => NextInquiry::Now,
            (EventSource::Notification | EventSource::Answer, _) if money => NextInquiry::Unchanged,
            // The inquiry schedules the next one when it gives its lease back. What a
            // notification has scheduled in the meantime is newer than the answer.
            (EventSource::Inquiry, _) => NextInquiry::Unchanged,
            _ => NextInquiry::At(self.next_inquiry_at(total, received.received_at)),
        }
    }

    /// When the next inquiry is due after an event at `now`, if ever.
    pub fn next_inquiry_at(&self, total: Rupiah, now: Timestamp) -> Option<Timestamp> {
        let status = self.status(total);
        if status.is_open() || self.is_given_up() {
            inquiry_schedule::next_inquiry_at(self.created_at, self.valid_until, now)
        } else if status.took_money() {
            None
        } else {
            inquiry_schedule::final_inquiry_at(self.valid_until, now)
        }
    }

    pub fn status(&self, total: Rupiah) -> OrderStatus {
        attempt_status(total, &self.payment_events())
    }

    /// What became of its money.
    pub fn payment_amounts(&self, total: Rupiah) -> PaymentAmounts {
        payment_amounts(total, &self.payment_events())
    }

    fn payment_events(&self) -> Vec<PaymentEvent> {
        self.events.iter().map(|it| it.event).collect()
    }
}

/// When to inquire about an attempt that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextInquiry {
    /// At once, also while an inquiry is under way.
    Now,
    /// Then, if ever.
    At(Option<Timestamp>),
    /// As it was scheduled before.
    Unchanged,
}
