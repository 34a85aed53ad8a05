//! Everything that is not an actor: the time, GoPay, the merchant's books, chance, and who
//! watches over it all.

use crate::{
    Plan,
    books::Pages,
    chance::Chance,
    gopay::{GoPay, Notice},
    harm::Harm,
    notice,
    process::Process,
    time::{Time, pass},
    watch::Watch,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) time: Time,
    pub(crate) pages: Arc<Mutex<Pages>>,
    gopay: Mutex<GoPay>,
    watch: Mutex<Watch>,
    process: Mutex<Option<Process>>,
    chance: Mutex<Chance>,
    of_harms: Mutex<BTreeMap<Harm, Chance>>,
    gone_until: AtomicI64,
    quiet: AtomicBool,
    alone: AtomicBool,
    story: Mutex<Vec<String>>,
}

impl World {
    pub(crate) fn new(plan: Plan) -> Arc<Self> {
        let of_harms = plan.harms.each();
        Arc::new(Self {
            plan,
            time: Time::begins(),
            pages: Arc::default(),
            gopay: Mutex::default(),
            watch: Mutex::default(),
            process: Mutex::default(),
            chance: Mutex::new(Chance::of(plan.seed, "world")),
            of_harms: Mutex::new(
                of_harms
                    .map(|harm| (harm, Chance::of(plan.seed, harm.name())))
                    .collect(),
            ),
            gone_until: AtomicI64::new(0),
            quiet: AtomicBool::new(false),
            alone: AtomicBool::new(false),
            story: Mutex::default(),
        })
    }

    /// Whether this happens now, so many times out of a hundred.
    pub(crate) fn strikes(&self, harm: Harm, percent: u64) -> bool {
        if self.is_quiet() {
            return false;
        }
        locked(&self.of_harms)
            .get_mut(&harm)
            .is_some_and(|chance| chance.percent(percent))
    }

    pub(crate) fn between(&self, least: u64, most: u64) -> u64 {
        locked(&self.chance).between(least, most)
    }

    pub(crate) fn percent(&self, percent: u64) -> bool {
        locked(&self.chance).percent(percent)
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn quieten(&self) {
        self.quiet.store(true, Ordering::Relaxed);
        self.gone_until.store(0, Ordering::Relaxed);
        self.tell(|| "from here on nothing goes wrong".to_owned());
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet.load(Ordering::Relaxed)
    }

    /// From now on, or no longer, nobody holds a phone.
    pub(crate) fn leave_alone(&self, alone: bool) {
        self.alone.store(alone, Ordering::Relaxed);
    }

    /// Whether whatever the merchant does, it does by itself.
    pub(crate) fn is_alone(&self) -> bool {
        self.alone.load(Ordering::Relaxed)
    }

    /// Nobody reaches GoPay for so long, in milliseconds.
    pub(crate) fn gopay_goes(&self, milliseconds: u64) {
        let until = self.time.now().saturating_add_unsigned(milliseconds);
        self.gone_until.store(until, Ordering::Relaxed);
    }

    pub(crate) fn gopay_is_gone(&self) -> bool {
        self.time.now() < self.gone_until.load(Ordering::Relaxed)
    }

    /// GoPay does something, and everything that follows from it begins.
    pub(crate) fn gopay<T>(self: &Arc<Self>, does: impl FnOnce(&mut GoPay, i64) -> T) -> T {
        let mut gopay = locked(&self.gopay);
        let payments = gopay.payments.len();
        let done = does(&mut gopay, self.time.now());
        let new: Vec<i64> = gopay.payments[payments..]
            .iter()
            .map(|payment| payment.valid_until)
            .collect();
        let notices: Vec<Notice> = std::mem::take(&mut gopay.notices);
        drop(gopay);
        for until in new {
            tokio::spawn(expire(Arc::clone(self), until));
        }
        for notice in notices {
            self.tell(|| format!("GoPay: {} is {}", notice.reference_no, notice.status));
            tokio::spawn(notice::deliver(Arc::clone(self), notice));
        }
        done
    }

    pub(crate) fn watch(&self) -> MutexGuard<'_, Watch> {
        locked(&self.watch)
    }

    pub(crate) fn pages(&self) -> MutexGuard<'_, Pages> {
        locked(&self.pages)
    }

    /// The merchant's process, while it lives.
    pub(crate) fn process(&self) -> Option<Process> {
        locked(&self.process).clone()
    }

    pub(crate) fn set_process(&self, process: Option<Process>) {
        *locked(&self.process) = process;
    }

    /// Writes down what happened, where somebody wants to read it.
    pub(crate) fn tell(&self, what: impl FnOnce() -> String) {
        if self.plan.tell {
            let second = self.time.elapsed();
            let line = format!("{:>9}.{:03}  {}", second / 1000, second % 1000, what());
            locked(&self.story).push(line);
        }
    }

    pub(crate) fn story(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.story))
    }
}

async fn expire(world: Arc<World>, until: i64) {
    let left = until.saturating_sub(world.time.now()).max(0);
    pass(left.unsigned_abs()).await;
    world.gopay(|gopay, now| gopay.expire(now));
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
