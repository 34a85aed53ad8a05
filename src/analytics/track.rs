//! Sends analytics events to GoPay. Invariant: no code waits for it, and a failure has no effect.

use super::{Event, events_of};
use crate::browser::storage;
use crate::campaign::Link;
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
        send(event, None);
    }
}

/// The menu was opened by a campaign address, of which `link` is what the shop has.
pub fn campaign_opened(link: &Link) {
    send(
        Event::CampaignOpened,
        Some(["/?", &link.to_query()].concat()),
    );
}

pub fn sign_in_failed(error: UserError) {
    send(Event::ErrorShown(error), None);
}

/// GoPay's page has no field for a campaign. Its name is in `page_id`, in each event of the tab that it
/// opened.
fn send(event: Event, url: Option<String>) {
    let told = event.to_analytics_event();
    let campaign = Link::parse(&storage::campaign()).name().map(str::to_owned);
    spawn_local(async move {
        let fields = EventFields {
            user_action: told.user_action,
            completed_action: told.completed_action,
            page_id: campaign.as_deref(),
            page_name: told.page_name,
            component_id: told.component_id,
            url: url.as_deref(),
            error_code: told.error_code,
            ..EventFields::default()
        };
        let _ = track_event(told.event_name, fields).await;
    });
}
