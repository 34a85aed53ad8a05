//! `gopay-simulator check`: sends a merchant's back end what GoPay's notifications may be, and what others may
//! send in GoPay's name, and reports what the back end got wrong.
//!
//! Not here: what is sent and what is right is in `check/attack.rs`, the form of the report in `check/report.rs`.

mod attack;
mod notifications;
mod report;
mod runner;
mod slow_body;

pub use report::{Finding, Report, Verdict};

use crate::app_state::AppState;
use std::{sync::Arc, time::Duration};

/// A merchant's back end, as its shop and its customers use it. Errors are texts for the report.
pub trait BackEnd {
    /// Makes the back end create one order and its payment. Returns what helps where no payment arrives.
    fn place_order(&self, auth_code: String) -> impl Future<Output = Result<String, String>>;

    /// Whether the back end says that the order is paid; `None` where it cannot be asked.
    fn is_paid(
        &self,
        partner_reference_no: String,
        auth_code: String,
    ) -> impl Future<Output = Result<Option<bool>, String>>;
}

/// Why nothing can be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error("no order to check with: {0}")]
    Order(String),
    #[error("the state of an order is not known: {0}")]
    State(String),
    #[error("the merchant cannot be notified: {0}; is --merchant right?")]
    NoMerchant(String),
    #[error("an order that nobody has paid counts as paid: is --paid a text of paid orders only?")]
    AlwaysPaid,
}

/// Runs every attack in turn. An order, a payment or a state is waited for as long as `wait`.
pub(crate) async fn run(
    state: Arc<AppState>,
    back_end: &impl BackEnd,
    wait: Duration,
) -> Result<Report, CheckError> {
    runner::Runner::new(state, back_end, wait).run().await
}
