//! The server: all routes on one loopback address, and the notifier beside it.

use crate::{
    Gallery, Keys, Package, api, bridge, control, frame, gallery, guard,
    line::{Cut, Lines},
    notifier, package,
    shared::Shared,
    world::{Merchant, World},
};
use axum::{Router, middleware::from_fn_with_state, routing::get};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

/// What a simulator needs to know.
#[derive(Debug)]
pub struct Options {
    /// Loopback; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The address of the mini app.
    pub app: Url,
    /// The origin under which the merchant takes notifications.
    pub notify: Url,
    /// Both sides' keys.
    pub keys: Keys,
}

/// Why it does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Others on the network could reach it.
    #[error(
        "cannot listen on {0}: the simulator signs with keys that a merchant trusts, so it stays on this machine; use 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// Mostly: somebody else listens there.
    #[error("cannot listen on {address}: {source}; choose another port with --listen")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// `--app` or `--notify` is something else.
    #[error("{0} is not an http or https address")]
    Address(Url),
    /// The notifications' HTTP client cannot be made.
    #[error("cannot make an HTTP client")]
    Client(#[source] reqwest::Error),
    /// It stopped.
    #[error("the server stopped")]
    Serve(#[source] io::Error),
}

/// A simulator that listens and does not answer yet.
#[derive(Debug)]
pub struct Simulator {
    listener: TcpListener,
    shared: Arc<Shared>,
    package: Option<Package>,
    gallery: Option<Gallery>,
}

/// A simulator at work; it stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    task: JoinHandle<Result<(), Error>>,
}

impl Simulator {
    /// Takes its address.
    pub async fn bind(options: Options) -> Result<Self, Error> {
        let Options {
            listen,
            app,
            notify,
            keys,
        } = options;
        if !listen.ip().is_loopback() {
            return Err(Error::NotLoopback(listen));
        }
        for url in [&app, &notify] {
            if !matches!(url.scheme(), "http" | "https") {
                return Err(Error::Address(url.clone()));
            }
        }
        let failed = |source| Error::Listen {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let http = notifier::client().map_err(Error::Client)?;
        let world = World::new(Merchant { app, notify });
        let shared = Arc::new(Shared::new(address, keys, http, world));
        Ok(Self {
            listener,
            shared,
            package: None,
            gallery: None,
        })
    }

    /// Has a mini app's files under `/packages/kedai/`, as Container V1 would.
    pub fn with_package(self, package: Package) -> Self {
        Self {
            package: Some(package),
            ..self
        }
    }

    /// Shows these states at `/gallery`.
    pub fn with_gallery(self, gallery: Gallery) -> Self {
        Self {
            gallery: Some(gallery),
            ..self
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Answers until the process ends.
    pub async fn serve(self) -> Result<(), Error> {
        let Self {
            listener,
            shared,
            package,
            gallery,
        } = self;
        let packages = package.map_or_else(Router::new, package::router);
        let gallery = gallery.map(Arc::new);
        let router = router(Arc::clone(&shared), packages, gallery);
        let service = router.into_make_service_with_connect_info::<Cut>();
        tokio::select! {
            served = axum::serve(Lines(listener), service) => served.map_err(Error::Serve),
            () = notifier::run(shared) => Ok(()),
        }
    }

    /// Answers in the background.
    pub fn spawn(self) -> Running {
        Running {
            address: self.address(),
            task: tokio::spawn(self.serve()),
        }
    }
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn router(
    shared: Arc<Shared>,
    packages: Router<Arc<Shared>>,
    gallery: Option<Arc<Gallery>>,
) -> Router {
    let guarded = Router::new()
        .nest("/control", control::router())
        .nest("/bridge", bridge::router())
        .nest("/gallery/states", gallery::router(gallery.clone()))
        .layer(from_fn_with_state(Arc::clone(&shared), guard::guard));
    Router::new()
        .route("/healthz", get(async || "ok"))
        .merge(frame::router())
        .merge(gallery::shown(gallery))
        .merge(packages)
        .merge(api::router(&shared))
        .merge(guarded)
        .with_state(shared)
}
