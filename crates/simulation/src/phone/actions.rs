//! The buyer's random taps, and the faults of the phone.

use super::{Phone, sheet::decide};
use crate::{
    fault::Fault,
    gopay::State as PaymentState,
    mini_apps::MiniAppProfile,
    time::{MINUTE, SECOND, sleep},
};
use contract::{IdempotencyKey, Line, OrderStatus, PlaceOrder, Rupiah};
use mini_app::{
    checkout::{Attempt, Event, State},
    route::Route,
};
use std::num::NonZeroU32;

const MAX_ORDERS: u32 = 3;

impl Phone {
    pub(super) async fn act(&mut self) {
        if self.sim.should_inject(Fault::AppKilled, 6) {
            if self.rng.percent(30) {
                sleep(self.rng.between(SECOND, 40 * MINUTE)).await;
            }
            return self.open().await;
        }
        if self.sim.should_inject(Fault::OldLink, 5) && !self.links.is_empty() {
            let links: Vec<_> = self.links.iter().map(String::as_str).collect();
            let link = self.rng.pick(&links).to_owned();
            self.trace(|| format!("pays by the old sheet of {link}"));
            decide(&self.sim, &link, PaymentState::Paid(0));
        }
        if self.hidden {
            return;
        }
        let Some(event) = self.choose_action() else {
            return;
        };
        self.trace(|| {
            // Without the id, which is random.
            let event = format!("{event:?}");
            event
                .split(['(', ' '])
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        self.apply(event.clone());
        if self.rng.percent(15) {
            self.apply(event);
        }
    }

    fn choose_action(&mut self) -> Option<Event> {
        if self.rng.percent(8) {
            return Some(Event::Resumed);
        }
        let roll = self.rng.between(1, 100);
        match &self.state {
            State::Browsing { .. } => match (&self.reminder, roll) {
                (Some(order), 1..=40) => Some(Event::OrderTapped(order.id.clone())),
                (_, 81..=90) => Some(Event::OrdersTapped),
                (_, 41..=80) if self.orders < MAX_ORDERS => {
                    self.orders += 1;
                    Some(Event::PayTapped(self.attempt()))
                }
                _ => None,
            },
            State::Unconfirmed { .. } => Some(match roll {
                1..=80 => Event::RetryTapped,
                _ => Event::ChangeTapped,
            }),
            State::LoadFailed { .. } => Some(Event::RetryTapped),
            State::NotFound => Some(Event::ShopTapped),
            State::Listing(listing) => {
                let orders = listing.orders.as_deref().unwrap_or_default();
                let ids: Vec<&str> = orders.iter().map(|order| order.id.as_str()).collect();
                match roll {
                    1..=60 if !ids.is_empty() => {
                        Some(Event::OrderTapped(self.rng.pick(&ids).into()))
                    }
                    61..=70 if listing.error.is_some() => Some(Event::RetryTapped),
                    71..=95 => Some(Event::ShopTapped),
                    _ => None,
                }
            }
            State::Ordered(ordered) => {
                let id = ordered.snapshot.order.id.clone();
                match ordered.snapshot.order.status {
                    OrderStatus::AwaitingPayment | OrderStatus::Checking => match roll {
                        1..=35 => Some(Event::ContinueTapped(self.key())),
                        36..=45 => Some(Event::CancelTapped),
                        46..=60 => Some(Event::CheckTapped),
                        61..=66 => Some(Event::ShopTapped),
                        67..=70 => Some(Event::Opened(Route::Order(id))),
                        71..=75 => Some(Event::OrdersTapped),
                        _ => None,
                    },
                    OrderStatus::Failed | OrderStatus::Expired => match roll {
                        1..=50 => Some(Event::ContinueTapped(self.key())),
                        51..=60 => Some(Event::ReorderTapped),
                        _ => None,
                    },
                    _ => match roll {
                        1..=40 => Some(Event::ShopTapped),
                        41..=50 => Some(Event::OrdersTapped),
                        _ => None,
                    },
                }
            }
            State::Starting
            | State::Placing { .. }
            | State::Repricing { .. }
            | State::LoadingOrder { .. } => None,
        }
    }

    fn key(&mut self) -> IdempotencyKey {
        self.keys += 1;
        IdempotencyKey::from(format!("{}-{}", self.name, self.keys))
    }

    fn attempt(&mut self) -> Attempt {
        let key = self.key();
        let mini_app = MiniAppProfile::of(&self.client.customer);
        let (product, price) = self.rng.pick(&mini_app.prices);
        let quantity = self.rng.pick(&[1, 2, 5]);
        Attempt {
            key,
            customer: self.client.customer.clone(),
            order: PlaceOrder {
                lines: vec![Line {
                    product: product.to_owned(),
                    quantity: NonZeroU32::MIN.saturating_add(quantity - 1),
                }],
                expected_total: Rupiah::new(price * u64::from(quantity)),
                promo: None,
                table: None,
            },
            made_at: self.sim.time.elapsed(),
            replaces: (self.saved.clone())
                .filter(|it| {
                    it.is_worth_finishing(
                        &self.client.customer.as_str().into(),
                        self.sim.time.elapsed(),
                    )
                })
                .map(Box::new),
        }
    }
}
