//! The outbox: what the shop owes for paid orders, and who has been told.
//!
//! Invariant: an order has one row here from the moment it is paid, for ever, and the
//! database itself refuses a second. The row is written in the transaction that makes the
//! order paid, so neither can be without the other.
//!
//! An order whose money went back before the shop learned that it had come gets none: there
//! is nothing to hand over for it, or, where a part went back, nobody knows what.

use super::{Error, Handover, Store, StoredOrder, orders::load, orders::status_from_column};
use crate::{
    evidence::Finding,
    outbox::{self, Next},
    pickup,
};
use contract::OrderStatus;
use sqlx::{SqliteConnection, prelude::FromRow};
use uuid::Uuid;

/// One paid order that somebody has taken on to tell the hook about.
#[derive(Debug)]
pub struct Errand {
    /// The same for every time the hook hears of this order.
    pub fulfilment_id: String,
    /// What was paid.
    pub order: StoredOrder,
    /// What the buyer shows.
    pub pickup_code: String,
    /// When the merchant learned of the money; unix milliseconds.
    pub paid_at: i64,
    /// With this one.
    pub tries: u32,
    /// The right to try ends; unix milliseconds.
    pub leased_until: i64,
}

/// A fulfilment as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fulfilment {
    /// Names it at the hook.
    pub id: String,
    /// Whose it is.
    pub order_id: String,
    /// Where the order stands; while it is not paid, the hook is not told.
    pub order_status: OrderStatus,
    /// What the buyer shows.
    pub pickup_code: String,
    /// Where its delivery to the hook stands.
    pub state: Delivery,
    /// So often.
    pub tries: u32,
    /// What came of the last try.
    pub answer: Option<String>,
    /// The next try, or when it was delivered or parked; unix milliseconds.
    pub try_at: i64,
}

/// Where telling the hook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// There was no hook when the order was paid: the pick-up code is all there is.
    Counter,
    /// To be told, perhaps again.
    Pending,
    /// The hook said that it knows.
    Delivered,
    /// Tried too often; a person has to look at it.
    Parked,
}

impl Delivery {
    const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Parked => "parked",
        }
    }

    fn from_column(text: &str) -> Result<Self, Error> {
        [Self::Counter, Self::Pending, Self::Delivered, Self::Parked]
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or(Error::Content("a fulfilment"))
    }
}

/// What came of asking for further tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// It is due now, with all tries before it.
    Yes,
    /// There is no such fulfilment.
    Unknown,
    /// The hook knows already.
    Delivered,
    /// The order is no longer one to hand over.
    NotPaid(OrderStatus),
}

#[derive(FromRow)]
struct Row {
    id: String,
    order_id: String,
    status: String,
    pickup_code: String,
    state: String,
    tries: i64,
    answer: Option<String>,
    try_at: i64,
}

impl Store {
    /// The fulfilments whose time to be told has come, the longest overdue first. Those
    /// whose order is refunded or in review meanwhile wait, and those whose payment GoPay has
    /// contradicted, until an inquiry has been answered. The first try is due at once; a
    /// time or a lease that lies farther ahead than any does was written before the clock was set
    /// back, and holds up nothing.
    pub async fn due_fulfilments(&self, now: i64, limit: u32) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar(
            "select f.id from fulfilments f join orders o on o.id = f.order_id
             where f.state = 'pending' and (f.try_at <= ?1 or f.try_at > ?2 or f.tries = 0)
             and (f.leased_until <= ?1 or f.leased_until > ?3)
             and o.status = 'paid' and not exists (
                 select 1 from contradicted_payments c where c.order_id = o.id)
             order by f.try_at limit ?4",
        )
        .bind(now)
        .bind(now.saturating_add(outbox::LONGEST_PAUSE))
        .bind(now.saturating_add(outbox::LEASE))
        .bind(limit)
        .fetch_all(&self.pool)
        .await?)
    }

    /// Takes the right to tell the hook, and counts the try before it is made; `None` when
    /// somebody has the right, or there is nothing to tell.
    pub async fn lease_fulfilment(
        &self,
        id: &str,
        now: i64,
        until: i64,
    ) -> Result<Option<Errand>, Error> {
        let mut tx = self.write().await?;
        let taken: Option<(String, String, i64, i64)> = sqlx::query_as(
            "update fulfilments set leased_until = ?1, tries = tries + 1
             where id = ?2 and state = 'pending' and (try_at <= ?3 or try_at > ?4 or tries = 0)
             and (leased_until <= ?3 or leased_until > ?1)
             and (select status from orders where orders.id = order_id) = 'paid'
             and not exists (
                 select 1 from contradicted_payments c where c.order_id = fulfilments.order_id)
             returning order_id, pickup_code, paid_at, tries",
        )
        .bind(until)
        .bind(id)
        .bind(now)
        .bind(now.saturating_add(outbox::LONGEST_PAUSE))
        .fetch_optional(&mut *tx)
        .await?;
        let Some((order_id, pickup_code, paid_at, tries)) = taken else {
            return Ok(None);
        };
        let order = load(&mut tx, &order_id)
            .await?
            .ok_or(Error::Content("a fulfilment without an order"))?;
        tx.commit().await?;
        Ok(Some(Errand {
            fulfilment_id: id.to_owned(),
            order,
            pickup_code,
            paid_at,
            tries: count(tries)?,
            leased_until: until,
        }))
    }

    /// The hook said that it knows. That is a fact, whoever holds the lease by now.
    pub async fn fulfilment_delivered(
        &self,
        id: &str,
        answer: &str,
        now: i64,
    ) -> Result<(), Error> {
        sqlx::query(
            "update fulfilments set state = 'delivered', answer = ?, try_at = ?, leased_until = 0
             where id = ? and state <> 'delivered'",
        )
        .bind(answer)
        .bind(now)
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The try came to nothing. Changes nothing when somebody else has taken over meanwhile.
    pub async fn fulfilment_failed(
        &self,
        errand: &Errand,
        answer: &str,
        next: Next,
        now: i64,
    ) -> Result<(), Error> {
        let (state, try_at) = match next {
            Next::Again(at) => (Delivery::Pending, at),
            Next::Park => (Delivery::Parked, now),
        };
        sqlx::query(
            "update fulfilments set state = ?, answer = ?, try_at = ?, leased_until = 0
             where id = ? and leased_until = ? and state = 'pending'",
        )
        .bind(state.name())
        .bind(answer)
        .bind(try_at)
        .bind(&errand.fulfilment_id)
        .bind(errand.leased_until)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Asks for further tries, at once.
    pub async fn retry_fulfilment(&self, id: &str, now: i64) -> Result<Retried, Error> {
        let mut tx = self.write().await?;
        let found: Option<(String, String)> = sqlx::query_as(
            "select f.state, o.status from fulfilments f join orders o on o.id = f.order_id
             where f.id = ?",
        )
        .bind(id)
        .fetch_optional(&mut *tx)
        .await?;
        let Some((state, status)) = found else {
            return Ok(Retried::Unknown);
        };
        if Delivery::from_column(&state)? == Delivery::Delivered {
            return Ok(Retried::Delivered);
        }
        match status_from_column(&status)? {
            OrderStatus::Paid => {}
            status => return Ok(Retried::NotPaid(status)),
        }
        sqlx::query("update fulfilments set state = 'pending', tries = 0, try_at = ? where id = ?")
            .bind(now)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Retried::Yes)
    }

    /// How many fulfilments are in a state.
    pub async fn count_fulfilments(&self, state: Delivery) -> Result<u32, Error> {
        let number: i64 = sqlx::query_scalar("select count(*) from fulfilments where state = ?")
            .bind(state.name())
            .fetch_one(&self.pool)
            .await?;
        count(number)
    }

    /// The fulfilments in a state, the oldest first.
    pub async fn fulfilments(&self, state: Delivery) -> Result<Vec<Fulfilment>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select f.*, o.status from fulfilments f join orders o on o.id = f.order_id
             where f.state = ? order by f.paid_at, f.id",
        )
        .bind(state.name())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Fulfilment {
                    id: row.id,
                    order_id: row.order_id,
                    order_status: status_from_column(&row.status)?,
                    pickup_code: row.pickup_code,
                    state: Delivery::from_column(&row.state)?,
                    tries: count(row.tries)?,
                    answer: row.answer,
                    try_at: row.try_at,
                })
            })
            .collect()
    }
}

/// Writes down what is owed for an order that has just been found to be paid; nothing, when
/// that was written before.
pub(super) async fn owe(
    connection: &mut SqliteConnection,
    order: &mut StoredOrder,
    handover: Handover,
    now: i64,
) -> Result<(), Error> {
    if order.status != OrderStatus::Paid || order.pickup_code.is_some() {
        return Ok(());
    }
    let said = || order.attempts.iter().flat_map(|attempt| &attempt.evidence);
    let paid_at = said()
        .filter(|said| matches!(said.finding, Finding::Paid(_)))
        .map(|said| said.received_at)
        .min()
        .ok_or(Error::Content("a paid order without a payment"))?;
    let day = pickup::day(now);
    let before: i64 = sqlx::query_scalar("select count(*) from fulfilments where day = ?")
        .bind(day)
        .fetch_one(&mut *connection)
        .await?;
    let code = pickup::code(day, count(before)?.into());
    let state = match handover {
        Handover::Counter => Delivery::Counter,
        Handover::Hook => Delivery::Pending,
    };
    sqlx::query(
        "insert into fulfilments
         (id, order_id, evidence_id, day, pickup_code, paid_at, state, try_at)
         values (?, ?, (select max(evidence.id) from evidence join attempts using (external_id)
                        where order_id = ?), ?, ?, ?, ?, ?)",
    )
    .bind(Uuid::new_v4().to_string())
    .bind(&order.id)
    .bind(&order.id)
    .bind(day)
    .bind(&code)
    .bind(paid_at)
    .bind(state.name())
    .bind(now)
    .execute(connection)
    .await?;
    order.pickup_code = Some(code);
    Ok(())
}

/// What the buyer of a paid order shows at the counter.
pub(super) async fn pickup_code(
    connection: &mut SqliteConnection,
    order_id: &str,
) -> Result<Option<String>, Error> {
    Ok(
        sqlx::query_scalar("select pickup_code from fulfilments where order_id = ?")
            .bind(order_id)
            .fetch_optional(connection)
            .await?,
    )
}

fn count(number: i64) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| Error::Content("a number"))
}
