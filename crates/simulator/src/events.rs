//! Server-sent events: `change` when anything changed, `reload` when open pages should reload.

use crate::app_state::{AppState, ChangeCounter};
use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, stream};
use std::{convert::Infallible, sync::Arc};
use tokio::sync::watch;

/// `GET /control/events`: `change` at once and after every change, `reload` on request.
pub(crate) async fn events(
    State(state): State<Arc<AppState>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let counter = state.subscribe();
    let seen = *counter.borrow();
    let first = Event::default()
        .event("change")
        .data(seen.changes.to_string());
    let rest = stream::unfold((counter, seen), next);
    let events = stream::StreamExt::chain(stream::iter([Ok(first)]), rest);
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// The counter, and its value at the last event.
type Position = (watch::Receiver<ChangeCounter>, ChangeCounter);

async fn next((mut counter, seen): Position) -> Option<(Result<Event, Infallible>, Position)> {
    counter.changed().await.ok()?;
    let now = *counter.borrow_and_update();
    let name = if now.reloads == seen.reloads {
        "change"
    } else {
        "reload"
    };
    let event = Event::default().event(name).data(now.changes.to_string());
    Some((Ok(event), (counter, now)))
}
