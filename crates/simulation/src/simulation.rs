//! The state that all actors share: time, GoPay, the merchant's tables, randomness, faults, the
//! invariant checker and the trace.

use crate::{
    checker::InvariantChecker,
    fault::Fault,
    gopay::{GoPay, StatusChange},
    memory_store::Tables,
    plan::Plan,
    rng::Rng,
    time::{Time, sleep},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

type StartDelivery = Box<dyn Fn(&Arc<Simulation>, StatusChange) + Send + Sync>;

pub(crate) struct Simulation {
    pub(crate) plan: Plan,
    pub(crate) time: Time,
    pub(crate) tables: Arc<Mutex<Tables>>,
    start_delivery: StartDelivery,
    gopay: Mutex<GoPay>,
    checker: Mutex<InvariantChecker>,
    rng: Mutex<Rng>,
    fault_rngs: Mutex<BTreeMap<Fault, Rng>>,
    outage_until: AtomicI64,
    faults_stopped: AtomicBool,
    unattended: AtomicBool,
    trace: Mutex<Vec<String>>,
}

impl Simulation {
    pub(crate) fn new(plan: Plan, start_delivery: StartDelivery) -> Arc<Self> {
        let fault_rng = |fault: Fault| (fault, Rng::stream(plan.seed, &fault.to_string()));
        Arc::new(Self {
            plan,
            time: Time::start(),
            tables: Arc::default(),
            start_delivery,
            gopay: Mutex::default(),
            checker: Mutex::default(),
            // A new name changes every run.
            rng: Mutex::new(Rng::stream(plan.seed, "world")),
            fault_rngs: Mutex::new(plan.faults.iter().map(fault_rng).collect()),
            outage_until: AtomicI64::new(0),
            faults_stopped: AtomicBool::new(false),
            unattended: AtomicBool::new(false),
            trace: Mutex::default(),
        })
    }

    /// Whether to inject this fault now, with a probability in percent.
    pub(crate) fn should_inject(&self, fault: Fault, percent: u64) -> bool {
        if self.faults_stopped() {
            return false;
        }
        locked(&self.fault_rngs)
            .get_mut(&fault)
            .is_some_and(|rng| rng.percent(percent))
    }

    pub(crate) fn between(&self, min: u64, max: u64) -> u64 {
        locked(&self.rng).between(min, max)
    }

    pub(crate) fn percent(&self, percent: u64) -> bool {
        locked(&self.rng).percent(percent)
    }

    pub(crate) fn stop_faults(&self) {
        self.faults_stopped.store(true, Ordering::Relaxed);
        self.outage_until.store(0, Ordering::Relaxed);
        self.trace(|| "the faults stop".to_owned());
    }

    pub(crate) fn faults_stopped(&self) -> bool {
        self.faults_stopped.load(Ordering::Relaxed)
    }

    pub(crate) fn set_unattended(&self, unattended: bool) {
        self.unattended.store(unattended, Ordering::Relaxed);
    }

    /// Whether no phone is in use, so that the merchant acts by its own schedule only.
    pub(crate) fn is_unattended(&self) -> bool {
        self.unattended.load(Ordering::Relaxed)
    }

    pub(crate) fn start_outage(&self, milliseconds: u64) {
        let until = self.time.now().saturating_add_unsigned(milliseconds);
        self.outage_until.store(until, Ordering::Relaxed);
    }

    pub(crate) fn has_outage(&self) -> bool {
        self.time.now() < self.outage_until.load(Ordering::Relaxed)
    }

    /// Applies an action to GoPay; schedules the expiry of new payments and the notifications.
    pub(crate) fn gopay<T>(self: &Arc<Self>, act: impl FnOnce(&mut GoPay, i64) -> T) -> T {
        let mut gopay = locked(&self.gopay);
        let payments = gopay.payments.len();
        let result = act(&mut gopay, self.time.now());
        let expiries: Vec<i64> = gopay.payments[payments..]
            .iter()
            .map(|payment| payment.valid_until)
            .collect();
        let changes = std::mem::take(&mut gopay.status_changes);
        drop(gopay);
        for until in expiries {
            tokio::spawn(expire(Arc::clone(self), until));
        }
        for change in changes {
            self.trace(|| format!("GoPay: {} is {}", change.reference_no, change.status));
            (self.start_delivery)(self, change);
        }
        result
    }

    pub(crate) fn checker(&self) -> MutexGuard<'_, InvariantChecker> {
        locked(&self.checker)
    }

    pub(crate) fn tables(&self) -> MutexGuard<'_, Tables> {
        locked(&self.tables)
    }

    /// Adds a line to the trace, if the plan asks for one.
    pub(crate) fn trace(&self, line: impl FnOnce() -> String) {
        if self.plan.trace {
            let now = self.time.elapsed();
            let line = format!("{:>9}.{:03}  {}", now / 1000, now % 1000, line());
            locked(&self.trace).push(line);
        }
    }

    pub(crate) fn take_trace(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.trace))
    }
}

async fn expire(sim: Arc<Simulation>, until: i64) {
    let left = until.saturating_sub(sim.time.now()).max(0);
    sleep(left.unsigned_abs()).await;
    sim.gopay(|gopay, now| gopay.expire(now));
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
