//! GoPay's payment screen: `GP.launchPayment`.

use crate::{
    Error,
    method::Method,
    reply::{self, Reply},
};
use serde::Serialize;

const METHOD: Method<'static> = {
    let mut method = Method::quick("GP", "launchPayment");
    method.deadline_ms = None;
    method
};

/// Opens GoPay's payment screen over the mini app and waits until it closes.
///
/// `deeplink` is `gopay://merchanttransfer` with the query of the payment's
/// `webRedirectUrl`. Both containers, no consent, since GoPay app 1.45.0.
/// <https://docs.midtrans.com/reference/frontend-v2#launch-payment>
///
/// Has no deadline: the buyer may take any time, and the answer may never come. Drop the future
/// to stop waiting, for example when the page becomes visible again, or use
/// [`timeout`](crate::timeout).
///
/// Neither an `Ok` nor an `Err` says whether money moved; only the merchant's back end knows.
///
/// ```no_run
/// # async fn example(deeplink: &str) {
/// let _hint = gopay_container::payment::launch_payment(deeplink).await;
/// // Whatever the hint says: ask the merchant's back end now.
/// # }
/// ```
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] only where the container has dropped both callbacks.
pub async fn launch_payment(deeplink: &str) -> Result<PaymentHint, Error> {
    let reply = METHOD.reply(&Launch { deeplink }).await?;
    PaymentHint::read(&reply)
}

#[derive(Serialize)]
struct Launch<'a> {
    deeplink: &'a str,
}

/// What the container says about the payment: a hint, never proof.
///
/// Docs disagree: of the four documented words only `success` means the same on all
/// pages. The launchPayment sections of `frontend-v1` and `frontend-v2` and the older
/// `trigger-payment` page permute the other three, as noted at each. The difference has no
/// effect where every variant leads to an inquiry at the merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PaymentHint {
    /// The phone says that the buyer paid.
    Success,
    /// "User cancelled the transaction", or (older page) an error while processing.
    Failed,
    /// "There's an error processing the transaction", or (older page) the buyer went
    /// back without completing or cancelling.
    Pending,
    /// The buyer went back without completing or cancelling, or (older page) cancelled.
    Cancelled,
    /// A word that no page documents, cut to 200 characters.
    Other(String),
}

impl PaymentHint {
    pub(crate) fn read(reply: &Reply) -> Result<Self, Error> {
        let status = reply
            .text(["status", "paymentStatus"])
            .map(str::trim)
            .filter(|status| !status.is_empty())
            .ok_or(Error::Unreadable { what: "no status" })?;
        Ok(match status.to_ascii_lowercase().as_str() {
            "success" => Self::Success,
            "failed" => Self::Failed,
            "pending" => Self::Pending,
            "cancelled" | "canceled" => Self::Cancelled,
            _ => Self::Other(reply::clean(status)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::answer,
        reply::{Callback, decode},
    };
    use serde_json::json;

    fn read(data: serde_json::Value) -> Result<PaymentHint, Error> {
        let answer = json!({"success": true, "data": data});
        PaymentHint::read(&decode(Some(answer), Callback::Success)?)
    }

    #[test]
    fn the_documented_statuses_are_read() {
        for (name, status) in [
            ("documented", PaymentHint::Success),
            ("failed", PaymentHint::Failed),
            ("pending", PaymentHint::Pending),
            ("cancelled", PaymentHint::Cancelled),
        ] {
            let reply = answer("GP.launchPayment", name).unwrap();
            assert_eq!(PaymentHint::read(&reply), Ok(status));
        }
    }

    #[test]
    fn the_words_are_known_in_any_case() {
        for (word, status) in [
            ("SUCCESS", PaymentHint::Success),
            (" Canceled ", PaymentHint::Cancelled),
        ] {
            assert_eq!(read(json!({"status": word})), Ok(status));
        }
    }

    #[test]
    fn an_unknown_word_is_kept_and_is_no_success() {
        let paid = PaymentHint::Other("paid".into());
        assert_eq!(read(json!({"status": "paid"})), Ok(paid));
    }

    #[test]
    fn a_missing_status_is_unreadable() {
        for data in [
            json!(null),
            json!({}),
            json!({"status": ["success"]}),
            json!({"status": ""}),
        ] {
            let result = read(data.clone());
            assert!(matches!(result, Err(Error::Unreadable { .. })), "{data}");
        }
    }
}
