//! Several merchants on one PostgreSQL, and a PostgreSQL that goes away.

use crate::{harness::CrashHarness, keys::Keys, limits, network::Network, test_database};
use contract::{Order, OrderStatus};
use merchant::adapters::database::{Connection, sql};
use reqwest::StatusCode;
use std::{sync::Arc, time::Duration};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually, within};
use tokio::time::Instant;

/// After PostgreSQL is there again, the merchant is within so long.
const RECOVERY: Duration = Duration::from_secs(5);

/// Places an order, asking again for as long as the merchant cannot write.
async fn placed(harness: &CrashHarness, cookie: &str, key: &str) -> Order {
    let answer = within(WAIT_TIMEOUT, "an order", async {
        loop {
            let answer = limits::order(harness, cookie, key).await.unwrap();
            if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
                return answer;
            }
        }
    })
    .await;
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.json().await.unwrap()
}

/// F66: PostgreSQL ends all sessions, as where it is restarted or another server takes its place, again and
/// again while buyers order. No order that was acknowledged is lost, none is placed twice, and the merchant
/// goes on by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_outlive_the_sessions_of_postgresql() {
    if !test_database::is_postgres() {
        return;
    }
    let keys = Arc::new(Keys::new());
    let harness = CrashHarness::new(&keys, "").await;
    let cookie = limits::cookie(&harness).await;
    let mut database = Connection::open(&harness.database_url).await.unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..10 {
        let end_all = async {
            sql(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where application_name = current_schema() and pid <> pg_backend_pid()",
            )
            .fetch_value::<i64>(&mut database)
            .await
            .unwrap()
        };
        let key = format!("key-{round}");
        let (ended, order) = tokio::join!(end_all, placed(&harness, &cookie, &key));
        assert!(ended > 0);
        acknowledged.push(order.id);
    }
    let began = Instant::now();
    acknowledged.push(placed(&harness, &cookie, "after").await.id);
    assert!(began.elapsed() < RECOVERY, "{:?}", began.elapsed());
    let orders = harness.rows("select count(*) from orders").await;
    assert_eq!(orders, i64::try_from(acknowledged.len()).unwrap());
    harness.has_orders(&acknowledged).await;
    harness.is_sound().await;
}

/// The network between one of two merchants and PostgreSQL is cut without a word. Its buyers are told to come
/// again, those of the other one notice nothing, and it goes on by itself once the network is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_that_is_cut_off_from_postgresql_comes_back() {
    if !test_database::is_postgres() {
        return;
    }
    let keys = Arc::new(Keys::new());
    let mut harness = CrashHarness::new(&keys, "").await;
    let network = Network::to(&harness.database_url).await;
    let cut_off = harness.beside_at(&network.url).await;
    let cookie = limits::cookie(&harness).await;
    let whole = harness.go_to(cut_off).await;
    let mut acknowledged = vec![placed(&harness, &cookie, "before").await.id];
    network.cut();
    let refused = limits::order(&harness, &cookie, "cut").await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    let cut_off = harness.go_to(whole).await;
    acknowledged.push(placed(&harness, &cookie, "meanwhile").await.id);
    let whole = harness.go_to(cut_off).await;
    network.mend();
    acknowledged.push(placed(&harness, &cookie, "cut").await.id);
    let orders = harness.rows("select count(*) from orders").await;
    assert_eq!(orders, i64::try_from(acknowledged.len()).unwrap());
    harness.has_orders(&acknowledged).await;
    harness.is_sound().await;
    drop(whole);
}

/// F65, F68: of two merchants on one PostgreSQL one is killed. Its buyer goes on at the other one, with the
/// same session and the same key, and the payment that GoPay notified to the dead one is found by inquiry.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_buyer_goes_on_at_another_merchant() {
    if !test_database::is_postgres() {
        return;
    }
    let keys = Arc::new(Keys::new());
    let mut harness = CrashHarness::new(&keys, "").await;
    let other = harness.beside().await;
    let cookie = limits::cookie(&harness).await;
    let order = placed(&harness, &cookie, "key").await;
    harness.process.kill();
    harness.process.end().await;
    let reference = harness.payments().await[0]["reference_no"].clone();
    let reference = reference.as_str().unwrap();
    let pay = format!("payments/{reference}/pay");
    harness.control("POST", &pay, serde_json::json!({})).await;
    harness.go_to(other).await;
    let again = placed(&harness, &cookie, "key").await;
    assert_eq!(again.id, order.id);
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let request = harness
            .http
            .get(harness.url(&format!("/api/orders/{}", order.id)));
        let answer = request.header("cookie", &cookie).send().await.unwrap();
        match answer.json::<Order>().await.unwrap().status {
            OrderStatus::Paid => Ok(()),
            status => Err(status),
        }
    })
    .await;
    assert_eq!(harness.rows("select count(*) from fulfilments").await, 1);
    harness.verify().await;
}
