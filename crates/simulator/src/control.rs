//! The control API under `/control`: what the panel, or a test, can do to GoPay.
//!
//! A call that causes notifications returns once the merchant has answered them, so that a test
//! never sleeps.

mod clock;
mod faults;
mod keys;
mod mini_app;
mod notifications;
mod payments;
mod refunds;
mod settings;
mod view;

use crate::{
    app_state::AppState,
    events,
    faults::FaultError,
    mini_apps::{MiniAppsError, UnknownMiniApp},
    order_history::ShapeError,
    payments::{ActionError, RefundError},
};
use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde_json::json;
use std::sync::Arc;

pub(crate) fn router() -> Router<Arc<AppState>> {
    Router::new()
        .route("/ledger", get(view::ledger))
        .route("/events", get(events::events))
        .route("/payments/{reference_no}/{act}", post(payments::act))
        .route("/payments/{reference_no}/refund", post(refunds::refund))
        .route("/refunds", put(refunds::behaviour))
        .route("/mini-app", put(mini_app::settings))
        .route("/notifications", put(notifications::mode))
        .route("/notifications/release", post(notifications::release))
        .route(
            "/notifications/{reference_no}/repeat",
            post(notifications::repeat),
        )
        .route("/notifications/forge", post(notifications::forge))
        .route("/faults", put(faults::plan))
        .route("/faults/release", post(faults::release))
        .route("/keys", get(keys::keys).put(keys::change))
        .route("/scenario", put(settings::scenario))
        .route("/container", put(settings::container))
        .route("/checkout", put(settings::checkout))
        .route("/merchant", put(settings::merchant))
        .route("/clock/advance", post(clock::advance))
        .route("/reset", post(settings::reset))
        .route("/reload", post(settings::reload))
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ControlError {
    #[error(transparent)]
    PaymentAction(#[from] ActionError),
    #[error(transparent)]
    Refund(#[from] RefundError),
    #[error(transparent)]
    Clock(#[from] crate::clock::TooFarAhead),
    #[error(transparent)]
    Fault(#[from] FaultError),
    #[error(transparent)]
    MiniApp(#[from] UnknownMiniApp),
    #[error(transparent)]
    MiniApps(#[from] MiniAppsError),
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
    #[error("the notification could not be signed")]
    Unsigned,
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::PaymentAction(ActionError::Unknown)
            | Self::Refund(RefundError::Unknown)
            | Self::MiniApp(_) => StatusCode::NOT_FOUND,
            Self::PaymentAction(ActionError::Settled(_)) | Self::Refund(_) => StatusCode::CONFLICT,
            Self::Clock(_)
            | Self::Fault(_)
            | Self::MiniApps(_)
            | Self::Address(_)
            | Self::OrderHistory(_)
            | Self::PartnerId
            | Self::ClassicForm
            | Self::Key(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unsigned => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({"error": self.to_string()}))).into_response()
    }
}
