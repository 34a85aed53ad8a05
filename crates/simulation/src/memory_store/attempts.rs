//! Payment attempts and the leases of their inquiries.

use super::{MemoryStore, StoreHooks, tables::InquirySchedule};
use contract::PaymentWay;
use gopay_protocol::{ExternalId, ReferenceNo, message::notify::RefundHistory};
use merchant::{
    domain::{
        attempt::Attempt, order::StoredOrder, payment_event::ReceivedEvent, retry, time::Timestamp,
        unmatched_notification::UnmatchedNotification,
    },
    ports::{AttemptLookup, AttemptRepository, DueInquiry, Error},
};

impl<H: StoreHooks> AttemptRepository for MemoryStore<H> {
    async fn record_with_refunds(
        &self,
        external_id: &ExternalId,
        event: ReceivedEvent,
        history: &RefundHistory,
    ) -> Result<StoredOrder, Error> {
        self.write(external_id, None, event, history).await
    }

    async fn record_created(
        &self,
        external_id: &ExternalId,
        reference_no: Option<&ReferenceNo>,
        way: &PaymentWay,
        event: ReceivedEvent,
    ) -> Result<StoredOrder, Error> {
        let made = Some((reference_no, way));
        self.write(external_id, made, event, RefundHistory::EMPTY)
            .await
    }

    async fn order_with_attempt(
        &self,
        name: AttemptLookup<'_>,
    ) -> Result<Option<(StoredOrder, ExternalId)>, Error> {
        self.access(|tables, _| {
            let is_named = |attempt: &Attempt| match name {
                AttemptLookup::ByReferenceNo(id) => attempt.reference_no.as_ref() == Some(id),
                AttemptLookup::ByExternalId(id) => attempt.external_id == *id,
            };
            let found = tables
                .orders()
                .flat_map(attempts_of)
                .find(|(_, attempt)| is_named(attempt));
            found.map(|(order, attempt)| (order.clone(), attempt.external_id.clone()))
        })
        .await
    }

    async fn lease(
        &self,
        external_id: &ExternalId,
        inquired_before: Timestamp,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Error> {
        self.access(|tables, _| {
            let Some(schedule) = tables.inquiry_mut(external_id) else {
                return false;
            };
            // A time in the future was written before the clock was set back.
            let free = (schedule.leased_until <= now
                || schedule.leased_until > until + retry::CLOCK_TOLERANCE)
                && (schedule.last_inquiry_at <= inquired_before
                    || schedule.last_inquiry_at > now + retry::CLOCK_TOLERANCE)
                && schedule.next_inquiry_at.is_some();
            if free {
                schedule.leased_until = until;
                schedule.last_inquiry_at = now;
            }
            free
        })
        .await
    }

    async fn release(
        &self,
        external_id: &ExternalId,
        leased_until: Timestamp,
        next_inquiry_at: Option<Timestamp>,
    ) -> Result<(), Error> {
        self.access(|tables, hooks| {
            match tables.inquiry_mut(external_id) {
                Some(schedule) if schedule.leased_until == leased_until => {
                    schedule.leased_until = Timestamp::EPOCH;
                    // 0: meanwhile an inquiry became due at once.
                    if schedule.last_inquiry_at != Timestamp::EPOCH {
                        schedule.next_inquiry_at = next_inquiry_at;
                    }
                }
                Some(_) => hooks.lease_was_lost(),
                None => {}
            }
        })
        .await
    }

    async fn schedule_inquiry_now(
        &self,
        external_id: &ExternalId,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.access(|tables, _| {
            if let Some(schedule) = tables.inquiry_mut(external_id) {
                schedule.schedule_now(now);
            }
        })
        .await
    }

    async fn record_unmatched(&self, _: UnmatchedNotification, _: Timestamp) -> Result<(), Error> {
        self.access(|_, _| ()).await
    }

    async fn next_due(&self, now: Timestamp) -> Result<Option<DueInquiry>, Error> {
        self.access(|tables, _| {
            let due = |schedule: &InquirySchedule| {
                Some(schedule.next_inquiry_at?.max(schedule.leased_until))
            };
            let first = tables
                .inquiries
                .iter()
                .filter_map(|(at, schedule)| Some((due(schedule)?, *at)))
                .min_by_key(|(due, (o, a))| {
                    let attempt = &tables.orders[*o].order.attempts[*a];
                    let is_urgent = attempt.known_money().is_some();
                    (!(is_urgent && *due <= now), *due, *o, *a)
                })?;
            let (at, (o, a)) = first;
            let attempt = tables.orders.get(o)?.order.attempts.get(a)?;
            Some(DueInquiry {
                external_id: attempt.external_id.clone(),
                at,
            })
        })
        .await
    }
}

fn attempts_of(order: &StoredOrder) -> impl Iterator<Item = (&StoredOrder, &Attempt)> {
    order.attempts.iter().map(move |attempt| (order, attempt))
}
