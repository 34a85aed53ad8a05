//! A world in one process: buyers' phones with the app's own checkout, the merchant's own
//! shop, GoPay's books, a network, a clock; and everything of it breaks on purpose.
//!
//! The app's state machine and the merchant's code are the ones that ship; only what they
//! talk to is simulated: books in memory, a wire that loses things, time that jumps to the
//! next moment at which anything happens. A world follows from its [`Plan`] alone, so that
//! whatever went wrong once goes wrong again.
//!
//! Where to start: [`run()`] lives through a world; `watch` says what must not be.

pub mod books;
mod chance;
mod door;
mod gopay;
mod harm;
mod many;
mod notice;
mod odd;
mod phone;
mod process;
mod run;
mod time;
mod watch;
mod wire;
mod world;

pub use harm::{Harm, Harms};
pub use many::{Total, live, shrunk};
pub use run::{Outcome, run};
pub use watch::{Rare, Violation};

use std::fmt;

/// What a world follows from.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// All chance comes from it.
    pub seed: u64,
    /// So many people.
    pub buyers: u8,
    /// What may go wrong.
    pub harms: Harms,
    /// Whether to write down what happens.
    pub tell: bool,
}

impl Plan {
    /// A few buyers, and everything that can go wrong does.
    pub const DEFAULT: Self = Self {
        seed: 1,
        buyers: 3,
        harms: Harms::ALL,
        tell: false,
    };
}

/// As it is lived through again.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cargo xtask world --seeds 1 --from {} --buyers {} --harms {} --tell",
            self.seed, self.buyers, self.harms
        )
    }
}
