//! What the merchant counts and measures, and how Prometheus reads it.
//!
//! Invariant: the values of a label are known before the merchant starts; none comes from a request or an
//! answer. A route is its template.
//!
//! Not here: when figures of the database are read. docs/OBSERVABILITY.md lists all metrics.

use crate::{domain::time::Timestamp, ports::Backlog};
use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text},
    metrics::{
        counter::Counter,
        family::{Family, MetricConstructor},
        gauge::Gauge,
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};
use std::{
    fmt,
    num::NonZeroU32,
    sync::atomic::AtomicU64,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use strum::{IntoStaticStr, VariantArray};

/// The media type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// The upper bounds of durations, in seconds: from a file in memory to the time limit of a request.
const DURATIONS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The upper bounds of how many writes share a commit.
const GROUP_SIZES: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// A gauge of seconds and their fractions.
type Seconds = Gauge<f64, AtomicU64>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitedRoute {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Shed {
    limit: &'static str,
    cause: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Verdict {
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Api {
    api: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ApiResult {
    api: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Credential {
    credential: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Queue {
    queue: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueState {
    queue: &'static str,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Worker {
    worker: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
    environment: &'static str,
}

/// What became of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum NotificationVerdict {
    /// It was recorded, or leads to an inquiry.
    Accepted,
    /// What it says was known.
    Repeated,
    /// It is about no payment that is known here.
    Unmatched,
    /// Its signature is wrong.
    Forged,
    /// It cannot be a notification of GoPay's, or is one of a kind that is not supported.
    Refused,
    /// It was not handled, and GoPay repeats it.
    Shed,
}

/// Which limit a request was above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum ConcurrencyLimitName {
    Buyers,
    Notifications,
}

/// Why a request was answered with 503 without a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum ShedCause {
    /// As many requests as may be are being answered.
    Busy,
    /// Its answer took too long.
    Timeout,
    Failed,
}

#[derive(Debug, Clone, Copy)]
struct Durations;

impl MetricConstructor<Histogram> for Durations {
    fn new_metric(&self) -> Histogram {
        Histogram::new(DURATIONS)
    }
}

type DurationsOf<L> = Family<L, Histogram, Durations>;

/// Handles by which the parts of a merchant count. Those of a merchant share one.
pub struct Metrics {
    requests: Family<Request, Counter>,
    request_duration: DurationsOf<Route>,
    rate_limited: Family<LimitedRoute, Counter>,
    shed: Family<Shed, Counter>,
    /// Of the public listener.
    pub(crate) connections: ConnectionMetrics,
    notifications: Family<Verdict, Counter>,
    gopay_requests: Family<ApiResult, Counter>,
    gopay_duration: DurationsOf<Api>,
    gopay_pause: Family<Api, Seconds>,
    gopay_clock_skew: Seconds,
    gopay_credentials_refused: Family<Credential, Gauge>,
    queue_due: Family<Queue, Gauge>,
    queue_age: Family<Queue, Seconds>,
    queue_items: Family<QueueState, Gauge>,
    /// Orders whose payment is in doubt.
    orders_in_review: Gauge,
    /// Notifications about payments that are not known here, as they are kept.
    unmatched_notifications: Gauge,
    /// Buyers whose token GoPay does not take, and who have not signed in since.
    buyers_to_sign_in: Gauge,
    /// How long a commit waited for the disk.
    commit_duration: Histogram,
    /// How many writes shared a commit.
    commit_writes: Histogram,
    worker_round_age: Family<Worker, Seconds>,
    processes: Gauge,
    /// 1 while the merchant is ready.
    pub(crate) ready: Gauge,
    process: ProcessMetrics,
    registry: Registry,
}

/// The connections of a listener.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionMetrics {
    open: Gauge,
    /// Those that were closed because their client had as many as it may.
    pub(crate) refused: Counter,
}

/// A connection, which counts as open until this is dropped.
pub(crate) struct OpenConnection(Gauge);

impl ConnectionMetrics {
    pub(crate) fn open(&self) -> OpenConnection {
        self.open.inc();
        OpenConnection(self.open.clone())
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Under the names that Prometheus' own clients have for them.
struct ProcessMetrics {
    resident_memory: Gauge,
    open_fds: Gauge,
    max_fds: Gauge,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// Of a merchant that nobody observes, such as a command.
impl Default for Metrics {
    fn default() -> Self {
        Self::new("none")
    }
}

/// Registers a handle under a name, and returns it.
trait Register {
    fn add<M>(&mut self, name: &str, help: &str, metric: M) -> M
    where
        M: Clone + prometheus_client::registry::Metric;

    /// The name ends with the unit.
    fn add_seconds<M>(&mut self, name: &str, help: &str, metric: M) -> M
    where
        M: Clone + prometheus_client::registry::Metric;
}

impl Register for Registry {
    fn add<M>(&mut self, name: &str, help: &str, metric: M) -> M
    where
        M: Clone + prometheus_client::registry::Metric,
    {
        self.register(name, help, metric.clone());
        metric
    }

    fn add_seconds<M>(&mut self, name: &str, help: &str, metric: M) -> M
    where
        M: Clone + prometheus_client::registry::Metric,
    {
        self.register_with_unit(name, help, Unit::Seconds, metric.clone());
        metric
    }
}

impl Metrics {
    /// Of a merchant in this [environment](crate::config::Environment::name).
    pub fn new(environment: &'static str) -> Self {
        let mut registry = Registry::default();
        let process = ProcessMetrics::register(&mut registry);
        let own = registry.sub_registry_with_prefix("merchant");
        let build = Info::new(Build {
            version: env!("CARGO_PKG_VERSION"),
            environment,
        });
        own.register(
            "build",
            "Which merchant runs, and in which environment",
            build,
        );
        let metrics = Self {
            requests: own.add(
                "http_requests",
                "Requests that were answered, by route, method and class of status",
                Family::default(),
            ),
            request_duration: own.add_seconds(
                "http_request_duration",
                "How long answers took",
                durations(),
            ),
            rate_limited: own.add(
                "http_rate_limited",
                "Requests that were answered with 429",
                Family::default(),
            ),
            shed: own.add(
                "http_requests_shed",
                "Requests that were answered with 503 for want of room or time",
                Family::default(),
            ),
            connections: ConnectionMetrics {
                open: own.add("http_connections", "Open connections", Gauge::default()),
                refused: own.add(
                    "http_connections_refused",
                    "Connections closed because their client had as many as it may",
                    Counter::default(),
                ),
            },
            notifications: own.add(
                "notifications",
                "Notifications by what became of them",
                Family::default(),
            ),
            gopay_requests: own.add(
                "gopay_requests",
                "Requests to GoPay by API and result",
                Family::default(),
            ),
            gopay_duration: own.add_seconds(
                "gopay_request_duration",
                "How long GoPay's answers took",
                durations(),
            ),
            gopay_pause: own.add_seconds(
                "gopay_pause",
                "How long an API is not asked because GoPay throttles it; 0 when it may be",
                Family::default(),
            ),
            gopay_clock_skew: own.add_seconds(
                "gopay_clock_skew",
                "GoPay's clock minus this machine's, by the last answer",
                Gauge::default(),
            ),
            gopay_credentials_refused: own.add(
                "gopay_credentials_refused",
                "1 while GoPay does not take a credential",
                Family::default(),
            ),
            processes: own.add(
                "processes",
                "Merchant processes on the database, which share the rates",
                Gauge::default(),
            ),
            queue_due: own.add(
                "queue_due",
                "Work that is due, up to a thousand of each queue",
                Family::default(),
            ),
            queue_age: own.add_seconds(
                "queue_oldest_due_age",
                "For how long the oldest due work has been due",
                Family::default(),
            ),
            queue_items: own.add(
                "queue_items",
                "Work that has not ended well, by state",
                Family::default(),
            ),
            orders_in_review: own.add(
                "orders_in_review",
                "Orders whose payment a person has to look at",
                Gauge::default(),
            ),
            unmatched_notifications: own.add(
                "unmatched_notifications",
                "Notifications that are kept because their payment is not known here",
                Gauge::default(),
            ),
            buyers_to_sign_in: own.add(
                "buyers_to_sign_in",
                "Buyers whose token GoPay does not take until they sign in again",
                Gauge::default(),
            ),
            commit_duration: own.add_seconds(
                "database_commit_duration",
                "How long commits waited for the disk",
                Histogram::new(DURATIONS),
            ),
            commit_writes: own.add(
                "database_commit_writes",
                "How many writes shared a commit",
                Histogram::new(GROUP_SIZES),
            ),
            worker_round_age: own.add_seconds(
                "worker_last_round_age",
                "How long ago a worker last looked for work",
                Family::default(),
            ),
            ready: own.add(
                "ready",
                "1 while nothing keeps the merchant from its work but a credential or a late queue",
                Gauge::default(),
            ),
            process,
            registry,
        };
        metrics.begin_at_zero();
        metrics
    }

    /// A rate is known from the first event on where its counter was 0 before.
    fn begin_at_zero(&self) {
        for verdict in NotificationVerdict::VARIANTS {
            let verdict = verdict.into();
            drop(self.notifications.get_or_create(&Verdict { verdict }));
        }
        for limit in ConcurrencyLimitName::VARIANTS {
            for cause in ShedCause::VARIANTS {
                let (limit, cause) = (limit.into(), cause.into());
                drop(self.shed.get_or_create(&Shed { limit, cause }));
            }
        }
    }

    /// A request to a route of this template was answered.
    pub(crate) fn answered(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let route = route.to_owned();
        if status == 429 {
            let route = route.clone();
            self.rate_limited
                .get_or_create(&LimitedRoute { route })
                .inc();
        }
        let request = Request {
            route: route.clone(),
            method,
            status: status_class(status),
        };
        self.requests.get_or_create(&request).inc();
        let duration = self
            .request_duration
            .get_or_create(&Route { route, method });
        duration.observe(took.as_secs_f64());
    }

    pub(crate) fn shed(&self, limit: ConcurrencyLimitName, cause: ShedCause) {
        let (limit, cause) = (limit.into(), cause.into());
        self.shed.get_or_create(&Shed { limit, cause }).inc();
    }

    pub(crate) fn notified(&self, verdict: NotificationVerdict) {
        let verdict = verdict.into();
        self.notifications.get_or_create(&Verdict { verdict }).inc();
    }

    /// A request to this API of GoPay's came to `result`; `took` is `None` for one that was not sent.
    pub(crate) fn gopay_asked(
        &self,
        api: &'static str,
        result: &'static str,
        took: Option<Duration>,
    ) {
        let labels = ApiResult { api, result };
        self.gopay_requests.get_or_create(&labels).inc();
        if let Some(took) = took {
            let duration = self.gopay_duration.get_or_create(&Api { api });
            duration.observe(took.as_secs_f64());
        }
    }

    pub(crate) fn set_gopay_pause(&self, api: &'static str, left: Duration) {
        let pause = self.gopay_pause.get_or_create(&Api { api });
        pause.set(left.as_secs_f64());
    }

    /// How many processes the rates are shared by.
    pub(crate) fn set_processes(&self, count: NonZeroU32) {
        self.processes.set(count.get().into());
    }

    /// How far GoPay's clock is ahead of ours.
    pub(crate) fn set_clock_skew(&self, seconds: f64) {
        self.gopay_clock_skew.set(seconds);
    }

    pub(crate) fn set_credential(&self, credential: &'static str, is_refused: bool) {
        let labels = Credential { credential };
        let refused = self.gopay_credentials_refused.get_or_create(&labels);
        refused.set(is_refused.into());
    }

    pub(crate) fn set_backlog(&self, backlog: &Backlog, now: Timestamp) {
        for due in &backlog.due {
            let labels = Queue {
                queue: due.queue.name(),
            };
            self.queue_due.get_or_create(&labels).set(whole(due.count));
            let age = self.queue_age.get_or_create(&labels);
            age.set(due.age(now).as_secs_f64());
        }
        for (queue, state, count) in &backlog.items {
            let labels = QueueState {
                queue: queue.name(),
                state: state.name(),
            };
            self.queue_items.get_or_create(&labels).set(whole(*count));
        }
        self.orders_in_review.set(whole(backlog.orders_in_review));
        self.unmatched_notifications
            .set(whole(backlog.unmatched_notifications));
        self.buyers_to_sign_in.set(whole(backlog.buyers_to_sign_in));
    }

    pub(crate) fn set_worker_round_age(&self, worker: &'static str, age: Duration) {
        let gauge = self.worker_round_age.get_or_create(&Worker { worker });
        gauge.set(age.as_secs_f64());
    }

    /// A commit reached the disk, with so many writes.
    pub fn committed(&self, took: Duration, writes: u32) {
        self.commit_duration.observe(took.as_secs_f64());
        self.commit_writes.observe(writes.into());
    }

    /// What this process uses, as far as the system tells.
    pub(crate) fn set_process(&self, usage: ProcessUsage) {
        let process = &self.process;
        for (gauge, value) in [
            (&process.resident_memory, usage.resident_memory_bytes),
            (&process.open_fds, usage.open_fds),
            (&process.max_fds, usage.max_fds),
        ] {
            if let Some(value) = value {
                gauge.set(whole(value));
            }
        }
    }

    /// All of it, as [`CONTENT_TYPE`].
    ///
    /// # Errors
    ///
    /// Where a metric cannot be written, which is a fault of its definition.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// `None` where the system does not tell.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProcessUsage {
    pub(crate) resident_memory_bytes: Option<u64>,
    pub(crate) open_fds: Option<u64>,
    pub(crate) max_fds: Option<u64>,
}

impl ProcessMetrics {
    fn register(registry: &mut Registry) -> Self {
        let registry = registry.sub_registry_with_prefix("process");
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let start_time = Seconds::default();
        start_time.set(since_epoch.unwrap_or_default().as_secs_f64());
        registry.register_with_unit(
            "start_time",
            "When this process began, in Unix time",
            Unit::Seconds,
            start_time,
        );
        let resident_memory = Gauge::default();
        registry.register_with_unit(
            "resident_memory",
            "Memory of this process that is in RAM",
            Unit::Bytes,
            resident_memory.clone(),
        );
        Self {
            resident_memory,
            open_fds: registry.add("open_fds", "Open file descriptors", Gauge::default()),
            max_fds: registry.add("max_fds", "The most file descriptors", Gauge::default()),
        }
    }
}

fn durations<L: Clone + std::hash::Hash + Eq>() -> DurationsOf<L> {
    Family::new_with_constructor(Durations)
}

const fn status_class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
