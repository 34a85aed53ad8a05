//! The server: all routes on one loopback address, the sandbox's on another, and the notifier.

use crate::{
    Gallery, Keys, Package, account, api,
    app_state::AppState,
    bridge,
    connection::{AbortHandle, ConnectionListener},
    control, gallery,
    gopay_state::{GoPayState, Merchant},
    host::{Host, PerHost},
    mini_apps::{MiniAppId, MiniApps, MiniAppsError},
    notifier,
    order_history::{OrderHistory, ShapeError},
    origin_guard, package, pages, web_payment,
};
use axum::{Json, Router, http::StatusCode, middleware::from_fn_with_state, routing::get};
use gopay_protocol::{Secret, ServerKey, ServerKeyError};
use serde_json::json;
use std::{future::pending, io, net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

#[derive(Debug)]
pub struct Options {
    /// A loopback address; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The address of the first mini app.
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
    #[error("cannot listen on {address}: {source}; choose another port with {option}")]
    Listen {
        address: SocketAddr,
        option: &'static str,
        source: io::Error,
    },
    #[error("{0} is not an http or https address")]
    Address(Url),
    #[error("cannot make an HTTP client")]
    Client(#[source] reqwest::Error),
    #[error("cannot use a server key")]
    ServerKey(#[source] ServerKeyError),
    #[error("the server stopped")]
    Serve(#[source] io::Error),
}

/// A simulator that is bound and does not serve yet.
#[derive(Debug)]
pub struct Simulator {
    listener: TcpListener,
    sandbox: Option<TcpListener>,
    state: Arc<AppState>,
    package: Option<Package>,
    gallery: Option<Gallery>,
}

/// A simulator that serves in the background, and stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    sandbox_address: Option<SocketAddr>,
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
        for url in [&app, &notify] {
            if !matches!(url.scheme(), "http" | "https") {
                return Err(Error::Address(url.clone()));
            }
        }
        let (listener, address) = bind_loopback(listen, "--listen").await?;
        let server_key = |key| ServerKey::new(&Secret::new(key)).map_err(Error::ServerKey);
        let server_keys = PerHost::new(
            server_key(account::SERVER_KEY)?,
            server_key(account::SANDBOX_SERVER_KEY)?,
        );
        let http = notifier::client().map_err(Error::Client)?;
        let gopay = GoPayState::new(Merchant {
            mini_apps: MiniApps::new(app, keys.auth_credentials.clone()),
            notify,
            order_history: OrderHistory::default(),
        });
        let state = Arc::new(AppState::new(address, server_keys, keys, http, gopay));
        Ok(Self {
            listener,
            sandbox: None,
            state,
            package: None,
            gallery: None,
        })
    }

    /// Plays a further mini app of the merchant; `auth_credentials` is the text behind `Basic ` in its token
    /// exchange. Its point of purchase is [`account::point_of_purchase_id`].
    pub fn with_mini_app(
        self,
        id: MiniAppId,
        app: Url,
        auth_credentials: Secret,
    ) -> Result<Self, MiniAppsError> {
        self.state
            .write(|gopay| gopay.merchant.mini_apps.add(id, app, auth_credentials))?;
        Ok(self)
    }

    /// Serves the first mini app's files under `/packages/kedai/`, as Container V1 does.
    pub fn with_package(self, package: Package) -> Self {
        Self {
            package: Some(package),
            ..self
        }
    }

    /// Plays Midtrans' sandbox, too, on an address of its own.
    pub async fn with_sandbox(self, listen: SocketAddr) -> Result<Self, Error> {
        let (listener, address) = bind_loopback(listen, "--sandbox-listen").await?;
        // Only this sets it, and a second call gives up its own listener for the first one's.
        if self.state.sandbox.set(address).is_err() {
            return Ok(self);
        }
        Ok(Self {
            sandbox: Some(listener),
            ..self
        })
    }

    /// Where an entry of the order history leads, from the app's address:
    /// `/orders/{partner_reference_no}`; the app's home without it.
    pub fn with_order_history(self, shape: &str) -> Result<Self, ShapeError> {
        let order_history = OrderHistory::parse(shape)?;
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

    pub fn sandbox_address(&self) -> Option<SocketAddr> {
        self.state.sandbox.get().copied()
    }

    pub async fn serve(self) -> Result<(), Error> {
        let Self {
            listener,
            sandbox,
            state,
            package,
            gallery,
        } = self;
        let packages = package.map_or_else(Router::new, package::router);
        let gallery = gallery.map(Arc::new);
        let router = router(Arc::clone(&state), packages, gallery);
        let sandbox = sandbox.map(|listener| (listener, sandbox_router(Arc::clone(&state))));
        let serve_sandbox = async {
            match sandbox {
                Some((listener, router)) => serve_on(listener, router).await,
                None => pending().await,
            }
        };
        tokio::select! {
            served = serve_on(listener, router) => served,
            served = serve_sandbox => served,
            () = notifier::run(state) => Ok(()),
        }
    }

    pub fn spawn(self) -> Running {
        Running {
            address: self.address(),
            sandbox_address: self.sandbox_address(),
            task: tokio::spawn(self.serve()),
        }
    }
}

impl Running {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the sandbox listens, if it does.
    pub fn sandbox_address(&self) -> Option<SocketAddr> {
        self.sandbox_address
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn bind_loopback(
    listen: SocketAddr,
    option: &'static str,
) -> Result<(TcpListener, SocketAddr), Error> {
    if !listen.ip().is_loopback() {
        return Err(Error::NotLoopback(listen));
    }
    let failed = |source| Error::Listen {
        address: listen,
        option,
        source,
    };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

async fn serve_on(listener: TcpListener, router: Router) -> Result<(), Error> {
    let service = router.into_make_service_with_connect_info::<AbortHandle>();
    let served = axum::serve(ConnectionListener(listener), service).await;
    served.map_err(Error::Serve)
}

/// What the sandbox has not.
const SANDBOX_MISSING: &str = "this host plays Midtrans' sandbox: BI-SNAP, Snap and their web \
                               payment pages; container, mini-app API, phone and control API are \
                               on the address of --listen";

fn sandbox_router(state: Arc<AppState>) -> Router {
    let guarded = Router::new()
        .nest("/web", web_payment::router(Host::Sandbox))
        .layer(from_fn_with_state(Arc::clone(&state), origin_guard::guard));
    let missing = async || {
        (
            StatusCode::NOT_FOUND,
            Json(json!({"error": SANDBOX_MISSING})),
        )
    };
    Router::new()
        .route("/healthz", get(async || "ok"))
        .merge(pages::sandbox_router())
        .merge(api::sandbox_router(&state))
        .merge(guarded)
        .fallback(missing)
        .with_state(state)
}

fn router(
    state: Arc<AppState>,
    packages: Router<Arc<AppState>>,
    gallery: Option<Arc<Gallery>>,
) -> Router {
    let guarded = Router::new()
        .nest("/control", control::router())
        .nest("/bridge", bridge::router())
        .nest("/web", web_payment::router(Host::Production))
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
