//! What is in the database while GoPay is asked, and what becomes of a notification while
//! nobody can write there.

use crate::test_env::TestEnv;
use contract::{Order, OrderStatus};
use merchant::adapters::database::{Connection, sql};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// F52: a notification that cannot be kept is given back in time, nothing of it is kept, and
/// GoPay's next try finds all as it was.
#[tokio::test]
async fn a_locked_database_gives_a_notification_back_within_two_seconds() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let reference = env.references().await.remove(0);
    let mut other = env.database().await;
    let count = "select count(*) from evidence";
    let before: i64 = sql(count).fetch_value(&mut other).await.unwrap();
    let lock = match &other {
        Connection::Sqlite(_) => "begin immediate",
        Connection::Postgres(_) => "begin; lock table evidence in exclusive mode",
    };
    other.run_script(lock).await.unwrap();

    let began = Instant::now();
    let answer = env.repeat(&reference, json!({"status": "00"})).await;
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(answer["http_status"], 503);
    assert!(answer["body"].as_str().unwrap().contains("5035600"));

    other.run_script("rollback").await.unwrap();
    let after: i64 = sql(count).fetch_value(&mut other).await.unwrap();
    assert_eq!(after, before);
    let status = buyer.status(&env, &order.id).await;
    assert_eq!(status, OrderStatus::AwaitingPayment);
    let answer = env.repeat(&reference, json!({"status": "00"})).await;
    assert_eq!(answer["http_status"], 200);
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
}

/// I-15: while GoPay has a payment request in its hands, and nobody has an answer, the request
/// is in the database as it was sent; the first one of an order, and the second.
#[tokio::test]
async fn a_payment_request_is_written_down_before_gopay_hears_of_it() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.faults(json!([{"on": "payment", "do": "hold", "times": 2}]))
        .await;
    let (answer, ()) = tokio::join!(buyer.place(&env, "first"), is_written_down(&env, 0));
    let order: Order = answer.json().await.unwrap();
    env.act("expire").await;
    let again = buyer.pay_again(&env, &order.id, "second");
    let (answer, ()) = tokio::join!(again.send(), is_written_down(&env, 1));
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
}

async fn is_written_down(env: &TestEnv, before: usize) {
    env.wait_for("fault_met", before).await;
    let payment = env.ledger().await["payments"][before].clone();
    let mut database = env.database().await;
    let written: String = sql("select request from attempts where external_id = $1")
        .bind(payment["external_id"].as_str())
        .fetch_value(&mut database)
        .await
        .unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(
        written["partnerReferenceNo"],
        payment["partner_reference_no"]
    );
    let amount = &written["payOptionDetails"][0]["transAmount"];
    assert_eq!(*amount, payment["amount"]);
    env.control_post("faults/release", json!({})).await;
}
