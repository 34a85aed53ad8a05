//! Counts the awaits of each part of the merchant, and dies at the one that was asked for.
//!
//! `MERCHANT_CRASH` says what happens: `trace` writes every point to standard error,
//! `die 7 payment` kills the process at the seventh point of the part `payment`, `panic 7
//! payment` panics there.
//!
//! A future passes a point when it goes on after an await, with nothing made yet of what it
//! waited for, and when it is done, without a word to others. To die while it waits would leave behind
//! what the point before left, or what the point after it leaves.

use axum::{extract::Request, middleware::Next, response::Response};
use nix::sys::signal::{Signal, raise};
use std::{
    collections::HashMap,
    env,
    future::Future,
    pin::Pin,
    sync::{LazyLock, Mutex, PoisonError},
    task::{Context, Poll},
};

static PLAN: LazyLock<Option<Plan>> =
    LazyLock::new(|| Plan::parse(&env::var("MERCHANT_CRASH").ok()?));

static PASSED: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Mutex::default);

enum Plan {
    Trace,
    Die { at: u32, part: String },
    Panic { at: u32, part: String },
}

impl Plan {
    fn parse(text: &str) -> Option<Self> {
        if text == "trace" {
            return Some(Self::Trace);
        }
        let (what, rest) = text.split_once(' ')?;
        let (at, part) = rest.split_once(' ')?;
        let (at, part) = (at.parse().ok()?, part.to_owned());
        match what {
            "die" => Some(Self::Die { at, part }),
            "panic" => Some(Self::Panic { at, part }),
            _ => None,
        }
    }
}

/// The future, which may not live to its end.
pub(crate) fn with_failpoints<F: Future>(
    part: impl Into<String>,
    future: F,
) -> impl Future<Output = F::Output> {
    WithFailpoints {
        part: part.into(),
        has_waited: false,
        future: Box::pin(future),
    }
}

/// A request's part is called `POST /api/orders/{id}/cancel`.
pub(crate) async fn request_failpoints(request: Request, next: Next) -> Response {
    let path = request.uri().path().split('/');
    // No name of ours is as long as an order's id.
    let path = path.map(|name| if name.len() < 32 { name } else { "{id}" });
    let path = path.collect::<Vec<_>>().join("/");
    let part = format!("{} {path}", request.method());
    with_failpoints(part, next.run(request)).await
}

/// An await before each statement of the database: SQLite answers at once, which is none.
pub(crate) async fn statement() {
    if PLAN.is_some() {
        tokio::task::yield_now().await;
    }
}

struct WithFailpoints<F> {
    part: String,
    has_waited: bool,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for WithFailpoints<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        if this.has_waited {
            point(&this.part);
        }
        let polled = this.future.as_mut().poll(context);
        this.has_waited = true;
        if polled.is_ready() {
            point(&this.part);
        }
        polled
    }
}

fn point(part: &str) {
    let Some(plan) = &*PLAN else { return };
    let number = {
        let mut passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
        let number = passed.entry(part.to_owned()).or_default();
        *number += 1;
        *number
    };
    match plan {
        Plan::Trace => eprintln!("point {number} {part}"),
        Plan::Die { at, part: doomed } if number == *at && part == doomed => {
            // Kills as nothing else does: no destructor, no handler, no other thread goes on.
            let _ = raise(Signal::SIGKILL);
        }
        Plan::Panic { at, part: doomed } if number == *at && part == doomed => {
            #[expect(clippy::panic, reason = "it was asked for")]
            {
                panic!("asked for");
            }
        }
        Plan::Die { .. } | Plan::Panic { .. } => {}
    }
}
