//! The buyer's auth code and language.

use super::outcome::CallOutcome;
use crate::{
    container::{Container, LocaleShape},
    gopay_state::GoPayState,
    mini_apps::MiniAppUser,
};
use serde_json::json;

pub(super) fn auth_code(gopay: &mut GoPayState, user: &MiniAppUser) -> CallOutcome {
    let code = gopay.issue_auth_code(user);
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
