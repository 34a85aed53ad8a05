//! The merchant as one process: what it is put together from, how it starts and how it ends.

use crate::{
    adapters::{
        database::{self, InstanceLock, Store, check_others},
        gopay::GoPay,
        http::{self, Context, bundle_check, readiness::Readiness},
        webhook::WebhookClient,
    },
    config::{Config, DEFAULT_HOST, Fulfilment, GoPayAccount, Limits, MiniApp, notification_url},
    failpoint::with_failpoints,
    metrics::{ConnectionMetrics, Metrics},
    ports::Clock,
    service::{OrderService, PaymentService, missing_notifications::MissingNotifications},
    workers::{
        Heartbeat, Workers, inquiry::InquiryWorker, mini_app::MiniAppWorker, refund::RefundWorker,
        webhook::WebhookWorker,
    },
};
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
use tokio::{net::TcpListener, sync::Notify, task::JoinSet, time::timeout};
use url::Url;

/// How long `/readyz` says that the merchant is about to end, while it still takes requests.
const READINESS_NOTICE: Duration = Duration::from_secs(1);

/// How long requests that have begun may take after that. A connection that holds one up is
/// closed then: nothing is lost that the process's death would not lose, which is nothing.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(9);

/// Connections of operators at once.
const ADMIN_CONNECTIONS: u32 = 32;

/// How long a write that has begun may take at the end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// A merchant that listens.
#[derive(Debug)]
pub struct Merchant {
    listener: TcpListener,
    address: SocketAddr,
    admin_listener: Option<TcpListener>,
    contexts: Vec<Context>,
    readiness: Arc<Readiness>,
    heartbeats: Heartbeats,
    payments: Arc<PaymentService<Store>>,
    webhook_worker: Option<WebhookWorker<Store>>,
    refund_worker: RefundWorker<Store>,
    mini_app_worker: MiniAppWorker<Store>,
    instance_lock: InstanceLock,
    limits: Limits,
}

/// Of each worker.
#[derive(Debug, Default)]
struct Heartbeats {
    inquiry: Heartbeat,
    /// `None` without a webhook.
    webhook: Option<Heartbeat>,
    refund: Heartbeat,
    mini_app: Heartbeat,
}

impl Heartbeats {
    fn named(&self) -> Vec<(&'static str, Heartbeat)> {
        let always = [
            ("inquiry", &self.inquiry),
            ("refund", &self.refund),
            ("mini_app", &self.mini_app),
        ];
        let webhook = self.webhook.iter().map(|heartbeat| ("webhook", heartbeat));
        let all = always.into_iter().chain(webhook);
        all.map(|(name, heartbeat)| (name, heartbeat.clone()))
            .collect()
    }
}

/// Why a merchant does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("database_url: {0}")]
    Store(#[from] database::Error),
    #[error(
        "no connection to GoPay can be set up (an image without CA certificates needs the package ca-certificates, or SSL_CERT_FILE): {0}"
    )]
    GoPay(#[from] reqwest::Error),
    /// The other HTTP client.
    #[error("fulfilment.webhook_url: no connection can be set up: {0}")]
    WebhookClient(#[source] reqwest::Error),
    /// An address that is none.
    #[error("public_url: {0}")]
    PublicUrl(#[from] url::ParseError),
}

impl Merchant {
    /// Opens the database and listens, without answering yet.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        Self::bind_with_clock(Clock::system(), config).await
    }

    /// The same, by another clock than the machine's.
    pub async fn bind_with_clock(clock: Clock, config: Config) -> Result<Self, StartError> {
        with_failpoints("boot", Self::prepare(clock, config)).await
    }

    async fn prepare(clock: Clock, config: Config) -> Result<Self, StartError> {
        let mut instance_lock = InstanceLock::acquire(&config.database_url).await?;
        check_others(&config.database_url, &mut instance_lock).await?;
        let metrics = Arc::new(Metrics::new(config.gopay.environment.name()));
        let rules = (config.mini_apps.iter()).map(|app| (app.id.clone(), app.rules.clone()));
        let store = Store::open(&config.database_url, config.fulfilment_mode())
            .await?
            .with_paid_late(config.paid_late)
            .with_rules(rules.collect())
            .with_metrics(Arc::clone(&metrics));
        let ids: Vec<_> = config.mini_apps.iter().map(|app| app.id.clone()).collect();
        store.assign_customers(&ids).await?;
        store
            .adopt_master_keys(&config.vault, &mut instance_lock)
            .await?;
        store
            .reclaim_leases(&instance_lock, clock.now())
            .await
            .map_err(database::Error::from)?;
        instance_lock.admit_others().await?;
        let webhook_worker = match config.fulfilment {
            Some(Fulfilment {
                webhook_url,
                keys,
                proxy_url,
            }) => {
                let client = WebhookClient::new(webhook_url, keys, proxy_url.as_ref())
                    .map_err(StartError::WebhookClient)?;
                Some(WebhookWorker::new(store.clone(), client))
            }
            None => None,
        };
        let (listener, address) = listen(config.listen).await?;
        let admin_listener = match config.operations.admin_listen {
            Some(address) => Some(listen(address).await?.0),
            None => None,
        };
        let local = Url::parse(&format!("http://{DEFAULT_HOST}:{}", address.port()))?;
        let account = Arc::new(config.gopay);
        let vault = Arc::new(config.vault);
        let gopay = GoPay::new(Arc::clone(&account), clock.clone())?
            .with_metrics(Arc::clone(&metrics))
            .with_shared_state(Arc::new(store.clone()), Arc::clone(&vault))
            .with_processes(instance_lock.processes());
        let gopay = Arc::new(gopay);
        gopay.read_pauses().await;
        let refund_worker = RefundWorker::new(store.clone(), Arc::clone(&gopay));
        let mini_app_worker =
            MiniAppWorker::new(store.clone(), Arc::clone(&gopay), Arc::clone(&vault));
        let payments = Arc::new(PaymentService {
            notification_store: store.for_notifications(),
            store,
            gopay,
            merchant_id: account.merchant_id.clone(),
            clock,
            wake: Notify::new(),
            paid_without_amount: config.paid_without_amount,
            monitor: MissingNotifications::default(),
            odd_ids: AtomicU64::new(0),
        });
        let notify_at = config.public_url.as_ref().unwrap_or(&local);
        log_start(&account, notify_at, &config.notify_path, &config.warnings);
        let service = |mini_app: MiniApp| {
            let public_url = mini_app.public_url.clone();
            Arc::new(OrderService {
                payments: Arc::clone(&payments),
                mini_app,
                public_url: public_url.unwrap_or_else(|| local.clone()),
                vault: Arc::clone(&vault),
                payment: config.payment,
                order_limits: config.limits.orders,
            })
        };
        let heartbeats = Heartbeats {
            webhook: webhook_worker.as_ref().map(|_| Heartbeat::default()),
            ..Heartbeats::default()
        };
        // Buyers of a package have its pages.
        let apps = config.mini_apps.iter();
        let pages = apps
            .filter(|app| app.package_origins.is_empty())
            .map(|app| app.dist.join(bundle_check::PAGE))
            .collect();
        let readiness = Arc::new(Readiness::new(
            Arc::clone(&payments),
            pages,
            heartbeats.named(),
            config.operations.queue_max_age,
            metrics,
        ));
        if let Some(address) = config.operations.admin_listen {
            tracing::info!(event = "server.admin", %address, "serves metrics and readiness");
        }
        let services: Vec<_> = config.mini_apps.into_iter().map(service).collect();
        for service in &services {
            log_mini_app(&service.mini_app, &service.public_url);
        }
        Ok(Self {
            listener,
            address,
            admin_listener,
            heartbeats,
            webhook_worker,
            refund_worker,
            mini_app_worker,
            contexts: Context::of_each(
                &services,
                &account,
                &config.notify_path,
                config.hsts,
                &config.limits,
                instance_lock.processes(),
                &readiness,
            ),
            readiness,
            instance_lock,
            limits: config.limits,
            payments,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where metrics and readiness are served, if they are.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin_listener.as_ref()?.local_addr().ok()
    }

    /// Answers requests and runs the workers until `shutdown`. Then
    /// `/readyz` says so, requests that have begun are finished, for ten seconds in all, and the
    /// database is closed.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send + 'static) {
        let Self {
            listener,
            admin_listener,
            contexts,
            readiness,
            heartbeats,
            payments,
            webhook_worker,
            refund_worker,
            mini_app_worker,
            instance_lock,
            limits,
            ..
        } = self;
        let store = payments.store.clone();
        let workers = spawn_workers(
            &payments,
            heartbeats,
            webhook_worker,
            refund_worker,
            mini_app_worker,
        );
        let mut admin = JoinSet::new();
        if let Some(listener) = admin_listener {
            admin.spawn(serve_admin(listener, Arc::clone(&readiness)));
        }
        let metrics = readiness.metrics.connections.clone();
        let drain = async move {
            shutdown.await;
            tracing::info!(
                event = "server.draining",
                "asked to end: finishing what has begun"
            );
            readiness.is_draining.store(true, Ordering::Relaxed);
            tokio::time::sleep(READINESS_NOTICE).await;
        };
        let router = http::router(contexts);
        http::connections::serve(listener, router, &limits, drain, DRAIN_TIMEOUT, metrics).await;
        workers.stop().await;
        // Operators can see it drain until then.
        admin.shutdown().await;
        if timeout(CLOSE_TIMEOUT, store.close()).await.is_err() {
            tracing::error!(
                event = "server.close_timeout",
                "the database could not be closed in time"
            );
        }
        // Nothing here writes any more: the next merchant may.
        drop(instance_lock);
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Until it is dropped.
async fn serve_admin(listener: TcpListener, readiness: Arc<Readiness>) {
    let limits = Limits {
        connections: ADMIN_CONNECTIONS,
        ..Limits::default()
    };
    let router = http::admin::router(readiness);
    let for_ever = std::future::pending();
    let metrics = ConnectionMetrics::default();
    http::connections::serve(listener, router, &limits, for_ever, DRAIN_TIMEOUT, metrics).await;
}

/// Says which merchant has been started: a line that is read when something is not as expected.
fn log_start(account: &GoPayAccount, public_url: &Url, notify_path: &str, warnings: &[String]) {
    let notify_url = notification_url(public_url, notify_path);
    tracing::info!(event = "server.started",
        environment = account.environment.name(),
        %public_url,
        %notify_url,
        "started"
    );
    if let Some(notice) = account.environment.notice() {
        tracing::warn!(event = "server.environment", "{notice}");
    }
    for warning in warnings {
        tracing::warn!(event = "config.warning", "{warning}");
    }
}

fn log_mini_app(mini_app: &MiniApp, public_url: &Url) {
    let id = mini_app.id.as_str();
    tracing::info!(event = "server.mini_app", mini_app = id, %public_url, "serves a mini app");
    // Buyers of a package have its pages, and need none from here.
    if mini_app.package_origins.is_empty() {
        for mismatch in bundle_check::mismatches(&mini_app.dist, &mini_app.catalogue) {
            tracing::warn!(event = "bundle.mismatch", mini_app = id, "{mismatch}");
        }
    }
}

/// Begins what is done beside answering requests.
fn spawn_workers(
    payments: &Arc<PaymentService<Store>>,
    heartbeats: Heartbeats,
    webhook_worker: Option<WebhookWorker<Store>>,
    refund_worker: RefundWorker<Store>,
    mini_app_worker: MiniAppWorker<Store>,
) -> Workers {
    let mut workers = Workers::default();
    let inquiries = InquiryWorker::new(Arc::clone(payments));
    workers.spawn("inquiry worker", move || {
        inquiries.clone().run(heartbeats.inquiry.clone())
    });
    if let (Some(webhook_worker), Some(heartbeat)) = (webhook_worker, heartbeats.webhook) {
        let clock = payments.clock.clone();
        workers.spawn("webhook worker", move || {
            webhook_worker.clone().run(clock.clone(), heartbeat.clone())
        });
    }
    let clock = payments.clock.clone();
    workers.spawn("refund worker", move || {
        refund_worker
            .clone()
            .run(clock.clone(), heartbeats.refund.clone())
    });
    let gopay = Arc::clone(&payments.gopay);
    workers.spawn("pauses", move || {
        let gopay = Arc::clone(&gopay);
        async move { gopay.follow_pauses().await }
    });
    let clock = payments.clock.clone();
    workers.spawn("mini-app worker", move || {
        mini_app_worker
            .clone()
            .run(clock.clone(), heartbeats.mini_app.clone())
    });
    workers
}
