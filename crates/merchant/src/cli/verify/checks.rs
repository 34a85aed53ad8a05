//! The promises, each as a question about one order.
//!
//! Not here: SQL.

use crate::{
    adapters::database::verify_snapshot::OrderSnapshot,
    domain::{
        payment_balance::PaymentBalance,
        payment_event::{PaymentEvent, attempt_status, order_status, payment_amounts},
        refund::RefundState,
    },
};
use contract::{OrderStatus, Rupiah};
use gopay_protocol::ExternalId;
use std::collections::{BTreeSet, HashMap};

/// Id, promise, and whether it holds for an order.
type Promise = (&'static str, &'static str, fn(&OrderSnapshot) -> bool);

pub(super) const OF_AN_ORDER: [Promise; 10] = [
    ("I-01", "an order is fulfilled at most once", |order| {
        order.fulfilments.len() <= 1
    }),
    (
        "I-02",
        "what is fulfilled was paid: the whole amount, without a doubt",
        |order| {
            order
                .fulfilments
                .iter()
                .all(|fulfilment| status_at(order, fulfilment.evidence_id) == OrderStatus::Paid)
        },
    ),
    (
        "I-05",
        "what we know to have gone back, GoPay said so",
        |order| balances(order).all(|balance| balance.done <= balance.amounts.refunded),
    ),
    (
        "I-06",
        "what was refunded and what is reserved is never more than what was paid",
        |order| {
            balances(order).all(|balance| {
                let ours = Rupiah::sum([balance.done, balance.reserved]);
                let paid = balance.amounts.paid;
                ours.is_some_and(|ours| ours <= paid) && balance.amounts.refunded <= paid
            })
        },
    ),
    (
        "I-09",
        "every attempt asks for the order's amount, which is that of its lines less the discount",
        |order| {
            let requested = order.attempts.iter().map(|attempt| attempt.amount);
            requested
                .chain([order.lines])
                .all(|amount| amount == Some(order.total))
        },
    ),
    (
        "I-11",
        "at most one attempt can still be paid, and it is the last",
        |order| match order.attempts.split_last() {
            Some((last, earlier)) => {
                earlier
                    .iter()
                    .all(|attempt| !attempt_at(order, &attempt.external_id, i64::MAX).is_open())
                    && usize::try_from(last.number) == Ok(order.attempts.len())
            }
            None => false,
        },
    ),
    (
        "I-20",
        "the status is the one that the evidence gives",
        |order| status_at(order, i64::MAX) == order.status,
    ),
    ("I-22", "paid never goes back to unpaid", |order| {
        let mut was_paid = false;
        for event in &order.events {
            let status = status_at(order, event.id);
            if was_paid && !status.took_money() {
                return false;
            }
            was_paid |= status == OrderStatus::Paid;
        }
        let was_paid = was_paid || !order.fulfilments.is_empty();
        !was_paid || order.status.took_money()
    }),
    (
        "I-28",
        "a paid order is in the outbox, and what was delivered was acknowledged",
        |order| {
            let wanted = order.refunds.iter().all(|refund| !refund.late);
            let wanted = wanted && order.is_confirmed;
            (wanted || order.fulfilments.is_empty())
                && (order.status != OrderStatus::Paid || !wanted || order.fulfilments.len() == 1)
                && order.fulfilments.iter().all(|fulfilment| {
                    let answer = fulfilment.answer.as_deref().unwrap_or_default();
                    fulfilment.state != "delivered" || answer.starts_with('2') && answer.len() == 3
                })
        },
    ),
    (
        "I-47",
        "a reward is given once for a paid order, and is no more than the order brings",
        |order| {
            let kinds: BTreeSet<_> = order.rewards.iter().map(|reward| &reward.kind).collect();
            kinds.len() == order.rewards.len()
                && (kinds.is_empty() || !order.fulfilments.is_empty())
                && order.rewards.iter().all(|reward| {
                    reward.sent.is_none_or(|(amount, requested)| {
                        amount <= reward.full_amount && requested == Some(amount)
                    })
                })
        },
    ),
];

/// What the database itself refuses.
const TRIGGERS: [(&str, &str); 23] = [
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
        "a_day_number_stays",
        "before update of day_number on fulfilments",
    ),
    (
        "only_confirmed_orders_are_fulfilled",
        "before insert on fulfilments",
    ),
    (
        "a_confirmation_is_received_once",
        "before update of confirmation on orders",
    ),
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
    (
        "customers_stay_with_their_mini_app",
        "before update of mini_app on customers",
    ),
    (
        "mini_app_requests_are_never_removed",
        "before delete on mini_app_requests",
    ),
    (
        "mini_app_requests_stay_what_they_are",
        "on mini_app_requests",
    ),
    (
        "what_was_sent_does_not_change",
        "before update of amount, request, first_sent_at on mini_app_requests",
    ),
    (
        "the_end_of_a_request_is_final",
        "before update of state on mini_app_requests",
    ),
    (
        "no_reward_without_payment",
        "before insert on mini_app_requests",
    ),
];

/// The refunds that ask GoPay for something else than they stand for.
pub(super) fn refunds_that_changed(order: &OrderSnapshot) -> bool {
    let mut refunds = order.refunds.iter();
    refunds.any(|it| it.request.as_ref() != Some(&(it.number.clone(), it.amount)))
}

/// The triggers that are not there, given all that are, with their text.
pub(super) fn missing_triggers(there: &HashMap<String, String>) -> BTreeSet<String> {
    TRIGGERS
        .into_iter()
        .filter(|(name, when)| {
            !there.get(*name).is_some_and(|text| {
                text.contains(when)
                    && (text.contains("raise(abort") || text.contains("raise exception"))
            })
        })
        .map(|(name, _)| format!("the trigger {name}"))
        .collect()
}

/// The order's status by the evidence up to `evidence_id`.
fn status_at(order: &OrderSnapshot, evidence_id: i64) -> OrderStatus {
    let attempts: Vec<_> = order
        .attempts
        .iter()
        .map(|attempt| attempt_at(order, &attempt.external_id, evidence_id))
        .collect();
    order_status(&attempts)
}

/// The money of each attempt, as far as it can be added up.
fn balances(order: &OrderSnapshot) -> impl Iterator<Item = PaymentBalance> {
    order.attempts.iter().map(|attempt| {
        let sum = |counts: fn(RefundState) -> bool| {
            let counted = (order.refunds.iter())
                .filter(|refund| refund.payment == attempt.external_id && counts(refund.state));
            Rupiah::sum(counted.map(|refund| refund.amount)).unwrap_or(Rupiah::new(u64::MAX))
        };
        PaymentBalance {
            amounts: payment_amounts(
                order.total,
                &events_at(order, &attempt.external_id, i64::MAX),
            ),
            done: sum(|state| state == RefundState::Done),
            reserved: sum(RefundState::is_reserved),
        }
    })
}

fn attempt_at(order: &OrderSnapshot, external_id: &ExternalId, evidence_id: i64) -> OrderStatus {
    attempt_status(order.total, &events_at(order, external_id, evidence_id))
}

fn events_at(
    order: &OrderSnapshot,
    external_id: &ExternalId,
    evidence_id: i64,
) -> Vec<PaymentEvent> {
    order
        .events
        .iter()
        .filter(|event| event.external_id == *external_id && event.id <= evidence_id)
        .map(|event| event.event)
        .collect()
}
