//! The control API under `/control`: what the panel, or a test, can do to GoPay.
//!
//! A call that causes notifications returns once the merchant has answered them, so that a test
//! never sleeps.

mod buyers;
mod clock;
mod exchanges;
mod faults;
mod keys;
mod mini_app;
mod mini_app_check;
mod notifications;
mod payments;
mod recording;
mod refunds;
mod settings;
mod view;

pub(crate) use settings::reset;

use crate::{
    app_state::AppState,
    caller::UnknownMerchant,
    events,
    faults::FaultError,
    mini_apps::{MiniAppsError, UnknownMiniApp},
    order_history::ShapeError,
    path_form::is_of_form,
    payments::{ActionError, PayError, RefundError},
    recording::StepError,
    sdk_faults::SdkFaultError,
    setup::SetupError,
};
use axum::{
    Json, Router,
    http::{Method, StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn router() -> Router<Arc<AppState>> {
    Router::new()
        .route("/ledger", get(view::ledger))
        .route("/exchanges", get(exchanges::list))
        .route("/exchanges/{number}", get(exchanges::one))
        .route("/events", get(events::events))
        .route("/payments/{reference_no}/{act}", post(payments::act))
        .route("/payments/{reference_no}/refund", post(refunds::refund))
        .route("/payments/{reference_no}/open", post(payments::open))
        .route("/refunds", put(refunds::behaviour))
        .route("/mini-app", put(mini_app::settings))
        .route("/mini-apps/{id}/check", get(mini_app_check::check))
        .route("/notifications", put(notifications::mode))
        .route("/notifications/release", post(notifications::release))
        .route(
            "/notifications/{reference_no}/repeat",
            post(notifications::repeat),
        )
        .route("/notifications/forge", post(notifications::forge))
        .route("/buyers/{id}", put(buyers::set))
        .route("/faults", put(faults::plan))
        .route("/sdk-faults", put(faults::sdk_plan))
        .route("/outcomes", put(faults::outcomes))
        .route("/faults/release", post(faults::release))
        .route("/keys", get(keys::keys).put(keys::change))
        .route("/scenario", put(settings::scenario))
        .route("/container", put(settings::container))
        .route("/checkout", put(settings::checkout))
        .route("/merchant", put(settings::merchant))
        .route("/clock", put(clock::set))
        .route("/clock/advance", post(clock::advance))
        .route("/setup", get(settings::setup).put(settings::set_up))
        .route("/notifications/replay", post(notifications::replay))
        .route("/recording", get(recording::recording))
        .route("/reset", post(settings::reset))
        .route("/reload", post(settings::reload))
        .route("/openapi.json", get(openapi))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
}

/// Written by hand; a test compares it with the routes.
const OPENAPI: &str = include_str!("../openapi.json");

async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}

async fn unknown(uri: Uri) -> ControlError {
    let path = format!("/control{}", uri.path());
    let nearest = calls()
        .into_iter()
        .map(|(known, _)| known)
        .min_by_key(|known| strsim::damerau_levenshtein(known, &path));
    ControlError::UnknownCall {
        path,
        nearest: nearest.unwrap_or_default(),
    }
}

async fn wrong_method(method: Method, uri: Uri) -> ControlError {
    let path = format!("/control{}", uri.path());
    let methods = calls()
        .into_iter()
        .find(|(known, _)| is_of_form(&path, known))
        .map(|(_, methods)| methods.join(" or "));
    ControlError::WrongMethod {
        method,
        path,
        methods: methods.unwrap_or_default(),
    }
}

/// The paths of the document, each with its methods.
fn calls() -> Vec<(String, Vec<String>)> {
    let document: Value = serde_json::from_str(OPENAPI).unwrap_or_default();
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            let methods = methods.map(|(method, _)| method.to_uppercase());
            (path.clone(), methods.collect())
        })
        .collect()
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ControlError {
    #[error("there is no {path}; did you mean {nearest}? GET /control/openapi.json has all calls")]
    UnknownCall { path: String, nearest: String },
    #[error("{method} {path}: the method here is {methods}")]
    WrongMethod {
        method: Method,
        path: String,
        methods: String,
    },
    #[error(transparent)]
    PaymentAction(#[from] ActionError),
    #[error(transparent)]
    Refund(#[from] RefundError),
    #[error(transparent)]
    Pay(#[from] PayError),
    #[error(transparent)]
    Clock(#[from] crate::clock::TooFarAway),
    #[error(transparent)]
    Fault(#[from] FaultError),
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    SdkFault(#[from] SdkFaultError),
    #[error(transparent)]
    MiniApp(#[from] UnknownMiniApp),
    #[error(transparent)]
    Merchant(#[from] UnknownMerchant),
    #[error(transparent)]
    MiniApps(#[from] MiniAppsError),
    #[error(transparent)]
    Step(#[from] StepError),
    #[error("{0} has to be an http or https address")]
    Address(&'static str),
    #[error(transparent)]
    OrderHistory(#[from] ShapeError),
    #[error("partner_id has to be printable ASCII")]
    PartnerId,
    #[error(
        "a Snap transaction's classic notification takes status only: PUT /control/checkout {{\"snap_notification\": \"bi_snap\"}} for the rest"
    )]
    ClassicForm,
    #[error("{0} is not a key: the merchant's is PEM, the server key is as in Midtrans' dashboard")]
    Key(&'static str),
    #[error("`{0}` is no action: use pay, cancel, fail, expire or leave")]
    Action(String),
    #[error("another merchant has this server key")]
    ServerKeyTaken,
    #[error("there is no exchange {0}, or it is too old to be kept")]
    UnknownExchange(String),
    #[error("the request has no Host header, which says where the phone is")]
    NoHost,
    #[error("the notification could not be signed")]
    Unsigned,
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::PaymentAction(ActionError::Unknown)
            | Self::Pay(PayError::Action(ActionError::Unknown))
            | Self::Refund(RefundError::Unknown)
            | Self::MiniApp(_)
            | Self::Merchant(_)
            | Self::UnknownExchange(_)
            | Self::UnknownCall { .. } => StatusCode::NOT_FOUND,
            Self::PaymentAction(ActionError::Settled(_))
            | Self::Pay(PayError::Action(ActionError::Settled(_)))
            | Self::Refund(_)
            | Self::Step(StepError::Refused { .. }) => StatusCode::CONFLICT,
            Self::Clock(_)
            | Self::Fault(_)
            | Self::Setup(_)
            | Self::SdkFault(_)
            | Self::MiniApps(_)
            | Self::Step(StepError::Call(_))
            | Self::Address(_)
            | Self::OrderHistory(_)
            | Self::PartnerId
            | Self::Action(_)
            | Self::Pay(PayError::WrongPin | PayError::NotEnough)
            | Self::ClassicForm
            | Self::ServerKeyTaken
            | Self::NoHost
            | Self::Key(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::WrongMethod { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unsigned => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({"error": self.to_string()}))).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// `PUT /control/faults`, and so on, as the router has them, with the one that is added above it.
    fn routes() -> BTreeSet<String> {
        let source = include_str!("control.rs");
        let (router, _) = source.split_once("fallback(unknown)").unwrap();
        let above = include_str!("simulator.rs");
        assert!(above.contains(r#"control::router().route("/recording/replay", post("#));
        let mut found = BTreeSet::from(["POST /control/recording/replay".to_owned()]);
        for route in router.split(".route(").skip(1) {
            let path = route.split('"').nth(1).unwrap();
            for method in ["get", "put", "post", "delete"] {
                let calls = [format!(" {method}("), format!(".{method}(")];
                if calls.iter().any(|call| route.contains(call)) {
                    found.insert(format!("{} /control{path}", method.to_uppercase()));
                }
            }
        }
        found
    }

    #[test]
    fn the_openapi_document_has_the_routes_and_no_other() {
        let document: Value = serde_json::from_str(OPENAPI).unwrap();
        let mut documented = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                documented.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
        let routes: BTreeSet<_> = routes()
            .into_iter()
            .map(|route| route.replace("{reference_no}", "{id}"))
            .collect();
        assert_eq!(documented, routes);
    }
}
