//! The merchant's back end: signs buyers in, takes orders, has GoPay take the money, and
//! serves the mini app.
//!
//! Where to start: [`evidence`] decides what an order's status is,
//! [`conclusion`] what follows from GoPay's answers; [`shop`] does what has to
//! be done; [`gopay`] talks to GoPay; `http` is what the app and GoPay see.

pub mod arrivals;
pub mod books;
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
mod qr;
pub mod reconcile;
pub mod refund;
pub mod schedule;
pub mod shop;
pub mod staff;
pub mod store;
pub mod vault;
pub mod verify;

pub use config::Config;
pub use keygen::{KeygenError, keygen};

use arrivals::Arrivals;
use cashier::Cashier;
use clock::Clock;
use config::Fulfilment;
use courier::Courier;
use crash::mortal;
use gopay::GoPay;
use hook::Hook;
use http::Context;
use shop::Shop;
use std::{
    future::{self, Future},
    io,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicU64},
};
use store::{Claim, Store};
use tokio::{net::TcpListener, sync::Notify};
use url::Url;

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
    #[error("no connection to GoPay can be set up: {0}")]
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

    /// Answers, looks after payments and refunds, and tells the hook, until `shutdown`; then finishes the requests it
    /// has begun to answer.
    pub async fn serve(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), io::Error> {
        // Until nothing here writes any more.
        let _claim = self.claim;
        let clock = self.context.shop.clock.clone();
        let looking = Arc::clone(&self.context.shop).look_after_payments();
        let telling = async {
            match self.courier {
                Some(courier) => courier.run(clock).await,
                None => future::pending().await,
            }
        };
        let refunding = self.cashier.run(self.context.shop.clock.clone());
        let serving =
            axum::serve(self.listener, http::router(self.context)).with_graceful_shutdown(shutdown);
        tokio::select! {
            served = async { serving.await } => served,
            () = mortal("looking", looking) => Ok(()),
            () = mortal("telling", telling) => Ok(()),
            () = mortal("refunding", refunding) => Ok(()),
        }
    }
}
