//! Orders, and beginning to pay them.

use super::{Attempt, Error, Store, attempts, fulfilments};
use crate::books::Orders;
use contract::{OrderLine, OrderStatus, Rupiah};
use sqlx::{Sqlite, SqliteConnection, Transaction, prelude::FromRow};

/// An order and its attempts to be paid, oldest first.
#[derive(Debug, Clone)]
pub struct StoredOrder {
    /// Random.
    pub id: String,
    /// Whose it is.
    pub customer_id: String,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// What it costs.
    pub total: Rupiah,
    /// Unix milliseconds.
    pub created_at: i64,
    /// The fold over the evidence.
    pub status: OrderStatus,
    /// What the buyer shows at the counter, once it was paid.
    pub pickup_code: Option<String>,
    /// At least one.
    pub attempts: Vec<Attempt>,
}

impl StoredOrder {
    /// The newest attempt, the only one that may still be paid.
    pub fn attempt(&self) -> Result<&Attempt, Error> {
        self.attempts
            .last()
            .ok_or(Error::Content("an order without attempts"))
    }
}

/// An order to be written.
#[derive(Debug)]
pub struct NewOrder<'a> {
    /// Random.
    pub id: &'a str,
    /// Whose it is.
    pub customer_id: &'a str,
    /// Names the request.
    pub idempotency_key: &'a str,
    /// SHA-256 of what was asked for.
    pub fingerprint: &'a [u8],
    /// What was ordered.
    pub lines: &'a [OrderLine],
    /// What it costs.
    pub total: Rupiah,
}

/// An attempt to be written, before GoPay hears of it.
#[derive(Debug)]
pub struct NewAttempt<'a> {
    /// `X-EXTERNAL-ID`.
    pub external_id: &'a str,
    /// Names the request of the buyer's app.
    pub idempotency_key: &'a str,
    /// The body for GoPay, but for `chargeToken`.
    pub request: &'a str,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub valid_until: i64,
    /// Whoever writes it talks to GoPay until then; unix milliseconds.
    pub leased_until: i64,
}

/// What came of writing an order or an attempt.
#[derive(Debug)]
pub enum Placed {
    /// Written; the writer holds the lease of the newest attempt.
    New(StoredOrder),
    /// The same request made this one before.
    Before(StoredOrder),
    /// The key was used for something else.
    KeyReused,
}

#[derive(FromRow)]
struct Row {
    id: String,
    customer_id: String,
    fingerprint: Vec<u8>,
    lines: String,
    total: i64,
    created_at: i64,
    status: String,
}

impl Orders for Store {
    async fn place_order(
        &self,
        order: &NewOrder<'_>,
        attempt: &NewAttempt<'_>,
    ) -> Result<Placed, Error> {
        let mut tx = self.write().await?;
        let before: Option<Row> =
            sqlx::query_as("select * from orders where customer_id = ? and idempotency_key = ?")
                .bind(order.customer_id)
                .bind(order.idempotency_key)
                .fetch_optional(&mut *tx)
                .await?;
        if let Some(row) = before {
            if row.fingerprint != order.fingerprint {
                return Ok(Placed::KeyReused);
            }
            return Ok(Placed::Before(complete(&mut tx, row).await?));
        }
        let lines =
            serde_json::to_string(order.lines).map_err(|_| Error::Content("order lines"))?;
        sqlx::query(
            "insert into orders
             (id, customer_id, idempotency_key, fingerprint, lines, total, created_at, status)
             values (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(order.id)
        .bind(order.customer_id)
        .bind(order.idempotency_key)
        .bind(order.fingerprint)
        .bind(lines)
        .bind(to_column(order.total)?)
        .bind(attempt.created_at)
        .bind(OrderStatus::Checking.name())
        .execute(&mut *tx)
        .await?;
        self.begin(tx, order.id, 1, attempt).await
    }

    async fn order_by_key(
        &self,
        customer_id: &str,
        key: &str,
        fingerprint: &[u8],
    ) -> Result<Option<StoredOrder>, Error> {
        let mut connection = self.pool.acquire().await?;
        let row: Option<Row> = sqlx::query_as(
            "select * from orders
             where customer_id = ? and idempotency_key = ? and fingerprint = ?",
        )
        .bind(customer_id)
        .bind(key)
        .bind(fingerprint)
        .fetch_optional(&mut *connection)
        .await?;
        match row {
            Some(row) => complete(&mut connection, row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn place_attempt(
        &self,
        order_id: &str,
        number: i64,
        attempt: &NewAttempt<'_>,
    ) -> Result<Placed, Error> {
        let mut tx = self.write().await?;
        let order = load(&mut tx, order_id)
            .await?
            .ok_or(Error::Content("an order that was there before"))?;
        let newest = order.attempt()?;
        if newest.number != number || newest.idempotency_key == attempt.idempotency_key {
            return Ok(Placed::Before(order));
        }
        if order
            .attempts
            .iter()
            .any(|before| before.idempotency_key == attempt.idempotency_key)
        {
            return Ok(Placed::KeyReused);
        }
        // GoPay may have told meanwhile that the one before was paid after all.
        if !matches!(order.status, OrderStatus::Failed | OrderStatus::Expired) {
            return Ok(Placed::Before(order));
        }
        self.begin(tx, order_id, number + 1, attempt).await
    }

    async fn order(&self, id: &str) -> Result<Option<StoredOrder>, Error> {
        load(&mut *self.pool.acquire().await?, id).await
    }

    /// Another buyer's order takes as long to be refused as one that is not there.
    async fn order_of(&self, customer_id: &str, id: &str) -> Result<Option<StoredOrder>, Error> {
        let mut connection = self.pool.acquire().await?;
        let row: Option<Row> =
            sqlx::query_as("select * from orders where id = ? and customer_id = ?")
                .bind(id)
                .bind(customer_id)
                .fetch_optional(&mut *connection)
                .await?;
        match row {
            Some(row) => complete(&mut connection, row).await.map(Some),
            None => Ok(None),
        }
    }
}

impl Store {
    async fn begin(
        &self,
        mut tx: Transaction<'static, Sqlite>,
        order_id: &str,
        number: i64,
        attempt: &NewAttempt<'_>,
    ) -> Result<Placed, Error> {
        sqlx::query(
            "insert into attempts
             (external_id, order_id, number, idempotency_key, request, created_at, valid_until,
              looked_at, look_at, leased_until)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(attempt.external_id)
        .bind(order_id)
        .bind(number)
        .bind(attempt.idempotency_key)
        .bind(attempt.request)
        .bind(attempt.created_at)
        .bind(attempt.valid_until)
        .bind(attempt.created_at)
        .bind(attempt.leased_until)
        .bind(attempt.leased_until)
        .execute(&mut *tx)
        .await?;
        let order = attempts::fold(&mut tx, order_id).await?;
        tx.commit().await?;
        Ok(Placed::New(order))
    }

    /// The buyer's newest order that waits for its payment.
    pub async fn open_order_of(&self, customer_id: &str) -> Result<Option<StoredOrder>, Error> {
        let mut connection = self.pool.acquire().await?;
        let row: Option<Row> = sqlx::query_as(
            "select * from orders where customer_id = ? and status in (?, ?)
             order by created_at desc, id limit 1",
        )
        .bind(customer_id)
        .bind(OrderStatus::AwaitingPayment.name())
        .bind(OrderStatus::Checking.name())
        .fetch_optional(&mut *connection)
        .await?;
        match row {
            Some(row) => complete(&mut connection, row).await.map(Some),
            None => Ok(None),
        }
    }

    /// The buyer's newest orders, newest first.
    pub async fn orders_of(
        &self,
        customer_id: &str,
        limit: u32,
    ) -> Result<Vec<StoredOrder>, Error> {
        let mut connection = self.pool.acquire().await?;
        let rows: Vec<Row> = sqlx::query_as(
            "select * from orders where customer_id = ? order by created_at desc, id limit ?",
        )
        .bind(customer_id)
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
        let mut orders = Vec::with_capacity(rows.len());
        for row in rows {
            orders.push(complete(&mut connection, row).await?);
        }
        Ok(orders)
    }
}

/// The id of the order that goes by this name: its id, or the end of it that is on the receipt,
/// where no other order's ends so.
pub(super) async fn named(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<Option<String>, Error> {
    let name = name.to_ascii_lowercase();
    let ids: Vec<String> = sqlx::query_scalar(
        "select id from orders
         where id = ?1 or (length(?1) >= 8 and substr(id, -length(?1)) = ?1)
         order by id = ?1 desc limit 2",
    )
    .bind(&name)
    .fetch_all(connection)
    .await?;
    Ok(match ids.as_slice() {
        [id] => Some(id.clone()),
        [id, _] if *id == name => Some(name),
        _ => None,
    })
}

pub(super) async fn load(
    connection: &mut SqliteConnection,
    id: &str,
) -> Result<Option<StoredOrder>, Error> {
    let row: Option<Row> = sqlx::query_as("select * from orders where id = ?")
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    match row {
        Some(row) => complete(connection, row).await.map(Some),
        None => Ok(None),
    }
}

async fn complete(connection: &mut SqliteConnection, row: Row) -> Result<StoredOrder, Error> {
    let attempts = attempts::of_order(connection, &row.id).await?;
    let pickup_code = fulfilments::pickup_code(connection, &row.id).await?;
    Ok(StoredOrder {
        id: row.id,
        customer_id: row.customer_id,
        lines: serde_json::from_str(&row.lines).map_err(|_| Error::Content("order lines"))?,
        total: from_column(row.total)?,
        created_at: row.created_at,
        status: status_from_column(&row.status)?,
        pickup_code,
        attempts,
    })
}

pub(super) fn to_column(amount: Rupiah) -> Result<i64, Error> {
    i64::try_from(amount.get()).map_err(|_| Error::Content("an amount"))
}

pub(super) fn from_column(amount: i64) -> Result<Rupiah, Error> {
    u64::try_from(amount)
        .map(Rupiah::new)
        .map_err(|_| Error::Content("an amount"))
}

pub(super) fn status_from_column(text: &str) -> Result<OrderStatus, Error> {
    use serde::de::{Deserialize, IntoDeserializer, value};
    OrderStatus::deserialize(text.into_deserializer())
        .map_err(|_: value::Error| Error::Content("an order status"))
}
