//! Keeps the requests to the APIs and to the SDK, and the answers as they go out.

use super::Begun;
use crate::{
    api::{Rule, is_page},
    app_state::AppState,
    connection::AbortHandle,
    exchanges::{Answer, KeptBody, Line, Sent, fields},
    host::Host,
    input::{BODY_NOT_READ, MAX_REQUEST_BYTES, refuse},
};
use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{StatusCode, header::HOST},
    middleware::Next,
    response::Response,
};
use http_body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

pub(crate) async fn record(
    State(state): State<Arc<AppState>>,
    ConnectInfo(connection): ConnectInfo<AbortHandle>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let line = Line::of(parts.uri.path());
    if line == Line::Unknown && is_page(&parts.method, parts.uri.path()) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let body = to_bytes(body, MAX_REQUEST_BYTES).await;
    let host = parts.extensions.get::<Host>().copied();
    let authority = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let sent = Sent {
        line,
        host,
        method: parts.method.to_string(),
        url: format!("http://{}{}", authority.unwrap_or_default(), parts.uri),
        headers: fields(&parts.headers),
        body: body
            .as_ref()
            .map(|body| KeptBody::of(body))
            .unwrap_or_default(),
    };
    let begun = Begun::new(&state, sent);
    let response = match body {
        Ok(body) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(_) => refuse(StatusCode::PAYLOAD_TOO_LARGE, BODY_NOT_READ),
    };
    let (parts, body) = response.into_parts();
    let recorded = RecordedBody {
        body,
        begun,
        answer: Some(Answer {
            status: parts.status.as_u16(),
            headers: fields(&parts.headers),
            body: KeptBody::default(),
            rule: parts.extensions.get::<Rule>().cloned(),
        }),
        connection,
    };
    Response::from_parts(parts, Body::new(recorded))
}

/// A body that is kept as it goes out, up to where it ends or breaks.
struct RecordedBody {
    body: Body,
    begun: Begun,
    /// As far as it has gone out; taken at its end.
    answer: Option<Answer>,
    connection: AbortHandle,
}

impl HttpBody for RecordedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let (Some(data), Some(answer)) = (frame.data_ref(), &mut self.answer)
        {
            answer.body.push(data);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for RecordedBody {
    fn drop(&mut self) {
        if self.connection.is_aborted() {
            self.begun.fail("the connection was aborted");
        } else if let Some(answer) = self.answer.take() {
            self.begun.end(answer);
        }
    }
}
