//! Consent requests: `GP.authorize` and `GPConsent.getUserConsent`.

use super::{
    outcome::CallOutcome,
    parameter::text,
    response::{BridgeError, CallResponse, Refusal},
};
use crate::{
    app_state::AppState,
    container::{ConsentShape, Container},
    control::ControlError,
    gopay_state::GoPayState,
    input::{Input, Parameters},
    ledger::Event,
    mini_apps::MiniAppUser,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use url::form_urlencoded;

#[derive(Debug, Deserialize)]
pub(crate) struct ConsentQuery {
    mini_app: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Decision {
    scope: String,
    /// The first without it.
    mini_app: Option<String>,
    buyer: String,
    allowed: bool,
}

/// Shows the consent page, unless the consent is given already.
///
/// Unverified: the parameters of `getUserConsent`, which no page documents: here those of
/// `authorize`. And the answer to a consent that was never configured: here it is asked for like
/// any other.
pub(super) fn ask(
    gopay: &GoPayState,
    params: &Value,
    user: &MiniAppUser,
) -> Result<CallOutcome, Refusal> {
    let scope = text(params, "scope");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if scope.len() > 64 || !scope.bytes().all(plain) {
        let why = "`scope` has to be 64 letters, digits and _-. at most";
        return Err(BridgeError::WrongValue.because(why));
    }
    let log = json!({"scope": scope});
    if gopay.has_consent(user, scope) {
        let fields = fields(gopay.container, scope, true);
        return Ok(CallOutcome::success(gopay.container, fields).with_log(log));
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("scope", scope)
        .append_pair("buyer", &user.buyer)
        .append_pair("mini_app", user.mini_app.as_str())
        .finish();
    let response = CallResponse::Show {
        page: format!("/consent?{query}"),
        calls_back: true,
    };
    Ok(CallOutcome::from(response).with_log(log))
}

pub(crate) async fn show(
    State(state): State<Arc<AppState>>,
    Parameters(query): Parameters<ConsentQuery>,
) -> Result<Json<Value>, ControlError> {
    state.read(|gopay| {
        let mini_apps = &gopay.mini_apps;
        let mini_app = mini_apps.named(query.mini_app.as_deref())?;
        Ok(Json(json!({
            "locale": gopay.container.locale,
            "mini_app_name": mini_app.name,
            "mini_app_icon": mini_app.icon_path(),
        })))
    })
}

/// Records the decision; returns the answer to the page's call.
pub(crate) async fn decide(
    State(state): State<Arc<AppState>>,
    Input(decision): Input<Decision>,
) -> Result<Json<CallResponse>, ControlError> {
    let Decision {
        scope,
        mini_app,
        buyer,
        allowed,
    } = decision;
    state.write(|gopay| {
        let mini_app = gopay.mini_apps.named(mini_app.as_deref())?;
        let mini_app = mini_app.id.clone();
        let user = MiniAppUser { mini_app, buyer };
        gopay.consents.decide(&user, &scope, allowed);
        let fields = fields(gopay.container, &scope, allowed);
        gopay.record(Event::ConsentDecided {
            user,
            scope,
            allowed,
        });
        Ok(Json(CallResponse::success(gopay.container, fields)))
    })
}

/// Docs disagree: see [`ConsentShape`].
fn fields(container: Container, scope: &str, allowed: bool) -> Value {
    match container.consent_shape {
        ConsentShape::Data => json!({"data": {"successScope": {scope: allowed}}}),
        ConsentShape::TopLevel => json!({"successScope": {scope: allowed}}),
        ConsentShape::Older => json!({"data": {"consent_name": scope, "has_consent": allowed}}),
    }
}
