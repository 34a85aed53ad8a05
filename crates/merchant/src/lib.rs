//! The merchant's back end: signs buyers in, takes orders, has GoPay take the money, and
//! serves the mini app.
//!
//! Where to start: [`evidence`] decides what an order's status is,
//! [`conclusion`] what follows from GoPay's answers; [`shop`] does what has to
//! be done; [`gopay`] talks to GoPay; `http` is what the app and GoPay see.

// The server's release is another one than the app's, which is as small as it can be.
#[cfg(all(panic = "abort", not(target_family = "wasm")))]
compile_error!(
    "in this profile one panic would end the merchant: build it with `cargo build --profile server -p merchant`"
);

pub mod arrivals;
pub mod books;
mod bundle;
pub mod cashier;
pub mod catalogue;
pub mod clock;
pub mod conclusion;
pub mod config;
pub mod courier;
mod crash;
pub mod doorbell;
pub mod evidence;
pub mod gopay;
pub mod hook;
mod http;
mod keygen;
pub mod outbox;
pub mod payment_ids;
pub mod pickup;
mod private_file;
mod qr;
pub mod reconcile;
pub mod refund;
pub mod schedule;
pub mod shop;
pub mod staff;
pub mod store;
pub mod vault;
pub mod verify;
mod workers;

pub use config::Config;
pub use keygen::{KeygenError, keygen};

use arrivals::Arrivals;
use cashier::Cashier;
use clock::Clock;
use config::{Fulfilment, Gopay};
use courier::Courier;
use crash::mortal;
use gopay::GoPay;
use hook::Hook;
use http::Context;
use shop::Shop;
use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use store::{Claim, Store};
use tokio::{
    net::TcpListener,
    sync::{Notify, oneshot},
    time::timeout,
};
use url::Url;
use workers::Workers;

/// How long `/readyz` says that the merchant is about to end, while it still takes requests.
const NOTICE: Duration = Duration::from_secs(1);

/// How long requests that have begun may take after that. A connection that holds one up is
/// closed then: nothing is lost that the process's death would not lose, which is nothing.
const DRAIN: Duration = Duration::from_secs(9);

/// How long a write that has begun may take at the end.
const LAST_WRITE: Duration = Duration::from_secs(3);

/// A merchant that listens.
#[derive(Debug)]
pub struct Merchant {
    listener: TcpListener,
    address: SocketAddr,
    context: Context,
    courier: Option<Courier>,
    cashier: Cashier,
    claim: Claim,
}

/// Why a merchant does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The database.
    #[error("database_url: {0}")]
    Store(#[from] store::Error),
    /// The HTTP client.
    #[error(
        "no connection to GoPay can be set up (an image without CA certificates needs the package ca-certificates, or SSL_CERT_FILE): {0}"
    )]
    GoPay(#[from] reqwest::Error),
    /// The other HTTP client.
    #[error("fulfilment.hook_url: no connection can be set up: {0}")]
    Hook(#[source] reqwest::Error),
    /// An address that is none.
    #[error("public_url: {0}")]
    PublicUrl(#[from] url::ParseError),
}

impl Merchant {
    /// Opens the database and listens, without answering yet.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        Self::bind_by(Clock::system(), config).await
    }

    /// The same, by another clock than the machine's.
    pub async fn bind_by(clock: Clock, config: Config) -> Result<Self, StartError> {
        mortal("boot", Self::prepare(clock, config)).await
    }

    async fn prepare(clock: Clock, config: Config) -> Result<Self, StartError> {
        let claim = Claim::take(&config.database_url)?;
        let store = Store::open(&config.database_url, config.handover())
            .await?
            .with_paid_late(config.paid_late);
        store.take_over(&claim, clock.now()).await?;
        let courier = match config.fulfilment {
            Some(Fulfilment {
                hook_url,
                key,
                proxy_url,
            }) => {
                let hook =
                    Hook::new(hook_url, key, proxy_url.as_ref()).map_err(StartError::Hook)?;
                Some(Courier::new(store.clone(), hook))
            }
            None => None,
        };
        let listen = |source| StartError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let public_url = match config.public_url {
            Some(url) => url,
            None => Url::parse(&format!("http://localhost:{}", address.port()))?,
        };
        let account = Arc::new(config.gopay);
        let gopay = Arc::new(GoPay::new(Arc::clone(&account), clock.clone())?);
        let cashier = Cashier::new(store.clone(), Arc::clone(&gopay));
        let shop = Arc::new(Shop {
            store,
            gopay,
            mini_app: config.mini_app,
            merchant_id: account.merchant_id.clone(),
            vault: config.vault,
            clock,
            wake: Notify::new(),
            paid_without_amount: config.paid_without_amount,
            arrivals: Arrivals::default(),
            odd_ids: AtomicU64::new(0),
        });
        announce(&account, &public_url, &config.notify_path, &config.warnings);
        let misfits = bundle::misfits(&config.dist, &shop.mini_app.catalogue);
        // Buyers of a package have its pages, and need none from here.
        if shop.mini_app.package_origins.is_empty() {
            for misfit in misfits {
                tracing::warn!("{misfit}");
            }
        }
        Ok(Self {
            listener,
            address,
            courier,
            cashier,
            claim,
            context: Context::new(
                shop,
                account,
                &public_url,
                config.hsts,
                config.dist,
                &config.notify_path,
            ),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers, looks after payments and refunds, and tells the hook, until `shutdown`. Then
    /// `/readyz` says so, requests that have begun are finished, for ten seconds in all, and the
    /// database is closed.
    pub async fn serve(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), io::Error> {
        let Self {
            listener,
            context,
            courier,
            cashier,
            claim,
            ..
        } = self;
        let store = context.shop.store.clone();
        let workers = work(&context.shop, courier, cashier);
        let (is_draining, drains) = oneshot::channel();
        let draining = Arc::clone(&context.is_draining);
        let stop_accepting = async move {
            shutdown.await;
            tracing::info!("asked to end: finishing what has begun");
            draining.store(true, Ordering::Relaxed);
            tokio::time::sleep(NOTICE).await;
            let _ = is_draining.send(());
        };
        let serving =
            axum::serve(listener, http::router(context)).with_graceful_shutdown(stop_accepting);
        let out_of_time = async {
            // Not before the end was asked for.
            let _ = drains.await;
            tokio::time::sleep(DRAIN).await;
        };
        let served = tokio::select! {
            served = async { serving.await } => served,
            () = out_of_time => {
                tracing::warn!("a request took too long to end: its connection is closed");
                Ok(())
            }
        };
        workers.stop().await;
        if timeout(LAST_WRITE, store.close()).await.is_err() {
            tracing::error!("the database could not be closed in time");
        }
        // Nothing here writes any more: the next merchant may.
        drop(claim);
        served
    }
}

/// Says which merchant has been started: a line that is read when something is not as expected.
fn announce(account: &Gopay, public_url: &Url, notify_path: &str, warnings: &[String]) {
    let mut notify_url = public_url.clone();
    notify_url.set_path(notify_path);
    tracing::info!(
        environment = account.environment.name(),
        %public_url,
        %notify_url,
        "started"
    );
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}

/// Begins what is done beside answering requests.
fn work(shop: &Arc<Shop>, courier: Option<Courier>, cashier: Cashier) -> Workers {
    let mut workers = Workers::default();
    let looking = Arc::clone(shop);
    workers.spawn("looking", move || {
        Arc::clone(&looking).look_after_payments()
    });
    if let Some(courier) = courier {
        let clock = shop.clock.clone();
        workers.spawn("telling", move || courier.clone().run(clock.clone()));
    }
    let clock = shop.clock.clone();
    workers.spawn("refunding", move || cashier.clone().run(clock.clone()));
    workers
}
