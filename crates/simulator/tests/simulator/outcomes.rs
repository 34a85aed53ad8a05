//! Faults and outcomes of single payments.

use crate::merchant::{Merchant, PAYMENT, order, text};
use crate::receiver::Receiver;
use reqwest::Method;
use serde_json::{Value, json};

/// A payment of this order; HTTP status and answer.
async fn pay(merchant: &Merchant, number: &str, amount: &str) -> (u16, Value) {
    let token = merchant.token().await;
    let mut order = order(&token);
    order["partnerReferenceNo"] = json!(number);
    order["payOptionDetails"][0]["transAmount"]["value"] = json!(amount);
    merchant
        .send(merchant.transaction(PAYMENT, &token, &order))
        .await
}

async fn state(merchant: &Merchant, number: &str) -> String {
    text(&merchant.payment(number).await["state"])
}

#[tokio::test]
async fn a_fault_is_met_by_the_order_that_it_is_for() {
    let merchant = Merchant::new().await;
    let plan = json!([
        {"on": "payment", "do": "error_500", "for": {"order": "ORDER-2"}, "times": null},
        {"on": "payment", "do": "timeout_504", "for": {"amount": 13000}, "times": 1},
        {"on": "status", "do": "not_found", "for": {"order": "ORDER-1"}, "times": 1},
    ]);
    let (status, answer) = merchant
        .control(Method::PUT, "/control/faults", plan.clone())
        .await;
    assert_eq!(status, 200, "{answer}");
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    assert_eq!(ledger["faults"], plan);
    let (status, first) = pay(&merchant, "ORDER-1", "25000.00").await;
    assert_eq!(status, 200);
    assert_eq!(pay(&merchant, "ORDER-2", "25000.00").await.0, 500);
    assert_eq!(pay(&merchant, "ORDER-2", "25000.00").await.0, 500);
    assert_eq!(pay(&merchant, "ORDER-3", "13000.00").await.0, 504);
    assert_eq!(pay(&merchant, "ORDER-3", "13000.00").await.0, 200);
    let inquiry = json!({"originalReferenceNo": first["referenceNo"], "serviceCode": "54"});
    assert_eq!(
        merchant.status(inquiry).await["latestTransactionStatus"],
        "07"
    );
}

#[tokio::test]
async fn a_payment_takes_the_outcome_that_is_for_it() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let plan = json!([
        {"do": "fail", "for": {"amount": 13000}},
        {"do": "pay", "for": {"order": "ORDER-2"}, "after_seconds": 60, "notify_after_seconds": 60},
        {"do": "cancel", "for": {"buyer": "siti"}},
    ]);
    let (status, answer) = merchant
        .control(Method::PUT, "/control/outcomes", plan)
        .await;
    assert_eq!(status, 200, "{answer}");
    pay(&merchant, "ORDER-1", "13000.00").await;
    assert_eq!(state(&merchant, "ORDER-1").await, "failed");
    pay(&merchant, "ORDER-2", "25000.00").await;
    assert_eq!(state(&merchant, "ORDER-2").await, "pending");
    merchant.advance(jiff::SignedDuration::from_secs(61)).await;
    assert_eq!(state(&merchant, "ORDER-2").await, "paid");
    let of_order_2 = || {
        let received = receiver.received();
        let mut bodies = received.iter().map(crate::receiver::Received::json);
        bodies.any(|body| body["originalPartnerReferenceNo"] == "ORDER-2")
    };
    assert!(!of_order_2());
    merchant.advance(jiff::SignedDuration::from_secs(60)).await;
    assert!(of_order_2());

    let (_, made) = pay(&merchant, "ORDER-3", "25000.00").await;
    let deeplink = format!(
        "gopay://merchanttransfer?tref={}",
        text(&made["referenceNo"])
    );
    let open = |buyer: &str| {
        json!({"class": "GP", "method": "launchPayment", "buyer": buyer,
            "params": {"deeplink": deeplink}})
    };
    merchant
        .control(Method::POST, "/bridge/call", open("budi"))
        .await;
    assert_eq!(state(&merchant, "ORDER-3").await, "pending");
    merchant
        .control(Method::POST, "/bridge/call", open("siti"))
        .await;
    assert_eq!(state(&merchant, "ORDER-3").await, "cancelled");
}

#[tokio::test]
async fn a_payment_takes_one_outcome_and_in_the_order_of_time() {
    let merchant = Merchant::new().await;
    let put = async |plan: Value| {
        let (status, answer) = merchant
            .control(Method::PUT, "/control/outcomes", plan)
            .await;
        assert_eq!(status, 200, "{answer}");
    };
    let open = async |made: &Value| {
        let deeplink = format!(
            "gopay://merchanttransfer?tref={}",
            text(&made["referenceNo"])
        );
        merchant
            .call("GP", "launchPayment", json!({"deeplink": deeplink}))
            .await
    };
    put(json!([{"do": "leave"}])).await;
    let (_, made) = pay(&merchant, "ORDER-1", "25000.00").await;
    assert!(
        merchant.entries("sheet_left").await.is_empty(),
        "nobody has opened it"
    );
    open(&made).await;
    merchant.ask(Method::GET, "/control/ledger").await;
    open(&made).await;
    assert_eq!(merchant.entries("sheet_left").await.len(), 1);

    put(json!([{"do": "pay", "after_seconds": 60}])).await;
    pay(&merchant, "ORDER-2", "25000.00").await;
    merchant.advance(jiff::SignedDuration::from_hours(2)).await;
    assert_eq!(
        state(&merchant, "ORDER-2").await,
        "paid",
        "before it would have expired"
    );
    assert_eq!(
        state(&merchant, "ORDER-1").await,
        "expired",
        "it had its outcome"
    );
}
