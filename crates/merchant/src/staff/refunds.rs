//! Refunds, asked for at the command line. They are only reserved here: the merchant that runs
//! on the same database sends them.

use super::{Error, Staff};
use crate::{
    clock::Clock,
    refund::State,
    store::{Reserved, RetriedRefund, StoredRefund},
};
use contract::Rupiah;
use std::fmt::Write;

impl Staff {
    /// Reserves a refund of `amount`, or of all that is left of an order.
    pub async fn refund(&self, order_id: &str, amount: Option<Rupiah>) -> Result<String, Error> {
        match self
            .store
            .reserve_refund(order_id, amount, Clock::system().now())
            .await?
        {
            Reserved::Yes(refunds) => {
                let mut said = String::new();
                for refund in &refunds {
                    let _ = writeln!(
                        said,
                        "{}  Rp{} of order {order_id}",
                        refund.number,
                        refund.amount.get()
                    );
                }
                said.push_str(
                    "reserved: sent as soon as the merchant runs; `merchant refunds` tells how \
                     it goes",
                );
                Ok(said)
            }
            Reserved::Unknown => Err(Error::NoOrder(order_id.to_owned())),
            Reserved::NotPaid(status) => Err(Error::NothingPaid {
                id: order_id.to_owned(),
                status,
            }),
            Reserved::TooMuch { left } => Err(Error::TooMuch {
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
    pub async fn retry_refund(&self, number: &str) -> Result<String, Error> {
        match self
            .store
            .retry_refund(number, Clock::system().now())
            .await?
        {
            RetriedRefund::Again => Ok(format!(
                "GoPay is asked about {number} again as soon as the merchant runs"
            )),
            RetriedRefund::Anew(refund) => Ok(format!(
                "reserved under a new number, {}: sent as soon as the merchant runs",
                refund.number
            )),
            RetriedRefund::Unknown => Err(Error::NoRefund(number.to_owned())),
            RetriedRefund::NotNeeded(state) => Err(Error::NotToRetry {
                number: number.to_owned(),
                state: state.name(),
            }),
            RetriedRefund::TooMuch { left } => Err(Error::TooMuch {
                id: number.to_owned(),
                left,
            }),
        }
    }
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
