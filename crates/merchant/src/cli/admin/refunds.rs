//! Refunds, asked for at the command line. They are only reserved here: the merchant that runs
//! on the same database sends them.

use super::{Admin, Error};
use crate::{
    domain::refund::{RefundRequest, RefundRetryOutcome, ReserveOutcome, State, StoredRefund},
    ports::Clock,
};
use std::fmt::Write;

impl Admin {
    /// Reserves a refund of a part, or of all that is left of an order.
    pub async fn refund(
        &self,
        order_id: &str,
        request: impl Into<RefundRequest>,
    ) -> Result<String, Error> {
        let request = request.into();
        match self
            .store
            .reserve_refund(order_id, &request, Clock::system().now())
            .await?
        {
            ReserveOutcome::Reserved(refunds) => Ok(told(
                order_id,
                &refunds,
                "reserved: sent as soon as the merchant runs; `merchant refunds` tells how it goes",
            )),
            ReserveOutcome::Replayed(refunds) => Ok(told(
                order_id,
                &refunds,
                "reserved before under this key, and nothing was added: `merchant refunds` tells how it goes",
            )),
            ReserveOutcome::KeyConflict => Err(Error::KeyReused(request.key.unwrap_or_default())),
            ReserveOutcome::Duplicate(before) => Err(Error::Repeated {
                number: before.number,
                state: before.state.name(),
            }),
            ReserveOutcome::Unknown => Err(Error::NoOrder(order_id.to_owned())),
            ReserveOutcome::NotPaid(status) => Err(Error::NothingPaid {
                id: order_id.to_owned(),
                status,
            }),
            ReserveOutcome::TooMuch { left } => Err(Error::TooMuch {
                id: order_id.to_owned(),
                left,
            }),
        }
    }

    /// A line for each refund without an end and for each that failed, those that need a
    /// person first, and a last one that counts.
    pub async fn refunds(&self) -> Result<String, Error> {
        let parked = self.store.refunds(State::Parked).await?;
        let failed = self.store.refunds(State::Failed).await?;
        let open = self.store.refunds(State::Open).await?;
        let mut list = String::new();
        for refund in parked.iter().chain(&failed).chain(&open) {
            line(&mut list, refund);
        }
        let _ = write!(
            list,
            "parked: {}, failed: {}, open: {}",
            parked.len(),
            failed.len(),
            open.len()
        );
        Ok(list)
    }

    /// Has GoPay asked again about a parked refund; reserves a failed one anew.
    pub async fn retry_refund(&self, number: &str, again: bool) -> Result<String, Error> {
        match self
            .store
            .retry_refund(number, again, Clock::system().now())
            .await?
        {
            RefundRetryOutcome::Reopened => Ok(format!(
                "GoPay is asked about {number} again as soon as the merchant runs"
            )),
            RefundRetryOutcome::Reserved(refund) => Ok(format!(
                "reserved under a new number, {}: sent as soon as the merchant runs",
                refund.number
            )),
            RefundRetryOutcome::Replayed(retried_as) => Err(Error::RetriedBefore {
                number: number.to_owned(),
                retried_as,
            }),
            RefundRetryOutcome::Duplicate(other) => Err(Error::Repeated {
                number: other.number,
                state: other.state.name(),
            }),
            RefundRetryOutcome::Unknown => Err(Error::NoRefund(number.to_owned())),
            RefundRetryOutcome::NotNeeded(state) => Err(Error::NotToRetry {
                number: number.to_owned(),
                state: state.name(),
            }),
            RefundRetryOutcome::TooMuch { left } => Err(Error::TooMuch {
                id: number.to_owned(),
                left,
            }),
        }
    }
}

/// A line for each refund, and what became of them.
fn told(order_id: &str, refunds: &[StoredRefund], outcome: &str) -> String {
    let mut said = String::new();
    for refund in refunds {
        let _ = writeln!(
            said,
            "{}  Rp{} of order {order_id}  {}",
            refund.number,
            refund.amount.get(),
            refund.state.name()
        );
    }
    said.push_str(outcome);
    said
}

fn line(list: &mut String, refund: &StoredRefund) {
    let _ = writeln!(
        list,
        "{}  {}  order {}  Rp{}  {}  sent {} times  last answer: {}",
        refund.number,
        refund.state.name(),
        refund.order_id,
        refund.amount.get(),
        refund.cause.name(),
        refund.tries,
        refund.answer.as_deref().unwrap_or("none"),
    );
}
