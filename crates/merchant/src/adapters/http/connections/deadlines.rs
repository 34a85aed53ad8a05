//! How long a connection may take over the head of a request, between two requests, and over what it
//! is sent.
//!
//! Not here: the time for a request's body and its answer, which the router limits.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
    time::{Instant, Sleep, sleep_until, timeout},
};

/// For the head of a request, from the connection's beginning or the head's first byte on. A head that
/// begins before the answer to the request before it is sent has the idle time besides.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// For a client that takes nothing of what it is sent.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The head of a request is awaited, or is on its way.
    Head,
    /// A request is answered.
    Request,
    /// The answer is there and is being sent, or has been.
    Idle,
}

/// What a connection is at; shared by its stream and its service. hyper does not read while there is
/// nothing to answer, so the stream alone cannot tell how long that lasts.
#[derive(Debug, Clone)]
pub(super) struct Phase(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<(Kind, Instant)>,
    changed: Notify,
    idle_timeout: Duration,
}

impl Phase {
    pub(super) fn new(idle_timeout: Duration) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new((Kind::Head, Instant::now())),
            changed: Notify::new(),
            idle_timeout,
        }))
    }

    fn state(&self) -> MutexGuard<'_, (Kind, Instant)> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, kind: Kind) {
        *self.state() = (kind, Instant::now());
        self.0.changed.notify_one();
    }

    /// A request's head is there.
    pub(super) fn begin_request(&self) {
        self.enter(Kind::Request);
    }

    /// Its answer is there.
    pub(super) fn end_request(&self) {
        self.enter(Kind::Idle);
    }

    /// Bytes have come: of the next head, if the connection was idle.
    fn has_read(&self) {
        if self.state().0 == Kind::Idle {
            self.enter(Kind::Head);
        }
    }

    /// Bytes have gone out: an answer that is still being sent is no idle connection.
    fn has_written(&self) {
        self.state().1 = Instant::now();
    }

    /// Whether nothing of a request is answered or being sent.
    pub(super) fn awaits_head(&self) -> bool {
        self.state().0 == Kind::Head
    }

    /// How long this phase may go on.
    fn left(&self) -> Option<Duration> {
        let (kind, since) = *self.state();
        let limit = match kind {
            Kind::Head => HEAD_TIMEOUT,
            Kind::Idle => self.0.idle_timeout,
            Kind::Request => return None,
        };
        Some(limit.saturating_sub(since.elapsed()))
    }

    /// Until a phase has gone on for longer than it may.
    pub(super) async fn expired(&self) {
        loop {
            let changed = self.0.changed.notified();
            match self.left() {
                Some(Duration::ZERO) => return,
                Some(left) => {
                    let _ = timeout(left, changed).await;
                }
                None => changed.await,
            }
        }
    }
}

/// A client's stream, which tells its phase what it does, and fails where the client takes nothing.
#[derive(Debug)]
pub(super) struct TimedStream<S> {
    stream: S,
    phase: Phase,
    /// While a write waits.
    write_deadline: Option<Pin<Box<Sleep>>>,
}

impl<S> TimedStream<S> {
    pub(super) fn new(stream: S, phase: Phase) -> Self {
        Self {
            stream,
            phase,
            write_deadline: None,
        }
    }

    fn written(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.write_deadline = None;
            self.phase.has_written();
            return written;
        }
        let deadline = self
            .write_deadline
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + WRITE_TIMEOUT)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        // While an answer is being sent, what comes belongs to requests that wait for their turn.
        if buffer.filled().len() > before && self.write_deadline.is_none() {
            self.phase.has_read();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.written(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
