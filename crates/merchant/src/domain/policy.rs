//! What the operator decides.

use serde::Deserialize;

/// Who has to hear of an order that is paid from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FulfilmentMode {
    /// Whoever is shown its pick-up code.
    PickupOnly,
    /// The merchant's own systems too.
    Webhook,
}

/// What is done with money for an order that the buyer was told is over.
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
    /// Paid, in full.
    #[default]
    Paid,
    /// Paid, and a person has to look at it.
    Review,
}
