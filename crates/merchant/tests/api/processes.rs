//! What a merchant shares of its account at GoPay with the one before it, and with those beside it.

use crate::{
    log_scan,
    rotation::master_key,
    test_database::is_postgres,
    test_env::{MASTER_KEY, TestEnv, coffee},
};
use contract::OrderStatus;
use gopay_protocol::Secret;
use merchant::adapters::database::{Connection, sql};
use reqwest::StatusCode;
use serde_json::json;
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually};
use tokio::task::JoinSet;

const ASKED: &str = "access_token_requested";

#[tokio::test]
async fn a_merchant_goes_by_the_token_of_the_one_before() {
    let mut env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    buyer.order(&env).await;
    env.restart_merchant().await;
    env.sign_in("siti").await.order(&env).await;
    assert_eq!(env.count(ASKED).await, 1);
    // GoPay no longer takes it: the next merchant does not either.
    env.faults(json!([{"on": "payment", "do": "token_invalid"}]))
        .await;
    env.sign_in("ani").await.order(&env).await;
    assert_eq!(env.count(ASKED).await, 2);
    env.restart_merchant().await;
    buyer.order(&env).await;
    assert_eq!(env.count(ASKED).await, 2);
}

/// F22
#[tokio::test]
async fn a_pause_is_kept_by_the_next_merchant() {
    let mut env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.faults(
        json!([{"on": "payment", "do": "throttle_429", "retry_after": 3600, "times": null}]),
    )
    .await;
    buyer.place_in_vain(&env, "key").await;
    env.restart_merchant().await;
    buyer.place_in_vain(&env, "key").await;
    assert_eq!(env.faults_met().await.len(), 1);
}

/// F28: one asks, and the others wait for what it got.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn merchants_side_by_side_share_one_access_token() {
    if !is_postgres() {
        return;
    }
    let mut env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let place = |env: &TestEnv, number: u32| {
        let request = buyer.post(env, "/api/orders").json(&coffee());
        request.header("idempotency-key", number.to_string())
    };
    let mut requests: Vec<_> = (0..4).map(|number| place(&env, number)).collect();
    env.go_to_another_merchant().await;
    requests.extend((4..8).map(|number| place(&env, number)));
    let mut orders = JoinSet::new();
    for request in requests {
        orders.spawn(async { request.send().await.unwrap().status() });
    }
    let placed = orders.join_all().await;
    assert_eq!(placed, [StatusCode::CREATED; 8]);
    assert_eq!(env.count(ASKED).await, 1);
}

/// F22: what GoPay asked one of for, the others do within a second or two.
#[tokio::test]
async fn a_pause_holds_for_merchants_side_by_side() {
    if !is_postgres() {
        return;
    }
    let mut env = TestEnv::operated().await;
    env.go_to_another_merchant().await;
    let other = env.admin.unwrap();
    env.go_to_another_merchant().await;
    let buyer = env.sign_in("budi").await;
    env.faults(json!([{"on": "payment", "do": "throttle_429", "retry_after": 3600}]))
        .await;
    buyer.place_in_vain(&env, "key").await;
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let text = env
            .http
            .get(format!("http://{other}/metrics"))
            .send()
            .await
            .unwrap();
        let text = text.text().await.unwrap();
        let is_paused = text.lines().any(|line| {
            let left = line.strip_prefix(r#"merchant_gopay_pause_seconds{api="payment"} "#);
            left.is_some_and(|left| left.parse::<f64>().unwrap() > 30.0)
        });
        let knows_all = text.lines().any(|line| line == "merchant_processes 3");
        (is_paused && knows_all).then_some(()).ok_or(text)
    })
    .await;
    assert_eq!(OrderStatus::Checking, buyer.orders(&env).await[0].status);
}

/// F57: PostgreSQL notices a moment later that a process is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_master_key_waits_for_a_merchant_that_has_just_ended_and_for_no_other() {
    if !is_postgres() {
        return;
    }
    let mut env = TestEnv::new().await;
    env.sign_in("budi").await;
    env.keys.master = vec![master_key(9), Secret::new(MASTER_KEY)];
    // As a merchant holds it.
    let mut leaving = env.database().await;
    let presence = "select pg_advisory_lock_shared(4672903, hashtext(current_schema()))";
    sql(presence).execute(&mut leaving).await.unwrap();
    let refused = env.start_error().await;
    assert!(
        refused.contains("other merchant processes are running"),
        "{refused}"
    );

    let mut watcher = env.database().await;
    let holders = async |watcher: &mut Connection, expected: i64| {
        let holders = "select count(*) from pg_locks where locktype = 'advisory'
            and classid = 4672903 and mode = 'ShareLock' and granted
            and objid = (hashtext(current_schema())::bigint & 4294967295)::oid";
        eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
            let count: i64 = sql(holders).fetch_value(watcher).await.unwrap();
            (count == expected).then_some(()).ok_or(count)
        })
        .await;
    };
    // The refused one is gone.
    holders(&mut watcher, 1).await;
    let leave = async {
        holders(&mut watcher, 2).await;
        drop(leaving);
    };
    tokio::join!(env.start_merchant(), leave);
    env.sign_in("budi").await;
}

/// A merchant that hangs in its start would otherwise hold up the others in silence.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_waits_for_another_one_says_so_and_goes_on() {
    if !is_postgres() {
        return;
    }
    let mut env = TestEnv::new().await;
    env.stop_merchant().await;
    let log = log_scan::copy();
    let before = log.bytes().len();
    // As a merchant holds it that starts.
    let mut hanging = env.database().await;
    let alone = "select pg_advisory_lock(4672903, hashtext(current_schema()))";
    sql(alone).execute(&mut hanging).await.unwrap();
    let end_it = async {
        // The log of all tests is long.
        let interval = 20 * POLL_INTERVAL;
        eventually(WAIT_TIMEOUT, interval, async || {
            let text = String::from_utf8_lossy(&log.bytes()[before..]).into_owned();
            let said = text.contains("store.waits_for_start");
            said.then_some(()).ok_or("nothing was said")
        })
        .await;
        drop(hanging);
    };
    tokio::join!(env.start_merchant(), end_it);
    env.sign_in("budi").await;
}
