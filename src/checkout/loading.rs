//! The transition to an order that is to be read. PURE.

use super::io::Command;
use super::state::State;
use crate::route::Route;
use contract::OrderId;

pub(super) fn load_order(id: OrderId) -> (State, Vec<Command>) {
    let read = Command::Read {
        id: id.clone(),
        after: 0,
    };
    (State::LoadingOrder { id }, vec![read])
}

/// The order, at its own address.
pub(super) fn open_order(id: OrderId) -> (State, Vec<Command>) {
    let show = Command::Navigate(Route::Order(id.clone()));
    let (state, mut commands) = load_order(id);
    commands.push(show);
    (state, commands)
}
