//! All payments and their states. Pure: the time is an argument.
//!
//! Invariant: a payment is settled once, and its refunds never exceed what was paid.

use crate::{
    caller::{Caller, MerchantNo},
    host::Host,
    mini_apps::MiniAppId,
    refunds::{self, Refund, RefundedStatus},
    snap_session::SnapSession,
};
use gopay_protocol::{Amount, LatestTransactionStatus};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use strum::{Display, IntoStaticStr};

/// What came of a try to deliver a notification.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryOutcome {
    HttpStatus(u16),
    None(String),
}

#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) host: Host,
    pub(crate) way: PaymentWay,
    /// Who has asked for it.
    pub(crate) merchant: MerchantNo,
    pub(crate) merchant_id: String,
    /// That of its point of purchase; the sandbox has none.
    pub(crate) mini_app: Option<MiniAppId>,
    /// Who has opened it in GoPay, and so has it in the order history.
    pub(crate) buyer: Option<String>,
    pub(crate) reference_no: String,
    pub(crate) partner_reference_no: String,
    /// `X-EXTERNAL-ID`; in Snap, which has none, the order id.
    pub(crate) external_id: String,
    pub(crate) amount: Amount,
    pub(crate) created_at: Timestamp,
    /// By GoPay's clock.
    pub(crate) valid_until: Timestamp,
    /// The merchant's text, by its own clock.
    pub(crate) valid_up_to: String,
    pub(crate) state: PaymentState,
    /// How often the buyer has closed the sheet without deciding.
    pub(crate) leaves: u32,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) return_to: ReturnAddresses,
    pub(crate) paid_with: PayOption,
    /// What GoPay took off it, in rupiah; the merchant gets all of it.
    pub(crate) promo: u64,
    /// Whose configured money it took.
    pub(crate) paid_by: Option<String>,
    /// By how much its notifications are late.
    pub(crate) notify_after: SignedDuration,
    /// What the merchant has answered to the last notification.
    pub(crate) last_answer: Option<DeliveryOutcome>,
}

/// What the buyer pays with, as `payOption` `[payment-notification-api]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PayOption {
    #[default]
    #[serde(rename = "GOPAY_WALLET")]
    Wallet,
    /// GoPay Later.
    #[serde(rename = "PAY_LATER")]
    PayLater,
}

/// By which API the merchant has asked for a payment. Only the APIs of that way know it
/// `[merchants-migration-backward-compatibality]`.
#[derive(Debug, Clone)]
pub(crate) enum PaymentWay {
    BiSnap,
    Snap(SnapSession),
}

/// Where a web page leads the buyer afterwards.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReturnAddresses {
    /// `urlParam` of type `PAY_RETURN`, or `callbacks.finish`.
    pub(crate) finish: Option<String>,
    /// `callbacks.error`.
    pub(crate) error: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentState {
    Pending,
    Settled {
        outcome: PaymentOutcome,
        at: Timestamp,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum PaymentOutcome {
    Paid,
    Cancelled,
    Failed,
    Expired,
}

/// An action on a pending payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentAction {
    Pay,
    Cancel,
    Fail,
    Expire,
    /// The buyer closes the sheet without deciding.
    Leave,
}

/// Why an action has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ActionError {
    #[error("there is no payment with this reference number, GoPay's or the merchant's")]
    Unknown,
    #[error("the payment is {0} and cannot change any more")]
    Settled(PaymentOutcome),
}

/// Why a buyer cannot pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PayError {
    #[error(transparent)]
    Action(#[from] ActionError),
    #[error("wrong_pin")]
    WrongPin,
    /// A balance or a limit below the amount.
    #[error("not_enough")]
    NotEnough,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RefundError {
    #[error("there is no payment with this reference")]
    Unknown,
    #[error("the payment is {}", .0.name())]
    NotPaid(PaymentState),
    #[error("only {left} rupiah are left of the payment")]
    TooMuch { left: u64 },
}

impl Payment {
    pub(crate) fn caller(&self) -> Caller {
        Caller {
            host: self.host,
            merchant: self.merchant,
        }
    }

    pub(crate) fn is_bi_snap_of(&self, caller: Caller) -> bool {
        self.caller() == caller && matches!(self.way, PaymentWay::BiSnap)
    }

    pub(crate) fn is_bi_snap_on(&self, host: Host) -> bool {
        self.host == host && matches!(self.way, PaymentWay::BiSnap)
    }

    pub(crate) fn snap(&self) -> Option<&SnapSession> {
        match &self.way {
            PaymentWay::BiSnap => None,
            PaymentWay::Snap(session) => Some(session),
        }
    }

    /// Since when there is a transaction that the merchant can ask for; in Snap since the buyer's
    /// choice.
    pub(crate) fn transaction_at(&self) -> Option<Timestamp> {
        self.snap()
            .map_or(Some(self.created_at), |session| session.chosen_at)
    }

    /// The status that BI-SNAP's calls and notifications have.
    pub(crate) fn status_shown(&self, refunded: RefundedStatus) -> LatestTransactionStatus {
        match (refunded, self.latest_transaction_status()) {
            (RefundedStatus::Success, LatestTransactionStatus::Refunded)
                if self.snap().is_none() =>
            {
                LatestTransactionStatus::Success
            }
            (_, status) => status,
        }
    }

    pub(crate) fn latest_transaction_status(&self) -> LatestTransactionStatus {
        if refunds::total(&self.refunds) > 0 {
            LatestTransactionStatus::Refunded
        } else {
            self.state.latest_transaction_status()
        }
    }

    /// What the buyer has got back of their own money, in rupiah: it comes before what GoPay took off.
    ///
    /// Unverified: the order.
    pub(crate) fn given_back(&self) -> u64 {
        let own = self.amount.rupiah().unwrap_or_default() - self.promo;
        refunds::total(&self.refunds).min(own)
    }

    pub(crate) fn seconds_left(&self, now: Timestamp) -> i64 {
        self.valid_until.duration_since(now).as_secs().max(0)
    }

    /// The amount to refund, in rupiah: `requested`, or everything that is refundable.
    pub(crate) fn refundable(&self, requested: Option<u64>) -> Result<u64, RefundError> {
        match self.state {
            PaymentState::Settled {
                outcome: PaymentOutcome::Paid,
                ..
            } => {}
            state => return Err(RefundError::NotPaid(state)),
        }
        let paid = self.amount.rupiah().unwrap_or_default();
        let left = paid.saturating_sub(refunds::total(&self.refunds));
        let amount = requested.unwrap_or(left);
        if amount == 0 || amount > left {
            return Err(RefundError::TooMuch { left });
        }
        Ok(amount)
    }
}

impl PaymentState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Settled { outcome, .. } => outcome.into(),
        }
    }

    fn latest_transaction_status(self) -> LatestTransactionStatus {
        match self {
            Self::Pending => LatestTransactionStatus::Pending,
            Self::Settled { outcome, .. } => match outcome {
                PaymentOutcome::Paid => LatestTransactionStatus::Success,
                PaymentOutcome::Cancelled => LatestTransactionStatus::Canceled,
                PaymentOutcome::Failed => LatestTransactionStatus::Failed,
                PaymentOutcome::Expired => LatestTransactionStatus::Expired,
            },
        }
    }
}

/// All payments, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Payments {
    all: Vec<Payment>,
    by_reference: HashMap<String, usize>,
    /// Of any way and host, the newest one of each id.
    by_partner_reference: HashMap<String, usize>,
    by_external_id: HashMap<(Caller, String), usize>,
    by_order_id: HashMap<(Caller, String), usize>,
    by_token: HashMap<(Host, String), usize>,
    /// By expiry.
    pending: BTreeSet<(Timestamp, usize)>,
}

impl Payments {
    pub(crate) fn add(&mut self, payment: Payment) {
        let index = self.all.len();
        self.by_reference
            .insert(payment.reference_no.clone(), index);
        self.by_partner_reference
            .insert(payment.partner_reference_no.clone(), index);
        match &payment.way {
            PaymentWay::BiSnap => {
                let id = (payment.caller(), payment.external_id.clone());
                self.by_external_id.insert(id, index);
            }
            PaymentWay::Snap(session) => {
                let id = (payment.caller(), payment.partner_reference_no.clone());
                self.by_order_id.insert(id, index);
                let token = (payment.host, session.token.clone());
                self.by_token.insert(token, index);
            }
        }
        self.pending.insert((payment.valid_until, index));
        self.all.push(payment);
    }

    pub(crate) fn all(&self) -> &[Payment] {
        &self.all
    }

    pub(crate) fn get(&self, reference_no: &str) -> Option<&Payment> {
        self.all.get(*self.by_reference.get(reference_no)?)
    }

    fn get_mut(&mut self, reference_no: &str) -> Option<&mut Payment> {
        self.all.get_mut(*self.by_reference.get(reference_no)?)
    }

    /// By GoPay's reference number, or the merchant's: the newest payment with it.
    pub(crate) fn find(&self, id: &str) -> Result<&Payment, ActionError> {
        let index = self.by_reference.get(id);
        let index = index.or_else(|| self.by_partner_reference.get(id));
        let payment = index.and_then(|index| self.all.get(*index));
        payment.ok_or(ActionError::Unknown)
    }

    pub(crate) fn by_external_id(&self, caller: Caller, external_id: &str) -> Option<&Payment> {
        let id = (caller, external_id.to_owned());
        self.all.get(*self.by_external_id.get(&id)?)
    }

    /// The Snap payment of this order, whether there is a transaction or not.
    pub(crate) fn by_order_id(&self, caller: Caller, order_id: &str) -> Option<&Payment> {
        let id = (caller, order_id.to_owned());
        self.all.get(*self.by_order_id.get(&id)?)
    }

    pub(crate) fn by_token(&self, host: Host, token: &str) -> Option<&Payment> {
        let token = (host, token.to_owned());
        self.all.get(*self.by_token.get(&token)?)
    }

    /// The Snap transaction with this order id or transaction id.
    pub(crate) fn snap_transaction(&self, caller: Caller, id: &str) -> Option<&Payment> {
        self.by_order_id(caller, id)
            .or_else(|| self.get(id))
            .filter(|payment| payment.caller() == caller && payment.snap().is_some())
            .filter(|payment| payment.transaction_at().is_some())
    }

    /// The buyer of a pending Snap session chooses to pay with GoPay; returns whether this is the
    /// first time.
    pub(crate) fn choose(&mut self, reference_no: &str, now: Timestamp) -> bool {
        let index = self.by_reference.get(reference_no).copied();
        let Some((index, payment)) =
            index.and_then(|index| Some((index, self.all.get_mut(index)?)))
        else {
            return false;
        };
        let PaymentWay::Snap(session) = &mut payment.way else {
            return false;
        };
        if payment.state != PaymentState::Pending || session.chosen_at.is_some() {
            return false;
        }
        session.chosen_at = Some(now);
        let until = session.expiry.valid_until(now);
        self.pending.remove(&(payment.valid_until, index));
        payment.valid_until = until;
        self.pending.insert((until, index));
        true
    }

    /// The merchant ends a Snap session that has no transaction.
    pub(crate) fn cancel_session(&mut self, reference_no: &str, now: Timestamp) {
        let index = self.by_reference.get(reference_no).copied();
        if let Some(payment) = index.and_then(|index| self.all.get_mut(index))
            && let PaymentWay::Snap(session) = &mut payment.way
        {
            session.is_canceled = true;
        }
        // An ended session has been cancelled before, or has expired.
        let _ = self.apply(reference_no, PaymentAction::Cancel, now);
    }

    /// Applies an action and returns the payment afterwards.
    pub(crate) fn apply(
        &mut self,
        reference_no: &str,
        action: PaymentAction,
        now: Timestamp,
    ) -> Result<&Payment, ActionError> {
        let index = *self
            .by_reference
            .get(reference_no)
            .ok_or(ActionError::Unknown)?;
        let payment = self.all.get_mut(index).ok_or(ActionError::Unknown)?;
        if let PaymentState::Settled { outcome, .. } = payment.state {
            return Err(ActionError::Settled(outcome));
        }
        let outcome = match action {
            PaymentAction::Leave => {
                payment.leaves += 1;
                return Ok(payment);
            }
            PaymentAction::Pay => PaymentOutcome::Paid,
            PaymentAction::Cancel => PaymentOutcome::Cancelled,
            PaymentAction::Fail => PaymentOutcome::Failed,
            PaymentAction::Expire => PaymentOutcome::Expired,
        };
        payment.state = PaymentState::Settled { outcome, at: now };
        self.pending.remove(&(payment.valid_until, index));
        Ok(payment)
    }

    /// The refund with this number of the merchant's, and its payment.
    pub(crate) fn refund_by_number(
        &self,
        merchant: MerchantNo,
        number: &str,
    ) -> Option<(&Payment, &Refund)> {
        let mut own = self.all.iter().filter(|it| it.merchant == merchant);
        own.find_map(|payment| {
            let mut refunds = payment.refunds.iter();
            let found = refunds.find(|it| it.partner_refund_no.as_deref() == Some(number))?;
            Some((payment, found))
        })
    }

    /// The buyer chooses what to pay with.
    pub(crate) fn pay_with(
        &mut self,
        reference_no: &str,
        option: PayOption,
        promo: u64,
        buyer: Option<String>,
    ) {
        if let Some(payment) = self.get_mut(reference_no) {
            payment.paid_with = option;
            payment.promo = promo;
            payment.paid_by = buyer;
        }
    }

    pub(crate) fn notify_late(&mut self, reference_no: &str, by: SignedDuration) {
        if let Some(payment) = self.get_mut(reference_no) {
            payment.notify_after = by;
        }
    }

    /// The merchant has answered a notification.
    pub(crate) fn answered(&mut self, reference_no: &str, answer: DeliveryOutcome) {
        if let Some(payment) = self.get_mut(reference_no) {
            payment.last_answer = Some(answer);
        }
    }

    /// The buyer opens a payment in GoPay.
    pub(crate) fn open(&mut self, reference_no: &str, buyer: &str) {
        if let Some(payment) = self.get_mut(reference_no) {
            payment.buyer = Some(buyer.to_owned());
        }
    }

    pub(crate) fn add_refund(
        &mut self,
        reference_no: &str,
        refund: Refund,
    ) -> Result<&Payment, RefundError> {
        let payment = self.get_mut(reference_no).ok_or(RefundError::Unknown)?;
        payment.refunds.push(refund);
        Ok(payment)
    }

    /// A payment that has expired and is still pending.
    pub(crate) fn overdue(&self, now: Timestamp) -> Option<String> {
        let (at, index) = self.pending.first()?;
        let payment = self.all.get(*index)?;
        (*at <= now).then(|| payment.reference_no.clone())
    }

    pub(crate) fn next_expiry(&self) -> Option<Timestamp> {
        self.pending.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn on(host: Host) -> Caller {
        let merchant = MerchantNo::FIRST;
        Caller { host, merchant }
    }

    fn payments() -> Payments {
        let mut payments = Payments::default();
        payments.add(Payment {
            host: Host::Production,
            way: PaymentWay::BiSnap,
            merchant: MerchantNo::FIRST,
            merchant_id: "M1".to_owned(),
            mini_app: None,
            buyer: None,
            reference_no: "A1".to_owned(),
            partner_reference_no: "ORDER-1".to_owned(),
            external_id: "x-1".to_owned(),
            amount: Amount::idr(25_000),
            created_at: at(0),
            valid_until: at(900),
            valid_up_to: String::new(),
            state: PaymentState::Pending,
            leaves: 0,
            refunds: Vec::new(),
            return_to: ReturnAddresses::default(),
            paid_with: PayOption::default(),
            promo: 0,
            paid_by: None,
            notify_after: SignedDuration::ZERO,
            last_answer: None,
        });
        payments
    }

    #[test]
    fn a_settled_payment_never_changes() {
        for (act, outcome) in [
            (PaymentAction::Pay, PaymentOutcome::Paid),
            (PaymentAction::Cancel, PaymentOutcome::Cancelled),
            (PaymentAction::Fail, PaymentOutcome::Failed),
            (PaymentAction::Expire, PaymentOutcome::Expired),
        ] {
            let mut payments = payments();
            let settled = payments.apply("A1", act, at(5)).unwrap().state;
            assert_eq!(settled, PaymentState::Settled { outcome, at: at(5) });
            for again in [
                PaymentAction::Pay,
                PaymentAction::Cancel,
                PaymentAction::Fail,
                PaymentAction::Expire,
                PaymentAction::Leave,
            ] {
                assert_eq!(
                    payments.apply("A1", again, at(6)).err(),
                    Some(ActionError::Settled(outcome))
                );
            }
            let payment = payments
                .by_external_id(on(Host::Production), "x-1")
                .unwrap();
            assert_eq!(payment.state, settled);
            assert!(payments.by_external_id(on(Host::Sandbox), "x-1").is_none());
            assert_eq!(payments.overdue(at(10_000)), None);
        }
    }

    #[test]
    fn leaving_the_sheet_decides_nothing() {
        let mut payments = payments();
        assert_eq!(
            payments
                .apply("A1", PaymentAction::Leave, at(5))
                .unwrap()
                .leaves,
            1
        );
        assert_eq!(payments.get("A1").unwrap().state, PaymentState::Pending);
        assert_eq!(
            payments.apply("A2", PaymentAction::Leave, at(5)).err(),
            Some(ActionError::Unknown)
        );
    }

    #[test]
    fn a_payment_is_found_by_either_sides_number() {
        let mut payments = payments();
        let newer = Payment {
            reference_no: "A2".to_owned(),
            external_id: "x-2".to_owned(),
            ..payments.all[0].clone()
        };
        payments.add(newer);
        for (id, found) in [("A1", "A1"), ("A2", "A2"), ("ORDER-1", "A2")] {
            assert_eq!(payments.find(id).unwrap().reference_no, found);
        }
        assert_eq!(payments.find("ORDER-2").err(), Some(ActionError::Unknown));
    }

    #[test]
    fn a_payment_is_overdue_from_its_expiry_on() {
        let payments = payments();
        assert_eq!(payments.overdue(at(899)), None);
        assert_eq!(payments.overdue(at(900)).as_deref(), Some("A1"));
        assert_eq!(payments.next_expiry(), Some(at(900)));
    }
}
