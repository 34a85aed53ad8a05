//! The merchant's own systems: they verify what they hear, and act on each fulfilment once.

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use gopay_protocol::Secret;
use merchant::adapters::webhook::SigningSecret;
use std::{collections::BTreeSet, sync::Arc};
use test_kit::{WEBHOOK_SECRET, serve};
use tokio::{sync::watch, task::JoinHandle};

pub(crate) struct Receiver {
    pub(crate) url: String,
    /// The names of all they acted on.
    pub(crate) acted_on: watch::Receiver<BTreeSet<String>>,
    serving: JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn new() -> Self {
        let (act, acted_on) = watch::channel(BTreeSet::new());
        let app = Router::new()
            .route("/paid", post(hear))
            .with_state(Arc::new(act));
        let (address, serving) = serve(app).await;
        Self {
            url: format!("http://{address}/paid"),
            acted_on,
            serving,
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn hear(
    State(act): State<Arc<watch::Sender<BTreeSet<String>>>>,
    headers: HeaderMap,
    body: Bytes,
) {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let id = header("webhook-id");
    let timestamp = header("webhook-timestamp").parse().unwrap();
    let key = SigningSecret::parse(&Secret::new(WEBHOOK_SECRET)).unwrap();
    let signature = key.sign(&id, timestamp, std::str::from_utf8(&body).unwrap());
    assert_eq!(header("webhook-signature"), signature);
    act.send_modify(|acted_on| {
        acted_on.insert(id);
    });
}
