//! What the operator decides, in the configuration.

use serde::Deserialize;

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
