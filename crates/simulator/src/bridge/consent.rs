//! Asking the buyer for a consent.
//!
//! Docs disagree: the method table of V2 lists `GPConsent.getUserConsent`, the specification
//! under that heading calls `GP.authorize`. The latter is here always, the former where it is
//! switched on.

use super::reply::{BridgeError, Verdict, text};
use crate::{buyer::Locale, guard::app_origin, shared::Shared};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Which call asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    Authorize,
    GetUserConsent,
}

/// What the consent page shows.
#[derive(Debug, Serialize)]
pub(crate) struct Question {
    locale: Locale,
    app_origin: String,
    merchant_name: &'static str,
}

/// What the buyer decided.
#[derive(Debug, Deserialize)]
pub(crate) struct Decision {
    method: Method,
    scope: String,
    allowed: bool,
}

/// Shows the question.
///
/// Unverified: the parameters of `getUserConsent`; `scope` and the older `consent_name` do.
pub(crate) fn ask(method: Method, params: &Value) -> Result<Verdict, BridgeError> {
    let scope = match method {
        Method::Authorize => text(params, "scope"),
        Method::GetUserConsent => text(params, "scope").or_else(|_| text(params, "consent_name")),
    }?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if scope.len() > 64 || !scope.bytes().all(plain) {
        return Err(BridgeError::WrongValue);
    }
    let method = match method {
        Method::Authorize => "authorize",
        Method::GetUserConsent => "get_user_consent",
    };
    Ok(Verdict::Show {
        page: format!("/consent?method={method}&scope={scope}"),
        calls_back: true,
    })
}

/// What the page needs to know.
pub(crate) async fn show(State(shared): State<Arc<Shared>>) -> Json<Question> {
    Json(Question {
        locale: shared.read(|world| world.container.locale),
        app_origin: app_origin(&shared),
        merchant_name: crate::account::MERCHANT_NAME,
    })
}

/// The answer to the call.
///
/// Docs disagree: the sample code of `GP.authorize` reads `response.successScope`, the sample
/// JSON nests it in `data`. The JSON is followed.
pub(crate) async fn decide(Json(decision): Json<Decision>) -> Json<Verdict> {
    let Decision {
        method,
        scope,
        allowed,
    } = decision;
    Json(Verdict::success(match method {
        Method::Authorize => json!({"data": {"successScope": {scope: allowed}}}),
        Method::GetUserConsent => json!({"data": {"consent_name": scope, "has_consent": allowed}}),
    }))
}
