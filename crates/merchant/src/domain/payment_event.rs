//! An order's status, as a fold over all that GoPay ever said about its payments.
//!
//! Invariant: the status depends on the set of events alone, not on their order or repetitions. Only
//! GoPay's word makes an order paid, and only a refund takes that back.

use super::{operator_policy::PaidWithoutAmount, time::Timestamp};
use contract::{OrderStatus, Rupiah};
use gopay_protocol::{
    Amount, LatestTransactionStatus,
    message::{fraud_status::FraudStatus, notify, status},
};
use strum::{EnumString, IntoStaticStr};

/// One thing GoPay said about one attempt to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum PaymentEvent {
    /// The payment exists and waits for the buyer.
    #[strum(serialize = "made")]
    Created,
    /// There is no payment: GoPay refused to make it.
    Refused,
    /// There is no payment, and nothing left that could become one.
    #[strum(serialize = "never_made")]
    NeverCreated,
    /// The buyer paid this amount.
    Paid(Rupiah),
    /// The buyer paid, and staff have to review it: GoPay doubts that it was the buyer, or did not
    /// name the amount in whole rupiah. At least this amount was paid.
    PaidInDoubt(Rupiah),
    /// GoPay said that it was paid, and answers an inquiry later that it was not.
    Reversed,
    /// This amount went back in all.
    Refunded(Rupiah),
    /// Called off.
    Cancelled,
    /// It did not work out.
    Failed,
    /// The time to pay is over.
    Expired,
    /// Inquiries did not find its end in time. They go on.
    GivenUp,
}

impl PaymentEvent {
    /// Whether it tells of a payment, whatever became of the money.
    pub const fn is_money(self) -> bool {
        matches!(
            self,
            Self::Paid(_) | Self::PaidInDoubt(_) | Self::Refunded(_)
        )
    }
}

/// An event, and how it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceivedEvent {
    pub event: PaymentEvent,
    pub source: EventSource,
    pub received_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum EventSource {
    /// The answer to the request itself.
    Answer,
    Notification,
    /// The merchant's own inquiry, or the lack of an answer to it.
    Inquiry,
}

/// What a message says of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterpretedMessage {
    Event(PaymentEvent),
    /// No event: still pending, not found, or a status this program does not know.
    NoEvent,
    /// An event that the message does not say enough of: an inquiry has to find it.
    NeedsInquiry,
}

/// A payment that an inquiry is about.
#[derive(Debug, Clone, Copy)]
pub struct InquiredPayment {
    /// What it was asked for with.
    pub total: Rupiah,
    /// What was known of its money before.
    pub known: Option<PaymentEvent>,
    /// What it counts as where no amount is named.
    pub without_amount: PaidWithoutAmount,
}

/// Reads a verified notification.
pub fn interpret_notification(notification: &notify::Notification) -> InterpretedMessage {
    let info = &notification.additional_info;
    match &notification.latest_transaction_status {
        Some(status) => read(
            status,
            notification.amount.as_ref(),
            info.fraud_status,
            &info.refund_history,
            None,
        ),
        None => InterpretedMessage::NeedsInquiry,
    }
}

/// Reads the answer to the merchant's own inquiry.
pub fn interpret_inquiry(inquiry: &status::Response, asked: InquiredPayment) -> InterpretedMessage {
    match &inquiry.latest_transaction_status {
        Some(status) => read(
            status,
            inquiry.trans_amount.as_ref(),
            inquiry.additional_info.fraud_status,
            &inquiry.refund_history,
            Some(asked),
        ),
        None => InterpretedMessage::NoEvent,
    }
}

/// How much of a payment went back, as far as the history can be read. Two entries of one refund
/// count once. An entry that names no amount counts with what `known` has of it.
pub fn total_refunded(
    history: &notify::RefundHistory,
    known: impl Fn(&notify::Refund) -> Option<Rupiah>,
) -> Rupiah {
    let mut counted: Vec<&notify::Refund> = Vec::new();
    for refund in &history.refunds {
        let is_again = counted.iter().any(|known| known.is_same(refund));
        if refund.is_done() == Some(true) && !is_again {
            counted.push(refund);
        }
    }
    let amounts = counted.iter().filter_map(|refund| {
        let named = refund.rupiah();
        named.or_else(|| known(refund).map(Rupiah::get))
    });
    Rupiah::new(amounts.fold(0, u64::saturating_add))
}

/// | status | amount | a notification | an inquiry |
/// |---|---|---|---|
/// | success | whole rupiah | paid | paid |
/// | success | not whole rupiah | ask | paid in doubt |
/// | success | none | ask | as the policy says |
/// | refunded | so much went back | refunded | refunded |
/// | refunded | not said | ask | what is known, else paid in doubt |
///
/// A success that GoPay denies is paid in doubt; where it cannot be read whether it does, a
/// notification makes the merchant ask.
fn read(
    status: &LatestTransactionStatus,
    amount: Option<&Amount>,
    fraud: FraudStatus,
    history: &notify::RefundHistory,
    asked: Option<InquiredPayment>,
) -> InterpretedMessage {
    use LatestTransactionStatus as Status;
    let denied = fraud != FraudStatus::Accepted;
    let event = match status {
        Status::Success if fraud == FraudStatus::Unreadable && asked.is_none() => {
            return InterpretedMessage::NeedsInquiry;
        }
        Status::Success => match (amount.map(Amount::rupiah), asked) {
            (Some(Ok(amount)), _) if denied => PaymentEvent::PaidInDoubt(Rupiah::new(amount)),
            (Some(Ok(amount)), _) => PaymentEvent::Paid(Rupiah::new(amount)),
            (_, None) => return InterpretedMessage::NeedsInquiry,
            (Some(Err(_)), Some(_)) => PaymentEvent::PaidInDoubt(Rupiah::ZERO),
            (None, Some(asked)) if denied => PaymentEvent::PaidInDoubt(asked.total),
            (None, Some(asked)) => asked.known.unwrap_or(match asked.without_amount {
                PaidWithoutAmount::Paid => PaymentEvent::Paid(asked.total),
                PaidWithoutAmount::Review => PaymentEvent::PaidInDoubt(asked.total),
            }),
        },
        Status::Refunded => match (total_refunded(history, |_| None), asked) {
            (Rupiah::ZERO, None) => return InterpretedMessage::NeedsInquiry,
            (Rupiah::ZERO, Some(asked)) => asked
                .known
                .unwrap_or(PaymentEvent::PaidInDoubt(asked.total)),
            (sum, _) => PaymentEvent::Refunded(sum),
        },
        Status::Canceled => PaymentEvent::Cancelled,
        Status::Failed | Status::Rejected => PaymentEvent::Failed,
        Status::Expired => PaymentEvent::Expired,
        Status::Pending | Status::Initiated | Status::NotFound | Status::Other(_) => {
            return InterpretedMessage::NoEvent;
        }
    };
    InterpretedMessage::Event(event)
}

/// What became of one attempt's money, by GoPay's word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PaymentAmounts {
    /// So much was paid; where GoPay named several amounts, the least.
    pub paid: Rupiah,
    /// So much of it went back.
    pub refunded: Rupiah,
    /// It was the order's amount, and GoPay never doubted it or named another.
    pub in_full: bool,
}

/// What became of the money of one attempt to pay `total`.
///
/// A refund without an event of its payment means that `total` was paid, and so does a payment
/// of an amount that cannot be read: staff may refund it.
pub fn payment_amounts(total: Rupiah, events: &[PaymentEvent]) -> PaymentAmounts {
    let amounts = || {
        events.iter().filter_map(|event| match event {
            PaymentEvent::Paid(amount) => Some((*amount, true)),
            PaymentEvent::PaidInDoubt(amount) => Some((*amount, false)),
            _ => None,
        })
    };
    let refunded = refunded(events);
    let is_paid = refunded.is_some() || amounts().next().is_some();
    // Zero is an amount that could not be read.
    let heard = amounts().map(|(amount, _)| amount);
    let heard = heard.filter(|amount| *amount > Rupiah::ZERO).min();
    PaymentAmounts {
        paid: heard.or(is_paid.then_some(total)).unwrap_or(Rupiah::ZERO),
        refunded: refunded.unwrap_or(Rupiah::ZERO),
        in_full: is_paid
            && !events.contains(&PaymentEvent::Reversed)
            && amounts().all(|(amount, sure)| sure && amount == total),
    }
}

/// All that went back, by the newest that GoPay said.
fn refunded(events: &[PaymentEvent]) -> Option<Rupiah> {
    let amounts = events.iter().filter_map(|event| match event {
        PaymentEvent::Refunded(amount) => Some(*amount),
        _ => None,
    });
    amounts.max()
}

/// The status of one attempt to pay `total`.
///
/// Money beats no money, whatever came first: a payment in the last second is stronger than
/// the expiry that crossed it. Among the ways of not paying the choice is arbitrary but fixed.
pub fn attempt_status(total: Rupiah, events: &[PaymentEvent]) -> OrderStatus {
    let has = |event| events.contains(&event);
    let paid = || {
        events.iter().filter_map(|event| match event {
            PaymentEvent::Paid(amount) => Some(*amount),
            _ => None,
        })
    };
    let doubtful = || {
        events.iter().filter_map(|event| match event {
            PaymentEvent::PaidInDoubt(amount) => Some(*amount),
            _ => None,
        })
    };
    let refunded = refunded(events);
    if has(PaymentEvent::Reversed)
        || doubtful().next().is_some()
        || paid().any(|amount| amount != total)
    {
        // All of it went back: nothing is left to review.
        let most = paid().chain(doubtful()).max();
        return if refunded.is_some() && refunded == most {
            OrderStatus::Refunded
        } else {
            OrderStatus::Review
        };
    }
    match refunded {
        Some(amount) if amount > total => return OrderStatus::Review,
        Some(amount) if amount == total => return OrderStatus::Refunded,
        Some(_) => return OrderStatus::PartiallyRefunded,
        None => {}
    }
    if paid().next().is_some() {
        OrderStatus::Paid
    } else if has(PaymentEvent::NeverCreated) {
        // Before "cancelled": what the merchant itself called off can be paid anew.
        OrderStatus::Failed
    } else if has(PaymentEvent::Cancelled) {
        OrderStatus::Cancelled
    } else if has(PaymentEvent::Failed) || has(PaymentEvent::Refused) {
        OrderStatus::Failed
    } else if has(PaymentEvent::Expired) {
        OrderStatus::Expired
    } else if has(PaymentEvent::GivenUp) {
        OrderStatus::Review
    } else if has(PaymentEvent::Created) {
        OrderStatus::AwaitingPayment
    } else {
        OrderStatus::Checking
    }
}

/// The status of an order, from those of its attempts, oldest first.
///
/// One that took money and is in review decides; else the one of which the least went
/// back: an order that was paid twice is paid, and what was too much goes back.
pub fn order_status(attempts: &[OrderStatus]) -> OrderStatus {
    [
        OrderStatus::Review,
        OrderStatus::Paid,
        OrderStatus::PartiallyRefunded,
        OrderStatus::Refunded,
    ]
    .into_iter()
    .find(|took_money| attempts.contains(took_money))
    .or(attempts.last().copied())
    .unwrap_or(OrderStatus::Checking)
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    const TOTAL: Rupiah = Rupiah::new(25_000);

    const ALL: [PaymentEvent; 11] = [
        PaymentEvent::Created,
        PaymentEvent::Refused,
        PaymentEvent::NeverCreated,
        PaymentEvent::Paid(TOTAL),
        PaymentEvent::PaidInDoubt(TOTAL),
        PaymentEvent::Reversed,
        PaymentEvent::Refunded(TOTAL),
        PaymentEvent::Cancelled,
        PaymentEvent::Failed,
        PaymentEvent::Expired,
        PaymentEvent::GivenUp,
    ];

    fn status(events: &[PaymentEvent]) -> OrderStatus {
        attempt_status(TOTAL, events)
    }

    #[test]
    fn no_word_from_gopay_means_checking_never_failed() {
        assert_eq!(status(&[]), OrderStatus::Checking);
        assert_eq!(
            status(&[PaymentEvent::Created]),
            OrderStatus::AwaitingPayment
        );
    }

    #[test]
    fn a_late_word_of_failure_does_not_unpay_an_order() {
        for late in [
            PaymentEvent::Failed,
            PaymentEvent::Expired,
            PaymentEvent::Cancelled,
            PaymentEvent::Created,
        ] {
            assert_eq!(
                status(&[PaymentEvent::Paid(TOTAL), late]),
                OrderStatus::Paid
            );
            assert_eq!(
                status(&[late, PaymentEvent::Paid(TOTAL)]),
                OrderStatus::Paid
            );
        }
    }

    #[test]
    fn a_payment_without_an_end_is_in_review_until_gopay_tells_it() {
        assert_eq!(
            status(&[PaymentEvent::Created, PaymentEvent::GivenUp]),
            OrderStatus::Review
        );
        assert_eq!(
            status(&[PaymentEvent::GivenUp, PaymentEvent::Paid(TOTAL)]),
            OrderStatus::Paid
        );
    }

    #[test]
    fn another_amount_is_in_review() {
        let less = PaymentEvent::Paid(Rupiah::new(1));
        assert_eq!(status(&[less]), OrderStatus::Review);
        assert_eq!(
            status(&[PaymentEvent::Paid(TOTAL), less]),
            OrderStatus::Review
        );
    }

    #[test]
    fn money_in_doubt_is_not_paid() {
        assert_eq!(
            status(&[PaymentEvent::PaidInDoubt(TOTAL), PaymentEvent::Paid(TOTAL)]),
            OrderStatus::Review
        );
    }

    #[test]
    fn a_payment_in_review_is_over_when_all_of_it_went_back() {
        let less = Rupiah::new(1);
        for paid in [PaymentEvent::Paid(less), PaymentEvent::PaidInDoubt(less)] {
            let part = [paid, PaymentEvent::Refunded(Rupiah::ZERO)];
            assert_eq!(status(&part), OrderStatus::Review);
            let all = [paid, PaymentEvent::Refunded(less)];
            assert_eq!(status(&all), OrderStatus::Refunded);
            assert!(!payment_amounts(TOTAL, &all).in_full);
            let more = [
                paid,
                PaymentEvent::Paid(TOTAL),
                PaymentEvent::Refunded(less),
            ];
            assert_eq!(status(&more), OrderStatus::Review);
        }
    }

    #[test]
    fn a_refund_counts_even_when_it_is_heard_of_first() {
        let part = PaymentEvent::Refunded(Rupiah::new(10_000));
        assert_eq!(status(&[part]), OrderStatus::PartiallyRefunded);
        assert_eq!(
            status(&[
                part,
                PaymentEvent::Paid(TOTAL),
                PaymentEvent::Refunded(TOTAL)
            ]),
            OrderStatus::Refunded
        );
    }

    #[test]
    fn order_and_repetition_of_the_evidence_change_nothing() {
        for subset in 0..(1_u32 << ALL.len()) {
            let mut events: Vec<_> = ALL
                .into_iter()
                .enumerate()
                .filter(|(bit, _)| subset & (1 << bit) != 0)
                .map(|(_, event)| event)
                .collect();
            let expected = status(&events);
            for _ in 0..events.len() {
                events.rotate_left(1);
                assert_eq!(status(&events), expected, "{events:?}");
            }
            events.reverse();
            events.extend_from_within(..);
            assert_eq!(status(&events), expected, "{events:?}");
        }
    }

    #[test]
    fn an_order_paid_twice_is_paid_until_all_of_it_went_back() {
        use OrderStatus::{
            AwaitingPayment, Expired, Failed, Paid, PartiallyRefunded, Refunded, Review,
        };
        assert_eq!(order_status(&[Expired, AwaitingPayment]), AwaitingPayment);
        assert_eq!(order_status(&[Paid, Failed]), Paid);
        assert_eq!(order_status(&[Failed, Paid]), Paid);
        assert_eq!(order_status(&[Paid, Paid]), Paid);
        assert_eq!(order_status(&[Refunded, Paid]), Paid);
        assert_eq!(
            order_status(&[Refunded, PartiallyRefunded]),
            PartiallyRefunded
        );
        assert_eq!(order_status(&[Refunded, Refunded]), Refunded);
        assert_eq!(order_status(&[Paid, Review]), Review);
    }

    fn amount(text: &str) -> Amount {
        serde_json::from_str(text).unwrap()
    }

    fn asked(
        known: Option<PaymentEvent>,
        without_amount: PaidWithoutAmount,
    ) -> Option<InquiredPayment> {
        Some(InquiredPayment {
            total: TOTAL,
            known,
            without_amount,
        })
    }

    fn success(
        amount: Option<&Amount>,
        denied: bool,
        asked: Option<InquiredPayment>,
    ) -> InterpretedMessage {
        let fraud = match denied {
            true => FraudStatus::Denied,
            false => FraudStatus::Accepted,
        };
        doubted(amount, fraud, asked)
    }

    fn doubted(
        amount: Option<&Amount>,
        fraud: FraudStatus,
        asked: Option<InquiredPayment>,
    ) -> InterpretedMessage {
        let status = LatestTransactionStatus::Success;
        read(&status, amount, fraud, notify::RefundHistory::EMPTY, asked)
    }

    #[test]
    fn a_fraud_status_that_cannot_be_read_is_asked_about_and_then_reviewed() {
        let (total, unreadable) = (Amount::idr(TOTAL.get()), FraudStatus::Unreadable);
        assert_eq!(
            doubted(Some(&total), unreadable, None),
            InterpretedMessage::NeedsInquiry
        );
        for amount in [Some(&total), None] {
            let inquired = doubted(amount, unreadable, asked(None, PaidWithoutAmount::Paid));
            let doubt = InterpretedMessage::Event(PaymentEvent::PaidInDoubt(TOTAL));
            assert_eq!(inquired, doubt);
        }
    }

    #[test]
    fn a_notified_success_without_a_readable_amount_has_to_be_asked_about() {
        for odd in [
            None,
            Some(amount(r#"{"value":"25000.50","currency":"IDR"}"#)),
            Some(amount(r#"{"value":"25000.00","currency":"USD"}"#)),
        ] {
            assert_eq!(
                success(odd.as_ref(), false, None),
                InterpretedMessage::NeedsInquiry,
                "{odd:?}"
            );
        }
    }

    #[test]
    fn a_success_that_names_no_amount_counts_as_the_policy_says() {
        use PaidWithoutAmount::{Paid, Review};
        let paid = PaymentEvent::Paid(TOTAL);
        let doubt = PaymentEvent::PaidInDoubt(TOTAL);
        for (known, policy, denied, counts) in [
            (None, Paid, false, paid),
            (None, Review, false, doubt),
            (None, Paid, true, doubt),
            // A notification named the amount before.
            (Some(paid), Review, false, paid),
            (Some(paid), Paid, true, doubt),
        ] {
            let reading = success(None, denied, asked(known, policy));
            assert_eq!(
                reading,
                InterpretedMessage::Event(counts),
                "{known:?} {policy:?}"
            );
        }
    }

    /// F37
    #[test]
    fn a_success_that_names_no_rupiah_is_reviewed_at_once() {
        for odd in [
            r#"{"value":"25000.00","currency":"USD"}"#,
            r#"{"value":"25000.50","currency":"IDR"}"#,
            r#"{"value":"25.000,00","currency":"IDR"}"#,
            r#"{"value":{"value":"1.00"},"currency":"IDR"}"#,
            r#"[{"value":"25000.00"},{"value":"25000.00"}]"#,
            "true",
        ] {
            let reading = success(
                Some(&amount(odd)),
                false,
                asked(None, PaidWithoutAmount::Paid),
            );
            let doubt = PaymentEvent::PaidInDoubt(Rupiah::ZERO);
            assert_eq!(reading, InterpretedMessage::Event(doubt), "{odd}");
            assert_eq!(status(&[doubt]), OrderStatus::Review);
            // So that staff can give it back.
            assert_eq!(payment_amounts(TOTAL, &[doubt]).paid, TOTAL);
            assert_eq!(
                payment_amounts(TOTAL, &[PaymentEvent::Paid(TOTAL), doubt]).paid,
                TOTAL
            );
        }
    }

    #[test]
    fn a_refund_of_unknown_amount_does_not_unpay_and_does_not_pay() {
        let refunded = |history: &str, asked| {
            let history: notify::RefundHistory = serde_json::from_str(history).unwrap();
            let status = LatestTransactionStatus::Refunded;
            read(&status, None, FraudStatus::Accepted, &history, asked)
        };
        let paid = PaymentEvent::Paid(TOTAL);
        for history in [
            "[]",
            "null",
            r#"[{"refundNo":"1","refundStatus":"00"}]"#,
            r#"["?"]"#,
        ] {
            let known = asked(Some(paid), PaidWithoutAmount::Paid);
            assert_eq!(refunded(history, known), InterpretedMessage::Event(paid));
            let unknown = asked(None, PaidWithoutAmount::Paid);
            let doubt = InterpretedMessage::Event(PaymentEvent::PaidInDoubt(TOTAL));
            assert_eq!(refunded(history, unknown), doubt);
            assert_eq!(refunded(history, None), InterpretedMessage::NeedsInquiry);
        }
    }

    /// W61
    #[test]
    fn a_refund_that_is_listed_twice_went_back_once() {
        let history =
            |text: &str| total_refunded(&serde_json::from_str(text).unwrap(), |_| None).get();
        let entry = |no: &str, status: &str, amount: &str| {
            format!(
                r#"{{"refundNo":"{no}","refundStatus":"{status}","refundAmount":{{"value":"{amount}","currency":"IDR"}}}}"#
            )
        };
        let one = entry("1", "00", "10000.00");
        let two = entry("2", "00", "10000.00");
        let failed = entry("3", "06", "5000.00");
        assert_eq!(history(&format!("[{one},{one}]")), 10_000);
        assert_eq!(history(&format!("[{one},{two},{failed}]")), 20_000);
        assert_eq!(
            history(&format!("[{one},{}]", entry("9", "03", ""))),
            10_000
        );
        assert_eq!(history(&format!("[{one},null,7]")), 10_000);
        let ours = |number: &str| {
            format!(
                r#"{{"partnerReferenceNo":"O","partnerRefundNo":"{number}","refundStatus":"00","refundAmount":10000}}"#
            )
        };
        let (three, four) = (ours("R-3"), ours("R-4"));
        assert_eq!(history(&format!("[{three},{four},{three}]")), 20_000);
        let unnamed = serde_json::from_str(r#"[{"partnerRefundNo":"R-3","refundStatus":"00"}]"#);
        let known = |refund: &notify::Refund| refund.is_named(&"R-3".into()).then_some(TOTAL);
        assert_eq!(total_refunded(&unnamed.unwrap(), known), TOTAL);
    }

    #[test]
    fn a_payment_that_gopay_takes_back_is_reviewed_and_never_plainly_paid() {
        for other in [
            None,
            Some(PaymentEvent::Paid(TOTAL)),
            Some(PaymentEvent::Cancelled),
        ] {
            let events: Vec<_> = other.into_iter().chain([PaymentEvent::Reversed]).collect();
            assert_eq!(status(&events), OrderStatus::Review);
            assert!(!payment_amounts(TOTAL, &events).in_full);
        }
        let back = [
            PaymentEvent::Paid(TOTAL),
            PaymentEvent::Reversed,
            PaymentEvent::Refunded(TOTAL),
        ];
        assert_eq!(status(&back), OrderStatus::Refunded);
    }

    #[test]
    fn an_order_whose_payment_was_called_off_can_be_paid_anew() {
        let called_off = [PaymentEvent::NeverCreated, PaymentEvent::Cancelled];
        assert_eq!(status(&called_off), OrderStatus::Failed);
        assert_eq!(status(&[PaymentEvent::Cancelled]), OrderStatus::Cancelled);
    }

    #[test]
    fn an_unknown_status_says_nothing() {
        let odd = LatestTransactionStatus::Other("42".to_owned());
        let reading = read(
            &odd,
            None,
            FraudStatus::Accepted,
            notify::RefundHistory::EMPTY,
            None,
        );
        assert_eq!(reading, InterpretedMessage::NoEvent);
    }
}
