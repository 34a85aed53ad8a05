//! Which payment is a message of GoPay's about?
//!
//! Invariant: the reference that we asked with, or that GoPay gave us, decides. An id beside it
//! may be spelled and meant in any way: GoPay's pages and other SNAP back ends put the order's
//! id, the `X-EXTERNAL-ID` and the reference into each other's fields, and write `""` for an id
//! that is absent. A wrong reference is never ours.

use super::attempt::Attempt;
use gopay_protocol::{
    is_same_id,
    message::{cancel, notify::Notification, status},
};

/// The ids that a message names a payment by. An empty one is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PaymentIds<'a> {
    /// GoPay's: `originalReferenceNo`.
    pub reference_no: Option<&'a str>,
    /// The merchant's: `originalPartnerReferenceNo`.
    pub partner_reference_no: Option<&'a str>,
    /// The `X-EXTERNAL-ID` of the request for the payment: `originalExternalId`.
    pub external_id: Option<&'a str>,
}

impl<'a> PaymentIds<'a> {
    /// Those of an answer to an inquiry.
    pub fn of_inquiry(response: &'a status::Response) -> Self {
        Self {
            reference_no: response.original_reference_no.as_deref(),
            partner_reference_no: response.original_partner_reference_no.as_deref(),
            external_id: response.original_external_id.as_deref(),
        }
    }

    /// Those of an answer to a cancellation.
    pub fn of_cancel(response: &'a cancel::Response) -> Self {
        Self {
            reference_no: response.original_reference_no.as_deref(),
            partner_reference_no: response.original_partner_reference_no.as_deref(),
            external_id: response.original_external_id.as_deref(),
        }
    }

    /// Those of a notification.
    pub fn of_notification(notification: &'a Notification) -> Self {
        Self {
            reference_no: notification.original_reference_no.as_deref(),
            partner_reference_no: notification.original_partner_reference_no.as_deref(),
            external_id: notification.original_external_id.as_deref(),
        }
    }

    /// Every id that is named, the reference first.
    pub fn named(self) -> impl Iterator<Item = &'a str> {
        let Self {
            reference_no,
            partner_reference_no,
            external_id,
        } = self;
        [reference_no, partner_reference_no, external_id]
            .into_iter()
            .flatten()
    }

    /// Whether the answer to a request about `attempt` is about it.
    ///
    /// | reference in the answer | known reference | right when |
    /// |---|---|---|
    /// | named | known | it is an id of the attempt |
    /// | named | none yet | another id is one of the attempt, or none is named |
    /// | none | any | another id is one of the attempt, or none is named |
    pub fn matches_attempt(self, attempt: &Attempt) -> bool {
        if let (Some(reference_no), true) = (self.reference_no, attempt.reference_no.is_some()) {
            return is_of(reference_no, attempt);
        }
        // The reference once more, where another id belongs, says nothing.
        let mut beside = [self.partner_reference_no, self.external_id]
            .into_iter()
            .flatten()
            .filter(|id| Some(*id) != self.reference_no)
            .peekable();
        beside.peek().is_none() || beside.any(|id| is_of(id, attempt))
    }

    /// Whether an id that is named is not in its documented field, as it was sent.
    pub fn are_odd(self, attempt: &Attempt) -> bool {
        let differs = |theirs: Option<&str>, ours: Option<&str>| {
            theirs.is_some_and(|theirs| ours.is_some_and(|ours| theirs != ours))
        };
        let partner_reference_no = attempt.partner_reference_no();
        differs(self.reference_no, attempt.reference_no.as_deref())
            || differs(self.partner_reference_no, partner_reference_no.as_deref())
            || differs(self.external_id, Some(&attempt.external_id))
    }
}

/// Whether this is one of the attempt's ids, in whichever field it came.
pub fn is_of(id: &str, attempt: &Attempt) -> bool {
    attempt.reference_no.as_deref() == Some(id)
        || is_same_id(id, &attempt.external_id)
        || attempt
            .partner_reference_no()
            .is_some_and(|ours| is_same_id(id, &ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(reference_no: Option<&str>) -> Attempt {
        Attempt {
            external_id: "3f1c-9d".to_owned(),
            number: 2,
            idempotency_key: "key".to_owned(),
            request: r#"{"partnerReferenceNo":"ab12-2","payOptionDetails":[],"additionalInfo":{}}"#
                .to_owned(),
            created_at: 0,
            valid_until: 0,
            reference_no: reference_no.map(str::to_owned),
            deeplink: None,
            events: Vec::new(),
        }
    }

    const fn ids<'a>(
        reference_no: Option<&'a str>,
        partner_reference_no: Option<&'a str>,
        external_id: Option<&'a str>,
    ) -> PaymentIds<'a> {
        PaymentIds {
            reference_no,
            partner_reference_no,
            external_id,
        }
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
                let named = ids(Some("A1"), beside, external);
                assert!(named.matches_attempt(&attempt), "{named:?}");
            }
        }
        // DANA has the two swapped.
        assert!(ids(Some("ab12-2"), Some("A1"), None).matches_attempt(&attempt));
    }

    #[test]
    fn a_wrong_reference_is_never_ours() {
        let attempt = attempt(Some("A1"));
        for wrong in ["A2", "a1", "A1 ", "A-1"] {
            let named = ids(Some(wrong), Some("ab12-2"), Some("3f1c-9d"));
            assert!(!named.matches_attempt(&attempt), "{wrong}");
        }
    }

    #[test]
    fn an_answer_without_a_known_reference_needs_another_id_of_ours() {
        for (reference, known) in [(None, Some("A1")), (None, None), (Some("A7"), None)] {
            let attempt = attempt(known);
            for right in [
                ids(reference, None, None),
                ids(reference, Some("ab12-2"), None),
                ids(reference, Some("3f1c-9d"), Some("x")),
                ids(reference, Some("other"), Some("3F1C-9D")),
            ] {
                assert!(right.matches_attempt(&attempt), "{right:?}");
            }
            if known.is_none() {
                let twice = ids(Some("A7"), Some("A7"), Some("A7"));
                assert!(twice.matches_attempt(&attempt), "{twice:?}");
            }
            for wrong in [
                ids(reference, Some("other"), None),
                ids(reference, Some("ab12"), Some("x")),
                ids(reference, None, Some("x")),
            ] {
                assert!(!wrong.matches_attempt(&attempt), "{wrong:?}");
            }
        }
    }

    #[test]
    fn an_id_in_another_spelling_or_field_is_odd() {
        let attempt = attempt(Some("A1"));
        assert!(!ids(Some("A1"), Some("ab12-2"), Some("3f1c-9d")).are_odd(&attempt));
        assert!(!PaymentIds::default().are_odd(&attempt));
        assert!(ids(Some("A1"), Some("A1"), None).are_odd(&attempt));
        assert!(ids(Some("A1"), None, Some("3F1C-9D")).are_odd(&attempt));
    }
}
