//! The way from the merchant to GoPay, and what happens on it.

use crate::{
    gopay::{GoPay, REFUND, Reply, Request, service},
    harm::Harm,
    odd,
    process::Life,
    time::{SECOND, pass},
    watch::Rare,
    world::World,
};
use gopay_protocol::message::{access_token, cancel, payment, status};
use merchant::{
    domain::gopay::Error,
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

/// The merchant waits no longer for an answer.
const PATIENCE: u64 = 10 * SECOND;

/// Of one process of the merchant.
pub(crate) struct Line {
    world: Arc<World>,
    life: Life,
    tokens: Mutex<Tokens>,
}

/// How this process asks for access tokens.
#[derive(Debug, Default)]
struct Tokens {
    flying: u32,
    /// When the last request failed.
    failed: Option<u64>,
}

/// After a token was refused or did not come, nobody asks again for so long.
const REST: u64 = SECOND;

impl Line {
    pub(crate) fn new(world: Arc<World>, life: Life) -> Self {
        Self {
            world,
            life,
            tokens: Mutex::default(),
        }
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asks_for_token(&self) -> Flying<'_> {
        let mut tokens = self.tokens();
        tokens.flying += 1;
        let rests = tokens
            .failed
            .is_some_and(|at| self.world.time.elapsed() < at + REST);
        if tokens.flying > 1 || rests {
            let seen = format!("{tokens:?} at {}", self.world.time.elapsed());
            self.world.watch().violated("I-31", seen);
        }
        Flying(self)
    }
}

/// A request for a token that somebody waits for.
struct Flying<'a>(&'a Line);

impl Flying<'_> {
    fn answered(&self, came: bool) {
        self.0.tokens().failed = (!came).then(|| self.0.world.time.elapsed());
    }
}

impl Drop for Flying<'_> {
    fn drop(&mut self) {
        self.0.tokens().flying -= 1;
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

impl Transport for Line {
    fn execute(
        &self,
        request: reqwest::Request,
    ) -> Pin<Box<dyn Future<Output = Result<RawResponse, Error>> + Send + '_>> {
        let request = read(&request);
        Box::pin(async move {
            self.life.goes_on().await;
            let token = (request.path == access_token::PATH).then(|| self.asks_for_token());
            self.world.watch().sent(&self.world, &request);
            let _waiting = self.life.waits();
            let answer = timeout(
                Duration::from_millis(PATIENCE),
                self.there_and_back(request),
            )
            .await
            .unwrap_or(Err(Error::Unknown("no answer")));
            self.life.goes_on().await;
            if let Some(token) = token {
                token.answered(
                    answer
                        .as_ref()
                        .is_ok_and(|answer| answer.status.is_success()),
                );
            }
            answer
        })
    }
}

impl Line {
    async fn there_and_back(&self, request: Request) -> Result<RawResponse, Error> {
        let world = &self.world;
        if world.gopay_is_gone() || world.strikes(Harm::Unreachable, 4) {
            pass(world.between(1, 2 * SECOND)).await;
            return Err(Error::NotSent);
        }
        let late = world.strikes(Harm::Late, 3);
        let travel = |world: &World| match late {
            true => world.between(SECOND, 60 * SECOND),
            false => world.between(5, 400),
        };
        let there = travel(world);
        let back = travel(world);
        if world.strikes(Harm::RequestLost, 4) {
            world.tell(|| format!("lost on the way to GoPay: {}", request.path));
            return std::future::pending().await;
        }
        let (send, reply) = oneshot::channel();
        // On its way whether the merchant lives and waits or not.
        tokio::spawn(arrive(Arc::clone(world), request.clone(), there, send));
        let reply = reply.await.map_err(|_| Error::Unknown("no answer"))?;
        pass(back).await;
        // There are few refunds, and losing their answers is what is worth seeing.
        let often = if request.path == REFUND { 40 } else { 5 };
        if world.strikes(Harm::AnswerLost, often) {
            if request.path == REFUND && reply.status == 200 {
                world.watch().refund_lost(&request.external_id);
            }
            world.tell(|| format!("lost on the way back: {}", request.path));
            if request.path == payment::PATH && reply.status == 200 {
                world.watch().answer_lost(&request.external_id);
            }
            return std::future::pending().await;
        }
        if request.path == payment::PATH && reply.status == 200 {
            world.watch().answer_came(&request.external_id);
        }
        Ok(RawResponse {
            status: StatusCode::from_u16(reply.status).unwrap_or_default(),
            body: reply.body.to_string().into_bytes(),
            ..RawResponse::default()
        })
    }
}

/// A request comes to GoPay, perhaps twice.
async fn arrive(world: Arc<World>, request: Request, after: u64, send: oneshot::Sender<Reply>) {
    pass(after).await;
    let reply = met(&world, &request);
    let _ = send.send(reply);
    if world.strikes(Harm::Twice, 3) {
        pass(world.between(1, 20 * SECOND)).await;
        world.tell(|| format!("delivered again: {}", request.path));
        world.gopay(|gopay, now| gopay.answer(&request, now, false));
    }
}

/// GoPay answers, or something in front of it does.
fn met(world: &Arc<World>, request: &Request) -> Reply {
    let service = service(&request.path);
    if world.strikes(Harm::TokenSpent, 2) {
        world.gopay(|gopay, _| gopay.forget_tokens());
    }
    if world.strikes(Harm::Throttled, 2) {
        return Reply::of(429, service, 0);
    }
    let moves_money = matches!(request.path.as_str(), payment::PATH | cancel::PATH | REFUND);
    if moves_money && world.strikes(Harm::Refusing, 4) {
        return Reply::of(403, service, 14);
    }
    let failing = world.strikes(Harm::Failing, 3);
    let conflict = service != 73 && world.strikes(Harm::Conflict, 1);
    if (failing || conflict) && world.percent(50) {
        return Reply::of(if failing { 500 } else { 409 }, service, 0);
    }
    let strict = world.strikes(Harm::RepeatRefused, 30);
    let mut reply = world.gopay(|gopay, now| gopay.answer(request, now, strict));
    if request.path == REFUND && reply.status == 200 && world.strikes(Harm::RefundFails, 20) {
        let number = reply.body["partnerRefundNo"].as_str().map(str::to_owned);
        world.gopay(|gopay, _| gopay.fail_refund(&number.unwrap_or_default()));
    }
    if reply.status == 401 && world.gopay(|gopay, _| gopay.turned_away()) > 1 {
        world.watch().saw(Rare::TokenRace);
    }
    if request.path == status::PATH && world.strikes(Harm::LateBooks, 10) {
        let young = world.gopay(|gopay, now| {
            let asked = gopay.find(&request.body);
            asked.is_some_and(|payment| now - payment.made_at < 30_000)
        });
        if young {
            reply = GoPay::not_found();
        }
    }
    let is_expired = reply.body["latestTransactionStatus"] == "08";
    if is_expired && world.strikes(Harm::ExpiredRefused, 50) {
        reply = Reply::of(403, service, 0);
    }
    let is_as_asked = world.gopay(|gopay, _| {
        let asked = gopay.find(&request.body);
        asked.is_some_and(|payment| payment.amount == payment.asked)
    });
    odd::answer(world, &mut reply.body, is_as_asked);
    world.tell(|| format!("GoPay answers {} to {}", reply.status, request.path));
    match (failing, conflict) {
        (true, _) => Reply::of(504, service, 0),
        (_, true) => Reply::of(409, service, 1),
        _ => reply,
    }
}

fn read(request: &reqwest::Request) -> Request {
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
    Request {
        path: request.url().path().to_owned(),
        token: header("authorization")
            .trim_start_matches("Bearer ")
            .to_owned(),
        external_id: header("x-external-id"),
        body: serde_json::from_slice(body).unwrap_or(Value::Null),
    }
}
