//! What the buyer taps, and what happens to the phone meanwhile.

use super::{Phone, sheet::decides};
use crate::{
    gopay::State as Paid,
    harm::Harm,
    process::PRICES,
    time::{MINUTE, SECOND, pass},
};
use contract::{Line, OrderStatus, PlaceOrder, Rupiah};
use mini_app::{
    checkout::{Attempt, Event, Key, State},
    route::Route,
};
use std::num::NonZeroU32;

/// How many orders a buyer places at most.
const WISHES: u32 = 3;

impl Phone {
    /// The buyer does something, or the world does something to the phone.
    pub(super) async fn act(&mut self) {
        if self.world.strikes(Harm::AppKilled, 6) {
            if self.chance.percent(30) {
                pass(self.chance.between(SECOND, 40 * MINUTE)).await;
            }
            return self.open().await;
        }
        if self.world.strikes(Harm::OldLink, 5) && !self.links.is_empty() {
            let links: Vec<_> = self.links.iter().map(String::as_str).collect();
            let link = self.chance.pick(&links).to_owned();
            self.tell(|| format!("pays by the old sheet of {link}"));
            decides(&self.world, &link, Paid::Paid(0));
        }
        if self.hidden {
            return;
        }
        let event = self.wish();
        let Some(event) = event else { return };
        self.tell(|| {
            // Not with whose id it is: that is another one each time.
            let event = format!("{event:?}");
            event
                .split(['(', ' '])
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        self.happens(event.clone());
        if self.chance.percent(15) {
            self.happens(event);
        }
    }

    fn wish(&mut self) -> Option<Event> {
        if self.chance.percent(8) {
            return Some(Event::Resumed);
        }
        let say = self.chance.between(1, 100);
        match &self.state {
            State::Browsing { .. } => match (&self.waiting, say) {
                (Some(order), 1..=40) => Some(Event::OrderTapped(order.id.clone())),
                (_, 81..=90) => Some(Event::OrdersTapped),
                (_, 41..=80) if self.wishes < WISHES => {
                    self.wishes += 1;
                    Some(Event::PayTapped(self.attempt()))
                }
                _ => None,
            },
            State::Unconfirmed { .. } => Some(match say {
                1..=80 => Event::RetryTapped,
                _ => Event::ChangeTapped,
            }),
            State::LoadFailed { .. } => Some(Event::RetryTapped),
            State::NotFound => Some(Event::ShopTapped),
            State::Listing(listing) => {
                let orders = listing.orders.as_deref().unwrap_or_default();
                let ids: Vec<&str> = orders.iter().map(|order| order.id.as_str()).collect();
                match say {
                    1..=60 if !ids.is_empty() => {
                        Some(Event::OrderTapped(self.chance.pick(&ids).to_owned()))
                    }
                    61..=70 if listing.error.is_some() => Some(Event::RetryTapped),
                    71..=95 => Some(Event::ShopTapped),
                    _ => None,
                }
            }
            State::Ordered(ordered) => {
                let id = ordered.snapshot.order.id.clone();
                match ordered.snapshot.order.status {
                    OrderStatus::AwaitingPayment | OrderStatus::Checking => match say {
                        1..=35 => Some(Event::ContinueTapped(self.key())),
                        36..=45 => Some(Event::CancelTapped),
                        46..=60 => Some(Event::CheckTapped),
                        61..=66 => Some(Event::ShopTapped),
                        67..=70 => Some(Event::Opened(Route::Order(id))),
                        71..=75 => Some(Event::OrdersTapped),
                        _ => None,
                    },
                    OrderStatus::Failed | OrderStatus::Expired => match say {
                        1..=50 => Some(Event::ContinueTapped(self.key())),
                        51..=60 => Some(Event::ReorderTapped),
                        _ => None,
                    },
                    _ => match say {
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

    fn key(&mut self) -> Key {
        self.keys += 1;
        Key(format!("{}-{}", self.name, self.keys))
    }

    fn attempt(&mut self) -> Attempt {
        let key = self.key();
        let (product, price) = self.chance.pick(&PRICES);
        let quantity = self.chance.pick(&[1, 2, 5]);
        Attempt {
            key,
            customer: self.customer.clone(),
            order: PlaceOrder {
                lines: vec![Line {
                    product: product.to_owned(),
                    quantity: NonZeroU32::MIN.saturating_add(quantity - 1),
                }],
                expected_total: Rupiah::new(price * u64::from(quantity)),
            },
            made_at: self.world.time.elapsed(),
            replaces: (self.kept.clone())
                .filter(|kept| kept.is_worth_finishing(&self.customer, self.world.time.elapsed()))
                .map(Box::new),
        }
    }
}
