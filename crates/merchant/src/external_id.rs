//! The merchant's names for its requests to GoPay.

use gopay_protocol::ExternalId;
use uuid::Uuid;

/// A new `X-EXTERNAL-ID`.
///
/// Docs disagree: 36 characters on most pages, 32 on that of the inquiry. Without dashes a UUID
/// fits both, and is alphanumeric as well.
pub(crate) fn new_external_id() -> ExternalId {
    Uuid::new_v4().simple().to_string().into()
}
