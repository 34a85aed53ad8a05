//! The database as it is, for [`crate::cli::verify`]: read past the code that wrote it.
//!
//! Invariant: one snapshot, whatever is written meanwhile; nothing is written here.

use super::connection::{Connection, Statement, sql};
use super::value::Row;
use super::{
    columns::{from_column, parse_name, read_id, status_from_column},
    events::read_event,
};
use crate::{
    domain::{
        payment_event::PaymentEvent,
        payment_request::PaymentRequest,
        refund::{RefundReason, RefundState},
    },
    ports::Error,
};
use contract::{OrderId, OrderLine, OrderStatus, Rupiah};
use gopay_protocol::message::{refund, rewards};
use gopay_protocol::{ExternalId, PartnerRefundNo};
use std::collections::HashMap;

/// An order with all that bears on it.
#[derive(Debug)]
pub(crate) struct OrderSnapshot {
    pub(crate) id: OrderId,
    /// As it is stored.
    pub(crate) status: OrderStatus,
    /// Or needs no confirmation.
    pub(crate) is_confirmed: bool,
    pub(crate) total: Rupiah,
    /// What its lines cost together, less the discount.
    pub(crate) lines: Option<Rupiah>,
    pub(crate) attempts: Vec<AttemptRow>,
    /// In the order it was written.
    pub(crate) events: Vec<EventRow>,
    pub(crate) fulfilments: Vec<FulfilmentRow>,
    pub(crate) refunds: Vec<RefundRow>,
    pub(crate) rewards: Vec<RewardRow>,
}

#[derive(Debug)]
pub(crate) struct AttemptRow {
    pub(crate) external_id: ExternalId,
    pub(crate) number: u32,
    /// What GoPay was asked to take.
    pub(crate) amount: Option<Rupiah>,
}

#[derive(Debug)]
pub(crate) struct EventRow {
    pub(crate) id: i64,
    pub(crate) external_id: ExternalId,
    pub(crate) event: PaymentEvent,
}

#[derive(Debug)]
pub(crate) struct FulfilmentRow {
    pub(crate) evidence_id: i64,
    pub(crate) state: String,
    pub(crate) answer: Option<String>,
}

#[derive(Debug)]
pub(crate) struct RefundRow {
    pub(crate) number: PartnerRefundNo,
    pub(crate) payment: ExternalId,
    pub(crate) amount: Rupiah,
    pub(crate) late: bool,
    pub(crate) state: RefundState,
    /// What GoPay is asked for.
    pub(crate) request: Option<(PartnerRefundNo, Rupiah)>,
}

#[derive(Debug)]
pub(crate) struct RewardRow {
    pub(crate) kind: String,
    pub(crate) full_amount: i64,
    /// What was sent, by its column and by the body.
    pub(crate) sent: Option<(i64, Option<i64>)>,
}

/// A snapshot of the database.
pub(crate) struct VerifySnapshot<'a>(&'a mut Connection);

impl<'a> VerifySnapshot<'a> {
    /// What the transaction that is open on this connection sees.
    pub(crate) const fn of_transaction(connection: &'a mut Connection) -> Self {
        Self(connection)
    }

    /// So many orders at most, by their ids, after this one: not all of them need to fit into memory.
    pub(crate) async fn next_orders(
        &mut self,
        after: Option<&OrderId>,
    ) -> Result<Vec<OrderSnapshot>, Error> {
        let orders = sql("select * from orders where id > $1 order by id limit 500")
            .bind(after.map_or("", OrderId::as_str))
            .fetch_all(self.0)
            .await?;
        let (Some(first), Some(last)) = (orders.first(), orders.last()) else {
            return Ok(Vec::new());
        };
        let ids = [first.get("id")?, last.get("id")?];
        let attempts =
            sql("select * from attempts where order_id between $1 and $2 order by number");
        let events = sql("select evidence.id, external_id, finding, amount, order_id
             from evidence join attempts using (external_id)
             where order_id between $1 and $2 order by evidence.id");
        let fulfilments = sql("select * from fulfilments where order_id between $1 and $2");
        let refunds = sql(
            "select refunds.number, payment, amount, cause, state, refunds.request, order_id
             from refunds join attempts on attempts.external_id = payment
             where order_id between $1 and $2",
        );
        let rewards = sql("select * from mini_app_requests
             where order_id between $1 and $2 and full_amount is not null");
        let attempt = |row: &Row| {
            Ok(AttemptRow {
                amount: requested_amount(row.get("request")?),
                external_id: read_id(row, "external_id")?,
                number: row.get::<i64>("number")?.try_into().unwrap_or(u32::MAX),
            })
        };
        let event = |row: &Row| {
            Ok(EventRow {
                id: row.get("id")?,
                external_id: read_id(row, "external_id")?,
                event: read_event(row)?,
            })
        };
        let fulfilment = |row: &Row| {
            Ok(FulfilmentRow {
                evidence_id: row.get("evidence_id")?,
                state: row.get("state")?,
                answer: row.get("answer")?,
            })
        };
        let refund = |row: &Row| {
            Ok(RefundRow {
                number: read_id(row, "number")?,
                payment: read_id(row, "payment")?,
                amount: from_column(row.get("amount")?)?,
                late: row.get::<&str>("cause")? == RefundReason::Late.name(),
                state: parse_name(row.get("state")?, "a refund")?,
                request: requested_refund(row.get("request")?),
            })
        };
        let reward = |row: &Row| {
            let amount: Option<i64> = row.get("amount")?;
            let request: &str = row.get("request")?;
            Ok(RewardRow {
                kind: row.get("kind")?,
                full_amount: row.get("full_amount")?,
                sent: amount.map(|amount| (amount, requested_reward(request))),
            })
        };
        let mut attempts = self.of_orders(ids, attempts, attempt).await?;
        let mut events = self.of_orders(ids, events, event).await?;
        let mut fulfilments = self.of_orders(ids, fulfilments, fulfilment).await?;
        let mut refunds = self.of_orders(ids, refunds, refund).await?;
        let mut rewards = self.of_orders(ids, rewards, reward).await?;
        let mut snapshots = Vec::new();
        for order in &orders {
            let id: &str = order.get("id")?;
            snapshots.push(OrderSnapshot {
                id: id.into(),
                status: status_from_column(order.get("status")?)?,
                is_confirmed: order.get::<&str>("confirmation")? != "awaited",
                total: from_column(order.get("total")?)?,
                lines: cost(order.get("lines")?).and_then(|cost| {
                    let discount: Option<i64> = order.get("discount").ok()?;
                    let discount = u64::try_from(discount.unwrap_or_default()).ok()?;
                    cost.get().checked_sub(discount).map(Rupiah::new)
                }),
                attempts: attempts.remove(id).unwrap_or_default(),
                events: events.remove(id).unwrap_or_default(),
                fulfilments: fulfilments.remove(id).unwrap_or_default(),
                refunds: refunds.remove(id).unwrap_or_default(),
                rewards: rewards.remove(id).unwrap_or_default(),
            });
        }
        Ok(snapshots)
    }

    /// The rows of each order between these ids.
    async fn of_orders<T>(
        &mut self,
        [first, last]: [&str; 2],
        select: Statement<'_>,
        read: impl Fn(&Row) -> Result<T, Error>,
    ) -> Result<HashMap<String, Vec<T>>, Error> {
        let select = select.bind(first).bind(last);
        let mut rows: HashMap<String, Vec<T>> = HashMap::new();
        for row in select.fetch_all(self.0).await? {
            let of_order = rows.entry(row.get("order_id")?).or_default();
            of_order.push(read(&row)?);
        }
        Ok(rows)
    }

    /// The orders with an attempt or a refund whose `X-EXTERNAL-ID` another has too.
    pub(crate) async fn shared_external_ids(&mut self) -> Result<Vec<String>, Error> {
        self.texts(
            "with used as (
                 select order_id, external_id from attempts union all
                 select order_id, refunds.external_id
                 from refunds join attempts on attempts.external_id = payment)
             select distinct order_id from used where external_id in
             (select external_id from used group by external_id having count(*) > 1)",
        )
        .await
    }

    /// The orders whose key another order of the buyer has too, with two attempts under one
    /// key, or with another key than their first attempt.
    pub(crate) async fn shared_keys(&mut self) -> Result<Vec<String>, Error> {
        self.texts(
            "select id from orders where (customer_id, idempotency_key) in
             (select customer_id, idempotency_key from orders
              group by customer_id, idempotency_key having count(*) > 1)
             union
             select order_id from attempts
             group by order_id, idempotency_key having count(*) > 1
             union
             select orders.id from orders join attempts on order_id = orders.id and number = 1
             where attempts.idempotency_key <> orders.idempotency_key",
        )
        .await
    }

    /// The orders with a refund whose number another refund has too.
    pub(crate) async fn shared_refund_numbers(&mut self) -> Result<Vec<String>, Error> {
        self.texts(
            "select distinct order_id from refunds join attempts on attempts.external_id = payment
             where refunds.number in
             (select number from refunds group by number having count(*) > 1)",
        )
        .await
    }

    /// The triggers there are, with their text, in small letters and on one line.
    pub(crate) async fn triggers(&mut self) -> Result<HashMap<String, String>, Error> {
        let triggers = match &*self.0 {
            Connection::Sqlite(_) => "select name, sql from sqlite_schema where type = 'trigger'",
            Connection::Postgres(_) => {
                "select tgname::text, regexp_replace(pg_get_triggerdef(pg_trigger.oid), ' ON \\w+\\.', ' ON ')
                     || ' ' || prosrc
                 from pg_trigger join pg_proc on pg_proc.oid = tgfoid
                 join pg_class on pg_class.oid = tgrelid
                     and relnamespace = current_schema()::regnamespace
                 where not tgisinternal and tgenabled <> 'D'"
            }
        };
        let rows = sql(triggers).fetch_all(self.0).await?;
        rows.iter()
            .map(|row| {
                let text: &str = row.at(1)?;
                let words: Vec<_> = text.split_whitespace().collect();
                Ok((row.at(0)?, words.join(" ").to_lowercase()))
            })
            .collect()
    }

    /// How many pieces of evidence are missing between the first and the last. PostgreSQL's numbers have
    /// gaps where nothing is missing.
    pub(crate) async fn lost_evidence(&mut self) -> Result<i64, Error> {
        match &*self.0 {
            Connection::Sqlite(_) => {
                let lost = sql("select coalesce(max(id), 0) - count(*) from evidence");
                lost.fetch_value(self.0).await
            }
            Connection::Postgres(_) => Ok(0),
        }
    }

    async fn texts(&mut self, query: &'static str) -> Result<Vec<String>, Error> {
        sql(query).fetch_values(self.0).await
    }
}

fn cost(lines: &str) -> Option<Rupiah> {
    let lines: Vec<OrderLine> = serde_json::from_str(lines).ok()?;
    let costs = lines.iter().map(|line| line.price.times(line.quantity));
    Rupiah::sum(costs.collect::<Option<Vec<_>>>()?)
}

fn requested_amount(request: &str) -> Option<Rupiah> {
    PaymentRequest::parse(request)?.amount()
}

fn requested_refund(request: &str) -> Option<(PartnerRefundNo, Rupiah)> {
    let request: refund::Request = serde_json::from_str(request).ok()?;
    let amount = request.refund_amount.rupiah().ok()?;
    Some((request.partner_refund_no, Rupiah::new(amount)))
}

fn requested_reward(request: &str) -> Option<i64> {
    let request: rewards::Request = serde_json::from_str(request).ok()?;
    i64::try_from(request.amount.value()).ok()
}
