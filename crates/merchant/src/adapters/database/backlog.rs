//! How much work waits, and what of it needs a person.

use super::{
    attempt_repository::{NEXT_INQUIRY, due_at},
    columns::read_id,
    connection::sql,
    fulfilments::DUE_FULFILMENTS,
    mini_app_requests::DUE_REQUESTS,
    refunds::DUE_REFUNDS,
    store::Store,
};
use crate::{
    domain::{mini_app_request, refund, retry, time::Timestamp},
    ports::{Backlog, BacklogRepository, DueWork, Error, ItemState, Queue},
};
use contract::{CustomerId, OrderId};
use std::{collections::HashSet, time::Duration};

/// The parameters are now, and the limit.
const DUE_INQUIRIES: &str = concat!(
    "select count(*) from (select 1 from attempts where next_inquiry_at is not null and ",
    due_at!(),
    " <= $1 limit $2) as due"
);

/// The parameters are now, and the limit.
const DUE_URGENT_INQUIRIES: &str = concat!(
    "select count(*) from (select 1 from attempts
     where next_inquiry_at is not null and is_urgent = 1 and ",
    due_at!(),
    " <= $1 limit $2) as due"
);

const NEXT_URGENT_INQUIRY: &str = concat!(
    "select external_id, ",
    due_at!(),
    " as due_at from attempts where next_inquiry_at is not null and is_urgent = 1
     order by 2 limit 1"
);

/// Each counts the rows of a state, by an index that has these rows only.
const COUNTS: [(Queue, ItemState, &str); 8] = [
    (
        Queue::Refund,
        ItemState::Pending,
        "select count(*) from refunds where state = 'open'",
    ),
    (
        Queue::Refund,
        ItemState::DeadLetter,
        "select count(*) from refunds where state = 'parked'
         and number not in (select id from resolved_items where kind = 'refund')",
    ),
    (
        Queue::Refund,
        ItemState::Failed,
        "select count(*) from refunds where state = 'failed' and retried_as is null
         and number not in (select id from resolved_items where kind = 'refund')",
    ),
    (
        Queue::Webhook,
        ItemState::Pending,
        "select count(*) from fulfilments where state = 'pending'",
    ),
    (
        Queue::Webhook,
        ItemState::DeadLetter,
        "select count(*) from fulfilments where state = 'parked'
         and id not in (select id from resolved_items where kind = 'fulfilment')",
    ),
    (
        Queue::MiniApp,
        ItemState::Pending,
        "select count(*) from mini_app_requests where state = 'pending'",
    ),
    (
        Queue::MiniApp,
        ItemState::Refused,
        "select count(*) from mini_app_requests where state = 'refused'
         and id not in (select id from resolved_items where kind = 'request')",
    ),
    (
        Queue::MiniApp,
        ItemState::DeadLetter,
        "select count(*) from mini_app_requests where state = 'dead_letter'
         and id not in (select id from resolved_items where kind = 'request')",
    ),
];

const ORDERS_IN_REVIEW: &str = "select count(*) from orders where status = 'review'
     and id not in (select id from resolved_items where kind = 'order')";

/// A thousand are kept.
const UNMATCHED_NOTIFICATIONS: &str = "select count(*) from unplaced_notifications
     where 'N' || id not in (select id from resolved_items where kind = 'notification')";

const BUYERS_TO_SIGN_IN: &str =
    "select count(*) from customers where auth_token_inactive = 1 and erased = 0";

impl BacklogRepository for Store {
    async fn backlog(&self, now: Timestamp) -> Result<Backlog, Error> {
        let due = vec![
            self.due_inquiries(Queue::Inquiry, DUE_INQUIRIES, NEXT_INQUIRY, now)
                .await?,
            self.due_inquiries(
                Queue::UrgentInquiry,
                DUE_URGENT_INQUIRIES,
                NEXT_URGENT_INQUIRY,
                now,
            )
            .await?,
            self.due_work(
                Queue::Refund,
                DUE_REFUNDS,
                "select try_at from refunds where number = $1",
                now,
                (refund::MAX_PAUSE, refund::LEASE),
            )
            .await?,
            self.due_work(
                Queue::Webhook,
                DUE_FULFILMENTS,
                "select try_at from fulfilments where id = $1",
                now,
                (retry::MAX_PAUSE, retry::LEASE),
            )
            .await?,
            self.due_work(
                Queue::MiniApp,
                DUE_REQUESTS,
                "select try_at from mini_app_requests where id = $1",
                now,
                (retry::MAX_PAUSE, mini_app_request::LEASE),
            )
            .await?,
        ];
        let mut items = Vec::with_capacity(COUNTS.len());
        for (queue, state, query) in COUNTS {
            items.push((queue, state, self.count(query).await?));
        }
        Ok(Backlog {
            due,
            items,
            orders_in_review: self.count(ORDERS_IN_REVIEW).await?,
            unmatched_notifications: self.count(UNMATCHED_NOTIFICATIONS).await?,
            buyers_to_sign_in: self.count(BUYERS_TO_SIGN_IN).await?,
        })
    }

    /// SQLite notices that a file is read-only when a statement begins to write, also one that
    /// changes no row.
    async fn check_writable(&self) -> Result<(), Error> {
        let mut tx = self.write().await?;
        sql("delete from sessions where token_hash = $1")
            .bind(b"".as_slice())
            .execute(&mut tx)
            .await?;
        Ok(())
    }
}

impl Store {
    /// The orders that a person has to decide about, the oldest first.
    pub async fn orders_in_review(&self) -> Result<Vec<OrderId>, Error> {
        let ids: Vec<String> = sql("select id from orders where status = 'review'
                 and id not in (select id from resolved_items where kind = 'order')
                 order by created_at")
        .fetch_values(&mut *self.reader().await?)
        .await?;
        Ok(ids.into_iter().map(OrderId::from).collect())
    }

    /// The orders of which GoPay notified that they are paid, and of which it has said otherwise since, or has not
    /// confirmed it since `before`; the oldest first.
    pub async fn orders_in_doubt(&self, before: Timestamp) -> Result<Vec<OrderId>, Error> {
        let ids: Vec<String> = sql(
            "select id from orders where (id in (select order_id from contradicted_payments)
             or confirmation = 'awaited' and exists (
                 select 1 from attempts a join evidence e on e.external_id = a.external_id
                 where a.order_id = orders.id and e.finding = 'paid' and e.received_at <= $1))
             and id not in (select id from resolved_items where kind = 'order')
             order by created_at",
        )
        .bind(before)
        .fetch_values(&mut *self.reader().await?)
        .await?;
        Ok(ids.into_iter().map(OrderId::from).collect())
    }

    /// What staff have resolved, and to which nothing has happened since, but orders.
    pub async fn resolved_items(&self) -> Result<HashSet<String>, Error> {
        let ids: Vec<String> = sql("select id from resolved_items where kind <> 'order'")
            .fetch_values(&mut *self.reader().await?)
            .await?;
        Ok(ids.into_iter().collect())
    }

    /// Whether GoPay is still asked, or has to confirm it: the order may become paid, and is handed over then.
    pub async fn may_become_paid(&self, id: &str) -> Result<bool, Error> {
        sql("select exists (select 1 from attempts where order_id = $1 and next_inquiry_at is not null)
             or exists (select 1 from orders where id = $1 and confirmation = 'awaited')")
            .bind(id)
            .fetch_value(&mut *self.reader().await?)
            .await
    }

    /// Writes that staff have dealt with this order, refund, fulfilment, request or notification.
    pub async fn resolve_item(&self, id: &str) -> Result<(), Error> {
        let resolve = sql("insert into resolutions (id, as_of)
             select $1, max(newest) from (
                 select e.id as newest from attempts a
                 join evidence e on e.external_id = a.external_id where a.order_id = $1
                 union all select try_at from refunds where number = $1
                 union all select try_at from fulfilments where id = $1
                 union all select try_at from mini_app_requests where id = $1
                 union all select last_at from unplaced_notifications where 'N' || id = $1
                 union all select 0) as of_item
             where true
             on conflict (id) do update set as_of = excluded.as_of");
        self.execute(resolve.bind(id)).await?;
        Ok(())
    }

    /// How many requests wait for each buyer whose token GoPay does not take.
    pub async fn requests_awaiting_sign_in(&self) -> Result<Vec<(CustomerId, u64)>, Error> {
        let rows = sql("select c.id, count(*) from customers c
             join orders o on o.customer_id = c.id
             join mini_app_requests r on r.order_id = o.id and r.state = 'pending'
             where c.auth_token_inactive = 1 and c.erased = 0 group by c.id order by c.id")
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter()
            .map(|row| Ok((read_id(row, "id")?, row.at::<i64>(1)?.unsigned_abs())))
            .collect()
    }

    async fn count(&self, query: &'static str) -> Result<u64, Error> {
        let count: i64 = sql(query).fetch_value(&mut *self.reader().await?).await?;
        Ok(count.unsigned_abs())
    }

    /// Of inquiries, of which one is due when its lease has expired.
    async fn due_inquiries(
        &self,
        queue: Queue,
        count: &'static str,
        next: &'static str,
        now: Timestamp,
    ) -> Result<DueWork, Error> {
        let count: i64 = sql(count)
            .bind(now)
            .bind(Self::MAX_DUE)
            .fetch_value(&mut *self.reader().await?)
            .await?;
        let next = sql(next).fetch_optional(&mut *self.reader().await?).await?;
        let next: Option<Timestamp> = next.map(|row| row.get("due_at")).transpose()?;
        Ok(DueWork {
            queue,
            count: count.unsigned_abs(),
            oldest_at: next.filter(|at| *at <= now),
        })
    }

    /// Of work as its worker finds it, the longest overdue first: what is held counts as little as what
    /// is leased.
    async fn due_work(
        &self,
        queue: Queue,
        due: &'static str,
        try_at: &'static str,
        now: Timestamp,
        (longest_pause, longest_lease): (Duration, Duration),
    ) -> Result<DueWork, Error> {
        let ids: Vec<String> = sql(due)
            .bind(now)
            .bind(now + longest_pause)
            .bind(now + longest_lease)
            .bind(Self::MAX_DUE)
            .fetch_values(&mut *self.reader().await?)
            .await?;
        let oldest_at: Option<Timestamp> = match ids.first() {
            Some(id) => {
                sql(try_at)
                    .bind(id)
                    .fetch_optional_value(&mut *self.reader().await?)
                    .await?
            }
            None => None,
        };
        Ok(DueWork {
            queue,
            count: ids.len() as u64,
            oldest_at: oldest_at.map(|at| at.min(now)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::operator_policy::FulfilmentMode;
    use test_kit::TempDir;

    async fn store(folder: &TempDir) -> Store {
        let url = format!("sqlite://{}", folder.join("merchant.db").display());
        Store::open(&url, FulfilmentMode::Webhook).await.unwrap()
    }

    /// They run while the merchant works, each quarter of a minute.
    #[tokio::test]
    async fn the_backlog_is_counted_by_an_index() {
        let folder = TempDir::create();
        let store = store(&folder).await;
        let counts = COUNTS.iter().map(|(_, _, query)| *query);
        for query in counts.chain([
            DUE_INQUIRIES,
            DUE_URGENT_INQUIRIES,
            NEXT_URGENT_INQUIRY,
            ORDERS_IN_REVIEW,
            BUYERS_TO_SIGN_IN,
        ]) {
            let plan = format!("explain query plan {query}").leak();
            let mut reader = store.reader().await.unwrap();
            let rows = sql(plan).fetch_all(&mut reader).await.unwrap();
            for step in rows.iter().map(|row| row.get::<&str>("detail").unwrap()) {
                let is_table = step.starts_with("SEARCH ") || step.starts_with("SCAN ");
                // What staff have resolved is little, and of unmatched notifications a thousand are kept.
                let is_little = matches!(
                    step,
                    "SCAN due" | "SCAN r" | "SCAN n" | "SCAN resolved_items"
                );
                let is_indexed = step.contains(" USING ") || is_little;
                assert!(!is_table || is_indexed, "{query}: {step}");
            }
        }
    }

    #[tokio::test]
    async fn an_empty_database_has_no_backlog_and_can_be_written() {
        let folder = TempDir::create();
        let store = store(&folder).await;
        store.check_writable().await.unwrap();
        let backlog = store.backlog(Timestamp::from_millis(1)).await.unwrap();
        let is_none = |due: &DueWork| due.count == 0 && due.oldest_at.is_none();
        assert!(backlog.due.iter().all(is_none), "{backlog:?}");
        assert!(backlog.items.iter().all(|(_, _, count)| *count == 0));
    }
}
