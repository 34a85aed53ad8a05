//! The buyer's auth code and language.

use super::outcome::CallOutcome;
use crate::{
    container::{Container, LocaleShape},
    gopay_state::GoPayState,
    id,
    ledger::Event,
    mini_apps::MiniAppUser,
};
use serde_json::json;

/// Issues an auth code for the merchant to exchange; the ledger gets its number.
pub(super) fn auth_code(gopay: &mut GoPayState, user: &MiniAppUser) -> CallOutcome {
    let code = id::secret();
    let now = gopay.now();
    let number = gopay.auth_codes.issue(code.clone(), user.clone(), now);
    gopay.record(Event::AuthCodeIssued {
        auth_code: number,
        user: user.clone(),
    });
    CallOutcome::success(gopay.container, json!({"data": {"authCode": code}}))
}

/// Docs disagree: see [`LocaleShape`].
pub(super) fn locale(container: Container) -> CallOutcome {
    let locale = container.locale;
    let fields = match container.locale_shape {
        LocaleShape::Documented => json!({"app_locale": locale}),
        LocaleShape::Field => json!({"data": {"appLocale": locale}}),
    };
    CallOutcome::success(container, fields)
}
