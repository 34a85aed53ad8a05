//! What GoPay's side did in a run, to do it again: the buyers' acts, and the calls of the control API. What the merchant
//! sends is not in it: it sends it again. Its page does not run again: what a page opens is in it as the buyer's act.
//!
//! Invariant: no addresses, keys or secrets, so that a recording can be kept beside the tests.

use crate::{
    app_state::AppState,
    bridge, control,
    gopay_state::GoPayState,
    host::Host,
    input::{json_of, refuse},
    inspector::{BODY_NOT_READ, MAX_REQUEST_BYTES},
    payments::{Payment, Payments},
    setup::Setup,
    web_payment,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header::CONTENT_TYPE},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use std::{num::NonZeroUsize, sync::Arc};
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

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    /// With which settings the run began; none in the rest of a recording.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "without_defaults"
    )]
    pub(crate) setup: Option<Setup>,
    pub(crate) steps: Vec<Step>,
}

/// A call that had an effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// Method and path. In the place of a payment's id, `{1}` is the first payment of the run.
    call: String,
    /// How many payments there were: it waits for as many.
    #[serde(default)]
    payments: usize,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    body: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StepError {
    #[error("{0:?} is no call: write it as POST /control/payments/{{1}}/pay")]
    Call(String),
    #[error("step {number}, {call}, ended with {status}: {error}")]
    Refused {
        /// From 1 on.
        number: usize,
        call: String,
        status: StatusCode,
        error: String,
    },
}

fn without_defaults<S: Serializer>(
    setup: &Option<Setup>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    fn prune(value: &mut Value, default: &Value) {
        if let (Value::Object(fields), Value::Object(defaults)) = (value, default) {
            fields.retain(|name, field| defaults.get(name) != Some(field));
            for (name, field) in fields {
                prune(field, &defaults[name]);
            }
        }
    }
    let mut value = serde_json::to_value(setup).map_err(serde::ser::Error::custom)?;
    let default = serde_json::to_value(Setup::default()).map_err(serde::ser::Error::custom)?;
    prune(&mut value, &default);
    value.serialize(serializer)
}

impl Step {
    fn new(gopay: &GoPayState, method: &Method, path: &str, mut body: Value) -> Self {
        let payments = &gopay.payments;
        let path = match parts(path) {
            Some((root, name, act)) => format!("{root}/{}/{act}", numbered(payments, name)),
            None => path.to_owned(),
        };
        if let Some(Value::String(name)) = body.get_mut("ref") {
            *name = numbered(payments, name);
        }
        // The key of Snap's page, which opens without one, too.
        if let Some(body) = body.as_object_mut() {
            body.remove("client_key");
        }
        if body == json!({}) {
            body = Value::Null;
        }
        Self {
            call: format!("{method} {path}"),
            payments: payments.all().len(),
            body,
        }
    }

    /// A page has opened the payment in GoPay.
    pub(crate) fn opened(gopay: &GoPayState, reference_no: &str, buyer: &str) -> Self {
        let path = format!("/control/payments/{reference_no}/open");
        let body = json!({"buyer": buyer});
        Self::new(gopay, &Method::POST, &path, body)
    }

    /// Its request in this run; `None` where it waits for a payment.
    fn request(&self, payments: &Payments) -> Result<Option<Request>, StepError> {
        let wrong = || StepError::Call(self.call.clone());
        let (method, path) = self.call.split_once(' ').ok_or_else(wrong)?;
        if payments.all().len() < self.payments {
            return Ok(None);
        }
        let (path, mut body) = (path.to_owned(), self.body.clone());
        let path = match parts(&path) {
            Some((root, name, act)) => match named(payments, root, name) {
                Some(name) => format!("{root}/{name}/{act}"),
                None => return Ok(None),
            },
            None => path,
        };
        if let Some(Value::String(name)) = body.get_mut("ref") {
            match named(payments, "", name) {
                Some(found) => *name = found,
                None => return Ok(None),
            }
        }
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        request.map(Some).map_err(|_| wrong())
    }
}

/// Of a path to a payment: what is before its id, the id, and what is behind.
fn parts(path: &str) -> Option<(&str, &str, &str)> {
    let (rest, act) = path.rsplit_once('/')?;
    let (root, name) = rest.rsplit_once('/')?;
    let is_of_payment = root.ends_with("/payments") || root.ends_with("/notifications");
    is_of_payment.then_some((root, name, act))
}

/// The number of a payment in the place of its id.
fn numbered(payments: &Payments, id: &str) -> String {
    let all = payments.all();
    let by_token = || {
        let is_it = |payment: &&Payment| payment.snap().is_some_and(|it| it.token == id);
        all.iter().find(is_it)
    };
    let payment = payments.find(id).ok().or_else(by_token);
    let index = payment.and_then(|found| {
        all.iter()
            .position(|it| it.reference_no == found.reference_no)
    });
    index.map_or_else(|| id.to_owned(), |index| format!("{{{}}}", index + 1))
}

/// The id of a payment by its number, or another name as it is. `None` where there is no such payment yet.
fn named(payments: &Payments, root: &str, name: &str) -> Option<String> {
    let number = name.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
    let Some(number) = number.and_then(|it| it.parse::<NonZeroUsize>().ok()) else {
        return Some(name.to_owned());
    };
    let payment = payments.all().get(number.get() - 1)?;
    let is_web = root.ends_with("/web/payments");
    let token = payment.snap().filter(|_| is_web).map(|it| &it.token);
    Some(token.unwrap_or(&payment.reference_no).clone())
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
        Step::new(gopay, &parts.method, &path, body)
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
pub(crate) async fn play(
    state: &Arc<AppState>,
    mut steps: Vec<Step>,
) -> Result<Vec<Step>, StepError> {
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
