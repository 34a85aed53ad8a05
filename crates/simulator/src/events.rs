//! Server-sent events: that something changed, and that open pages should load again.

use crate::shared::{Pulse, Shared};
use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, stream};
use std::{convert::Infallible, sync::Arc};
use tokio::sync::watch;

/// `change` at once and whenever anything changed, `reload` when pages should load again.
pub(crate) async fn events(
    State(shared): State<Arc<Shared>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let pulse = shared.pulse();
    let seen = *pulse.borrow();
    let first = Event::default()
        .event("change")
        .data(seen.changes.to_string());
    let rest = stream::unfold((pulse, seen), next);
    let events = stream::StreamExt::chain(stream::iter([Ok(first)]), rest);
    Sse::new(events).keep_alive(KeepAlive::default())
}

type Following = (watch::Receiver<Pulse>, Pulse);

async fn next((mut pulse, seen): Following) -> Option<(Result<Event, Infallible>, Following)> {
    pulse.changed().await.ok()?;
    let now = *pulse.borrow_and_update();
    let name = if now.reloads == seen.reloads {
        "change"
    } else {
        "reload"
    };
    let event = Event::default().event(name).data(now.changes.to_string());
    Some((Ok(event), (pulse, now)))
}
