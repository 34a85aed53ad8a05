//! What the fault plan and the chosen scenario do to the APIs.

mod code;
mod spoilt;

use crate::{
    faults::{Call, Fault, Harm},
    ledger::Event,
    line::Cut,
    scenario::Scenario,
    shared::Shared,
};
use axum::{
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header::LOCATION},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use futures_util::stream;
use gopay_protocol::header;
use std::{convert::Infallible, sync::Arc, time::Duration};

/// How late `slow` answers.
const SLOW: Duration = Duration::from_secs(3);

/// The pause between two bytes of `drip`.
const DROP: Duration = Duration::from_secs(1);

/// Nobody's: where `redirect` leads when the plan does not say.
const ELSEWHERE: &str = "https://gopay.example/";

/// What a captive portal says to everything.
const PORTAL: &str = "<!doctype html><title>Wi-Fi</title><p>Please sign in to the network.</p>";

/// Stands between a request and its answer.
pub(crate) async fn inject(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Cut>,
    request: Request,
    next: Next,
) -> Response {
    let Some(call) = Call::of(request.uri().path()) else {
        return next.run(request).await;
    };
    match take(&shared, call, request.headers()) {
        Some(fault) => suffer(&shared, &line, &fault, request, next).await,
        None => play(&shared, call, request, next).await,
    }
}

/// The fault that a request meets, if any; it is in the ledger then.
fn take(shared: &Shared, call: Call, headers: &HeaderMap) -> Option<Fault> {
    if !shared.read(|world| world.faults.awaits(call)) {
        return None;
    }
    let id = [header::EXTERNAL_ID, header::REQUEST_ID]
        .into_iter()
        .find_map(|name| headers.get(name)?.to_str().ok().map(str::to_owned));
    shared.write(|world| {
        let fault = world.faults.take(call)?;
        world.record(Event::FaultMet {
            on: call,
            r#do: fault.r#do,
            id,
        });
        Some(fault)
    })
}

async fn suffer(
    shared: &Shared,
    line: &Cut,
    fault: &Fault,
    request: Request,
    next: Next,
) -> Response {
    if fault.r#do == Harm::RepeatRefused && is_repeated(shared, fault.on, request.headers()) {
        return code::answer(fault);
    }
    let answer = if fault.is_done() {
        next.run(request).await
    } else {
        StatusCode::NO_CONTENT.into_response()
    };
    if fault.r#do.code().is_some() {
        return code::answer(fault);
    }
    match fault.r#do {
        Harm::ResetBefore | Harm::AnswerLost => {
            line.cut();
            answer
        }
        Harm::Hold => {
            shared.released().await;
            answer
        }
        Harm::Slow => {
            tokio::time::sleep(SLOW).await;
            answer
        }
        Harm::Html => Html(PORTAL).into_response(),
        Harm::Redirect => {
            let to = fault.to.as_ref().map_or(ELSEWHERE, |to| to.as_str());
            (StatusCode::FOUND, [(LOCATION, to)]).into_response()
        }
        Harm::Endless => endless(),
        Harm::Drip => drip(spoilt::bytes(answer).await),
        _ => spoilt::answer(shared, fault, answer).await,
    }
}

/// Whether the request's `X-EXTERNAL-ID` was answered with success before.
fn is_repeated(shared: &Shared, call: Call, headers: &HeaderMap) -> bool {
    let id = headers.get(header::EXTERNAL_ID);
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
    shared.read(|world| {
        let service = call.service();
        service.is_some_and(|service| world.answers.knows(service, id, world.now()))
    })
}

/// White space, which JSON may begin with, without end.
fn endless() -> Response {
    let chunk = Bytes::from_static(&[b' '; 16 * 1024]);
    let chunks = stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone()));
    json(Body::from_stream(chunks))
}

fn drip(answer: Bytes) -> Response {
    let drops = stream::unfold(answer, |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(DROP).await;
        let first = rest.split_to(1);
        Some((Ok::<_, Infallible>(first), rest))
    });
    json(Body::from_stream(drops))
}

fn json(body: Body) -> Response {
    ([("content-type", "application/json")], body).into_response()
}

/// What the scenario makes of it.
async fn play(shared: &Shared, call: Call, request: Request, next: Next) -> Response {
    match shared.read(|world| world.scenario) {
        Scenario::GopayDown => code::down(call),
        Scenario::Garbage => Html(PORTAL).into_response(),
        Scenario::Slow => {
            let response = next.run(request).await;
            tokio::time::sleep(SLOW).await;
            response
        }
        Scenario::AnswerLost if call == Call::Payment => {
            next.run(request).await;
            code::down(call)
        }
        Scenario::Default
        | Scenario::Outside
        | Scenario::SilentLaunch
        | Scenario::RefuseLogin
        | Scenario::Denied
        | Scenario::AnswerLost => next.run(request).await,
    }
}
