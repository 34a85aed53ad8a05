//! The request inspector: keeps the messages that cross the line, and shows each with what is wrong with it.

mod credentials;
mod curl;
mod record;
mod secrets;
mod signature;
mod view;

pub(crate) use record::record;
pub(crate) use view::{Secrets, view};

use crate::{
    app_state::AppState,
    exchanges::{Answer, Exchange, Sent},
};
use std::io::{Write, stdout};

/// Keeps a request, whose answer follows. Returns its number.
pub(crate) fn begin(state: &AppState, sent: Sent) -> u64 {
    let at = state.read(|gopay| gopay.now());
    state.exchanges.begin(sent, at, state.exchanged())
}

/// The answer is there, or its beginning where the connection broke.
pub(crate) fn end(state: &AppState, number: u64, answer: Answer) {
    ended(state, state.exchanges.end(number, answer));
}

/// There is no answer.
pub(crate) fn fail(state: &AppState, number: u64, why: &'static str) {
    ended(state, state.exchanges.fail(number, why));
}

fn ended(state: &AppState, exchange: Option<Exchange>) {
    if let Some(exchange) = exchange.filter(|_| state.prints_exchanges()) {
        // A reader that has gone is none of the merchant's business.
        let _ = writeln!(stdout(), "{}", view::line(state, &exchange));
    }
    state.notify_changed();
}
