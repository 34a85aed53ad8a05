//! Sends notifications when they are due, by the simulator's clock.
//!
//! Unverified: that each try is signed anew, with its own time and external id; a signature
//! over the first try's time would be hours old at the last one.

use crate::{
    ledger::{Answer, Event, Nature},
    notification::{self, Message},
    outbox::{Delivery, Due},
    shared::Shared,
};
use std::{sync::Arc, time::Duration};

/// How long GoPay waits for an answer `[best-practices-to-handle-notification]`.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(15);

/// How much of an answer is looked at.
const ANSWER_BYTES: usize = 16 * 1024;

/// What the merchant answered, in full.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Answered { http_status: u16, body: String },
    None(String),
}

impl Reply {
    pub(crate) fn in_short(&self) -> Answer {
        match self {
            Self::Answered { http_status, .. } => Answer::HttpStatus(*http_status),
            Self::None(why) => Answer::None(why.clone()),
        }
    }
}

/// The client that notifications are sent with: what the merchant answers counts, not where
/// it points to.
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
}

/// Never ends.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut pulse = shared.pulse();
    loop {
        pulse.mark_unchanged();
        for delivery in take_due(&shared) {
            tokio::spawn(deliver(Arc::clone(&shared), delivery));
        }
        let next = shared.read(|world| Some(world.next_moment()?.duration_since(world.now())));
        let wait = next.map(|next| Duration::try_from(next).unwrap_or_default());
        let woken = match wait {
            Some(wait) => tokio::time::timeout(wait, pulse.changed()).await,
            None => Ok(pulse.changed().await),
        };
        if matches!(woken, Ok(Err(_))) {
            return;
        }
    }
}

fn take_due(shared: &Shared) -> Vec<Delivery> {
    let nothing = shared.read(|world| {
        let due = world.outbox.next_due(world.mode);
        due.is_none_or(|at| at > world.now())
    });
    if nothing {
        return Vec::new();
    }
    shared.write(|world| {
        let Due { send, withheld } = world.outbox.take_due(world.now(), world.mode);
        for delivery in withheld {
            world.record(Event::NotificationWithheld {
                reference_no: delivery.reference_no,
                attempt: delivery.attempt,
                latest_transaction_status: delivery.status.into(),
            });
        }
        send
    })
}

async fn deliver(shared: Arc<Shared>, delivery: Delivery) {
    let message = shared.read(|world| {
        let payment = world.payments.get(&delivery.reference_no)?;
        let body = notification::body(payment, &delivery.status, world.refunds.history).to_string();
        let (timestamp, signature) =
            notification::sign(&shared.keys.gopay, &body, world.now()).ok()?;
        let notify = &world.merchant.notify;
        let message = notification::message(notify, body, &timestamp, Some(&signature));
        Some((world.now(), message))
    });
    let Some((sent_at, message)) = message else {
        shared.write(|world| world.outbox.answered(delivery.number, false));
        return;
    };
    let reply = post(&shared.http, message).await;
    let accepted = matches!(
        reply,
        Reply::Answered {
            http_status: 200,
            ..
        }
    );
    shared.write(|world| {
        if world.payments.get(&delivery.reference_no).is_some() {
            world.ledger.record(
                sent_at,
                Event::NotificationTried {
                    reference_no: delivery.reference_no,
                    attempt: delivery.attempt,
                    latest_transaction_status: delivery.status.into(),
                    nature: Nature::Genuine,
                    answer: reply.in_short(),
                },
            );
        }
        world.outbox.answered(delivery.number, accepted);
    });
}

/// Sends a request and reads as much of the answer as is of interest.
pub(crate) async fn post(http: &reqwest::Client, message: Message) -> Reply {
    let request = http
        .post(message.url)
        .headers(message.headers)
        .body(message.body);
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Reply::None(why(&error).to_owned()),
    };
    let http_status = response.status().as_u16();
    let mut body = Vec::new();
    while body.len() < ANSWER_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(ANSWER_BYTES);
    Reply::Answered {
        http_status,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

fn why(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer within 15 seconds"
    } else if error.is_connect() {
        "nobody listens at the notification address"
    } else {
        "the connection broke"
    }
}
