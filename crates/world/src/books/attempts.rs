//! Attempts to pay, and who is asking about them.

use super::{Desk, Memory, pages::Plan};
use gopay_protocol::message::notify::RefundHistory;
use merchant::{
    domain::{
        attempt::Attempt, order::StoredOrder, payment_event::ReceivedEvent,
        unmatched_notification::UnmatchedNotification,
    },
    ports::{AttemptName, AttemptRepository, Due, Error},
};

impl<D: Desk> AttemptRepository for Memory<D> {
    async fn record_with_refunds(
        &self,
        external_id: &str,
        evidence: ReceivedEvent,
        history: &RefundHistory,
    ) -> Result<StoredOrder, Error> {
        self.write(external_id, None, evidence, history).await
    }

    async fn record_created(
        &self,
        external_id: &str,
        reference_no: Option<&str>,
        deeplink: &str,
        evidence: ReceivedEvent,
    ) -> Result<StoredOrder, Error> {
        let made = Some((reference_no, deeplink));
        self.write(external_id, made, evidence, RefundHistory::EMPTY)
            .await
    }

    async fn order_with_attempt(
        &self,
        name: AttemptName<'_>,
    ) -> Result<Option<(StoredOrder, String)>, Error> {
        self.look(|pages, _| {
            let is_named = |attempt: &Attempt| match name {
                AttemptName::ReferenceNo(id) => attempt.reference_no.as_deref() == Some(id),
                AttemptName::ExternalId(id) => attempt.external_id == id,
            };
            let found = pages
                .orders()
                .flat_map(attempts_of)
                .find(|(_, attempt)| is_named(attempt));
            found.map(|(order, attempt)| (order.clone(), attempt.external_id.clone()))
        })
        .await
    }

    async fn lease(
        &self,
        external_id: &str,
        inquired_before: i64,
        now: i64,
        until: i64,
    ) -> Result<bool, Error> {
        self.look(|pages, _| {
            let plan = pages
                .at(external_id)
                .and_then(|at| pages.plans.get_mut(&at));
            let Some(plan) = plan else { return false };
            // What lies in the future was written before the clock was set back.
            let free = (plan.leased_until <= now || plan.leased_until > until)
                && (plan.looked_at <= inquired_before || plan.looked_at > now)
                && plan.look_at.is_some();
            if free {
                plan.leased_until = until;
                plan.looked_at = now;
            }
            free
        })
        .await
    }

    async fn release(
        &self,
        external_id: &str,
        leased_until: i64,
        look_at: Option<i64>,
    ) -> Result<(), Error> {
        self.look(|pages, desk| {
            let plan = pages
                .at(external_id)
                .and_then(|at| pages.plans.get_mut(&at));
            match plan {
                Some(plan) if plan.leased_until == leased_until => {
                    plan.leased_until = 0;
                    // 0: a look at once was asked for meanwhile.
                    if plan.looked_at != 0 {
                        plan.look_at = look_at;
                    }
                }
                Some(_) => desk.overtaken(),
                None => {}
            }
        })
        .await
    }

    async fn schedule_inquiry_now(&self, external_id: &str, now: i64) -> Result<(), Error> {
        self.look(|pages, _| {
            let plan = pages
                .at(external_id)
                .and_then(|at| pages.plans.get_mut(&at));
            if let Some(plan) = plan {
                plan.look_at_once(now);
            }
        })
        .await
    }

    async fn record_unmatched(&self, _: UnmatchedNotification, _: i64) -> Result<(), Error> {
        self.look(|_, _| ()).await
    }

    async fn next_due(&self) -> Result<Option<Due>, Error> {
        self.look(|pages, _| {
            let due = |plan: &Plan| Some(plan.look_at?.max(plan.leased_until));
            let first = pages
                .plans
                .iter()
                .filter_map(|(at, plan)| Some((due(plan)?, *at)))
                .min()?;
            let (at, (o, a)) = first;
            let attempt = pages.orders.get(o)?.order.attempts.get(a)?;
            Some(Due {
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
