//! Requests of a buyer who may no longer be signed in.
//!
//! Invariant: a 401 is answered by signing in silently once and repeating the same request;
//! and by nothing where that brings another buyer.

use super::State;
use crate::api;
use crate::browser::storage;
use crate::cart::Cart;
use crate::trouble::Trouble;
use contract::ProblemCode;
use leptos::prelude::*;

/// The answer to the request, sent once more where the merchant did not know the buyer any more.
pub async fn signed_in<T>(
    session: RwSignal<State>,
    cart: RwSignal<Cart>,
    request: impl AsyncFn() -> Result<T, api::Error>,
) -> Result<T, Trouble> {
    match request().await {
        Err(api::Error::Problem(problem)) if problem.code == ProblemCode::SessionRequired => {
            sign_in(session, cart).await?;
            request().await.map_err(Trouble::from)
        }
        answer => answer.map_err(Trouble::from),
    }
}

/// Signs in once more, for a new session and today's prices.
pub async fn sign_in(session: RwSignal<State>, cart: RwSignal<Cart>) -> Result<(), Trouble> {
    let fresh = super::sign_in().await?;
    let same = session.with_untracked(|state| {
        // Not the whole customer: they may have given their name meanwhile.
        (state.session()).is_none_or(|before| before.customer.id == fresh.customer.id)
    });
    cart.update(|cart| {
        cart.keep_sold(&fresh.catalogue);
        storage::keep_cart(cart);
    });
    session.set(State::In(Box::new(fresh)));
    if same {
        Ok(())
    } else {
        Err(Trouble::AnotherBuyer)
    }
}
