//! The money that goes back: reserved first, told of afterwards.
//!
//! Invariant: a reserve is written in the transaction that finds enough left for it, and the
//! database itself refuses one that is too much. How a refund ended is written in the
//! transaction that keeps GoPay's word of it.

mod reserve;
mod row;

pub(super) use reserve::{provide, settle};
pub(super) use row::state_from_column;

use super::{
    Error, Store, StoredOrder,
    orders::{self, load},
};
use crate::{
    books::Refunds,
    outbox::Next,
    refund::{self, Cause, Progress, Said, State},
};
use contract::{OrderStatus, Rupiah};
use reserve::{left, purses, reserve};
use row::{Row, by_number, of_payment, said_column};

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRefund {
    /// `partnerRefundNo`.
    pub number: String,
    /// `X-EXTERNAL-ID`: the same for every time it is sent.
    pub external_id: String,
    /// Whose.
    pub order_id: String,
    /// Of which attempt: its `X-EXTERNAL-ID`.
    pub payment: String,
    /// So much.
    pub amount: Rupiah,
    /// Why.
    pub cause: Cause,
    /// The body.
    pub request: String,
    /// Where it stands.
    pub state: State,
    /// What was done for it.
    pub progress: Progress,
    /// How often it was sent.
    pub tries: i64,
    /// What came of the last try.
    pub answer: Option<String>,
    /// The next look, or when it ended or was parked; unix milliseconds.
    pub try_at: i64,
}

/// A refund that somebody has taken on.
#[derive(Debug)]
pub struct RefundErrand {
    /// What to give back.
    pub refund: StoredRefund,
    /// What it was paid for.
    pub order: StoredOrder,
    /// The right to talk to GoPay about it ends; unix milliseconds.
    pub leased_until: i64,
}

/// What came of asking for a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    /// These together; one for each payment that gives a part.
    Yes(Vec<StoredRefund>),
    /// There is no such order.
    Unknown,
    /// Nobody paid it.
    NotPaid(OrderStatus),
    /// So much is left.
    TooMuch {
        /// What was neither refunded nor reserved.
        left: Rupiah,
    },
}

/// What came of asking to try a refund again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetriedRefund {
    /// It was parked: GoPay is asked about it again.
    Again,
    /// It had failed: the same amount is reserved under a new number.
    Anew(StoredRefund),
    /// There is no such refund.
    Unknown,
    /// It is done, or being looked after.
    NotNeeded(State),
    /// The money it wanted is not there any more.
    TooMuch {
        /// What is left of its payment.
        left: Rupiah,
    },
}

impl Refunds for Store {
    async fn due_refunds(&self, now: i64, limit: u32) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar(
            "select number from refunds
             where state = 'open' and try_at <= ? and leased_until <= ? order by try_at limit ?",
        )
        .bind(now)
        .bind(now)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?)
    }

    async fn lease_refund(
        &self,
        number: &str,
        now: i64,
        until: i64,
    ) -> Result<Option<RefundErrand>, Error> {
        let mut tx = self.write().await?;
        let taken = sqlx::query(
            "update refunds set leased_until = ?
             where number = ? and state = 'open' and try_at <= ? and leased_until <= ?",
        )
        .bind(until)
        .bind(number)
        .bind(now)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        if taken.rows_affected() == 0 {
            return Ok(None);
        }
        let refund = by_number(&mut tx, number)
            .await?
            .ok_or(Error::Content("a refund"))?;
        let order = load(&mut tx, &refund.order_id)
            .await?
            .ok_or(Error::Content("a refund without an order"))?;
        tx.commit().await?;
        Ok(Some(RefundErrand {
            refund,
            order,
            leased_until: until,
        }))
    }

    async fn refund_is_sent(&self, errand: &RefundErrand, now: i64) -> Result<bool, Error> {
        let counted = sqlx::query(
            "update refunds set sent_at = coalesce(sent_at, ?), sent_again_at = ?,
             said = 'nothing', tries = tries + 1
             where number = ? and leased_until = ? and state = 'open'",
        )
        .bind(now)
        .bind(now)
        .bind(&errand.refund.number)
        .bind(errand.leased_until)
        .execute(&self.pool)
        .await?;
        Ok(counted.rows_affected() == 1)
    }

    async fn refund_answered(
        &self,
        errand: &RefundErrand,
        said: Said,
        answer: &str,
    ) -> Result<(), Error> {
        if said == Said::Unsent {
            sqlx::query(
                "update refunds set sent_at = null, sent_again_at = null, answer = ?
                 where number = ? and leased_until = ? and state = 'open'",
            )
            .bind(answer)
            .bind(&errand.refund.number)
            .bind(errand.leased_until)
            .execute(&self.pool)
            .await?;
            return Ok(());
        }
        sqlx::query(
            "update refunds set said = ?, answer = ?
             where number = ? and leased_until = ? and state = 'open'",
        )
        .bind(said_column(said))
        .bind(answer)
        .bind(&errand.refund.number)
        .bind(errand.leased_until)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn refund_failed(&self, errand: &RefundErrand, now: i64) -> Result<(), Error> {
        sqlx::query(
            "update refunds set state = 'failed', try_at = ?, leased_until = 0
             where number = ? and leased_until = ? and state = 'open'",
        )
        .bind(now)
        .bind(&errand.refund.number)
        .bind(errand.leased_until)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn release_refund(
        &self,
        errand: &RefundErrand,
        next: Next,
        now: i64,
    ) -> Result<(), Error> {
        let (state, try_at) = match next {
            Next::Again(at) => (State::Open, at),
            Next::Park => (State::Parked, now),
        };
        sqlx::query(
            "update refunds set state = ?, try_at = ?, leased_until = 0
             where number = ? and leased_until = ? and state = 'open'",
        )
        .bind(state.name())
        .bind(try_at)
        .bind(&errand.refund.number)
        .bind(errand.leased_until)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

impl Store {
    /// Reserves `amount` of what was paid for an order, or all that is left, for `merchant`'s
    /// worker to send. The order goes by its id or by the number on the receipt.
    pub async fn reserve_refund(
        &self,
        name: &str,
        amount: Option<Rupiah>,
        now: i64,
    ) -> Result<Reserved, Error> {
        let mut tx = self.write().await?;
        let Some(order_id) = orders::named(&mut tx, name).await? else {
            return Ok(Reserved::Unknown);
        };
        let order = load(&mut tx, &order_id)
            .await?
            .ok_or(Error::Content("an order"))?;
        let purses = purses(&mut tx, &order).await?;
        if purses.iter().all(|purse| purse.money.paid == Rupiah::ZERO) {
            return Ok(Reserved::NotPaid(order.status));
        }
        let left = left(&purses)?;
        let Some(parts) = refund::allot(amount.unwrap_or(left), &purses) else {
            return Ok(Reserved::TooMuch { left });
        };
        let reserved = reserve(&mut tx, &order, &parts, Cause::Staff, now).await?;
        tx.commit().await?;
        Ok(Reserved::Yes(reserved))
    }

    /// Has a parked refund looked at again, or reserves anew what failed.
    pub async fn retry_refund(&self, number: &str, now: i64) -> Result<RetriedRefund, Error> {
        let mut tx = self.write().await?;
        let Some(refund) = by_number(&mut tx, number).await? else {
            return Ok(RetriedRefund::Unknown);
        };
        let retried = match refund.state {
            State::Open | State::Done => return Ok(RetriedRefund::NotNeeded(refund.state)),
            State::Parked => {
                sqlx::query("update refunds set state = 'open', try_at = ? where number = ?")
                    .bind(now)
                    .bind(number)
                    .execute(&mut *tx)
                    .await?;
                RetriedRefund::Again
            }
            State::Failed => {
                let order = load(&mut tx, &refund.order_id)
                    .await?
                    .ok_or(Error::Content("a refund without an order"))?;
                let purses = purses(&mut tx, &order).await?;
                let mut places = order.attempts.iter().zip(&purses).enumerate();
                let (index, left) = places
                    .find(|(_, (attempt, _))| attempt.external_id == refund.payment)
                    .map(|(index, (_, purse))| (index, purse.left()))
                    .ok_or(Error::Content("a refund without a payment"))?;
                if left < refund.amount {
                    return Ok(RetriedRefund::TooMuch { left });
                }
                let parts = [(index, refund.amount)];
                let mut anew = reserve(&mut tx, &order, &parts, Cause::Staff, now).await?;
                RetriedRefund::Anew(anew.remove(0))
            }
        };
        tx.commit().await?;
        Ok(retried)
    }

    /// A refund, by its number.
    pub async fn refund(&self, number: &str) -> Result<Option<StoredRefund>, Error> {
        by_number(&mut *self.pool.acquire().await?, number).await
    }

    /// The refunds in a state, the oldest first.
    pub async fn refunds(&self, state: State) -> Result<Vec<StoredRefund>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select refunds.*, order_id from refunds
             join attempts on attempts.external_id = payment
             where state = ? order by refunds.created_at, refunds.number",
        )
        .bind(state.name())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// All refunds of one payment, the oldest first.
    pub async fn refunds_of(&self, payment: &str) -> Result<Vec<StoredRefund>, Error> {
        of_payment(&mut *self.pool.acquire().await?, payment).await
    }
}
