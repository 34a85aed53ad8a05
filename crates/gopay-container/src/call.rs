//! One call to the container: from parameters to a decoded reply.
//!
//! Invariant: what settles a call first (a callback, a throw, the deadline) takes its only sender,
//! so that nothing later can settle it again.

use crate::{
    Error, log,
    method::{MAX_RESPONSE_SIZE, Method, milliseconds},
    reply::{self, Callback, Reply},
    sdk::Sdk,
    snapshot::snapshot,
    support,
};
use futures_channel::oneshot;
use gloo_timers::{callback::Timeout, future::TimeoutFuture};
use serde::{Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::Serializer;
use std::{
    cell::Cell,
    future::poll_fn,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};
use wasm_bindgen::{JsValue, closure::Closure};

/// Calls `class.method`, for methods that this crate does not have.
///
/// `params` must serialise to an object. `within` bounds the wait for the answer once the SDK is
/// ready; `None` waits without an end. `R` is read from the fields of `data` together with those
/// beside it; [`IgnoredAny`](serde::de::IgnoredAny) accepts any.
///
/// # Errors
///
/// Any [`Error`] but [`Error::NoConsent`]: code 300 is [`Error::Permission`], because the consents
/// of the method are not known. [`Error::Unreadable`] where `params` is no object or `R` cannot be
/// read.
///
/// ```no_run
/// # async fn example() -> Result<(), gopay_container::Error> {
/// # use std::time::Duration;
/// #[derive(serde::Deserialize)]
/// struct Balance {
///     coins: u32,
/// }
/// let within = Some(Duration::from_secs(10));
/// let params = serde_json::json!({"currency": "GOPAY_COINS"});
/// let balance: Balance = gopay_container::call("GPCoins", "getBalance", &params, within).await?;
/// # Ok(()) }
/// ```
pub async fn call<R: DeserializeOwned>(
    class: &str,
    method: &str,
    params: &impl Serialize,
    within: Option<Duration>,
) -> Result<R, Error> {
    let method = Method {
        class,
        name: method,
        deadline_ms: within.map(milliseconds),
        consent: false,
        max_response_size: MAX_RESPONSE_SIZE,
    };
    method.ask(params, "not of the expected type").await
}

/// Bounds a call, the wait for the SDK included: after `limit` its future is dropped.
///
/// Shortens a call only: each function has a deadline of its own, and [`call`] takes any.
///
/// ```no_run
/// # async fn example() -> Result<(), gopay_container::Error> {
/// # use std::time::Duration;
/// use gopay_container::{locale::get_locale, timeout};
///
/// let locale = timeout(Duration::from_secs(2), get_locale()).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// Those of the call, and [`Error::TimedOut`] after `limit`.
pub async fn timeout<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut call = pin!(call);
    let mut timer = pin!(TimeoutFuture::new(milliseconds(limit)));
    poll_fn(|context| match call.as_mut().poll(context) {
        Poll::Pending => timer.as_mut().poll(context).map(|()| Err(Error::TimedOut)),
        ended => ended,
    })
    .await
}

/// For a method that takes none: an empty object.
#[derive(Serialize)]
pub(crate) struct NoParams {}

/// For an answer without fields of interest.
pub(crate) type Done = serde::de::IgnoredAny;

impl<'a> Method<'a> {
    /// Calls it; the caller reads the fields.
    pub(crate) fn reply(self, params: &impl Serialize) -> Answer<'a> {
        // Boxed, so that the caller's future holds a pointer and not a copy of all this.
        Box::pin(self.call(to_js(params)))
    }

    /// Decodes the answer to a call that a script has made: `Ok` is what the success callback got,
    /// `Err` what the failure callback got.
    pub(crate) fn parse(&self, answer: Result<JsValue, JsValue>) -> Result<Reply, Error> {
        let (answer, callback) = match answer {
            Ok(answer) => (answer, Callback::Success),
            Err(answer) => (answer, Callback::Failure),
        };
        let parsed = reply::decode(snapshot(&answer, self.max_response_size), callback);
        support::record(self, &parsed);
        parsed
    }

    /// Calls it and reads its fields; `what` describes the error where that fails.
    pub(crate) async fn ask<R: DeserializeOwned>(
        self,
        params: &impl Serialize,
        what: &'static str,
    ) -> Result<R, Error> {
        self.reply(params).await?.read(what)
    }

    /// Calls it for its effect.
    pub(crate) async fn effect(self, params: &impl Serialize) -> Result<(), Error> {
        self.reply(params).await.map(drop)
    }

    /// Calls it where the SDK is ready already, and does not wait for the answer.
    pub(crate) fn fire_and_forget(self, params: &impl Serialize) {
        // The call is made before the future waits for the first time.
        let mut context = Context::from_waker(Waker::noop());
        let _ = self.reply(params).as_mut().poll(&mut context);
        log::unawaited();
    }

    async fn call(self, params: Result<JsValue, Error>) -> Result<Reply, Error> {
        let params = params?;
        let entry = log::Entry::begin(&self);
        let sdk = match Sdk::wait_until_ready().await {
            Ok(sdk) => sdk,
            Err(error) => return entry.end(Err(error)),
        };
        let (sender, outcome) = oneshot::channel();
        let settle = Settle {
            sender: Rc::new(Cell::new(Some(sender))),
            entry: entry.clone(),
            max_response_size: self.max_response_size,
        };
        let late = settle.clone();
        let _deadline = self
            .deadline_ms
            .map(|ms| Timeout::new(ms, move || late.once(|| Err(Error::TimedOut))));
        let callbacks = [settle.on(Callback::Success), settle.on(Callback::Failure)];
        let name = (self.class, self.name);
        if let Err(thrown) = sdk.invoke(name, &params, &callbacks, self.deadline_ms) {
            settle.once(|| Err(thrown));
        }
        drop((settle, callbacks));
        // Canceled where the container has dropped both callbacks: no answer will ever come.
        let mut result = outcome.await.unwrap_or(Err(Error::TimedOut));
        if self.consent && matches!(result, Err(Error::Permission)) {
            result = Err(Error::NoConsent);
        }
        support::record(&self, &result);
        entry.end(result)
    }
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + 'a>>;

/// Calls a method under the first of its two names that this GoPay supports; a name that is known
/// to be missing is called last.
pub(crate) async fn first_supported(
    [first, second]: [Method<'_>; 2],
    params: &impl Serialize,
) -> Result<Reply, Error> {
    let turned = support::is_missing(&first) && !support::is_missing(&second);
    let order = if turned {
        [second, first]
    } else {
        [first, second]
    };
    for method in order {
        match method.reply(params).await {
            Err(Error::Unsupported) => {}
            settled => return settled,
        }
    }
    Err(Error::Unsupported)
}

/// Parameters, as the plain object that the container expects.
fn to_js(params: &impl Serialize) -> Result<JsValue, Error> {
    match params.serialize(&Serializer::json_compatible()) {
        Ok(params) if params.is_object() && !params.is_array() => Ok(params),
        _ => Err(Error::Unreadable {
            what: "parameters that are no object",
        }),
    }
}

#[derive(Clone)]
struct Settle {
    sender: Rc<Cell<Option<Sender>>>,
    entry: log::Entry,
    max_response_size: u32,
}

type Sender = oneshot::Sender<Result<Reply, Error>>;

impl Settle {
    fn once(&self, outcome: impl FnOnce() -> Result<Reply, Error>) {
        match self.sender.take() {
            // Fails only where the caller has dropped the future.
            Some(sender) => drop(sender.send(outcome())),
            None => self.entry.ignore(),
        }
    }

    /// A callback that JavaScript owns and may call never, late, twice, or while it runs. The
    /// garbage collector frees it where there is a `FinalizationRegistry` (Chrome 84, Safari 14.1;
    /// an older engine leaks a few dozen bytes for each call). Until then calling it does no harm.
    fn on(&self, callback: Callback) -> JsValue {
        let settle = self.clone();
        let receive = move |answer: JsValue| {
            settle.once(|| {
                let answer = snapshot(&answer, settle.max_response_size);
                settle.entry.answered(callback, answer.as_ref());
                reply::decode(answer, callback)
            });
        };
        Closure::<dyn Fn(JsValue)>::new(receive).into_js_value()
    }
}
