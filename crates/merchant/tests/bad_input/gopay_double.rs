//! What stands between the merchant and the simulator: it passes on what both say, or gives an answer that the
//! simulator never would.

use crate::{
    http::split,
    text::{OrFalse, Text, Values},
};
use gopay_protocol::message;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use test_kit::http_client;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Which of GoPay's APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Api {
    Token,
    Payment,
    Status,
    Authorization,
}

impl Api {
    fn path(self) -> &'static str {
        match self {
            Self::Token => message::access_token::PATH,
            Self::Payment => message::payment::PATH,
            Self::Status => message::status::PATH,
            Self::Authorization => message::authorization::PATH,
        }
    }
}

/// How an answer of the simulator's is changed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Change {
    status: Option<u16>,
    /// Headers in the place of the simulator's; `false` leaves one out.
    headers: BTreeMap<String, OrFalse<Text>>,
    /// A JSON merge patch (RFC 7396) of the body.
    merge: Option<String>,
    /// Texts of the body, and what stands there instead.
    replace: Vec<(Text, Text)>,
    /// The body; `{answer}` is that of the simulator, with these changes.
    body: Option<Text>,
    /// All bytes of the answer; `{answer}` is the body and `{length}` how long it is.
    raw: Option<Text>,
    /// Whether the connection stays open without another byte after `raw`.
    hangs: bool,
}

#[derive(Default)]
struct State {
    plan: Option<(Api, Change)>,
    requests: BTreeMap<String, usize>,
    /// Whether a request had a cookie of GoPay's.
    has_cookie: bool,
}

pub(crate) struct GoPayDouble {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

impl GoPayDouble {
    pub(crate) async fn before(simulator: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<Mutex<State>>::default();
        let serving = tokio::spawn({
            let state = Arc::clone(&state);
            let http = http_client();
            async move {
                loop {
                    let (connection, _) = listener.accept().await.unwrap();
                    tokio::spawn(serve(
                        connection,
                        simulator,
                        http.clone(),
                        Arc::clone(&state),
                    ));
                }
            }
        });
        Self {
            address,
            state,
            serving,
        }
    }

    /// From now on each answer of this API is changed so.
    pub(crate) fn answer(&self, on: Api, change: Change) {
        self.state.lock().unwrap().plan = Some((on, change));
    }

    pub(crate) fn answer_plainly(&self) {
        self.state.lock().unwrap().plan = None;
    }

    pub(crate) fn requests(&self, of: Api) -> usize {
        let state = self.state.lock().unwrap();
        state.requests.get(of.path()).copied().unwrap_or_default()
    }

    pub(crate) fn has_seen_a_cookie(&self) -> bool {
        self.state.lock().unwrap().has_cookie
    }
}

impl Drop for GoPayDouble {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

async fn serve(
    mut connection: TcpStream,
    simulator: SocketAddr,
    http: Client,
    state: Arc<Mutex<State>>,
) {
    let mut received = Vec::new();
    while let Some(request) = next_request(&mut connection, &mut received).await {
        let path = request.path.split('?').next().unwrap().to_owned();
        let plan = {
            let mut state = state.lock().unwrap();
            *state.requests.entry(path.clone()).or_default() += 1;
            state.has_cookie |= request.headers.iter().any(|(name, _)| name == "cookie");
            state.plan.clone()
        };
        let change = plan.filter(|(on, _)| on.path() == path);
        let change = change.map(|(_, change)| change).unwrap_or_default();
        let answer = change.apply(pass_on(&http, simulator, request).await);
        if connection.write_all(&answer).await.is_err() {
            return;
        }
        if change.hangs {
            // Until the merchant gives up.
            let _ = connection.read(&mut [0]).await;
        }
        if change.raw.is_some() {
            return;
        }
    }
}

async fn next_request(connection: &mut TcpStream, received: &mut Vec<u8>) -> Option<Request> {
    loop {
        if let Some((head, rest)) = split(received) {
            let head = String::from_utf8(head.to_vec()).ok()?;
            let mut lines = head.split("\r\n");
            let mut words = lines.next()?.split(' ');
            let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
            let headers: Vec<(String, String)> = lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length: usize = length.map_or(Some(0), |(_, length)| length.parse().ok())?;
            if rest.len() >= length {
                let body = rest[..length].to_vec();
                *received = rest[length..].to_vec();
                return Some(Request {
                    method,
                    path,
                    headers,
                    body,
                });
            }
        }
        if connection.read_buf(received).await.ok()? == 0 {
            return None;
        }
    }
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

async fn pass_on(http: &Client, simulator: SocketAddr, request: Request) -> Answer {
    let method: Method = request.method.parse().unwrap();
    let url = format!("http://{simulator}{}", request.path);
    let mut builder = http.request(method, url).body(request.body);
    for (name, value) in request.headers {
        if !matches!(name.as_str(), "host" | "connection" | "content-length") {
            builder = builder.header(name, value);
        }
    }
    let answer = builder.send().await.unwrap();
    let headers = ["content-type", "x-timestamp", "date"];
    let headers = headers.into_iter().filter_map(|name| {
        let value = answer.headers().get(name)?.to_str().ok()?;
        Some((name.to_owned(), value.to_owned()))
    });
    Answer {
        status: answer.status().as_u16(),
        headers: headers.collect(),
        body: answer.bytes().await.unwrap().to_vec(),
    }
}

impl Change {
    fn apply(&self, mut answer: Answer) -> Vec<u8> {
        let mut values = Values::default();
        let late = Timestamp::now() - SignedDuration::from_hours(1);
        let late = late.strftime("%a, %d %b %Y %H:%M:%S GMT");
        values.set("hour_ago", late.to_string());
        if let Some(merge) = &self.merge {
            let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
            // The answers to earlier requests may have had another form.
            merge_json(&mut body, serde_json::from_str(merge).unwrap());
            answer.body = serde_json::to_vec(&body).unwrap();
        }
        for (from, to) in &self.replace {
            let body = String::from_utf8(answer.body).unwrap();
            let (from, to) = (from.string(&values), to.string(&values));
            answer.body = body.replace(&from, &to).into_bytes();
        }
        values.set("answer", answer.body.clone());
        if let Some(body) = &self.body {
            answer.body = body.bytes(&values);
        }
        values.set("length", answer.body.len().to_string());
        if let Some(raw) = &self.raw {
            return raw.bytes(&values);
        }
        let status = self.status.unwrap_or(answer.status);
        let mut bytes = format!("HTTP/1.1 {status} \r\n").into_bytes();
        let mut headers: BTreeMap<String, Vec<u8>> = answer
            .headers
            .into_iter()
            .map(|(name, value)| (name, value.into_bytes()))
            .collect();
        headers.insert(
            "content-length".to_owned(),
            answer.body.len().to_string().into_bytes(),
        );
        for (name, change) in &self.headers {
            match change {
                OrFalse::Absent(_) => headers.remove(name),
                OrFalse::Value(value) => headers.insert(name.clone(), value.bytes(&values)),
            };
        }
        for (name, value) in headers {
            bytes.extend(name.into_bytes());
            bytes.extend(b": ");
            bytes.extend(value);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"\r\n");
        bytes.extend(answer.body);
        bytes
    }
}

/// RFC 7396.
pub(crate) fn merge_json(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    for (key, value) in patch {
        match value {
            Value::Null => {
                target.as_object_mut().unwrap().remove(&key);
            }
            value => merge_json(&mut target[&key], value),
        }
    }
}
