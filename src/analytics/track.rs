//! Sends analytics events to GoPay. Invariant: no code waits for it, and a failure has no effect.

use super::{Event, events_of};
use crate::browser::storage;
use crate::checkout::State;
use crate::user_error::UserError;
use gopay_container::analytics::{EventFields, track_event};
use leptos::task::spawn_local;

pub fn transition(before: &State, after: &State) {
    // Read each time: another tab may have counted the same order.
    let stored = storage::launched();
    let mut launched = stored.clone();
    let events = events_of(&mut launched, before, after);
    if launched != stored {
        storage::save_launched(&launched);
    }
    for event in events {
        send(event);
    }
}

pub fn sign_in_failed(error: UserError) {
    send(Event::ErrorShown(error));
}

fn send(event: Event) {
    let told = event.to_analytics_event();
    let fields = EventFields {
        user_action: told.user_action,
        completed_action: told.completed_action,
        page_name: told.page_name,
        component_id: told.component_id,
        error_code: told.error_code,
        ..EventFields::default()
    };
    spawn_local(async move {
        let _ = track_event(told.event_name, fields).await;
    });
}
