//! One world, from its beginning to its end.

use crate::{
    Plan,
    gopay::{Payment, State},
    phone::Phone,
    process,
    time::{HOUR, pass},
    watch::{Rare, Violation},
    world::World,
};
use contract::OrderStatus;
use merchant::domain::{order::StoredOrder, payment_event::PaymentEvent, refund};
use std::{
    collections::{BTreeMap, BTreeSet},
    error,
    sync::Arc,
};
use tokio::{runtime::Builder, task::JoinSet};

/// Things go wrong for so long.
const TROUBLE: u64 = 4 * HOUR;

/// And so much later all has to be well. A payment whose end nobody tells is given up after
/// 25 hours.
const CALM: u64 = 28 * HOUR;

/// What came of a world.
#[derive(Debug)]
pub struct Outcome {
    /// What must not be.
    pub violations: Vec<Violation>,
    /// How often it came to rare points.
    pub rare: BTreeMap<Rare, u64>,
    /// How many orders there were.
    pub orders: usize,
    /// How long it lasted, in simulated milliseconds.
    pub lasted: u64,
    /// What happened, if the plan wants it told.
    pub story: Vec<String>,
}

/// Lives through a world.
pub fn run(plan: Plan) -> Result<Outcome, Box<dyn error::Error>> {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    runtime.block_on(live(plan))
}

async fn live(plan: Plan) -> Result<Outcome, Box<dyn error::Error>> {
    let world = World::new(plan);
    process::start(&world)?;
    tokio::spawn(process::fate(Arc::clone(&world)));
    tokio::spawn(process::outages(Arc::clone(&world)));
    let mut phones = JoinSet::new();
    for buyer in 0..plan.buyers {
        let customer = format!("buyer{buyer}");
        let phones_of = 1 + u32::from(plan.harms.has(crate::Harm::TwoTabs) && buyer % 2 == 0);
        for number in 0..phones_of {
            phones.spawn(Phone::new(&world, &customer, number).live());
        }
    }
    pass(TROUBLE).await;
    world.quieten();
    let phones = phones.join_all().await;
    world.leave_alone(true);
    pass(CALM).await;
    world.leave_alone(false);
    let mut settling = JoinSet::new();
    for phone in phones {
        settling.spawn(phone.settle());
    }
    while settling.join_next().await.is_some() {}
    // Whoever tried again just now may have placed an order: its payment comes to an end too.
    pass(HOUR).await;
    at_rest(&world);
    let story = world.story();
    let lasted = world.time.elapsed();
    let orders = world.pages().orders().count();
    let mut watch = world.watch();
    Ok(Outcome {
        violations: std::mem::take(&mut watch.violations),
        rare: std::mem::take(&mut watch.rare),
        orders,
        lasted,
        story,
    })
}

/// What has to be true once nothing happens any more.
fn at_rest(world: &Arc<World>) {
    let payments = world.gopay(|gopay, _| gopay.payments.clone());
    let pages = world.pages();
    let orders: Vec<&StoredOrder> = pages.orders().collect();
    let known: BTreeSet<&str> = orders.iter().map(|order| order.id.as_str()).collect();
    let mut seen = Vec::new();
    for payment in &payments {
        if !known.contains(payment.order()) {
            seen.push(("I-05", format!("GoPay has {payment:?} of no order")));
        }
    }
    let (mut owed, mut bought) = (0, 0);
    for order in &orders {
        let theirs: Vec<&Payment> = (payments.iter())
            .filter(|payment| payment.order() == order.id)
            .collect();
        let paid: Vec<&&Payment> = (theirs.iter())
            .filter(|payment| matches!(payment.state, State::Paid(_)))
            .collect();
        if order.status.is_open() {
            seen.push(("I-44", format!("{} is still {:?}", order.id, order.status)));
        }
        let failed = (pages.refunds_of(&order.id).iter())
            .any(|refund| refund.state == refund::State::Failed);
        let person = wants_a_person(order) || failed;
        let fulfilled = order.pickup_code.is_some();
        let kept: u64 = paid
            .iter()
            .map(|payment| payment.amount - payment.refunded())
            .sum();
        if !paid.is_empty() && !fulfilled && !person && kept > 0 {
            seen.push((
                "I-03",
                format!("{} was paid and is {:?}", order.id, order.status),
            ));
        }
        if !person && kept != 0 && kept != order.total.get() {
            seen.push((
                "I-04",
                format!(
                    "GoPay holds {kept} for {} of {}",
                    order.id,
                    order.total.get()
                ),
            ));
        }
        let doubted =
            (paid.iter()).any(|payment| payment.doubtful && payment.refunded() < payment.amount);
        if doubted && order.status != OrderStatus::Review {
            let what = format!("{} is {:?}, and GoPay doubts it", order.id, order.status);
            seen.push(("I-02", what));
        }
        let ours: u64 = (order.attempts.iter())
            .map(|attempt| {
                let said = attempt.events.iter().filter_map(|said| match said.event {
                    PaymentEvent::Paid(amount) | PaymentEvent::PaidInDoubt(amount) => {
                        Some(amount.get())
                    }
                    _ => None,
                });
                said.max().unwrap_or(0)
            })
            .sum();
        let all: u64 = paid.iter().map(|payment| payment.amount).sum();
        if !given_up(order) && ours != all {
            let books = format!("{} got {ours} by our books, {all} by GoPay's", order.id);
            seen.push(("I-05", books));
        }
        let units: u32 = order.lines.iter().map(|line| line.quantity.get()).sum();
        owed += if fulfilled { units } else { 0 };
        bought += if fulfilled && !paid.is_empty() {
            units
        } else {
            0
        };
    }
    if owed != bought {
        seen.push((
            "I-10",
            format!("{owed} pieces are handed over, {bought} were paid"),
        ));
    }
    drop(pages);
    for (id, what) in seen {
        world.watch().violated(id, what);
    }
}

/// Money that came in another amount, or in doubt, or that nobody could be asked about.
fn wants_a_person(order: &StoredOrder) -> bool {
    order.status == OrderStatus::Review
        && (given_up(order)
            || order
                .attempts
                .iter()
                .flat_map(|attempt| &attempt.events)
                .any(|said| said.event.is_money() && said.event != PaymentEvent::Paid(order.total)))
}

fn given_up(order: &StoredOrder) -> bool {
    let mut said = order.attempts.iter().flat_map(|attempt| &attempt.events);
    said.any(|said| said.event == PaymentEvent::GivenUp)
}
