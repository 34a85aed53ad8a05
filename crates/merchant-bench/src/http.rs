//! Connections that stay open, each with one request at a time.

use crate::Error;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    body::Bytes,
    client::conn::http1::{self, SendRequest},
    header::{HeaderMap, HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;
use std::{net::SocketAddr, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// Longer than any limit of the merchant's.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
pub(crate) struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: impl Into<String>, json: &serde_json::Value) -> Self {
        let mut call = Self::new(Method::POST, path);
        call.body = json.to_string().into();
        call.header("content-type", "application/json")
    }

    pub(crate) fn received(path: impl Into<String>, headers: HeaderMap, body: Bytes) -> Self {
        let mut call = Self::new(Method::POST, path);
        call.headers = headers;
        call.body = body;
        call
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Result<serde_json::Value, Error> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// Opened anew where the other side has closed it.
pub(crate) struct Connection {
    to: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    pub(crate) const fn new(to: SocketAddr) -> Self {
        Self { to, sender: None }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.to
    }

    /// Another one to the same address.
    pub(crate) const fn anew(&self) -> Self {
        Self::new(self.to)
    }

    pub(crate) async fn send(&mut self, call: &Call) -> Result<Answer, Error> {
        let mut sender = match self.sender.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.open().await?,
        };
        sender.ready().await?;
        let mut request = Request::builder()
            .method(&call.method)
            .uri(&call.path)
            .body(Full::new(call.body.clone()))?;
        *request.headers_mut() = call.headers.clone();
        let host = HeaderValue::from_str(&format!("localhost:{}", self.to.port()))?;
        request.headers_mut().insert(hyper::header::HOST, host);
        let answered = async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            Ok::<_, Error>((head, body.collect().await?.to_bytes()))
        };
        let (head, body) = timeout(ANSWER_TIMEOUT, answered).await??;
        self.sender = Some(sender);
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, Error> {
        let stream = TcpStream::connect(self.to).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::task::spawn_local(async move {
            let _ = connection.await;
        });
        Ok(sender)
    }
}
