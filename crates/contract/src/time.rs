//! Timestamps.

use serde::{Deserialize, Serialize};

/// Whole seconds since 1970-01-01T00:00:00Z, by the merchant's clock.
///
/// A phone's clock may be days off: measure the time left for a payment against
/// [`Order::as_of`](crate::Order::as_of), never against the phone's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnixTime(pub i64);
