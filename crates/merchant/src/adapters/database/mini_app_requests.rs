//! The outbox of the mini-app API: rewards, reminders and pushes.
//!
//! Invariant: a row is written in the transaction that makes its request due, once for each order and
//! kind. Amount and body are fixed in the transaction that leases it for the first time.

use super::connection::{Connection, sql};
use super::{
    columns::{read_id, status_from_column},
    customers::{deactivate_token, read_customer, stored_customer},
    erased::is_erased_of_order,
    locks::{lock_customer_of_order, lock_order, lock_request},
    mini_app_request_rows::{enqueue_removal, insert, read, shown_reminder},
    orders::{self, load},
    retries::with_retries,
    store::Store,
};
use crate::{
    domain::{
        mini_app_request::{
            Circumstances, LEASE, MiniAppResult, NewMiniAppRequest, NextStep, RECHECK_INTERVAL,
            Readiness, RequestKind, RequestRetryOutcome, RequestState, StoredMiniAppRequest,
            entitled, may_repeat, overpaid, readiness,
        },
        retry,
        time::Timestamp,
    },
    ports::{Error, LeasedMiniAppRequest, MiniAppRequestRepository},
};
use contract::{CustomerId, OrderId};
use gopay_protocol::{ReminderId, RequestId};

/// Requests that may be sent, in their buyers' circumstances. The parameters are now, and the ends of the
/// longest pause and of the longest lease: a time beyond them was written before the clock was set back.
macro_rules! due {
    ($when:literal) => {
        concat!(
            "r.state = 'pending' and ",
            $when,
            " and (r.leased_until <= $1 or r.leased_until > $3) and c.auth_token_inactive = 0
             and not exists (select 1 from contradicted_payments p where p.order_id = r.order_id)"
        )
    };
}

/// One of the two parts of [`DUE_REQUESTS`], each of which an index serves.
macro_rules! due_part {
    ($when:literal) => {
        concat!(
            "select * from (select r.id, r.try_at from mini_app_requests r
             join orders o on o.id = r.order_id join customers c on c.id = o.customer_id where ",
            due!($when),
            " order by r.try_at limit $4) as part"
        )
    };
}

/// The parameter 4 is the limit.
pub(super) const DUE_REQUESTS: &str = concat!(
    "select id from (",
    due_part!("r.try_at <= $1"),
    " union all ",
    due_part!("r.tries > 0 and r.try_at > $2"),
    ") as due order by try_at limit $4"
);

impl MiniAppRequestRepository for Store {
    async fn due_requests(&self, now: Timestamp, limit: u32) -> Result<Vec<RequestId>, Error> {
        let ids: Vec<String> = sql(DUE_REQUESTS)
            .bind(now)
            .bind(now + retry::MAX_PAUSE + retry::CLOCK_TOLERANCE)
            .bind(now + LEASE + retry::CLOCK_TOLERANCE)
            .bind(limit)
            .fetch_values(&mut *self.reader().await?)
            .await?;
        Ok(ids.into_iter().map(RequestId::from).collect())
    }

    async fn lease_request(
        &self,
        id: &RequestId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedMiniAppRequest>, Error> {
        with_retries(move || async move {
        let mut tx = self.write().await?;
        if !lock_request(&mut tx, id).await? {
            return Ok(None);
        }
        let due = sql(concat!(
            "select r.*, ",
            stored_customer!(),
            " from mini_app_requests r
             join orders o on o.id = r.order_id join customers c on c.id = o.customer_id
             where r.id = $4 and ",
            due!("(r.try_at <= $1 or r.try_at > $2 and r.tries > 0)")
        ))
        .bind(now)
        .bind(now + retry::MAX_PAUSE + retry::CLOCK_TOLERANCE)
        .bind(until + retry::CLOCK_TOLERANCE)
        .bind(id.as_str())
        .fetch_optional(&mut tx)
        .await?;
        let Some(row) = due else {
            return Ok(None);
        };
        let mut request = read(&row)?;
        let order = load(&mut tx, &request.order_id)
            .await?
            .ok_or(Error::CorruptRow("a request without an order"))?;
        let circumstances = Circumstances {
            order: &order,
            is_refund_open: is_refund_open(&mut tx, &order.id).await?,
            overpaid: overpaid_to(&mut tx, &order.customer_id, request.kind).await?,
        };
        let readiness = readiness(&request, circumstances, now)
            .ok_or(Error::CorruptRow("a mini-app request"))?;
        let leased = match readiness {
            Readiness::Wait => {
                sql("update mini_app_requests set try_at = $1 where id = $2")
                    .bind(now + RECHECK_INTERVAL)
                    .bind(id.as_str())
                    .execute(&mut tx)
                    .await?;
                None
            }
            Readiness::NotNeeded(why) => {
                sql(
                    "update mini_app_requests set state = $1, answer = $2, try_at = $3 where id = $4",
                )
                .bind(RequestState::NotNeeded.name())
                .bind(why)
                .bind(now)
                .bind(id.as_str())
                .execute(&mut tx)
                .await?;
                None
            }
            Readiness::TooOld => {
                sql("update mini_app_requests set state = $1, try_at = $2 where id = $3")
                    .bind(RequestState::DeadLetter.name())
                    .bind(now)
                    .bind(id.as_str())
                    .execute(&mut tx)
                    .await?;
                tracing::error!(
                    event = "mini_app.dead_letter",
                    request = id.as_str(),
                    "GoPay may have forgotten the id of a request, and may have carried it out: `merchant requests` lists it"
                );
                None
            }
            Readiness::Send {
                amount,
                request: body,
            } => {
                sql("update mini_app_requests set amount = $1, request = $2,
                     first_sent_at = coalesce(first_sent_at, $3), tries = tries + 1,
                     leased_until = $4 where id = $5")
                .bind(amount.map(u64::cast_signed))
                .bind(&body)
                .bind(now)
                .bind(until)
                .bind(id.as_str())
                .execute(&mut tx)
                .await?;
                request.amount = amount;
                request.request = body;
                let is_first = request.first_sent_at.is_none();
                request.first_sent_at.get_or_insert(now);
                request.tries += 1;
                Some(LeasedMiniAppRequest {
                    request,
                    is_first,
                    customer: read_customer(&row)?,
                    leased_until: until,
                })
            }
        };
        tx.commit().await?;
        Ok(leased)
        })
        .await
    }

    async fn record_request_result(
        &self,
        lease: &LeasedMiniAppRequest,
        result: &MiniAppResult,
        next: NextStep,
        now: Timestamp,
    ) -> Result<(), Error> {
        with_retries(move || async move {
            let id = &lease.request.id;
            let gopay_id = match result {
                MiniAppResult::Accepted(gopay_id) => gopay_id.as_deref(),
                _ => None,
            };
            let (state, try_at) = match next {
                NextStep::End(state) => (state, now),
                NextStep::TryAt(at) => (RequestState::Pending, at),
                NextStep::AwaitSignIn => (RequestState::Pending, now),
            };
            let is_inactive = matches!(result, MiniAppResult::TokenInactive(_));
            let mut tx = self.write().await?;
            if next == NextStep::AwaitSignIn {
                lock_customer_of_order(&mut tx, &lease.request.order_id).await?;
            }
            lock_order(&mut tx, &lease.request.order_id).await?;
            let written = sql(
                "update mini_app_requests set state = $1, try_at = $2, answer = $3,
             gopay_id = coalesce($4, gopay_id), token_refusals = token_refusals + $5,
             first_sent_at = case when $8 = 1 then null else first_sent_at end,
             amount = case when $8 = 1 then null else amount end, leased_until = 0
             where id = $6 and state <> 'accepted' and (leased_until = $7 or $1 = 'accepted')",
            )
            .bind(state.name())
            .bind(try_at)
            .bind(&result.to_string())
            .bind(gopay_id)
            .bind(is_inactive)
            .bind(id.as_str())
            .bind(lease.leased_until)
            .bind(lease.is_first && result.did_nothing())
            .execute(&mut tx)
            .await?;
            if next == NextStep::AwaitSignIn {
                deactivate_token(&mut tx, &lease.customer).await?;
            }
            if written == 1 && state == RequestState::Accepted {
                let order = load(&mut tx, &lease.request.order_id).await?;
                let order = order.ok_or(Error::CorruptRow("a request without an order"))?;
                if !order.status.is_open() {
                    let reminder: Option<String> = sql(shown_reminder!("$1"))
                        .bind(order.id.as_str())
                        .fetch_optional_value(&mut tx)
                        .await?;
                    let reminder = reminder.map(ReminderId::from);
                    enqueue_removal(&mut tx, &order.id, reminder, now).await?;
                }
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

impl Store {
    /// Has a request sent again that waits for staff, at once. With `again`, also where GoPay may not
    /// know its id any more, and may carry it out a second time.
    pub async fn retry_request(
        &self,
        id: &RequestId,
        again: bool,
        now: Timestamp,
    ) -> Result<RequestRetryOutcome, Error> {
        with_retries(move || async move {
        let mut tx = self.write().await?;
        // Not while another process leases it.
        lock_request(&mut tx, id).await?;
        let Some(request) = by_id(&mut tx, id).await? else {
            return Ok(RequestRetryOutcome::Unknown);
        };
        if !matches!(
            request.state,
            RequestState::DeadLetter | RequestState::Refused
        ) {
            return Ok(RequestRetryOutcome::NotToRetry(request.state));
        }
        if is_erased_of_order(&mut tx, &request.order_id).await? {
            return Ok(RequestRetryOutcome::BuyerErased);
        }
        let is_too_old = !may_repeat(&request, now);
        if is_too_old && !again {
            return Ok(RequestRetryOutcome::TooOld);
        }
        sql(
            "update mini_app_requests set state = 'pending', tries = 0, token_refusals = 0, try_at = $1,
             first_sent_at = case when $3 = 1 then null else first_sent_at end,
             amount = case when $3 = 1 then null else amount end where id = $2",
        )
        .bind(now)
        .bind(id.as_str())
        // Staff have looked: as if it had not been sent.
        .bind(is_too_old)
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(RequestRetryOutcome::Due)
        })
        .await
    }

    /// Enters a request of staff's about an order; the id of the one that was entered under the same
    /// name before, if there is one.
    pub async fn enter_request(
        &self,
        order_id: &OrderId,
        asked_as: &str,
        request: &NewMiniAppRequest,
        now: Timestamp,
    ) -> Result<(StoredMiniAppRequest, bool), Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            let is_new = insert(&mut tx, order_id, asked_as, request, now).await?;
            let row = sql(
            "select * from mini_app_requests where order_id = $1 and kind = $2 and asked_as = $3",
        )
        .bind(order_id.as_str())
        .bind(request.kind.name())
        .bind(asked_as)
        .fetch_one(&mut tx)
        .await?;
            let request = read(&row)?;
            tx.commit().await?;
            Ok((request, is_new))
        })
        .await
    }

    /// The id of the order that staff call so: its id, or the number on its receipt.
    pub async fn order_named(&self, name: &str) -> Result<Option<OrderId>, Error> {
        orders::named(&mut *self.reader().await?, name).await
    }

    /// The number of requests in a state.
    pub async fn request_count(&self, state: RequestState) -> Result<usize, Error> {
        let count: i64 = sql("select count(*) from mini_app_requests where state = $1")
            .bind(state.name())
            .fetch_value(&mut *self.reader().await?)
            .await?;
        usize::try_from(count).map_err(|_| Error::CorruptRow("a count"))
    }

    /// The requests in a state, the oldest first, each with whether it waits for the buyer's sign-in.
    pub async fn requests(
        &self,
        state: RequestState,
    ) -> Result<Vec<(StoredMiniAppRequest, bool)>, Error> {
        let rows = sql("select r.*, c.auth_token_inactive from mini_app_requests r
             join orders o on o.id = r.order_id join customers c on c.id = o.customer_id
             where r.state = $1 order by r.created_at, r.id")
        .bind(state.name())
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter()
            .map(|row| Ok((read(row)?, row.get("auth_token_inactive")?)))
            .collect()
    }
}

async fn is_refund_open(connection: &mut Connection, order_id: &OrderId) -> Result<bool, Error> {
    sql(
        "select exists (select 1 from refunds join attempts on attempts.external_id = payment
         where order_id = $1 and state in ('open', 'parked'))",
    )
    .bind(order_id.as_str())
    .fetch_value(connection)
    .await
}

/// See [`overpaid`].
async fn overpaid_to(
    connection: &mut Connection,
    customer_id: &CustomerId,
    kind: RequestKind,
) -> Result<u64, Error> {
    if kind.reward().is_none() {
        return Ok(0);
    }
    let rows = sql(
        "select r.order_id, r.amount, r.full_amount, o.status from mini_app_requests r
         join orders o on o.id = r.order_id
         where o.customer_id = $1 and r.kind = $2
         and (r.first_sent_at is not null or r.state = 'not_needed')",
    )
    .bind(customer_id.as_str())
    .bind(kind.name())
    .fetch_all(&mut *connection)
    .await?;
    let mut rewards = Vec::with_capacity(rows.len());
    for row in &rows {
        let full = amount(row.get("full_amount")?)?;
        let right = match status_from_column(row.get("status")?)? {
            contract::OrderStatus::Paid => full,
            _ => {
                let order = load(connection, &read_id(row, "order_id")?).await?;
                order.map_or(0, |order| entitled(full, &order))
            }
        };
        rewards.push((amount(row.get("amount")?)?, right));
    }
    Ok(overpaid(rewards))
}

async fn by_id(
    connection: &mut Connection,
    id: &RequestId,
) -> Result<Option<StoredMiniAppRequest>, Error> {
    let row = sql("select * from mini_app_requests where id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

fn amount(number: Option<i64>) -> Result<u64, Error> {
    u64::try_from(number.unwrap_or_default()).map_err(|_| Error::CorruptRow("an amount"))
}
