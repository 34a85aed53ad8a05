//! One run, from start to end.

use crate::{
    checker::{CoveragePoint, Violation},
    fault::Fault,
    gopay::{Payment, State},
    gopay_mini_app::GivenReward,
    merchant_client::MerchantClient,
    mini_apps::{MINI_APPS, MiniAppProfile},
    notification,
    phone::Phone,
    plan::Plan,
    process::{self, Merchant},
    simulation::Simulation,
    time::{HOUR, sleep},
};
use contract::OrderStatus;
use merchant::domain::{
    mini_app_request::{RequestKind, RequestState},
    order::StoredOrder,
    payment_event::PaymentEvent,
    refund,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    error,
    sync::Arc,
};
use tokio::{runtime::Builder, task::JoinSet};

const FAULT_PHASE: u64 = 4 * HOUR;

/// How long the merchant then has to settle everything. It gives up on a payment without a result
/// after 25 hours.
const QUIET_PHASE: u64 = 28 * HOUR;

#[derive(Debug)]
pub struct Outcome {
    pub violations: Vec<Violation>,
    pub coverage: BTreeMap<CoveragePoint, u64>,
    pub orders: usize,
    /// Given by GoPay.
    pub rewards: usize,
    /// In simulated milliseconds.
    pub duration: u64,
    /// Empty unless the plan asks for it.
    pub trace: Vec<String>,
}

pub fn run(plan: Plan) -> Result<Outcome, Box<dyn error::Error>> {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    runtime.block_on(simulate(plan))
}

async fn simulate(plan: Plan) -> Result<Outcome, Box<dyn error::Error>> {
    let merchant = Merchant::default();
    let receiver = merchant.clone();
    let sim = Simulation::new(
        plan,
        Box::new(move |sim, change| {
            let delivery = notification::deliver(Arc::clone(sim), receiver.clone(), change);
            tokio::spawn(delivery);
        }),
    );
    // Two in each sixth four of runs: with each policy that other parts of the seed choose.
    let processes = match plan.seed / 4 % 6 {
        1 => 2,
        _ => 1,
    };
    for _ in 0..processes {
        process::start(&sim, &merchant)?;
    }
    tokio::spawn(process::crash_randomly(Arc::clone(&sim), merchant.clone()));
    tokio::spawn(process::inject_outages(Arc::clone(&sim)));
    tokio::spawn(process::refund_in_dashboard(Arc::clone(&sim)));
    let mut phones = JoinSet::new();
    for (buyer, mini_app) in (0..plan.buyers).zip(MINI_APPS.iter().cycle()) {
        let customer = mini_app.customer(buyer);
        let has_two = plan.faults.contains(Fault::TwoTabs) && buyer % 2 == 0;
        for number in 0..1 + u32::from(has_two) {
            let client = MerchantClient {
                sim: Arc::clone(&sim),
                merchant: merchant.clone(),
                customer: customer.clone(),
            };
            phones.spawn(Phone::new(client, number).run());
        }
    }
    sleep(FAULT_PHASE).await;
    sim.stop_faults();
    let phones = phones.join_all().await;
    sim.set_unattended(true);
    sleep(QUIET_PHASE).await;
    sim.set_unattended(false);
    let mut settling = JoinSet::new();
    for phone in phones {
        settling.spawn(phone.settle());
    }
    while settling.join_next().await.is_some() {}
    // A retry may have placed an order just now: its payment has to settle too.
    sleep(HOUR).await;
    check_at_rest(&sim);
    let trace = sim.take_trace();
    let duration = sim.time.elapsed();
    let orders = sim.tables().orders().count();
    let rewards = sim.gopay(|gopay, _| gopay.mini_app.rewards.len());
    let mut checker = sim.checker();
    Ok(Outcome {
        violations: std::mem::take(&mut checker.violations),
        coverage: std::mem::take(&mut checker.coverage),
        orders,
        rewards,
        duration,
        trace,
    })
}

fn check_at_rest(sim: &Arc<Simulation>) {
    let payments = sim.gopay(|gopay, _| gopay.payments.clone());
    let tables = sim.tables();
    let orders: Vec<&StoredOrder> = tables.orders().collect();
    let known: BTreeSet<&str> = orders.iter().map(|order| order.id.as_str()).collect();
    let mut seen = Vec::new();
    for payment in &payments {
        if !known.contains(payment.order()) {
            seen.push(("I-05", format!("GoPay has {payment:?} without an order")));
        }
    }
    let (mut handed_over, mut bought) = (0, 0);
    for order in &orders {
        let paid: Vec<&Payment> = (payments.iter())
            .filter(|it| it.order() == order.id.as_str() && matches!(it.state, State::Paid(_)))
            .collect();
        if order.status.is_open() {
            seen.push(("I-44", format!("{} is still {:?}", order.id, order.status)));
        }
        let failed = (tables.refunds_of(&order.id).iter())
            .any(|refund| refund.state == refund::RefundState::Failed);
        let manual = needs_review(order) || failed;
        let fulfilled = order.pickup_code.is_some();
        let kept: u64 = paid
            .iter()
            .map(|payment| payment.amount - payment.refunded())
            .sum();
        if !paid.is_empty() && !fulfilled && !manual && kept > 0 {
            seen.push((
                "I-03",
                format!("{} was paid and is {:?}", order.id, order.status),
            ));
        }
        let in_dashboard: u64 = paid
            .iter()
            .map(|payment| payment.refunded_in_dashboard())
            .sum();
        let is_unclear = manual || in_dashboard > 0 && paid.len() > 1;
        if !is_unclear && kept != 0 && kept + in_dashboard != order.total.get() {
            seen.push((
                "I-04",
                format!(
                    "GoPay holds {kept} for {} of {}",
                    order.id,
                    order.total.get()
                ),
            ));
        }
        let suspicious =
            (paid.iter()).any(|payment| payment.suspicious && payment.refunded() < payment.amount);
        if suspicious && order.status != OrderStatus::Review {
            let what = format!(
                "{} is {:?}, and GoPay suspects fraud",
                order.id, order.status
            );
            seen.push(("I-02", what));
        }
        let ours: u64 = (order.attempts.iter())
            .map(|attempt| {
                let amounts = attempt.events.iter().filter_map(|it| match it.event {
                    PaymentEvent::Paid(amount) | PaymentEvent::PaidInDoubt(amount) => {
                        Some(amount.get())
                    }
                    _ => None,
                });
                amounts.max().unwrap_or(0)
            })
            .sum();
        let all: u64 = paid.iter().map(|payment| payment.amount).sum();
        if !is_given_up(order) && ours != all {
            let what = format!("{} got {ours} by our tables, {all} by GoPay", order.id);
            seen.push(("I-05", what));
        }
        let units: u32 = order.lines.iter().map(|line| line.quantity.get()).sum();
        handed_over += if fulfilled { units } else { 0 };
        bought += if fulfilled && !paid.is_empty() {
            units
        } else {
            0
        };
    }
    if handed_over != bought {
        seen.push((
            "I-10",
            format!("{handed_over} pieces are handed over, {bought} were paid"),
        ));
    }
    drop(tables);
    check_mini_app(sim);
    for (id, what) in seen {
        sim.checker().violation(id, what);
    }
}

/// What customers were given and shown, against what the merchant's tables say.
fn check_mini_app(sim: &Arc<Simulation>) {
    let (rewards, reminders, pushes) = sim.gopay(|gopay, _| {
        let mini_app = &gopay.mini_app;
        (
            mini_app.rewards.clone(),
            mini_app.reminders.clone(),
            mini_app.pushes.clone(),
        )
    });
    let tables = sim.tables();
    let (mut seen, mut foreign, mut covered) = (Vec::new(), Vec::new(), Vec::new());
    for order in tables.orders() {
        let given: Vec<_> = (rewards.iter())
            .filter(|reward| reward.reference == order.id.as_str())
            .collect();
        let number = order.id.number();
        let shown = reminders.values().filter(|it| **it == number).count();
        let pushed = pushes.iter().filter(|it| **it == number).count();
        let id = &order.id;
        if given.len() > 1 || shown > 1 || pushed > 1 {
            seen.push(format!(
                "{id} has {given:?}, {shown} reminders, {pushed} pushes"
            ));
        }
        let mini_app = MiniAppProfile::of(&order.customer_id);
        let full = order.total.get() * u64::from(mini_app.coins_percent) / 100;
        let is_right = |reward: &&GivenReward| {
            reward.customer == order.customer_id.as_str() && reward.amount <= full
        };
        if !given.iter().all(is_right) || order.pickup_code.is_none() && !given.is_empty() {
            seen.push(format!("{id} of {full} coins has {given:?}"));
        }
        let awaits_sign_in = tables.needs_sign_in(&order.customer_id);
        let state = |kind| {
            let mut requests = tables.requests_of(&order.id);
            requests.find(|it| it.kind == kind).map(|it| it.state)
        };
        let coins = state(RequestKind::Coins);
        let is_settled = match coins {
            None => order.pickup_code.is_none(),
            Some(RequestState::Accepted) => given.len() == 1,
            Some(RequestState::Pending) => awaits_sign_in || order.status == OrderStatus::Review,
            // An earlier try may have been carried out.
            Some(RequestState::Refused | RequestState::DeadLetter) => true,
            Some(RequestState::NotNeeded) => given.is_empty(),
        };
        if !is_settled {
            seen.push(format!(
                "the coins of {id} are {coins:?}, and GoPay gave {given:?}"
            ));
        }
        let removal = state(RequestKind::ReminderRemoval);
        let may_show = match removal {
            Some(RequestState::Accepted) => false,
            Some(_) => awaits_sign_in || removal == Some(RequestState::DeadLetter),
            // Nobody knows its id.
            None => state(RequestKind::Reminder) != Some(RequestState::Accepted),
        };
        if shown > 0 && !may_show {
            seen.push(format!(
                "{id} is {:?}, and its reminder shows",
                order.status
            ));
        }
        if removal == Some(RequestState::Accepted) {
            covered.push(CoveragePoint::ReminderRemoved);
        }
        for request in tables.requests_of(&order.id) {
            let is_own = match request.kind {
                RequestKind::Coins => request.full_amount == Some(full),
                RequestKind::Reminder | RequestKind::Push => {
                    let body: Value = serde_json::from_str(&request.request).unwrap_or_default();
                    body["template_name"] == mini_app.template
                }
                _ => true,
            };
            if !is_own {
                foreign.push(format!("{id} of {} has {request:?}", mini_app.id));
            }
            let is_reduced = request.state == RequestState::NotNeeded
                || request
                    .amount
                    .is_some_and(|amount| Some(amount) < request.full_amount);
            if request.kind == RequestKind::Coins && is_reduced {
                covered.push(CoveragePoint::RewardReduced);
            }
            if request.token_refusals > 0 && request.state == RequestState::Accepted {
                covered.push(CoveragePoint::TokenRenewed);
            }
        }
    }
    drop(tables);
    let mut checker = sim.checker();
    for what in seen {
        checker.violation("I-47", what);
    }
    for what in foreign {
        checker.violation("I-48", what);
    }
    for point in covered {
        checker.cover(point);
    }
}

/// Whether staff has to look at the order: another amount, suspected fraud, or no result.
fn needs_review(order: &StoredOrder) -> bool {
    order.status == OrderStatus::Review
        && (is_given_up(order)
            || order
                .attempts
                .iter()
                .flat_map(|attempt| &attempt.events)
                .any(|it| it.event.is_money() && it.event != PaymentEvent::Paid(order.total)))
}

fn is_given_up(order: &StoredOrder) -> bool {
    let mut events = order.attempts.iter().flat_map(|attempt| &attempt.events);
    events.any(|it| it.event == PaymentEvent::GivenUp)
}
