//! What the operator can do about a response code of GoPay's.

use gopay_protocol::{Meaning, ServiceCode};

/// One sentence for the log and for `merchant refunds`. `None` where the merchant goes on by
/// itself, or the code says nothing.
///
/// Docs disagree: `[seamless-payment-v2]` has no use for a callback URL in mini apps, and calls it
/// an error where neither the request nor the dashboard has one.
pub const fn hint(meaning: Meaning, service: ServiceCode) -> Option<&'static str> {
    use Meaning as M;
    use ServiceCode as S;
    Some(match (meaning, service) {
        (M::InvalidField, S::Payment) => {
            "GoPay misses a field: check merchant_id and point_of_purchase_id, and that GoPay's dashboard has a callback URL"
        }
        (M::InvalidField, _) => {
            "GoPay misses a field that no setting adds: ask GoPay's support which one, and name the code"
        }
        (M::Unauthorized, S::AccessToken) => {
            "GoPay does not take the signature: the key in private_key_file and the public key in GoPay's dashboard must be a pair, of the account of client_key"
        }
        (M::Unauthorized | M::InvalidToken, _) => {
            "GoPay takes neither the signature nor a new token: client_key, partner_id and client_secret_file must be of one account, and of the environment of bi_snap_url"
        }
        (M::InvalidCustomerToken, _) => {
            "GoPay expects a payment from a linked account, which is not supported: ask GoPay for one-time payments at this point_of_purchase_id"
        }
        (M::NotPermitted, S::Payment) => {
            "GoPay does not permit it: check point_of_purchase_id, and which addresses GoPay has whitelisted"
        }
        (M::NotPermitted | M::NotAllowed, S::Cancel) => {
            "GoPay does not cancel it: it may have ended, which an inquiry tells"
        }
        (M::NotPermitted | M::NotAllowed, S::Refund) => {
            "GoPay does not permit it: look at the payment in GoPay's dashboard, and ask GoPay's support whether this account may refund, and until when"
        }
        (M::SuspectedFraud, _) => {
            "GoPay suspects fraud: no setting changes that; GoPay's support can say more to the buyer"
        }
        (M::InsufficientFunds, S::Refund) => {
            "the shop's balance at GoPay is too low: top it up, then run `merchant refunds retry <number>`"
        }
        (M::InsufficientFunds, _) => "the buyer's balance is too low: nothing is wrong here",
        (M::ExceedsLimit, S::Refund) => {
            "GoPay has less left of this payment: look for its refunds in GoPay's dashboard, then run `merchant reconcile`"
        }
        (M::ExceedsLimit, _) => "the amount is above a limit: ask GoPay's support which one",
        (M::AccountLimit, S::Refund) => {
            "a limit of the buyer's or the shop's account is reached: ask GoPay's support which one, then run `merchant refunds retry <number>`"
        }
        (M::AccountLimit, _) => "a limit of an account is reached: ask GoPay's support which one",
        (M::NotFound, S::Refund) => {
            "GoPay does not know this payment: check that bi_snap_url and merchant_id are those under which it was paid"
        }
        (M::Inconsistent, S::Payment) => {
            "GoPay has another request under the same ids: no other merchant, and no copy of this database, may use the account"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gopay_protocol::ResponseCode;

    fn hint_of(code: &str) -> Option<&'static str> {
        let code: ResponseCode = code.parse().unwrap();
        hint(code.meaning(), code.service)
    }

    /// Each refusal that GoPay's pages list for a payment, a cancellation, a refund and a token.
    #[test]
    fn a_refusal_leads_the_operator_to_what_is_wrong() {
        for (code, what) in [
            ("4017300", "private_key_file"),
            ("4005402", "point_of_purchase_id"),
            ("4015400", "client_secret_file"),
            ("4015401", "partner_id"),
            ("4015402", "not supported"),
            ("4035403", "fraud"),
            ("4035414", "buyer's balance"),
            ("4035415", "whitelisted"),
            ("4005702", "GoPay's support"),
            ("4015700", "client_secret_file"),
            ("4015701", "partner_id"),
            ("4035715", "inquiry"),
            ("4005802", "GoPay's support"),
            ("4015800", "client_secret_file"),
            ("4015801", "partner_id"),
            ("4035802", "less left"),
            ("4035814", "shop's balance"),
            ("4035815", "dashboard"),
            ("4035823", "limit"),
            ("4045801", "bi_snap_url"),
        ] {
            let hint = hint_of(code).unwrap_or_default();
            assert!(hint.contains(what), "{code}: {hint:?}");
        }
    }

    #[test]
    fn what_the_merchant_clears_up_by_itself_has_no_hint() {
        for code in [
            "2005400", "2025400", "4095400", "4095401", "4295400", "5005401", "5045400", "4045501",
            "4045701", "4045818", "4185400",
        ] {
            assert_eq!(hint_of(code), None, "{code}");
        }
    }
}
