//! GoPay's notifications on their way to the merchant.

use crate::{
    gopay::Notice,
    harm::Harm,
    odd,
    time::{HOUR, MINUTE, SECOND, pass, timestamp},
    watch::Rare,
    world::World,
};
use gopay_protocol::message::notify::{Notification, RETRY_MINUTES};
use merchant::domain::payment_event::EventSource;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// GoPay waits no longer for the merchant `[payment-notification-api]`.
const PATIENCE: Duration = Duration::from_secs(15);

/// A notification signed so long ago is stale by anybody's clock. Milliseconds.
const STALE: i64 = 10 * 60_000;

/// Tries, as often and as late as documented, until the merchant takes it.
pub(crate) async fn deliver(world: Arc<World>, notice: Notice) {
    let first = world.time.elapsed();
    let signed_first = world.time.now();
    let tries = [0].into_iter().chain(RETRY_MINUTES);
    for minutes in tries {
        let due = first + u64::from(minutes) * MINUTE;
        pass(due.saturating_sub(world.time.elapsed())).await;
        if world.strikes(Harm::NoticeTwice, 10) {
            let (world, notice) = (Arc::clone(&world), notice.clone());
            tokio::spawn(async move {
                pass(world.between(SECOND, 5 * HOUR)).await;
                hear(&world, &notice, signed_first).await;
            });
        }
        if world.strikes(Harm::NoticeLost, 35) {
            world.tell(|| format!("lost: {} is {}", notice.reference_no, notice.status));
            continue;
        }
        let signed_at = match world.strikes(Harm::NoticeStale, 50) {
            true => signed_first,
            false => world.time.now(),
        };
        pass(match world.strikes(Harm::NoticeLate, 15) {
            true => world.between(MINUTE, HOUR),
            false => world.between(20, 20 * SECOND),
        })
        .await;
        if hear(&world, &notice, signed_at).await {
            return;
        }
    }
}

/// The merchant hears it. Whether it said that it did.
async fn hear(world: &Arc<World>, notice: &Notice, signed_at: i64) -> bool {
    let Some(process) = world.process() else {
        return false;
    };
    let vague = world.strikes(Harm::NoticeVague, 30);
    let mut message = world.gopay(|gopay, _| gopay.message(notice, vague));
    if let Some(message) = &mut message {
        odd::notification(world, message);
    }
    let Some(notification) =
        message.and_then(|message| serde_json::from_value::<Notification>(message).ok())
    else {
        return false;
    };
    let known = heard_by_notification(world, notice);
    let stale = world.time.now() - signed_at > STALE;
    if stale {
        world.watch().saw(Rare::StaleAuthentic);
    }
    if known.is_none() {
        world.watch().saw(Rare::NoticeBeforeAnswer);
    }
    world.watch().hearing += 1;
    let hear = process
        .shop
        .handle_notification(&notification, Some(timestamp(signed_at)));
    let taken = matches!(timeout(PATIENCE, hear).await, Ok(Ok(())));
    let after = heard_by_notification(world, notice);
    let mut watch = world.watch();
    // Nobody else spoke meanwhile.
    if stale && watch.hearing == 1 && after.unwrap_or(0) > known.unwrap_or(0) {
        watch.violated("I-26", "a stale notification changed an order".to_owned());
    }
    watch.hearing -= 1;
    drop(watch);
    world.tell(|| {
        let how = if taken { "taken" } else { "not taken" };
        format!("{how}: {} is {}", notice.reference_no, notice.status)
    });
    taken
}

/// How much was learned of a payment by notifications; `None` where the merchant does not
/// know it yet.
fn heard_by_notification(world: &World, notice: &Notice) -> Option<usize> {
    let pages = world.pages();
    let mut attempts = pages.orders().flat_map(|order| &order.attempts);
    let named = Some(notice.reference_no.as_str());
    let attempt = attempts.find(|attempt| attempt.reference_no.as_deref() == named)?;
    let said = attempt.events.iter();
    Some(
        said.filter(|said| said.source == EventSource::Notification)
            .count(),
    )
}
