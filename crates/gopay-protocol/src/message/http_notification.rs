//! Midtrans' HTTP notification of a Snap or Core API transaction `[handle-notifications]`
//! `[https-notification-webhooks]`.
//!
//! Docs disagree: `[miniapp-x-snap-checkout-payment]` says that a Snap transaction of a mini app is
//! notified in BI-SNAP's form, at [`notify::PATH`](super::notify::PATH). All other pages of Snap have
//! this form, at the "Payment Notification URL" of the dashboard. A merchant has to accept both.

use super::{core_api::Transaction, lenient};
use crate::Secret;
use serde::Deserialize;

/// How long Midtrans waits for the answer, in seconds `[handle-notifications]`. Any 2xx is a receipt.
///
/// Docs disagree: 15 on `[best-practices-to-handle-notification]`.
pub const TIMEOUT_SECONDS: u64 = 30;

/// A notification of one transaction. New fields may appear at any time.
///
/// Invariant: it is a reason to ask for the status, never a proof of payment. Its signature covers
/// order id, status code and amount, not `transaction_status`: whoever has seen one genuine
/// notification can write others with the same three.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Notification {
    /// The transaction, in the form of the status API.
    #[serde(flatten)]
    pub transaction: Transaction,
    /// See [`ServerKey::verify`](crate::ServerKey::verify).
    #[serde(default, deserialize_with = "signature")]
    pub signature_key: Option<Secret>,
}

fn signature<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Secret>, D::Error> {
    Ok(lenient::text::<_, String>(deserializer)?.map(Secret::new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PartnerReferenceNo, ServerKey, message::core_api::StatusCode};

    const SAMPLE: &str = include_str!("../../tests/fixtures/http-notification.json");

    fn key(text: &str) -> ServerKey {
        ServerKey::new(&Secret::new(text)).unwrap()
    }

    fn signed(key: &ServerKey) -> Notification {
        let mut notification: Notification = serde_json::from_str(SAMPLE).unwrap();
        let signature = key.signature("order03", "200", "275000.00");
        notification.signature_key = Some(Secret::new(signature));
        notification
    }

    #[test]
    fn the_settlement_of_the_gopay_page_is_read() {
        let notification: Notification = serde_json::from_str(SAMPLE).unwrap();
        assert!(notification.transaction.is_paid());
        let order_id = PartnerReferenceNo::from("order03");
        assert_eq!(notification.transaction.order_id, Some(order_id));
        assert!(notification.signature_key.is_some());
        // The page does not print its server key.
        assert!(!key("Mid-server-abc").verify(&notification));
    }

    #[test]
    fn a_signature_is_of_one_key_and_of_the_three_fields() {
        let key = key("Mid-server-abc");
        assert!(key.verify(&signed(&key)));
        assert!(!self::key("Mid-server-abd").verify(&signed(&key)));
        type Change = fn(&mut Notification);
        let changes: [Change; 6] = [
            |it| it.transaction.order_id = Some("order04".into()),
            |it| it.transaction.order_id = None,
            |it| it.transaction.status_code = StatusCode::new(201),
            |it| it.transaction.gross_amount = Some(crate::Amount::idr(275_001)),
            |it| it.signature_key = None,
            |it| it.signature_key = Some(Secret::new("")),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut notification = signed(&key);
            change(&mut notification);
            assert!(!key.verify(&notification), "{number}");
        }
    }

    #[test]
    fn a_status_said_twice_is_no_notification() {
        let twice = r#"{"transaction_status":"pending","transaction_status":"settlement"}"#;
        assert!(serde_json::from_str::<Notification>(twice).is_err());
    }
}
