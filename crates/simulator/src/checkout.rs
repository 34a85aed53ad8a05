//! How Snap and the sandbox behave where Midtrans' pages contradict each other or say nothing.

use serde::{Deserialize, Serialize};

/// The switches of `PUT /control/checkout`. A missing one takes its default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CheckoutSettings {
    pub(crate) snap_notification: SnapNotification,
    pub(crate) snap_refund_repeated: RefundRepeated,
    pub(crate) snap_left: SnapLeft,
    pub(crate) sandbox_point_of_purchase: SandboxPointOfPurchase,
    pub(crate) pin: Pin,
}

/// Whether the payment sheet of the phone asks for the PIN. GoPay does; a test is shorter without.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pin {
    #[default]
    NotAsked,
    Asked,
}

/// Docs disagree: `[miniapp-x-snap-checkout-payment]` has BI-SNAP's notification for a Snap
/// transaction, `[handle-notifications]` and all other pages of Snap have Midtrans' own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SnapNotification {
    #[default]
    BiSnap,
    /// The HTTP notification with its `signature_key`.
    Classic,
}

/// Docs disagree: a refund that is asked for again under its key is a "Duplicate refund ID"
/// `[direct-refund-transaction]`, or has to be asked for under the same key `[refund-transaction]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundRepeated {
    /// 406.
    #[default]
    Refused,
    /// As the first time.
    Answered,
}

/// Unverified: which callback of `snap.pay` a buyer causes who comes back from GoPay undecided:
/// "closed the payment popup prematurely", or "payment pending" `[snap-js]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SnapLeft {
    #[default]
    Close,
    Pending,
}

/// Unverified: what the sandbox does with a point of purchase. GoPay's FAQ has it in production only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SandboxPointOfPurchase {
    #[default]
    Refused,
    Ignored,
}
