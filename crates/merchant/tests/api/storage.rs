//! What is in the database while GoPay is asked, and what becomes of a notification while
//! nobody can write there.

use crate::town::Town;
use contract::{Order, OrderStatus};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, SqliteConnection};
use std::time::{Duration, Instant};

/// F52: a notification that cannot be kept is given back in time, nothing of it is kept, and
/// GoPay's next try finds all as it was.
#[tokio::test]
async fn a_locked_database_gives_a_notification_back_within_two_seconds() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    let reference = town.references().await.remove(0);
    let url = format!("sqlite://{}", town.database.display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    let count = "select count(*) from evidence";
    let before: i64 = sqlx::query_scalar(count)
        .fetch_one(&mut other)
        .await
        .unwrap();
    other.execute("begin immediate").await.unwrap();

    let began = Instant::now();
    let answer = town.repeat(&reference, json!({"status": "00"})).await;
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(answer["http_status"], 503);
    assert!(answer["body"].as_str().unwrap().contains("5035600"));

    other.execute("rollback").await.unwrap();
    let after: i64 = sqlx::query_scalar(count)
        .fetch_one(&mut other)
        .await
        .unwrap();
    assert_eq!(after, before);
    let status = buyer.status(&town, &order.id).await;
    assert_eq!(status, OrderStatus::AwaitingPayment);
    let answer = town.repeat(&reference, json!({"status": "00"})).await;
    assert_eq!(answer["http_status"], 200);
    assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);
}

/// I-15: while GoPay has a payment request in its hands, and nobody has an answer, the request
/// is in the database as it was sent; the first one of an order, and the second.
#[tokio::test]
async fn a_payment_request_is_written_down_before_gopay_hears_of_it() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.faults(json!([{"on": "payment", "do": "hold", "times": 2}]))
        .await;
    let (answer, ()) = tokio::join!(buyer.place(&town, "first"), is_written_down(&town, 0));
    let order: Order = answer.json().await.unwrap();
    town.act("expire").await;
    let again = buyer.pay_again(&town, &order.id, "second");
    let (answer, ()) = tokio::join!(again.send(), is_written_down(&town, 1));
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
}

async fn is_written_down(town: &Town, before: usize) {
    town.wait_for("fault_met", before).await;
    let payment = town.ledger().await["payments"][before].clone();
    let url = format!("sqlite://{}", town.database.display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    let written: String = sqlx::query_scalar("select request from attempts where external_id = ?")
        .bind(payment["external_id"].as_str())
        .fetch_one(&mut database)
        .await
        .unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(
        written["partnerReferenceNo"],
        payment["partner_reference_no"]
    );
    let amount = &written["payOptionDetails"][0]["transAmount"];
    assert_eq!(*amount, payment["amount"]);
    town.control_post("faults/release", json!({})).await;
}
