//! The ids of payments, refunds, rewards and reminders. Each kind has its own type, so that one is
//! never sent as another.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// `X-EXTERNAL-ID`: the merchant's, of a request. GoPay knows it again for 24 hours
    /// `[core-api-snap-open-api-overview]`.
    ExternalId;
    /// `referenceNo`: GoPay's, of a payment.
    ReferenceNo;
    /// `partnerReferenceNo`: the merchant's, of a payment.
    PartnerReferenceNo;
    /// `refundNo`: GoPay's, of a refund.
    RefundNo;
    /// `partnerRefundNo`: the merchant's, of a refund.
    PartnerRefundNo;
    /// `Request-Id`: the merchant's, of a request of the mini-app API `[backend-v2]`.
    RequestId;
    /// `token`: Midtrans', of a Snap transaction `[miniapp-x-snap-checkout-payment]`.
    SnapToken;
    /// `payment_id`: GoPay's, of a reward or of collected gems `[reward-coins-emoney-v2]`.
    PaymentId;
    /// `reminder_id`: GoPay's, of a reminder `[reminder-v2]`.
    ReminderId;
}

/// Whether GoPay repeats this id of the merchant: the letters and digits are the same, in any case.
///
/// Only for ids whose case and dashes carry nothing, such as hexadecimal ones. Compare GoPay's own
/// references as they are.
pub fn is_same_id(theirs: &str, ours: &str) -> bool {
    normalize_id(theirs) == normalize_id(ours)
}

/// The id's letters and digits, in lower case.
pub fn normalize_id(id: &str) -> String {
    id.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|it| it.to_ascii_lowercase())
        .collect()
}
