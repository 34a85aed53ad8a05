//! What GoPay said is recorded, with all that follows from it, in one transaction: the event, the
//! ends of refunds, the order's status, what has to go back by itself, the fulfilment, the requests of
//! the mini-app API, and when GoPay is asked next.

use super::connection::{Connection, sql};
use super::{
    attempt_rows::schedule_inquiry_now,
    columns::{read_id, way_column},
    erased::is_erased_of_order,
    events, fulfilments,
    locks::{lock_order_of_attempt, lock_unmatched},
    mini_app_request_rows,
    orders::{load_by_reference, load_with_attempt, recompute_status},
    refunds::in_transaction::{apply_refund_history, refunds_of_order, reserve_automatic_refunds},
    retries::with_retries,
    store::Store,
    unmatched_notifications,
};
use crate::{
    domain::{
        attempt::{Attempt, NextInquiry},
        confirmation::is_confirmed_by,
        operator_policy::Confirmation,
        order::StoredOrder,
        payment_event::ReceivedEvent,
        retry,
        time::Timestamp,
        unmatched_notification::UnmatchedNotification,
    },
    ports::{AttemptLookup, AttemptRepository, DueInquiry, Error},
};
use contract::PaymentWay;
use gopay_protocol::{ExternalId, ReferenceNo, message::notify::RefundHistory};

/// Whether an attempt can be leased. The parameters are the lease's end, now, the attempt, when the last
/// inquiry must have been, and what no lease and no inquiry lies beyond unless the clock was set back.
macro_rules! lease_is_due {
    () => {
        "external_id = $3 and (leased_until <= $2 or leased_until > $5)
         and (last_inquiry_at <= $4 or last_inquiry_at > $6) and next_inquiry_at is not null"
    };
}

/// The later of two, as the indexes of both databases have it: it is due when a lease has expired.
macro_rules! due_at {
    () => {
        "case when next_inquiry_at > leased_until then next_inquiry_at else leased_until end"
    };
}
pub(super) use due_at;

/// Of those that are due at the parameter 1.
pub(super) const URGENT_INQUIRY: &str = concat!(
    "select external_id, ",
    due_at!(),
    " as due_at from attempts where next_inquiry_at is not null and is_urgent = 1 and ",
    due_at!(),
    " <= $1 order by 2 limit 1"
);

pub(super) const NEXT_INQUIRY: &str = concat!(
    "select external_id, ",
    due_at!(),
    " as due_at from attempts where next_inquiry_at is not null order by 2 limit 1"
);

impl AttemptRepository for Store {
    async fn record_with_refunds(
        &self,
        external_id: &ExternalId,
        received: ReceivedEvent,
        history: &RefundHistory,
    ) -> Result<StoredOrder, Error> {
        self.write_event(external_id, None, received, history).await
    }

    async fn record_created(
        &self,
        external_id: &ExternalId,
        reference_no: Option<&ReferenceNo>,
        way: &PaymentWay,
        received: ReceivedEvent,
    ) -> Result<StoredOrder, Error> {
        let made = Some((reference_no, way));
        self.write_event(external_id, made, received, RefundHistory::EMPTY)
            .await
    }

    async fn order_with_attempt(
        &self,
        name: AttemptLookup<'_>,
    ) -> Result<Option<(StoredOrder, ExternalId)>, Error> {
        let mut connection = self.reader().await?;
        let order = match name {
            AttemptLookup::ByReferenceNo(id) => load_by_reference(&mut connection, id).await?,
            AttemptLookup::ByExternalId(id) => load_with_attempt(&mut connection, id).await?,
        };
        let Some(order) = order else { return Ok(None) };
        let is_named = |attempt: &&Attempt| match name {
            AttemptLookup::ByReferenceNo(id) => attempt.reference_no.as_ref() == Some(id),
            AttemptLookup::ByExternalId(id) => attempt.external_id == *id,
        };
        let found = order.attempts.iter().find(is_named);
        let external_id = found.map(|attempt| attempt.external_id.clone());
        Ok(external_id.map(|external_id| (order, external_id)))
    }

    async fn lease(
        &self,
        external_id: &ExternalId,
        inquired_before: Timestamp,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Error> {
        // Most are refused: a page asks more often than GoPay is asked.
        let is_due: Option<i64> = sql(concat!("select 1 from attempts where ", lease_is_due!()))
            .bind(until)
            .bind(now)
            .bind(external_id.as_str())
            .bind(inquired_before)
            .bind(until + retry::CLOCK_TOLERANCE)
            .bind(now + retry::CLOCK_TOLERANCE)
            .fetch_optional_value(&mut *self.reader().await?)
            .await?;
        if is_due.is_none() {
            return Ok(false);
        }
        let lease = sql(concat!(
            "update attempts set leased_until = $1, last_inquiry_at = $2 where ",
            lease_is_due!()
        ));
        let taken = self
            .execute(
                lease
                    .bind(until)
                    .bind(now)
                    .bind(external_id.as_str())
                    .bind(inquired_before)
                    .bind(until + retry::CLOCK_TOLERANCE)
                    .bind(now + retry::CLOCK_TOLERANCE),
            )
            .await?;
        Ok(taken == 1)
    }

    async fn release(
        &self,
        external_id: &ExternalId,
        leased_until: Timestamp,
        next_inquiry_at: Option<Timestamp>,
    ) -> Result<(), Error> {
        // 0: an inquiry at once was scheduled meanwhile.
        self.execute(
            sql("update attempts set leased_until = 0,
             next_inquiry_at = case last_inquiry_at when 0 then next_inquiry_at else $1 end
             where external_id = $2 and leased_until = $3")
            .bind(next_inquiry_at)
            .bind(external_id.as_str())
            .bind(leased_until),
        )
        .await?;
        Ok(())
    }

    async fn schedule_inquiry_now(
        &self,
        external_id: &ExternalId,
        now: Timestamp,
    ) -> Result<(), Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            lock_order_of_attempt(&mut tx, external_id).await?;
            schedule_inquiry_now(&mut tx, external_id, now).await?;
            tx.commit().await
        })
        .await
    }

    async fn record_unmatched(
        &self,
        notification: UnmatchedNotification,
        now: Timestamp,
    ) -> Result<(), Error> {
        let notification = &notification;
        with_retries(move || async move {
            let mut tx = self.write().await?;
            lock_unmatched(&mut tx).await?;
            unmatched_notifications::upsert(&mut tx, notification, now).await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    async fn next_due(&self, now: Timestamp) -> Result<Option<DueInquiry>, Error> {
        let mut connection = self.reader().await?;
        let urgent = sql(URGENT_INQUIRY)
            .bind(now)
            .fetch_optional(&mut connection)
            .await?;
        let due = match urgent {
            None => sql(NEXT_INQUIRY).fetch_optional(&mut connection).await?,
            urgent => urgent,
        };
        due.map(|row| {
            Ok(DueInquiry {
                external_id: read_id(&row, "external_id")?,
                at: row.get("due_at")?,
            })
        })
        .transpose()
    }
}

impl Store {
    async fn write_event(
        &self,
        external_id: &ExternalId,
        made: Option<(Option<&ReferenceNo>, &PaymentWay)>,
        received: ReceivedEvent,
        history: &RefundHistory,
    ) -> Result<StoredOrder, Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            let ReceivedEvent {
                event,
                source,
                received_at,
            } = received;
            let news = events::lock_order_and_insert_event(&mut tx, external_id, received).await?;
            apply_refund_history(&mut tx, external_id, history, source, received_at).await?;
            if let Some((reference_no, way)) = made {
                sql(
                    "update attempts set reference_no = coalesce($1, reference_no), deeplink = $2
                 where external_id = $3",
                )
                .bind(reference_no.map(ReferenceNo::as_str))
                .bind(&way_column(way))
                .bind(external_id.as_str())
                .execute(&mut tx)
                .await?;
            }
            let mut order = load_with_attempt(&mut tx, external_id)
                .await?
                .ok_or(Error::CorruptRow("an event without an order"))?;
            let before = order.status;
            let reminder = recompute_status(&mut tx, &mut order).await?;
            // Only money that is known goes back: there is no refund before the first event of money.
            let refunds = match order.money_events() - usize::from(news && event.is_money()) {
                0 => Vec::new(),
                _ => refunds_of_order(&mut tx, &order.id).await?,
            };
            let wanted = reserve_automatic_refunds(
                &mut tx,
                &order,
                &refunds,
                before,
                self.paid_late,
                received_at,
            )
            .await?;
            if order.confirmation == Confirmation::Awaited {
                confirm(&mut tx, &mut order, external_id, &received).await?;
            }
            let is_newly_paid = wanted
                && !order.awaits_confirmation()
                && fulfilments::enqueue_fulfilment(
                    &mut tx,
                    &mut order,
                    self.fulfilment_mode,
                    received_at,
                )
                .await?;
            if is_newly_paid {
                let requests = self.rules.when_paid(&order, received_at);
                // GoPay is asked for nothing in the name of an erased buyer.
                if !requests.is_empty() && !is_erased_of_order(&mut tx, &order.id).await? {
                    mini_app_request_rows::enqueue(&mut tx, &order.id, &requests, received_at)
                        .await?;
                    order.rewards = mini_app_request_rows::rewards_of(&mut tx, &order.id).await?;
                }
            }
            mini_app_request_rows::enqueue_removal(&mut tx, &order.id, reminder, received_at)
                .await?;
            // It has ended: no inquiry is due soon.
            let ended = order.attempts.iter().find(|attempt| {
                attempt.external_id == *external_id && !attempt.status(order.total).is_open()
            });
            if let Some(attempt) = ended {
                match attempt.next_inquiry(order.total, &received, news) {
                    NextInquiry::Now => {
                        // Also during an inquiry: its answer may be older than this.
                        schedule_inquiry_now(&mut tx, external_id, received_at).await?;
                    }
                    NextInquiry::At(next_inquiry_at) => {
                        sql("update attempts set next_inquiry_at = $1 where external_id = $2")
                            .bind(next_inquiry_at)
                            .bind(external_id.as_str())
                            .execute(&mut tx)
                            .await?;
                    }
                    NextInquiry::Unchanged => {}
                }
            }
            tx.commit().await?;
            Ok(order)
        })
        .await
    }
}

async fn confirm(
    connection: &mut Connection,
    order: &mut StoredOrder,
    external_id: &ExternalId,
    received: &ReceivedEvent,
) -> Result<(), Error> {
    let refunds = refunds_of_order(connection, &order.id).await?;
    if is_confirmed_by(order, external_id, received, &refunds) {
        order.confirmation = Confirmation::Received;
        sql("update orders set confirmation = $1 where id = $2")
            .bind(order.confirmation.name())
            .bind(order.id.as_str())
            .execute(connection)
            .await?;
    }
    Ok(())
}
