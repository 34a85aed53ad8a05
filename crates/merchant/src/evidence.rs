//! What an order's status is, given all that GoPay ever said about it.
//!
//! Invariant: the status depends on the set of evidence alone, not on its order or its
//! repetitions; nothing but GoPay's word makes an order paid, and nothing but a refund
//! takes that back.
//!
//! Not here: HTTP, SQL, the clock.

use contract::{OrderStatus, Rupiah};
use gopay_protocol::{
    Amount, LatestTransactionStatus,
    message::{notify, status},
};

/// One thing GoPay said about one attempt to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// The payment exists and waits for the buyer.
    Made,
    /// There is no payment: GoPay refused to make it.
    Refused,
    /// There is no payment, and nothing left that could become one.
    NeverMade,
    /// The buyer paid so much.
    Paid(Rupiah),
    /// The buyer paid, and GoPay doubts that it was them.
    PaidInDoubt(Rupiah),
    /// So much went back in all.
    Refunded(Rupiah),
    /// Called off.
    Cancelled,
    /// It did not work out.
    Failed,
    /// Nobody paid in time.
    Expired,
    /// GoPay did not tell its end for more than a day, and was asked for the last time.
    GivenUp,
}

impl Finding {
    /// Whether it tells of money that came, whatever became of it.
    pub const fn is_money(self) -> bool {
        matches!(
            self,
            Self::Paid(_) | Self::PaidInDoubt(_) | Self::Refunded(_)
        )
    }
}

/// What a message says: a finding, or that there is nothing to be found in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Something to keep.
    Finding(Finding),
    /// Nothing new: still pending, not known, or a status this program does not know.
    Nothing,
    /// Something happened, but the message does not say enough: an inquiry has to.
    Ask,
}

/// Reads a verified notification.
pub fn read_notification(notification: &notify::Notification) -> Reading {
    read(
        &notification.latest_transaction_status,
        notification.amount.as_ref(),
        false,
        &notification.additional_info.refund_history,
    )
}

/// Reads the answer to the merchant's own inquiry.
pub fn read_inquiry(inquiry: &status::Response) -> Reading {
    let denied = inquiry
        .additional_info
        .as_ref()
        .and_then(|info| info.fraud_status.as_deref())
        .is_some_and(|fraud| !fraud.eq_ignore_ascii_case("accept"));
    match &inquiry.latest_transaction_status {
        Some(status) => read(
            status,
            inquiry.trans_amount.as_ref(),
            denied,
            &inquiry.refund_history,
        ),
        None => Reading::Nothing,
    }
}

/// How much of a payment went back in all; `None` where an amount cannot be read.
pub fn went_back(refunds: &[notify::Refund]) -> Option<Rupiah> {
    let done = refunds
        .iter()
        .filter(|refund| refund.refund_status == "00")
        .map(|refund| refund.refund_amount.rupiah().ok().map(Rupiah::new))
        .collect::<Option<Vec<_>>>()?;
    Rupiah::sum(done)
}

fn read(
    status: &LatestTransactionStatus,
    amount: Option<&Amount>,
    denied: bool,
    refunds: &[notify::Refund],
) -> Reading {
    use LatestTransactionStatus as Status;
    let rupiah = |amount: &Amount| amount.rupiah().ok().map(Rupiah::new);
    match status {
        Status::Success => match amount.and_then(rupiah) {
            Some(amount) if denied => Reading::Finding(Finding::PaidInDoubt(amount)),
            Some(amount) => Reading::Finding(Finding::Paid(amount)),
            None => Reading::Ask,
        },
        Status::Refunded => match went_back(refunds) {
            Some(sum) if sum > Rupiah::ZERO => Reading::Finding(Finding::Refunded(sum)),
            _ => Reading::Ask,
        },
        Status::Canceled => Reading::Finding(Finding::Cancelled),
        Status::Failed | Status::Rejected => Reading::Finding(Finding::Failed),
        Status::Expired => Reading::Finding(Finding::Expired),
        Status::Pending | Status::Initiated | Status::NotFound | Status::Other(_) => {
            Reading::Nothing
        }
    }
}

/// What became of one attempt's money, by GoPay's word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Money {
    /// So much was paid; where GoPay named several amounts, the least.
    pub paid: Rupiah,
    /// So much of it went back.
    pub refunded: Rupiah,
    /// It was the order's amount, and GoPay never doubted it or named another.
    pub in_full: bool,
}

/// What became of the money of one attempt to pay `total`.
///
/// A refund that was heard of without its payment means that `total` was paid.
pub fn money(total: Rupiah, findings: &[Finding]) -> Money {
    let amounts = || {
        findings.iter().filter_map(|finding| match finding {
            Finding::Paid(amount) => Some((*amount, true)),
            Finding::PaidInDoubt(amount) => Some((*amount, false)),
            _ => None,
        })
    };
    let refunded = refunded(findings);
    let heard = amounts().map(|(amount, _)| amount).min();
    Money {
        paid: heard.or(refunded.map(|_| total)).unwrap_or(Rupiah::ZERO),
        refunded: refunded.unwrap_or(Rupiah::ZERO),
        in_full: (heard.is_some() || refunded.is_some())
            && amounts().all(|(amount, sure)| sure && amount == total),
    }
}

/// All that went back, by the newest that GoPay said.
fn refunded(findings: &[Finding]) -> Option<Rupiah> {
    let amounts = findings.iter().filter_map(|finding| match finding {
        Finding::Refunded(amount) => Some(*amount),
        _ => None,
    });
    amounts.max()
}

/// The status of one attempt to pay `total`.
///
/// Money beats no money, whatever came first: a payment in the last second is stronger than
/// the expiry that crossed it. Among the ways of not paying the choice is arbitrary but fixed.
pub fn attempt_status(total: Rupiah, findings: &[Finding]) -> OrderStatus {
    let has = |finding| findings.contains(&finding);
    let paid = || {
        findings.iter().filter_map(|finding| match finding {
            Finding::Paid(amount) => Some(*amount),
            _ => None,
        })
    };
    let doubtful = || {
        findings.iter().filter_map(|finding| match finding {
            Finding::PaidInDoubt(amount) => Some(*amount),
            _ => None,
        })
    };
    let refunded = refunded(findings);
    if doubtful().next().is_some() || paid().any(|amount| amount != total) {
        // All of it went back: nothing is left to look at.
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
    } else if has(Finding::Cancelled) {
        OrderStatus::Cancelled
    } else if has(Finding::Failed) || has(Finding::Refused) || has(Finding::NeverMade) {
        OrderStatus::Failed
    } else if has(Finding::Expired) {
        OrderStatus::Expired
    } else if has(Finding::GivenUp) {
        OrderStatus::Review
    } else if has(Finding::Made) {
        OrderStatus::AwaitingPayment
    } else {
        OrderStatus::Checking
    }
}

/// The status of an order, from those of its attempts, oldest first.
///
/// One that took money and has to be looked at decides; else the one of which the least went
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

    const ALL: [Finding; 10] = [
        Finding::Made,
        Finding::Refused,
        Finding::NeverMade,
        Finding::Paid(TOTAL),
        Finding::PaidInDoubt(TOTAL),
        Finding::Refunded(TOTAL),
        Finding::Cancelled,
        Finding::Failed,
        Finding::Expired,
        Finding::GivenUp,
    ];

    fn status(findings: &[Finding]) -> OrderStatus {
        attempt_status(TOTAL, findings)
    }

    #[test]
    fn no_word_from_gopay_means_checking_never_failed() {
        assert_eq!(status(&[]), OrderStatus::Checking);
        assert_eq!(status(&[Finding::Made]), OrderStatus::AwaitingPayment);
    }

    #[test]
    fn a_late_word_of_failure_does_not_unpay_an_order() {
        for late in [
            Finding::Failed,
            Finding::Expired,
            Finding::Cancelled,
            Finding::Made,
        ] {
            assert_eq!(status(&[Finding::Paid(TOTAL), late]), OrderStatus::Paid);
            assert_eq!(status(&[late, Finding::Paid(TOTAL)]), OrderStatus::Paid);
        }
    }

    #[test]
    fn what_gopay_never_told_the_end_of_is_for_a_person_to_look_at_until_it_does() {
        assert_eq!(
            status(&[Finding::Made, Finding::GivenUp]),
            OrderStatus::Review
        );
        assert_eq!(
            status(&[Finding::GivenUp, Finding::Paid(TOTAL)]),
            OrderStatus::Paid
        );
    }

    #[test]
    fn another_amount_is_for_a_person_to_look_at() {
        let less = Finding::Paid(Rupiah::new(1));
        assert_eq!(status(&[less]), OrderStatus::Review);
        assert_eq!(status(&[Finding::Paid(TOTAL), less]), OrderStatus::Review);
    }

    #[test]
    fn money_in_doubt_is_not_paid() {
        assert_eq!(
            status(&[Finding::PaidInDoubt(TOTAL), Finding::Paid(TOTAL)]),
            OrderStatus::Review
        );
    }

    #[test]
    fn a_payment_to_look_at_is_over_when_all_of_it_went_back() {
        let less = Rupiah::new(1);
        for paid in [Finding::Paid(less), Finding::PaidInDoubt(less)] {
            let part = [paid, Finding::Refunded(Rupiah::ZERO)];
            assert_eq!(status(&part), OrderStatus::Review);
            let all = [paid, Finding::Refunded(less)];
            assert_eq!(status(&all), OrderStatus::Refunded);
            assert!(!money(TOTAL, &all).in_full);
            let more = [paid, Finding::Paid(TOTAL), Finding::Refunded(less)];
            assert_eq!(status(&more), OrderStatus::Review);
        }
    }

    #[test]
    fn a_refund_counts_even_when_it_is_heard_of_first() {
        let part = Finding::Refunded(Rupiah::new(10_000));
        assert_eq!(status(&[part]), OrderStatus::PartiallyRefunded);
        assert_eq!(
            status(&[part, Finding::Paid(TOTAL), Finding::Refunded(TOTAL)]),
            OrderStatus::Refunded
        );
    }

    #[test]
    fn order_and_repetition_of_the_evidence_change_nothing() {
        for subset in 0..(1_u32 << ALL.len()) {
            let mut findings: Vec<_> = ALL
                .into_iter()
                .enumerate()
                .filter(|(bit, _)| subset & (1 << bit) != 0)
                .map(|(_, finding)| finding)
                .collect();
            let expected = status(&findings);
            for _ in 0..findings.len() {
                findings.rotate_left(1);
                assert_eq!(status(&findings), expected, "{findings:?}");
            }
            findings.reverse();
            findings.extend_from_within(..);
            assert_eq!(status(&findings), expected, "{findings:?}");
        }
    }

    #[test]
    fn what_is_paid_twice_is_paid_until_all_of_it_went_back() {
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

    #[test]
    fn a_success_without_a_readable_amount_has_to_be_asked_about() {
        for amount in [
            None,
            Some(Amount {
                value: "25000.50".to_owned(),
                currency: "IDR".to_owned(),
            }),
            Some(Amount {
                value: "25000.00".to_owned(),
                currency: "USD".to_owned(),
            }),
        ] {
            let reading = read(
                &LatestTransactionStatus::Success,
                amount.as_ref(),
                false,
                &[],
            );
            assert_eq!(reading, Reading::Ask, "{amount:?}");
        }
    }

    #[test]
    fn an_unknown_status_says_nothing() {
        let odd = LatestTransactionStatus::Other("42".to_owned());
        assert_eq!(read(&odd, None, false, &[]), Reading::Nothing);
    }
}
