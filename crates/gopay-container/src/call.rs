//! One call to the container: from parameters to a judged reply.
//!
//! Invariant: whoever settles a call first (a callback, a throw, the deadline) takes its
//! only sender along, so all that comes later finds nothing to settle.

use crate::{
    Error,
    container::{Container, snapshot},
    reply::{self, Callback, Reply},
};
use futures_channel::oneshot;
use gloo_timers::callback::Timeout;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsValue, closure::Closure};

/// Milliseconds for an answer that GoPay gives by itself.
pub(crate) const SILENT: u32 = 10_000;
/// Milliseconds for an answer that GoPay first has to get from the buyer.
pub(crate) const ASKING: u32 = 120_000;

/// For a method that takes none: an empty object.
#[derive(Serialize)]
pub(crate) struct NoParams {}

/// The parameters of a call, as the plain object that the container expects.
pub(crate) fn params(params: &impl Serialize) -> Result<JsValue, Error> {
    params
        .serialize(&Serializer::json_compatible())
        .map_err(|_| Error::Unreadable {
            what: "parameters that are no object",
        })
}

/// Calls `class.method` and waits for the answer, at most `deadline` milliseconds once
/// the container is there.
pub(crate) async fn call(
    class: &str,
    method: &str,
    params: &JsValue,
    deadline: Option<u32>,
) -> Result<Reply, Error> {
    let container = Container::appear().await?;
    let (sender, outcome) = oneshot::channel();
    let settle = Settle(Rc::new(Cell::new(Some(sender))));
    let late = settle.clone();
    let _deadline = deadline.map(|ms| Timeout::new(ms, move || late.once(|| Err(Error::TimedOut))));
    let success = settle.on(Callback::Success);
    let failure = settle.on(Callback::Failure);
    if let Err(thrown) = container.hand_over((class, method), params, &success, &failure) {
        settle.once(|| Err(thrown));
    }
    drop((settle, success, failure));
    // Nobody is left who could settle only when the container has let go of both
    // callbacks: no answer will ever come.
    outcome.await.unwrap_or(Err(Error::TimedOut))
}

/// Calls the first of `methods` that this GoPay supports.
pub(crate) async fn first_supported(
    methods: &[(&str, &str)],
    params: &JsValue,
    deadline: Option<u32>,
) -> Result<Reply, Error> {
    for (class, method) in methods {
        match call(class, method, params, deadline).await {
            Err(Error::Unsupported) => {}
            settled => return settled,
        }
    }
    Err(Error::Unsupported)
}

#[derive(Clone)]
struct Settle(Rc<Cell<Option<Sender>>>);

type Sender = oneshot::Sender<Result<Reply, Error>>;

impl Settle {
    fn once(&self, outcome: impl FnOnce() -> Result<Reply, Error>) {
        if let Some(sender) = self.0.take() {
            // Fails only where nobody waits any more.
            sender.send(outcome()).ok();
        }
    }

    /// A callback for JavaScript, which may call it never, late, twice, or while it is
    /// already running. JavaScript owns it: the garbage collector frees it wherever there
    /// is a `FinalizationRegistry` (Chrome 84, Safari 14.1; an older engine keeps a few
    /// dozen bytes for each call), and until then calling it does no harm.
    fn on(&self, callback: Callback) -> JsValue {
        let settle = self.clone();
        let receive = move |answer: JsValue| {
            settle.once(|| reply::decode(&snapshot(&answer), callback));
        };
        Closure::<dyn Fn(JsValue)>::new(receive).into_js_value()
    }
}
