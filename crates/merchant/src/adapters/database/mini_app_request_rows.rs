//! The rows of mini-app requests.

use super::columns::{count, parse_name, read_id};
use super::connection::{Connection, sql};
use super::value::Row;
use crate::{
    domain::{
        mini_app_request::{NewMiniAppRequest, StoredMiniAppRequest, reward_status},
        time::Timestamp,
    },
    ids::new_id,
    ports::Error,
};
use contract::{OrderId, Reward};
use gopay_protocol::ReminderId;

/// Enters what an order leads to; each kind once.
pub(super) async fn enqueue(
    connection: &mut Connection,
    order_id: &OrderId,
    requests: &[NewMiniAppRequest],
    now: Timestamp,
) -> Result<(), Error> {
    for request in requests {
        insert(connection, order_id, "", request, now).await?;
    }
    Ok(())
}

pub(super) async fn insert(
    connection: &mut Connection,
    order_id: &OrderId,
    asked_as: &str,
    request: &NewMiniAppRequest,
    now: Timestamp,
) -> Result<bool, Error> {
    let full_amount = request.full_amount.map(|amount| amount.get().cast_signed());
    let written = sql(
        "insert into mini_app_requests
         (id, order_id, kind, asked_as, full_amount, request, created_at, try_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (order_id, kind, asked_as) do nothing",
    )
    .bind(&new_id().to_string())
    .bind(order_id.as_str())
    .bind(request.kind.name())
    .bind(asked_as)
    .bind(full_amount)
    .bind(&request.request)
    .bind(now)
    .bind(request.due_at)
    .execute(connection)
    .await?;
    Ok(written == 1)
}

/// GoPay's id of the reminder of an order that it shows.
macro_rules! shown_reminder {
    ($order:literal) => {
        concat!(
            "select gopay_id from mini_app_requests where order_id = ",
            $order,
            " and kind = 'reminder' and state = 'accepted' and gopay_id is not null limit 1"
        )
    };
}
pub(super) use shown_reminder;

/// Enters the removal of a reminder that GoPay shows of an order that is over.
pub(super) async fn enqueue_removal(
    connection: &mut Connection,
    order_id: &OrderId,
    reminder: Option<ReminderId>,
    now: Timestamp,
) -> Result<(), Error> {
    let removal = reminder.map(|id| NewMiniAppRequest::removal(&id, now));
    enqueue(connection, order_id, removal.as_slice(), now).await
}

/// What the buyer is given for an order.
pub(super) async fn rewards_of(
    connection: &mut Connection,
    order_id: &OrderId,
) -> Result<Vec<Reward>, Error> {
    let rows = sql(
        "select * from mini_app_requests where order_id = $1 and full_amount is not null
         order by created_at, kind",
    )
    .bind(order_id.as_str())
    .fetch_all(connection)
    .await?;
    let mut rewards = Vec::new();
    for row in &rows {
        rewards.extend(reward(&read(row)?));
    }
    Ok(rewards)
}

/// What the buyer sees of it.
fn reward(request: &StoredMiniAppRequest) -> Option<Reward> {
    Some(Reward {
        kind: request.kind.reward()?,
        amount: request.amount.or(request.full_amount)?,
        status: reward_status(request.state)?,
    })
}

pub(super) fn read(row: &Row) -> Result<StoredMiniAppRequest, Error> {
    let optional = |column: &'static str| -> Result<Option<u64>, Error> {
        let amount: Option<i64> = row.get(column)?;
        Ok(amount.map(i64::cast_unsigned))
    };
    Ok(StoredMiniAppRequest {
        id: read_id(row, "id")?,
        order_id: read_id(row, "order_id")?,
        kind: parse_name(row.get("kind")?, "a mini-app request")?,
        full_amount: optional("full_amount")?,
        amount: optional("amount")?,
        request: row.get("request")?,
        created_at: row.get("created_at")?,
        state: parse_name(row.get("state")?, "a mini-app request")?,
        first_sent_at: row.get("first_sent_at")?,
        tries: count(row.get("tries")?)?,
        token_refusals: count(row.get("token_refusals")?)?,
        gopay_id: row.get("gopay_id")?,
        answer: row.get("answer")?,
        try_at: row.get("try_at")?,
    })
}
