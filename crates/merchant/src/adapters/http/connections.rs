//! Connections: how many there are at once, and how long each may take.
//!
//! Invariant: a connection without a request in progress ends by itself, whatever its client does or
//! leaves undone. axum's own loop has no such limits.

mod deadlines;

use super::{
    client_address::{Peer, single_client},
    counted_log::CountedLog,
};
use crate::{config::Limits, metrics::ConnectionMetrics};
use axum::{Router, body::Body, extract::Request};
use deadlines::{Phase, TimedStream};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::timeout,
};
use tower::ServiceExt;

/// The most that a request's head may be, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// The most headers of a request.
const MAX_HEADERS: usize = 64;

/// The pause after the system gave no connection, for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections each client has, of those whose number is limited.
#[derive(Debug, Default)]
struct PerClient(Mutex<HashMap<IpAddr, u32>>);

/// One of a client's connections, until it is dropped.
struct ClientPermit {
    clients: Arc<PerClient>,
    address: IpAddr,
}

impl PerClient {
    /// `None` where the client has as many as it may.
    fn acquire(self: &Arc<Self>, address: IpAddr, limit: u32) -> Option<ClientPermit> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= limit {
            return None;
        }
        *count = count.saturating_add(1);
        Some(ClientPermit {
            clients: Arc::clone(self),
            address,
        })
    }
}

impl Drop for ClientPermit {
    fn drop(&mut self) {
        let clients = &self.clients.0;
        let mut counts = clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

/// Serves until `drain`. Then connections without a request end at once, and requests that have
/// begun are finished, for `drain_timeout` at most.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &Limits,
    drain: impl Future<Output = ()>,
    drain_timeout: Duration,
    metrics: ConnectionMetrics,
) {
    let open = Arc::new(Semaphore::new(limits.connections as usize));
    let clients = Arc::new(PerClient::default());
    let logs = Logs::default();
    let (drains, draining) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut drain = pin!(drain);
    loop {
        let accepted = tokio::select! {
            () = &mut drain => break,
            accepted = accept(&listener, &open, &logs) => accepted,
        };
        // Those that have ended leave nothing behind.
        while connections.try_join_next().is_some() {}
        let Some((stream, peer, permit)) = accepted else {
            continue;
        };
        let client = match single_client(peer.ip(), &limits.trusted_proxies) {
            None => None,
            Some(address) => match clients.acquire(address, limits.connections_per_client) {
                None => {
                    metrics.refused.inc();
                    if let Some(count) = logs.refused.count() {
                        tracing::warn!(
                            event = "server.client_limited",
                            count,
                            "connections of a client that has as many as it may are closed"
                        );
                    }
                    continue;
                }
                client => client,
            },
        };
        // An answer is written whole: waiting for more to send only makes it later.
        let _ = stream.set_nodelay(true);
        let phase = Phase::new(limits.idle);
        let connection = serve_one(stream, phase, peer, router.clone(), draining.clone());
        let counted = metrics.open();
        connections.spawn(async move {
            connection.await;
            drop((permit, client, counted));
        });
    }
    drop(listener);
    let _ = drains.send(true);
    let ended = async { while connections.join_next().await.is_some() {} };
    if timeout(drain_timeout, ended).await.is_err() {
        tracing::warn!(
            event = "server.drain_timeout",
            "a request took too long to end: its connection is closed"
        );
    }
}

#[derive(Debug, Default)]
struct Logs {
    full: CountedLog,
    failed: CountedLog,
    refused: CountedLog,
}

/// The next connection, once there is room for one more.
async fn accept(
    listener: &TcpListener,
    open: &Arc<Semaphore>,
    logs: &Logs,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    if open.available_permits() == 0
        && let Some(count) = logs.full.count()
    {
        tracing::warn!(
            event = "server.connections_full",
            count,
            "as many connections are open as may be: further ones wait"
        );
    }
    let permit = Arc::clone(open).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, permit)),
        Err(error) => {
            let is_clients = matches!(
                error.kind(),
                io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::ConnectionReset
            );
            if !is_clients {
                if let Some(count) = logs.failed.count() {
                    tracing::error!(event = "server.accept_failed", count, %error, "no connection can be accepted");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            None
        }
    }
}

async fn serve_one(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    phase: Phase,
    peer: SocketAddr,
    router: Router,
    mut draining: watch::Receiver<bool>,
) {
    let stream = TimedStream::new(stream, phase.clone());
    let service = {
        let phase = phase.clone();
        service_fn(move |request: hyper::Request<Incoming>| {
            let (router, phase) = (router.clone(), phase.clone());
            phase.begin_request();
            async move {
                let mut request: Request = request.map(Body::new);
                request.extensions_mut().insert(Peer(peer));
                let response = router.oneshot(request).await;
                phase.end_request();
                response
            }
        })
    };
    let connection = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let drains = async {
        let _ = draining.wait_for(|draining| *draining).await;
    };
    tokio::select! {
        // What a client did wrong is no news.
        _ = connection.as_mut() => {}
        () = phase.expired() => {}
        () = drains => {
            if !phase.awaits_head() {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        task::JoinHandle,
        time::{Instant, sleep},
    };

    #[test]
    fn a_clients_connections_are_counted_until_they_end() {
        let clients = Arc::new(PerClient::default());
        let address = "203.0.113.7".parse().unwrap();
        let one = clients.acquire(address, 2).unwrap();
        let _two = clients.acquire(address, 2).unwrap();
        assert!(clients.acquire(address, 2).is_none());
        assert!(clients.acquire("203.0.113.8".parse().unwrap(), 2).is_some());
        drop(one);
        assert!(clients.acquire(address, 2).is_some());
    }

    const IDLE: Duration = Duration::from_secs(75);
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    /// A connection to a server that answers each request with so many bytes.
    fn connect(answer: usize) -> (DuplexStream, watch::Sender<bool>, JoinHandle<()>) {
        let (client, server) = duplex(1024);
        let router = Router::new().fallback(async move || vec![b'x'; answer]);
        let (drains, draining) = watch::channel(false);
        let peer = "127.0.0.1:1".parse().unwrap();
        let serving = tokio::spawn(serve_one(server, Phase::new(IDLE), peer, router, draining));
        (client, drains, serving)
    }

    /// How long it takes until the server closes the connection.
    async fn until_closed(client: &mut DuplexStream) -> Duration {
        let began = Instant::now();
        let _ = client.read_to_end(&mut Vec::new()).await;
        began.elapsed()
    }

    fn assert_about(took: Duration, seconds: u64) {
        let after = Duration::from_secs(seconds);
        assert!(
            took >= after && took < after + Duration::from_secs(1),
            "{took:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_ten_seconds_however_it_comes() {
        let (mut silent, _drains, _) = connect(1);
        assert_about(until_closed(&mut silent).await, 10);
        let (slow, _drains, _) = connect(1);
        let (mut read, mut write) = tokio::io::split(slow);
        tokio::spawn(async move {
            while write.write_all(b"X").await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        });
        let began = Instant::now();
        let _ = read.read_to_end(&mut Vec::new()).await;
        assert_about(began.elapsed(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_may_idle_longer_and_the_next_head_may_not() {
        let (mut client, _drains, _) = connect(1);
        client.write_all(REQUEST).await.unwrap();
        assert_about(until_closed(&mut client).await, 75);

        let (mut client, _drains, _) = connect(1);
        client.write_all(REQUEST).await.unwrap();
        client.read_u8().await.unwrap();
        sleep(Duration::from_secs(60)).await;
        client.write_all(b"GET").await.unwrap();
        assert_about(until_closed(&mut client).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_given_up_and_a_slow_one_is_not() {
        let (mut client, _drains, serving) = connect(20_000);
        client.write_all(REQUEST).await.unwrap();
        for _ in 0..10 {
            sleep(Duration::from_secs(20)).await;
            client.read_exact(&mut [0; 512]).await.unwrap();
        }
        let began = Instant::now();
        serving.await.unwrap();
        assert_about(began.elapsed(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn a_drain_lets_an_answer_go_out_and_ends_the_idle_at_once() {
        let (mut client, drains, _) = connect(20_000);
        client.write_all(REQUEST).await.unwrap();
        client.read_exact(&mut [0; 512]).await.unwrap();
        // The next request has begun already.
        client.write_all(b"GET").await.unwrap();
        sleep(Duration::from_secs(1)).await;
        drains.send(true).unwrap();
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await.unwrap();
        assert!(rest.len() > 19_000, "{}", rest.len());

        let (mut client, drains, _) = connect(1);
        client.write_all(REQUEST).await.unwrap();
        client.read_u8().await.unwrap();
        drains.send(true).unwrap();
        assert_about(until_closed(&mut client).await, 0);
        let (mut client, drains, _) = connect(1);
        client.write_all(b"GET").await.unwrap();
        drains.send(true).unwrap();
        assert_about(until_closed(&mut client).await, 0);
    }
}
