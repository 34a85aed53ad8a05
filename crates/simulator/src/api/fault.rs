//! What the chosen scenario does to the APIs.

use super::refusal::Refusal;
use crate::{scenario::Scenario, shared::Shared};
use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use gopay_protocol::{ServiceCode, message};
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// How late `slow` answers.
const SLOW: Duration = Duration::from_secs(3);

/// What a captive portal says to everything.
const PORTAL: &str = "<!doctype html><title>Wi-Fi</title><p>Please sign in to the network.</p>";

/// Stands between a request and its answer.
pub(crate) async fn inject(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let service = service(request.uri().path());
    match shared.read(|world| world.scenario) {
        Scenario::GopayDown => down(service),
        Scenario::Garbage => Html(PORTAL).into_response(),
        Scenario::Slow => {
            let response = next.run(request).await;
            tokio::time::sleep(SLOW).await;
            response
        }
        Scenario::AnswerLost if service == Some(ServiceCode::Payment) => {
            next.run(request).await;
            down(service)
        }
        Scenario::Default
        | Scenario::Outside
        | Scenario::SilentLaunch
        | Scenario::RefuseLogin
        | Scenario::Denied
        | Scenario::AnswerLost => next.run(request).await,
    }
}

/// The service of a BI-SNAP path; none for the mini-app API.
fn service(path: &str) -> Option<ServiceCode> {
    match path {
        message::access_token::PATH => Some(ServiceCode::AccessToken),
        message::payment::PATH => Some(ServiceCode::Payment),
        message::status::PATH => Some(ServiceCode::Status),
        message::cancel::PATH => Some(ServiceCode::Cancel),
        _ => None,
    }
}

/// Unverified: the HTTP status of the mini-app API, which documents only that 5xx may be
/// retried. The token API has 500 where the others have 504.
fn down(service: Option<ServiceCode>) -> Response {
    match service {
        Some(service @ ServiceCode::AccessToken) => {
            Refusal::new(500, service, 0, "Timeout").into_response()
        }
        Some(service) => Refusal::new(504, service, 0, "Timeout").into_response(),
        None => {
            let error = json!({"code": "900", "description": "GENERIC_SERVICE_ERROR"});
            let body = json!({"success": false, "error": error});
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}
