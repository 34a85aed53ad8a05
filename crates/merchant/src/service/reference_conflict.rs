//! Whether a reference of GoPay's belongs to another attempt.

use crate::{
    domain::attempt::Attempt,
    ports::{self, AttemptLookup, AttemptRepository},
};
use contract::OrderId;
use gopay_protocol::{ExternalId, ReferenceNo, message::status};

/// Whether GoPay gave this reference to another attempt before.
pub(super) async fn reference_is_taken(
    store: &impl AttemptRepository,
    reference_no: &ReferenceNo,
    external_id: &ExternalId,
) -> Result<bool, ports::Error> {
    let name = AttemptLookup::ByReferenceNo(reference_no);
    let known = store.order_with_attempt(name).await?;
    Ok(known.is_some_and(|(_, owner)| owner != *external_id))
}

/// Whether an answer about an attempt without a reference names the reference of another one.
pub(crate) async fn answers_another_payment(
    store: &impl AttemptRepository,
    response: &status::Response,
    attempt: &Attempt,
) -> Result<bool, ports::Error> {
    match (&attempt.reference_no, &response.original_reference_no) {
        (None, Some(named)) => reference_is_taken(store, named, &attempt.external_id).await,
        _ => Ok(false),
    }
}

/// Logs an answer that is about another payment than the one that was asked about.
pub(crate) fn note_another_payment(order_id: &OrderId) {
    tracing::error!(
        event = "gopay.answer_mismatch",
        order = order_id.as_str(),
        "GoPay's answer is about another payment"
    );
}
