//! The merchant's own systems: they verify what they hear, and act on each fulfilment once.

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::any};
use gopay_protocol::Secret;
use merchant::adapters::webhook::{SigningSecret, WebhookClient};
use merchant::domain::fulfilment::FulfilmentId;
use reqwest::{StatusCode, Url};
use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex},
};
use test_kit::{WAIT_TIMEOUT, WEBHOOK_SECRET, serve, within};
use tokio::sync::{Semaphore, mpsc};

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) id: FulfilmentId,
    pub(crate) timestamp: i64,
    pub(crate) body: String,
}

pub(crate) struct Receiver {
    url: Url,
    /// Everything, as it comes.
    pub(crate) heard: mpsc::UnboundedReceiver<Heard>,
    ears: Arc<Ears>,
}

struct Ears {
    answers: Mutex<VecDeque<StatusCode>>,
    acted_on: Mutex<HashSet<String>>,
    /// Whoever hears something waits for one of these before answering, while it is on hold.
    gate: Semaphore,
    held: Mutex<u32>,
    heard: mpsc::UnboundedSender<Heard>,
}

impl Receiver {
    pub(crate) async fn new() -> Self {
        let (sender, heard) = mpsc::unbounded_channel();
        let ears = Arc::new(Ears {
            answers: Mutex::default(),
            acted_on: Mutex::default(),
            gate: Semaphore::new(0),
            held: Mutex::default(),
            heard: sender,
        });
        let app = Router::new()
            .fallback(any(hear))
            .with_state(Arc::clone(&ears));
        let url = format!("http://{}/paid", serve(app).await.0);
        Self {
            url: url.parse().unwrap(),
            heard,
            ears,
        }
    }

    pub(crate) async fn next(&mut self) -> Heard {
        let next = within(WAIT_TIMEOUT, "a webhook", self.heard.recv());
        next.await.unwrap()
    }

    /// A line to it.
    pub(crate) fn client(&self) -> WebhookClient {
        line_to(self.url.clone())
    }

    /// Answers so, one after the other, then with 200.
    pub(crate) fn answers(&self, answers: impl IntoIterator<Item = u16>) {
        let answers = answers
            .into_iter()
            .map(|code| StatusCode::from_u16(code).unwrap());
        self.ears.answers.lock().unwrap().extend(answers);
    }

    /// The next `number` it hears wait for [`let_go`](Self::let_go) before they are answered.
    pub(crate) fn hold(&self, number: u32) {
        *self.ears.held.lock().unwrap() = number;
    }

    pub(crate) fn let_go(&self) {
        self.ears.gate.add_permits(1);
    }

    /// On how many different fulfilments it acted.
    pub(crate) fn effects(&self) -> usize {
        self.ears.acted_on.lock().unwrap().len()
    }
}

/// A line to whoever is there.
pub(crate) fn line_to(url: Url) -> WebhookClient {
    WebhookClient::new(url, key().into(), None).unwrap()
}

fn key() -> SigningSecret {
    SigningSecret::parse(&Secret::new(WEBHOOK_SECRET)).unwrap()
}

async fn hear(
    State(ears): State<Arc<Ears>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1]) {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let heard = Heard {
        id: header("webhook-id").into(),
        timestamp: header("webhook-timestamp").parse().unwrap(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let signature = key().sign(heard.id.as_str(), heard.timestamp, &heard.body);
    assert_eq!(header("webhook-signature"), signature);
    assert_eq!(header("content-type"), "application/json");
    // Acts before it answers: an answer may be lost, what was done is done.
    ears.acted_on.lock().unwrap().insert(heard.id.to_string());
    let answer = ears.answers.lock().unwrap().pop_front();
    ears.heard.send(heard).unwrap();
    let waits = {
        let mut held = ears.held.lock().unwrap();
        let waits = *held > 0;
        *held = held.saturating_sub(1);
        waits
    };
    if waits {
        ears.gate.acquire().await.unwrap().forget();
    }
    (
        answer.unwrap_or(StatusCode::OK),
        [("location", "/elsewhere")],
    )
}
