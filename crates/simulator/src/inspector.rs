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
use std::{
    io::{Write, stdout},
    sync::Arc,
};

/// An exchange under way. Dropped before its end, it is one that was given up.
pub(crate) struct Begun {
    state: Arc<AppState>,
    number: u64,
    has_ended: bool,
}

impl Begun {
    /// Keeps a request, whose answer follows.
    pub(crate) fn new(state: &Arc<AppState>, sent: Sent) -> Self {
        let at = state.read(|gopay| gopay.now());
        Self {
            number: state.exchanges.begin(sent, at, state.exchanged()),
            state: Arc::clone(state),
            has_ended: false,
        }
    }

    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// The answer is there, or its beginning where the connection broke.
    pub(crate) fn end(&mut self, answer: Answer) {
        let exchange = self.state.exchanges.end(self.number, answer);
        self.ended(exchange);
    }

    /// There is no answer.
    pub(crate) fn fail(&mut self, why: &'static str) {
        let exchange = self.state.exchanges.fail(self.number, why);
        self.ended(exchange);
    }

    fn ended(&mut self, exchange: Option<Exchange>) {
        self.has_ended = true;
        if let Some(exchange) = exchange.filter(|_| self.state.prints_exchanges()) {
            // A reader that has gone is none of the merchant's business.
            let _ = writeln!(stdout(), "{}", view::line(&self.state, &exchange));
        }
        self.state.notify_changed();
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if !self.has_ended {
            self.fail("given up before the answer");
        }
    }
}
