//! Whether the merchant can do its work, and what keeps it from it.

use super::counted_log::CountedLog;
use crate::{
    adapters::{database::Store, gopay::Credential},
    metrics::Metrics,
    ports::{Backlog, BacklogRepository, Clock, Error},
    service::PaymentService,
    workers::Heartbeat,
};
use serde::Serialize;
use std::{
    future::Future,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use strum::IntoStaticStr;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

/// For how long what the database was asked holds.
const FIGURES_LIFETIME: Duration = Duration::from_secs(5);

/// A database that takes longer is not ready: a load balancer or Prometheus would not wait for the answer.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// A worker that has not looked for work for so long is stuck. The longest that one waits for is half
/// a minute.
const WORKER_TIMEOUT: Duration = Duration::from_secs(90);

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(super) enum Check {
    Draining,
    App,
    Database,
    DatabaseWrite,
    Worker,
    Credential,
    Queue,
}

/// What keeps the merchant from its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Obstacle {
    pub(super) check: Check,
    /// Which worker, credential or queue, and since when.
    pub(super) detail: String,
}

impl Obstacle {
    fn new(check: Check, detail: impl Into<String>) -> Self {
        Self {
            check,
            detail: detail.into(),
        }
    }

    fn is_of_database(&self) -> bool {
        self.check == Check::Database
    }
}

/// What was asked of the database last, and when.
#[derive(Debug, Clone)]
struct Figures {
    at: Instant,
    backlog: Option<Backlog>,
    is_writable: bool,
}

/// Of a whole merchant.
#[derive(Debug)]
pub(crate) struct Readiness {
    pub(crate) is_draining: AtomicBool,
    /// Where the pages of all mini apps have to be.
    pub(crate) pages: Vec<PathBuf>,
    pub(crate) payments: Arc<PaymentService<Store>>,
    pub(crate) workers: Vec<(&'static str, Heartbeat)>,
    pub(crate) queue_max_age: Duration,
    pub(crate) metrics: Arc<Metrics>,
    figures: Mutex<Option<Figures>>,
    /// Anybody may ask as often as they like.
    logs: Logs,
}

/// One for each check of the public `/readyz`, so that none hides another.
#[derive(Debug, Default)]
struct Logs {
    app: CountedLog,
    database: CountedLog,
    worker: CountedLog,
}

impl Readiness {
    pub(crate) fn new(
        payments: Arc<PaymentService<Store>>,
        pages: Vec<PathBuf>,
        workers: Vec<(&'static str, Heartbeat)>,
        queue_max_age: Duration,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            is_draining: AtomicBool::new(false),
            pages,
            payments,
            workers,
            queue_max_age,
            metrics,
            figures: Mutex::default(),
            logs: Logs::default(),
        }
    }

    /// What another process would do better than this one, by which a load balancer goes. Not what GoPay refuses, or
    /// what waits in the database, which is the same for all processes: without any of them no buyer could order.
    pub(super) async fn obstacles_of_process(&self) -> Vec<Obstacle> {
        let mut found = Vec::new();
        if self.is_draining.load(Ordering::Relaxed) {
            found.push(Obstacle::new(Check::Draining, "about to end"));
        }
        if let Some(page) = self.pages.iter().find(|page| !page.is_file()) {
            if let Some(count) = self.logs.app.count() {
                tracing::error!(event = "server.not_ready", page = %page.display(), count, "not ready: the app is not built");
            }
            found.push(Obstacle::new(Check::App, "the app is not built"));
        }
        if let Err(error) = in_time(self.payments.store.ping()).await {
            if let Some(count) = self.logs.database.count() {
                tracing::error!(event = "server.not_ready", %error, count, "not ready: the database cannot be read");
            }
            found.push(Obstacle::new(
                Check::Database,
                "the database cannot be read",
            ));
        }
        for (worker, heartbeat) in &self.workers {
            let age = heartbeat.age();
            if age > WORKER_TIMEOUT {
                let detail = format!("{worker}: no round for {} seconds", age.as_secs());
                if let Some(count) = self.logs.worker.count() {
                    tracing::error!(
                        event = "server.not_ready",
                        worker,
                        count,
                        "not ready: a worker is stuck"
                    );
                }
                found.push(Obstacle::new(Check::Worker, detail));
            }
        }
        found
    }

    /// All that keeps the merchant from its work.
    pub(super) async fn obstacles(&self) -> Vec<Obstacle> {
        let mut found = self.obstacles_of_process().await;
        // All else needs the database, and an answer without it would come late.
        if found.iter().any(Obstacle::is_of_database) {
            return found;
        }
        let figures = self.figures().await;
        if !figures.is_writable {
            found.push(Obstacle::new(
                Check::DatabaseWrite,
                "the database cannot be written",
            ));
        }
        let refused = self.payments.gopay.refused_credentials();
        found.extend(refused.map(|credential: Credential| {
            let detail = format!("GoPay does not accept {}", credential.name());
            Obstacle::new(Check::Credential, detail)
        }));
        let now = self.payments.clock.now();
        for due in figures.backlog.iter().flat_map(|backlog| &backlog.due) {
            let age = due.age(now);
            if age > self.queue_max_age {
                let detail = format!(
                    "{}: the oldest of {} has been due for {} seconds",
                    due.queue.name(),
                    due.count,
                    age.as_secs()
                );
                found.push(Obstacle::new(Check::Queue, detail));
            }
        }
        found
    }

    /// Brings all gauges up to date that change without an event.
    pub(super) async fn update_metrics(&self) {
        let metrics = &self.metrics;
        let obstacles = self.obstacles().await;
        // Queues and credentials have metrics of their own, and alarms that page no person.
        let has_own = |it: &Obstacle| matches!(it.check, Check::Queue | Check::Credential);
        metrics.ready.set(obstacles.iter().all(has_own).into());
        self.payments.gopay.update_metrics();
        for (worker, heartbeat) in &self.workers {
            metrics.set_worker_round_age(worker, heartbeat.age());
        }
        let now = self.payments.clock.now();
        if !obstacles.iter().any(Obstacle::is_of_database)
            && let Some(backlog) = self.figures().await.backlog
        {
            metrics.set_backlog(&backlog, now);
        }
        metrics.set_process(super::process_usage::read());
    }

    /// What the database was asked a moment ago, or is asked now: once, however many ask for it.
    async fn figures(&self) -> Figures {
        let mut known = self.figures.lock().await;
        if let Some(figures) = &*known
            && figures.at.elapsed() < FIGURES_LIFETIME
        {
            return figures.clone();
        }
        let store = &self.payments.store;
        let clock: &Clock = &self.payments.clock;
        let backlog = in_time(store.backlog(clock.now())).await;
        if let Err(error) = &backlog {
            tracing::error!(event = "server.not_ready", %error, "the backlog cannot be read");
        }
        let written = in_time(store.check_writable()).await;
        if let Err(error) = &written {
            tracing::error!(event = "server.not_ready", %error, "not ready: the database cannot be written");
        }
        let figures = Figures {
            at: Instant::now(),
            backlog: backlog.ok(),
            is_writable: written.is_ok(),
        };
        known.insert(figures).clone()
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(DATABASE_TIMEOUT, work)
        .await
        .unwrap_or(Err(Error::Internal("the database does not answer in time")))
}
