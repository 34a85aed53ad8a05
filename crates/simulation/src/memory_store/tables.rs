//! The tables, and the transactions on them.

use contract::{CustomerId, IdempotencyKey, OrderId, OrderStatus, PaymentWay, Rupiah};
use gopay_protocol::{ExternalId, PartnerRefundNo, ReferenceNo, message::notify::RefundHistory};
use merchant::{
    domain::{
        attempt::{Attempt, NextInquiry},
        automatic_refund::automatic_refunds,
        confirmation::is_confirmed_by,
        mini_app_id::MiniAppId,
        mini_app_request::StoredMiniAppRequest,
        mini_app_rules::RulesByMiniApp,
        operator_policy::Confirmation,
        operator_policy::LatePaymentPolicy,
        order::{NewAttempt, StoredOrder},
        payment_event::{PaymentEvent, ReceivedEvent, order_status, total_refunded},
        refund::{self, LeasedRefund, RefundProgress, RefundState, StoredRefund},
        time::Timestamp,
    },
    ports::Error,
};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub struct Tables {
    /// The oldest first.
    pub(super) orders: Vec<Entry>,
    /// By order and attempt.
    pub(super) inquiries: BTreeMap<(usize, usize), InquirySchedule>,
    /// The oldest first, each with the end of its lease.
    pub(super) refunds: Vec<(StoredRefund, Timestamp)>,
    /// The oldest first.
    pub(super) requests: Vec<RequestEntry>,
    pub(super) tokens: BTreeMap<CustomerId, Token>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: IdempotencyKey,
    pub(super) fingerprint: Vec<u8>,
    pub(super) order: StoredOrder,
}

#[derive(Debug)]
pub(super) struct RequestEntry {
    pub(super) request: StoredMiniAppRequest,
    pub(super) leased_until: Timestamp,
}

/// A customer's sealed token, and the mini app that they signed in to.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) mini_app: MiniAppId,
    pub(super) sealed: Vec<u8>,
    /// Tells it from that of another sign-in.
    pub(super) version: i64,
    pub(super) is_inactive: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct InquirySchedule {
    pub(super) last_inquiry_at: Timestamp,
    pub(super) next_inquiry_at: Option<Timestamp>,
    pub(super) leased_until: Timestamp,
}

impl InquirySchedule {
    /// Makes an inquiry due once the current lease, if any, has ended.
    pub(super) fn schedule_now(&mut self, now: Timestamp) {
        self.last_inquiry_at = Timestamp::EPOCH;
        self.next_inquiry_at = Some(now);
    }
}

impl Tables {
    /// All orders, oldest first.
    pub fn orders(&self) -> impl Iterator<Item = &StoredOrder> {
        self.orders.iter().map(|entry| &entry.order)
    }

    /// How many of a buyer's orders these are.
    pub fn count_orders(&self, buyer: &CustomerId, which: impl Fn(&StoredOrder) -> bool) -> u32 {
        let own = self.orders().filter(|order| order.customer_id == *buyer);
        u32::try_from(own.filter(|order| which(order)).count()).unwrap_or(u32::MAX)
    }

    pub fn order(&self, id: &OrderId) -> Option<&StoredOrder> {
        self.orders().find(|order| order.id == *id)
    }

    pub fn attempt(&self, external_id: &ExternalId) -> Option<&Attempt> {
        let mut attempts = self.orders().flat_map(|order| &order.attempts);
        attempts.find(|attempt| attempt.external_id == *external_id)
    }

    pub(crate) fn customer_of_attempt(&self, external_id: &ExternalId) -> Option<CustomerId> {
        let mut orders = self.orders();
        let order = orders.find(|order| order.find_attempt(external_id).is_some())?;
        Some(order.customer_id.clone())
    }

    /// The customer's newest order that waits for its payment.
    pub fn open_order_of(&self, customer_id: &CustomerId) -> Option<&StoredOrder> {
        self.orders()
            .filter(|order| order.customer_id == *customer_id)
            .filter(|order| order.status.is_open() || order.awaits_confirmation())
            .last()
    }

    /// All orders of a customer, newest first.
    pub(crate) fn orders_of(&self, customer_id: &CustomerId) -> Vec<&StoredOrder> {
        let mut orders: Vec<_> = (self.orders())
            .filter(|order| order.customer_id == *customer_id)
            .collect();
        orders.reverse();
        orders
    }

    pub(super) fn at(&self, external_id: &ExternalId) -> Option<(usize, usize)> {
        self.orders.iter().enumerate().find_map(|(o, entry)| {
            let attempts = &entry.order.attempts;
            let a = attempts
                .iter()
                .position(|attempt| attempt.external_id == *external_id)?;
            Some((o, a))
        })
    }

    pub(super) fn inquiry_mut(&mut self, external_id: &ExternalId) -> Option<&mut InquirySchedule> {
        self.inquiries.get_mut(&self.at(external_id)?)
    }

    pub(super) fn add_attempt(
        &mut self,
        o: usize,
        attempt: &NewAttempt<'_>,
    ) -> Option<StoredOrder> {
        let order = &mut self.orders.get_mut(o)?.order;
        let a = order.attempts.len();
        order.attempts.push(Attempt {
            external_id: attempt.external_id.clone(),
            number: u32::try_from(a + 1).unwrap_or(u32::MAX),
            idempotency_key: attempt.idempotency_key.clone(),
            request: attempt.request.to_owned(),
            created_at: attempt.created_at,
            valid_until: attempt.valid_until,
            reference_no: None,
            way: None,
            events: Vec::new(),
        });
        recompute_status(order);
        let schedule = InquirySchedule {
            last_inquiry_at: attempt.created_at,
            next_inquiry_at: Some(attempt.leased_until),
            leased_until: attempt.leased_until,
        };
        let order = order.clone();
        self.inquiries.insert((o, a), schedule);
        Some(order)
    }

    pub(super) fn record(
        &mut self,
        external_id: &ExternalId,
        made: Option<(Option<&ReferenceNo>, &PaymentWay)>,
        event: ReceivedEvent,
        history: &RefundHistory,
        late_payments: LatePaymentPolicy,
        rules: &RulesByMiniApp,
    ) -> Result<StoredOrder, Error> {
        let missing = Error::CorruptRow("an event without an attempt");
        let (o, a) = self.at(external_id).ok_or(missing)?;
        let now = event.received_at;
        let fulfilled = self
            .orders()
            .filter(|order| order.pickup_code.is_some())
            .count();
        let before = self.orders[o].order.status;
        let attempt = &mut self.orders[o].order.attempts[a];
        let is_new = insert_event(attempt, event);
        let amount = total_refunded(history, |entry| {
            let refunds = self.refunds.iter().map(|(refund, _)| refund);
            let mut ours = refunds.filter(|refund| refund.payment_external_id == *external_id);
            let ours = ours.find(|refund| entry.is_named(&refund.number));
            ours.map(|refund| refund.amount)
        });
        if amount > Rupiah::ZERO {
            let refunded = PaymentEvent::Refunded(amount);
            insert_event(
                attempt,
                ReceivedEvent {
                    event: refunded,
                    ..event
                },
            );
        }
        if let Some((reference_no, way)) = made {
            if let Some(reference_no) = reference_no {
                attempt.reference_no = Some(reference_no.clone());
            }
            attempt.way = Some(way.clone());
        }
        self.apply_refund_history(external_id, history, now);
        recompute_status(&mut self.orders[o].order);
        let order = self.orders[o].order.clone();
        let wanted = self.reserve_automatic_refunds(&order, before, late_payments, now)?;
        let is_confirmed =
            is_confirmed_by(&order, external_id, &event, &self.refunds_of(&order.id));
        let order = &mut self.orders[o].order;
        if is_confirmed {
            order.confirmation = Confirmation::Received;
        }
        let is_handed_over = order.status == OrderStatus::Paid && !order.awaits_confirmation();
        if wanted && is_handed_over && order.pickup_code.is_none() {
            order.pickup_code = Some(format!("{fulfilled}"));
            let requests = rules.when_paid(order, now);
            let id = order.id.clone();
            self.enqueue(&id, requests, now);
        }
        let id = self.orders[o].order.id.clone();
        self.remove_reminder(&id, now);
        let order = self.orders[o].order.clone();
        let attempt = &order.attempts[a];
        if !attempt.status(order.total).is_open()
            && let Some(schedule) = self.inquiries.get_mut(&(o, a))
        {
            match attempt.next_inquiry(order.total, &event, is_new) {
                NextInquiry::Now => schedule.schedule_now(now),
                NextInquiry::At(next_inquiry_at) => schedule.next_inquiry_at = next_inquiry_at,
                NextInquiry::Unchanged => {}
            }
        }
        Ok(order)
    }

    fn apply_refund_history(
        &mut self,
        external_id: &ExternalId,
        history: &RefundHistory,
        now: Timestamp,
    ) {
        for (refund, leased_until) in &mut self.refunds {
            if refund.payment_external_id != *external_id || !refund.state.is_reserved() {
                continue;
            }
            if let Some(end) = refund::ending(history, &refund.number, refund.amount) {
                refund.state = end;
                refund.try_at = now;
                *leased_until = Timestamp::EPOCH;
            }
        }
    }

    /// Reserves the automatic refunds; returns whether the order's payment is wanted.
    fn reserve_automatic_refunds(
        &mut self,
        order: &StoredOrder,
        before: OrderStatus,
        late_payments: LatePaymentPolicy,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let ours = self.refunds_of(&order.id);
        let automatic = automatic_refunds(order, before, late_payments, &ours)
            .ok_or(Error::CorruptRow("refunds"))?;
        let reason = automatic.reason;
        for (index, amount) in automatic.parts {
            let attempt = &order.attempts[index];
            let number = PartnerRefundNo::from(format!("R{}", self.refunds.len() + 1));
            let request = refund::request(attempt, &number, amount, reason);
            let refund = StoredRefund {
                external_id: format!("X{number}").into(),
                order_id: order.id.clone(),
                payment_external_id: attempt.external_id.clone(),
                amount,
                reason,
                request: serde_json::to_string(&request)
                    .map_err(|_| Error::CorruptRow("a refund"))?,
                state: RefundState::Open,
                progress: RefundProgress {
                    created_at: now,
                    sent: None,
                },
                tries: 0,
                answer: None,
                try_at: now,
                number,
            };
            self.refunds.push((refund, Timestamp::EPOCH));
        }
        Ok(automatic.is_wanted)
    }

    /// All refunds of an order, oldest first.
    pub fn refunds_of(&self, order_id: &OrderId) -> Vec<StoredRefund> {
        let refunds = self.refunds.iter().map(|(refund, _)| refund);
        refunds
            .filter(|refund| refund.order_id == *order_id)
            .cloned()
            .collect()
    }

    /// The refund of a lease that is still held.
    pub(super) fn leased(
        &mut self,
        lease: &LeasedRefund,
    ) -> Option<(&mut StoredRefund, &mut Timestamp)> {
        let mine = |(refund, until): &&mut (StoredRefund, Timestamp)| {
            refund.number == lease.refund.number
                && *until == lease.leased_until
                && refund.state == RefundState::Open
        };
        let (refund, until) = self.refunds.iter_mut().find(mine)?;
        Some((refund, until))
    }
}

/// Returns whether the event is new.
fn insert_event(attempt: &mut Attempt, event: ReceivedEvent) -> bool {
    let is_new = !attempt.events.iter().any(|it| it.event == event.event);
    if is_new {
        attempt.events.push(event);
    }
    is_new
}

fn recompute_status(order: &mut StoredOrder) {
    let attempts: Vec<_> = (order.attempts.iter())
        .map(|attempt| attempt.status(order.total))
        .collect();
    order.status = order_status(&attempts);
}
