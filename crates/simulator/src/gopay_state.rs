//! GoPay's whole state, as one struct behind one lock: see [`AppState`](crate::app_state::AppState).

use crate::{
    auth_codes::AuthCodes,
    buyer::Buyers,
    caller::PerCaller,
    checkout::CheckoutSettings,
    clock::{Clock, TooFarAway},
    consents::Consents,
    container::Container,
    faults::FaultPlan,
    host::PerHost,
    id::Ids,
    idempotency::IdempotencyCache,
    ledger::{Actor, Event, Ledger},
    merchants::Merchants,
    mini_app_api::MiniAppApi,
    mini_apps::{MiniAppUser, MiniApps},
    outbox::{NotificationMode, Outbox},
    outcomes::{Moment, Outcomes},
    payments::{
        ActionError, PayError, PayOption, Payment, PaymentAction, PaymentState, Payments,
        RefundError,
    },
    recording::Recording,
    refunds::{Refund, RefundBehaviour, RefundOutcome},
    scenario::Scenario,
    sdk_faults::SdkFaultPlan,
    setup::{SeedChoice, Setup},
    tokens::{AccessTokens, AuthTokens},
};
use gopay_protocol::LatestTransactionStatus;
use jiff::{SignedDuration, Timestamp};

#[derive(Debug)]
pub(crate) struct GoPayState {
    pub(crate) ids: Ids,
    pub(crate) clock: Clock,
    pub(crate) merchants: Merchants,
    pub(crate) mini_apps: MiniApps,
    pub(crate) scenario: Scenario,
    pub(crate) faults: FaultPlan,
    pub(crate) sdk_faults: SdkFaultPlan,
    pub(crate) container: Container,
    pub(crate) checkout: CheckoutSettings,
    pub(crate) notification_mode: NotificationMode,
    pub(crate) auth_codes: AuthCodes,
    pub(crate) access_tokens: PerHost<AccessTokens>,
    pub(crate) auth_tokens: AuthTokens,
    pub(crate) consents: Consents,
    pub(crate) buyers: Buyers,
    /// What a reset restores.
    pub(crate) setup: Setup,
    pub(crate) mini_app_api: MiniAppApi,
    pub(crate) payments: Payments,
    pub(crate) outcomes: Outcomes,
    pub(crate) refund_behaviour: RefundBehaviour,
    pub(crate) idempotency: PerCaller<IdempotencyCache>,
    pub(crate) outbox: Outbox,
    pub(crate) ledger: Ledger,
    pub(crate) recording: Recording,
}

impl GoPayState {
    pub(crate) fn new(merchants: Merchants, mini_apps: MiniApps) -> Self {
        Self {
            ids: Ids::default(),
            clock: Clock::default(),
            merchants,
            mini_apps,
            scenario: Scenario::default(),
            faults: FaultPlan::default(),
            sdk_faults: SdkFaultPlan::default(),
            container: Container::default(),
            checkout: CheckoutSettings::default(),
            notification_mode: NotificationMode::default(),
            auth_codes: AuthCodes::default(),
            access_tokens: PerHost::default(),
            auth_tokens: AuthTokens::default(),
            consents: Consents::default(),
            buyers: Buyers::default(),
            setup: Setup::default(),
            mini_app_api: MiniAppApi::default(),
            payments: Payments::default(),
            outcomes: Outcomes::default(),
            refund_behaviour: RefundBehaviour::default(),
            idempotency: PerCaller::default(),
            outbox: Outbox::default(),
            ledger: Ledger::default(),
            recording: Recording::default(),
        }
    }

    /// Restores the state after a start, except for merchants, mini apps and addresses.
    pub(crate) fn reset(&mut self) {
        let mut outbox = std::mem::take(&mut self.outbox);
        outbox.reset();
        *self = Self {
            outbox,
            setup: std::mem::take(&mut self.setup),
            ..Self::new(self.merchants.clone(), self.mini_apps.clone())
        };
        // It was set up like this before.
        let _ = self.set_up(self.setup.clone());
    }

    /// All settings, as they are now.
    pub(crate) fn settings(&self) -> Setup {
        Setup {
            seed: SeedChoice::Set(self.ids.seed),
            scenario: self.scenario,
            container: self.container,
            checkout: self.checkout,
            refunds: self.refund_behaviour,
            mini_app: self.mini_app_api.settings.clone(),
            notifications: self.notification_mode,
            clock_ahead_seconds: self.clock.ahead().as_secs(),
            faults: self.faults.clone(),
            sdk_faults: self.sdk_faults.clone(),
            outcomes: self.outcomes.plan.clone(),
            buyers: self.buyers.all().to_vec(),
        }
    }

    /// Takes a valid setup. Nothing is changed where it is refused.
    pub(crate) fn set_up(&mut self, setup: Setup) -> Result<(), TooFarAway> {
        let Setup {
            seed,
            scenario,
            container,
            checkout,
            refunds,
            mini_app,
            notifications,
            clock_ahead_seconds,
            faults,
            sdk_faults,
            outcomes,
            buyers,
        } = setup;
        let ahead = SignedDuration::from_secs(clock_ahead_seconds);
        self.clock.set(ahead)?;
        if let SeedChoice::Set(seed) = seed {
            self.ids.seed = seed;
        }
        self.scenario = scenario;
        self.container = container;
        self.checkout = checkout;
        self.refund_behaviour = refunds;
        self.mini_app_api.settings = mini_app;
        self.notification_mode = notifications;
        self.faults = faults;
        self.sdk_faults = sdk_faults;
        self.outcomes.plan = outcomes;
        self.buyers = buyers.into();
        Ok(())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether the buyer has given this consent, before the mini app opened or since.
    pub(crate) fn has_consent(&self, user: &MiniAppUser, scope: &str) -> bool {
        self.container.prelaunch_consents || self.consents.given(user, scope)
    }

    pub(crate) fn record(&mut self, event: Event) {
        self.record_at(self.now(), &event);
    }

    pub(crate) fn record_at(&mut self, at: Timestamp, event: &Event) {
        if let Event::NotificationTried {
            reference_no,
            answer,
            ..
        } = event
        {
            self.payments.answered(reference_no, answer.clone());
        }
        self.ledger.record(at, event);
    }

    /// Issues an auth code for the merchant to exchange; the ledger gets its number.
    pub(crate) fn issue_auth_code(&mut self, user: &MiniAppUser) -> String {
        let code = self.ids.auth_code();
        let now = self.now();
        let auth_code = self.auth_codes.issue(code.clone(), user.clone(), now);
        let user = user.clone();
        self.record(Event::AuthCodeIssued { auth_code, user });
        code
    }

    /// Expires overdue payments; returns whether there were any.
    pub(crate) fn catch_up(&mut self) -> bool {
        let now = self.now();
        let mut changed = false;
        loop {
            let expiry = self.payments.next_expiry().filter(|at| *at <= now);
            let outcome = self.outcomes.next().filter(|at| *at <= now);
            let is_outcome = match (expiry, outcome) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(expiry), Some(outcome)) => outcome <= expiry,
            };
            let next = match is_outcome {
                true => self
                    .outcomes
                    .take(now)
                    .map(|(id, act)| (id, act, Actor::Control)),
                false => {
                    (self.payments.overdue(now)).map(|id| (id, PaymentAction::Expire, Actor::Time))
                }
            };
            let Some((reference_no, action, by)) = next else {
                break;
            };
            changed |= self.act(&reference_no, action, by).is_ok();
        }
        changed
    }

    pub(crate) fn add_payment(&mut self, payment: Payment) {
        let reference_no = payment.reference_no.clone();
        self.payments.add(payment);
        self.plan_outcome(&reference_no, Moment::Requested);
    }

    /// The buyer opens a payment in GoPay.
    pub(crate) fn open(&mut self, reference_no: &str, buyer: &str) {
        self.payments.open(reference_no, buyer);
        self.plan_outcome(reference_no, Moment::Opened);
        self.record(Event::SheetOpened {
            reference_no: reference_no.to_owned(),
        });
    }

    fn plan_outcome(&mut self, reference_no: &str, moment: Moment) {
        let now = self.now();
        let Some(payment) = self.payments.get(reference_no) else {
            return;
        };
        let planned = self
            .outcomes
            .plan(reference_no, &payment.into(), moment, now);
        if let Some(late) = planned {
            self.payments.notify_late(reference_no, late);
        }
    }

    /// The buyer opens a Snap session and chooses to pay with GoPay.
    ///
    /// Unverified: that the first time is notified as pending; `[gopay-1]` has such a notification.
    pub(crate) fn choose(&mut self, reference_no: &str) {
        let now = self.now();
        if self.payments.choose(reference_no, now) {
            let status = LatestTransactionStatus::Pending;
            self.outbox.add(reference_no.to_owned(), status, now);
        }
        self.record(Event::SheetOpened {
            reference_no: reference_no.to_owned(),
        });
    }

    /// Applies an action to a payment, queues its notification and records the event. A buyer who
    /// acts on a Snap session has chosen to pay; one that expires before is not notified.
    pub(crate) fn act(
        &mut self,
        reference_no: &str,
        action: PaymentAction,
        by: Actor,
    ) -> Result<(), ActionError> {
        let now = self.now();
        if action != PaymentAction::Expire {
            self.payments.choose(reference_no, now);
        }
        let payment = self.payments.apply(reference_no, action, now)?;
        let reference_no = payment.reference_no.clone();
        let event = match payment.state {
            PaymentState::Pending => Event::SheetLeft { reference_no },
            PaymentState::Settled { .. } => {
                if payment.transaction_at().is_some() {
                    self.outbox.add(
                        reference_no.clone(),
                        payment.latest_transaction_status(),
                        now + payment.notify_after,
                    );
                }
                Event::PaymentSettled {
                    reference_no,
                    partner_reference_no: payment.partner_reference_no.clone(),
                    state: payment.state.name(),
                    by,
                }
            }
        };
        self.record(event);
        Ok(())
    }

    /// The buyer pays in GoPay, by a configured balance or limit where there is one.
    pub(crate) fn pay(&mut self, reference_no: &str, option: PayOption) -> Result<(), PayError> {
        let payment = self.payments.find(reference_no)?;
        if let PaymentState::Settled { outcome, .. } = payment.state {
            return Err(ActionError::Settled(outcome).into());
        }
        let rupiah = payment.amount.rupiah().unwrap_or_default();
        let reference_no = payment.reference_no.clone();
        let buyer = payment.buyer.clone();
        let promo = self.buyers.promo(buyer.as_deref(), rupiah);
        let due = rupiah - promo;
        let funds = self.buyers.funds(buyer.as_deref(), option);
        let has_money = match (&funds, option) {
            (Some(funds), _) => **funds >= due,
            (None, PayOption::Wallet) => true,
            (None, PayOption::PayLater) => false,
        };
        if !has_money {
            return Err(PayError::NotEnough);
        }
        let paid_by = funds.and_then(|funds| {
            *funds -= due;
            buyer.clone()
        });
        if promo > 0 {
            self.buyers.use_promo(buyer.as_deref());
        }
        let payments = &mut self.payments;
        payments.pay_with(&reference_no, option, promo, paid_by);
        Ok(self.act(&reference_no, PaymentAction::Pay, Actor::Buyer)?)
    }

    /// Refunds a payment, in full without `rupiah`; queues the notification and records the event.
    /// A refund that fails is stored too and moves no money.
    ///
    /// Unverified: that a failed refund is notified, with the payment's own status.
    pub(crate) fn refund(
        &mut self,
        reference_no: &str,
        rupiah: Option<u64>,
        partner_refund_no: Option<String>,
        reason: Option<String>,
        by: Actor,
    ) -> Result<Refund, RefundError> {
        let now = self.now();
        let payment = self.payments.get(reference_no);
        let rupiah = payment.ok_or(RefundError::Unknown)?.refundable(rupiah)?;
        let refund = Refund {
            refund_no: self.ids.refund_no(),
            partner_refund_no,
            rupiah,
            reason,
            at: now,
            outcome: self.refund_behaviour.outcome,
        };
        let given_back = payment.map_or(0, Payment::given_back);
        let payment = self.payments.add_refund(reference_no, refund.clone())?;
        if refund.outcome == RefundOutcome::Done
            && let Some(funds) = self
                .buyers
                .funds(payment.paid_by.as_deref(), payment.paid_with)
        {
            *funds += payment.given_back() - given_back;
        }
        let status = payment.status_shown(self.refund_behaviour.status);
        self.outbox.add(reference_no.to_owned(), status, now);
        self.record(Event::PaymentRefunded {
            reference_no: reference_no.to_owned(),
            partner_refund_no: refund.partner_refund_no.clone(),
            rupiah,
            outcome: refund.outcome,
            by,
        });
        Ok(refund)
    }

    /// The time of the next notification or expiry.
    pub(crate) fn next_event_at(&self) -> Option<Timestamp> {
        let due = self.outbox.next_due(self.notification_mode);
        let others = [self.payments.next_expiry(), self.outcomes.next()];
        due.into_iter().chain(others.into_iter().flatten()).min()
    }
}
