//! The transition to an order that is to be read. PURE.

use super::io::Command;
use super::order::{OrderFlow, OrderSnapshot};
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

/// The order that was read as `named`. GoPay's order history may name it by an id of its payment; from
/// here on the address has its own.
pub(super) fn loaded(named: &OrderId, snapshot: OrderSnapshot) -> (State, Vec<Command>) {
    let id = snapshot.order.id.clone();
    let (state, mut commands) = OrderFlow::opened(snapshot).poll();
    if id != *named {
        commands.push(Command::ReplaceAddress(Route::Order(id)));
    }
    (state, commands)
}

/// The order, at its own address.
pub(super) fn open_order(id: OrderId) -> (State, Vec<Command>) {
    let show = Command::Navigate(Route::Order(id.clone()));
    let (state, mut commands) = load_order(id);
    commands.push(show);
    (state, commands)
}
