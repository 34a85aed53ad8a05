//! Which attempts `merchant reconcile` compares with GoPay.

use crate::store_fixture::{DAY, NOON, StoreFixture, TOTAL};
use merchant::domain::{operator_policy::FulfilmentMode, payment_event::PaymentEvent};

/// An old attempt that ended without money is compared no more, whatever its end was called.
#[tokio::test]
async fn an_old_attempt_is_compared_unless_it_ended_without_money() {
    for (event, is_compared) in [
        (PaymentEvent::Created, true),
        (PaymentEvent::GivenUp, true),
        (PaymentEvent::Paid(TOTAL), true),
        (PaymentEvent::PaidInDoubt(TOTAL), true),
        (PaymentEvent::Refunded(TOTAL), true),
        (PaymentEvent::Refused, false),
        (PaymentEvent::NeverCreated, false),
        (PaymentEvent::Cancelled, false),
        (PaymentEvent::Failed, false),
        (PaymentEvent::Expired, false),
    ] {
        let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
        let (order_id, external_id) = fixture.order().await;
        fixture.hear(&external_id, event, NOON).await;
        let compared = async |since| fixture.store.attempts_to_reconcile(since).await.unwrap();
        let all = [(order_id, external_id)];
        assert_eq!(compared(NOON).await, all, "{event:?}");
        let old = if is_compared { &all[..] } else { &[] };
        assert_eq!(compared(NOON + DAY).await, old, "{event:?}");
    }
}
