//! Connections: how many there are at once, and how long each may take.
//!
//! Invariant: a connection without a request in progress ends by itself, whatever its client does or
//! leaves undone. axum's own loop has no such limits.

mod deadlines;

use super::client_address::{Peer, is_single};
use crate::config::Limits;
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
) {
    let open = Arc::new(Semaphore::new(limits.connections as usize));
    let clients = Arc::new(PerClient::default());
    let (drains, draining) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut drain = pin!(drain);
    loop {
        let accepted = tokio::select! {
            () = &mut drain => break,
            accepted = accept(&listener, &open) => accepted,
        };
        // Those that have ended leave nothing behind.
        while connections.try_join_next().is_some() {}
        let Some((stream, peer, permit)) = accepted else {
            continue;
        };
        let client = match is_single(peer.ip()) {
            false => None,
            true => match clients.acquire(peer.ip(), limits.connections_per_client) {
                None => continue,
                client => client,
            },
        };
        let connection = serve_one(stream, peer, router.clone(), draining.clone());
        connections.spawn(async move {
            connection.await;
            drop((permit, client));
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

/// The next connection, once there is room for one more.
async fn accept(
    listener: &TcpListener,
    open: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
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
                tracing::error!(event = "server.accept_failed", %error, "no connection can be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            None
        }
    }
}

async fn serve_one(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut draining: watch::Receiver<bool>,
) {
    // An answer is written whole: waiting for more to send only makes it later.
    let _ = stream.set_nodelay(true);
    let phase = Phase::default();
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
        () = drains => {
            if phase.has_request() {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
