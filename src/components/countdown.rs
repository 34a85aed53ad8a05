//! The time left to pay. To a screen reader: a few announcements, because a clock that speaks every
//! second drowns everything else.

use super::dyn_view;
use crate::browser;
use crate::checkout::OrderSnapshot;
use crate::text::Message;
use crate::time;
use gloo_timers::callback::Interval;
use leptos::prelude::*;

/// Seconds left at which the time is announced.
const ANNOUNCED_AT_SECONDS: [u64; 3] = [300, 60, 30];

/// Counts from the merchant's two timestamps and the answer's arrival on the monotonic clock.
#[component]
pub fn Countdown(
    #[prop(into)] snapshot: Signal<Option<OrderSnapshot>>,
    words: UnsyncCallback<Message, String>,
    on_say: UnsyncCallback<Message>,
    on_end: UnsyncCallback<()>,
) -> impl IntoView {
    let left = RwSignal::new(snapshot.with_untracked(|snapshot| seconds_left(snapshot.as_ref())));
    let interval = StoredValue::new_local(Some(Interval::new(1000, move || {
        let before = left.get_untracked();
        let now = snapshot.with_untracked(|snapshot| seconds_left(snapshot.as_ref()));
        if now == before {
            return;
        }
        left.set(now);
        match (before, now) {
            (Some(before), Some(now)) => {
                if let Some(passed) =
                    (ANNOUNCED_AT_SECONDS.iter()).find(|at| before > **at && now <= **at)
                {
                    on_say.run(spoken(*passed));
                }
            }
            (Some(_), None) => on_end.run(()),
            (None, _) => {}
        }
    })));
    on_cleanup(move || interval.dispose());
    view! {
        {dyn_view(move || {
            let Some(seconds) = left.get() else {
                return ().into_any();
            };
            let message = Message::TimeLeft(time::clock(seconds));
            view! {
                <p class="countdown" data-soon=(seconds <= 60).then_some("")>
                    {words.run(message)}
                </p>
            }
            .into_any()
        })}
    }
}

fn spoken(seconds: u64) -> Message {
    if seconds < 60 {
        Message::SecondsLeft(seconds)
    } else {
        Message::MinutesLeft(seconds / 60)
    }
}

/// `None` where there is no payment, or no time left.
fn seconds_left(snapshot: Option<&OrderSnapshot>) -> Option<u64> {
    let snapshot = snapshot?;
    let payment = snapshot.order.payment.as_ref()?;
    let given = payment.valid_until.0.saturating_sub(snapshot.order.as_of.0);
    let passed = browser::monotonic_ms().saturating_sub(snapshot.received_at) / 1000;
    let left = u64::try_from(given).ok()?.checked_sub(passed)?;
    (left > 0).then_some(left)
}
