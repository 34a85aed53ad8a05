//! One call to the container: from parameters to a judged reply.
//!
//! Invariant: whoever settles a call first (a callback, a throw, the deadline) takes its
//! only sender along, so all that comes later finds nothing to settle.

use crate::{
    Error,
    container::Container,
    log, memory,
    reply::{self, Callback, Reply},
    snapshot::snapshot,
};
use futures_channel::oneshot;
use gloo_timers::callback::Timeout;
use serde::{Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::Serializer;
use std::{
    cell::Cell,
    pin::Pin,
    rc::Rc,
    task::{Context, Waker},
    time::Duration,
};
use wasm_bindgen::{JsValue, closure::Closure};

/// Calls any method, for those that this crate does not know yet: `class.method` with
/// `params`, which must serialise to an object; waits `within` this time once the SDK is
/// there, or without an end.
///
/// `R` is read from the fields of `data` together with those beside it.
/// [`IgnoredAny`](serde::de::IgnoredAny) takes any. Code 300 is
/// [`Error::Permission`] here, because nothing is known of the method's consent.
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
        deadline: within.map(|within| within.as_millis().try_into().unwrap_or(u32::MAX)),
        consent: false,
        room: ROOM,
    };
    method.ask(params, "not of the expected type").await
}

/// Milliseconds for an answer that GoPay gives by itself.
const SILENT: u32 = 10_000;
/// Milliseconds for an answer that GoPay first has to get from the buyer or the phone.
const PATIENT: u32 = 120_000;
/// Fields and characters of an answer; today's have less than 1 Ki.
pub(crate) const ROOM: u32 = 64 * 1024;

/// A method of the container, and how to call it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method<'a> {
    pub(crate) class: &'a str,
    pub(crate) name: &'a str,
    /// Milliseconds for the answer, once the container is there.
    pub(crate) deadline: Option<u32>,
    /// Whether the buyer has to agree to it first.
    pub(crate) consent: bool,
    /// Fields and characters that its answer may have.
    pub(crate) room: u32,
}

/// For a method that takes none: an empty object.
#[derive(Serialize)]
pub(crate) struct NoParams {}

/// For a method whose answer holds no more than that it worked.
pub(crate) type Done = serde::de::IgnoredAny;

impl<'a> Method<'a> {
    /// One that GoPay answers by itself.
    pub(crate) const fn silent(class: &'a str, name: &'a str) -> Self {
        Self {
            class,
            name,
            deadline: Some(SILENT),
            consent: false,
            room: ROOM,
        }
    }

    /// One for which GoPay first needs the buyer or the phone.
    pub(crate) const fn patient(class: &'a str, name: &'a str) -> Self {
        let mut method = Self::silent(class, name);
        method.deadline = Some(PATIENT);
        method
    }

    pub(crate) const fn with_consent(mut self) -> Self {
        self.consent = true;
        self
    }

    /// Calls it, for an answer that is read by hand.
    pub(crate) fn reply(self, params: &impl Serialize) -> Answer<'a> {
        // Boxed, so that whoever waits for it is made of a pointer, not of all this once more.
        Box::pin(self.call(to_js(params)))
    }

    /// What follows from GoPay's answer to a call that something else has made: `Ok` what came by
    /// the success callback, `Err` by the failure callback.
    pub(crate) fn judge(&self, answer: Result<JsValue, JsValue>) -> Result<Reply, Error> {
        let (answer, callback) = match answer {
            Ok(answer) => (answer, Callback::Success),
            Err(answer) => (answer, Callback::Failure),
        };
        let judged = reply::decode(snapshot(&answer, self.room), callback);
        memory::learn(self, &judged);
        judged
    }

    /// Calls it and reads its fields; `what` says what they are not, if they are not.
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

    /// Calls it where the container is there already, and does not wait for the answer.
    pub(crate) fn tell(self, params: &impl Serialize) {
        // Up to its first wait, it has handed over the call.
        let mut context = Context::from_waker(Waker::noop());
        let _ = self.reply(params).as_mut().poll(&mut context);
        log::tell();
    }

    async fn call(self, params: Result<JsValue, Error>) -> Result<Reply, Error> {
        let params = params?;
        let entry = log::Entry::begin(&self);
        let container = match Container::appear().await {
            Ok(container) => container,
            Err(error) => return entry.end(Err(error)),
        };
        let (sender, outcome) = oneshot::channel();
        let settle = Settle {
            sender: Rc::new(Cell::new(Some(sender))),
            entry: entry.clone(),
            room: self.room,
        };
        let late = settle.clone();
        let _deadline = self
            .deadline
            .map(|ms| Timeout::new(ms, move || late.once(|| Err(Error::TimedOut))));
        let callbacks = [settle.on(Callback::Success), settle.on(Callback::Failure)];
        let name = (self.class, self.name);
        if let Err(thrown) = container.hand_over(name, &params, &callbacks, self.deadline) {
            settle.once(|| Err(thrown));
        }
        drop((settle, callbacks));
        // Nobody is left who could settle only when the container has let go of both
        // callbacks: no answer will ever come.
        let mut result = outcome.await.unwrap_or(Err(Error::TimedOut));
        if self.consent && matches!(result, Err(Error::Permission)) {
            result = Err(Error::NoConsent);
        }
        memory::learn(&self, &result);
        entry.end(result)
    }
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + 'a>>;

/// Calls the first of two names of a method that this GoPay supports; a name that is known
/// to be missing goes last.
pub(crate) async fn first_supported(
    [first, second]: [Method<'_>; 2],
    params: &impl Serialize,
) -> Result<Reply, Error> {
    let turned = memory::is_missing(&first) && !memory::is_missing(&second);
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
    room: u32,
}

type Sender = oneshot::Sender<Result<Reply, Error>>;

impl Settle {
    fn once(&self, outcome: impl FnOnce() -> Result<Reply, Error>) {
        match self.sender.take() {
            // Fails only where nobody waits any more.
            Some(sender) => drop(sender.send(outcome())),
            None => self.entry.ignore(),
        }
    }

    /// A callback for JavaScript, which may call it never, late, twice, or while it is
    /// already running. JavaScript owns it: the garbage collector frees it wherever there
    /// is a `FinalizationRegistry` (Chrome 84, Safari 14.1; an older engine keeps a few
    /// dozen bytes for each call), and until then calling it does no harm.
    fn on(&self, callback: Callback) -> JsValue {
        let settle = self.clone();
        let receive = move |answer: JsValue| {
            settle.once(|| {
                let answer = snapshot(&answer, settle.room);
                settle.entry.answered(callback, answer.as_ref());
                reply::decode(answer, callback)
            });
        };
        Closure::<dyn Fn(JsValue)>::new(receive).into_js_value()
    }
}
