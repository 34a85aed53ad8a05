//! The machine's clock is set back while a payment is looked at.

use crate::stall::{NOON, Stall};
use merchant::books::Attempts;
use merchant::store::Handover;

const MINUTE: i64 = 60_000;
const LEASE: i64 = 90_000;

/// F32: what was written by the clock that was ahead keeps nobody from asking GoPay by the one
/// that is right; and by one clock there is one who asks.
#[tokio::test]
async fn a_clock_that_is_set_back_stops_no_inquiry() {
    let stall = Stall::new(Handover::Counter).await;
    let (_, external_id) = stall.order().await;
    let lease = async |now: i64| {
        let until = now + LEASE;
        let leased = stall.store.lease(&external_id, now - 2_000, now, until);
        leased.await.unwrap()
    };
    let ahead = NOON + 10 * MINUTE;
    assert!(lease(ahead).await);
    assert!(!lease(ahead + LEASE - 1).await, "somebody is asking");
    assert!(lease(NOON + MINUTE).await, "held off by the future");
    assert!(!lease(NOON + MINUTE + 1).await, "somebody is asking");
    assert!(lease(NOON + MINUTE + LEASE).await);
    stall.is_sound().await;
}
