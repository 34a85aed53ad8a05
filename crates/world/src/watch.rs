//! Who looks at every step, and says what must not be.
//!
//! Invariant: it judges by GoPay's books, by the merchant's, and by what went over the wire;
//! never by what the code under test says of itself.

use crate::{
    gopay::{Payment, REFUND, Request, State},
    time::HOUR,
    world::World,
};
use contract::OrderStatus;
use gopay_protocol::{
    Amount,
    message::{payment, status},
};
use merchant::domain::{
    order::StoredOrder,
    payment_event::{EventSource, PaymentEvent, ReceivedEvent, order_status, settled_amounts},
    refund::{self, Cause, StoredRefund},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// `I-01` ...
    pub id: &'static str,
    /// What was seen.
    pub seen: String,
}

/// Points that a world has to come to now and then, or it tests less than it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rare {
    /// GoPay made a payment, its answer was lost, and the same request brought it again.
    LostThenAnswered,
    /// The notification came before the answer to the request.
    NoticeBeforeAnswer,
    /// An inquiry found the money that no notification told of.
    InquiryHeals,
    /// Money came for an order that had ended without any.
    PaidLate,
    /// Two payments of one order were paid.
    PaidTwice,
    /// A token was renewed by several at once.
    TokenRace,
    /// Somebody looked at an attempt while somebody else still did.
    LeaseStolen,
    /// A genuine notification was old.
    StaleAuthentic,
    /// Money came that GoPay doubts.
    FraudHold,
    /// The session ended in the middle of paying.
    SignedInAnew,
    /// The container called back twice.
    DoubleCallback,
    /// What was paid too often went back by itself.
    SurplusBack,
    /// A refund whose answer was lost came to its end.
    RefundResolved,
    /// The process died with an answer of GoPay's on its way.
    DiedWaiting,
    /// A payment was called off because GoPay did not repeat its link.
    CalledOff,
}

impl Rare {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::LostThenAnswered,
        Self::NoticeBeforeAnswer,
        Self::InquiryHeals,
        Self::PaidLate,
        Self::PaidTwice,
        Self::TokenRace,
        Self::LeaseStolen,
        Self::StaleAuthentic,
        Self::FraudHold,
        Self::SignedInAnew,
        Self::DoubleCallback,
        Self::SurplusBack,
        Self::RefundResolved,
        Self::DiedWaiting,
        Self::CalledOff,
    ];
}

/// GoPay is asked so often at most in any second by the merchant's own will.
const BUDGET: usize = 5;

/// The longest after its first sending that a request may be sent again.
const LAST_SENDING: u64 = 23 * HOUR;

#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) violations: Vec<Violation>,
    pub(crate) rare: BTreeMap<Rare, u64>,
    /// How many notifications are being heard.
    pub(crate) hearing: u32,
    /// What was sent first under an `X-EXTERNAL-ID`, and when.
    sent: BTreeMap<String, (Value, u64)>,
    lost: BTreeSet<String>,
    inquiries: VecDeque<u64>,
    refunds_lost: BTreeSet<String>,
    /// The amount that a refund's number stands for.
    numbers: BTreeMap<String, u64>,
    /// The order that the answer to a buyer's key named.
    answered: BTreeMap<(String, String), String>,
}

impl Watch {
    pub(crate) fn violated(&mut self, id: &'static str, seen: String) {
        self.violations.push(Violation { id, seen });
    }

    pub(crate) fn saw(&mut self, rare: Rare) {
        *self.rare.entry(rare).or_default() += 1;
    }

    fn expect(&mut self, id: &'static str, holds: bool, seen: impl FnOnce() -> String) {
        if !holds {
            self.violated(id, seen());
        }
    }

    /// The merchant sends something to GoPay.
    pub(crate) fn sent(&mut self, world: &Arc<World>, request: &Request) {
        let now = world.time.elapsed();
        if request.path == status::PATH && world.is_alone() {
            self.inquiries.push_back(now);
            while self.inquiries.front().is_some_and(|at| now - at >= 1_000) {
                self.inquiries.pop_front();
            }
            let count = self.inquiries.len();
            self.expect("I-30", count <= BUDGET, || {
                format!("{count} inquiries in a second")
            });
        }
        if request.path == REFUND {
            self.refund_sent(&request.body);
        }
        if request.path != payment::PATH {
            return;
        }
        let mut body = request.body.clone();
        if let Some(fields) = body.as_object_mut() {
            fields.remove("chargeToken");
        }
        let id = &request.external_id;
        let written = world
            .pages()
            .attempt(id)
            .map(|attempt| attempt.request.clone());
        self.expect("I-15", written.is_some(), || {
            format!("{id} was sent and never written")
        });
        let written = written.unwrap_or_default();
        self.expect("I-12", !written.contains("token-"), || {
            format!("a token in {written}")
        });
        let (first, at) = self
            .sent
            .entry(id.clone())
            .or_insert_with(|| (body.clone(), now))
            .clone();
        self.expect("I-12", first == body, || {
            format!("{id} was sent with another body")
        });
        self.expect("I-13", now - at <= LAST_SENDING, || {
            format!("{id} was sent a day later")
        });
        let amount = body.pointer("/payOptionDetails/0/transAmount/value");
        let exact = amount.and_then(Value::as_str).is_some_and(|amount| {
            amount.split_once('.').is_some_and(|(whole, part)| {
                part == "00" && !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit())
            })
        });
        self.expect("I-08", exact, || format!("an amount of {amount:?}"));
    }

    fn refund_sent(&mut self, body: &Value) {
        let number = body["partnerRefundNo"].as_str().unwrap_or_default();
        let amount = serde_json::from_value::<Amount>(body["refundAmount"].clone())
            .ok()
            .and_then(|amount| amount.rupiah().ok())
            .unwrap_or(0);
        let first = *self.numbers.entry(number.to_owned()).or_insert(amount);
        self.expect("I-07", first == amount && amount > 0, || {
            format!("{number} stands for {first} and {amount}")
        });
    }

    /// GoPay gave money back, and the merchant will not hear of it.
    pub(crate) fn refund_lost(&mut self, external_id: &str) {
        self.refunds_lost.insert(external_id.to_owned());
    }

    /// The refunds of an order, as the merchant's books have them.
    pub(crate) fn refunds(&mut self, order: &StoredOrder, refunds: &[StoredRefund]) {
        for attempt in &order.attempts {
            let of = |counts: fn(refund::State) -> bool| -> u64 {
                let ours = refunds
                    .iter()
                    .filter(|refund| refund.payment == attempt.external_id && counts(refund.state));
                ours.map(|refund| refund.amount.get()).sum()
            };
            let findings: Vec<_> = attempt.events.iter().map(|said| said.event).collect();
            let paid = settled_amounts(order.total, &findings).paid.get();
            let (done, reserved) = (
                of(|state| state == refund::State::Done),
                of(refund::State::is_reserved),
            );
            self.expect("I-06", done + reserved <= paid, || {
                format!(
                    "{done} went back, {reserved} is to, {paid} came for {}",
                    order.id
                )
            });
        }
        for refund in refunds
            .iter()
            .filter(|refund| refund.state == refund::State::Done)
        {
            if refund.cause == Cause::Surplus {
                self.saw(Rare::SurplusBack);
            }
            if self.refunds_lost.remove(&refund.external_id) {
                self.saw(Rare::RefundResolved);
            }
        }
    }

    /// GoPay made a payment, and the merchant will not hear of it.
    pub(crate) fn answer_lost(&mut self, external_id: &str) {
        self.lost.insert(external_id.to_owned());
    }

    /// The merchant hears of a payment that GoPay made.
    pub(crate) fn answer_came(&mut self, external_id: &str) {
        if self.lost.contains(external_id) {
            self.saw(Rare::LostThenAnswered);
        }
    }

    /// An order in the merchant's books changed; GoPay's books are these.
    pub(crate) fn changed(
        &mut self,
        before: Option<&StoredOrder>,
        after: &StoredOrder,
        payments: &[Payment],
    ) {
        let id = &after.id;
        let fold: Vec<_> = (after.attempts.iter())
            .map(|attempt| attempt.status(after.total))
            .collect();
        self.expect("I-20", after.status == order_status(&fold), || {
            format!("{id} is {:?}, its evidence says otherwise", after.status)
        });
        let open = fold.iter().rev().skip(1).any(|status| status.is_open());
        self.expect("I-11", !open, || {
            format!("{id} has two attempts that can be paid")
        });
        let keys: BTreeSet<_> = (after.attempts.iter())
            .map(|attempt| &attempt.idempotency_key)
            .collect();
        self.expect("I-18", keys.len() == after.attempts.len(), || {
            format!("{id} has two attempts of one key")
        });
        let ids: BTreeSet<_> = (after.attempts.iter())
            .map(|attempt| &attempt.external_id)
            .collect();
        self.expect("I-14", ids.len() == after.attempts.len(), || {
            format!("{id} has two attempts of one X-EXTERNAL-ID")
        });
        for attempt in &after.attempts {
            let theirs = payments
                .iter()
                .find(|payment| payment.external_id == attempt.external_id);
            for said in &attempt.events {
                let held = said.source == EventSource::Inquiry
                    && matches!(said.event, PaymentEvent::Paid(_))
                    && theirs.is_some_and(|theirs| theirs.doubtful);
                self.expect("I-02", !held, || {
                    format!("{id} counts, and GoPay doubts it")
                });
                self.expect("I-27", is_true(*said, theirs), || {
                    format!(
                        "{id}: {:?} from {:?}, but {theirs:?}",
                        said.event, said.source
                    )
                });
            }
            if attempt.deeplink.is_some() {
                let asked = theirs.is_some_and(|theirs| theirs.order() == *id);
                self.expect("I-16", asked, || {
                    format!("{id} can be paid by another's link")
                });
            }
        }
        let paid_in_full = after.attempts.iter().any(|attempt| {
            let mut said = attempt.events.iter();
            said.any(|said| said.event == PaymentEvent::Paid(after.total))
        });
        let doubt = (after.attempts.iter().flat_map(|attempt| &attempt.events))
            .any(|said| matches!(said.event, PaymentEvent::PaidInDoubt(_)));
        let was_owed = before.and_then(|before| before.pickup_code.as_ref());
        if was_owed.is_none() && after.pickup_code.is_some() {
            self.expect("I-02", paid_in_full && !doubt, || {
                format!("{id} is owed and was not paid, or not without a doubt")
            });
        }
        if doubt {
            self.saw(Rare::FraudHold);
        }
        let called_off = (after.attempts.iter().flat_map(|attempt| &attempt.events)).any(|said| {
            said.event == PaymentEvent::NeverMade && said.source == EventSource::Answer
        });
        if called_off {
            self.saw(Rare::CalledOff);
        }
        if let Some(before) = before {
            self.moved(before, after);
        }
    }

    fn moved(&mut self, before: &StoredOrder, after: &StoredOrder) {
        let id = &after.id;
        self.expect(
            "I-09",
            before.total == after.total && before.lines == after.lines,
            || format!("{id} costs something else now"),
        );
        self.expect(
            "I-01",
            before.pickup_code.is_none() || before.pickup_code == after.pickup_code,
            || format!("{id} is owed twice"),
        );
        let said = |order: &StoredOrder| -> usize {
            order
                .attempts
                .iter()
                .map(|attempt| attempt.events.len())
                .sum()
        };
        let kept = (before.attempts.iter().zip(&after.attempts))
            .all(|(before, after)| after.events.starts_with(&before.events));
        self.expect("I-23", kept, || format!("{id} lost evidence"));
        let moved = before.status != after.status;
        let grew = said(after) > said(before) || after.attempts.len() > before.attempts.len();
        self.expect("I-24", !moved || grew, || {
            format!("{id} moved without evidence")
        });
        let unknown = before.status == OrderStatus::Checking && moved;
        self.expect("I-17", !unknown || said(after) > said(before), || {
            format!("{id} is no longer unknown, and nobody said why")
        });
        // A review without money ends with GoPay's word, whatever it is.
        let had_money = (before.attempts.iter()).any(|attempt| attempt.known_money().is_some());
        self.expect("I-22", !had_money || after.status.took_money(), || {
            format!("{id} was {:?} and is {:?}", before.status, after.status)
        });
        let now_paid = !before.status.took_money() && after.status.took_money();
        let newest = (after.attempts.iter())
            .flat_map(|attempt| &attempt.events)
            .filter(|said| said.event.is_money())
            .max_by_key(|said| said.received_at);
        if now_paid && newest.is_some_and(|said| said.source == EventSource::Inquiry) {
            self.saw(Rare::InquiryHeals);
        }
        let ended = !before.status.is_open() && !before.status.took_money();
        if now_paid && ended {
            self.saw(Rare::PaidLate);
        }
        let paid = (after.attempts.iter())
            .filter(|attempt| attempt.events.iter().any(|said| said.event.is_money()))
            .count();
        if paid > 1 {
            self.saw(Rare::PaidTwice);
        }
    }

    /// A phone was told of an order under a key.
    pub(crate) fn told(&mut self, customer: &str, key: &str, order: &str) {
        let first = self
            .answered
            .entry((customer.to_owned(), key.to_owned()))
            .or_insert_with(|| order.to_owned())
            .clone();
        self.expect("I-18", first == order, || {
            format!("{key} is {first} and {order}")
        });
    }
}

/// Whether GoPay's books bear out what the merchant wrote down.
fn is_true(said: ReceivedEvent, theirs: Option<&Payment>) -> bool {
    let is_answer = said.source == EventSource::Answer;
    let Some(theirs) = theirs else {
        return match said.event {
            PaymentEvent::Refused | PaymentEvent::NeverMade | PaymentEvent::GivenUp => true,
            // GoPay knows no such payment, and the buyer has no link to one.
            PaymentEvent::Cancelled => is_answer,
            _ => false,
        };
    };
    match said.event {
        PaymentEvent::Made | PaymentEvent::GivenUp => true,
        // A copy of the request may have made one that nobody can open.
        PaymentEvent::Refused | PaymentEvent::NeverMade => !matches!(theirs.state, State::Paid(_)),
        PaymentEvent::Paid(amount) | PaymentEvent::PaidInDoubt(amount) => {
            matches!(theirs.state, State::Paid(_)) && theirs.amount == amount.get()
        }
        PaymentEvent::Refunded(amount) => theirs.refunded() >= amount.get(),
        PaymentEvent::Cancelled if is_answer => !matches!(theirs.state, State::Paid(_)),
        PaymentEvent::Cancelled => theirs.state == State::Cancelled,
        PaymentEvent::Reversed => false,
        PaymentEvent::Failed => theirs.state == State::Failed,
        PaymentEvent::Expired => theirs.state == State::Expired || theirs.paid_late,
    }
}
