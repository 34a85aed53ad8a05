//! Attempts to pay, and who is asking about them.

use super::{Desk, Memory, pages::Plan};
use gopay_protocol::message::notify;
use merchant::{
    books::{Attempts, Due},
    store::{Attempt, Error, Evidence, StoredOrder},
};

impl<D: Desk> Attempts for Memory<D> {
    async fn record_with_refunds(
        &self,
        external_id: &str,
        evidence: Evidence,
        history: &[notify::Refund],
    ) -> Result<StoredOrder, Error> {
        self.write(external_id, None, evidence, history).await
    }

    async fn record_made(
        &self,
        external_id: &str,
        reference_no: &str,
        deeplink: &str,
        evidence: Evidence,
    ) -> Result<StoredOrder, Error> {
        self.write(external_id, Some((reference_no, deeplink)), evidence, &[])
            .await
    }

    async fn order_with_attempt(
        &self,
        reference_no: Option<&str>,
        external_id: Option<&str>,
    ) -> Result<Option<(StoredOrder, String)>, Error> {
        self.look(|pages, _| {
            let all = || {
                let each = |order| attempts_of(order);
                pages.orders().flat_map(each)
            };
            let named = |attempt: &Attempt| {
                reference_no.is_some() && attempt.reference_no.as_deref() == reference_no
            };
            let ours = |attempt: &Attempt| {
                Some(attempt.external_id.as_str()) == external_id
                    && (attempt.reference_no.is_none() || reference_no.is_none())
            };
            let found = all()
                .find(|(_, attempt)| named(attempt))
                .or_else(|| all().find(|(_, attempt)| ours(attempt)));
            found
                .filter(|(_, attempt)| external_id.is_none_or(|name| name == attempt.external_id))
                .map(|(order, attempt)| (order.clone(), attempt.external_id.clone()))
        })
        .await
    }

    async fn lease(
        &self,
        external_id: &str,
        looked_before: i64,
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
                && (plan.looked_at <= looked_before || plan.looked_at > now)
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
                    plan.look_at = look_at;
                }
                Some(_) => desk.overtaken(),
                None => {}
            }
        })
        .await
    }

    async fn look_now(&self, external_id: &str, now: i64) -> Result<(), Error> {
        self.look(|pages, _| {
            let plan = pages
                .at(external_id)
                .and_then(|at| pages.plans.get_mut(&at));
            if let Some(plan) = plan {
                *plan = Plan::at_once(now);
            }
        })
        .await
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
