//! Asking the buyer for a consent: `GP.authorize`, and `GPConsent.getUserConsent`.

use super::{
    done::Done,
    parameter::text,
    reply::{BridgeError, Verdict},
};
use crate::{
    account,
    container::{ConsentShape, Container, Locale},
    guard::app_origin,
    ledger::Event,
    shared::Shared,
    world::World,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use url::form_urlencoded;

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
    scope: String,
    buyer: String,
    allowed: bool,
}

/// Shows the question. What was allowed is not asked for again.
///
/// Unverified: the parameters of `getUserConsent`, which are documented nowhere; those of
/// `authorize` are taken. So is what a consent that was never configured gets: here it is
/// asked for like any other.
pub(super) fn ask(world: &World, params: &Value, buyer: &str) -> Result<Done, BridgeError> {
    let scope = text(params, "scope");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if scope.len() > 64 || !scope.bytes().all(plain) {
        return Err(BridgeError::WrongValue);
    }
    let noted = json!({"scope": scope});
    if world.has_consent(buyer, scope) {
        let fields = fields(world.container, scope, true);
        return Ok(Done::success(world.container, fields).noting(noted));
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("scope", scope)
        .append_pair("buyer", buyer)
        .finish();
    let verdict = Verdict::Show {
        page: format!("/consent?{query}"),
        calls_back: true,
    };
    Ok(Done::from(verdict).noting(noted))
}

/// What the page needs to know.
pub(crate) async fn show(State(shared): State<Arc<Shared>>) -> Json<Question> {
    Json(Question {
        locale: shared.read(|world| world.container.locale),
        app_origin: app_origin(&shared),
        merchant_name: account::MERCHANT_NAME,
    })
}

/// The answer to the call.
pub(crate) async fn decide(
    State(shared): State<Arc<Shared>>,
    Json(decision): Json<Decision>,
) -> Json<Verdict> {
    let Decision {
        scope,
        buyer,
        allowed,
    } = decision;
    Json(shared.write(|world| {
        world.consents.decide(&buyer, &scope, allowed);
        let fields = fields(world.container, &scope, allowed);
        world.record(Event::ConsentDecided {
            buyer,
            scope,
            allowed,
        });
        Verdict::success(world.container, fields)
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
