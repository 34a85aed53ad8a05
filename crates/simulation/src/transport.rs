//! The merchant's transport to GoPay, with faults.

use crate::{
    checker::CoveragePoint,
    fault::Fault,
    gopay::{GoPay, Payment, REFUND, service_code},
    gopay_message::{Request, Response},
    gopay_mini_app::{is_of_mini_app, refusal},
    gopay_snap::{core, error as snap_error, is_of_snap},
    mutate,
    process_state::ProcessState,
    simulation::Simulation,
    time::{SECOND, sleep},
};
use gopay_protocol::message::{access_token, cancel, payment, rewards, snap, status};
use merchant::{
    domain::gopay_result::Error,
    ports::{RawResponse, Transport},
};
use reqwest::StatusCode;
use serde_json::Value;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

/// How long the merchant waits for a response.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause after a failed token request, in milliseconds.
const TOKEN_BACKOFF: u64 = SECOND;

/// The transport of one process of the merchant.
pub(crate) struct SimulatedTransport {
    sim: Arc<Simulation>,
    state: ProcessState,
    tokens: Mutex<TokenRequests>,
}

#[derive(Debug, Default)]
struct TokenRequests {
    in_flight: u32,
    failed_at: Option<u64>,
}

impl SimulatedTransport {
    pub(crate) fn new(sim: Arc<Simulation>, state: ProcessState) -> Self {
        Self {
            sim,
            state,
            tokens: Mutex::default(),
        }
    }

    fn tokens(&self) -> MutexGuard<'_, TokenRequests> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_token_request(&self) -> TokenRequest<'_> {
        let mut tokens = self.tokens();
        tokens.in_flight += 1;
        let now = self.sim.time.elapsed();
        let is_early = tokens.failed_at.is_some_and(|at| now < at + TOKEN_BACKOFF);
        if tokens.in_flight > 1 || is_early {
            let seen = format!("{tokens:?} at {now}");
            self.sim.checker().violation("I-31", seen);
        }
        TokenRequest(self)
    }
}

/// A token request in flight, until it is dropped.
struct TokenRequest<'a>(&'a SimulatedTransport);

impl TokenRequest<'_> {
    fn end(&self, succeeded: bool) {
        self.0.tokens().failed_at = (!succeeded).then(|| self.0.sim.time.elapsed());
    }
}

impl Drop for TokenRequest<'_> {
    fn drop(&mut self) {
        self.0.tokens().in_flight -= 1;
    }
}

impl fmt::Debug for SimulatedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimulatedTransport")
    }
}

impl Transport for SimulatedTransport {
    fn execute(
        &self,
        request: reqwest::Request,
    ) -> Pin<Box<dyn Future<Output = Result<RawResponse, Error>> + Send + '_>> {
        let request = parse(&request);
        Box::pin(async move {
            self.state.stop_if_crashed().await;
            let token = (request.path == access_token::PATH).then(|| self.start_token_request());
            self.check(&request);
            let _waiting = self.state.start_waiting();
            let response = timeout(RESPONSE_TIMEOUT, self.round_trip(request))
                .await
                .unwrap_or(Err(Error::Unknown("no answer")));
            self.state.stop_if_crashed().await;
            if let Some(token) = token {
                token.end(response.as_ref().is_ok_and(|it| it.status.is_success()));
            }
            response
        })
    }
}

impl SimulatedTransport {
    fn check(&self, request: &Request) {
        let sim = &self.sim;
        let external_id = request.external_id.as_str().into();
        let stored = (sim.tables().attempt(&external_id)).map(|it| it.request.clone());
        let customer = sim.tables().customer_of_attempt(&external_id);
        if let Some(customer) = customer {
            sim.checker().is_of_mini_app(request, &customer);
        }
        let (now, unattended) = (sim.time.elapsed(), sim.is_unattended());
        if is_of_mini_app(&request.path) {
            let is_stored =
                (sim.tables()).has_request(&request.request_id, &request.path, &request.body);
            return sim.checker().mini_app_sent(request, is_stored, now);
        }
        sim.checker().sent(request, stored, now, unattended);
    }

    async fn round_trip(&self, request: Request) -> Result<RawResponse, Error> {
        let sim = &self.sim;
        if sim.has_outage() || sim.should_inject(Fault::Unreachable, 4) {
            sleep(sim.between(1, 2 * SECOND)).await;
            return Err(Error::NotSent);
        }
        let late = sim.should_inject(Fault::Late, 3);
        let travel = |sim: &Simulation| match late {
            true => sim.between(SECOND, 60 * SECOND),
            false => sim.between(5, 400),
        };
        let there = travel(sim);
        let back = travel(sim);
        if sim.should_inject(Fault::RequestLost, 4) {
            sim.trace(|| format!("lost on the way to GoPay: {}", request.path));
            return std::future::pending().await;
        }
        let (send, response) = oneshot::channel();
        // Its own task: the request arrives even if the merchant crashes or stops waiting.
        tokio::spawn(arrive(Arc::clone(sim), request.clone(), there, send));
        let response = response.await.map_err(|_| Error::Unknown("no answer"))?;
        sleep(back).await;
        let is_refund = request.path == REFUND || request.path.ends_with("/refund/online/direct");
        let is_payment = request.path == payment::PATH || request.path == snap::PATH;
        let is_reward = request.path == rewards::PATH;
        let succeeded = matches!(response.status, 200 | 201);
        // Refunds are few, and losing their responses is the interesting case.
        if sim.should_inject(Fault::AnswerLost, if is_refund { 40 } else { 5 }) {
            sim.trace(|| format!("lost on the way back: {}", request.path));
            if is_refund && succeeded {
                sim.checker().refund_response_lost(&request.external_id);
            }
            if is_payment && succeeded {
                sim.checker().payment_response_lost(&request.external_id);
            }
            if is_reward && succeeded {
                sim.checker().reward_response_lost(&request.request_id);
            }
            return std::future::pending().await;
        }
        if is_reward && succeeded {
            sim.checker().reward_response_received(&request.request_id);
        }
        if is_payment && succeeded {
            sim.checker()
                .payment_response_received(&request.external_id);
        }
        Ok(RawResponse {
            status: StatusCode::from_u16(response.status).unwrap_or_default(),
            body: response.body.to_string().into_bytes(),
            ..RawResponse::default()
        })
    }
}

/// Delivers a request to GoPay, perhaps twice.
async fn arrive(
    sim: Arc<Simulation>,
    request: Request,
    after: u64,
    send: oneshot::Sender<Response>,
) {
    sleep(after).await;
    let _ = send.send(respond(&sim, &request));
    if sim.should_inject(Fault::Twice, 3) {
        sleep(sim.between(1, 20 * SECOND)).await;
        sim.trace(|| format!("delivered again: {}", request.path));
        sim.gopay(|gopay, now| match request.path.as_str() {
            path if is_of_mini_app(path) => gopay.mini_app.respond(&request, now),
            path if is_of_snap(path) => gopay.respond_snap(&request, now),
            _ => gopay.respond(&request, now, false),
        });
    }
}

fn respond(sim: &Arc<Simulation>, request: &Request) -> Response {
    if is_of_mini_app(&request.path) {
        return respond_of_mini_app(sim, request);
    }
    if is_of_snap(&request.path) {
        return respond_of_snap(sim, request);
    }
    let service = service_code(&request.path);
    if sim.should_inject(Fault::TokenSpent, 2) {
        sim.gopay(|gopay, _| gopay.revoke_tokens());
    }
    if sim.should_inject(Fault::Throttled, 2) {
        return Response::of(429, service, 0);
    }
    let moves_money = matches!(request.path.as_str(), payment::PATH | cancel::PATH | REFUND);
    if moves_money && sim.should_inject(Fault::Refusing, 4) {
        return Response::of(403, service, 14);
    }
    let failing = sim.should_inject(Fault::Failing, 3);
    let conflict = service != 73 && sim.should_inject(Fault::Conflict, 1);
    if (failing || conflict) && sim.percent(50) {
        return Response::of(if failing { 500 } else { 409 }, service, 0);
    }
    let refuses_repetition = sim.should_inject(Fault::RepeatRefused, 30);
    let (mut response, is_new_refund) = sim.gopay(|gopay, now| {
        let before = gopay.refund_count();
        let response = gopay.respond(request, now, refuses_repetition);
        (response, gopay.refund_count() > before)
    });
    // A repeated request meets a refund that may be reported as done already.
    if is_new_refund && sim.should_inject(Fault::RefundFails, 20) {
        let number = response.body["partnerRefundNo"].as_str().map(str::to_owned);
        sim.gopay(|gopay, _| gopay.fail_refund(&number.unwrap_or_default()));
    }
    if response.status == 401 && sim.gopay(|gopay, _| gopay.rejected_tokens()) > 1 {
        sim.checker().cover(CoveragePoint::TokenRace);
    }
    if request.path == status::PATH && sim.should_inject(Fault::LateBooks, 10) {
        let is_new = sim.gopay(|gopay, now| is_new(gopay.find(&request.body), now));
        if is_new {
            response = GoPay::not_found();
        }
    }
    let is_expired = response.body["latestTransactionStatus"] == "08";
    if is_expired && sim.should_inject(Fault::ExpiredRefused, 50) {
        response = Response::of(403, service, 0);
    }
    let has_requested_amount = sim.gopay(|gopay, _| {
        let payment = gopay.find(&request.body);
        payment.is_some_and(|it| it.amount == it.requested)
    });
    mutate::response(sim, &mut response.body, has_requested_amount);
    sim.trace(|| format!("GoPay answers {} to {}", response.status, request.path));
    match (failing, conflict) {
        (true, _) => Response::of(504, service, 0),
        (_, true) => Response::of(409, service, 1),
        _ => response,
    }
}

fn respond_of_snap(sim: &Arc<Simulation>, request: &Request) -> Response {
    let is_status = request.path.ends_with("/status");
    if sim.should_inject(Fault::Throttled, 2) {
        return snap_error(429, "too many requests");
    }
    if !is_status && sim.should_inject(Fault::Refusing, 4) {
        return match request.path.starts_with("/snap/") {
            true => snap_error(400, "refused"),
            false => core("412"),
        };
    }
    let failing = sim.should_inject(Fault::Failing, 3);
    if failing && sim.percent(50) {
        return core_failure();
    }
    if is_status && sim.should_inject(Fault::LateBooks, 5) {
        let is_new = sim.gopay(|gopay, now| is_new(gopay.inquired_transaction(&request.path), now));
        if is_new {
            return core("404");
        }
    }
    let response = sim.gopay(|gopay, now| gopay.respond_snap(request, now));
    sim.trace(|| format!("GoPay answers {} to {}", response.status, request.path));
    match failing {
        true => core_failure(),
        false => response,
    }
}

/// Whether GoPay's books may not have it yet.
fn is_new(payment: Option<&mut Payment>, now: i64) -> bool {
    let known_since = payment.and_then(|payment| payment.known_since);
    known_since.is_some_and(|since| now - since < 30_000)
}

fn core_failure() -> Response {
    Response {
        status: 500,
        ..core("500")
    }
}

fn respond_of_mini_app(sim: &Arc<Simulation>, request: &Request) -> Response {
    if sim.should_inject(Fault::AuthTokenSpent, 4) {
        sim.gopay(|gopay, _| gopay.mini_app.revoke(&request.token));
    }
    if sim.should_inject(Fault::Throttled, 2) {
        return refusal(429, "900");
    }
    if request.path == rewards::PATH && sim.should_inject(Fault::RewardRefused, 4) {
        return refusal(403, "4060");
    }
    let failing = sim.should_inject(Fault::Failing, 5);
    if failing && sim.percent(50) {
        return refusal(500, "900");
    }
    let response = sim.gopay(|gopay, now| gopay.mini_app.respond(request, now));
    if response.status == 200 {
        sim.checker().mini_app_done(request, sim.time.elapsed());
    }
    sim.trace(|| format!("GoPay answers {} to {}", response.status, request.path));
    match failing {
        true => refusal(504, "900"),
        false => response,
    }
}

fn parse(request: &reqwest::Request) -> Request {
    let header = |name: &str| {
        let value = request.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let body = request
        .body()
        .and_then(reqwest::Body::as_bytes)
        .unwrap_or_default();
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let path = request.url().path().to_owned();
    // Snap's name for it.
    let external_id = match body["transaction_details"]["order_id"].as_str() {
        Some(order_id) => order_id.to_owned(),
        None => header("x-external-id"),
    };
    Request {
        path,
        token: header("authorization")
            .trim_start_matches("Bearer ")
            .to_owned(),
        external_id,
        request_id: header("request-id"),
        body,
    }
}
