//! Requests that sign in again when the session is over.
//!
//! Invariant: after a 401 the app signs in silently and repeats the same request, unless another buyer
//! has signed in. Invariant: one sign-in at a time, because each ends the previous session.

use super::{State, sign_in};
use crate::api;
use crate::browser::storage;
use crate::cart::Cart;
use crate::user_error::UserError;
use contract::ProblemCode;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Poll, Waker};

/// Sends the request, and repeats it after a new sign-in where the session is over.
pub async fn with_reauth<T>(
    session: RwSignal<State>,
    cart: RwSignal<Cart>,
    request: impl AsyncFn() -> Result<T, api::Error>,
) -> Result<T, UserError> {
    // Only the second refusal shows a web view that keeps no cookie.
    for _ in 0..2 {
        let before = Version::of(session);
        let answer = request().await;
        match answer {
            Err(api::Error::Problem(problem)) if problem.code == ProblemCode::SessionRequired => {
                after_refusal(session, cart, before).await?;
            }
            answer => {
                IS_KEPT.set(IS_KEPT.get() || answer.is_ok());
                return answer.map_err(UserError::from);
            }
        }
    }
    request().await.map_err(UserError::from)
}

/// Signs in again, for a new session and today's prices.
pub async fn sign_in(session: RwSignal<State>, cart: RwSignal<Cart>) -> Result<(), UserError> {
    let _turn = turn().await;
    enter(session, cart).await
}

/// Signs in, unless another request has done so meanwhile. Without any successful request since the
/// last sign-in, its cookie was lost. Boxed, else each kind of request would have a copy of it.
fn after_refusal(
    session: RwSignal<State>,
    cart: RwSignal<Cart>,
    before: Version,
) -> Pin<Box<dyn Future<Output = Result<(), UserError>>>> {
    Box::pin(async move {
        let _turn = turn().await;
        if before != Version::of(session) {
            return Ok(());
        }
        // The first sign-in is still under way.
        if session.with_untracked(|state| matches!(state, State::SigningIn | State::Retrying(_))) {
            return Err(UserError::SignInRefused);
        }
        if !IS_KEPT.replace(false) {
            api::use_session_token();
        }
        enter(session, cart).await
    })
}

async fn enter(session: RwSignal<State>, cart: RwSignal<Cart>) -> Result<(), UserError> {
    let fresh = sign_in::sign_in().await?;
    SIGNED_IN.set(SIGNED_IN.get() + 1);
    storage::save_buyer(&fresh.customer.id);
    let same = session.with_untracked(|state| {
        // By id, because the name may have changed meanwhile.
        (state.session()).is_none_or(|before| before.customer.id == fresh.customer.id)
    });
    cart.update(|cart| {
        cart.retain_available(&fresh.catalogue);
        storage::save_cart(cart);
    });
    session.set(State::In(Box::new(fresh)));
    if same {
        Ok(())
    } else {
        Err(UserError::AnotherBuyer)
    }
}

#[derive(PartialEq, Eq)]
struct Version(bool, u32);

impl Version {
    fn of(session: RwSignal<State>) -> Self {
        let is_in = session.with_untracked(|state| state.session().is_some());
        Self(is_in, SIGNED_IN.get())
    }
}

thread_local! {
    /// The number of sign-ins of this module.
    static SIGNED_IN: Cell<u32> = const { Cell::new(0) };
    /// Whether a request has succeeded since the last sign-in.
    static IS_KEPT: Cell<bool> = const { Cell::new(false) };
    /// Whether a sign-in of this module is under way.
    static IS_BUSY: Cell<bool> = const { Cell::new(false) };
    static WAITING: RefCell<Vec<Waker>> = const { RefCell::new(Vec::new()) };
}

/// The lock of signing in.
struct Turn;

async fn turn() -> Turn {
    poll_fn(|context| {
        if IS_BUSY.replace(true) {
            WAITING.with_borrow_mut(|waiting| waiting.push(context.waker().clone()));
            Poll::Pending
        } else {
            Poll::Ready(Turn)
        }
    })
    .await
}

impl Drop for Turn {
    fn drop(&mut self) {
        IS_BUSY.set(false);
        for waker in WAITING.take() {
            waker.wake();
        }
    }
}
