//! A deployment of a version with a newer schema, one process after the other.

use crate::{
    harness::{CrashHarness, SIGKILL, until_said},
    keys::Keys,
    limits,
    process::Process,
    test_database,
};
use contract::{Order, OrderId};
use merchant::adapters::database::Connection;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::{Client, StatusCode};
use serde_json::json;
use std::{
    collections::{HashMap, HashSet},
    fs,
    os::unix::process::ExitStatusExt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually, within};
use tokio::task::JoinSet;

const BUYERS: usize = 4;

/// Between two points of its start at which the next version is killed: there are three between the last change of
/// a table and the commit.
const STEP: usize = 2;

/// How many payments are paid before the former version ends, and after.
const PAID: usize = 10;

/// The merchants that a proxy knows, and how many orders each has taken.
#[derive(Default)]
struct Proxy {
    merchants: Mutex<Vec<String>>,
    taken: Mutex<HashMap<String, u32>>,
    /// It may say that it ends.
    leaving: Mutex<Option<String>>,
    is_over: AtomicBool,
}

impl Proxy {
    async fn admit(&self, merchant: &Process) -> String {
        let url = format!("http://{}", merchant.listening().await.unwrap());
        self.merchants.lock().unwrap().push(url.clone());
        url
    }

    fn taken(&self, merchant: &str) -> u32 {
        let taken = self.taken.lock().unwrap();
        taken.get(merchant).copied().unwrap_or(0)
    }

    /// Waits until a merchant has taken ten more orders.
    async fn until_takes(&self, merchant: &str) {
        let before = self.taken(merchant);
        eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
            match self.taken(merchant) - before {
                0..10 => Err(format!("{merchant} takes no orders")),
                _ => Ok(()),
            }
        })
        .await;
    }

    /// Places an order at one merchant after the other until one takes it: the others are not there, or say that
    /// they end.
    async fn place(&self, http: &Client, cookie: &str, key: &str, number: usize) -> OrderId {
        within(WAIT_TIMEOUT, "an order", async {
            for turn in number.. {
                let merchant = {
                    let merchants = self.merchants.lock().unwrap();
                    merchants[turn % merchants.len()].clone()
                };
                let body = json!({
                    "lines": [{"product": "kopi-susu", "quantity": 1}], "expected_total": 25_000,
                });
                let request = http.post(format!("{merchant}/api/orders"));
                let request = request.header("cookie", cookie);
                let request = request.header("idempotency-key", key).json(&body);
                let Ok(answer) = request.send().await else {
                    continue;
                };
                if !answer.status().is_success() {
                    let leaving = self.leaving.lock().unwrap().clone();
                    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
                    assert_eq!(leaving, Some(merchant), "an order was refused");
                    continue;
                }
                let Ok(order) = answer.json::<Order>().await else {
                    continue;
                };
                *self.taken.lock().unwrap().entry(merchant).or_default() += 1;
                return order.id;
            }
            unreachable!()
        })
        .await
    }

    /// Has a merchant end as a deployment does. Those who ask it meanwhile ask another one.
    async fn retire(&self, merchant: &mut Process, url: &str) {
        *self.leaving.lock().unwrap() = Some(url.to_owned());
        let id = i32::try_from(merchant.id()).unwrap();
        kill(Pid::from_raw(id), Signal::SIGTERM).unwrap();
        assert_eq!(merchant.end().await.code(), Some(0));
        self.merchants.lock().unwrap().retain(|known| known != url);
    }

    /// Buyers who order until it is over. Each returns the orders that were acknowledged.
    async fn buyers(self: &Arc<Self>, harness: &CrashHarness) -> JoinSet<Vec<OrderId>> {
        let mut buyers = JoinSet::new();
        for buyer in 0..BUYERS {
            let cookie = limits::cookie(harness).await;
            let (proxy, http) = (Arc::clone(self), harness.http.clone());
            buyers.spawn(async move {
                let mut acknowledged = Vec::new();
                while !proxy.is_over.load(Ordering::Relaxed) {
                    let number = acknowledged.len();
                    let key = format!("{buyer}-{number}");
                    acknowledged.push(proxy.place(&http, &cookie, &key, number).await);
                }
                acknowledged
            });
        }
        buyers
    }
}

/// Pays these payments of GoPay's, and waits until the merchant's own systems have heard of as many in all.
async fn pay(harness: &CrashHarness, range: std::ops::Range<usize>) {
    let payments = harness.payments().await;
    for payment in &payments[range.clone()] {
        let reference = payment["reference_no"].as_str().unwrap();
        let pay = format!("payments/{reference}/pay");
        harness.control("POST", &pay, json!({})).await;
    }
    let mut acted_on = harness.receiver.acted_on.clone();
    let all = acted_on.wait_for(|acted_on| acted_on.len() == range.end);
    within(WAIT_TIMEOUT, "the webhooks", all).await.unwrap();
    let delivered = "select count(*) from fulfilments where state = 'delivered'";
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        match harness.rows(delivered).await {
            count if usize::try_from(count) == Ok(range.end) => Ok(()),
            count => Err(count),
        }
    })
    .await;
}

/// F66, F71: the next version brings the database up to date while two merchants of this one take orders, and is
/// killed on the way, again and again. Then each process is replaced, one after the other. Each order is placed
/// once, all that is paid is handed over once, and no buyer is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_schema_is_deployed_while_buyers_order() {
    if !test_database::is_postgres() {
        return;
    }
    let keys = Arc::new(Keys::new());
    let mut harness = CrashHarness::new(&keys, "").await;
    let mut former = harness.beside().await;
    let proxy = Arc::new(Proxy::default());
    let first_url = proxy.admit(&harness.process).await;
    let former_url = proxy.admit(&former).await;
    let buyers = proxy.buyers(&harness).await;
    proxy.until_takes(&former_url).await;
    let (mut deaths, mut schemas) = (0, HashSet::new());
    let newer = loop {
        let crash = format!("die {} boot", 1 + deaths * STEP);
        let (mut newer, said) = harness.next_version(&format!("newer-{deaths}"), "beside", &crash);
        if newer.listening().await.is_some() {
            break newer;
        }
        let status = newer.end().await;
        let said = fs::read_to_string(said).unwrap();
        assert_eq!(status.signal(), Some(SIGKILL), "{status}: {said}");
        let schema = "select max(version) from _sqlx_migrations";
        schemas.insert(harness.rows(schema).await);
        deaths += 1;
    };
    // Before the first migration, after the last one, and between.
    assert!(schemas.len() > 2, "{schemas:?}");
    assert_eq!(
        harness.rows("select count(*) from of_next_version").await,
        0
    );
    for merchant in [&first_url, &former_url] {
        proxy.until_takes(merchant).await;
    }
    pay(&harness, 0..PAID).await;
    let newer_url = proxy.admit(&newer).await;
    let mut first = harness.go_to(newer).await;
    proxy.retire(&mut first, &first_url).await;
    proxy.until_takes(&newer_url).await;
    proxy.retire(&mut former, &former_url).await;
    let (another, _) = harness.next_version("another", "beside", "");
    let another_url = proxy.admit(&another).await;
    proxy.until_takes(&another_url).await;
    proxy.is_over.store(true, Ordering::Relaxed);
    let acknowledged = buyers.join_all().await.concat();
    let orders = harness.rows("select count(*) from orders").await;
    assert_eq!(orders, i64::try_from(acknowledged.len()).unwrap());
    harness.has_orders(&acknowledged).await;
    let here = json!({"app": newer_url, "notify": newer_url});
    harness.control("PUT", "merchant", here).await;
    assert_eq!(harness.payments().await.len(), acknowledged.len());
    pay(&harness, PAID..2 * PAID).await;
    let verified = harness.command_of_next_version("beside", "verify");
    assert!(verified.contains("violations: 0"), "{verified}");
}

/// F71: while a backup reads the tables that the next version changes, it waits, and no buyer is refused meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_schema_waits_for_a_backup_and_buyers_do_not() {
    if !test_database::is_postgres() {
        return;
    }
    let keys = Arc::new(Keys::new());
    let harness = CrashHarness::new(&keys, "").await;
    let proxy = Arc::new(Proxy::default());
    let url = proxy.admit(&harness.process).await;
    let buyers = proxy.buyers(&harness).await;
    proxy.until_takes(&url).await;
    let mut backup = Connection::open(&harness.database_url).await.unwrap();
    // As a backup: PostgreSQL does not end it for its silence.
    let reads = "set idle_in_transaction_session_timeout = 0; begin; select count(*) from orders";
    backup.run_script(reads).await.unwrap();
    let (newer, said) = harness.next_version("newer", "beside", "");
    let waits = r#""event":"store.waits_for_table","migration":"next version of orders""#;
    until_said(&said, waits).await;
    for _ in 0..3 {
        proxy.until_takes(&url).await;
    }
    backup.run_script("commit").await.unwrap();
    assert!(newer.listening().await.is_some());
    proxy.is_over.store(true, Ordering::Relaxed);
    harness.has_orders(&buyers.join_all().await.concat()).await;
}

/// F71: a version whose schema merchants of this one cannot work with does not start beside them, and says so.
/// They go on, and it starts once they have ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_others_do_not_know_waits_for_their_end() {
    if !test_database::is_postgres() {
        return;
    }
    let keys = Arc::new(Keys::new());
    let mut harness = CrashHarness::new(&keys, "").await;
    let cookie = limits::cookie(&harness).await;
    let checked = harness.command_of_next_version("alone", "migrate --check");
    assert!(checked.contains("stop all merchants"), "{checked}");
    let refused = harness.command_of_next_version("alone", "migrate");
    assert!(refused.contains("other merchants are running"), "{refused}");
    let (mut newer, said) = harness.next_version("early", "alone", "");
    assert_eq!(newer.end().await.code(), Some(1));
    let said = fs::read_to_string(said).unwrap();
    let line = "merchant: database_url: the database's schema has to change, ";
    assert!(said.starts_with(line), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let placed = limits::order(&harness, &cookie, "meanwhile").await.unwrap();
    let placed: Order = placed.json().await.unwrap();
    harness.process.kill();
    harness.process.end().await;
    let (newer, _) = harness.next_version("newer", "alone", "");
    harness.go_to(newer).await;
    let again = limits::order(&harness, &cookie, "meanwhile").await.unwrap();
    assert_eq!(again.json::<Order>().await.unwrap().id, placed.id);
    let verified = harness.command_of_next_version("alone", "verify");
    assert!(verified.contains("violations: 0"), "{verified}");
}
