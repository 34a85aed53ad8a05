//! HTTP without an endless wait.

use crate::WAIT_TIMEOUT;
use axum::Router;
use reqwest::{Client, RequestBuilder, StatusCode, redirect::Policy};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::{net::TcpListener, task::JoinHandle};

/// A client that meets each answer as it is sent, and waits for none for ever.
///
/// # Panics
///
/// Without the certificates of this machine.
pub fn http_client() -> Client {
    let client = Client::builder().no_proxy().redirect(Policy::none());
    client.timeout(WAIT_TIMEOUT).build().unwrap()
}

/// The JSON of a request's answer; null where it is none.
///
/// # Panics
///
/// Where the status is not 200.
pub async fn answer_of(request: RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{}", answer.url());
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null)
}

/// Serves at a free port, until the runtime ends or the task is aborted.
///
/// # Panics
///
/// Without a free port.
pub async fn serve(app: Router) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (address, serving)
}
