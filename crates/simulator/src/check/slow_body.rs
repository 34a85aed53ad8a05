//! A notification whose sender stops in the middle of the body.

use crate::{app_state::AppState, notification::Message};
use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::header::CONTENT_LENGTH;
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::oneshot;

struct SlowBody {
    /// Sent at once.
    half: Option<Bytes>,
    stopped: Option<oneshot::Sender<()>>,
}

impl Body for SlowBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if let Some(stopped) = self.stopped.take() {
            let _ = stopped.send(());
        }
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// Sends half of a notification, and keeps the connection open until this is dropped. `stopped` is told
/// once the half is on its way.
pub(super) async fn send(state: &AppState, message: Message, stopped: oneshot::Sender<()>) {
    let mut half = message.body.into_bytes();
    let length = half.len();
    half.truncate(length / 2);
    let body = SlowBody {
        half: Some(half.into()),
        stopped: Some(stopped),
    };
    let request = state.http().post(message.url).headers(message.headers);
    let request = request.header(CONTENT_LENGTH, length);
    // The back end may answer, or give up: neither is judged.
    let _ = request.body(reqwest::Body::wrap(body)).send().await;
}
