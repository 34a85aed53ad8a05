//! The delivery of GoPay's notifications to the merchant.

use crate::{
    checker::CoveragePoint,
    fault::Fault,
    gopay::StatusChange,
    mutate,
    process::Merchant,
    simulation::Simulation,
    time::{HOUR, MINUTE, SECOND, sleep, timestamp},
};
use gopay_protocol::ReferenceNo;
use gopay_protocol::message::notify::{Notification, RETRY_MINUTES};
use merchant::domain::payment_event::EventSource;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long GoPay waits for the merchant's response `[payment-notification-api]`.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(15);

/// The age in milliseconds from which a signature is stale under any clock skew.
const STALE_AFTER: i64 = 10 * 60_000;

/// Sends a notification on the documented schedule, until the merchant accepts it.
pub(crate) async fn deliver(sim: Arc<Simulation>, merchant: Merchant, change: StatusChange) {
    let first = sim.time.elapsed();
    let first_signed_at = sim.time.now();
    for minutes in [0].into_iter().chain(RETRY_MINUTES) {
        let due = first + u64::from(minutes) * MINUTE;
        sleep(due.saturating_sub(sim.time.elapsed())).await;
        if sim.should_inject(Fault::NoticeTwice, 10) {
            let (sim, merchant, change) = (Arc::clone(&sim), merchant.clone(), change.clone());
            tokio::spawn(async move {
                sleep(sim.between(SECOND, 5 * HOUR)).await;
                send(&sim, &merchant, &change, first_signed_at).await;
            });
        }
        if sim.should_inject(Fault::NoticeLost, 35) {
            sim.trace(|| format!("lost: {} is {}", change.reference_no, change.status));
            continue;
        }
        let signed_at = match sim.should_inject(Fault::NoticeStale, 50) {
            true => first_signed_at,
            false => sim.time.now(),
        };
        sleep(match sim.should_inject(Fault::NoticeLate, 15) {
            true => sim.between(MINUTE, HOUR),
            false => sim.between(20, 20 * SECOND),
        })
        .await;
        if send(&sim, &merchant, &change, signed_at).await {
            return;
        }
    }
}

/// Sends the notification once; returns whether the merchant accepted it.
async fn send(
    sim: &Arc<Simulation>,
    merchant: &Merchant,
    change: &StatusChange,
    signed_at: i64,
) -> bool {
    let Some(process) = merchant.process(sim) else {
        return false;
    };
    let without_amount = sim.should_inject(Fault::NoticeVague, 30);
    let mut message = sim.gopay(|gopay, _| gopay.notification(change, without_amount));
    if let Some(message) = &mut message {
        mutate::notification(sim, message);
    }
    let Some(notification) =
        message.and_then(|message| serde_json::from_value::<Notification>(message).ok())
    else {
        return false;
    };
    let before = events_by_notification(sim, change);
    let stale = sim.time.now() - signed_at > STALE_AFTER;
    if stale {
        sim.checker().cover(CoveragePoint::StaleAuthentic);
    }
    if before.is_none() {
        sim.checker().cover(CoveragePoint::NoticeBeforeAnswer);
    }
    sim.checker().notifications_in_flight += 1;
    let handled = process
        .payments
        .handle_notification(&notification, Some(timestamp(signed_at)));
    let accepted = matches!(timeout(DELIVERY_TIMEOUT, handled).await, Ok(Ok(_)));
    let after = events_by_notification(sim, change);
    let mut checker = sim.checker();
    let is_alone = checker.notifications_in_flight == 1;
    if stale && is_alone && after.unwrap_or(0) > before.unwrap_or(0) {
        checker.violation("I-26", "a stale notification changed an order".to_owned());
    }
    checker.notifications_in_flight -= 1;
    drop(checker);
    sim.trace(|| {
        let how = if accepted { "accepted" } else { "not accepted" };
        format!("{how}: {} is {}", change.reference_no, change.status)
    });
    accepted
}

/// How many events of a payment came by notification; `None` while the merchant does not know the
/// payment's reference number.
fn events_by_notification(sim: &Simulation, change: &StatusChange) -> Option<usize> {
    let tables = sim.tables();
    let mut attempts = tables.orders().flat_map(|order| &order.attempts);
    let named = Some(change.reference_no.as_str());
    let attempt =
        attempts.find(|attempt| attempt.reference_no.as_ref().map(ReferenceNo::as_str) == named)?;
    let events = attempt.events.iter();
    let notified = events.filter(|event| event.source == EventSource::Notification);
    Some(notified.count())
}
