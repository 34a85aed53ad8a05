//! The machine's clock is set back while a payment is looked at.

use crate::store_fixture::{DAY, NOON, StoreFixture, ms};
use merchant::{
    domain::{
        next_try::NextTry,
        operator_policy::FulfilmentMode,
        refund::{self, RefundState, ReserveOutcome},
        retry,
        time::Timestamp,
    },
    ports::{AttemptRepository, FulfilmentRepository, RefundRepository},
};
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);
const LEASE: Duration = Duration::from_secs(90);

/// F32: what was written by the clock that was ahead keeps nobody from asking GoPay by the one
/// that is right; and by one clock there is one who asks.
#[tokio::test]
async fn a_clock_that_is_set_back_stops_no_inquiry() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let (_, external_id) = fixture.order().await;
    let lease = async |now: Timestamp| {
        let until = now + LEASE;
        let leased = fixture
            .store
            .lease(&external_id, now - ms(2_000), now, until);
        leased.await.unwrap()
    };
    let ahead = NOON + 10 * MINUTE;
    assert!(lease(ahead).await);
    assert!(!lease(ahead + LEASE - ms(1)).await, "somebody is asking");
    assert!(lease(NOON + MINUTE).await, "held off by the future");
    assert!(!lease(NOON + MINUTE + ms(1)).await, "somebody is asking");
    assert!(lease(NOON + MINUTE + LEASE).await);
    fixture.is_sound().await;
}

/// F32: the same for webhooks. What was scheduled by a clock that was hours ahead is due.
#[tokio::test]
async fn a_clock_that_is_set_back_keeps_no_order_from_the_hook() {
    let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
    let order_id = fixture.paid().await;
    let id = fixture.owed(&order_id).await.remove(0);
    let lease = async |now: Timestamp| {
        let until = now + retry::LEASE;
        fixture
            .store
            .lease_fulfilment(&id, now, until)
            .await
            .unwrap()
    };
    // Never told, and paid in what is the future by now.
    assert!(lease(NOON - DAY).await.is_some());
    assert!(lease(NOON - DAY).await.is_none(), "it is leased");
    assert!(
        lease(NOON - 2 * DAY).await.is_some(),
        "held off by the future"
    );
    let leased = lease(NOON).await.unwrap();
    let next = NextTry::At(NOON + retry::MAX_PAUSE);
    let failed = fixture
        .store
        .record_failed_delivery(&leased, "503", next, NOON);
    failed.await.unwrap();
    let due = async |now: Timestamp| fixture.store.due_fulfilments(now, 9).await.unwrap().len();
    assert_eq!(due(NOON).await, 0, "before its time");
    assert_eq!(due(NOON - DAY).await, 1, "held off by the future");
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_no_refund_from_gopay() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let order_id = fixture.paid().await;
    let reserved = fixture
        .store
        .reserve_refund(order_id.as_str(), &None.into(), NOON)
        .await;
    let ReserveOutcome::Reserved(reserved) = reserved.unwrap() else {
        panic!("not reserved");
    };
    let number = &reserved[0].number;
    let lease = async |now: Timestamp| {
        let until = now + refund::LEASE;
        fixture
            .store
            .lease_refund(number, now, until)
            .await
            .unwrap()
    };
    let leased = lease(NOON).await.unwrap();
    assert!(lease(NOON).await.is_none(), "it is leased");
    let later = NOON + refund::MAX_PAUSE;
    fixture
        .store
        .release_refund(&leased, RefundState::Open, later)
        .await
        .unwrap();
    assert!(lease(NOON).await.is_none(), "before its time");
    assert!(lease(NOON - DAY).await.is_some(), "held off by the future");
    assert!(
        lease(NOON - 2 * DAY).await.is_some(),
        "held off by the future"
    );
}
