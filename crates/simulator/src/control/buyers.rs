//! What GoPay knows about a buyer.

use crate::{
    app_state::AppState,
    buyer::Buyer,
    input::{Input, PathParameters},
};
use axum::extract::State;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    balance: Option<u64>,
    gopay_later: Option<u64>,
    promo: Option<u64>,
}

/// `PUT /control/buyers/{id} {"balance": 10000}`: what is missing is made up, and money that is missing never
/// runs out.
pub(crate) async fn set(
    State(state): State<Arc<AppState>>,
    PathParameters(id): PathParameters<String>,
    Input(settings): Input<Settings>,
) {
    let Settings {
        name,
        email,
        phone,
        balance,
        gopay_later,
        promo,
    } = settings;
    state.write(|gopay| {
        gopay.buyers.set(Buyer {
            id,
            name,
            email,
            phone,
            balance,
            gopay_later,
            promo,
        });
    });
}
