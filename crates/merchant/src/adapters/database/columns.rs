//! What the columns hold, and what it means.

use super::value::Row;
use crate::{
    domain::{payment_event::PaymentEvent, refund::LastResponse},
    ports::Error,
};
use contract::{OrderStatus, PaymentWay, Rupiah};

use std::str::FromStr;

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

pub(super) fn event_columns(event: PaymentEvent) -> (&'static str, Rupiah) {
    let amount = match event {
        PaymentEvent::Paid(amount)
        | PaymentEvent::PaidInDoubt(amount)
        | PaymentEvent::Refunded(amount) => amount,
        _ => Rupiah::ZERO,
    };
    (event.into(), amount)
}

pub(super) fn event_from_columns(finding: &str, amount: Rupiah) -> Result<PaymentEvent, Error> {
    Ok(match parse_name(finding, "an event")? {
        PaymentEvent::Paid(_) => PaymentEvent::Paid(amount),
        PaymentEvent::PaidInDoubt(_) => PaymentEvent::PaidInDoubt(amount),
        PaymentEvent::Refunded(_) => PaymentEvent::Refunded(amount),
        event => event,
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

/// What a Snap token begins with in a column of deeplinks.
const SNAP: &str = "snap:";

pub(super) fn way_column(way: &PaymentWay) -> String {
    match way {
        PaymentWay::Deeplink(address) | PaymentWay::WebPage(address) => address.clone(),
        PaymentWay::SnapToken(token) => format!("{SNAP}{token}"),
    }
}

pub(super) fn way_from_column(text: &str) -> PaymentWay {
    match text.strip_prefix(SNAP) {
        Some(token) => PaymentWay::SnapToken(token.to_owned()),
        None if text.starts_with("http") => PaymentWay::WebPage(text.to_owned()),
        None => PaymentWay::Deeplink(text.to_owned()),
    }
}

pub(super) fn count(number: i64) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| Error::CorruptRow("a number"))
}

/// The id in this column.
pub(super) fn read_id<T: From<String>>(row: &Row, column: &'static str) -> Result<T, Error> {
    Ok(row.get::<String>(column)?.into())
}

/// The value of this name; `what` it is, where there is none.
pub(super) fn parse_name<T: FromStr>(name: &str, what: &'static str) -> Result<T, Error> {
    name.parse().map_err(|_| Error::CorruptRow(what))
}
