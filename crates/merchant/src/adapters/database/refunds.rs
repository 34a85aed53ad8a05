//! Refunds: reserved first, sent afterwards.
//!
//! Invariant: a reserve is written in the transaction that finds enough left for it, and the
//! database itself refuses one that is too much. How a refund ended is written in the
//! transaction that records GoPay's history of it.

mod approvals;
pub(super) mod in_transaction;
mod queries;

use super::{
    columns::last_response_column,
    connection::sql,
    locks::lock_order,
    orders::{self, load},
    retries::with_retries,
    store::Store,
};
use crate::{
    domain::{
        payment_balance::{allocate, total_refundable},
        refund::{
            self, ApprovalRule, LastResponse, LeasedRefund, RefundReason, RefundRequest,
            RefundRetryOutcome, RefundState, ReserveOutcome, StoredRefund,
        },
        retry,
        time::Timestamp,
    },
    ports::{Error, RefundRepository},
};
use approvals::Proposal;
use contract::Rupiah;
use gopay_protocol::{ExternalId, PartnerRefundNo};
use in_transaction::{balances, refunds_of_order, reserve};
use queries::{asked_as, asked_since, by_number, in_state, of_payment, retried_as};
use std::time::Duration;

/// The same amount of the same order, asked for within so long without saying that it is meant,
/// is one request that was repeated.
const SAME_REQUEST_WITHIN: Duration = Duration::from_mins(10);

/// Changes an open refund under its lease, the parameters 1 and 2.
macro_rules! update_leased {
    ($lease:ident, $set:literal) => {
        sql(concat!(
            "update refunds set ",
            $set,
            " where number = $1 and leased_until = $2 and state = 'open'"
        ))
        .bind($lease.refund.number.as_str())
        .bind($lease.leased_until)
    };
}

/// One of the two parts of [`DUE_REFUNDS`], each of which an index serves.
macro_rules! due_part {
    ($when:literal) => {
        concat!(
            "select * from (select number, try_at from refunds where state = 'open' and ",
            $when,
            " and (leased_until <= $1 or leased_until > $3) order by try_at limit $4) as part"
        )
    };
}

/// The parameters are now, the ends of the longest pause and of the longest lease, and the limit.
pub(super) const DUE_REFUNDS: &str = concat!(
    "select number from (",
    due_part!("try_at <= $1"),
    " union all ",
    due_part!("try_at > $2"),
    ") as due order by try_at limit $4"
);

impl RefundRepository for Store {
    async fn due_refunds(&self, now: Timestamp, limit: u32) -> Result<Vec<PartnerRefundNo>, Error> {
        let numbers: Vec<String> = sql(DUE_REFUNDS)
            .bind(now)
            .bind(now + refund::MAX_PAUSE + retry::CLOCK_TOLERANCE)
            .bind(now + refund::LEASE + retry::CLOCK_TOLERANCE)
            .bind(limit)
            .fetch_values(&mut *self.reader().await?)
            .await?;
        Ok(numbers.into_iter().map(PartnerRefundNo::from).collect())
    }

    async fn lease_refund(
        &self,
        number: &PartnerRefundNo,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedRefund>, Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            let taken = sql("update refunds set leased_until = $1
             where number = $2 and state = 'open' and (try_at <= $3 or try_at > $4)
             and (leased_until <= $3 or leased_until > $5)")
            .bind(until)
            .bind(number.as_str())
            .bind(now)
            .bind(now + refund::MAX_PAUSE + retry::CLOCK_TOLERANCE)
            .bind(until + retry::CLOCK_TOLERANCE)
            .execute(&mut tx)
            .await?;
            if taken == 0 {
                return Ok(None);
            }
            let refund = by_number(&mut tx, number)
                .await?
                .ok_or(Error::CorruptRow("a refund"))?;
            let order = load(&mut tx, &refund.order_id)
                .await?
                .ok_or(Error::CorruptRow("a refund without an order"))?;
            tx.commit().await?;
            Ok(Some(LeasedRefund {
                refund,
                order,
                leased_until: until,
            }))
        })
        .await
    }

    async fn mark_refund_sent(&self, lease: &LeasedRefund, now: Timestamp) -> Result<bool, Error> {
        let counted = self
            .execute(
                update_leased!(
                    lease,
                    "sent_at = coalesce(sent_at, $3), last_sent_at = $3, last_response = 'nothing',
             tries = tries + 1"
                )
                .bind(now),
            )
            .await?;
        Ok(counted == 1)
    }

    async fn record_refund_response(
        &self,
        lease: &LeasedRefund,
        last_response: LastResponse,
        answer: &str,
    ) -> Result<(), Error> {
        let update = if last_response == LastResponse::NotSent {
            update_leased!(lease, "answer = $3, sent_at = null, last_sent_at = null").bind(answer)
        } else {
            update_leased!(lease, "answer = $3, last_response = $4")
                .bind(answer)
                .bind(last_response_column(last_response))
        };
        self.execute(update).await?;
        Ok(())
    }

    async fn release_refund(
        &self,
        lease: &LeasedRefund,
        state: RefundState,
        try_at: Timestamp,
    ) -> Result<(), Error> {
        self.execute(
            update_leased!(lease, "state = $3, try_at = $4, leased_until = 0")
                .bind(state.name())
                .bind(try_at),
        )
        .await?;
        Ok(())
    }
}

impl Store {
    /// Reserves a part of what was paid for an order, or all that is left, for `merchant`'s
    /// worker to send. The order goes by its id or by the number on the receipt.
    pub async fn reserve_refund(
        &self,
        name: &str,
        request: &RefundRequest,
        now: Timestamp,
    ) -> Result<ReserveOutcome, Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            let Some(order_id) = orders::named(&mut tx, name).await? else {
                return Ok(ReserveOutcome::Unknown);
            };
            lock_order(&mut tx, &order_id).await?;
            let order = load(&mut tx, &order_id)
                .await?
                .ok_or(Error::CorruptRow("an order"))?;
            if let Some(key) = &request.key {
                let before = asked_as(&mut tx, &order_id, key).await?;
                if !before.is_empty() {
                    let asked = Rupiah::sum(before.iter().map(|refund| refund.amount));
                    let is_same = request.amount.is_none() || request.amount == asked;
                    return Ok(match is_same {
                        true => ReserveOutcome::Replayed(before),
                        false => ReserveOutcome::KeyConflict,
                    });
                }
            }
            let rule = request.approval.as_ref();
            let proposal = |amount| Proposal {
                order_id: &order_id,
                amount,
                asked_as: request.key.as_deref().unwrap_or_default(),
                retry_of: "",
            };
            if let Some(amount) = request.amount
                && !request.again
                && !proposal(amount).is_awaited(&mut tx, rule, now).await?
            {
                let since = now - SAME_REQUEST_WITHIN;
                let asked = asked_since(&mut tx, &order_id, since).await?;
                if let Some(before) = same_amount(asked, amount) {
                    return Ok(ReserveOutcome::Duplicate(before));
                }
            }
            let balances = balances(&mut tx, &order).await?;
            if balances
                .iter()
                .all(|balance| balance.amounts.paid == Rupiah::ZERO)
            {
                return Ok(ReserveOutcome::NotPaid(order.status));
            }
            let left = total_refundable(&balances).ok_or(Error::CorruptRow("refunds"))?;
            let amount = request.amount.unwrap_or(left);
            let Some(parts) = allocate(amount, &balances) else {
                return Ok(ReserveOutcome::TooMuch { left });
            };
            let refunds = refunds_of_order(&mut tx, &order_id).await?;
            let proposal = proposal(amount);
            let approval = proposal.approval(&mut tx, rule, &refunds, now);
            if let Some(approval) = approval.await? {
                tx.commit().await?;
                return Ok(ReserveOutcome::AwaitsApproval(approval));
            }
            let reserved = reserve(&mut tx, &order, &parts, RefundReason::Staff, now).await?;
            if let Some(key) = &request.key {
                for refund in &reserved {
                    sql("update refunds set asked_as = $1 where number = $2")
                        .bind(key)
                        .bind(refund.number.as_str())
                        .execute(&mut tx)
                        .await?;
                }
            }
            tx.commit().await?;
            Ok(ReserveOutcome::Reserved(reserved))
        })
        .await
    }

    /// Opens a dead-letter refund again, or reserves anew what failed: once, and not where
    /// the same amount was asked for since, unless it is meant `again`.
    pub async fn retry_refund(
        &self,
        number: &PartnerRefundNo,
        again: bool,
        rule: Option<&ApprovalRule>,
        now: Timestamp,
    ) -> Result<RefundRetryOutcome, Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            let Some(refund) = by_number(&mut tx, number).await? else {
                return Ok(RefundRetryOutcome::Unknown);
            };
            lock_order(&mut tx, &refund.order_id).await?;
            // It may have changed before the lock was free.
            let Some(refund) = by_number(&mut tx, number).await? else {
                return Ok(RefundRetryOutcome::Unknown);
            };
            let retried = match refund.state {
                RefundState::Open | RefundState::Done => {
                    return Ok(RefundRetryOutcome::NotNeeded(refund.state));
                }
                RefundState::DeadLetter => {
                    sql("update refunds set state = 'open', try_at = $1 where number = $2")
                        .bind(now)
                        .bind(number.as_str())
                        .execute(&mut tx)
                        .await?;
                    RefundRetryOutcome::Reopened
                }
                RefundState::Failed => {
                    if let Some(before) = retried_as(&mut tx, number).await? {
                        return Ok(RefundRetryOutcome::Replayed(before));
                    }
                    let proposal = Proposal {
                        order_id: &refund.order_id,
                        amount: refund.amount,
                        asked_as: "",
                        retry_of: number.as_str(),
                    };
                    if !again && !proposal.is_awaited(&mut tx, rule, now).await? {
                        let since = refund.progress.created_at;
                        let mut asked = asked_since(&mut tx, &refund.order_id, since).await?;
                        asked.retain(|other| other.state != RefundState::Failed);
                        if let Some(other) = same_amount(asked, refund.amount) {
                            return Ok(RefundRetryOutcome::Duplicate(other));
                        }
                    }
                    let order = load(&mut tx, &refund.order_id)
                        .await?
                        .ok_or(Error::CorruptRow("a refund without an order"))?;
                    let balances = balances(&mut tx, &order).await?;
                    let mut places = order.attempts.iter().zip(&balances).enumerate();
                    let (index, left) = places
                        .find(|(_, (attempt, _))| attempt.external_id == refund.payment_external_id)
                        .map(|(index, (_, balance))| (index, balance.refundable()))
                        .ok_or(Error::CorruptRow("a refund without a payment"))?;
                    if left < refund.amount {
                        return Ok(RefundRetryOutcome::TooMuch { left });
                    }
                    let refunds = refunds_of_order(&mut tx, &refund.order_id).await?;
                    let approval = proposal.approval(&mut tx, rule, &refunds, now);
                    if let Some(approval) = approval.await? {
                        tx.commit().await?;
                        return Ok(RefundRetryOutcome::AwaitsApproval(approval));
                    }
                    let parts = [(index, refund.amount)];
                    let anew = reserve(&mut tx, &order, &parts, RefundReason::Staff, now).await?;
                    let anew = anew
                        .into_iter()
                        .next()
                        .ok_or(Error::CorruptRow("a refund"))?;
                    sql("update refunds set retried_as = $1 where number = $2")
                        .bind(anew.number.as_str())
                        .bind(number.as_str())
                        .execute(&mut tx)
                        .await?;
                    RefundRetryOutcome::Reserved(anew)
                }
            };
            tx.commit().await?;
            Ok(retried)
        })
        .await
    }

    /// A refund, by its number.
    pub async fn refund(&self, number: &PartnerRefundNo) -> Result<Option<StoredRefund>, Error> {
        by_number(&mut *self.reader().await?, number).await
    }

    /// The refunds in a state, the oldest first; of the failed ones those that were not tried
    /// again under another number.
    pub async fn refunds(&self, state: RefundState) -> Result<Vec<StoredRefund>, Error> {
        in_state(&mut *self.reader().await?, state).await
    }

    /// All refunds of one payment, the oldest first.
    pub async fn refunds_of(&self, payment: &ExternalId) -> Result<Vec<StoredRefund>, Error> {
        of_payment(&mut *self.reader().await?, payment).await
    }
}

/// The request whose parts add up to `amount`, by one of them. What was asked for at once was
/// asked for together.
fn same_amount(mut asked: Vec<StoredRefund>, amount: Rupiah) -> Option<StoredRefund> {
    asked.sort_by_key(|refund| refund.progress.created_at);
    let mut requests =
        asked.chunk_by(|one, next| one.progress.created_at == next.progress.created_at);
    let same = requests
        .find(|parts| Rupiah::sum(parts.iter().map(|refund| refund.amount)) == Some(amount))?;
    same.first().cloned()
}
