//! The server: all routes on one loopback address, the sandbox's on another, and the notifier.

use crate::{
    Gallery, Keys, Package,
    account::Account,
    api,
    app_state::AppState,
    bridge,
    buyer::Buyer,
    caller::MerchantNo,
    check::{self, BackEnd, CheckError, Report},
    connection::{AbortHandle, ConnectionListener},
    control, gallery,
    gopay_state::GoPayState,
    host::{Host, PerHost},
    input::refuse_method,
    keys::{MerchantKeyRing, MerchantSecrets},
    merchants::{Merchant, MerchantError, Merchants},
    mini_apps::{MiniApp, MiniApps, MiniAppsError},
    notifier,
    order_history::{OrderHistory, ShapeError},
    origin_guard, package, pages, replay,
    setup::{Setup, SetupError},
    web_payment,
};
use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use gopay_protocol::{KeyError, Secret, ServerKey, ServerKeyError};
use reqwest::Certificate;
use std::{future::pending, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

#[derive(Debug)]
pub struct Options {
    /// A loopback address; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The address of the first mini app.
    pub app: Url,
    /// What receives notifications: an origin, to which the documented path is appended, or a whole address.
    pub notify: Url,
    pub keys: Keys,
}

/// A merchant after the first.
#[derive(Debug)]
pub struct FurtherMerchant {
    pub account: Account,
    pub secrets: MerchantSecrets,
    /// What receives its notifications, as in [`Options`].
    pub notify: Url,
}

/// The simulator does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "cannot listen on {0}: the simulator signs with keys that a merchant trusts, so it stays on this machine; use 127.0.0.1, or name with --allow-host the host under which others may reach it"
    )]
    NotLoopback(SocketAddr),
    #[error("cannot listen on {address}: {source}; choose another port with {option}")]
    Listen {
        address: SocketAddr,
        option: &'static str,
        source: io::Error,
    },
    #[error(
        "{0:?} is not the name of a host: write it without scheme and port, such as pc.local or 192.168.1.5"
    )]
    Host(String),
    #[error("GoPay's key has no public half")]
    GoPayKey(#[source] KeyError),
    #[error("{0} is not an http or https address")]
    Address(Url),
    #[error("cannot make an HTTP client")]
    Client(#[source] reqwest::Error),
    #[error("the file of --notify-ca has a certificate that cannot be read")]
    Certificate(#[source] reqwest::Error),
    #[error(
        "the file of --notify-ca has no certificate: it begins with -----BEGIN CERTIFICATE-----"
    )]
    NoCertificate,
    #[error("{key:?} is not a server key, which is printable ASCII without a colon")]
    ServerKey { key: String, source: ServerKeyError },
    #[error(transparent)]
    Merchant(#[from] MerchantError),
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
    state: Arc<AppState>,
    task: JoinHandle<Result<(), Error>>,
}

impl Simulator {
    pub async fn bind(options: Options) -> Result<Self, Error> {
        Self::bind_for(options, Vec::new()).await
    }

    /// Answers under these host names, too: then `listen` may be any address.
    pub async fn bind_for(options: Options, hosts: Vec<String>) -> Result<Self, Error> {
        let hosts = hosts
            .into_iter()
            .map(|host| match url::Host::parse(&host) {
                // In lower case, as browsers send it.
                Ok(parsed) => Ok(parsed.to_string()),
                Err(_) => Err(Error::Host(host)),
            })
            .collect::<Result<Vec<_>, _>>()?;
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
        let (listener, address) = bind_allowed(listen, &hosts, "--listen").await?;
        let account = Account::default();
        let server_keys = server_keys(&account)?;
        let http = notifier::client(Vec::new()).map_err(Error::Client)?;
        let merchants = Merchants::new(Merchant {
            account,
            notify,
            order_history: OrderHistory::default(),
        });
        let mini_apps = MiniApps::new(app, keys.auth_credentials.clone());
        let gopay = GoPayState::new(merchants, mini_apps);
        let state = AppState::new(address, hosts, server_keys, keys, http, gopay);
        let state = Arc::new(state.map_err(Error::GoPayKey)?);
        Ok(Self {
            listener,
            sandbox: None,
            state,
            package: None,
            gallery: None,
        })
    }

    /// Knows the first merchant by these names and ids.
    pub fn with_account(self, account: Account) -> Result<Self, Error> {
        let mut exchanged = (*self.state.exchanged()).clone();
        let first = exchanged.merchants.of_mut(MerchantNo::FIRST);
        first.server_keys = server_keys(&account)?;
        self.state.exchange(exchanged);
        self.state
            .write(|gopay| gopay.merchants.rename_first(account))?;
        Ok(self)
    }

    /// Knows a further merchant, by ids and keys of its own. Its mini apps are those that
    /// [say so](MiniApp::of_merchant).
    pub fn with_merchant(self, merchant: FurtherMerchant) -> Result<Self, Error> {
        let FurtherMerchant {
            account,
            secrets,
            notify,
        } = merchant;
        if !matches!(notify.scheme(), "http" | "https") {
            return Err(Error::Address(notify));
        }
        let server_keys = server_keys(&account)?;
        let mut exchanged = (*self.state.exchanged()).clone();
        self.state.write(|gopay| {
            gopay.merchants.add(Merchant {
                account,
                notify,
                order_history: gopay.merchants.first().order_history.clone(),
            })
        })?;
        let MerchantSecrets {
            client_secret,
            public_key,
        } = secrets;
        let keys = MerchantKeyRing::new(public_key, client_secret, server_keys);
        exchanged.merchants.push(keys);
        self.state.exchange(exchanged);
        Ok(self)
    }

    /// Plays this mini app in the place of the first one, `kedai`.
    pub fn with_first_mini_app(self, app: MiniApp) -> Result<Self, MiniAppsError> {
        self.state.write(|gopay| {
            let merchant = gopay.merchants.named(app.merchant_id())?;
            gopay.mini_apps.replace_first(app.owned_by(merchant))
        })?;
        Ok(self)
    }

    /// Plays a further mini app, of the first merchant or of the one that it [names](MiniApp::of_merchant).
    pub fn with_mini_app(self, app: MiniApp) -> Result<Self, MiniAppsError> {
        self.state.write(|gopay| {
            let merchant = gopay.merchants.named(app.merchant_id())?;
            gopay.mini_apps.add(app.owned_by(merchant))
        })?;
        Ok(self)
    }

    /// Knows this of a buyer.
    pub fn with_buyer(self, buyer: Buyer) -> Self {
        self.state.write(|gopay| {
            gopay.buyers.set(buyer);
            gopay.setup = gopay.settings();
        });
        self
    }

    /// Serves the first mini app's files under `/packages/<its id>/`, as Container V1 does.
    pub fn with_package(self, package: Package) -> Self {
        Self {
            package: Some(package),
            ..self
        }
    }

    /// Plays Midtrans' sandbox, too, on an address of its own.
    pub async fn with_sandbox(self, listen: SocketAddr) -> Result<Self, Error> {
        let hosts = &self.state.hosts;
        let (listener, address) = bind_allowed(listen, hosts, "--sandbox-listen").await?;
        // Only this sets it, and a second call gives up its own listener for the first one's.
        if self.state.sandbox.set(address).is_err() {
            return Ok(self);
        }
        Ok(Self {
            sandbox: Some(listener),
            ..self
        })
    }

    /// Is set up like this file (TOML) says, at the start and after each reset.
    pub fn with_setup(self, toml: &str) -> Result<Self, SetupError> {
        let setup = Setup::parse(toml)?;
        setup.validate(bridge::check_method)?;
        self.state.write(|gopay| {
            let buyers = gopay.buyers.clone();
            gopay.set_up(setup)?;
            for buyer in buyers.all() {
                if gopay.buyers.get(&buyer.id).is_none() {
                    gopay.buyers.set(buyer.clone());
                }
            }
            gopay.setup = gopay.settings();
            Ok::<_, SetupError>(())
        })?;
        Ok(self)
    }

    /// Makes ids, codes and tokens that follow from this seed, anew after each reset. It goes before that of a
    /// [setup](Self::with_setup), which therefore comes first.
    pub fn with_seed(self, seed: u32) -> Self {
        self.state.write(|gopay| {
            gopay.ids.seed = Some(seed);
            gopay.setup = gopay.settings();
        });
        self
    }

    /// Trusts these certificates (PEM) where notifications are sent over https.
    pub fn with_notify_ca(self, pem: &[u8]) -> Result<Self, Error> {
        let certificates = Certificate::from_pem_bundle(pem).map_err(Error::Certificate)?;
        if certificates.is_empty() {
            return Err(Error::NoCertificate);
        }
        let http = notifier::client(certificates).map_err(Error::Client)?;
        self.state.send_by(http);
        Ok(self)
    }

    /// Prints a line for each message, and what the mistake in a refused signature most likely is.
    pub fn with_log(self) -> Self {
        self.state.print_exchanges();
        self
    }

    /// Where an entry of the order history leads, from the app's address:
    /// `/orders/{partner_reference_no}`; the app's home without it.
    pub fn with_order_history(self, shape: &str) -> Result<Self, ShapeError> {
        let order_history = OrderHistory::parse(shape)?;
        self.state
            .write(|gopay| gopay.merchants.set_order_history(&order_history));
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
        let first = state.read(|gopay| gopay.mini_apps.first().id.clone());
        let packages = package.map_or_else(Router::new, |it| package::router(it, &first));
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
            state: Arc::clone(&self.state),
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

    /// Sends the merchant's back end what GoPay may send, and what others may send in its name. An order, a
    /// payment or a state is waited for as long as `wait`. No notification is sent by itself afterwards.
    pub async fn check(
        &self,
        back_end: &impl BackEnd,
        wait: Duration,
    ) -> Result<Report, CheckError> {
        check::run(Arc::clone(&self.state), back_end, wait).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn server_keys(account: &Account) -> Result<PerHost<ServerKey>, Error> {
    let server_key = |key: &String| {
        ServerKey::new(&Secret::new(key)).map_err(|source| Error::ServerKey {
            key: key.clone(),
            source,
        })
    };
    Ok(PerHost::new(
        server_key(&account.server_key)?,
        server_key(&account.sandbox_server_key)?,
    ))
}

async fn bind_allowed(
    listen: SocketAddr,
    hosts: &[String],
    option: &'static str,
) -> Result<(TcpListener, SocketAddr), Error> {
    if !listen.ip().is_loopback() && hosts.is_empty() {
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

fn sandbox_router(state: Arc<AppState>) -> Router {
    let guarded = Router::new()
        .nest("/web", web_payment::router(Host::Sandbox))
        .method_not_allowed_fallback(refuse_method)
        .layer(from_fn_with_state(
            (Arc::clone(&state), replay::SANDBOX),
            replay::record,
        ))
        .layer(from_fn_with_state(Arc::clone(&state), origin_guard::guard));
    Router::new()
        .route("/healthz", get(async || "ok"))
        .merge(pages::sandbox_router())
        .method_not_allowed_fallback(refuse_method)
        .merge(api::sandbox_router(&state))
        .merge(guarded)
        .fallback_service(api::unknown_router(&state, Host::Sandbox))
        .with_state(state)
}

fn router(
    state: Arc<AppState>,
    packages: Router<Arc<AppState>>,
    gallery: Option<Arc<Gallery>>,
) -> Router {
    let guarded = Router::new()
        .nest(
            "/control",
            control::router().route("/recording/replay", post(replay::replay)),
        )
        .merge(bridge::call_router(&state))
        .nest("/bridge", bridge::router())
        .nest("/web", web_payment::router(Host::Production))
        .nest("/gallery/states", gallery::state_router(gallery.clone()))
        .method_not_allowed_fallback(refuse_method)
        .layer(from_fn_with_state((Arc::clone(&state), ""), replay::record))
        .layer(origin_guard::cors(Arc::clone(&state)))
        .layer(from_fn_with_state(Arc::clone(&state), origin_guard::guard));
    Router::new()
        .route("/healthz", get(async || "ok"))
        .merge(pages::router())
        .merge(gallery::overview_router(gallery))
        .merge(packages)
        .method_not_allowed_fallback(refuse_method)
        .merge(api::router(&state))
        .merge(guarded)
        .fallback_service(api::unknown_router(&state, Host::Production))
        .with_state(state)
}
