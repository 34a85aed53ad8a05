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
mod notice;
mod phone;
mod process;
mod run;
mod time;
mod watch;
mod wire;
mod world;

pub use harm::{Harm, Harms};
pub use run::{Outcome, run};
pub use watch::{Rare, Violation};

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
