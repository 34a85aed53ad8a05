//! Which payment is a message of GoPay's about?
//!
//! Invariant: the reference that we asked with, or that GoPay gave us, decides. An id beside it
//! may be spelled and meant in any way: GoPay's pages and other SNAP back ends put the order's
//! id, the `X-EXTERNAL-ID` and the reference into each other's fields, and write `""` for an id
//! that is absent. A wrong reference is never ours.

use super::{attempt::Attempt, order::StoredOrder};
use gopay_protocol::{
    ExternalId, PartnerReferenceNo, ReferenceNo, is_same_id,
    message::{cancel, notify::Notification, status},
};

/// Letters and digits of an order's id.
const ORDER_ID_LENGTH: usize = 32;

/// The ids that a message names a payment by. An empty one is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MessageIds<'a> {
    /// GoPay's: `originalReferenceNo`.
    pub reference_no: Option<&'a ReferenceNo>,
    /// The merchant's: `originalPartnerReferenceNo`.
    pub partner_reference_no: Option<&'a PartnerReferenceNo>,
    /// The `X-EXTERNAL-ID` of the request for the payment: `originalExternalId`.
    pub external_id: Option<&'a ExternalId>,
}

impl<'a> MessageIds<'a> {
    /// Those of an answer to an inquiry.
    pub fn of_inquiry(response: &'a status::Response) -> Self {
        Self {
            reference_no: response.original_reference_no.as_ref(),
            partner_reference_no: response.original_partner_reference_no.as_ref(),
            external_id: response.original_external_id.as_ref(),
        }
    }

    /// Those of an answer to a cancellation.
    pub fn of_cancel(response: &'a cancel::Response) -> Self {
        Self {
            reference_no: response.original_reference_no.as_ref(),
            partner_reference_no: response.original_partner_reference_no.as_ref(),
            external_id: response.original_external_id.as_ref(),
        }
    }

    /// Those of a notification.
    pub fn of_notification(notification: &'a Notification) -> Self {
        Self {
            reference_no: notification.original_reference_no.as_ref(),
            partner_reference_no: notification.original_partner_reference_no.as_ref(),
            external_id: notification.original_external_id.as_ref(),
        }
    }

    /// Every id that is named, the reference first.
    pub fn named(self) -> impl Iterator<Item = &'a str> {
        let reference_no = self.reference_no.map(ReferenceNo::as_str);
        reference_no.into_iter().chain(self.beside())
    }

    /// Those beside the reference.
    fn beside(self) -> impl Iterator<Item = &'a str> {
        let partner_reference_no = self.partner_reference_no.map(PartnerReferenceNo::as_str);
        let external_id = self.external_id.map(ExternalId::as_str);
        partner_reference_no.into_iter().chain(external_id)
    }

    /// Whether the answer to a request about `attempt` is about it.
    ///
    /// | reference in the answer | known reference | right when |
    /// |---|---|---|
    /// | named | known | it is an id of the attempt |
    /// | named | none yet | another id is one of the attempt, or none is named |
    /// | none | any | another id is one of the attempt, or none is named |
    pub fn matches_attempt(self, attempt: &Attempt) -> bool {
        let reference_no = self.reference_no.map(ReferenceNo::as_str);
        if let (Some(named), true) = (reference_no, attempt.reference_no.is_some()) {
            return is_id_of_attempt(named, attempt);
        }
        // The reference once more, where another id belongs, says nothing.
        let mut beside = self
            .beside()
            .filter(|id| Some(*id) != reference_no)
            .peekable();
        beside.peek().is_none() || beside.any(|id| is_id_of_attempt(id, attempt))
    }

    /// Whether an id that is named is not in its documented field, as it was sent.
    pub fn are_odd(self, attempt: &Attempt) -> bool {
        let reference_no = self.reference_no.zip(attempt.reference_no.as_ref());
        let ours = attempt.partner_reference_no();
        let partner_reference_no = self.partner_reference_no.zip(ours.as_ref());
        reference_no.is_some_and(|(theirs, ours)| theirs != ours)
            || partner_reference_no.is_some_and(|(theirs, ours)| theirs != ours)
            || (self.external_id).is_some_and(|theirs| *theirs != attempt.external_id)
    }
}

/// Whether this is one of the attempt's ids, in whichever field it came.
pub fn is_id_of_attempt(id: &str, attempt: &Attempt) -> bool {
    let reference_no = attempt.reference_no.as_ref();
    reference_no.is_some_and(|ours| ours.as_str() == id)
        || is_same_id(id, attempt.external_id.as_str())
        || attempt
            .partner_reference_no()
            .is_some_and(|ours| is_same_id(id, ours.as_str()))
}

/// Whether this is the order's own id, or one of its payments'.
pub fn is_id_of_order(id: &str, order: &StoredOrder) -> bool {
    is_same_id(id, order.id.as_str()) || order.attempts.iter().any(|it| is_id_of_attempt(id, it))
}

/// The order's id in a partner reference number, whose letters and digits are `plain`. The number of
/// a further attempt stands behind it.
pub fn order_id_in(plain: &str) -> &str {
    plain.get(..ORDER_ID_LENGTH).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn attempt(reference_no: Option<&str>) -> Attempt {
        Attempt {
            external_id: "3f1c-9d".into(),
            number: 2,
            idempotency_key: "key".into(),
            request: r#"{"partnerReferenceNo":"ab12-2","payOptionDetails":[],"additionalInfo":{}}"#
                .to_owned(),
            created_at: Timestamp::EPOCH,
            valid_until: Timestamp::EPOCH,
            reference_no: reference_no.map(ReferenceNo::from),
            way: None,
            events: Vec::new(),
        }
    }

    /// What follows from a message that names these.
    fn judge<T>(
        [reference_no, partner_reference_no, external_id]: [Option<&str>; 3],
        judge: impl FnOnce(MessageIds<'_>) -> T,
    ) -> T {
        judge(MessageIds {
            reference_no: reference_no.map(ReferenceNo::from).as_ref(),
            partner_reference_no: partner_reference_no.map(PartnerReferenceNo::from).as_ref(),
            external_id: external_id.map(ExternalId::from).as_ref(),
        })
    }

    fn matches(attempt: &Attempt, named: [Option<&str>; 3]) -> bool {
        judge(named, |ids| ids.matches_attempt(attempt))
    }

    fn are_odd(attempt: &Attempt, named: [Option<&str>; 3]) -> bool {
        judge(named, |ids| ids.are_odd(attempt))
    }

    #[test]
    fn a_right_reference_decides_whatever_the_other_ids_mean() {
        let attempt = attempt(Some("A1"));
        for beside in [
            None,
            Some("A1"),
            Some("ab12-2"),
            Some("AB122"),
            Some("other"),
        ] {
            for external in [None, Some("A1"), Some("3F1C9D"), Some("ab12-2"), Some("x")] {
                let named = [Some("A1"), beside, external];
                assert!(matches(&attempt, named), "{named:?}");
            }
        }
        // DANA has the two swapped.
        assert!(matches(&attempt, [Some("ab12-2"), Some("A1"), None]));
    }

    #[test]
    fn a_wrong_reference_is_never_ours() {
        let attempt = attempt(Some("A1"));
        for wrong in ["A2", "a1", "A1 ", "A-1"] {
            let named = [Some(wrong), Some("ab12-2"), Some("3f1c-9d")];
            assert!(!matches(&attempt, named), "{wrong}");
        }
    }

    #[test]
    fn an_answer_without_a_known_reference_needs_another_id_of_ours() {
        for (reference, known) in [(None, Some("A1")), (None, None), (Some("A7"), None)] {
            let attempt = attempt(known);
            for right in [
                [reference, None, None],
                [reference, Some("ab12-2"), None],
                [reference, Some("3f1c-9d"), Some("x")],
                [reference, Some("other"), Some("3F1C-9D")],
            ] {
                assert!(matches(&attempt, right), "{right:?}");
            }
            if known.is_none() {
                let twice = [Some("A7"), Some("A7"), Some("A7")];
                assert!(matches(&attempt, twice), "{twice:?}");
            }
            for wrong in [
                [reference, Some("other"), None],
                [reference, Some("ab12"), Some("x")],
                [reference, None, Some("x")],
            ] {
                assert!(!matches(&attempt, wrong), "{wrong:?}");
            }
        }
    }

    #[test]
    fn an_id_in_another_spelling_or_field_is_odd() {
        let attempt = attempt(Some("A1"));
        assert!(!are_odd(
            &attempt,
            [Some("A1"), Some("ab12-2"), Some("3f1c-9d")]
        ));
        assert!(!are_odd(&attempt, [None; 3]));
        assert!(are_odd(&attempt, [Some("A1"), Some("A1"), None]));
        assert!(are_odd(&attempt, [Some("A1"), None, Some("3F1C-9D")]));
    }
}
