//! Refunds, asked for at the command line. They are only reserved here: the merchant that runs
//! on the same database sends them.

use super::{Admin, Error};
use crate::{
    domain::refund::{
        APPROVE_WITHIN, ApprovalRule, RefundApproval, RefundRequest, RefundRetryOutcome,
        RefundState, ReserveOutcome, StoredRefund,
    },
    ports::Clock,
};
use gopay_protocol::PartnerRefundNo;
use std::fmt::Write;

impl Admin {
    /// The rule of the configuration, for what this person asks.
    pub fn approval_rule(&self, actor: &str) -> Option<ApprovalRule> {
        let from = self.refund_approval_from?;
        let actor = actor.to_owned();
        Some(ApprovalRule { from, actor })
    }

    /// Reserves a refund of a part, or of all that is left of an order.
    pub async fn refund(
        &self,
        order: &str,
        request: impl Into<RefundRequest>,
    ) -> Result<String, Error> {
        let request = request.into();
        match self
            .store
            .reserve_refund(order, &request, Clock::system().now())
            .await?
        {
            ReserveOutcome::Reserved(refunds) => Ok(told(
                order,
                &refunds,
                "reserved: sent as soon as the merchant runs; `merchant refunds` tells how it goes",
            )),
            ReserveOutcome::Replayed(refunds) => Ok(told(
                order,
                &refunds,
                "reserved before under this key, and nothing was added: `merchant refunds` tells how it goes",
            )),
            ReserveOutcome::AwaitsApproval(approval) => Ok(awaits(&approval)),
            ReserveOutcome::KeyConflict => Err(Error::KeyConflict(request.key.unwrap_or_default())),
            ReserveOutcome::Duplicate(before) => Err(Error::Repeated {
                number: before.number,
                state: before.state.name(),
            }),
            ReserveOutcome::Unknown => Err(Error::NoOrder(order.to_owned())),
            ReserveOutcome::NotPaid(status) => Err(Error::NothingPaid {
                id: order.to_owned(),
                status,
            }),
            ReserveOutcome::TooMuch { left } => Err(Error::TooMuch {
                id: order.to_owned(),
                left,
            }),
        }
    }

    /// A line for each refund without an end and for each that failed, those that need a
    /// person first, and a last one that counts.
    pub async fn refunds(&self) -> Result<String, Error> {
        let parked = self.store.refunds(RefundState::DeadLetter).await?;
        let failed = self.store.refunds(RefundState::Failed).await?;
        let open = self.store.refunds(RefundState::Open).await?;
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

    /// Has GoPay asked again about a dead-letter refund; reserves a failed one anew.
    pub async fn retry_refund(
        &self,
        number: &PartnerRefundNo,
        again: bool,
        rule: Option<&ApprovalRule>,
    ) -> Result<String, Error> {
        match self
            .store
            .retry_refund(number, again, rule, Clock::system().now())
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
                number: number.clone(),
                retried_as,
            }),
            RefundRetryOutcome::Duplicate(other) => Err(Error::Repeated {
                number: other.number,
                state: other.state.name(),
            }),
            RefundRetryOutcome::AwaitsApproval(approval) => Ok(awaits(&approval)),
            RefundRetryOutcome::Unknown => Err(Error::NoRefund(number.clone())),
            RefundRetryOutcome::NotNeeded(state) => Err(Error::NotToRetry {
                number: number.clone(),
                state: state.name(),
            }),
            RefundRetryOutcome::TooMuch { left } => Err(Error::TooMuch {
                id: number.to_string(),
                left,
            }),
        }
    }
}

/// What the second person runs.
pub(super) fn approve_command(approval: &RefundApproval) -> String {
    if let Some(number) = &approval.retry_of {
        return format!("merchant refunds retry {number} --reason WHY");
    }
    let key = approval.asked_as.as_ref();
    let key = key.map_or_else(String::new, |key| format!(" --key '{key}'"));
    let (order, amount) = (&approval.order_id, approval.amount.get());
    format!("merchant refund {order} --amount {amount}{key} --reason WHY")
}

fn awaits(approval: &RefundApproval) -> String {
    format!(
        "nothing is reserved yet: Rp{} of order {} need a second person, who runs, within {} hours of {}'s \
         request, `{}`",
        approval.amount.get(),
        approval.order_id,
        APPROVE_WITHIN.as_secs() / 3600,
        approval.asked_by,
        approve_command(approval),
    )
}

/// A line for each refund, and what became of them.
fn told(order: &str, refunds: &[StoredRefund], outcome: &str) -> String {
    let mut said = String::new();
    for refund in refunds {
        let _ = writeln!(
            said,
            "{}  Rp{} of order {order}  {}",
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
        refund.reason.name(),
        refund.tries,
        refund.answer.as_deref().unwrap_or("none"),
    );
}
