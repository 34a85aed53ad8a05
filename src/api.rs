//! The merchant's API, one function per endpoint. Same origin: the browser sends the
//! session cookie along, and no script can read it.
//!
//! Not here: retries, and what an error means for the buyer (see `trouble`).

use crate::browser;
use crate::checkout::{Attempt, Key, Seen};
use crate::trouble::Trouble;
use contract::{IDEMPOTENCY_KEY, OpenSession, Order, Problem, Session};
use gloo_timers::callback::Timeout;
use leptos::prelude::window;
use serde::{Serialize, de::DeserializeOwned};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestInit, Response};

/// How long an answer may take, in milliseconds, its body included.
const PATIENCE: u32 = 15_000;

/// Why a request brought no answer of the expected form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The request did not get through, or its answer did not get back.
    Offline,
    /// No answer in time.
    TimedOut,
    /// The merchant said what is wrong.
    Problem(Problem),
    /// An answer with this HTTP status came that cannot be read.
    Unreadable(u16),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Offline => Self::Offline,
            Error::TimedOut => Self::TimedOut,
            Error::Problem(problem) => Self::from_problem(problem.code),
            Error::Unreadable(_) => Self::ShopDown,
        }
    }
}

/// `POST /api/session`
pub async fn open_session(auth_code: String) -> Result<Session, Error> {
    let body = json(&OpenSession { auth_code })?;
    send("POST", "/api/session", None, Some(body)).await
}

/// `POST /api/orders`
pub async fn place_order(attempt: &Attempt) -> Result<Seen, Error> {
    let body = json(&attempt.order)?;
    let order = send("POST", "/api/orders", Some(&attempt.key), Some(body)).await;
    order.map(seen)
}

/// `GET /api/orders/{id}`
pub async fn read_order(id: &str) -> Result<Seen, Error> {
    send("GET", &order_path(id, ""), None, None).await.map(seen)
}

/// `POST /api/orders/{id}/payment`
pub async fn renew_payment(id: &str, key: &Key) -> Result<Seen, Error> {
    let order = send("POST", &order_path(id, "/payment"), Some(key), None).await;
    order.map(seen)
}

/// `POST /api/orders/{id}/cancel`
pub async fn cancel_order(id: &str) -> Result<Seen, Error> {
    let order = send("POST", &order_path(id, "/cancel"), None, None).await;
    order.map(seen)
}

/// Ids come from [`Route`](crate::route::Route) or the merchant; both are made of
/// characters that stay inside one segment.
fn order_path(id: &str, rest: &str) -> String {
    ["/api/orders/", id, rest].concat()
}

fn seen(order: Order) -> Seen {
    Seen {
        order,
        at: browser::monotonic_now(),
    }
}

fn json(body: &impl Serialize) -> Result<String, Error> {
    // Fails only on what is no JSON, and ours always is.
    serde_json::to_string(body).map_err(|_| Error::Unreadable(0))
}

async fn send<T: DeserializeOwned>(
    method: &str,
    path: &str,
    key: Option<&Key>,
    body: Option<String>,
) -> Result<T, Error> {
    let (status, text) = fetch(method, path, key, body).await?;
    let unreadable = Error::Unreadable(status);
    if (200..300).contains(&status) {
        serde_json::from_str(&text).map_err(|_| unreadable)
    } else {
        let problem = serde_json::from_str(&text).map_err(|_| unreadable)?;
        Err(Error::Problem(problem))
    }
}

/// The browser's own `fetch`: a library around it weighs more than the rest of this file.
async fn fetch(
    method: &str,
    path: &str,
    key: Option<&Key>,
    body: Option<String>,
) -> Result<(u16, String), Error> {
    let deadline = Deadline::start();
    let answer = async {
        let headers = Headers::new()?;
        if let Some(key) = key {
            headers.set(IDEMPOTENCY_KEY, &key.0)?;
        }
        let request = RequestInit::new();
        if let Some(body) = body {
            headers.set("content-type", "application/json")?;
            request.set_body(&body.into());
        }
        request.set_method(method);
        request.set_headers(&headers);
        request.set_signal(deadline.signal().as_ref());
        let response = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await?;
        let response: Response = response.dyn_into()?;
        let text = JsFuture::from(response.text()?).await?;
        Ok::<_, JsValue>((response.status(), text.as_string().unwrap_or_default()))
    };
    answer.await.map_err(|_| deadline.reason())
}

/// Aborts a request that takes too long. Hand-made because `AbortSignal.timeout` is
/// younger than the phones we serve.
struct Deadline {
    controller: Option<AbortController>,
    passed: Rc<Cell<bool>>,
    _timeout: Timeout,
}

impl Deadline {
    fn start() -> Self {
        let controller = AbortController::new().ok();
        let passed = Rc::new(Cell::new(false));
        let timeout = Timeout::new(PATIENCE, {
            let (controller, passed) = (controller.clone(), Rc::clone(&passed));
            move || {
                passed.set(true);
                if let Some(controller) = controller {
                    controller.abort();
                }
            }
        });
        Self {
            controller,
            passed,
            _timeout: timeout,
        }
    }

    fn signal(&self) -> Option<web_sys::AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
    }

    fn reason(&self) -> Error {
        if self.passed.get() {
            Error::TimedOut
        } else {
            Error::Offline
        }
    }
}
