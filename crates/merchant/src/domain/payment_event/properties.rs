//! What is true of the fold whatever GoPay says, in whatever order, and of the amounts it
//! says it with.

use super::*;
use proptest::{collection::vec, prelude::*, sample::select};

const TOTAL: Rupiah = Rupiah::new(25_000);

fn amount() -> impl Strategy<Value = Rupiah> {
    prop_oneof![
        4 => Just(TOTAL),
        2 => select(&[0, 1, 24_999, 25_001, 50_000][..]).prop_map(Rupiah::new),
        1 => (0..=Rupiah::MAX_PAYMENT.get()).prop_map(Rupiah::new),
    ]
}

fn event() -> impl Strategy<Value = PaymentEvent> {
    prop_oneof![
        3 => select(&[
            PaymentEvent::Created,
            PaymentEvent::Refused,
            PaymentEvent::NeverCreated,
            PaymentEvent::Cancelled,
            PaymentEvent::Failed,
            PaymentEvent::Expired,
            PaymentEvent::GivenUp,
            PaymentEvent::Reversed,
        ][..]),
        2 => amount().prop_map(PaymentEvent::Paid),
        1 => amount().prop_map(PaymentEvent::PaidInDoubt),
        1 => amount().prop_map(PaymentEvent::Refunded),
    ]
}

/// The events of an order's attempts, in the order they were received: which attempt, and what.
fn history() -> impl Strategy<Value = Vec<(usize, PaymentEvent)>> {
    vec((0..3_usize, event()), 0..12)
}

fn status(events: &[PaymentEvent]) -> OrderStatus {
    attempt_status(TOTAL, events)
}

/// The status of an order with three attempts.
fn folded(history: &[(usize, PaymentEvent)]) -> OrderStatus {
    let attempts = [0, 1, 2].map(|number| {
        let of_it = history.iter().filter(|(attempt, _)| *attempt == number);
        status(&of_it.map(|(_, event)| *event).collect::<Vec<_>>())
    });
    order_status(&attempts)
}

proptest! {
    // What is found becomes a test by hand, not a file.
    #![proptest_config(ProptestConfig {
        cases: 1_024,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// I-21
    #[test]
    fn the_fold_is_commutative(
        (history, shuffled) in history().prop_flat_map(|history| {
            (Just(history.clone()), Just(history).prop_shuffle())
        })
    ) {
        prop_assert_eq!(folded(&history), folded(&shuffled));
    }

    /// I-21: the events of two recipients, put together later, are those of one.
    #[test]
    fn the_fold_is_associative(a in history(), b in history(), c in history()) {
        let left = [[&a[..], &b[..]].concat(), c.clone()].concat();
        let right = [c, [b, a].concat()].concat();
        prop_assert_eq!(folded(&left), folded(&right));
    }

    /// I-21
    #[test]
    fn the_fold_is_idempotent(history in history(), again in vec(any::<prop::sample::Index>(), 0..12)) {
        let mut repeated = history.clone();
        if !history.is_empty() {
            repeated.extend(again.iter().map(|index| *index.get(&history)));
        }
        prop_assert_eq!(folded(&repeated), folded(&history));
    }

    /// I-22: whatever event follows, paid never goes back but into a refund or a review.
    #[test]
    fn paid_never_goes_back(history in history()) {
        let mut was_paid = false;
        for heard in 0..=history.len() {
            let now = folded(&history[..heard]);
            was_paid |= now == OrderStatus::Paid;
            let may_follow = matches!(
                now,
                OrderStatus::Paid
                    | OrderStatus::PartiallyRefunded
                    | OrderStatus::Refunded
                    | OrderStatus::Review
            );
            prop_assert!(!was_paid || may_follow, "{now:?}");
        }
    }

    /// I-22, from an order that is paid to begin with.
    #[test]
    fn a_paid_order_hears_of_anything_and_has_taken_money(mut history in history()) {
        history.insert(0, (0, PaymentEvent::Paid(TOTAL)));
        let status = folded(&history);
        prop_assert!(!status.is_open(), "{status:?}");
        let lost = [OrderStatus::Cancelled, OrderStatus::Failed, OrderStatus::Expired];
        prop_assert!(!lost.contains(&status), "{status:?}");
    }

    /// I-02, I-20: an order is paid when one attempt took exactly the right amount, with no
    /// doubt and nothing back, and no other is in review.
    #[test]
    fn only_the_whole_amount_without_a_doubt_is_paid(history in history()) {
        if folded(&history) == OrderStatus::Paid {
            let attempts: Vec<Vec<_>> = (0..3).map(|number| {
                let of_it = history.iter().filter(|(attempt, _)| *attempt == number);
                of_it.map(|(_, event)| *event).collect()
            }).collect();
            let whole = |events: &Vec<PaymentEvent>| {
                events.contains(&PaymentEvent::Paid(TOTAL))
                    && events.iter().all(|event| match event {
                        PaymentEvent::Paid(amount) => *amount == TOTAL,
                        PaymentEvent::PaidInDoubt(_) | PaymentEvent::Refunded(_) | PaymentEvent::Reversed => {
                            false
                        }
                        _ => true,
                    })
            };
            prop_assert!(attempts.iter().any(whole));
            for events in &attempts {
                prop_assert_ne!(status(events), OrderStatus::Review);
            }
        }
    }

    /// I-21: and so is what became of the money.
    #[test]
    fn money_depends_on_the_set_of_what_was_said_alone(
        (said, shuffled) in vec(event(), 0..12).prop_flat_map(|said| {
            (Just(said.clone()), Just(said).prop_shuffle())
        })
    ) {
        let repeated = [&shuffled[..], &said[..]].concat();
        prop_assert_eq!(payment_amounts(TOTAL, &said), payment_amounts(TOTAL, &repeated));
        let money = payment_amounts(TOTAL, &said);
        let full = [OrderStatus::Paid, OrderStatus::PartiallyRefunded];
        if full.contains(&status(&said)) {
            prop_assert!(money.in_full && money.paid == TOTAL && money.refunded < TOTAL);
        }
        prop_assert!(!money.in_full || money.paid == TOTAL);
    }

    /// I-08: what is sent has two decimals and is read back as what it was.
    #[test]
    fn an_amount_is_read_as_it_was_written(rupiah in 0..=Rupiah::MAX_PAYMENT.get()) {
        let amount = Amount::idr(rupiah);
        prop_assert_eq!(amount.value.as_str(), format!("{rupiah}.00"));
        prop_assert_eq!(amount.rupiah(), Ok(rupiah));
        let wire = serde_json::to_string(&Rupiah::new(rupiah)).unwrap();
        prop_assert_eq!(serde_json::from_str::<Rupiah>(&wire).unwrap(), Rupiah::new(rupiah));
    }

    /// I-08: no text is read as an amount that it does not say.
    #[test]
    fn only_whole_rupiah_are_an_amount(value in "[0-9+-]{0,4}[.,e ]?[0-9]{0,3}") {
        let amount = Amount { value: value.clone(), currency: "IDR".to_owned() };
        if let Ok(rupiah) = amount.rupiah() {
            let (whole, fraction) = value.split_once('.').unwrap_or((&value, "00"));
            prop_assert_eq!(whole, rupiah.to_string());
            prop_assert!(matches!(fraction, "0" | "00"), "{}", value);
        }
    }
}
