//! What is true of refunds whatever was paid and however it was refunded.

use super::*;
use crate::domain::{
    automatic_refund::automatic_refund_due, payment_balance::*, payment_event::PaymentAmounts,
};
use proptest::{collection::vec, prelude::*};

const TOTAL: Rupiah = Rupiah::new(50_000);

prop_compose! {
    /// As the database has them: no more is done and reserved than was paid.
    fn balance()(
        paid in prop_oneof![Just(0), Just(TOTAL.get()), 1..60_000_u64],
        parts in (0..=100_u64, 0..=100_u64, 0..=100_u64),
    ) -> PaymentBalance {
        let (done, reserved, external) = parts;
        let done = paid * done / 100;
        let reserved = (paid - done) * reserved / 100;
        let external = (paid - done) * external / 100;
        PaymentBalance {
            amounts: PaymentAmounts {
                paid: Rupiah::new(paid),
                refunded: Rupiah::new(done + external),
                in_full: paid == TOTAL.get(),
            },
            done: Rupiah::new(done),
            reserved: Rupiah::new(reserved),
        }
    }
}

fn all_left(balances: &[PaymentBalance]) -> u64 {
    balances
        .iter()
        .map(|balance| balance.refundable().get())
        .sum()
}

proptest! {
    // What is found becomes a test by hand, not a file.
    #![proptest_config(ProptestConfig {
        cases: 1_024,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// I-06: what is given to a refund was left, and is what was asked for.
    #[test]
    fn no_payment_gives_more_than_is_left_of_it(
        balances in vec(balance(), 0..4),
        amount in prop_oneof![Just(50_000_u64), 0..200_000_u64],
    ) {
        match allocate(Rupiah::new(amount), &balances) {
            Some(parts) => {
                prop_assert_eq!(parts.iter().map(|(_, part)| part.get()).sum::<u64>(), amount);
                let mut from: Vec<_> = parts.iter().map(|(index, _)| index).collect();
                from.sort();
                from.dedup();
                prop_assert_eq!(from.len(), parts.len());
                for (index, part) in parts {
                    let balance = balances[index];
                    prop_assert!(part > Rupiah::ZERO && part <= balance.refundable());
                    let after = balance.done.get() + balance.reserved.get() + part.get();
                    prop_assert!(after <= balance.amounts.paid.get());
                }
            }
            None => prop_assert!(amount == 0 || amount > all_left(&balances)),
        }
    }

    /// I-04: what goes back by itself, and what was refunded elsewhere, is all that was paid
    /// but for the price once, or all of it where it is not wanted.
    #[test]
    fn the_price_is_kept_once_or_not_at_all(
        balances in vec(balance(), 0..4),
        unwanted: bool,
        reserved in (0..4_u64).prop_map(|times| times * TOTAL.get()),
    ) {
        let due = automatic_refund_due(TOTAL, &balances, !unwanted, Rupiah::new(reserved)).get();
        let full: Vec<_> = balances.iter().filter(|balance| balance.amounts.in_full).collect();
        let paid = TOTAL.get() * full.len() as u64;
        let wanted = if unwanted { 0 } else { TOTAL.get().min(paid) };
        let external: u64 = full.iter().map(|balance| balance.refunded_elsewhere().get()).sum();
        prop_assert!(due + reserved + external >= paid - wanted);
        prop_assert!(due == 0 || due + reserved + external == paid - wanted);
        // Once it is reserved, nothing more is due.
        let after = automatic_refund_due(TOTAL, &balances, !unwanted, Rupiah::new(reserved + due));
        prop_assert_eq!(after, Rupiah::ZERO);
    }

    /// I-13: nothing leaves later than a day after it first did, whatever was answered.
    #[test]
    fn a_refund_is_not_sent_after_a_day(
        later in 0..1_000_000_000_u64,
        said in prop::sample::select(&[LastResponse::Accepted, LastResponse::Refused, LastResponse::Unknown][..]),
        waited in 0..1_000_000_000_u64,
    ) {
        let first_at = Timestamp::EPOCH;
        let last_at = first_at + Duration::from_millis(later);
        let progress = RefundProgress {
            created_at: first_at,
            sent: Some(RefundSubmission { first_at, last_at, last_response: said }),
        };
        let now = last_at + Duration::from_millis(waited);
        if after_inquiry(&progress, now) == RefundAction::Send {
            prop_assert!(now.since(first_at) < Duration::from_hours(24));
            prop_assert_eq!(said, LastResponse::Unknown);
        }
    }
}
