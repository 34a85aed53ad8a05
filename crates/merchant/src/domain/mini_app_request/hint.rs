//! What the operator can do about an error code of the mini-app API.

use super::RequestKind;
use gopay_protocol::MiniAppErrorCode;

/// One sentence for the log and for `merchant requests`. `None` where GoPay gives no code.
pub fn hint(kind: RequestKind, code: Option<&MiniAppErrorCode>) -> Option<&'static str> {
    use MiniAppErrorCode as C;
    Some(match code? {
        C::FraudValidationError => {
            "GoPay gives this buyer no rewards for now: no setting changes that, and the receipt points them to GoPay's Help"
        }
        C::UserNotFound | C::PaymentOptionNotFound => {
            "GoPay has no account for this buyer any more: there is nothing to do"
        }
        C::MiniAppReminderTemplateNotFound => {
            "GoPay has no such template: register it with the mini app, or correct its name in the configuration for the next orders"
        }
        C::MiniAppRewardConfigNotFound => {
            "rewards are not configured for this mini app: ask GoPay for it, then run `merchant requests retry`"
        }
        C::DatasourceNotFound => {
            "gems are not configured for this mini app: ask GoPay for it, then run `merchant requests retry`"
        }
        C::RequestValueExceedsMaxLimit => {
            "GoPay's limit for gems is lower: ask for a higher one, or give fewer for the next orders"
        }
        C::MiniAppNotFound => {
            "GoPay finds no mini app of this merchant: check mini_app.id and auth_credentials_file with GoPay"
        }
        C::Unauthorized | C::InvalidAuthorisation => {
            "GoPay took neither the buyer's token nor the one of their next sign-in: ask GoPay whether this mini app may use this API"
        }
        C::GenericServiceError if kind.reward().is_some() => {
            "GoPay fails without a reason: check the balance of the shop's wallet for rewards first, then run `merchant requests retry`"
        }
        C::GenericServiceError => {
            "GoPay fails without a reason: run `merchant requests retry`, or ask GoPay's support and name the Request-Id"
        }
        _ => {
            "GoPay does not take this request: ask GoPay's support, and name the code and the Request-Id"
        }
    })
}
