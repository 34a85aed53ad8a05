//! Sends notifications when they are due, by the simulator's clock.
//!
//! Unverified: that each delivery is signed anew, with its own time and external id. A signature
//! over the first delivery's time would be hours old at the last one.

use crate::{
    app_state::AppState,
    exchanges::{Answer, KeptBody, Line, Sent, fields},
    inspector::Begun,
    ledger::{Event, Nature},
    notification::{self, Message},
    outbox::{Delivery, DueDeliveries},
    payments::DeliveryOutcome,
};
use reqwest::{Certificate, Method};
use std::{error::Error, io, iter::successors, sync::Arc, time::Duration};

/// How long GoPay waits for an answer `[best-practices-to-handle-notification]`.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(15);

/// Why there is no answer from a server that was reached.
pub(crate) const CONNECTION_BROKE: &str = "the connection broke";

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

/// The client that sends notifications; it follows no redirect. It trusts these certificates, too.
pub(crate) fn client(trusted: Vec<Certificate>) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .timeout(DELIVERY_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tls_certs_merge(trusted)
        .build()
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
    let (_, answer) = post(&state, message).await;
    let accepted = matches!(answer.outcome(), DeliveryOutcome::HttpStatus(200));
    state.write(|gopay| {
        if gopay.payments.get(&delivery.reference_no).is_some() {
            gopay.record_at(
                sent_at,
                &Event::NotificationTried {
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

/// Sends a request and reads the first [`MAX_ANSWER_BYTES`] of the answer. Returns the number of the exchange, too.
pub(crate) async fn post(state: &Arc<AppState>, message: Message) -> (u64, MerchantAnswer) {
    let sent = Sent {
        line: Line::Notification,
        host: None,
        method: Method::POST.to_string(),
        url: message.url.to_string(),
        headers: fields(&message.headers),
        body: KeptBody::of(message.body.as_bytes()),
    };
    let mut exchange = Begun::new(state, sent);
    let number = exchange.number();
    let request = state
        .http()
        .post(message.url)
        .headers(message.headers)
        .body(message.body);
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => {
            let why = why(&error);
            exchange.fail(why);
            return (number, MerchantAnswer::None(why.to_owned()));
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
        body: KeptBody::of(&body),
        rule: None,
    };
    exchange.end(answer);
    let answer = MerchantAnswer::Answered {
        http_status,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    (number, answer)
}

fn why(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer within 15 seconds"
    } else if matches!(tls_error(error), Some(rustls::Error::InvalidCertificate(_))) {
        "its certificate is not trusted: start the simulator with --notify-ca and the certificate that signed it"
    } else if error.is_connect() {
        "no server listens at the notification address"
    } else {
        CONNECTION_BROKE
    }
}

/// The error of TLS in it.
pub(crate) fn tls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The error and its causes, the innermost last. `source` of an I/O error skips the error in it.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| {
        match error.downcast_ref::<io::Error>().map(io::Error::get_ref) {
            Some(Some(inner)) => Some(inner),
            _ => error.source(),
        }
    })
}
