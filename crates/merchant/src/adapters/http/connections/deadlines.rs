//! How long a connection may take over the head of a request, between two requests, and over what it
//! is sent.
//!
//! Not here: the time for a request's body and its answer, which the router limits.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// For the head of a request, from the connection's beginning or the head's first byte on.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Without a request. Longer than proxies keep a connection: one that closes it first would drop
/// what a proxy is just sending.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

/// For a client that takes nothing of what it is sent.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

const HEAD: u8 = 0;
const REQUEST: u8 = 1;
const IDLE: u8 = 2;

/// What a connection is at; shared by its stream and its service.
#[derive(Debug, Clone, Default)]
pub(super) struct Phase(Arc<AtomicU8>);

impl Phase {
    /// A request's head is there.
    pub(super) fn begin_request(&self) {
        self.0.store(REQUEST, Ordering::Relaxed);
    }

    /// Its answer is there, and is being sent.
    pub(super) fn end_request(&self) {
        self.0.store(IDLE, Ordering::Relaxed);
    }

    pub(super) fn has_request(&self) -> bool {
        self.0.load(Ordering::Relaxed) == REQUEST
    }

    /// How long reading may take in this phase.
    fn read_timeout(&self) -> Option<Duration> {
        match self.0.load(Ordering::Relaxed) {
            HEAD => Some(HEAD_TIMEOUT),
            IDLE => Some(IDLE_TIMEOUT),
            _ => None,
        }
    }
}

/// A moment after which nothing more is waited for.
#[derive(Debug, Default)]
struct Deadline(Option<Pin<Box<Sleep>>>);

impl Deadline {
    fn clear(&mut self) {
        self.0 = None;
    }

    /// Fails once `timeout` has passed since the deadline was last clear.
    fn poll(&mut self, timeout: Duration, context: &mut Context<'_>) -> Poll<io::Error> {
        let sleep = self
            .0
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + timeout)));
        ready!(sleep.as_mut().poll(context));
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }
}

/// A client's stream, which fails when a deadline has passed.
#[derive(Debug)]
pub(super) struct TimedStream<S> {
    stream: S,
    phase: Phase,
    /// The phase that the deadline for reading was set in.
    deadline_of: Option<u8>,
    read: Deadline,
    write: Deadline,
}

impl<S> TimedStream<S> {
    pub(super) fn new(stream: S, phase: Phase) -> Self {
        Self {
            stream,
            phase,
            deadline_of: None,
            read: Deadline::default(),
            write: Deadline::default(),
        }
    }

    /// Sets the deadline of the phase, where another one was set before.
    fn enter_phase(&mut self) {
        let phase = self.phase.0.load(Ordering::Relaxed);
        if self.deadline_of != Some(phase) {
            self.deadline_of = Some(phase);
            self.read.clear();
        }
    }

    /// What became of writing. Each byte that went out clears the deadlines: an answer that is still
    /// being sent is no idle connection.
    fn written(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.write.clear();
            self.read.clear();
            return written;
        }
        self.write.poll(WRITE_TIMEOUT, context).map(Err)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.enter_phase();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if read.is_ready() && buffer.filled().len() > before {
            // The first byte of the next head.
            let _ = this
                .phase
                .0
                .compare_exchange(IDLE, HEAD, Ordering::Relaxed, Ordering::Relaxed);
            this.enter_phase();
        }
        let Some(timeout) = this.phase.read_timeout() else {
            return read;
        };
        match this.read.poll(timeout, context) {
            Poll::Ready(error) => Poll::Ready(Err(error)),
            Poll::Pending => read,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        time::sleep,
    };

    fn connection() -> (TimedStream<DuplexStream>, DuplexStream, Phase) {
        let (client, server) = duplex(16);
        let phase = Phase::default();
        (TimedStream::new(server, phase.clone()), client, phase)
    }

    /// Reads until the connection fails; how long that took.
    async fn time_out(stream: &mut TimedStream<DuplexStream>) -> Duration {
        let began = Instant::now();
        let mut buffer = [0; 16];
        loop {
            match stream.read(&mut buffer).await {
                Ok(read) => assert!(read > 0, "the client left"),
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                    return began.elapsed();
                }
            }
        }
    }

    /// The virtual clock counts milliseconds.
    fn assert_about(took: Duration, timeout: Duration) {
        assert!(
            took >= timeout && took < timeout + Duration::from_millis(5),
            "{took:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_ten_seconds_however_it_comes() {
        let (mut silent, _client, _) = connection();
        assert_about(time_out(&mut silent).await, HEAD_TIMEOUT);
        let (mut slow, mut client, _) = connection();
        tokio::spawn(async move {
            while client.write_all(b"X").await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        });
        assert_about(time_out(&mut slow).await, HEAD_TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_may_idle_longer_and_the_next_head_may_not() {
        let (mut stream, _client, phase) = connection();
        phase.begin_request();
        phase.end_request();
        assert_about(time_out(&mut stream).await, IDLE_TIMEOUT);

        let (mut stream, mut client, phase) = connection();
        phase.begin_request();
        phase.end_request();
        tokio::spawn(async move {
            sleep(Duration::from_secs(60)).await;
            client.write_all(b"GET").await.unwrap();
            sleep(HEAD_TIMEOUT * 2).await;
        });
        let took = time_out(&mut stream).await;
        assert_about(took, Duration::from_secs(60) + HEAD_TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_progress_has_no_deadline_here() {
        let (mut stream, mut client, phase) = connection();
        phase.begin_request();
        tokio::spawn(async move {
            sleep(IDLE_TIMEOUT * 2).await;
            client.write_all(b"body").await.unwrap();
        });
        let mut body = [0; 4];
        stream.read_exact(&mut body).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_given_up() {
        let (mut stream, mut client, phase) = connection();
        phase.begin_request();
        phase.end_request();
        // It takes a little now and then, for longer than a connection may idle.
        let reader = tokio::spawn(async move {
            for _ in 0..10 {
                sleep(WRITE_TIMEOUT / 2).await;
                client.read_exact(&mut [0; 16]).await.unwrap();
            }
            client
        });
        stream.write_all(&[0; 176]).await.unwrap();
        let _client = reader.await.unwrap();
        let began = Instant::now();
        let error = stream.write_all(&[0; 16]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_about(began.elapsed(), WRITE_TIMEOUT);
    }
}
