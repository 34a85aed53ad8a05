//! Orders, and beginning to pay them.

use super::connection::{Connection, Statement, sql};
use super::value::Row;
use super::{
    attempt_rows,
    columns::{from_column, parse_name, read_id, status_from_column, to_column},
    erased::{check_buyer_of_order, check_not_erased},
    locks::{lock_customer, lock_customer_of_order, lock_order},
    mini_app_request_rows::{self, shown_reminder},
    retries::with_retries,
    store::Store,
};
use crate::{
    domain::{
        message_ids::{is_id_of_order, order_id_in},
        operator_policy::OrderLimits,
        order::{NewAttempt, NewOrder, PlaceOutcome, StoredOrder},
        payment_event::order_status,
        time::Timestamp,
    },
    ports::{Error, OrderRepository},
};
use contract::{CustomerId, Discount, IdempotencyKey, OrderId, OrderStatus};
use gopay_protocol::{ExternalId, ReferenceNo, ReminderId, normalize_id};

/// Orders as [`read`] takes them, picked by what follows, and by what is true of their buyer `c`, the newest first: a
/// row for each event of each attempt.
macro_rules! select_orders {
    ($which:expr $(, $and_buyer:literal)?) => {
        sql(concat!(
            "select o.*, f.pickup_code, c.mini_app,
             exists (select 1 from mini_app_requests
                     where order_id = o.id and full_amount is not null) as has_rewards,
             a.external_id, a.number, a.idempotency_key as attempt_key, a.request,
             a.created_at as attempted_at, a.valid_until, a.reference_no, a.deeplink,
             e.source, e.finding, e.amount, e.received_at
             from (select * from orders ",
            $which,
            ") as o join customers as c on c.id = o.customer_id",
            $(" ", $and_buyer,)?
            " left join fulfilments as f on f.order_id = o.id
             left join attempts as a on a.order_id = o.id
             left join evidence as e on e.external_id = a.external_id
             order by o.created_at desc, o.id, a.number, e.id"
        ))
    };
}
pub(super) use select_orders;

impl OrderRepository for Store {
    async fn first_sign_in(&self, customer_id: &CustomerId) -> Result<Timestamp, Error> {
        let at = sql("select created_at from customers where id = $1")
            .bind(customer_id.as_str())
            .fetch_value(&mut *self.reader().await?)
            .await?;
        Ok(at)
    }

    async fn place_order(
        &self,
        order: &NewOrder<'_>,
        attempt: &NewAttempt<'_>,
    ) -> Result<PlaceOutcome, Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            lock_customer(&mut tx, order.customer_id).await?;
            check_not_erased(&mut tx, order.customer_id).await?;
            let before = select_orders!("where customer_id = $1 and idempotency_key = $2")
                .bind(order.customer_id.as_str())
                .bind(order.idempotency_key.as_str())
                .fetch_all(&mut tx)
                .await?;
            if let Some(first) = before.first() {
                if first.get::<&[u8]>("fingerprint")? != order.fingerprint {
                    return Ok(PlaceOutcome::KeyConflict);
                }
                let order = read(&mut tx, &before).await?.pop();
                let order = order.ok_or(Error::CorruptRow("an order without rows"))?;
                // It may be of a write that this one shares its commit with.
                tx.commit().await?;
                return Ok(PlaceOutcome::Replayed(order));
            }
            let open = open_orders(&mut tx, order.customer_id).await?;
            let within_an_hour =
                sql("select count(*) from orders where customer_id = $1 and created_at > $2")
                    .bind(order.customer_id.as_str())
                    .bind(attempt.created_at - OrderLimits::HOUR)
                    .fetch_value(&mut tx)
                    .await?;
            if !order.limits.allow(open, within_an_hour) {
                return Ok(PlaceOutcome::TooManyOrders);
            }
            let discount = order.discount.map(|discount| to_column(discount.amount));
            let discount = discount.transpose()?;
            let lines =
                serde_json::to_string(order.lines).map_err(|_| Error::CorruptRow("order lines"))?;
            sql("insert into orders
             (id, customer_id, idempotency_key, fingerprint, lines, total, promo_code, discount,
              table_name, created_at, status, confirmation)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")
            .bind(order.id.as_str())
            .bind(order.customer_id.as_str())
            .bind(order.idempotency_key.as_str())
            .bind(order.fingerprint)
            .bind(&lines)
            .bind(to_column(order.total)?)
            .bind(order.discount.map(|discount| &*discount.code))
            .bind(discount)
            .bind(order.table)
            .bind(attempt.created_at)
            .bind(OrderStatus::Checking.name())
            .bind(order.confirmation.name())
            .execute(&mut tx)
            .await?;
            attempt_rows::insert(&mut tx, order.id, 1, attempt).await?;
            let mut order = load(&mut tx, order.id)
                .await?
                .ok_or(Error::CorruptRow("an order that was just written"))?;
            recompute_status(&mut tx, &mut order).await?;
            let requests = self.rules.when_placed(&order);
            mini_app_request_rows::enqueue(&mut tx, &order.id, &requests, attempt.created_at)
                .await?;
            tx.commit().await?;
            Ok(PlaceOutcome::Created(order))
        })
        .await
    }

    async fn order_by_key(
        &self,
        customer_id: &CustomerId,
        key: &IdempotencyKey,
        fingerprint: &[u8],
    ) -> Result<Option<StoredOrder>, Error> {
        let select =
            select_orders!("where customer_id = $1 and idempotency_key = $2 and fingerprint = $3")
                .bind(customer_id.as_str())
                .bind(key.as_str())
                .bind(fingerprint);
        one(&mut *self.reader().await?, select).await
    }

    async fn place_attempt(
        &self,
        order_id: &OrderId,
        number: u32,
        attempt: &NewAttempt<'_>,
        limits: OrderLimits,
    ) -> Result<PlaceOutcome, Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            lock_customer_of_order(&mut tx, order_id).await?;
            check_buyer_of_order(&mut tx, order_id).await?;
            lock_order(&mut tx, order_id).await?;
            let order = load(&mut tx, order_id)
                .await?
                .ok_or(Error::CorruptRow("an order that was there before"))?;
            let newest = order.attempt()?;
            if newest.number != number || newest.idempotency_key == *attempt.idempotency_key {
                tx.commit().await?;
                return Ok(PlaceOutcome::Replayed(order));
            }
            if order
                .attempts
                .iter()
                .any(|before| before.idempotency_key == *attempt.idempotency_key)
            {
                return Ok(PlaceOutcome::KeyConflict);
            }
            // An event may have said meanwhile that the one before was paid after all.
            if !matches!(order.status, OrderStatus::Failed | OrderStatus::Expired) {
                tx.commit().await?;
                return Ok(PlaceOutcome::Replayed(order));
            }
            if !limits.allow_open(open_orders(&mut tx, &order.customer_id).await?) {
                return Ok(PlaceOutcome::TooManyOrders);
            }
            attempt_rows::insert(&mut tx, order_id, number + 1, attempt).await?;
            let mut order = load(&mut tx, order_id)
                .await?
                .ok_or(Error::CorruptRow("an order that was there before"))?;
            recompute_status(&mut tx, &mut order).await?;
            tx.commit().await?;
            Ok(PlaceOutcome::Created(order))
        })
        .await
    }

    async fn order(&self, id: &OrderId) -> Result<Option<StoredOrder>, Error> {
        load(&mut *self.reader().await?, id).await
    }

    /// Another buyer's order takes as long to be refused as one that is not there. Our ids are found in
    /// any spelling, GoPay's reference as it is.
    async fn own_order_id(
        &self,
        customer_id: &CustomerId,
        id: &str,
    ) -> Result<Option<OrderId>, Error> {
        let plain = normalize_id(id);
        let ids: Vec<String> = sql("select id from orders where customer_id = $1 and id in (
                 select id from orders where id in ($2, $3, $4)
                 union all
                 select order_id from attempts where external_id in ($2, $3) or reference_no = $2
             ) order by id in ($2, $3) desc")
        .bind(customer_id.as_str())
        .bind(id)
        .bind(&plain)
        .bind(order_id_in(&plain))
        .fetch_values(&mut *self.reader().await?)
        .await?;
        for found in ids {
            let order = self.order_of(customer_id, &found.into()).await?;
            if let Some(order) = order.filter(|order| is_id_of_order(id, order)) {
                return Ok(Some(order.id));
            }
        }
        Ok(None)
    }

    /// Another buyer's order takes as long to be refused as one that is not there.
    async fn order_of(
        &self,
        customer_id: &CustomerId,
        id: &OrderId,
    ) -> Result<Option<StoredOrder>, Error> {
        let select = select_orders!("where id = $1 and customer_id = $2")
            .bind(id.as_str())
            .bind(customer_id.as_str());
        one(&mut *self.reader().await?, select).await
    }
}

/// How many of the buyer's orders wait for their payment. The statuses are those of the index.
async fn open_orders(connection: &mut Connection, customer_id: &CustomerId) -> Result<u32, Error> {
    let open = sql("select count(*) from orders
         where customer_id = $1 and status in ('awaiting_payment', 'checking')")
    .bind(customer_id.as_str())
    .fetch_value(connection)
    .await?;
    Ok(open)
}

/// The id of the order that goes by this name: its id, or the end of it that is on the receipt,
/// where no other order's ends so.
pub(super) async fn named(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<OrderId>, Error> {
    let name = name.to_ascii_lowercase();
    let ids: Vec<String> = sql("select id from orders
         where id = $1 or (length($1) >= 8 and substr(id, length(id) - length($1) + 1) = $1)
         order by id = $1 desc limit 2")
    .bind(&name)
    .fetch_values(connection)
    .await?;
    Ok(match ids.as_slice() {
        [id] => Some(id.as_str().into()),
        [id, _] if *id == name => Some(name.into()),
        _ => None,
    })
}

pub(super) async fn load(
    connection: &mut Connection,
    id: &OrderId,
) -> Result<Option<StoredOrder>, Error> {
    one(
        connection,
        select_orders!("where id = $1").bind(id.as_str()),
    )
    .await
}

pub(super) async fn one(
    connection: &mut Connection,
    select: Statement<'_>,
) -> Result<Option<StoredOrder>, Error> {
    let rows = select.fetch_all(&mut *connection).await?;
    Ok(read(connection, &rows).await?.pop())
}

fn discount(row: &Row) -> Result<Option<Discount>, Error> {
    let code: Option<String> = row.get("promo_code")?;
    let Some(code) = code else {
        return Ok(None);
    };
    let amount = from_column(row.get("discount")?)?;
    Ok(Some(Discount { code, amount }))
}

/// The orders of these rows, with their attempts and events.
async fn read(connection: &mut Connection, rows: &[Row]) -> Result<Vec<StoredOrder>, Error> {
    let mut orders: Vec<StoredOrder> = Vec::new();
    for row in rows {
        let id = row.get::<&str>("id")?;
        if orders.last().is_none_or(|last| last.id.as_str() != id) {
            orders.push(read_order(connection, row).await?);
        }
        if let Some(order) = orders.last_mut() {
            attempt_rows::add(&mut order.attempts, row)?;
        }
    }
    Ok(orders)
}

/// Without its attempts.
async fn read_order(connection: &mut Connection, row: &Row) -> Result<StoredOrder, Error> {
    let id = read_id(row, "id")?;
    let rewards = match row.get("has_rewards")? {
        true => mini_app_request_rows::rewards_of(connection, &id).await?,
        false => Vec::new(),
    };
    let lines = serde_json::from_str(row.get("lines")?);
    Ok(StoredOrder {
        id,
        customer_id: read_id(row, "customer_id")?,
        mini_app: read_id(row, "mini_app")?,
        lines: lines.map_err(|_| Error::CorruptRow("order lines"))?,
        total: from_column(row.get("total")?)?,
        discount: discount(row)?,
        table: row.get("table_name")?,
        created_at: row.get("created_at")?,
        status: status_from_column(row.get("status")?)?,
        confirmation: parse_name(row.get("confirmation")?, "an order's confirmation")?,
        pickup_code: row.get("pickup_code")?,
        rewards,
        attempts: Vec::new(),
    })
}

/// The order with this attempt.
pub(super) async fn load_with_attempt(
    connection: &mut Connection,
    external_id: &ExternalId,
) -> Result<Option<StoredOrder>, Error> {
    let select =
        select_orders!("where id = (select order_id from attempts where external_id = $1)");
    one(connection, select.bind(external_id.as_str())).await
}

/// The order with the attempt that GoPay names so.
pub(super) async fn load_by_reference(
    connection: &mut Connection,
    reference_no: &ReferenceNo,
) -> Result<Option<StoredOrder>, Error> {
    let select =
        select_orders!("where id = (select order_id from attempts where reference_no = $1)");
    one(connection, select.bind(reference_no.as_str())).await
}

/// Computes the order's status from its events and writes it. Returns the reminder that GoPay shows of an order that is
/// over now: its removal is due. One that GoPay shows only later is removed when that is recorded.
pub(super) async fn recompute_status(
    connection: &mut Connection,
    order: &mut StoredOrder,
) -> Result<Option<ReminderId>, Error> {
    let attempts: Vec<_> = order
        .attempts
        .iter()
        .map(|attempt| attempt.status(order.total))
        .collect();
    let before = order.status;
    order.status = order_status(&attempts);
    if order.status == before {
        return Ok(None);
    }
    let update = sql(concat!(
        "update orders set status = $1 where id = $2 returning (",
        shown_reminder!("orders.id"),
        ")"
    ));
    let reminder: Option<String> = update
        .bind(order.status.name())
        .bind(order.id.as_str())
        .fetch_value(connection)
        .await?;
    let is_over = !order.status.is_open();
    Ok(reminder.filter(|_| is_over).map(ReminderId::from))
}

/// The buyer's newest order that waits for its payment, or for the confirmation of it.
pub(super) async fn open_of(
    connection: &mut Connection,
    customer_id: &CustomerId,
) -> Result<Option<StoredOrder>, Error> {
    let select = select_orders!(
        "where customer_id = $1 and (status in ('awaiting_payment', 'checking')
         or status = 'paid' and confirmation = 'awaited')
         order by created_at desc, id limit 1"
    )
    .bind(customer_id.as_str());
    one(connection, select).await
}

/// The buyer's newest orders, newest first.
pub(super) async fn newest_of(
    connection: &mut Connection,
    customer_id: &CustomerId,
    limit: u32,
) -> Result<Vec<StoredOrder>, Error> {
    let rows = select_orders!("where customer_id = $1 order by created_at desc, id limit $2")
        .bind(customer_id.as_str())
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
    read(connection, &rows).await
}
