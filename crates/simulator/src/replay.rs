//! Recording the calls of a run, and playing them again: above the routers whose calls they are.

use crate::{
    app_state::AppState,
    bridge,
    control::{self, ControlError, reset},
    host::Host,
    input::{BODY_NOT_READ, Input, MAX_REQUEST_BYTES, json_of, refuse},
    recording::{Recording, Step, StepError},
    web_payment,
};
use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt;

/// Of the sandbox's pages, whose own paths production has, too.
pub(crate) const SANDBOX: &str = "/sandbox";

/// Calls that are of this machine or of the recording itself. The SDK's are the page's; `launchPayment` is recorded as
/// what the buyer does.
const NOT_RECORDED: [&str; 7] = [
    "/bridge/call",
    "/control/keys",
    "/control/merchant",
    "/control/notifications/replay",
    "/control/recording/replay",
    "/control/reload",
    "/control/reset",
];

/// `POST /control/recording/replay {"steps": [{"call": "POST /control/payments/{1}/pay"}]}`: plays a recording up to the
/// first step that waits for a payment, and returns the rest. With `setup` it begins with a reset.
pub(crate) async fn replay(
    State(state): State<Arc<AppState>>,
    Input(Recording { setup, steps }): Input<Recording>,
) -> Result<Json<Recording>, ControlError> {
    if let Some(setup) = setup {
        setup.validate(bridge::check_method)?;
        reset(State(Arc::clone(&state))).await;
        state.write(|gopay| {
            gopay.set_up(setup)?;
            gopay.recording.setup = Some(gopay.settings());
            Ok::<_, ControlError>(())
        })?;
    }
    let steps = play(&state, steps).await?;
    Ok(Json(Recording { setup: None, steps }))
}

/// Records a call that has succeeded. `root` is before the path.
pub(crate) async fn record(
    State((state, root)): State<(Arc<AppState>, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let path = format!("{root}{}", parts.uri.path());
    let is_act = matches!(parts.method, Method::POST | Method::PUT);
    if !is_act || NOT_RECORDED.contains(&path.as_str()) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let Ok(body) = to_bytes(body, MAX_REQUEST_BYTES).await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, BODY_NOT_READ);
    };
    // Before it has an effect: a payment may take another id from then on.
    let step = state.read(|gopay| {
        let body = json_of(&body).unwrap_or_default();
        Step::new(&gopay.payments, &parts.method, &path, body)
    });
    let request = Request::from_parts(parts, Body::from(body));
    let response = next.run(request).await;
    if response.status().is_success() {
        state.write(|gopay| gopay.recording.steps.push(step));
    }
    response
}

/// Plays the steps, up to one that waits for a payment. Returns the rest. The merchant has answered the notifications of
/// a step before the next one.
async fn play(state: &Arc<AppState>, mut steps: Vec<Step>) -> Result<Vec<Step>, StepError> {
    let router = router(state);
    for index in 0..steps.len() {
        let step = &steps[index];
        let Some(request) = state.read(|gopay| step.request(&gopay.payments))? else {
            return Ok(steps.split_off(index));
        };
        let Ok(response) = router.clone().oneshot(request).await;
        let status = response.status();
        if !status.is_success() {
            let body = to_bytes(response.into_body(), MAX_REQUEST_BYTES).await;
            let body: Value = serde_json::from_slice(&body.unwrap_or_default()).unwrap_or_default();
            return Err(StepError::Refused {
                number: index + 1,
                call: step.call.clone(),
                status,
                error: body["error"].as_str().unwrap_or("no such call").to_owned(),
            });
        }
        state.notifications_settled().await;
    }
    Ok(Vec::new())
}

/// What can be recorded.
fn router(state: &Arc<AppState>) -> Router {
    Router::new()
        .nest("/control", control::router())
        .nest("/bridge", bridge::router())
        .nest("/web", web_payment::router(Host::Production))
        .nest(
            &format!("{SANDBOX}/web"),
            web_payment::router(Host::Sandbox),
        )
        .layer(from_fn_with_state((Arc::clone(state), ""), record))
        .with_state(Arc::clone(state))
}
