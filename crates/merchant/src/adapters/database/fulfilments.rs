//! The outbox: the fulfilments of paid orders, and their webhooks.
//!
//! Invariant: an order has one row here from the moment it is paid, for ever, and the
//! database itself refuses a second. The row is written in the transaction that makes the
//! order paid, so neither can be without the other.
//!
//! An order whose money went back before its payment was recorded gets none: there is nothing to hand
//! over for it, or, where a part went back, it is not known what.

use super::connection::{Connection, sql};
use super::{
    columns::{count, parse_name, read_id, status_from_column},
    locks::lock_day,
    orders::load,
    retries::with_retries,
    store::Store,
};
use crate::{
    domain::{
        fulfilment::{DeliveryState, Fulfilment, FulfilmentId, LeasedFulfilment, RetryOutcome},
        next_try::NextTry,
        operator_policy::FulfilmentMode,
        order::StoredOrder,
        payment_event::PaymentEvent,
        pickup_code, retry,
        time::Timestamp,
    },
    ids::new_id,
    ports::{Error, FulfilmentRepository},
};
use contract::OrderStatus;

/// One of the three parts of [`DUE_FULFILMENTS`], each of which an index serves.
macro_rules! due_part {
    ($when:literal) => {
        concat!(
            "select * from (select f.id, f.try_at from fulfilments f
             join orders o on o.id = f.order_id where f.state = 'pending' and ",
            $when,
            " and (f.leased_until <= $1 or f.leased_until > $3)
             and o.status = 'paid' and not exists (
                 select 1 from contradicted_payments c where c.order_id = o.id)
             order by f.try_at limit $4) as part"
        )
    };
}

/// The parameters are now, the ends of the longest pause and of the longest lease, and the limit.
pub(super) const DUE_FULFILMENTS: &str = concat!(
    "select id from (",
    due_part!("f.try_at <= $1"),
    " union all ",
    due_part!("f.tries = 0 and f.try_at > $1"),
    " union all ",
    due_part!("f.tries > 0 and f.try_at > $2"),
    ") as due order by try_at limit $4"
);

impl FulfilmentRepository for Store {
    async fn due_fulfilments(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<FulfilmentId>, Error> {
        let ids: Vec<String> = sql(DUE_FULFILMENTS)
            .bind(now)
            .bind(now + retry::MAX_PAUSE + retry::CLOCK_TOLERANCE)
            .bind(now + retry::LEASE + retry::CLOCK_TOLERANCE)
            .bind(limit)
            .fetch_values(&mut *self.reader().await?)
            .await?;
        Ok(ids.into_iter().map(FulfilmentId::from).collect())
    }

    async fn lease_fulfilment(
        &self,
        id: &FulfilmentId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedFulfilment>, Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            let taken = sql("update fulfilments set leased_until = $1, tries = tries + 1
             where id = $2 and state = 'pending' and (try_at <= $3 or try_at > $4 or tries = 0)
             and (leased_until <= $3 or leased_until > $5)
             and (select status from orders where orders.id = order_id) = 'paid'
             and not exists (
                 select 1 from contradicted_payments c where c.order_id = fulfilments.order_id)
             returning order_id, pickup_code, paid_at, tries")
            .bind(until)
            .bind(id.as_str())
            .bind(now)
            .bind(now + retry::MAX_PAUSE + retry::CLOCK_TOLERANCE)
            .bind(until + retry::CLOCK_TOLERANCE)
            .fetch_optional(&mut tx)
            .await?;
            let Some(row) = taken else {
                return Ok(None);
            };
            let order = load(&mut tx, &read_id(&row, "order_id")?)
                .await?
                .ok_or(Error::CorruptRow("a fulfilment without an order"))?;
            tx.commit().await?;
            Ok(Some(LeasedFulfilment {
                fulfilment_id: id.clone(),
                order,
                pickup_code: row.get("pickup_code")?,
                paid_at: row.get("paid_at")?,
                tries: count(row.get("tries")?)?,
                leased_until: until,
            }))
        })
        .await
    }

    async fn mark_fulfilment_delivered(
        &self,
        id: &FulfilmentId,
        answer: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.execute(sql(
            "update fulfilments set state = 'delivered', answer = $1, try_at = $2, leased_until = 0
             where id = $3 and state <> 'delivered'",
        )
        .bind(answer)
        .bind(now)
        .bind(id.as_str())).await?;
        Ok(())
    }

    async fn record_failed_delivery(
        &self,
        fulfilment: &LeasedFulfilment,
        answer: &str,
        next: NextTry,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (state, try_at) = match next {
            NextTry::At(at) => (DeliveryState::Pending, at),
            NextTry::DeadLetter => (DeliveryState::DeadLetter, now),
        };
        self.execute(
            sql(
                "update fulfilments set state = $1, answer = $2, try_at = $3, leased_until = 0
             where id = $4 and leased_until = $5 and state = 'pending'",
            )
            .bind(state.name())
            .bind(answer)
            .bind(try_at)
            .bind(fulfilment.fulfilment_id.as_str())
            .bind(fulfilment.leased_until),
        )
        .await?;
        Ok(())
    }
}

impl Store {
    /// Asks for further tries, at once.
    pub async fn retry_fulfilment(
        &self,
        id: &FulfilmentId,
        now: Timestamp,
    ) -> Result<RetryOutcome, Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            let found = sql(
                "select f.state, o.status from fulfilments f join orders o on o.id = f.order_id
             where f.id = $1",
            )
            .bind(id.as_str())
            .fetch_optional(&mut tx)
            .await?;
            let Some(row) = found else {
                return Ok(RetryOutcome::Unknown);
            };
            if parse_name::<DeliveryState>(row.at(0)?, "a fulfilment")? == DeliveryState::Delivered
            {
                return Ok(RetryOutcome::Delivered);
            }
            match status_from_column(row.at(1)?)? {
                OrderStatus::Paid => {}
                status => return Ok(RetryOutcome::NotPaid(status)),
            }
            let opened = sql(
                "update fulfilments set state = 'pending', tries = 0, try_at = $1
                 where id = $2 and state <> 'delivered'",
            )
            .bind(now)
            .bind(id.as_str())
            .execute(&mut tx)
            .await?;
            tx.commit().await?;
            Ok(match opened {
                0 => RetryOutcome::Delivered,
                _ => RetryOutcome::Due,
            })
        })
        .await
    }

    /// How many fulfilments are in a state.
    pub async fn count_fulfilments(&self, state: DeliveryState) -> Result<u32, Error> {
        let number: i64 = sql("select count(*) from fulfilments where state = $1")
            .bind(state.name())
            .fetch_value(&mut *self.reader().await?)
            .await?;
        count(number)
    }

    /// The fulfilments in a state, the oldest first.
    pub async fn fulfilments(&self, state: DeliveryState) -> Result<Vec<Fulfilment>, Error> {
        let rows = sql(
            "select f.*, o.status from fulfilments f join orders o on o.id = f.order_id
             where f.state = $1 order by f.paid_at, f.id",
        )
        .bind(state.name())
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Fulfilment {
                    id: read_id(row, "id")?,
                    order_id: read_id(row, "order_id")?,
                    order_status: status_from_column(row.get("status")?)?,
                    pickup_code: row.get("pickup_code")?,
                    state: parse_name(row.get("state")?, "a fulfilment")?,
                    tries: count(row.get("tries")?)?,
                    answer: row.get("answer")?,
                    try_at: row.get("try_at")?,
                })
            })
            .collect()
    }
}

/// Writes down what is owed for an order that has just been found to be paid. Returns `false`, and
/// writes nothing, when that was written before.
pub(super) async fn enqueue_fulfilment(
    connection: &mut Connection,
    order: &mut StoredOrder,
    fulfilment_mode: FulfilmentMode,
    now: Timestamp,
) -> Result<bool, Error> {
    if order.status != OrderStatus::Paid || order.pickup_code.is_some() {
        return Ok(false);
    }
    let received = || order.attempts.iter().flat_map(|attempt| &attempt.events);
    let paid_at = received()
        .filter(|it| matches!(it.event, PaymentEvent::Paid(_)))
        .map(|received| received.received_at)
        .min()
        .ok_or(Error::CorruptRow("a paid order without a payment"))?;
    let day = pickup_code::day(now);
    let number = next_day_number(connection, day).await?;
    let code = pickup_code::code(day, count(number)?.into());
    let state = match fulfilment_mode {
        FulfilmentMode::PickupOnly => DeliveryState::PickupOnly,
        FulfilmentMode::Webhook => DeliveryState::Pending,
    };
    sql("insert into fulfilments
         (id, order_id, evidence_id, day, day_number, pickup_code, paid_at, state, try_at)
         values ($1, $2, (select max(evidence.id) from evidence join attempts using (external_id)
                        where order_id = $3), $4, $5, $6, $7, $8, $9)")
    .bind(&new_id().to_string())
    .bind(order.id.as_str())
    .bind(order.id.as_str())
    .bind(day)
    .bind(number)
    .bind(&code)
    .bind(paid_at)
    .bind(state.name())
    .bind(now)
    .execute(connection)
    .await?;
    order.pickup_code = Some(code);
    Ok(true)
}

/// The number of the next order that is paid on a day, from 0.
///
/// On PostgreSQL a sequence gives it: a lock until the commit would let one order be paid for each sync of the
/// disk. A transaction that is rolled back leaves a gap.
async fn next_day_number(connection: &mut Connection, day: i64) -> Result<i64, Error> {
    if matches!(connection, Connection::Sqlite(_)) {
        return sql("select coalesce(max(day_number) + 1, 0) from fulfilments where day = $1")
            .bind(day)
            .fetch_value(connection)
            .await;
    }
    if let Some(number) = number_in_sequence(connection, day).await? {
        return Ok(number);
    }
    lock_day(connection, day).await?;
    sql("insert into numbered_days (day, number_before)
         select $1, nextval('paid_orders') - coalesce(max(day_number), -1) from fulfilments where day = $1
         on conflict do nothing")
    .bind(day)
    .execute(connection)
    .await?;
    let number = number_in_sequence(connection, day).await?;
    number.ok_or(Error::CorruptRow("a day without numbers"))
}

/// `None` on a day on which none was given.
async fn number_in_sequence(connection: &mut Connection, day: i64) -> Result<Option<i64>, Error> {
    sql("select nextval('paid_orders') - number_before from numbered_days where day = $1")
        .bind(day)
        .fetch_optional_value(connection)
        .await
}
