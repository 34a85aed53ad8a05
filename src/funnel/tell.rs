//! Tells GoPay what counts. Invariant: nobody ever waits for it, and nothing comes of its
//! failing.

use super::{Event, follow};
use crate::browser::storage;
use crate::checkout::State;
use crate::trouble::Trouble;
use gopay_container::analytics::{EventFields, track_event};
use leptos::task::spawn_local;

/// The checkout has changed.
pub fn change(before: &State, after: &State) {
    // Read anew each time: another tab may have counted the same order.
    let kept = storage::launched();
    let mut launched = kept.clone();
    let events = follow(&mut launched, before, after);
    if launched != kept {
        storage::keep_launched(&launched);
    }
    for event in events {
        tell(event);
    }
}

/// Signing in did not work, and the buyer was told why.
pub fn sign_in_failed(trouble: Trouble) {
    tell(Event::ErrorShown(trouble));
}

fn tell(event: Event) {
    let tale = event.tale();
    let fields = EventFields {
        user_action: tale.user_action,
        completed_action: tale.completed_action,
        page_name: tale.page_name,
        component_id: tale.component_id,
        error_code: tale.error_code,
        ..EventFields::default()
    };
    spawn_local(async move {
        let _ = track_event(tale.event_name, fields).await;
    });
}
