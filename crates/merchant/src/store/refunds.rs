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
use row::{Row, asked_as, asked_since, by_number, of_payment, retried_as, said_column};

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

/// The same amount of the same order, asked for within so long without saying that it is meant,
/// is one request that was repeated; milliseconds.
const SAME_REQUEST_WITHIN: i64 = 10 * 60_000;

/// What staff ask to be given back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundRequest {
    /// All that is left where there is none.
    pub amount: Option<Rupiah>,
    /// Names the request: what was asked for of an order under a name is reserved once.
    pub key: Option<String>,
    /// Whether what looks like a repeated request is meant as another one.
    pub again: bool,
}

impl From<Option<Rupiah>> for RefundRequest {
    fn from(amount: Option<Rupiah>) -> Self {
        Self {
            amount,
            ..Self::default()
        }
    }
}

/// What came of asking for a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    /// These together; one for each payment that gives a part.
    Yes(Vec<StoredRefund>),
    /// The same request reserved these before.
    Before(Vec<StoredRefund>),
    /// The key was used for another amount.
    KeyReused,
    /// This one, for the same amount, was asked for a moment ago.
    Repeated(StoredRefund),
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
    /// It had failed, and was tried again before under this number.
    Before(String),
    /// It had failed, and this one was reserved since, for the same amount of the same order.
    Repeated(StoredRefund),
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
             where state = 'open' and (try_at <= ?1 or try_at > ?2)
             and (leased_until <= ?1 or leased_until > ?3) order by try_at limit ?4",
        )
        .bind(now)
        .bind(now.saturating_add(refund::LATEST))
        .bind(now.saturating_add(refund::LEASE))
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
            "update refunds set leased_until = ?1
             where number = ?2 and state = 'open' and (try_at <= ?3 or try_at > ?4)
             and (leased_until <= ?3 or leased_until > ?1)",
        )
        .bind(until)
        .bind(number)
        .bind(now)
        .bind(now.saturating_add(refund::LATEST))
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
    /// Reserves a part of what was paid for an order, or all that is left, for `merchant`'s
    /// worker to send. The order goes by its id or by the number on the receipt.
    pub async fn reserve_refund(
        &self,
        name: &str,
        request: &RefundRequest,
        now: i64,
    ) -> Result<Reserved, Error> {
        let mut tx = self.write().await?;
        let Some(order_id) = orders::named(&mut tx, name).await? else {
            return Ok(Reserved::Unknown);
        };
        let order = load(&mut tx, &order_id)
            .await?
            .ok_or(Error::Content("an order"))?;
        if let Some(key) = &request.key {
            let before = asked_as(&mut tx, &order_id, key).await?;
            if !before.is_empty() {
                let asked = Rupiah::sum(before.iter().map(|refund| refund.amount));
                let is_same = request.amount.is_none() || request.amount == asked;
                return Ok(match is_same {
                    true => Reserved::Before(before),
                    false => Reserved::KeyReused,
                });
            }
        }
        if let Some(amount) = request.amount
            && !request.again
        {
            let since = now.saturating_sub(SAME_REQUEST_WITHIN);
            let asked = asked_since(&mut tx, &order_id, since).await?;
            if let Some(before) = same_amount(asked, amount) {
                return Ok(Reserved::Repeated(before));
            }
        }
        let purses = purses(&mut tx, &order).await?;
        if purses.iter().all(|purse| purse.money.paid == Rupiah::ZERO) {
            return Ok(Reserved::NotPaid(order.status));
        }
        let left = left(&purses)?;
        let Some(parts) = refund::allot(request.amount.unwrap_or(left), &purses) else {
            return Ok(Reserved::TooMuch { left });
        };
        let reserved = reserve(&mut tx, &order, &parts, Cause::Staff, now).await?;
        if let Some(key) = &request.key {
            for refund in &reserved {
                sqlx::query("update refunds set asked_as = ? where number = ?")
                    .bind(key)
                    .bind(&refund.number)
                    .execute(&mut *tx)
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(Reserved::Yes(reserved))
    }

    /// Has a parked refund looked at again, or reserves anew what failed: once, and not where
    /// the same amount was asked for since, unless it is meant `again`.
    pub async fn retry_refund(
        &self,
        number: &str,
        again: bool,
        now: i64,
    ) -> Result<RetriedRefund, Error> {
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
                if let Some(before) = retried_as(&mut tx, number).await? {
                    return Ok(RetriedRefund::Before(before));
                }
                if !again {
                    let since = refund.progress.created_at;
                    let mut asked = asked_since(&mut tx, &refund.order_id, since).await?;
                    asked.retain(|other| other.state != State::Failed);
                    if let Some(other) = same_amount(asked, refund.amount) {
                        return Ok(RetriedRefund::Repeated(other));
                    }
                }
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
                let anew = reserve(&mut tx, &order, &parts, Cause::Staff, now).await?;
                let anew = anew.into_iter().next().ok_or(Error::Content("a refund"))?;
                sqlx::query("update refunds set retried_as = ? where number = ?")
                    .bind(&anew.number)
                    .bind(number)
                    .execute(&mut *tx)
                    .await?;
                RetriedRefund::Anew(anew)
            }
        };
        tx.commit().await?;
        Ok(retried)
    }

    /// A refund, by its number.
    pub async fn refund(&self, number: &str) -> Result<Option<StoredRefund>, Error> {
        by_number(&mut *self.pool.acquire().await?, number).await
    }

    /// The refunds in a state, the oldest first; of the failed ones those that were not tried
    /// again under another number.
    pub async fn refunds(&self, state: State) -> Result<Vec<StoredRefund>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select refunds.*, order_id from refunds
             join attempts on attempts.external_id = payment
             where state = ? and retried_as is null
             order by refunds.created_at, refunds.number",
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
