//! GoPay's payment sheet, and what the buyer does there.

use super::{Phone, What};
use crate::{
    gopay::State as Paid,
    harm::Harm,
    time::{SECOND, pass},
    watch::Rare,
    world::World,
};
use mini_app::checkout::{Event, Hint, Key};
use std::sync::Arc;

impl Phone {
    /// GoPay's sheet opens over the app.
    pub(super) fn launch(&mut self, deeplink: String, launch: Key) {
        let reference = deeplink
            .strip_prefix("gopay://merchanttransfer?tref=")
            .map(str::to_owned);
        let Some(reference) = reference else {
            let seen = format!("{} launches {deeplink}", self.name);
            self.world.watch().violated("I-38", seen);
            return;
        };
        self.links.push(reference.clone());
        self.hidden = true;
        let thinks = self.chance.between(2 * SECOND, 90 * SECOND);
        let mut chance = self.chance.clone();
        let (world, tell, name) = (Arc::clone(&self.world), self.teller(), self.name.clone());
        tokio::spawn(async move {
            let last = world.strikes(Harm::LastSecond, 10);
            let ends = world.gopay(|gopay, _| Some(gopay.payment(&reference)?.valid_until));
            pass(match ends.filter(|_| last) {
                Some(ends) => {
                    (ends - world.time.now()).max(500).unsigned_abs() - 500
                        + chance.pick(&[0, 0, 5_000])
                }
                None => thinks,
            })
            .await;
            let does = chance.pick(&[Paid::Paid(0), Paid::Paid(0), Paid::Pending, Paid::Failed]);
            world.tell(|| format!("{name} at the sheet of {reference}: {does:?}"));
            let paid = decides(&world, &reference, does);
            let hint = match paid != world.strikes(Harm::HintLies, 15) {
                true => Hint::Underway,
                false => Hint::Unpaid,
            };
            pass(chance.between(10, 2 * SECOND)).await;
            if !world.strikes(Harm::HintLost, 20) {
                let hinted = || {
                    let launch = launch.clone();
                    What::Event(Event::Hinted {
                        launch,
                        hint: Ok(hint),
                    })
                };
                tell(hinted());
                if world.strikes(Harm::HintTwice, 20) {
                    pass(chance.between(0, 20 * SECOND)).await;
                    world.watch().saw(Rare::DoubleCallback);
                    tell(hinted());
                }
            }
            tell(What::Returned);
        });
    }
}

/// The buyer decides in GoPay. Whether money moved.
pub(super) fn decides(world: &Arc<World>, reference: &str, state: Paid) -> bool {
    let odd = world.strikes(Harm::OddAmount, 2);
    let doubtful = world.strikes(Harm::Doubt, 4);
    let paid_late = world.strikes(Harm::PaidLate, 50);
    world.gopay(|gopay, now| {
        let state = match state {
            Paid::Pending => return false,
            Paid::Paid(_) => Paid::Paid(now),
            other => other,
        };
        let late = paid_late && matches!(state, Paid::Paid(_));
        let decided =
            gopay.decide(reference, state, now) || late && gopay.pays_late(reference, now);
        if decided && let Some(payment) = gopay.payment_mut(reference) {
            payment.doubtful = doubtful;
            if odd && matches!(state, Paid::Paid(_)) {
                payment.amount -= 1_000;
            }
        }
        decided && matches!(state, Paid::Paid(_))
    })
}
