//! The merchant's process: the shipped services over a store in memory and a simulated transport.
//! It crashes at any of its awaits, and only its store survives.

use crate::{
    checker::CoveragePoint,
    fault::Fault,
    memory_store::{MemoryStore, StoreHooks},
    mini_apps::{MINI_APPS, MiniAppProfile},
    process_state::ProcessState,
    simulation::Simulation,
    time::{HOUR, MINUTE, SECOND, sleep},
    transport::SimulatedTransport,
};
use contract::{CustomerId, Rupiah};
use gopay_protocol::{ClientSecret, KeyError, Secret, ServerKey, SigningKey};
use merchant::{
    adapters::gopay::GoPay,
    config::{
        ContainerUrls, CspExtra, Environment, GoPayAccount, MiniApp, MinimumTls, SnapAccount,
    },
    domain::{
        operator_policy::{LatePaymentPolicy, OrderLimits, PaidWithoutAmount, PaymentPolicy},
        order::StoredOrder,
        payment_request::Checkout,
        refund::StoredRefund,
    },
    ports::Error,
    service::{OrderService, PaymentService, missing_notifications::MissingNotifications},
    vault::Vault,
    workers::{Heartbeat, inquiry::InquiryWorker, mini_app::MiniAppWorker, refund::RefundWorker},
};
use reqwest::Client;
use std::{
    error,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, atomic::AtomicU64},
};
use tokio::sync::Notify;
use url::Url;

/// The merchant's running processes, which share its store. It outlives each of them.
#[derive(Clone, Default)]
pub(crate) struct Merchant(Arc<Mutex<Vec<Process>>>);

/// One run of the merchant's program.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) payments: Arc<PaymentService<MemoryStore<ProcessHooks>>>,
    services: Vec<Arc<OrderService<MemoryStore<ProcessHooks>>>>,
    pub(crate) state: ProcessState,
}

impl Process {
    /// That of the customer's mini app.
    pub(crate) fn service(
        &self,
        customer: &CustomerId,
    ) -> Option<&Arc<OrderService<MemoryStore<ProcessHooks>>>> {
        let id = MiniAppProfile::of(customer).id;
        let mut services = self.services.iter();
        services.find(|service| service.mini_app.id.as_str() == id)
    }
}

impl Merchant {
    /// The process that a load balancer chooses for a request, if any runs.
    pub(crate) fn process(&self, sim: &Simulation) -> Option<Process> {
        let processes = self.processes();
        let last = processes.len().checked_sub(1)?;
        let chosen = usize::try_from(sim.between(0, last as u64)).ok()?;
        processes.get(chosen).cloned()
    }

    fn processes(&self) -> MutexGuard<'_, Vec<Process>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a process, and starts another one in its place later.
    fn crash(&self, sim: &Arc<Simulation>, process: &ProcessState) {
        if !process.crash() {
            return;
        }
        self.processes().retain(|it| !it.state.is_crashed());
        if process.is_waiting() {
            sim.checker().cover(CoveragePoint::DiedWaiting);
        }
        sim.trace(|| "a process of the merchant crashes".to_owned());
        let downtime = match sim.between(1, 20) {
            1 => sim.between(MINUTE, 2 * HOUR),
            _ => sim.between(SECOND / 2, 20 * SECOND),
        };
        let (sim, merchant) = (Arc::clone(sim), self.clone());
        tokio::spawn(async move {
            sleep(downtime).await;
            sim.trace(|| "a process of the merchant starts".to_owned());
            // Cannot fail: the first start of the run has succeeded.
            let _ = start(&sim, &merchant);
        });
    }
}

/// What one process does around each access to its store.
#[derive(Clone)]
pub(crate) struct ProcessHooks {
    sim: Arc<Simulation>,
    merchant: Merchant,
    state: ProcessState,
}

impl ProcessHooks {
    /// Yields to other tasks, or crashes the process.
    async fn pause(&self) {
        self.state.stop_if_crashed().await;
        if self.sim.percent(25) {
            sleep(self.sim.between(1, 20)).await;
        }
        if self.sim.should_inject(Fault::Crash, 1) && self.sim.percent(20) {
            self.merchant.crash(&self.sim, &self.state);
        }
        self.state.stop_if_crashed().await;
    }
}

impl StoreHooks for ProcessHooks {
    async fn before(&self) -> Result<(), Error> {
        self.pause().await;
        if self.sim.should_inject(Fault::BooksFail, 1) {
            return Err(Error::CorruptRow("an injected fault"));
        }
        Ok(())
    }

    fn changed(&self, before: Option<&StoredOrder>, after: &StoredOrder) {
        let payments = self.sim.gopay(|gopay, _| gopay.payments.clone());
        self.sim.trace(|| {
            let events: Vec<_> = (after.attempts.iter())
                .map(|attempt| {
                    let events = attempt.events.iter();
                    events.map(|it| (it.event, it.source)).collect::<Vec<_>>()
                })
                .collect();
            format!("store: {} {events:?}", after.status.name())
        });
        self.sim.checker().changed(before, after, &payments);
    }

    fn refunds(&self, order: &StoredOrder, refunds: &[StoredRefund]) {
        self.sim.trace(|| {
            let states: Vec<_> = refunds.iter().map(|refund| refund.state).collect();
            format!("store: refunds {states:?}")
        });
        self.sim.checker().refunds(order, refunds);
    }

    fn lease_was_lost(&self) {
        self.sim.checker().cover(CoveragePoint::LeaseStolen);
    }

    async fn after(&self) {
        self.pause().await;
    }
}

pub(crate) async fn crash_randomly(sim: Arc<Simulation>, merchant: Merchant) {
    while !sim.faults_stopped() {
        sleep(sim.between(5 * MINUTE, 90 * MINUTE)).await;
        if !sim.should_inject(Fault::Crash, 100) {
            continue;
        }
        if let Some(process) = merchant.process(&sim) {
            merchant.crash(&sim, &process.state);
        }
    }
}

pub(crate) async fn inject_outages(sim: Arc<Simulation>) {
    while !sim.faults_stopped() {
        sleep(sim.between(5 * MINUTE, 3 * HOUR)).await;
        if sim.should_inject(Fault::Outage, 60) {
            let duration = sim.between(10 * SECOND, HOUR);
            sim.trace(|| format!("GoPay is unreachable for {} s", duration / SECOND));
            sim.start_outage(duration);
        }
    }
}

/// Staff refund orders in GoPay's dashboard, in whole or in part.
pub(crate) async fn refund_in_dashboard(sim: Arc<Simulation>) {
    while !sim.faults_stopped() {
        sleep(sim.between(5 * MINUTE, 40 * MINUTE)).await;
        if !sim.should_inject(Fault::DashboardRefund, 50) {
            continue;
        }
        let fulfilled: Vec<String> = (sim.tables().orders())
            .filter(|order| order.pickup_code.is_some())
            .map(|order| order.id.to_string())
            .collect();
        let part = sim.between(1, 4);
        let refunded = sim.gopay(|gopay, _| {
            (fulfilled.iter()).any(|order| gopay.refund_in_dashboard(order, |paid| paid * part / 4))
        });
        if refunded {
            sim.trace(|| format!("staff refund {part} of 4 in GoPay's dashboard"));
        }
    }
}

pub(crate) fn start(
    sim: &Arc<Simulation>,
    merchant: &Merchant,
) -> Result<(), Box<dyn error::Error>> {
    let state = ProcessState::default();
    let hooks = ProcessHooks {
        sim: Arc::clone(sim),
        merchant: merchant.clone(),
        state: state.clone(),
    };
    let late_payments = match sim.plan.seed % 2 {
        0 => LatePaymentPolicy::Refund,
        _ => LatePaymentPolicy::Fulfil,
    };
    let transport = SimulatedTransport::new(Arc::clone(sim), state.clone());
    let clock_skew = match sim.should_inject(Fault::Skew, 60) {
        true => i64::try_from(sim.between(0, 8 * MINUTE))? - i64::try_from(4 * MINUTE)?,
        false => 0,
    };
    let clock = sim.time.clock(clock_skew);
    let configs = MINI_APPS.iter().map(|app| app.config(sim.plan.seed));
    let configs = configs.collect::<Result<Vec<MiniApp>, _>>()?;
    let rules = (configs.iter()).map(|app| (app.id.clone(), app.rules.clone()));
    let store =
        MemoryStore::new(Arc::clone(&sim.tables), hooks, late_payments).with_rules(rules.collect());
    let payments = Arc::new(PaymentService {
        notification_store: store.clone(),
        store,
        gopay: Arc::new(GoPay::over(
            Arc::new(transport),
            client(),
            account()?,
            clock.clone(),
        )),
        merchant_id: "M1".to_owned(),
        clock,
        wake: Notify::new(),
        paid_without_amount: PaidWithoutAmount::default(),
        monitor: MissingNotifications::default(),
        odd_ids: AtomicU64::new(0),
    });
    let vault = Arc::new(Vault::new(&Secret::new(
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ))?);
    let public_url = Url::parse("https://shop.invalid")?;
    let service = |mini_app| {
        Arc::new(OrderService {
            payments: Arc::clone(&payments),
            mini_app,
            public_url: public_url.clone(),
            vault: Arc::clone(&vault),
            payment: PaymentPolicy {
                // In each fourth run.
                checkout: match sim.plan.seed % 4 {
                    1 => Checkout::Snap,
                    _ => Checkout::BiSnap,
                },
                // In each third run.
                confirm_from: sim.plan.seed.is_multiple_of(3).then_some(Rupiah::ZERO),
                ..PaymentPolicy::default()
            },
            order_limits: OrderLimits::default(),
        })
    };
    let services = configs.into_iter().map(service).collect();
    tokio::spawn(InquiryWorker::new(Arc::clone(&payments)).run(Heartbeat::default()));
    tokio::spawn(run_refund_worker(Arc::clone(&payments)));
    tokio::spawn(run_mini_app_worker(Arc::clone(&payments), vault));
    merchant.processes().push(Process {
        payments,
        services,
        state,
    });
    Ok(())
}

/// The merchant's own loop polls every second.
async fn run_refund_worker(payments: Arc<PaymentService<MemoryStore<ProcessHooks>>>) {
    let worker = RefundWorker::new(payments.store.clone(), Arc::clone(&payments.gopay));
    loop {
        let _ = worker.poll_once(payments.clock.now()).await;
        sleep(20 * SECOND).await;
    }
}

async fn run_mini_app_worker(
    payments: Arc<PaymentService<MemoryStore<ProcessHooks>>>,
    vault: Arc<Vault>,
) {
    let gopay = Arc::clone(&payments.gopay);
    let worker = MiniAppWorker::new(payments.store.clone(), gopay, vault);
    loop {
        let _ = worker.poll_once(payments.clock.now()).await;
        sleep(MINUTE).await;
    }
}

/// Builds requests only. Shared, because making one takes longer than a simulated day.
fn client() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(Client::new).clone()
}

/// Shared by all runs, because generating a key takes longer than a run.
fn account() -> Result<Arc<GoPayAccount>, Box<dyn error::Error>> {
    static ACCOUNT: OnceLock<Result<Arc<GoPayAccount>, KeyError>> = OnceLock::new();
    let url = Url::parse("http://gopay.invalid")?;
    let snap_url = url.clone();
    let server_key = ServerKey::new(&Secret::new("Mid-server-simulation"))?;
    let made = ACCOUNT.get_or_init(|| {
        Ok(Arc::new(GoPayAccount {
            environment: Environment::Simulator,
            bi_snap_url: url.clone(),
            container: Some(ContainerUrls {
                mini_app_url: url.clone(),
                sdk_url: url,
            }),
            client_key: "C1".to_owned(),
            client_secret: ClientSecret::new(&Secret::new("simulation")).into(),
            partner_id: "P1".to_owned(),
            merchant_id: "M1".to_owned(),
            channel_id: "12345".to_owned(),
            private_key: SigningKey::generate()?.into(),
            public_keys: Vec::new(),
            payment_link_hosts: Vec::new(),
            proxy_url: None,
            minimum_tls: MinimumTls::default(),
            csp_extra: CspExtra::default(),
            background_requests_per_second: GoPayAccount::BACKGROUND_REQUESTS_PER_SECOND,
            snap: Some(SnapAccount {
                snap_url: snap_url.clone(),
                core_api_url: snap_url,
                server_key: server_key.into(),
                client_key: "Mid-client-simulation".to_owned(),
            }),
        }))
    });
    match made {
        Ok(account) => Ok(Arc::clone(account)),
        Err(error) => Err(error.to_string().into()),
    }
}
