//! The merchant's process: the shop as it ships, over simulated books and a simulated wire. It
//! dies at any of its awaits, and what is in the books is all that is left of it.

use crate::{
    books::{Desk, Memory},
    harm::Harm,
    time::{HOUR, MINUTE, SECOND, pass},
    watch::Rare,
    wire::Line,
    world::World,
};
use gopay_protocol::{ClientSecret, KeyError, Secret, SigningKey};
use merchant::{
    adapters::gopay::GoPay,
    config::{CspExtra, Environment, GoPayAccount, MiniApp, MinimumTls},
    domain::{
        catalogue::Catalogue,
        order::StoredOrder,
        policy::{LatePaymentPolicy, PaidWithoutAmount},
        refund::StoredRefund,
    },
    ports::Error,
    service::{OrderService, notification_monitor::NotificationMonitor},
    vault::Vault,
    workers::{inquiry::InquiryWorker, refund::RefundWorker},
};
use reqwest::Client;
use std::{
    error,
    future::pending,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
};
use tokio::sync::Notify;
use url::Url;

/// What is sold.
const CATALOGUE: &str = r#"
[[product]]
id = "kopi"
name = { id = "Kopi", en = "Coffee" }
description = { id = "Kopi", en = "Coffee" }
price = 18000
image = "/kopi.svg"

[[product]]
id = "klepon"
name = { id = "Klepon", en = "Klepon" }
description = { id = "Klepon", en = "Klepon" }
price = 7000
image = "/klepon.svg"
"#;

/// Of the same.
pub(crate) const PRICES: [(&str, u64); 2] = [("kopi", 18_000), ("klepon", 7_000)];

/// One run of the merchant's program.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) shop: Arc<OrderService<Memory<Counter>>>,
    pub(crate) life: Life,
}

/// Whether a process lives.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    alive: Arc<AtomicBool>,
    /// How many answers of GoPay's it waits for.
    waiting: Arc<AtomicU32>,
}

/// For an answer of GoPay's.
pub(crate) struct Waiting(Arc<AtomicU32>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Life {
    /// From now until that is dropped.
    pub(crate) fn waits(&self) -> Waiting {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(Arc::clone(&self.waiting))
    }

    /// For ever, in a process that is dead: nothing it had in mind happens any more.
    pub(crate) async fn goes_on(&self) {
        if !self.alive.load(Ordering::Relaxed) {
            pending().await
        }
    }
}

/// Where the books of one process lie.
#[derive(Clone)]
pub(crate) struct Counter {
    world: Arc<World>,
    life: Life,
}

impl Counter {
    /// Others get their turn, or the process dies.
    async fn pause(&self) {
        self.life.goes_on().await;
        if self.world.percent(25) {
            pass(self.world.between(1, 20)).await;
        }
        if self.world.strikes(Harm::Crash, 1) && self.world.percent(20) {
            die(&self.world);
        }
        self.life.goes_on().await;
    }
}

impl Desk for Counter {
    async fn before(&self) -> Result<(), Error> {
        self.pause().await;
        if self.world.strikes(Harm::BooksFail, 1) {
            return Err(Error::CorruptRow("a page that is torn"));
        }
        Ok(())
    }

    fn changed(&self, before: Option<&StoredOrder>, after: &StoredOrder) {
        let payments = self.world.gopay(|gopay, _| gopay.payments.clone());
        self.world.tell(|| {
            let said: Vec<_> = (after.attempts.iter())
                .map(|attempt| {
                    let findings = attempt.events.iter();
                    findings
                        .map(|said| (said.event, said.source))
                        .collect::<Vec<_>>()
                })
                .collect();
            format!("books: {} {said:?}", after.status.name())
        });
        self.world.watch().changed(before, after, &payments);
    }

    fn refunds(&self, order: &StoredOrder, refunds: &[StoredRefund]) {
        self.world.tell(|| {
            let states: Vec<_> = refunds.iter().map(|refund| refund.state).collect();
            format!("books: refunds {states:?}")
        });
        self.world.watch().refunds(order, refunds);
    }

    fn overtaken(&self) {
        self.world.watch().saw(Rare::LeaseStolen);
    }

    async fn after(&self) {
        self.pause().await;
    }
}

/// The process is gone, and comes back after a while.
fn die(world: &Arc<World>) {
    let Some(process) = world.process() else {
        return;
    };
    process.life.alive.store(false, Ordering::Relaxed);
    if process.life.waiting.load(Ordering::Relaxed) > 0 {
        world.watch().saw(Rare::DiedWaiting);
    }
    world.set_process(None);
    world.tell(|| "the merchant dies".to_owned());
    let away = match world.between(1, 20) {
        1 => world.between(MINUTE, 2 * HOUR),
        _ => world.between(SECOND / 2, 20 * SECOND),
    };
    let world = Arc::clone(world);
    tokio::spawn(async move {
        pass(away).await;
        world.tell(|| "the merchant is back".to_owned());
        // What is said of a program that cannot start is said at the beginning of the world.
        let _ = start(&world);
    });
}

/// Dies now and then for no reason at all.
pub(crate) async fn fate(world: Arc<World>) {
    while !world.is_quiet() {
        pass(world.between(5 * MINUTE, 90 * MINUTE)).await;
        if world.strikes(Harm::Crash, 100) {
            die(&world);
        }
    }
}

/// GoPay is gone now and then.
pub(crate) async fn outages(world: Arc<World>) {
    while !world.is_quiet() {
        pass(world.between(5 * MINUTE, 3 * HOUR)).await;
        if world.strikes(Harm::Outage, 60) {
            let away = world.between(10 * SECOND, HOUR);
            world.tell(|| format!("GoPay is gone for {} s", away / SECOND));
            world.gopay_goes(away);
        }
    }
}

/// Begins a run of the program.
pub(crate) fn start(world: &Arc<World>) -> Result<(), Box<dyn error::Error>> {
    let life = Life {
        alive: Arc::new(AtomicBool::new(true)),
        waiting: Arc::default(),
    };
    let counter = Counter {
        world: Arc::clone(world),
        life: life.clone(),
    };
    let paid_late = match world.plan.seed % 2 {
        0 => LatePaymentPolicy::Refund,
        _ => LatePaymentPolicy::Fulfil,
    };
    let line = Line::new(Arc::clone(world), life.clone());
    let fast = match world.strikes(Harm::Skew, 60) {
        true => i64::try_from(world.between(0, 8 * MINUTE))? - i64::try_from(4 * MINUTE)?,
        false => 0,
    };
    let clock = world.time.clock(fast);
    let shop = Arc::new(OrderService {
        store: Memory::new(Arc::clone(&world.pages), counter, paid_late),
        gopay: Arc::new(GoPay::over(
            Arc::new(line),
            client(),
            account()?,
            clock.clone(),
        )),
        mini_app: MiniApp {
            id: "world".to_owned(),
            point_of_purchase_id: "world".to_owned(),
            auth_credentials: Secret::new("none"),
            deeplink: None,
            catalogue: Catalogue::parse(CATALOGUE)?,
            package_origins: Vec::new(),
        },
        merchant_id: "M1".to_owned(),
        vault: Vault::new(&Secret::new("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))?,
        clock,
        wake: Notify::new(),
        paid_without_amount: PaidWithoutAmount::default(),
        arrivals: NotificationMonitor::default(),
        odd_ids: AtomicU64::new(0),
    });
    tokio::spawn(InquiryWorker::new(Arc::clone(&shop)).run());
    tokio::spawn(give_back(Arc::clone(&shop)));
    world.set_process(Some(Process { shop, life }));
    Ok(())
}

/// As the merchant's own loop, which looks at the books every second.
async fn give_back(shop: Arc<OrderService<Memory<Counter>>>) {
    let cashier = RefundWorker::new(shop.store.clone(), Arc::clone(&shop.gopay));
    loop {
        let _ = cashier.poll_once(shop.clock.now()).await;
        pass(20 * SECOND).await;
    }
}

/// Only puts requests together; making one takes longer than a day in the world.
fn client() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(Client::new).clone()
}

/// The same for every world: making a key takes longer than a world.
fn account() -> Result<Arc<GoPayAccount>, Box<dyn error::Error>> {
    static ACCOUNT: OnceLock<Result<Arc<GoPayAccount>, KeyError>> = OnceLock::new();
    let url = Url::parse("http://gopay.invalid")?;
    let made = ACCOUNT.get_or_init(|| {
        Ok(Arc::new(GoPayAccount {
            environment: Environment::Simulator,
            bi_snap_url: url.clone(),
            mini_app_url: url.clone(),
            sdk_url: url,
            client_key: "C1".to_owned(),
            client_secret: ClientSecret::new(&Secret::new("world")),
            partner_id: "P1".to_owned(),
            merchant_id: "M1".to_owned(),
            channel_id: "12345".to_owned(),
            private_key: SigningKey::generate()?,
            public_keys: Vec::new(),
            payment_link_hosts: Vec::new(),
            proxy_url: None,
            minimum_tls: MinimumTls::default(),
            csp_extra: CspExtra::default(),
        }))
    });
    match made {
        Ok(account) => Ok(Arc::clone(account)),
        Err(error) => Err(error.to_string().into()),
    }
}
