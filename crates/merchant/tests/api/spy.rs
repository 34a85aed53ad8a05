//! Somebody on the line between merchant and GoPay, who hands everything on and keeps a copy.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::{IntoResponse, Response},
};
use reqwest::{Client, Url};
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use test_kit::{http_client, serve};

/// A request of the merchant's, and what GoPay answered.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) answer: Value,
}

#[derive(Debug, Clone)]
pub(crate) struct Spy {
    http: Client,
    gopay: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Spy {
    /// Before this GoPay; at the address that comes with it.
    pub(crate) async fn before(gopay: SocketAddr) -> (Self, Url) {
        let spy = Self {
            http: http_client(),
            gopay,
            heard: Arc::default(),
        };
        let router = Router::new().fallback(hand_on).with_state(spy.clone());
        let here = format!("http://{}", serve(router).await.0);
        (spy, Url::parse(&here).unwrap())
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// What was in this header, in any request.
    pub(crate) fn headers(&self, name: &str) -> Vec<String> {
        (self.heard().iter())
            .filter_map(|heard| Some(heard.headers.get(name)?.to_str().unwrap().to_owned()))
            .collect()
    }
}

async fn hand_on(
    State(spy): State<Spy>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    headers.remove("host");
    let url = format!("http://{}{uri}", spy.gopay);
    let request = spy.http.request(method, url).headers(headers.clone());
    let answer = request.body(body.clone()).send().await.unwrap();
    let (status, kind) = (
        answer.status(),
        answer.headers().get("content-type").cloned(),
    );
    let text = answer.bytes().await.unwrap();
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
    spy.heard.lock().unwrap().push(Heard {
        uri: uri.to_string(),
        headers,
        body: json(&body),
        answer: json(&text),
    });
    let kind = kind.map(|kind| [("content-type", kind)]);
    match kind {
        Some(kind) => (status, kind, text).into_response(),
        None => (status, text).into_response(),
    }
}
