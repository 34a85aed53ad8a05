//! Applies the fault plan and the chosen scenario to the APIs.

mod error_response;
mod tamper;

use super::{caller, signed_request::fields_of};
use crate::{
    app_state::AppState,
    caller::Caller,
    connection::AbortHandle,
    faults::{Endpoint, Fault, FaultKind},
    gopay_state::GoPayState,
    host::Host,
    ledger::Event,
    scenario::Scenario,
    target::Subject,
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{
        HeaderMap, StatusCode,
        header::{AUTHORIZATION, LOCATION},
        request::Parts,
    },
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use futures_util::stream;
use gopay_protocol::{Amount, header};
use serde_json::Value;
use std::{convert::Infallible, sync::Arc, time::Duration};
use url::Url;

const SLOW_DELAY: Duration = Duration::from_secs(3);

/// The pause between two bytes of `drip`.
const DRIP_INTERVAL: Duration = Duration::from_secs(1);

/// The target of `redirect` without `to`.
const DEFAULT_REDIRECT: &str = "https://gopay.example/";

const CAPTIVE_PORTAL_PAGE: &str =
    "<!doctype html><title>Wi-Fi</title><p>Please sign in to the network.</p>";

pub(crate) async fn inject(
    State(state): State<Arc<AppState>>,
    ConnectInfo(connection): ConnectInfo<AbortHandle>,
    request: Request,
    next: Next,
) -> Response {
    let Some(endpoint) = Endpoint::at(request.uri().path()) else {
        return next.run(request).await;
    };
    let host = request.extensions().get::<Host>().copied();
    let host = host.unwrap_or(Host::Production);
    let (parts, body) = request.into_parts();
    // `inspector::record` has read it before.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let fault = take_fault(&state, endpoint, host, &parts, &body);
    let request = Request::from_parts(parts, Body::from(body));
    match fault {
        Some(fault) => apply_fault(&state, &connection, host, &fault, request, next).await,
        None => apply_scenario(&state, endpoint, request, next).await,
    }
}

/// Takes the fault that a request meets out of the plan, and records it.
fn take_fault(
    state: &AppState,
    endpoint: Endpoint,
    host: Host,
    parts: &Parts,
    body: &[u8],
) -> Option<Fault> {
    if !state.read(|gopay| gopay.faults.has_fault_on(endpoint)) {
        return None;
    }
    let id = [header::EXTERNAL_ID, header::REQUEST_ID]
        .into_iter()
        .find_map(|name| parts.headers.get(name)?.to_str().ok().map(str::to_owned));
    state.write(|gopay| {
        let caller = caller::of_request(gopay, &state.exchanged(), host, &parts.headers);
        let subject = subject(gopay, caller, parts, body);
        let fault = gopay.faults.take(endpoint, &subject)?;
        gopay.record(Event::FaultMet {
            on: endpoint,
            fault: fault.kind,
            id,
        });
        Some(fault)
    })
}

/// What a request is about.
fn subject(gopay: &GoPayState, caller: Caller, parts: &Parts, body: &[u8]) -> Subject {
    let body = fields_of(parts.method.as_str(), &parts.uri, body).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let payments = &gopay.payments;
    // `/v2/{id}/status`, and the like.
    let in_path = parts.uri.path().split('/').nth(2).unwrap_or_default();
    let of_payment = text(&body["originalReferenceNo"])
        .and_then(|it| payments.get(&it))
        .or_else(|| payments.by_external_id(caller, body["originalExternalId"].as_str()?))
        .or_else(|| payments.snap_transaction(caller, in_path))
        .or_else(|| payments.by_token(caller.host, parts.uri.path().split('/').nth(4)?));
    if let Some(payment) = of_payment {
        return Subject::from(payment);
    }
    let bearer = parts.headers.get(AUTHORIZATION);
    let bearer = bearer.and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
    let user = bearer.and_then(|token| gopay.auth_tokens.user(token));
    let of_option: Option<Amount> =
        serde_json::from_value(body["payOptionDetails"][0]["transAmount"].clone()).ok();
    let details = &body["transaction_details"];
    // Some libraries write numbers as texts, and the other way round.
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let any_text = |value: &Value| text(value).or_else(|| Some(value.as_u64()?.to_string()));
    Subject {
        order: text(&body["partnerReferenceNo"]).or_else(|| any_text(&details["order_id"])),
        amount: of_option
            .and_then(|amount| amount.rupiah().ok())
            .or_else(|| number(&details["gross_amount"])),
        buyer: user.map(|user| user.buyer.clone()),
    }
}

async fn apply_fault(
    state: &AppState,
    connection: &AbortHandle,
    host: Host,
    fault: &Fault,
    request: Request,
    next: Next,
) -> Response {
    if fault.kind == FaultKind::RepeatRefused
        && is_repeated(state, host, fault.on, request.headers())
    {
        return state.read(|gopay| error_response::for_fault(fault, &gopay.ids));
    }
    let response = if fault.carries_out() {
        next.run(request).await
    } else {
        StatusCode::NO_CONTENT.into_response()
    };
    if fault.kind.response_code().is_some() {
        return state.read(|gopay| error_response::for_fault(fault, &gopay.ids));
    }
    match fault.kind {
        FaultKind::ResetBefore | FaultKind::AnswerLost => {
            connection.abort();
            response
        }
        FaultKind::Hold => {
            state.released().await;
            response
        }
        FaultKind::Slow => {
            tokio::time::sleep(SLOW_DELAY).await;
            response
        }
        FaultKind::Html => Html(CAPTIVE_PORTAL_PAGE).into_response(),
        FaultKind::Redirect => {
            let to = fault.to.as_ref().map_or(DEFAULT_REDIRECT, Url::as_str);
            (StatusCode::FOUND, [(LOCATION, to)]).into_response()
        }
        FaultKind::Endless => endless(),
        FaultKind::Drip => drip(tamper::body_of(response).await),
        _ => tamper::tamper(state, fault, response).await,
    }
}

/// Whether a request with this `X-EXTERNAL-ID` has succeeded before.
fn is_repeated(state: &AppState, host: Host, endpoint: Endpoint, headers: &HeaderMap) -> bool {
    let id = headers.get(header::EXTERNAL_ID);
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
    state.read(|gopay| {
        let caller = caller::of_request(gopay, &state.exchanged(), host, headers);
        let cache = gopay.idempotency.get(caller);
        cache.is_some_and(|cache| cache.contains(endpoint, id, gopay.now()))
    })
}

/// Endless white space, which may precede JSON.
fn endless() -> Response {
    let chunk = Bytes::from_static(&[b' '; 16 * 1024]);
    let chunks = stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone()));
    json(Body::from_stream(chunks))
}

fn drip(body: Bytes) -> Response {
    let bytes = stream::unfold(body, |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(DRIP_INTERVAL).await;
        let first = rest.split_to(1);
        Some((Ok::<_, Infallible>(first), rest))
    });
    json(Body::from_stream(bytes))
}

fn json(body: Body) -> Response {
    ([("content-type", "application/json")], body).into_response()
}

async fn apply_scenario(
    state: &AppState,
    endpoint: Endpoint,
    request: Request,
    next: Next,
) -> Response {
    match state.read(|gopay| gopay.scenario) {
        Scenario::GopayDown => error_response::unavailable(endpoint),
        Scenario::Garbage => Html(CAPTIVE_PORTAL_PAGE).into_response(),
        Scenario::Slow => {
            let response = next.run(request).await;
            tokio::time::sleep(SLOW_DELAY).await;
            response
        }
        Scenario::AnswerLost if matches!(endpoint, Endpoint::Payment | Endpoint::Snap) => {
            next.run(request).await;
            error_response::unavailable(endpoint)
        }
        Scenario::Default
        | Scenario::Outside
        | Scenario::SilentLaunch
        | Scenario::RefuseLogin
        | Scenario::Denied
        | Scenario::AnswerLost => next.run(request).await,
    }
}
