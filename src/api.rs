//! The merchant's API, one function per endpoint. On the merchant's own site the browser
//! sends the session cookie along, and no script can read it; from a package, whose requests
//! go to another origin, the session travels in a header.
//!
//! Invariant: a session token is in memory only, never in storage, in an address or in a log.
//!
//! Not here: retries, and what an error means for the buyer (see `user_error`).

use crate::browser::boot::Answer;
use crate::browser::{self, package};
use crate::checkout::{Attempt, OrderSnapshot};
use crate::json;
use crate::user_error::UserError;
use contract::{
    IDEMPOTENCY_KEY, IdempotencyKey, OpenSession, Order, OrderId, Problem, Product, Profile, Promo,
    SESSION_TOKEN, Session,
};
use gloo_net::http::{Request, RequestBuilder};
use gloo_timers::callback::Timeout;
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use web_sys::{AbortController, RequestCredentials};

/// A longer `Retry-After` is cut, because the buyer is waiting.
const MAX_RETRY_AFTER_SECONDS: u64 = 30;

/// How long a response may take, its body included.
const REQUEST_TIMEOUT_MS: u32 = 15_000;

/// Why a request has no answer of the expected form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The request or its response was lost.
    Offline,
    TimedOut,
    Problem(Problem),
    /// The response with this HTTP status cannot be read.
    Unreadable(u16),
}

impl From<Error> for UserError {
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
    let request = Request::post(&address("/api/session"));
    let request = if USES_SESSION_TOKEN.get() {
        request.header(SESSION_TOKEN, "header")
    } else {
        request
    };
    send(request, Some(&OpenSession { auth_code })).await
}

/// Makes the session travel in a header, as from a package: this web view has lost a sign-in's cookie.
pub fn use_session_token() {
    USES_SESSION_TOKEN.set(!package::is_packaged());
}

/// The session in the answer to a request that `boot.js` sent.
pub fn parse_session(answer: Answer) -> Result<Session, Error> {
    read(answer)
}

/// The same, if the answer has a session.
pub fn session_from(answer: &Answer) -> Option<Session> {
    let session = json::parse(&answer.text).filter(|_| answer.is_success())?;
    apply_headers(answer);
    Some(session)
}

/// `POST /api/profile`
pub async fn fetch_profile() -> Result<Profile, Error> {
    send(Request::post(&address("/api/profile")), None::<&()>).await
}

/// `DELETE /api/profile`
pub async fn forget_profile() -> Result<Profile, Error> {
    send(Request::delete(&address("/api/profile")), None::<&()>).await
}

/// `POST /api/orders`
pub async fn place_order(attempt: &Attempt) -> Result<OrderSnapshot, Error> {
    let request =
        Request::post(&address("/api/orders")).header(IDEMPOTENCY_KEY, attempt.key.as_str());
    send(request, Some(&attempt.order)).await.map(snapshot)
}

/// `GET /api/catalogue`
pub async fn read_catalogue() -> Result<Vec<Product>, Error> {
    let json::Entries(products) =
        send(Request::get(&address("/api/catalogue")), None::<&()>).await?;
    Ok(products)
}

/// `GET /api/promo/{code}`: `code` is made of characters that stay inside one segment.
pub async fn read_promo(code: &str) -> Result<Promo, Error> {
    let path = ["/api/promo/", code].concat();
    send(Request::get(&address(&path)), None::<&()>).await
}

/// `GET /api/orders`: newest first.
pub async fn read_orders() -> Result<Vec<Order>, Error> {
    let json::Entries(orders) = send(Request::get(&address("/api/orders")), None::<&()>).await?;
    Ok(orders)
}

/// `GET /api/orders/{id}`
pub async fn read_order(id: &OrderId) -> Result<OrderSnapshot, Error> {
    let request = Request::get(&order_path(id, ""));
    send(request, None::<&()>).await.map(snapshot)
}

/// `POST /api/orders/{id}/payment`
pub async fn renew_payment(id: &OrderId, key: &IdempotencyKey) -> Result<OrderSnapshot, Error> {
    let request = Request::post(&order_path(id, "/payment")).header(IDEMPOTENCY_KEY, key.as_str());
    send(request, None::<&()>).await.map(snapshot)
}

/// `POST /api/orders/{id}/cancel`
pub async fn cancel_order(id: &OrderId) -> Result<OrderSnapshot, Error> {
    let request = Request::post(&order_path(id, "/cancel"));
    send(request, None::<&()>).await.map(snapshot)
}

/// Ids come from [`Route`](crate::route::Route) or the merchant; both are made of
/// characters that stay inside one segment.
fn order_path(id: &OrderId, suffix: &str) -> String {
    address(&["/api/orders/", id.as_str(), suffix].concat())
}

fn address(path: &str) -> String {
    [package::merchant().as_deref().unwrap_or_default(), path].concat()
}

thread_local! {
    /// The session's credential, where no cookie holds it.
    static SESSION: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Whether the credential travels in a header. No cookie is sent then: the merchant takes one of the two.
    static USES_SESSION_TOKEN: Cell<bool> = const { Cell::new(false) };
    /// When `Retry-After` ends, on the monotonic clock.
    static RETRY_AT_MS: Cell<u64> = const { Cell::new(0) };
}

/// The rest of the last `Retry-After`, in whole seconds. A busy server sends it with 429 or 503.
pub fn retry_after() -> u32 {
    let left = RETRY_AT_MS.get().saturating_sub(browser::monotonic_ms());
    u32::try_from(left.div_ceil(1000)).unwrap_or_default()
}

/// Unverified: that a proxy before the merchant gives `Retry-After` in seconds. A date is ignored,
/// because the phone's clock may be wrong.
fn parse_retry_after(said: Option<&str>) -> u64 {
    let seconds = said.and_then(|said| said.parse::<u64>().ok());
    seconds.unwrap_or_default().min(MAX_RETRY_AFTER_SECONDS) * 1000
}

fn snapshot(order: Order) -> OrderSnapshot {
    OrderSnapshot {
        order,
        received_at: browser::monotonic_ms(),
    }
}

async fn send<T: json::Read>(
    request: RequestBuilder,
    body: Option<&impl Serialize>,
) -> Result<T, Error> {
    // Fails only on a body that is no JSON, and these bodies always are.
    let body = body.map(serde_json::to_string).transpose();
    let body = body.map_err(|_| Error::Unreadable(0))?;
    read(exchange(request, body).await?)
}

/// Keeps what the headers say: `Retry-After` and the session's token.
fn apply_headers(answer: &Answer) {
    RETRY_AT_MS.set(browser::monotonic_ms() + parse_retry_after(answer.retry_after.as_deref()));
    if let Some(token) = &answer.token {
        SESSION.set(Some(token.clone()));
    }
}

fn success(answer: Answer) -> Result<String, Error> {
    apply_headers(&answer);
    if answer.is_success() {
        return Ok(answer.text);
    }
    let problem = json::parse(&answer.text);
    Err(problem.map_or(Error::Unreadable(answer.status), Error::Problem))
}

fn read<T: json::Read>(answer: Answer) -> Result<T, Error> {
    let status = answer.status;
    let text = success(answer)?;
    json::parse(&text).ok_or(Error::Unreadable(status))
}

/// Boxed, because awaiting a future copies its code: each endpoint would add one more copy to the
/// bundle.
type Exchange = Pin<Box<dyn Future<Output = Result<Answer, Error>>>>;

fn exchange(request: RequestBuilder, body: Option<String>) -> Exchange {
    Box::pin(async move {
        let deadline = Deadline::start();
        let request = match SESSION.with_borrow(Clone::clone) {
            Some(token) => request.header("authorization", &["Bearer ", &token].concat()),
            None => request,
        };
        let request = if USES_SESSION_TOKEN.get() {
            request.credentials(RequestCredentials::Omit)
        } else {
            request
        };
        let request = request.abort_signal(deadline.signal().as_ref());
        let request = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(body),
            None => request.build(),
        };
        // Building fails only on an invalid address or header, and these are always valid.
        let response = request.map_err(|_| Error::Unreadable(0))?.send().await;
        let response = response.map_err(|_| deadline.reason())?;
        let text = response.text().await.map_err(|_| deadline.reason())?;
        let said = response.headers();
        Ok(Answer {
            status: response.status(),
            text,
            retry_after: said.get("retry-after"),
            token: said.get(SESSION_TOKEN),
        })
    })
}

/// Aborts a request that takes too long. `AbortSignal.timeout` is younger than the supported phones.
struct Deadline {
    controller: Option<AbortController>,
    passed: Rc<Cell<bool>>,
    _timeout: Timeout,
}

impl Deadline {
    fn start() -> Self {
        let controller = AbortController::new().ok();
        let passed = Rc::new(Cell::new(false));
        let timeout = Timeout::new(REQUEST_TIMEOUT_MS, {
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
