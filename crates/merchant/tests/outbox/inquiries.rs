//! Which inquiry is due first.

use crate::store_fixture::{NOON, StoreFixture, TOTAL, ms};
use merchant::{
    domain::{operator_policy::FulfilmentMode, payment_event::PaymentEvent},
    ports::AttemptRepository,
};

/// TM27: whoever leaves orders unpaid does not keep GoPay's suspicion of fraud from being heard.
#[tokio::test]
async fn a_paid_order_is_inquired_about_before_payments_that_nobody_makes() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let store = &fixture.store;
    for minute in 0..20 {
        let (_, unpaid) = fixture.order().await;
        let at = NOON + ms(60_000) * minute;
        store.schedule_inquiry_now(&unpaid, at).await.unwrap();
    }
    let (_, paid) = fixture.order().await;
    let paid_at = NOON + ms(3_600_000);
    fixture
        .hear(&paid, PaymentEvent::Paid(TOTAL), paid_at)
        .await;
    let due = store.next_due(paid_at).await.unwrap().unwrap();
    assert_eq!(due.external_id, paid);
    // Before it is due, the others are.
    let earlier = store.next_due(paid_at - ms(1)).await.unwrap().unwrap();
    assert_ne!(earlier.external_id, paid);
    // While it is leased, too.
    let until = paid_at + ms(90_000);
    assert!(store.lease(&paid, paid_at, paid_at, until).await.unwrap());
    let next = store.next_due(paid_at).await.unwrap().unwrap();
    assert_ne!(next.external_id, paid);
    fixture.is_sound().await;
}
