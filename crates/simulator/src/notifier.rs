//! Sends notifications when they are due, by the simulator's clock.
//!
//! Unverified: that each delivery is signed anew, with its own time and external id. A signature
//! over the first delivery's time would be hours old at the last one.

use crate::{
    app_state::AppState,
    exchanges::{Answer, Line, Sent, fields},
    ledger::{DeliveryOutcome, Event, Nature},
    notification::{self, Message},
    outbox::{Delivery, DueDeliveries},
};
use reqwest::{Certificate, Method};
use std::{error::Error, sync::Arc, time::Duration};

/// How long GoPay waits for an answer `[best-practices-to-handle-notification]`.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(15);

const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// The merchant's answer to a notification, or why there is none.
#[derive(Debug, Clone)]
pub(crate) enum MerchantAnswer {
    Answered { http_status: u16, body: String },
    None(String),
}

impl MerchantAnswer {
    pub(crate) fn outcome(&self) -> DeliveryOutcome {
        match self {
            Self::Answered { http_status, .. } => DeliveryOutcome::HttpStatus(*http_status),
            Self::None(why) => DeliveryOutcome::None(why.clone()),
        }
    }
}

/// The client that sends notifications; it follows no redirect. `ca` is trusted, too.
pub(crate) fn client(ca: Option<Certificate>) -> Result<reqwest::Client, reqwest::Error> {
    let client = reqwest::Client::builder()
        .timeout(DELIVERY_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    match ca {
        Some(ca) => client.tls_certs_merge([ca]).build(),
        None => client.build(),
    }
}

/// Sends due notifications until the process ends.
pub(crate) async fn run(state: Arc<AppState>) {
    let mut counter = state.subscribe();
    loop {
        counter.mark_unchanged();
        for delivery in take_due(&state) {
            tokio::spawn(deliver(Arc::clone(&state), delivery));
        }
        let next = state.read(|gopay| Some(gopay.next_event_at()?.duration_since(gopay.now())));
        let wait = next.map(|next| Duration::try_from(next).unwrap_or_default());
        let changed = match wait {
            Some(wait) => tokio::time::timeout(wait, counter.changed()).await,
            None => Ok(counter.changed().await),
        };
        if matches!(changed, Ok(Err(_))) {
            return;
        }
    }
}

fn take_due(state: &AppState) -> Vec<Delivery> {
    let is_due = state.read(|gopay| {
        let due = gopay.outbox.next_due(gopay.notification_mode);
        due.is_some_and(|at| at <= gopay.now())
    });
    if !is_due {
        return Vec::new();
    }
    state.write(|gopay| {
        let (now, mode) = (gopay.now(), gopay.notification_mode);
        let DueDeliveries { send, withheld } = gopay.outbox.take_due(now, mode);
        for delivery in withheld {
            gopay.record(Event::NotificationWithheld {
                reference_no: delivery.reference_no,
                attempt: delivery.attempt,
                latest_transaction_status: delivery.status.into(),
            });
        }
        send
    })
}

async fn deliver(state: Arc<AppState>, delivery: Delivery) {
    let message = state.read(|gopay| {
        let payment = gopay.payments.get(&delivery.reference_no)?;
        let message = notification::genuine(&state, gopay, payment, &delivery.status).ok()?;
        Some((gopay.now(), message))
    });
    let Some((sent_at, message)) = message else {
        state.write(|gopay| gopay.outbox.record_answer(delivery.number, false));
        return;
    };
    let answer = post(&state, message).await;
    let accepted = matches!(answer.outcome(), DeliveryOutcome::HttpStatus(200));
    state.write(|gopay| {
        if gopay.payments.get(&delivery.reference_no).is_some() {
            gopay.ledger.record(
                sent_at,
                Event::NotificationTried {
                    reference_no: delivery.reference_no,
                    attempt: delivery.attempt,
                    latest_transaction_status: delivery.status.into(),
                    nature: Nature::Genuine,
                    answer: answer.outcome(),
                },
            );
        }
        gopay.outbox.record_answer(delivery.number, accepted);
    });
}

/// Sends a request and reads the first [`MAX_ANSWER_BYTES`] of the answer.
pub(crate) async fn post(state: &AppState, message: Message) -> MerchantAnswer {
    let sent = Sent {
        line: Line::Notification,
        host: None,
        method: Method::POST.to_string(),
        url: message.url.to_string(),
        headers: fields(&message.headers),
        body: message.body.clone().into_bytes(),
    };
    let number = state.exchanges.begin(state, sent);
    let request = state
        .http()
        .post(message.url)
        .headers(message.headers)
        .body(message.body);
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => {
            let why = why(&error);
            state.exchanges.fail(state, number, why);
            return MerchantAnswer::None(why.to_owned());
        }
    };
    let http_status = response.status().as_u16();
    let headers = fields(response.headers());
    let mut body = Vec::new();
    while body.len() < MAX_ANSWER_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(MAX_ANSWER_BYTES);
    let answer = Answer {
        status: http_status,
        headers,
        body: body.clone(),
        rule: None,
    };
    state.exchanges.end(state, number, answer);
    MerchantAnswer::Answered {
        http_status,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

fn why(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer within 15 seconds"
    } else if is_untrusted(error) {
        "its certificate is not trusted: start the simulator with --notify-ca and the certificate that signed it"
    } else if error.is_connect() {
        "no server listens at the notification address"
    } else {
        "the connection broke"
    }
}

/// Whether there is a server, whose certificate no known authority has signed for its name.
fn is_untrusted(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.to_string().contains("certificate") {
            return true;
        }
        cause = error.source();
    }
    false
}
