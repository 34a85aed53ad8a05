//! What the columns hold, and what it means.

use crate::{
    domain::{
        fulfilment::DeliveryState,
        payment_event::{EventSource, PaymentEvent},
        refund::{Cause, LastResponse, State},
    },
    ports::Error,
};
use contract::{OrderStatus, Rupiah};

pub(super) fn to_column(amount: Rupiah) -> Result<i64, Error> {
    i64::try_from(amount.get()).map_err(|_| Error::CorruptRow("an amount"))
}

pub(super) fn from_column(amount: i64) -> Result<Rupiah, Error> {
    u64::try_from(amount)
        .map(Rupiah::new)
        .map_err(|_| Error::CorruptRow("an amount"))
}

pub(super) fn status_from_column(text: &str) -> Result<OrderStatus, Error> {
    use serde::de::{Deserialize, IntoDeserializer, value};
    OrderStatus::deserialize(text.into_deserializer())
        .map_err(|_: value::Error| Error::CorruptRow("an order status"))
}

pub(super) const fn event_columns(event: PaymentEvent) -> (&'static str, Rupiah) {
    match event {
        PaymentEvent::Made => ("made", Rupiah::ZERO),
        PaymentEvent::Refused => ("refused", Rupiah::ZERO),
        PaymentEvent::NeverMade => ("never_made", Rupiah::ZERO),
        PaymentEvent::Paid(amount) => ("paid", amount),
        PaymentEvent::PaidInDoubt(amount) => ("paid_in_doubt", amount),
        PaymentEvent::Reversed => ("reversed", Rupiah::ZERO),
        PaymentEvent::Refunded(amount) => ("refunded", amount),
        PaymentEvent::Cancelled => ("cancelled", Rupiah::ZERO),
        PaymentEvent::Failed => ("failed", Rupiah::ZERO),
        PaymentEvent::Expired => ("expired", Rupiah::ZERO),
        PaymentEvent::GivenUp => ("given_up", Rupiah::ZERO),
    }
}

pub(super) fn event_from_columns(finding: &str, amount: Rupiah) -> Result<PaymentEvent, Error> {
    Ok(match finding {
        "made" => PaymentEvent::Made,
        "refused" => PaymentEvent::Refused,
        "never_made" => PaymentEvent::NeverMade,
        "paid" => PaymentEvent::Paid(amount),
        "paid_in_doubt" => PaymentEvent::PaidInDoubt(amount),
        "reversed" => PaymentEvent::Reversed,
        "refunded" => PaymentEvent::Refunded(amount),
        "cancelled" => PaymentEvent::Cancelled,
        "failed" => PaymentEvent::Failed,
        "expired" => PaymentEvent::Expired,
        "given_up" => PaymentEvent::GivenUp,
        _ => return Err(Error::CorruptRow("an event")),
    })
}

pub(super) const fn source_column(source: EventSource) -> &'static str {
    match source {
        EventSource::Answer => "answer",
        EventSource::Notification => "notification",
        EventSource::Inquiry => "inquiry",
    }
}

pub(super) fn source_from_column(source: &str) -> Result<EventSource, Error> {
    Ok(match source {
        "answer" => EventSource::Answer,
        "notification" => EventSource::Notification,
        "inquiry" => EventSource::Inquiry,
        _ => return Err(Error::CorruptRow("an event")),
    })
}

pub(super) const fn last_response_column(last_response: LastResponse) -> &'static str {
    match last_response {
        LastResponse::Accepted => "yes",
        LastResponse::Refused => "no",
        LastResponse::Unknown | LastResponse::NotSent => "nothing",
    }
}

pub(super) fn last_response_from_column(text: &str) -> Result<LastResponse, Error> {
    [
        LastResponse::Accepted,
        LastResponse::Refused,
        LastResponse::Unknown,
    ]
    .into_iter()
    .find(|last_response| last_response_column(*last_response) == text)
    .ok_or(Error::CorruptRow("a refund"))
}

pub(super) fn cause_from_column(text: &str) -> Result<Cause, Error> {
    [Cause::Staff, Cause::Surplus, Cause::Late]
        .into_iter()
        .find(|cause| cause.name() == text)
        .ok_or(Error::CorruptRow("a refund"))
}

pub(super) fn state_from_column(text: &str) -> Result<State, Error> {
    State::ALL
        .into_iter()
        .find(|state| state.name() == text)
        .ok_or(Error::CorruptRow("a refund"))
}

pub(super) fn count(number: i64) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| Error::CorruptRow("a number"))
}

pub(super) fn delivery_from_column(text: &str) -> Result<DeliveryState, Error> {
    DeliveryState::ALL
        .into_iter()
        .find(|state| state.name() == text)
        .ok_or(Error::CorruptRow("a fulfilment"))
}
