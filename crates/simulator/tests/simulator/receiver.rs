//! A notification endpoint: stores each request and answers with a chosen status.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    routing::any,
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU16, Ordering},
};
use test_kit::serve;

#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    answer: Arc<AtomicU16>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    pub(crate) async fn answering(status: u16) -> Self {
        let mut receiver = Self {
            url: String::new(),
            answer: Arc::new(AtomicU16::new(status)),
            received: Arc::default(),
        };
        let app = Router::new()
            .fallback(any(take))
            .with_state(receiver.clone());
        receiver.url = format!("http://{}", serve(app).await.0);
        receiver
    }

    pub(crate) fn answer(&self, status: u16) {
        self.answer.store(status, Ordering::SeqCst);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn take(
    State(receiver): State<Receiver>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    receiver.received.lock().unwrap().push(Received {
        path: uri.path().to_owned(),
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    StatusCode::from_u16(receiver.answer.load(Ordering::SeqCst)).unwrap()
}
