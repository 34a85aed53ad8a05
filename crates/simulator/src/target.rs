//! Which payments a fault or an outcome is for. Pure.

use crate::payments::Payment;
use serde::{Deserialize, Serialize};

/// All payments where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Target {
    /// The merchant's number: `partnerReferenceNo`, or `order_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    /// In rupiah.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<u64>,
    /// Who has opened the payment in GoPay, or whose `auth_token` it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer: Option<String>,
}

/// What is known of the payment, or of a request about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) order: Option<String>,
    pub(crate) amount: Option<u64>,
    pub(crate) buyer: Option<String>,
}

impl Target {
    pub(crate) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) const fn has_buyer(&self) -> bool {
        self.buyer.is_some()
    }

    pub(crate) fn has(&self, subject: &Subject) -> bool {
        let Self {
            order,
            amount,
            buyer,
        } = self;
        (order.is_none() || *order == subject.order)
            && (amount.is_none() || *amount == subject.amount)
            && (buyer.is_none() || *buyer == subject.buyer)
    }
}

impl From<&Payment> for Subject {
    fn from(payment: &Payment) -> Self {
        Self {
            order: Some(payment.partner_reference_no.clone()),
            amount: payment.amount.rupiah().ok(),
            buyer: payment.buyer.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_condition_has_to_hold() {
        let subject = Subject {
            order: Some("ORDER-1".to_owned()),
            amount: Some(25_000),
            buyer: None,
        };
        for (target, has) in [
            ("{}", true),
            (r#"{"order": "ORDER-1"}"#, true),
            (r#"{"order": "ORDER-2"}"#, false),
            (r#"{"order": "ORDER-1", "amount": 25000}"#, true),
            (r#"{"order": "ORDER-1", "amount": 1}"#, false),
            (r#"{"buyer": "siti"}"#, false),
        ] {
            let target: Target = serde_json::from_str(target).unwrap();
            assert_eq!(target.has(&subject), has, "{target:?}");
        }
    }
}
