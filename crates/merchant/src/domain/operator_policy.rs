//! What the operator decides, in the configuration.

use super::payment_request::Checkout;
use contract::Rupiah;
use serde::Deserialize;
use std::time::Duration;
use strum::{EnumString, IntoStaticStr};

/// How payments are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentPolicy {
    /// Through which API.
    pub checkout: Checkout,
    /// How long a buyer can pay; without a choice GoPay's own default `[direct-debit-api-gopay]`.
    pub time_to_pay: Duration,
    /// Whether GoPay is told what is bought.
    pub sends_items: bool,
    /// Whether GoPay is told what it needs to offer GoPay Later.
    pub offers_gopay_later: bool,
    /// From which total an order is handed over only after an inquiry has said that it is paid; none without
    /// it.
    pub confirm_from: Option<Rupiah>,
}

impl PaymentPolicy {
    /// Of an order with this total.
    pub fn confirmation(&self, total: Rupiah) -> Confirmation {
        match self.confirm_from {
            Some(from) if total >= from => Confirmation::Awaited,
            _ => Confirmation::NotNeeded,
        }
    }
}

impl Default for PaymentPolicy {
    fn default() -> Self {
        Self {
            checkout: Checkout::default(),
            time_to_pay: Duration::from_mins(15),
            sends_items: false,
            offers_gopay_later: false,
            confirm_from: None,
        }
    }
}

/// Whether an order is handed over only after an inquiry has said that it is paid. A notification does not
/// say whether GoPay suspects fraud; an inquiry does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Confirmation {
    NotNeeded,
    Awaited,
    Received,
}

impl Confirmation {
    /// In the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// How much one buyer may order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLimits {
    /// Orders that wait for their payment.
    pub open: u32,
    /// Orders within an hour.
    pub per_hour: u32,
}

impl OrderLimits {
    /// What [`per_hour`](Self::per_hour) counts in.
    pub const HOUR: Duration = Duration::from_hours(1);

    /// Whether a buyer with so many orders may place another one.
    pub const fn allow(self, open: u32, within_an_hour: u32) -> bool {
        self.allow_open(open) && within_an_hour < self.per_hour
    }

    /// Whether a buyer with so many open orders may have another one: also an order of before that is
    /// paid again.
    pub const fn allow_open(self, open: u32) -> bool {
        open < self.open
    }
}

impl Default for OrderLimits {
    fn default() -> Self {
        Self {
            open: 5,
            per_hour: 30,
        }
    }
}

/// How an order that is paid from now on is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FulfilmentMode {
    /// By its pick-up code.
    PickupOnly,
    /// By its pick-up code, and a webhook to the shop's own systems.
    Webhook,
}

/// What is done with money that arrives after the app said that the order is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LatePaymentPolicy {
    /// The order is fulfilled after all.
    #[default]
    Fulfil,
    /// All of it goes back.
    Refund,
}

/// What a payment counts as of which GoPay says, asked by its reference, that it was made, and
/// not how much was paid. It was asked for with exactly one amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaidWithoutAmount {
    #[default]
    Paid,
    /// Paid, in review.
    Review,
}
