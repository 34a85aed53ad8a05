//! Checks the invariants at every step.
//!
//! Invariant: the checks rely on GoPay's state, the merchant's tables and the messages between them,
//! never on statements of the code under test.

use crate::{
    gopay::{Payment, REFUND, State},
    gopay_message::Request,
    mini_apps::MiniAppProfile,
    time::HOUR,
};
use contract::{CustomerId, IdempotencyKey, OrderId, OrderLine, OrderStatus, PaymentWay};
use gopay_protocol::{
    Amount,
    message::{payment, snap, status},
};
use merchant::domain::{
    attempt::Attempt,
    operator_policy::Confirmation,
    order::StoredOrder,
    payment_event::{EventSource, PaymentEvent, ReceivedEvent, order_status, payment_amounts},
    refund::{self, RefundReason, StoredRefund},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use strum::VariantArray;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// `I-01` ...
    pub id: &'static str,
    pub seen: String,
}

/// Rare situations that runs have to reach, or they test less than they claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
pub enum CoveragePoint {
    /// GoPay made a payment, its response was lost, and the repeated request got it.
    LostThenAnswered,
    /// The notification came before the response to the request.
    NoticeBeforeAnswer,
    /// An inquiry found a payment that no notification reported.
    InquiryHeals,
    /// An order was paid after it had failed or expired.
    PaidLate,
    /// Two payments of one order were paid.
    PaidTwice,
    /// Several requests met an expired token at once.
    TokenRace,
    /// A worker's lease was taken over.
    LeaseStolen,
    /// A genuine notification was stale.
    StaleAuthentic,
    /// GoPay suspected fraud in a payment.
    FraudHold,
    Confirmed,
    /// The session ended during a payment.
    SignedInAnew,
    /// The container called back twice.
    DoubleCallback,
    /// A surplus was refunded automatically.
    SurplusBack,
    /// A refund whose response was lost was completed.
    RefundResolved,
    /// The process crashed while it waited for GoPay.
    DiedWaiting,
    /// A payment was cancelled because GoPay did not repeat its link.
    CalledOff,
    /// A Snap transaction was paid.
    PaidBySnap,
    /// GoPay gave a reward, its response was lost, and the repeated request gave nothing more.
    RewardRepeated,
    /// A reward was smaller, or none, because money went back before.
    RewardReduced,
    /// A reminder was removed.
    ReminderRemoved,
    /// What waited for a customer's next sign-in was sent after it.
    TokenRenewed,
}

const MAX_INQUIRIES_PER_SECOND: usize = 5;

/// How long after its first sending a request may be repeated.
const MAX_REPEAT_AGE: u64 = 23 * HOUR;

#[derive(Debug, Default)]
pub(crate) struct InvariantChecker {
    pub(crate) violations: Vec<Violation>,
    pub(crate) coverage: BTreeMap<CoveragePoint, u64>,
    pub(crate) notifications_in_flight: u32,
    /// The first body under an `X-EXTERNAL-ID`, and its time.
    sent: BTreeMap<String, (Value, u64)>,
    lost_payment_responses: BTreeSet<String>,
    inquiries: VecDeque<u64>,
    lost_refund_responses: BTreeSet<String>,
    /// The amount of each refund number.
    refund_amounts: BTreeMap<String, u64>,
    /// What GoPay carried out under a `Request-Id`, and when.
    mini_app_done: BTreeMap<String, (Value, u64)>,
    lost_reward_responses: BTreeSet<String>,
    /// The order of each customer's idempotency key.
    orders_by_key: BTreeMap<(CustomerId, IdempotencyKey), OrderId>,
}

impl InvariantChecker {
    pub(crate) fn violation(&mut self, id: &'static str, seen: String) {
        self.violations.push(Violation { id, seen });
    }

    pub(crate) fn cover(&mut self, point: CoveragePoint) {
        *self.coverage.entry(point).or_default() += 1;
    }

    fn check(&mut self, id: &'static str, holds: bool, seen: impl FnOnce() -> String) {
        if !holds {
            self.violation(id, seen());
        }
    }

    /// Checks a request to GoPay. `stored` is the attempt's request in the merchant's tables.
    pub(crate) fn sent(
        &mut self,
        request: &Request,
        stored: Option<String>,
        now: u64,
        unattended: bool,
    ) {
        if request.path == status::PATH && unattended {
            self.inquiries.push_back(now);
            while self.inquiries.front().is_some_and(|at| now - at >= 1_000) {
                self.inquiries.pop_front();
            }
            let count = self.inquiries.len();
            self.check("I-30", count <= MAX_INQUIRIES_PER_SECOND, || {
                format!("{count} inquiries in a second")
            });
        }
        if request.path == REFUND {
            self.refund_sent(&request.body);
        }
        let is_snap = request.path == snap::PATH;
        if request.path != payment::PATH && !is_snap {
            return;
        }
        let mut body = request.body.clone();
        if let Some(fields) = body.as_object_mut() {
            fields.remove("chargeToken");
        }
        let id = &request.external_id;
        self.check("I-15", stored.is_some(), || {
            format!("{id} was sent and never written")
        });
        let stored = stored.unwrap_or_default();
        self.check("I-12", !stored.contains("token-"), || {
            format!("a token in {stored}")
        });
        let (first, at) = self
            .sent
            .entry(id.clone())
            .or_insert_with(|| (body.clone(), now))
            .clone();
        self.check("I-12", first == body, || {
            format!("{id} was sent with another body")
        });
        self.check("I-13", now - at <= MAX_REPEAT_AGE, || {
            format!("{id} was sent a day later")
        });
        if is_snap {
            let amount = &body["transaction_details"]["gross_amount"];
            return self.check("I-08", amount.is_u64(), || format!("an amount of {amount}"));
        }
        let amount = body.pointer("/payOptionDetails/0/transAmount/value");
        let exact = amount.and_then(Value::as_str).is_some_and(|amount| {
            amount.split_once('.').is_some_and(|(whole, part)| {
                part == "00" && !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit())
            })
        });
        self.check("I-08", exact, || format!("an amount of {amount:?}"));
    }

    /// Checks that a payment is asked for in the name of the customer's mini app.
    pub(crate) fn is_of_mini_app(&mut self, request: &Request, customer: &CustomerId) {
        let body = &request.body;
        let named = match request.path.as_str() {
            payment::PATH => &body["additionalInfo"]["pointOfPurchaseId"],
            snap::PATH => &body["gopay"]["pop_id"],
            _ => return,
        };
        let own = MiniAppProfile::of(customer).point_of_purchase_id;
        self.check("I-48", named.as_str() == Some(own), || {
            format!("{customer} pays with the point of purchase {named}")
        });
    }

    /// Checks a request of the mini-app API; `is_stored` where the merchant's tables have it like this.
    pub(crate) fn mini_app_sent(&mut self, request: &Request, is_stored: bool, now: u64) {
        let id = &request.request_id;
        self.check("I-15", is_stored, || {
            format!("{id} was sent and is not written like this")
        });
        let Some((first, at)) = self.mini_app_done.get(id).cloned() else {
            return;
        };
        self.check("I-47", first == request.body, || {
            format!("{id} was sent with another body")
        });
        self.check("I-47", now - at <= MAX_REPEAT_AGE, || {
            format!("{id} was sent a day later")
        });
    }

    /// GoPay carried out a request of the mini-app API.
    pub(crate) fn mini_app_done(&mut self, request: &Request, now: u64) {
        self.mini_app_done
            .entry(request.request_id.clone())
            .or_insert_with(|| (request.body.clone(), now));
    }

    pub(crate) fn reward_response_lost(&mut self, id: &str) {
        self.lost_reward_responses.insert(id.to_owned());
    }

    pub(crate) fn reward_response_received(&mut self, id: &str) {
        if self.lost_reward_responses.contains(id) {
            self.cover(CoveragePoint::RewardRepeated);
        }
    }

    fn refund_sent(&mut self, body: &Value) {
        let number = body["partnerRefundNo"].as_str().unwrap_or_default();
        let amount = serde_json::from_value::<Amount>(body["refundAmount"].clone())
            .ok()
            .and_then(|amount| amount.rupiah().ok())
            .unwrap_or(0);
        let first = *self
            .refund_amounts
            .entry(number.to_owned())
            .or_insert(amount);
        self.check("I-07", first == amount && amount > 0, || {
            format!("{number} stands for {first} and {amount}")
        });
    }

    pub(crate) fn refund_response_lost(&mut self, external_id: &str) {
        self.lost_refund_responses.insert(external_id.to_owned());
    }

    /// Checks the refunds of an order in the merchant's tables.
    pub(crate) fn refunds(&mut self, order: &StoredOrder, refunds: &[StoredRefund]) {
        for attempt in &order.attempts {
            let of = |counts: fn(refund::RefundState) -> bool| -> u64 {
                let ours = refunds.iter().filter(|refund| {
                    refund.payment_external_id == attempt.external_id && counts(refund.state)
                });
                ours.map(|refund| refund.amount.get()).sum()
            };
            let events: Vec<_> = attempt.events.iter().map(|it| it.event).collect();
            let paid = payment_amounts(order.total, &events).paid.get();
            let (done, reserved) = (
                of(|state| state == refund::RefundState::Done),
                of(refund::RefundState::is_reserved),
            );
            self.check("I-06", done + reserved <= paid, || {
                format!(
                    "{done} refunded and {reserved} reserved of {paid} paid for {}",
                    order.id
                )
            });
        }
        for refund in refunds
            .iter()
            .filter(|refund| refund.state == refund::RefundState::Done)
        {
            if refund.reason == RefundReason::Surplus {
                self.cover(CoveragePoint::SurplusBack);
            }
            if self
                .lost_refund_responses
                .remove(refund.external_id.as_str())
            {
                self.cover(CoveragePoint::RefundResolved);
            }
        }
    }

    pub(crate) fn payment_response_lost(&mut self, external_id: &str) {
        self.lost_payment_responses.insert(external_id.to_owned());
    }

    pub(crate) fn payment_response_received(&mut self, external_id: &str) {
        if self.lost_payment_responses.contains(external_id) {
            self.cover(CoveragePoint::LostThenAnswered);
        }
    }

    /// Checks a change of an order in the merchant's tables against GoPay's payments.
    pub(crate) fn changed(
        &mut self,
        before: Option<&StoredOrder>,
        after: &StoredOrder,
        payments: &[Payment],
    ) {
        let id = &after.id;
        let statuses: Vec<_> = (after.attempts.iter())
            .map(|attempt| attempt.status(after.total))
            .collect();
        self.check("I-20", after.status == order_status(&statuses), || {
            format!("{id} is {:?}, its events say otherwise", after.status)
        });
        let open = statuses.iter().rev().skip(1).any(|status| status.is_open());
        self.check("I-11", !open, || {
            format!("{id} has two attempts that can be paid")
        });
        let keys: BTreeSet<_> = (after.attempts.iter())
            .map(|attempt| &attempt.idempotency_key)
            .collect();
        self.check("I-18", keys.len() == after.attempts.len(), || {
            format!("{id} has two attempts of one key")
        });
        let ids: BTreeSet<_> = (after.attempts.iter())
            .map(|attempt| &attempt.external_id)
            .collect();
        self.check("I-14", ids.len() == after.attempts.len(), || {
            format!("{id} has two attempts of one X-EXTERNAL-ID")
        });
        for attempt in &after.attempts {
            let payment = payments
                .iter()
                .find(|payment| payment.external_id == attempt.external_id.as_str());
            for received in &attempt.events {
                let held = received.source == EventSource::Inquiry
                    && matches!(received.event, PaymentEvent::Paid(_))
                    && payment.is_some_and(|payment| payment.suspicious);
                self.check("I-02", !held, || {
                    format!("{id} counts as paid, and GoPay suspects fraud")
                });
                self.check("I-27", is_true(*received, payment), || {
                    format!(
                        "{id}: {:?} from {:?}, but {payment:?}",
                        received.event, received.source
                    )
                });
            }
            if attempt.way.is_some() {
                let asked = payment.is_some_and(|payment| payment.order() == id.as_str());
                self.check("I-16", asked, || {
                    format!("{id} can be paid by another's link")
                });
            }
        }
        let paid_in_full = after.attempts.iter().any(|attempt| {
            let mut received = attempt.events.iter();
            received.any(|it| it.event == PaymentEvent::Paid(after.total))
        });
        let doubt = (after.attempts.iter().flat_map(|attempt| &attempt.events))
            .any(|it| matches!(it.event, PaymentEvent::PaidInDoubt(_)));
        let was_owed = before.and_then(|before| before.pickup_code.as_ref());
        if was_owed.is_none() && after.pickup_code.is_some() {
            self.check("I-02", paid_in_full && !doubt, || {
                format!("{id} is fulfilled without a full, unsuspicious payment")
            });
            self.check("I-02", after.confirmation != Confirmation::Awaited, || {
                format!("{id} is fulfilled before its payment is confirmed")
            });
            if after.confirmation == Confirmation::Received {
                self.cover(CoveragePoint::Confirmed);
            }
        }
        let through_snap = |attempt: &Attempt| {
            matches!(attempt.way, Some(PaymentWay::SnapToken(_))) && attempt.known_money().is_some()
        };
        if after.attempts.iter().any(through_snap) {
            self.cover(CoveragePoint::PaidBySnap);
        }
        if doubt {
            self.cover(CoveragePoint::FraudHold);
        }
        let called_off = (after.attempts.iter().flat_map(|attempt| &attempt.events))
            .any(|it| it.event == PaymentEvent::NeverCreated && it.source == EventSource::Answer);
        if called_off {
            self.cover(CoveragePoint::CalledOff);
        }
        let mini_app = MiniAppProfile::of(&after.customer_id);
        let is_sold = |line: &OrderLine| {
            let mut prices = mini_app.prices.iter();
            prices.any(|(id, price)| *id == line.product && *price == line.price.get())
        };
        let is_own = after.mini_app.as_str() == mini_app.id && after.lines.iter().all(is_sold);
        self.check("I-48", is_own, || {
            format!("{id} of {} has {:?}", after.customer_id, after.lines)
        });
        if let Some(before) = before {
            self.transition(before, after);
        }
    }

    fn transition(&mut self, before: &StoredOrder, after: &StoredOrder) {
        let id = &after.id;
        self.check(
            "I-09",
            before.total == after.total && before.lines == after.lines,
            || format!("{id} has another price or other lines"),
        );
        self.check(
            "I-01",
            before.pickup_code.is_none() || before.pickup_code == after.pickup_code,
            || format!("{id} is fulfilled twice"),
        );
        let event_count = |order: &StoredOrder| -> usize {
            order
                .attempts
                .iter()
                .map(|attempt| attempt.events.len())
                .sum()
        };
        let kept = (before.attempts.iter().zip(&after.attempts))
            .all(|(before, after)| after.events.starts_with(&before.events));
        self.check("I-23", kept, || format!("{id} lost an event"));
        let moved = before.status != after.status;
        let grew = event_count(after) > event_count(before)
            || after.attempts.len() > before.attempts.len();
        self.check("I-24", !moved || grew, || {
            format!("{id} changed without an event")
        });
        let unknown = before.status == OrderStatus::Checking && moved;
        self.check(
            "I-17",
            !unknown || event_count(after) > event_count(before),
            || format!("{id} is no longer unknown, without an event"),
        );
        // A review without a payment ends with any event of GoPay's.
        let had_money = (before.attempts.iter()).any(|attempt| attempt.known_money().is_some());
        self.check("I-22", !had_money || after.status.took_money(), || {
            format!("{id} was {:?} and is {:?}", before.status, after.status)
        });
        let now_paid = !before.status.took_money() && after.status.took_money();
        let newest = (after.attempts.iter())
            .flat_map(|attempt| &attempt.events)
            .filter(|it| it.event.is_money())
            .max_by_key(|it| it.received_at);
        if now_paid && newest.is_some_and(|it| it.source == EventSource::Inquiry) {
            self.cover(CoveragePoint::InquiryHeals);
        }
        let ended = !before.status.is_open() && !before.status.took_money();
        if now_paid && ended {
            self.cover(CoveragePoint::PaidLate);
        }
        let paid = (after.attempts.iter())
            .filter(|attempt| attempt.events.iter().any(|it| it.event.is_money()))
            .count();
        if paid > 1 {
            self.cover(CoveragePoint::PaidTwice);
        }
    }

    /// Checks the order in a response to a phone's idempotency key.
    pub(crate) fn answered(
        &mut self,
        customer: &CustomerId,
        key: &IdempotencyKey,
        order: &OrderId,
    ) {
        let first = self
            .orders_by_key
            .entry((customer.clone(), key.clone()))
            .or_insert_with(|| order.clone())
            .clone();
        self.check("I-18", first == *order, || {
            format!("{key} is {first} and {order}")
        });
    }
}

/// Whether GoPay's payment confirms the merchant's event.
fn is_true(received: ReceivedEvent, payment: Option<&Payment>) -> bool {
    let is_response = received.source == EventSource::Answer;
    let Some(payment) = payment else {
        return match received.event {
            PaymentEvent::Refused | PaymentEvent::NeverCreated | PaymentEvent::GivenUp => true,
            // GoPay knows no such payment, and the buyer has no link to one.
            PaymentEvent::Cancelled => is_response,
            _ => false,
        };
    };
    match received.event {
        PaymentEvent::Created | PaymentEvent::GivenUp => true,
        // A copy of the request may have made a payment whose link is unknown.
        PaymentEvent::Refused | PaymentEvent::NeverCreated => {
            !matches!(payment.state, State::Paid(_))
        }
        PaymentEvent::Paid(amount) | PaymentEvent::PaidInDoubt(amount) => {
            matches!(payment.state, State::Paid(_)) && payment.amount == amount.get()
        }
        PaymentEvent::Refunded(amount) => payment.refunded() >= amount.get(),
        PaymentEvent::Cancelled if is_response => !matches!(payment.state, State::Paid(_)),
        PaymentEvent::Cancelled => payment.state == State::Cancelled,
        PaymentEvent::Reversed => false,
        PaymentEvent::Failed => payment.state == State::Failed,
        PaymentEvent::Expired => payment.state == State::Expired || payment.paid_late,
    }
}
