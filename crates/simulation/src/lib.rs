//! A seeded simulation in one process: buyers' phones with the app's own checkout, the merchant's
//! own services, GoPay, a network and a clock. Faults are injected everywhere.
//!
//! The app's state machine and the merchant's code are the ones that ship. Their surroundings are
//! simulated: a store in memory, a transport that loses messages, and time that jumps to the next
//! event. A run follows from its [`Plan`] alone, so that every failure can be repeated.
//!
//! Start reading at [`run()`]; `checker` has the invariants.

mod checker;
mod fault;
mod gopay;
mod gopay_message;
mod gopay_mini_app;
mod gopay_snap;
pub mod memory_store;
mod merchant_client;
mod mini_apps;
mod mutate;
mod notification;
mod phone;
mod plan;
mod process;
mod process_state;
mod rng;
mod run;
mod runner;
mod simulation;
mod time;
mod transport;

pub use checker::{CoveragePoint, Violation};
pub use fault::Fault;
pub use plan::Plan;
pub use run::{Outcome, run};
pub use runner::{Summary, run_seeds, shrink};
