//! The merchant's books, in memory: what is written in them outlives its process.
//!
//! Invariant: whatever is asked of them is answered as the real ones on disk answer it; a
//! test asks both the same.

use contract::{OrderStatus, Rupiah};
use gopay_protocol::message::notify;
use merchant::{
    books::{Attempts, Due, Orders, Refunds},
    evidence::{Finding, money, order_status, went_back},
    outbox::Next,
    refund::{self, Cause, PaidLate, Progress, Purse, Said, Sent, State},
    store::{
        Attempt, Error, Evidence, NewAttempt, NewOrder, Placed, RefundErrand, StoredOrder,
        StoredRefund,
    },
};
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// All that is written down.
#[derive(Debug, Default)]
pub struct Pages {
    /// In the order they were placed.
    orders: Vec<Entry>,
    /// By order and attempt.
    plans: BTreeMap<(usize, usize), Plan>,
    /// In the order they were reserved, with the end of the right to see to each.
    refunds: Vec<(StoredRefund, i64)>,
}

#[derive(Debug)]
struct Entry {
    key: String,
    fingerprint: Vec<u8>,
    order: StoredOrder,
}

/// When an attempt was looked at, and shall be.
#[derive(Debug, Clone, Copy)]
struct Plan {
    looked_at: i64,
    look_at: Option<i64>,
    leased_until: i64,
}

/// What happens around each look into the books.
pub trait Desk: Send + Sync + 'static {
    /// Before: may take time, never come back, or fail.
    fn before(&self) -> impl Future<Output = Result<(), Error>> + Send;

    /// An order was changed, and how it was before; `None` when it is new.
    fn changed(&self, before: Option<&StoredOrder>, after: &StoredOrder);

    /// The refunds of an order may have changed; these are all.
    fn refunds(&self, order: &StoredOrder, refunds: &[StoredRefund]);

    /// Somebody gave back a right that somebody else had taken over.
    fn overtaken(&self);

    /// After: may take time, or never come back.
    fn after(&self) -> impl Future<Output = ()> + Send;
}

/// The books, as one process of the merchant has them open.
#[derive(Debug, Clone)]
pub struct Memory<D> {
    pages: Arc<Mutex<Pages>>,
    desk: D,
    paid_late: PaidLate,
}

impl<D: Desk> Memory<D> {
    /// These pages on this desk.
    pub fn new(pages: Arc<Mutex<Pages>>, desk: D, paid_late: PaidLate) -> Self {
        Self {
            pages,
            desk,
            paid_late,
        }
    }

    async fn look<T>(&self, look: impl FnOnce(&mut Pages, &D) -> T + Send) -> Result<T, Error>
    where
        T: Send,
    {
        self.desk.before().await?;
        let seen = look(&mut self.pages(), &self.desk);
        self.desk.after().await;
        Ok(seen)
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    /// All orders, oldest first.
    pub fn orders(&self) -> impl Iterator<Item = &StoredOrder> {
        self.orders.iter().map(|entry| &entry.order)
    }

    /// One order.
    pub fn order(&self, id: &str) -> Option<&StoredOrder> {
        self.orders().find(|order| order.id == id)
    }

    /// One attempt.
    pub fn attempt(&self, external_id: &str) -> Option<&Attempt> {
        let mut attempts = self.orders().flat_map(|order| &order.attempts);
        attempts.find(|attempt| attempt.external_id == external_id)
    }

    /// The buyer's newest order that waits for its payment.
    pub fn open_order_of(&self, customer_id: &str) -> Option<&StoredOrder> {
        self.orders()
            .filter(|order| order.customer_id == customer_id && order.status.is_open())
            .last()
    }

    fn at(&self, external_id: &str) -> Option<(usize, usize)> {
        self.orders.iter().enumerate().find_map(|(o, entry)| {
            let attempts = &entry.order.attempts;
            let a = attempts
                .iter()
                .position(|attempt| attempt.external_id == external_id)?;
            Some((o, a))
        })
    }

    fn begin(&mut self, o: usize, attempt: &NewAttempt<'_>) -> Option<StoredOrder> {
        let order = &mut self.orders.get_mut(o)?.order;
        let a = order.attempts.len();
        order.attempts.push(Attempt {
            external_id: attempt.external_id.to_owned(),
            number: i64::try_from(a + 1).unwrap_or(i64::MAX),
            idempotency_key: attempt.idempotency_key.to_owned(),
            request: attempt.request.to_owned(),
            created_at: attempt.created_at,
            valid_until: attempt.valid_until,
            reference_no: None,
            deeplink: None,
            evidence: Vec::new(),
        });
        fold(order);
        let plan = Plan {
            looked_at: attempt.created_at,
            look_at: Some(attempt.leased_until),
            leased_until: attempt.leased_until,
        };
        let order = order.clone();
        self.plans.insert((o, a), plan);
        Some(order)
    }

    fn record(
        &mut self,
        external_id: &str,
        made: Option<(&str, &str)>,
        evidence: Evidence,
        history: &[notify::Refund],
        paid_late: PaidLate,
    ) -> Result<StoredOrder, Error> {
        let nowhere = || Error::Content("evidence without an attempt");
        let (o, a) = self.at(external_id).ok_or_else(nowhere)?;
        let now = evidence.received_at;
        let owed = self
            .orders()
            .filter(|order| order.pickup_code.is_some())
            .count();
        let before = self.orders[o].order.status;
        let attempt = &mut self.orders[o].order.attempts[a];
        let news = keep(attempt, evidence);
        if let Some(amount) = went_back(history).filter(|amount| *amount > Rupiah::ZERO) {
            let finding = Finding::Refunded(amount);
            keep(
                attempt,
                Evidence {
                    finding,
                    ..evidence
                },
            );
        }
        if let Some((reference_no, deeplink)) = made {
            attempt.reference_no = Some(reference_no.to_owned());
            attempt.deeplink = Some(deeplink.to_owned());
        }
        self.settle(external_id, history, now);
        fold(&mut self.orders[o].order);
        let order = self.orders[o].order.clone();
        let wanted = self.provide(&order, before, paid_late, now)?;
        let order = &mut self.orders[o].order;
        if wanted && order.status == OrderStatus::Paid && order.pickup_code.is_none() {
            order.pickup_code = Some(format!("{owed}"));
        }
        let order = order.clone();
        let attempt = &order.attempts[a];
        if !attempt.status(order.total).is_open()
            && let Some(plan) = self.plans.get_mut(&(o, a))
        {
            plan.look_at = match attempt.wants_a_look(order.total, &evidence) && news {
                true => Some(now),
                false => attempt.next_look(order.total, now),
            };
        }
        Ok(order)
    }

    fn settle(&mut self, external_id: &str, history: &[notify::Refund], now: i64) {
        for (refund, leased_until) in &mut self.refunds {
            if refund.payment != external_id || !refund.state.is_reserved() {
                continue;
            }
            if let Some(end) = refund::ending(history, &refund.number, refund.amount) {
                refund.state = end;
                refund.try_at = now;
                *leased_until = 0;
            }
        }
    }

    /// Reserves what has to go back by itself; whether the order's money is wanted.
    fn provide(
        &mut self,
        order: &StoredOrder,
        before: OrderStatus,
        paid_late: PaidLate,
        now: i64,
    ) -> Result<bool, Error> {
        let ours = self.refunds_of(&order.id);
        let refused_before = ours.iter().any(|refund| refund.cause == Cause::Late);
        let was_over = !before.is_open() && !before.took_money();
        let refused_now = paid_late == PaidLate::Refund
            && was_over
            && order.status == OrderStatus::Paid
            && order.pickup_code.is_none();
        let unwanted = refused_before || refused_now;
        if order.status == OrderStatus::Review {
            return Ok(!unwanted);
        }
        let purses: Vec<Purse> = (order.attempts.iter())
            .map(|attempt| purse(order.total, attempt, &ours))
            .collect();
        let by_itself = ours.iter().filter(|refund| refund.cause != Cause::Staff);
        let so_far = sum(by_itself.map(|refund| refund.amount));
        let left = sum(purses.iter().map(Purse::left));
        let due = refund::surplus(order.total, &purses, unwanted, so_far).min(left);
        let cause = match refused_now && !refused_before {
            true => Cause::Late,
            false => Cause::Surplus,
        };
        for (index, amount) in refund::allot(due, &purses).unwrap_or_default() {
            let attempt = &order.attempts[index];
            let number = format!("R{}", self.refunds.len() + 1);
            let request = refund::request(&order.id, attempt, &number, amount, cause);
            let refund = StoredRefund {
                external_id: format!("X{number}"),
                order_id: order.id.clone(),
                payment: attempt.external_id.clone(),
                amount,
                cause,
                request: serde_json::to_string(&request).map_err(|_| Error::Content("a refund"))?,
                state: State::Open,
                progress: Progress {
                    created_at: now,
                    sent: None,
                },
                tries: 0,
                answer: None,
                try_at: now,
                number,
            };
            self.refunds.push((refund, 0));
        }
        Ok(!unwanted)
    }

    /// All refunds of an order, the oldest first.
    pub fn refunds_of(&self, order_id: &str) -> Vec<StoredRefund> {
        let refunds = self.refunds.iter().map(|(refund, _)| refund);
        refunds
            .filter(|refund| refund.order_id == order_id)
            .cloned()
            .collect()
    }

    /// The refund of an errand, while whoever has it still has the right to it.
    fn leased(&mut self, errand: &RefundErrand) -> Option<(&mut StoredRefund, &mut i64)> {
        let mine = |(refund, until): &&mut (StoredRefund, i64)| {
            refund.number == errand.refund.number
                && *until == errand.leased_until
                && refund.state == State::Open
        };
        let (refund, until) = self.refunds.iter_mut().find(mine)?;
        Some((refund, until))
    }
}

/// Whether it is news.
fn keep(attempt: &mut Attempt, evidence: Evidence) -> bool {
    let known = |said: &Evidence| said.finding == evidence.finding;
    let news = !attempt.evidence.iter().any(known);
    if news {
        attempt.evidence.push(evidence);
    }
    news
}

fn purse(total: Rupiah, attempt: &Attempt, refunds: &[StoredRefund]) -> Purse {
    let of = |counts: fn(State) -> bool| {
        let counted = (refunds.iter())
            .filter(|refund| refund.payment == attempt.external_id && counts(refund.state));
        sum(counted.map(|refund| refund.amount))
    };
    let findings: Vec<_> = attempt.evidence.iter().map(|said| said.finding).collect();
    Purse {
        money: money(total, &findings),
        done: of(|state| state == State::Done),
        reserved: of(State::is_reserved),
    }
}

fn sum(amounts: impl Iterator<Item = Rupiah>) -> Rupiah {
    Rupiah::new(amounts.map(Rupiah::get).sum())
}

fn fold(order: &mut StoredOrder) {
    let attempts: Vec<_> = (order.attempts.iter())
        .map(|attempt| attempt.status(order.total))
        .collect();
    order.status = order_status(&attempts);
}

impl<D: Desk> Orders for Memory<D> {
    async fn place_order(
        &self,
        new: &NewOrder<'_>,
        attempt: &NewAttempt<'_>,
    ) -> Result<Placed, Error> {
        self.look(|pages, desk| {
            let before = pages.orders.iter().find(|entry| {
                entry.order.customer_id == new.customer_id && entry.key == new.idempotency_key
            });
            if let Some(entry) = before {
                return Ok(match entry.fingerprint == new.fingerprint {
                    true => Placed::Before(entry.order.clone()),
                    false => Placed::KeyReused,
                });
            }
            let o = pages.orders.len();
            pages.orders.push(Entry {
                key: new.idempotency_key.to_owned(),
                fingerprint: new.fingerprint.to_owned(),
                order: StoredOrder {
                    id: new.id.to_owned(),
                    customer_id: new.customer_id.to_owned(),
                    lines: new.lines.to_vec(),
                    total: new.total,
                    created_at: attempt.created_at,
                    status: OrderStatus::Checking,
                    pickup_code: None,
                    attempts: Vec::new(),
                },
            });
            let order = pages.begin(o, attempt).ok_or(Error::Content("a page"))?;
            desk.changed(None, &order);
            Ok(Placed::New(order))
        })
        .await?
    }

    async fn order_by_key(
        &self,
        customer_id: &str,
        key: &str,
        fingerprint: &[u8],
    ) -> Result<Option<StoredOrder>, Error> {
        self.look(|pages, _| {
            let entry = pages.orders.iter().find(|entry| {
                entry.order.customer_id == customer_id
                    && entry.key == key
                    && entry.fingerprint == fingerprint
            });
            entry.map(|entry| entry.order.clone())
        })
        .await
    }

    async fn place_attempt(
        &self,
        order_id: &str,
        number: i64,
        attempt: &NewAttempt<'_>,
    ) -> Result<Placed, Error> {
        self.look(|pages, desk| {
            let o = (pages.orders().position(|order| order.id == order_id))
                .ok_or(Error::Content("an order that was there before"))?;
            let before = pages.orders[o].order.clone();
            let newest = before.attempt()?;
            if newest.number != number || newest.idempotency_key == attempt.idempotency_key {
                return Ok(Placed::Before(before));
            }
            let used = |old: &Attempt| old.idempotency_key == attempt.idempotency_key;
            if before.attempts.iter().any(used) {
                return Ok(Placed::KeyReused);
            }
            let order = pages.begin(o, attempt).ok_or(Error::Content("a page"))?;
            desk.changed(Some(&before), &order);
            Ok(Placed::New(order))
        })
        .await?
    }

    async fn order(&self, id: &str) -> Result<Option<StoredOrder>, Error> {
        self.look(|pages, _| pages.order(id).cloned()).await
    }
}

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
                *plan = Plan {
                    looked_at: 0,
                    look_at: Some(now),
                    leased_until: 0,
                };
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

impl<D: Desk> Refunds for Memory<D> {
    async fn due_refunds(&self, now: i64, limit: u32) -> Result<Vec<String>, Error> {
        self.look(|pages, _| {
            let mut due: Vec<_> = (pages.refunds.iter().enumerate())
                .filter(|(_, (refund, leased_until))| {
                    refund.state == State::Open && refund.try_at <= now && *leased_until <= now
                })
                .map(|(index, (refund, _))| (refund.try_at, index, refund.number.clone()))
                .collect();
            due.sort();
            due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            due.into_iter().map(|(.., number)| number).collect()
        })
        .await
    }

    async fn lease_refund(
        &self,
        number: &str,
        now: i64,
        until: i64,
    ) -> Result<Option<RefundErrand>, Error> {
        self.look(|pages, _| {
            let (refund, leased_until) =
                (pages.refunds.iter_mut()).find(|(refund, _)| refund.number == number)?;
            if refund.state != State::Open || refund.try_at > now || *leased_until > now {
                return None;
            }
            *leased_until = until;
            let refund = refund.clone();
            let order = pages.order(&refund.order_id)?.clone();
            Some(RefundErrand {
                refund,
                order,
                leased_until: until,
            })
        })
        .await
    }

    async fn refund_is_sent(&self, errand: &RefundErrand, now: i64) -> Result<bool, Error> {
        self.look(|pages, _| {
            let Some((refund, _)) = pages.leased(errand) else {
                return false;
            };
            refund.progress.sent = Some(Sent {
                first_at: refund.progress.sent.map_or(now, |sent| sent.first_at),
                last_at: now,
                said: Said::Nothing,
            });
            refund.tries += 1;
            true
        })
        .await
    }

    async fn refund_answered(
        &self,
        errand: &RefundErrand,
        said: Said,
        answer: &str,
    ) -> Result<(), Error> {
        self.look(|pages, _| {
            if let Some((refund, _)) = pages.leased(errand) {
                if let Some(sent) = &mut refund.progress.sent {
                    sent.said = said;
                }
                refund.answer = Some(answer.to_owned());
            }
        })
        .await
    }

    async fn refund_failed(&self, errand: &RefundErrand, now: i64) -> Result<(), Error> {
        self.look(|pages, _| {
            if let Some((refund, leased_until)) = pages.leased(errand) {
                refund.state = State::Failed;
                refund.try_at = now;
                *leased_until = 0;
            }
        })
        .await
    }

    async fn release_refund(
        &self,
        errand: &RefundErrand,
        next: Next,
        now: i64,
    ) -> Result<(), Error> {
        self.look(|pages, _| {
            if let Some((refund, leased_until)) = pages.leased(errand) {
                (refund.state, refund.try_at) = match next {
                    Next::Again(at) => (State::Open, at),
                    Next::Park => (State::Parked, now),
                };
                *leased_until = 0;
            }
        })
        .await
    }
}

impl<D: Desk> Memory<D> {
    async fn write(
        &self,
        external_id: &str,
        made: Option<(&str, &str)>,
        evidence: Evidence,
        history: &[notify::Refund],
    ) -> Result<StoredOrder, Error> {
        let paid_late = self.paid_late;
        self.look(|pages, desk| {
            let before = pages
                .at(external_id)
                .map(|(o, _)| pages.orders[o].order.clone());
            let order = pages.record(external_id, made, evidence, history, paid_late)?;
            desk.changed(before.as_ref(), &order);
            desk.refunds(&order, &pages.refunds_of(&order.id));
            Ok(order)
        })
        .await?
    }
}

/// Whether a finding is money that came.
pub(crate) fn is_money(finding: Finding) -> bool {
    matches!(finding, Finding::Paid(_) | Finding::PaidInDoubt(_))
}
