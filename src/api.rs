//! The merchant's API, one function per endpoint. On the merchant's own site the browser
//! sends the session cookie along, and no script can read it; from a package, whose requests
//! go to another origin, the session travels in a header.
//!
//! Invariant: a session token is in memory only, never in storage, in an address or in a log.
//!
//! Not here: retries, and what an error means for the buyer (see `trouble`).

use crate::browser::boot::Answer;
use crate::browser::{self, package};
use crate::checkout::{Attempt, Key, Seen};
use crate::json;
use crate::trouble::Trouble;
use contract::{
    IDEMPOTENCY_KEY, OpenSession, Order, Problem, Product, Profile, SESSION_TOKEN, Session,
};
use gloo_net::http::{Request, RequestBuilder};
use gloo_timers::callback::Timeout;
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use web_sys::{AbortController, RequestCredentials};

/// The longest rest that a `Retry-After` is given, in seconds: the buyer is waiting.
const LONGEST_REST: u64 = 30;

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
    let request = Request::post(&address("/api/session"));
    let request = if KEEPS_NO_COOKIE.get() {
        request.header(SESSION_TOKEN, "header")
    } else {
        request
    };
    send(request, Some(&OpenSession { auth_code })).await
}

/// From now on the session travels in a header, as it does for a package: this web view has lost
/// the cookie of a sign-in.
pub fn keep_no_cookie() {
    KEEPS_NO_COOKIE.set(!package::is_packaged());
}

/// The same, with the answer to a request that was sent before the app was there.
pub fn opened_session(answer: Answer) -> Result<Session, Error> {
    read(answer)
}

/// The session in such an answer, if there is one.
pub fn session_in(answer: &Answer) -> Option<Session> {
    let session = json::parse(&answer.text).filter(|_| answer.is_success())?;
    heed(answer);
    Some(session)
}

/// `POST /api/profile`
pub async fn learn_profile() -> Result<Profile, Error> {
    send(Request::post(&address("/api/profile")), None::<&()>).await
}

/// `DELETE /api/profile`
pub async fn forget_profile() -> Result<Profile, Error> {
    send(Request::delete(&address("/api/profile")), None::<&()>).await
}

/// `POST /api/orders`
pub async fn place_order(attempt: &Attempt) -> Result<Seen, Error> {
    let request = Request::post(&address("/api/orders")).header(IDEMPOTENCY_KEY, &attempt.key.0);
    send(request, Some(&attempt.order)).await.map(seen)
}

/// `GET /api/catalogue`
pub async fn read_catalogue() -> Result<Vec<Product>, Error> {
    let json::Entries(products) =
        send(Request::get(&address("/api/catalogue")), None::<&()>).await?;
    Ok(products)
}

/// `GET /api/orders`: newest first.
pub async fn read_orders() -> Result<Vec<Order>, Error> {
    let json::Entries(orders) = send(Request::get(&address("/api/orders")), None::<&()>).await?;
    Ok(orders)
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
    address(&["/api/orders/", id, rest].concat())
}

fn address(path: &str) -> String {
    [package::merchant().as_deref().unwrap_or_default(), path].concat()
}

thread_local! {
    /// The session's credential, where no cookie holds it.
    static SESSION: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Whether that is to be asked for. With it no cookie is sent: the merchant takes one of the two.
    static KEEPS_NO_COOKIE: Cell<bool> = const { Cell::new(false) };
    /// Until when the merchant asked to be left in peace, in milliseconds of the monotonic clock.
    static REST: Cell<u64> = const { Cell::new(0) };
}

/// How long nothing more should be asked, in whole seconds: what the last answer's `Retry-After`
/// left of it. A busy server says so with 429 or 503.
pub fn rest() -> u32 {
    let left = REST.get().saturating_sub(browser::monotonic_now());
    u32::try_from(left.div_ceil(1000)).unwrap_or_default()
}

/// Unverified: that what stands before a merchant gives its pause in seconds; a date is no pause
/// here, for the phone's clock may be wrong.
fn rest_after(said: Option<&str>) -> u64 {
    let seconds = said.and_then(|said| said.parse::<u64>().ok());
    seconds.unwrap_or_default().min(LONGEST_REST) * 1000
}

fn seen(order: Order) -> Seen {
    Seen {
        order,
        at: browser::monotonic_now(),
    }
}

async fn send<T: json::Read>(
    request: RequestBuilder,
    body: Option<&impl Serialize>,
) -> Result<T, Error> {
    // Fails only on a body that is no JSON, and ours always is.
    let body = body.map(serde_json::to_string).transpose();
    let body = body.map_err(|_| Error::Unreadable(0))?;
    read(exchange(request, body).await?)
}

/// What an answer says beside its body.
fn heed(answer: &Answer) {
    REST.set(browser::monotonic_now() + rest_after(answer.rest.as_deref()));
    if let Some(token) = &answer.token {
        SESSION.set(Some(token.clone()));
    }
}

/// The body of an answer that is no problem.
fn success(answer: Answer) -> Result<String, Error> {
    heed(&answer);
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

/// In a box, because whoever waits for a future takes its code along: each endpoint would cost
/// the buyer one more copy of it.
type Exchange = Pin<Box<dyn Future<Output = Result<Answer, Error>>>>;

fn exchange(request: RequestBuilder, body: Option<String>) -> Exchange {
    Box::pin(async move {
        let deadline = Deadline::start();
        let request = match SESSION.with_borrow(Clone::clone) {
            Some(token) => request.header("authorization", &["Bearer ", &token].concat()),
            None => request,
        };
        let request = if KEEPS_NO_COOKIE.get() {
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
        // Building fails only on an address or a header that is none, and ours always are.
        let response = request.map_err(|_| Error::Unreadable(0))?.send().await;
        let response = response.map_err(|_| deadline.reason())?;
        let text = response.text().await.map_err(|_| deadline.reason())?;
        let said = response.headers();
        Ok(Answer {
            status: response.status(),
            text,
            rest: said.get("retry-after"),
            token: said.get(SESSION_TOKEN),
        })
    })
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
