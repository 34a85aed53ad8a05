//! One run, from start to end.

use crate::{
    checker::{CoveragePoint, Violation},
    fault::Fault,
    gopay::{Payment, State},
    merchant_client::MerchantClient,
    notification,
    phone::Phone,
    plan::Plan,
    process::{self, Merchant},
    simulation::Simulation,
    time::{HOUR, sleep},
};
use contract::OrderStatus;
use merchant::domain::{order::StoredOrder, payment_event::PaymentEvent, refund};
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
    process::start(&sim, &merchant)?;
    tokio::spawn(process::crash_randomly(Arc::clone(&sim), merchant.clone()));
    tokio::spawn(process::inject_outages(Arc::clone(&sim)));
    let mut phones = JoinSet::new();
    for buyer in 0..plan.buyers {
        let customer = format!("buyer{buyer}");
        let has_two = plan.faults.contains(Fault::TwoTabs) && buyer % 2 == 0;
        for number in 0..1 + u32::from(has_two) {
            let client = MerchantClient {
                sim: Arc::clone(&sim),
                merchant: merchant.clone(),
                customer: customer.clone().into(),
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
    let mut checker = sim.checker();
    Ok(Outcome {
        violations: std::mem::take(&mut checker.violations),
        coverage: std::mem::take(&mut checker.coverage),
        orders,
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
        if !manual && kept != 0 && kept != order.total.get() {
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
    for (id, what) in seen {
        sim.checker().violation(id, what);
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
