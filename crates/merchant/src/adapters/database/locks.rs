//! Rows that a write locks before it reads what it decides by. SQLite has one writer, and needs none.
//!
//! A write that locks a buyer and an order locks the buyer first.

use super::connection::{Connection, sql};
use crate::ports::Error;
use contract::{CustomerId, OrderId};
use gopay_protocol::{ExternalId, RequestId};

/// Carries out a statement for PostgreSQL that locks the row with this id.
async fn lock(connection: &mut Connection, lock: &'static str, id: &str) -> Result<(), Error> {
    if matches!(connection, Connection::Postgres(_)) {
        sql(lock).bind(id).fetch_optional(connection).await?;
    }
    Ok(())
}

pub(super) async fn lock_customer(
    connection: &mut Connection,
    id: &CustomerId,
) -> Result<(), Error> {
    let by_id = "select 1 from customers where id = $1 for no key update";
    lock(connection, by_id, id.as_str()).await
}

pub(super) async fn lock_order(connection: &mut Connection, id: &OrderId) -> Result<(), Error> {
    let by_id = "select 1 from orders where id = $1 for no key update";
    lock(connection, by_id, id.as_str()).await
}

pub(super) async fn lock_customer_of_order(
    connection: &mut Connection,
    id: &OrderId,
) -> Result<(), Error> {
    let by_order = "select 1 from customers
        where id = (select customer_id from orders where orders.id = $1) for no key update";
    lock(connection, by_order, id.as_str()).await
}

/// PostgreSQL's statement that locks the order of the attempt `$1`.
macro_rules! order_lock_by_attempt {
    () => {
        "select 1 from orders
         where id = (select order_id from attempts where external_id = $1) for no key update"
    };
}
pub(super) use order_lock_by_attempt;

pub(super) async fn lock_order_of_attempt(
    connection: &mut Connection,
    external_id: &ExternalId,
) -> Result<(), Error> {
    lock(connection, order_lock_by_attempt!(), external_id.as_str()).await
}

/// Of the requests of one buyer, one is leased at a time. `false` where another process is leasing one.
pub(super) async fn lock_request(
    connection: &mut Connection,
    id: &RequestId,
) -> Result<bool, Error> {
    if matches!(connection, Connection::Sqlite(_)) {
        return Ok(true);
    }
    let customer = sql("select 1 from customers
         where id = (select customer_id from orders join mini_app_requests r on r.order_id = orders.id
                     where r.id = $1)
         for no key update skip locked");
    let customer = customer
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    let by_request = "select 1 from orders
        where id = (select order_id from mini_app_requests r where r.id = $1) for no key update";
    lock(connection, by_request, id.as_str()).await?;
    Ok(customer.is_some())
}

/// One write at a time keeps a notification of an unknown payment and removes the oldest ones.
pub(super) async fn lock_unmatched(connection: &mut Connection) -> Result<(), Error> {
    if matches!(connection, Connection::Postgres(_)) {
        let all = sql("select pg_advisory_xact_lock(4672904, hashtext(current_schema()))");
        all.fetch_optional(connection).await?;
    }
    Ok(())
}

/// One process at a time numbers the first order of a day.
pub(super) async fn lock_day(connection: &mut Connection, day: i64) -> Result<(), Error> {
    if matches!(connection, Connection::Postgres(_)) {
        let by_day = sql("select pg_advisory_xact_lock(4672902, $1::integer)");
        by_day.bind(day).fetch_optional(connection).await?;
    }
    Ok(())
}
