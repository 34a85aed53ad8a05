//! GoPay's payment sheet, and what the buyer does there.

use super::{Content, Phone};
use crate::{
    checker::CoveragePoint,
    fault::Fault,
    gopay::State as PaymentState,
    simulation::Simulation,
    time::{SECOND, sleep},
};
use contract::{IdempotencyKey, PaymentWay};
use mini_app::checkout::{Event, Hint};
use std::sync::Arc;

impl Phone {
    pub(super) fn launch(&mut self, way: PaymentWay, launch: IdempotencyKey) {
        let reference = match &way {
            PaymentWay::Deeplink(deeplink) => deeplink
                .strip_prefix("gopay://merchanttransfer?tref=")
                .map(str::to_owned),
            PaymentWay::SnapToken(token) => {
                self.sim.gopay(|gopay, now| gopay.open_snap(token, now))
            }
            PaymentWay::WebPage(_) => None,
        };
        let Some(reference) = reference else {
            let seen = format!("{} launches {way:?}", self.name);
            self.sim.checker().violation("I-38", seen);
            return;
        };
        self.links.push(reference.clone());
        self.hidden = true;
        let pause = self.rng.between(2 * SECOND, 90 * SECOND);
        let mut rng = self.rng.clone();
        let (sim, post, name) = (Arc::clone(&self.sim), self.sender(), self.name.clone());
        tokio::spawn(async move {
            let waits = sim.should_inject(Fault::LastSecond, 10);
            let expiry = sim.gopay(|gopay, _| Some(gopay.payment(&reference)?.valid_until));
            sleep(match expiry.filter(|_| waits) {
                Some(expiry) => {
                    (expiry - sim.time.now()).max(500).unsigned_abs() - 500
                        + rng.pick(&[0, 0, 5_000])
                }
                None => pause,
            })
            .await;
            let state = rng.pick(&[
                PaymentState::Paid(0),
                PaymentState::Paid(0),
                PaymentState::Pending,
                PaymentState::Failed,
            ]);
            sim.trace(|| format!("{name} at the sheet of {reference}: {state:?}"));
            let paid = decide(&sim, &reference, state);
            let hint = match paid != sim.should_inject(Fault::HintLies, 15) {
                true => Hint::Underway,
                false => Hint::Unpaid,
            };
            sleep(rng.between(10, 2 * SECOND)).await;
            if !sim.should_inject(Fault::HintLost, 20) {
                let hinted = || {
                    let launch = launch.clone();
                    Content::Event(Event::Hinted {
                        launch,
                        hint: Ok(hint),
                    })
                };
                post(hinted());
                if sim.should_inject(Fault::HintTwice, 20) {
                    sleep(rng.between(0, 20 * SECOND)).await;
                    sim.checker().cover(CoveragePoint::DoubleCallback);
                    post(hinted());
                }
            }
            post(Content::ReturnedFromGoPay);
        });
    }
}

/// Settles the payment as the buyer decided; returns whether it was paid.
pub(super) fn decide(sim: &Arc<Simulation>, reference: &str, state: PaymentState) -> bool {
    let odd_amount = sim.should_inject(Fault::OddAmount, 2);
    let suspicious = sim.should_inject(Fault::Doubt, 4);
    let paid_late = sim.should_inject(Fault::PaidLate, 50);
    sim.gopay(|gopay, now| {
        let state = match state {
            PaymentState::Pending => return false,
            PaymentState::Paid(_) => PaymentState::Paid(now),
            other => other,
        };
        let late = paid_late && matches!(state, PaymentState::Paid(_));
        let settled = gopay.settle(reference, state, now) || late && gopay.pay_late(reference, now);
        if settled && let Some(payment) = gopay.payment_mut(reference) {
            payment.suspicious = suspicious;
            if odd_amount && matches!(state, PaymentState::Paid(_)) {
                payment.amount -= 1_000;
            }
        }
        settled && matches!(state, PaymentState::Paid(_))
    })
}
