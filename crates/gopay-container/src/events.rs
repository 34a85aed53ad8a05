//! What the container dispatches on `document`, as streams.

use crate::{log, sdk::Listener, snapshot::snapshot};
use futures_core::Stream;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{
    cell::RefCell,
    collections::VecDeque,
    fmt,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

/// Events that were not polled yet; the oldest are dropped first.
const MAX_QUEUED: usize = 16;
/// Fields and characters of an event; today's have less than 100.
const MAX_EVENT_SIZE: u32 = 4 * 1024;

#[wasm_bindgen]
extern "C" {
    type Carrier;
    #[wasm_bindgen(method, getter, catch)]
    fn detail(this: &Carrier) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn param(this: &Carrier) -> Result<JsValue, JsValue>;
}

/// Events of one kind, from now until this is dropped; the stream has no end.
pub(crate) struct Events<T> {
    queue: Rc<RefCell<Queue<T>>>,
    listeners: Vec<Listener>,
}

struct Queue<T> {
    waiting: VecDeque<T>,
    waker: Option<Waker>,
}

impl<T: 'static> Events<T> {
    pub(crate) fn new() -> Self {
        Self {
            queue: Rc::new(RefCell::new(Queue {
                waiting: VecDeque::new(),
                waker: None,
            })),
            listeners: Vec::new(),
        }
    }

    /// Listens to `event` too, and drops what `read` cannot read.
    pub(crate) fn listen(
        mut self,
        event: &'static str,
        read: impl Fn(&JsValue) -> Option<T> + 'static,
    ) -> Self {
        let queue = Rc::clone(&self.queue);
        self.listeners.push(Listener::new(event, move |carrier| {
            if let Some(event) = read(&carrier) {
                let mut queue = queue.borrow_mut();
                if queue.waiting.len() == MAX_QUEUED {
                    queue.waiting.pop_front();
                }
                queue.waiting.push_back(event);
                let waker = queue.waker.take();
                drop(queue);
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        }));
        self
    }
}

impl<T> Stream for Events<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut queue = self.queue.borrow_mut();
        match queue.waiting.pop_front() {
            Some(event) => Poll::Ready(Some(event)),
            None => {
                queue.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> fmt::Debug for Events<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.listeners).finish()
    }
}

/// What `event`, called `name`, carries.
///
/// Docs disagree: `frontend-v1` reads `e.param`, `frontend-v2` turns `e` itself into JSON,
/// and for files reads `e.detail`. The first of them that fits counts.
pub(crate) fn carried<T: DeserializeOwned>(name: &str, event: &JsValue) -> Option<T> {
    let carrier: &Carrier = event.unchecked_ref();
    let places = [
        ("detail", carrier.detail()),
        ("param", carrier.param()),
        ("event", Ok(event.clone())),
    ];
    let found = places.into_iter().find_map(|(place, value)| {
        let reading = match snapshot(&value.ok()?, MAX_EVENT_SIZE)? {
            Value::String(text) => serde_json::from_str(&text).ok(),
            value => serde_json::from_value(value).ok(),
        };
        Some((place, reading?))
    });
    log::heard(name, found.as_ref().map_or("nowhere", |(place, _)| place));
    found.map(|(_, reading)| reading)
}
