//! Consent requests: `GP.authorize` and `GPConsent.getUserConsent`.

use super::{
    outcome::CallOutcome,
    parameter::text,
    response::{BridgeError, CallResponse},
};
use crate::{
    account,
    app_state::AppState,
    container::{ConsentShape, Container},
    gopay_state::GoPayState,
    ledger::Event,
    origin_guard::app_origin,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use url::form_urlencoded;

#[derive(Debug, Deserialize)]
pub(crate) struct Decision {
    scope: String,
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
    buyer: &str,
) -> Result<CallOutcome, BridgeError> {
    let scope = text(params, "scope");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if scope.len() > 64 || !scope.bytes().all(plain) {
        return Err(BridgeError::WrongValue);
    }
    let log = json!({"scope": scope});
    if gopay.has_consent(buyer, scope) {
        let fields = fields(gopay.container, scope, true);
        return Ok(CallOutcome::success(gopay.container, fields).with_log(log));
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("scope", scope)
        .append_pair("buyer", buyer)
        .finish();
    let response = CallResponse::Show {
        page: format!("/consent?{query}"),
        calls_back: true,
    };
    Ok(CallOutcome::from(response).with_log(log))
}

pub(crate) async fn show(State(state): State<Arc<AppState>>) -> Json<Value> {
    Json(json!({
        "locale": state.read(|gopay| gopay.container.locale),
        "app_origin": app_origin(&state),
        "merchant_name": account::MERCHANT_NAME,
    }))
}

/// Records the decision; returns the answer to the page's call.
pub(crate) async fn decide(
    State(state): State<Arc<AppState>>,
    Json(decision): Json<Decision>,
) -> Json<CallResponse> {
    let Decision {
        scope,
        buyer,
        allowed,
    } = decision;
    Json(state.write(|gopay| {
        gopay.consents.decide(&buyer, &scope, allowed);
        let fields = fields(gopay.container, &scope, allowed);
        gopay.record(Event::ConsentDecided {
            buyer,
            scope,
            allowed,
        });
        CallResponse::success(gopay.container, fields)
    }))
}

/// Docs disagree: see [`ConsentShape`].
fn fields(container: Container, scope: &str, allowed: bool) -> Value {
    match container.consent_shape {
        ConsentShape::Data => json!({"data": {"successScope": {scope: allowed}}}),
        ConsentShape::TopLevel => json!({"successScope": {scope: allowed}}),
        ConsentShape::Older => json!({"data": {"consent_name": scope, "has_consent": allowed}}),
    }
}
