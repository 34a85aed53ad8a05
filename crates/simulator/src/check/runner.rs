//! Runs the attacks, one after the other, and judges each.

use super::{
    BackEnd, CheckError, Finding, Report, Verdict,
    attack::{ATTACKS, AnswerRule, Attack, Order, Procedure, StateRule},
    notifications::{Build, MessageBuilder},
    slow_body,
};
use crate::{
    account,
    app_state::AppState,
    caller::MerchantNo,
    faults::{Endpoint, FaultKind, FaultPlan},
    inspector::{self, Secrets},
    ledger::Actor,
    mini_apps::MiniAppUser,
    notification::{self, Message},
    notifier,
    outbox::NotificationMode,
    payments::{ActionError, Payment, PaymentAction, PaymentState},
};
use futures_util::future::join_all;
use gopay_protocol::{KeyError, LatestTransactionStatus};
use std::{cell::Cell, collections::HashSet, pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};

/// Between two questions about an order.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

pub(super) struct Runner<'a, B> {
    state: Arc<AppState>,
    back_end: &'a B,
    wait: Duration,
    /// GoPay's reference numbers of the orders that several attacks share.
    pending: Option<String>,
    paid: Option<String>,
}

/// Why an attack has not passed.
enum Reason {
    Failed {
        found: String,
        /// The number of the exchange.
        exchange: Option<u64>,
    },
    NotJudged(String),
}

impl From<KeyError> for Reason {
    fn from(error: KeyError) -> Self {
        Self::NotJudged(error.to_string())
    }
}

impl<'a, B: BackEnd> Runner<'a, B> {
    pub(super) fn new(state: Arc<AppState>, back_end: &'a B, wait: Duration) -> Self {
        Self {
            state,
            back_end,
            wait,
            pending: None,
            paid: None,
        }
    }

    pub(super) async fn run(mut self) -> Result<Report, CheckError> {
        // Each notification is one of the table.
        self.state.write(|gopay| {
            gopay.notification_mode = NotificationMode::Withhold;
            // No outcome of a setup decides about the orders of the check.
            gopay.outcomes.plan.clear();
        });
        let first = self.place_order().await.map_err(CheckError::Order)?;
        let is_paid = self.is_paid(&first).await.map_err(CheckError::State)?;
        if is_paid == Some(true) {
            return Err(CheckError::AlwaysPaid);
        }
        if let Ok(message) = self.genuine(&first, &LatestTransactionStatus::Pending)
            && let (_, notifier::MerchantAnswer::None(why)) =
                notifier::post(&self.state, message).await
        {
            return Err(CheckError::NoMerchant(why));
        }
        self.pending = Some(first);
        let mut findings = Vec::new();
        for attack in ATTACKS {
            findings.push(self.finding(attack).await);
        }
        Ok(Report::new(is_paid.is_some(), findings))
    }

    async fn finding(&mut self, attack: &Attack) -> Finding {
        match self.attack(attack).await {
            Ok(()) => Finding::new(attack, Verdict::Passed),
            Err(Reason::NotJudged(why)) => Finding {
                found: Some(why),
                ..Finding::new(attack, Verdict::NotJudged)
            },
            Err(Reason::Failed { found, exchange }) => {
                let finding = Finding {
                    found: Some(found),
                    ..Finding::new(attack, Verdict::Failed)
                };
                let exchange = exchange.and_then(|number| self.state.exchanges.get(number));
                let Some(exchange) = exchange else {
                    return finding;
                };
                let view = inspector::view(&self.state, &exchange, Secrets::Mask);
                let curl = view["curl"].as_str().unwrap_or_default();
                finding.with_exchange(curl, view["response"]["body"].as_str())
            }
        }
    }

    async fn attack(&mut self, attack: &Attack) -> Result<(), Reason> {
        match &attack.procedure {
            Procedure::Send(order, build) => {
                let reference_no = self.order(*order).await?;
                let judged = self.send_in_turn(attack, &reference_no, *build).await;
                match order {
                    Order::Pending if judged.is_ok() => self.pending = Some(reference_no),
                    Order::Paid if judged.is_ok() => self.paid = Some(reference_no),
                    Order::NewPending => self.expire(&reference_no).await,
                    _ => {}
                }
                judged?;
            }
            Procedure::SendTogether(order, build) => {
                let reference_no = self.order(*order).await?;
                let messages = self.build(&reference_no, *build)?;
                let sent = messages
                    .into_iter()
                    .map(|message| self.send(message, attack.answer));
                let sent = join_all(sent).await;
                let sent = sent.into_iter().collect::<Result<Vec<_>, _>>()?;
                let last = sent.last().copied();
                self.judge_state(attack, &reference_no, last).await?;
            }
            Procedure::BesideSlowBody => {
                let reference_no = self.order(Order::PendingThenPaid).await?;
                let message = self.paid_notification(&reference_no)?;
                let (stopped, has_stopped) = oneshot::channel();
                let slow = slow_body::send(&self.state, message.clone(), stopped);
                let send = async {
                    // Where no connection is made, the notification itself fails.
                    let _ = has_stopped.await;
                    self.send(message, attack.answer).await
                };
                let exchange = beside(slow, send).await?;
                self.judge_state(attack, &reference_no, Some(exchange))
                    .await?;
            }
            Procedure::BeforePaymentAnswer => self.before_payment_answer(attack).await?,
            Procedure::LostPaymentAnswer => self.lost_payment_answer().await?,
        }
        Ok(())
    }

    async fn send_in_turn(
        &self,
        attack: &Attack,
        reference_no: &str,
        build: Build,
    ) -> Result<(), Reason> {
        let mut last = None;
        for message in self.build(reference_no, build)? {
            last = Some(self.send(message, attack.answer).await?);
        }
        self.judge_state(attack, reference_no, last).await
    }

    /// Ends a payment, because the back end may limit how many orders of a buyer are open.
    async fn expire(&self, reference_no: &str) {
        let expired = self
            .state
            .write(|gopay| gopay.act(reference_no, PaymentAction::Expire, Actor::Time));
        if expired.is_ok()
            && let Ok(message) = self.genuine(reference_no, &LatestTransactionStatus::Expired)
        {
            notifier::post(&self.state, message).await;
        }
    }

    /// GoPay's reference number of an order in the state that the attack needs.
    async fn order(&mut self, order: Order) -> Result<String, Reason> {
        let shared = match order {
            Order::Pending | Order::PendingThenPaid => self.pending.take(),
            Order::Paid => self.paid.take(),
            Order::NewPending | Order::PaidUnnotified => None,
        };
        let is_usable = |reference_no: &String| {
            let payment = self.payment(reference_no);
            payment
                .is_ok_and(|it| matches!(order, Order::Paid) || it.state == PaymentState::Pending)
        };
        let shared = shared.filter(is_usable);
        let is_new = shared.is_none();
        let reference_no = match shared {
            Some(reference_no) => reference_no,
            None => self.place_order().await.map_err(Reason::NotJudged)?,
        };
        match order {
            Order::PaidUnnotified | Order::PendingThenPaid => self.pay(&reference_no)?,
            Order::Paid if is_new => {
                self.pay(&reference_no)?;
                self.send(self.paid_notification(&reference_no)?, AnswerRule::Accepted)
                    .await?;
                let is_paid = self.becomes_paid(&reference_no).await;
                if is_paid.map_err(Reason::NotJudged)? == Some(false) {
                    let why = "there is no paid order to try it on";
                    return Err(Reason::NotJudged(why.to_owned()));
                }
            }
            Order::Pending | Order::NewPending | Order::Paid => {}
        }
        Ok(reference_no)
    }

    /// Returns the number of the exchange.
    async fn send(&self, message: Message, rule: AnswerRule) -> Result<u64, Reason> {
        let (number, answer) = notifier::post(&self.state, message).await;
        match rule.mistake(&answer) {
            None => Ok(number),
            Some(found) => Err(Reason::Failed {
                found,
                exchange: Some(number),
            }),
        }
    }

    async fn judge_state(
        &self,
        attack: &Attack,
        reference_no: &str,
        exchange: Option<u64>,
    ) -> Result<(), Reason> {
        let failed = |found| Err(Reason::Failed { found, exchange });
        let is_paid = match attack.state {
            StateRule::Any => return Ok(()),
            StateRule::BecomesPaid => self.becomes_paid(reference_no).await,
            StateRule::NotPaid | StateRule::StaysPaid => self.is_paid(reference_no).await,
        };
        match (is_paid, attack.state) {
            (Err(why), _) => failed(why),
            // Whoever refuses a notification has not taken it.
            (Ok(None), _) if attack.answer == AnswerRule::Refused => Ok(()),
            (Ok(None), _) => {
                let why = "the answer is right; the order's state is not known";
                Err(Reason::NotJudged(why.to_owned()))
            }
            (Ok(Some(true)), StateRule::NotPaid) => failed("the order is paid".to_owned()),
            (Ok(Some(false)), StateRule::StaysPaid) => {
                failed("the order is no longer paid".to_owned())
            }
            (Ok(Some(false)), StateRule::BecomesPaid) => {
                let seconds = self.wait.as_secs();
                failed(format!("the order is not paid after {seconds} seconds"))
            }
            (Ok(Some(_)), _) => Ok(()),
        }
    }

    async fn before_payment_answer(&mut self, attack: &Attack) -> Result<(), Reason> {
        self.plan(FaultPlan::once(Endpoint::Payment, FaultKind::Hold));
        let before = self.payment_count();
        let has_ended = Cell::new(false);
        let place = async {
            // An error says no more than that the payment request took long.
            let _ = timeout(self.wait, self.back_end.place_order(self.auth_code())).await;
            has_ended.set(true);
        };
        let notify = async {
            let reference_no = self.arrival(before).await;
            let reference_no = reference_no.ok_or_else(|| self.no_payment())?;
            self.pay(&reference_no)?;
            let (number, answer) =
                notifier::post(&self.state, self.paid_notification(&reference_no)?).await;
            Ok((reference_no, number, answer))
        };
        let release = async |notified: Result<_, Reason>| {
            // The response is held a moment after the payment is made.
            loop {
                self.state.release();
                if has_ended.get() {
                    return notified;
                }
                sleep(POLL_INTERVAL).await;
            }
        };
        let ((), notified) = tokio::join!(place, async { release(notify.await).await });
        self.plan(FaultPlan::default());
        let (reference_no, mut exchange, answer) = notified?;
        if attack.answer.mistake(&answer).is_some() {
            let repetition = self.paid_notification(&reference_no)?;
            exchange = self.send(repetition, attack.answer).await?;
        }
        self.judge_state(attack, &reference_no, Some(exchange))
            .await
    }

    async fn lost_payment_answer(&mut self) -> Result<(), Reason> {
        self.plan(FaultPlan::once(Endpoint::Payment, FaultKind::AnswerLost));
        let before = self.payment_count();
        // The back end may report the lost answer to its customer.
        let _ = timeout(self.wait, self.back_end.place_order(self.auth_code())).await;
        let arrived = self.arrival(before).await;
        self.plan(FaultPlan::default());
        arrived.ok_or_else(|| self.no_payment())?;
        let payments = self
            .state
            .read(|gopay| gopay.payments.all().get(before..).map(<[Payment]>::to_vec));
        let mut numbers = HashSet::new();
        let payments = payments.unwrap_or_default();
        for payment in &payments {
            self.expire(&payment.reference_no).await;
        }
        let twice = payments
            .iter()
            .find(|payment| !numbers.insert(&payment.partner_reference_no));
        match twice {
            None => Ok(()),
            Some(second) => Err(Reason::Failed {
                found: format!(
                    "the order {} has a second payment, under another X-EXTERNAL-ID: {}",
                    second.partner_reference_no, second.external_id
                ),
                exchange: None,
            }),
        }
    }

    fn no_payment(&self) -> Reason {
        let seconds = self.wait.as_secs();
        Reason::NotJudged(format!("no payment was asked for within {seconds} seconds"))
    }

    /// Makes the back end create an order. Returns GoPay's reference number of its payment.
    async fn place_order(&self) -> Result<String, String> {
        let before = self.payment_count();
        let seconds = self.wait.as_secs();
        let placed = timeout(self.wait, self.back_end.place_order(self.auth_code())).await;
        let said = placed.map_err(|_| format!("it took longer than {seconds} seconds"))??;
        self.arrival(before).await.ok_or_else(|| {
            format!(
                "no payment was asked for within {seconds} seconds: is the back end connected to http://{}?{}",
                self.state.address,
                match said.trim() {
                    "" => String::new(),
                    said => format!(" It said: {said}"),
                }
            )
        })
    }

    /// Waits until there is one more payment than there were `before`. Returns its reference number.
    async fn arrival(&self, before: usize) -> Option<String> {
        let mut counter = self.state.subscribe();
        let arrived = async {
            loop {
                let payment = self.state.read(|gopay| {
                    let payment = gopay.payments.all().get(before);
                    payment.map(|payment| payment.reference_no.clone())
                });
                if payment.is_some() {
                    return payment;
                }
                counter.changed().await.ok()?;
            }
        };
        timeout(self.wait, arrived).await.ok().flatten()
    }

    /// Whether the back end says that the order is paid; `None` where it cannot be asked.
    async fn is_paid(&self, reference_no: &str) -> Result<Option<bool>, String> {
        let payment = self
            .payment(reference_no)
            .map_err(|error| error.to_string())?;
        let asked = self
            .back_end
            .is_paid(payment.partner_reference_no, self.auth_code());
        let seconds = self.wait.as_secs();
        let asked = timeout(self.wait, asked).await;
        asked.map_err(|_| format!("no state of the order after {seconds} seconds"))?
    }

    /// As [`is_paid`](Self::is_paid), after a while. Money that goes back has been taken, too.
    async fn becomes_paid(&self, reference_no: &str) -> Result<Option<bool>, String> {
        let is_refunded = |payment: Payment| !payment.refunds.is_empty();
        let asked = async {
            loop {
                let is_paid = self.is_paid(reference_no).await?;
                if is_paid != Some(false) {
                    return Ok(is_paid);
                }
                if self.payment(reference_no).is_ok_and(is_refunded) {
                    return Ok(Some(true));
                }
                sleep(POLL_INTERVAL).await;
            }
        };
        timeout(self.wait, asked).await.unwrap_or(Ok(Some(false)))
    }

    fn payment(&self, reference_no: &str) -> Result<Payment, ActionError> {
        self.state
            .read(|gopay| gopay.payments.find(reference_no).cloned())
    }

    fn payment_count(&self) -> usize {
        self.state.read(|gopay| gopay.payments.all().len())
    }

    fn plan(&self, faults: FaultPlan) {
        self.state.write(|gopay| gopay.faults = faults);
    }

    /// The buyer pays. GoPay's notification is the attack's.
    fn pay(&self, reference_no: &str) -> Result<(), Reason> {
        let paid = self
            .state
            .write(|gopay| gopay.act(reference_no, PaymentAction::Pay, Actor::Buyer));
        paid.map_err(|error| Reason::NotJudged(error.to_string()))
    }

    fn auth_code(&self) -> String {
        self.state.write(|gopay| {
            let mini_apps = &gopay.mini_apps;
            let own = mini_apps.first_of(MerchantNo::FIRST);
            let mini_app = own.unwrap_or(mini_apps.first());
            let user = MiniAppUser {
                mini_app: mini_app.id.clone(),
                buyer: account::DEFAULT_BUYER.to_owned(),
            };
            gopay.issue_auth_code(&user)
        })
    }

    fn build(&self, reference_no: &str, build: Build) -> Result<Vec<Message>, Reason> {
        let payment = self.payment(reference_no);
        let payment = payment.map_err(|error| Reason::NotJudged(error.to_string()))?;
        let builder = self
            .state
            .read(|gopay| MessageBuilder::new(&self.state, gopay, payment));
        Ok(build(&builder)?)
    }

    fn paid_notification(&self, reference_no: &str) -> Result<Message, Reason> {
        self.genuine(reference_no, &LatestTransactionStatus::Success)
    }

    fn genuine(
        &self,
        reference_no: &str,
        status: &LatestTransactionStatus,
    ) -> Result<Message, Reason> {
        let payment = self.payment(reference_no);
        let payment = payment.map_err(|error| Reason::NotJudged(error.to_string()))?;
        let message = self
            .state
            .read(|gopay| notification::genuine(&self.state, gopay, &payment, status));
        Ok(message?)
    }
}

/// Waits for `awaited`, and lets `other` go on until then.
async fn beside<T>(other: impl Future<Output = ()>, awaited: impl Future<Output = T>) -> T {
    let mut awaited = pin!(awaited);
    tokio::select! {
        output = &mut awaited => output,
        () = other => awaited.await,
    }
}
