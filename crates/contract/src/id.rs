//! Ids. Each kind has its own type, so that one is never taken for another.
//!
//! `gopay-protocol` declares its ids in the same way: neither crate can depend on the other.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// Of an order: random, hard to guess, safe in a URL.
    OrderId;
    /// Of a buyer: the merchant's own, stable across sessions; not GoPay's.
    CustomerId;
    /// Of a request that has one effect however often it is sent: 1 to 128 printable ASCII characters
    /// of the app's choice, in the header [`IDEMPOTENCY_KEY`](crate::IDEMPOTENCY_KEY).
    IdempotencyKey;
}

impl OrderId {
    /// The order's number on its receipt: the end of its id, where even ids that begin with a timestamp
    /// differ, in capitals.
    pub fn number(&self) -> String {
        let id = self.as_str();
        let start = (id.char_indices().rev()).nth(7).map_or(0, |(at, _)| at);
        id.get(start..).unwrap_or(id).to_ascii_uppercase()
    }
}
