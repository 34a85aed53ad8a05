//! Everything GoPay knows. One struct behind one lock: see [`Shared`](crate::shared::Shared).

use crate::{
    answers::Answers,
    bearers::{AuthTokens, Bearers},
    clock::Clock,
    consents::Consents,
    container::Container,
    faults::Plan,
    id,
    ledger::{By, Event, Ledger},
    logins::Logins,
    outbox::{Mode, Outbox},
    payments::{Act, ActError, Payments, RefundError, State},
    refunds::{Manner, Refund},
    scenario::Scenario,
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;
use url::Url;

/// Everything GoPay knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) merchant: Merchant,
    pub(crate) scenario: Scenario,
    pub(crate) faults: Plan,
    pub(crate) container: Container,
    pub(crate) mode: Mode,
    pub(crate) logins: Logins,
    /// Granted exchanges by `Request-Id` and auth code.
    pub(crate) grants: HashMap<(String, String), Value>,
    pub(crate) bearers: Bearers,
    pub(crate) auth_tokens: AuthTokens,
    pub(crate) consents: Consents,
    pub(crate) payments: Payments,
    pub(crate) refunds: Manner,
    pub(crate) answers: Answers,
    pub(crate) outbox: Outbox,
    pub(crate) ledger: Ledger,
}

/// Where the merchant is.
#[derive(Debug, Clone)]
pub(crate) struct Merchant {
    /// The mini app's address.
    pub(crate) app: Url,
    /// The notification URL of the dashboard: a bare origin.
    pub(crate) notify: Url,
}

impl World {
    pub(crate) fn new(merchant: Merchant) -> Self {
        Self {
            clock: Clock::default(),
            merchant,
            scenario: Scenario::default(),
            faults: Plan::default(),
            container: Container::default(),
            mode: Mode::default(),
            logins: Logins::default(),
            grants: HashMap::new(),
            bearers: Bearers::default(),
            auth_tokens: AuthTokens::default(),
            consents: Consents::default(),
            payments: Payments::default(),
            refunds: Manner::default(),
            answers: Answers::default(),
            outbox: Outbox::default(),
            ledger: Ledger::default(),
        }
    }

    /// As after a start, but for the merchant's addresses.
    pub(crate) fn reset(&mut self) {
        let mut outbox = std::mem::take(&mut self.outbox);
        outbox.reset();
        *self = Self {
            outbox,
            ..Self::new(self.merchant.clone())
        };
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether a buyer allowed this, before the mini app opened or since.
    pub(crate) fn has_consent(&self, buyer: &str, scope: &str) -> bool {
        self.container.prelaunch_consents || self.consents.given(buyer, scope)
    }

    pub(crate) fn record(&mut self, event: Event) {
        self.ledger.record(self.clock.now(), event);
    }

    /// Lets what is overdue happen. Whether anything did.
    pub(crate) fn catch_up(&mut self) -> bool {
        let now = self.now();
        let mut happened = false;
        while let Some(reference_no) = self.payments.overdue(now) {
            happened |= self.act(&reference_no, Act::Expire, By::Time).is_ok();
        }
        happened
    }

    /// Does something to a payment, with all that follows from it.
    pub(crate) fn act(&mut self, reference_no: &str, act: Act, by: By) -> Result<(), ActError> {
        let now = self.now();
        let payment = self.payments.act(reference_no, act, now)?;
        let reference_no = payment.reference_no.clone();
        let event = match payment.state {
            State::Pending => Event::SheetLeft { reference_no },
            State::Settled { .. } => {
                self.outbox.add(
                    reference_no.clone(),
                    payment.latest_transaction_status(),
                    now,
                );
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

    /// Gives a payment back, or so many rupiah of it, with all that follows from it. One that
    /// fails is noted too; it moves no money.
    ///
    /// Unverified: that a refund that failed is notified, with the payment's own status.
    pub(crate) fn refund(
        &mut self,
        reference_no: &str,
        rupiah: Option<u64>,
        partner_refund_no: Option<String>,
        reason: Option<String>,
        by: By,
    ) -> Result<Refund, RefundError> {
        let now = self.now();
        let payment = self.payments.get(reference_no);
        let rupiah = payment.ok_or(RefundError::Unknown)?.refundable(rupiah)?;
        let refund = Refund {
            refund_no: id::numeric(),
            partner_refund_no,
            rupiah,
            reason,
            at: now,
            ending: self.refunds.ending,
        };
        let payment = self.payments.add_refund(reference_no, refund.clone())?;
        let status = payment.latest_transaction_status();
        self.outbox.add(reference_no.to_owned(), status, now);
        self.record(Event::PaymentRefunded {
            reference_no: reference_no.to_owned(),
            partner_refund_no: refund.partner_refund_no.clone(),
            rupiah,
            ending: refund.ending,
            by,
        });
        Ok(refund)
    }

    /// When something happens by itself next.
    pub(crate) fn next_moment(&self) -> Option<Timestamp> {
        let due = self.outbox.next_due(self.mode);
        due.into_iter().chain(self.payments.next_expiry()).min()
    }
}
