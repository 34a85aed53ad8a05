//! The promises, each as a question about one order.
//!
//! Not here: SQL.

use crate::{
    evidence::{Finding, attempt_status, money, order_status},
    refund::{Purse, State},
    store::Case,
};
use contract::{OrderStatus, Rupiah};
use std::collections::{BTreeSet, HashMap};

/// Id, promise, and whether it holds for an order.
type Promise = (&'static str, &'static str, fn(&Case) -> bool);

pub(super) const OF_AN_ORDER: [Promise; 9] = [
    ("I-01", "an order is fulfilled at most once", |case| {
        case.owed.len() <= 1
    }),
    (
        "I-02",
        "what is fulfilled was paid: the whole amount, without a doubt",
        |case| {
            case.owed
                .iter()
                .all(|owed| status_at(case, owed.evidence_id) == OrderStatus::Paid)
        },
    ),
    (
        "I-05",
        "what we know to have gone back, GoPay said so",
        |case| purses(case).all(|purse| purse.done <= purse.money.refunded),
    ),
    (
        "I-06",
        "what was refunded and what is reserved is never more than what was paid",
        |case| {
            purses(case).all(|purse| {
                let ours = Rupiah::sum([purse.done, purse.reserved]);
                let paid = purse.money.paid;
                ours.is_some_and(|ours| ours <= paid) && purse.money.refunded <= paid
            })
        },
    ),
    (
        "I-09",
        "every attempt asks for the order's amount, which is that of its lines",
        |case| {
            let asked = case.attempts.iter().map(|asked| asked.amount);
            asked
                .chain([case.lines])
                .all(|amount| amount == Some(case.total))
        },
    ),
    (
        "I-11",
        "at most one attempt can still be paid, and it is the last",
        |case| match case.attempts.split_last() {
            Some((last, earlier)) => {
                earlier
                    .iter()
                    .all(|asked| !attempt_at(case, &asked.external_id, i64::MAX).is_open())
                    && last.number == i64::try_from(case.attempts.len()).unwrap_or_default()
            }
            None => false,
        },
    ),
    (
        "I-20",
        "the status is the one that the evidence gives",
        |case| status_at(case, i64::MAX) == case.status,
    ),
    ("I-22", "paid never goes back to unpaid", |case| {
        let mut was_paid = false;
        for said in &case.said {
            let status = status_at(case, said.id);
            if was_paid && !status.took_money() {
                return false;
            }
            was_paid |= status == OrderStatus::Paid;
        }
        let was_paid = was_paid || !case.owed.is_empty();
        !was_paid || case.status.took_money()
    }),
    (
        "I-28",
        "a paid order is in the outbox, and what was delivered was acknowledged",
        |case| {
            let wanted = case.refunds.iter().all(|refund| !refund.late);
            (wanted || case.owed.is_empty())
                && (case.status != OrderStatus::Paid || !wanted || case.owed.len() == 1)
                && case.owed.iter().all(|owed| {
                    let answer = owed.answer.as_deref().unwrap_or_default();
                    owed.state != "delivered" || answer.starts_with('2') && answer.len() == 3
                })
        },
    ),
];

/// What the database itself refuses.
const TRIGGERS: [(&str, &str); 14] = [
    ("evidence_is_never_changed", "before update on evidence"),
    ("evidence_is_never_removed", "before delete on evidence"),
    (
        "only_paid_orders_are_fulfilled",
        "before insert on fulfilments",
    ),
    (
        "fulfilments_are_never_removed",
        "before delete on fulfilments",
    ),
    ("fulfilments_stay_what_they_are", "on fulfilments"),
    (
        "delivered_is_final",
        "before update of state on fulfilments",
    ),
    ("orders_stay_what_they_are", "on orders"),
    ("attempts_stay_what_they_are", "on attempts"),
    (
        "no_more_is_refunded_than_was_paid",
        "before insert on refunds",
    ),
    ("refunds_are_never_removed", "before delete on refunds"),
    ("refunds_stay_what_they_are", "on refunds"),
    (
        "the_end_of_a_refund_is_final",
        "before update of state on refunds",
    ),
    (
        "a_refund_is_retried_once",
        "before update of retried_as on refunds",
    ),
    (
        "a_refund_is_named_once",
        "before update of asked_as on refunds",
    ),
];

/// The refunds that ask GoPay for something else than they stand for.
pub(super) fn refunds_that_changed(case: &Case) -> bool {
    let mut refunds = case.refunds.iter();
    refunds.any(|it| it.asked.as_ref() != Some(&(it.number.clone(), it.amount)))
}

/// The triggers that are not there, given all that are, with their text.
pub(super) fn missing_triggers(there: &HashMap<String, String>) -> BTreeSet<String> {
    TRIGGERS
        .into_iter()
        .filter(|(name, when)| {
            !there
                .get(*name)
                .is_some_and(|text| text.contains(when) && text.contains("raise(abort"))
        })
        .map(|(name, _)| format!("the trigger {name}"))
        .collect()
}

/// The order's status by the evidence up to `evidence_id`.
fn status_at(case: &Case, evidence_id: i64) -> OrderStatus {
    let attempts: Vec<_> = case
        .attempts
        .iter()
        .map(|asked| attempt_at(case, &asked.external_id, evidence_id))
        .collect();
    order_status(&attempts)
}

/// The money of each attempt, as far as it can be added up.
fn purses(case: &Case) -> impl Iterator<Item = Purse> {
    case.attempts.iter().map(|asked| {
        let sum = |counts: fn(State) -> bool| {
            let counted = (case.refunds.iter())
                .filter(|refund| refund.payment == asked.external_id && counts(refund.state));
            Rupiah::sum(counted.map(|refund| refund.amount)).unwrap_or(Rupiah::new(u64::MAX))
        };
        Purse {
            money: money(case.total, &findings_at(case, &asked.external_id, i64::MAX)),
            done: sum(|state| state == State::Done),
            reserved: sum(State::is_reserved),
        }
    })
}

fn attempt_at(case: &Case, external_id: &str, evidence_id: i64) -> OrderStatus {
    attempt_status(case.total, &findings_at(case, external_id, evidence_id))
}

fn findings_at(case: &Case, external_id: &str, evidence_id: i64) -> Vec<Finding> {
    case.said
        .iter()
        .filter(|said| said.external_id == external_id && said.id <= evidence_id)
        .map(|said| said.finding)
        .collect()
}
