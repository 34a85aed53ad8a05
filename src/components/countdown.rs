//! What is left of the time to pay. To those who do not see it: silence, broken a few
//! times by the live region, because a clock that speaks every second drowns everything.

use super::live;
use crate::browser;
use crate::checkout::Seen;
use crate::text::Message;
use crate::time;
use gloo_timers::callback::Interval;
use leptos::prelude::*;

/// Seconds left at which it is said aloud.
const SPOKEN: [u64; 3] = [300, 60, 30];

/// Counted from the merchant's own two moments, and from when its answer came by a clock
/// that only goes forward.
#[component]
pub fn Countdown(
    /// The answer to count from.
    #[prop(into)]
    seen: Signal<Option<Seen>>,
    /// How to write it.
    words: UnsyncCallback<Message, String>,
    /// Something to say aloud.
    on_say: UnsyncCallback<Message>,
    /// The time is up.
    on_end: UnsyncCallback<()>,
) -> impl IntoView {
    let left = RwSignal::new(seen.with_untracked(|seen| seconds_left(seen.as_ref())));
    let interval = StoredValue::new_local(Some(Interval::new(1000, move || {
        let before = left.get_untracked();
        let now = seen.with_untracked(|seen| seconds_left(seen.as_ref()));
        if now == before {
            return;
        }
        left.set(now);
        match (before, now) {
            (Some(before), Some(now)) => {
                if let Some(passed) = (SPOKEN.iter()).find(|at| before > **at && now <= **at) {
                    on_say.run(spoken(*passed));
                }
            }
            (Some(_), None) => on_end.run(()),
            (None, _) => {}
        }
    })));
    on_cleanup(move || interval.dispose());
    view! {
        {live(move || {
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

/// `None` where there is nothing to count, or nothing left.
fn seconds_left(seen: Option<&Seen>) -> Option<u64> {
    let seen = seen?;
    let payment = seen.order.payment.as_ref()?;
    let given = payment.valid_until.0.saturating_sub(seen.order.as_of.0);
    let passed = browser::monotonic_now().saturating_sub(seen.at) / 1000;
    let left = u64::try_from(given).ok()?.checked_sub(passed)?;
    (left > 0).then_some(left)
}
