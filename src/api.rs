//! The merchant's API, one function per endpoint. Same origin: the browser sends the
//! session cookie along, and no script can read it.
//!
//! Not here: retries, and what an error means for the buyer (see `trouble`).

use crate::browser;
use crate::checkout::{Attempt, Key, Seen};
use crate::trouble::Trouble;
use contract::{IDEMPOTENCY_KEY, OpenSession, Order, Problem, Session};
use gloo_net::http::{Request, RequestBuilder, Response};
use gloo_timers::callback::Timeout;
use serde::{Serialize, de::DeserializeOwned};
use std::cell::Cell;
use std::rc::Rc;
use web_sys::AbortController;

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
    send(
        Request::post("/api/session"),
        Some(&OpenSession { auth_code }),
    )
    .await
}

/// `POST /api/orders`
pub async fn place_order(attempt: &Attempt) -> Result<Seen, Error> {
    let request = Request::post("/api/orders").header(IDEMPOTENCY_KEY, &attempt.key.0);
    send(request, Some(&attempt.order)).await.map(seen)
}

/// `GET /api/orders/{id}`
pub async fn read_order(id: &str) -> Result<Seen, Error> {
    let request = Request::get(&order_path(id, ""));
    send(request, None::<&()>).await.map(seen)
}

/// `POST /api/orders/{id}/payment`
pub async fn renew_payment(id: &str, key: &Key) -> Result<Seen, Error> {
    let request = Request::post(&order_path(id, "/payment")).header(IDEMPOTENCY_KEY, &key.0);
    send(request, None::<&()>).await.map(seen)
}

/// `POST /api/orders/{id}/cancel`
pub async fn cancel_order(id: &str) -> Result<Seen, Error> {
    let request = Request::post(&order_path(id, "/cancel"));
    send(request, None::<&()>).await.map(seen)
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

async fn send<T: DeserializeOwned>(
    request: RequestBuilder,
    body: Option<&impl Serialize>,
) -> Result<T, Error> {
    let deadline = Deadline::start();
    let request = request.abort_signal(deadline.signal().as_ref());
    let request = match body {
        Some(body) => request.json(body),
        None => request.build(),
    };
    // Building fails only on a body that is no JSON, and ours always is.
    let response = request.map_err(|_| Error::Unreadable(0))?.send().await;
    let response = response.map_err(|_| deadline.reason())?;
    let text = response.text().await.map_err(|_| deadline.reason())?;
    read(&response, &text)
}

fn read<T: DeserializeOwned>(response: &Response, text: &str) -> Result<T, Error> {
    let unreadable = Error::Unreadable(response.status());
    if response.ok() {
        serde_json::from_str(text).map_err(|_| unreadable)
    } else {
        let problem = serde_json::from_str(text).map_err(|_| unreadable)?;
        Err(Error::Problem(problem))
    }
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
