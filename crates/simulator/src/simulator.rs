//! The server: all routes on one loopback address, and the notifier.

use crate::{
    Gallery, Keys, Package, api,
    app_state::AppState,
    bridge,
    connection::{AbortHandle, ConnectionListener},
    control, gallery,
    gopay_state::{GoPayState, Merchant},
    notifier,
    order_history::{OrderHistory, ShapeError},
    origin_guard, package, pages,
};
use axum::{Router, middleware::from_fn_with_state, routing::get};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

#[derive(Debug)]
pub struct Options {
    /// A loopback address; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The address of the mini app.
    pub app: Url,
    /// The origin that receives notifications.
    pub notify: Url,
    pub keys: Keys,
}

/// The simulator does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "cannot listen on {0}: the simulator signs with keys that a merchant trusts, so it stays on this machine; use 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    #[error("cannot listen on {address}: {source}; choose another port with --listen")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("{0} is not an http or https address")]
    Address(Url),
    #[error("cannot make an HTTP client")]
    Client(#[source] reqwest::Error),
    #[error("the server stopped")]
    Serve(#[source] io::Error),
}

/// A simulator that is bound and does not serve yet.
#[derive(Debug)]
pub struct Simulator {
    listener: TcpListener,
    state: Arc<AppState>,
    package: Option<Package>,
    gallery: Option<Gallery>,
}

/// A simulator that serves in the background, and stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    task: JoinHandle<Result<(), Error>>,
}

impl Simulator {
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
        let gopay = GoPayState::new(Merchant {
            app,
            notify,
            order_history: OrderHistory::default(),
        });
        let state = Arc::new(AppState::new(address, keys, http, gopay));
        Ok(Self {
            listener,
            state,
            package: None,
            gallery: None,
        })
    }

    /// Serves a mini app's files under `/packages/kedai/`, as Container V1 does.
    pub fn with_package(self, package: Package) -> Self {
        Self {
            package: Some(package),
            ..self
        }
    }

    /// Where an entry of the order history leads, from the app's address:
    /// `/orders/{partner_reference_no}`; the app's home without it.
    pub fn with_order_history(self, shape: &str) -> Result<Self, ShapeError> {
        let app = self.state.read(|gopay| gopay.merchant.app.clone());
        let order_history = OrderHistory::parse(shape, &app)?;
        self.state
            .write(|gopay| gopay.merchant.order_history = order_history);
        Ok(self)
    }

    /// Serves these states at `/gallery`.
    pub fn with_gallery(self, gallery: Gallery) -> Self {
        Self {
            gallery: Some(gallery),
            ..self
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.state.address
    }

    pub async fn serve(self) -> Result<(), Error> {
        let Self {
            listener,
            state,
            package,
            gallery,
        } = self;
        let packages = package.map_or_else(Router::new, package::router);
        let gallery = gallery.map(Arc::new);
        let router = router(Arc::clone(&state), packages, gallery);
        let service = router.into_make_service_with_connect_info::<AbortHandle>();
        tokio::select! {
            served = axum::serve(ConnectionListener(listener), service) => served.map_err(Error::Serve),
            () = notifier::run(state) => Ok(()),
        }
    }

    pub fn spawn(self) -> Running {
        Running {
            address: self.address(),
            task: tokio::spawn(self.serve()),
        }
    }
}

impl Running {
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
    state: Arc<AppState>,
    packages: Router<Arc<AppState>>,
    gallery: Option<Arc<Gallery>>,
) -> Router {
    let guarded = Router::new()
        .nest("/control", control::router())
        .nest("/bridge", bridge::router())
        .nest("/gallery/states", gallery::state_router(gallery.clone()))
        .layer(origin_guard::cors(Arc::clone(&state)))
        .layer(from_fn_with_state(Arc::clone(&state), origin_guard::guard));
    Router::new()
        .route("/healthz", get(async || "ok"))
        .merge(pages::router())
        .merge(gallery::overview_router(gallery))
        .merge(packages)
        .merge(api::router(&state))
        .merge(guarded)
        .with_state(state)
}
