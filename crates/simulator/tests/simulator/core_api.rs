use crate::{
    merchant::{Merchant, text},
    receiver::Receiver,
    snap::token,
};
use gopay_protocol::message::core_api::{StatusMeaning, Transaction};
use reqwest::Method;
use serde_json::{Value, json};
use simulator::account;

const STATUS: &str = "/v2/ORDER-1/status";
const CANCEL: &str = "/v2/ORDER-1/cancel";
const EXPIRE: &str = "/v2/ORDER-1/expire";
const REFUND: &str = "/v2/ORDER-1/refund/online/direct";

/// A Snap transaction after these acts of its buyer.
async fn transaction(merchant: &Merchant, acts: &[&str]) -> String {
    let token = token(merchant).await;
    let open = format!("/web/payments/{token}/open");
    assert_eq!(merchant.web(Method::POST, &open, json!({})).await.0, 200);
    let reference = text(&merchant.payment("ORDER-1").await["reference_no"]);
    for act in acts {
        assert_eq!(merchant.act(&reference, act).await.0, 200);
    }
    reference
}

async fn get(merchant: &Merchant, path: &str) -> Value {
    let (status, answer) = merchant.call_api(Method::GET, path, &json!(null)).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn post(merchant: &Merchant, path: &str, body: Value) -> Value {
    let (status, answer) = merchant.call_api(Method::POST, path, &body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn refund(merchant: &Merchant, key: &str, amount: u64) -> Value {
    let body = json!({"refund_key": key, "amount": amount, "reason": "sold out"});
    post(merchant, REFUND, body).await
}

#[tokio::test]
async fn a_status_is_found_by_order_id_and_by_transaction_id() {
    let merchant = Merchant::new().await;
    let reference = transaction(&merchant, &[]).await;
    let by_order = get(&merchant, STATUS).await;
    assert_eq!(by_order["status_code"], "201");
    assert_eq!(by_order["transaction_status"], "pending");
    assert_eq!(by_order["fraud_status"], "accept");
    assert_eq!(by_order["gross_amount"], "25000.00");
    assert_eq!(by_order["transaction_id"], json!(reference));
    assert_eq!(by_order["order_id"], "ORDER-1");
    assert_eq!(
        get(&merchant, &format!("/v2/{reference}/status")).await,
        by_order
    );
}

#[tokio::test]
async fn a_transaction_is_unknown_until_its_buyer_has_chosen() {
    let merchant = Merchant::new().await;
    token(&merchant).await;
    for (method, path) in [
        (Method::GET, STATUS),
        (Method::POST, CANCEL),
        (Method::POST, EXPIRE),
        (Method::POST, REFUND),
        (Method::GET, "/v2/another/status"),
    ] {
        let (status, answer) = merchant.call_api(method, path, &json!({})).await;
        assert_eq!(status, 200, "{path}");
        assert_eq!(answer["status_code"], "404");
        assert_eq!(answer["status_message"], "Transaction doesn't exist.");
    }
}

#[tokio::test]
async fn a_bi_snap_payment_is_unknown_to_the_core_api() {
    let merchant = Merchant::new().await;
    let reference = merchant.reference().await;
    for id in [reference.as_str(), "ORDER-1", "id-1"] {
        let answer = get(&merchant, &format!("/v2/{id}/status")).await;
        assert_eq!(answer["status_code"], "404", "{id}");
    }
}

#[tokio::test]
async fn each_end_has_its_transaction_status() {
    for (act, code, word) in [
        ("pay", "200", "settlement"),
        ("cancel", "202", "cancel"),
        ("fail", "202", "failure"),
        ("expire", "202", "expire"),
        ("leave", "201", "pending"),
    ] {
        let merchant = Merchant::new().await;
        transaction(&merchant, &[act]).await;
        let answer = get(&merchant, STATUS).await;
        assert_eq!(answer["status_code"], code, "{act}");
        assert_eq!(answer["transaction_status"], word, "{act}");
        let read: Transaction = serde_json::from_value(answer).unwrap();
        assert_eq!(read.is_paid(), act == "pay");
    }
}

#[tokio::test]
async fn a_pending_transaction_is_cancelled_or_expired_once() {
    for (path, code, word) in [(CANCEL, "200", "cancel"), (EXPIRE, "407", "expire")] {
        let receiver = Receiver::answering(200).await;
        let merchant = Merchant::notified_at(&receiver.url).await;
        transaction(&merchant, &[]).await;
        let answer = post(&merchant, path, json!({})).await;
        assert_eq!(answer["status_code"], code, "{path}");
        assert_eq!(answer["transaction_status"], word, "{path}");
        let again = post(&merchant, path, json!({})).await;
        assert_eq!(again["status_code"], "412");
        assert_eq!(
            again["status_message"],
            "Merchant cannot modify the status of the transaction"
        );
        assert_eq!(get(&merchant, STATUS).await["transaction_status"], word);
    }
    let merchant = Merchant::new().await;
    transaction(&merchant, &["pay"]).await;
    assert_eq!(
        post(&merchant, CANCEL, json!({})).await["status_code"],
        "412"
    );
}

#[tokio::test]
async fn a_transaction_is_refunded_in_parts_and_never_too_much() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let reference = transaction(&merchant, &["pay"]).await;
    let first = refund(&merchant, "R-1", 10_000).await;
    assert_eq!(first["status_code"], "200");
    assert_eq!(first["transaction_status"], "partial_refund");
    assert_eq!(first["refund_amount"], "10000.00");
    assert_eq!(first["refund_key"], "R-1");
    assert!(first["refund_chargeback_id"].is_u64());
    assert_eq!(refund(&merchant, "R-2", 15_001).await["status_code"], "414");
    let second = refund(&merchant, "R-3", 15_000).await;
    assert_eq!(second["transaction_status"], "refund");
    assert_eq!(second["refund_amount"], "25000.00");
    assert_eq!(refund(&merchant, "R-4", 1).await["status_code"], "414");

    let status: Transaction = serde_json::from_value(get(&merchant, STATUS).await).unwrap();
    let history = status.refund_history();
    assert!(!history.is_partial);
    let amounts: Vec<_> = history.refunds.iter().map(|it| it.rupiah()).collect();
    assert_eq!(amounts, [Some(10_000), Some(15_000)]);
    assert!(history.refunds[1].is_named(&"R-3".into()));
    let repeat = format!("/control/notifications/{reference}/repeat");
    merchant.ask(Method::POST, &repeat).await;
    let last = receiver.received().pop().unwrap().json();
    assert_eq!(last["latestTransactionStatus"], "04");
    let requested = merchant.entries("core_api_requested").await;
    assert_eq!(requested[0]["on"], "snap_refund");
    assert_eq!(requested[0]["partner_refund_no"], "R-1");
}

#[tokio::test]
async fn a_refund_key_is_used_once_or_answered_as_before() {
    let merchant = Merchant::new().await;
    transaction(&merchant, &["pay"]).await;
    let first = refund(&merchant, "R-1", 10_000).await;
    let again = refund(&merchant, "R-1", 10_000).await;
    assert_eq!(again["status_code"], "406");
    assert_eq!(again["status_message"], "Duplicate refund ID");
    let answered = json!({"snap_refund_repeated": "answered"});
    merchant
        .control(Method::PUT, "/control/checkout", answered)
        .await;
    assert_eq!(refund(&merchant, "R-1", 10_000).await, first);
    assert_eq!(refund(&merchant, "R-1", 10_001).await["status_code"], "406");
    assert_eq!(merchant.entries("payment_refunded").await.len(), 1);
}

#[tokio::test]
async fn a_denied_refund_moves_nothing_and_can_be_repeated() {
    let merchant = Merchant::new().await;
    transaction(&merchant, &["pay"]).await;
    let ending = |ending: &str| json!({"ending": ending});
    merchant
        .control(Method::PUT, "/control/refunds", ending("failed"))
        .await;
    let denied = refund(&merchant, "R-1", 10_000).await;
    assert_eq!(denied["status_code"], "202");
    assert_eq!(denied["transaction_status"], "settlement");
    assert_eq!(denied["refund_amount"], "0.00");
    assert_eq!(denied["refund_key"], "R-1");
    assert!(get(&merchant, STATUS).await["refunds"].is_null());
    merchant
        .control(Method::PUT, "/control/refunds", ending("done"))
        .await;
    assert_eq!(refund(&merchant, "R-1", 10_000).await["status_code"], "200");
}

#[tokio::test]
async fn a_refund_without_an_amount_is_the_whole_transaction() {
    let merchant = Merchant::new().await;
    transaction(&merchant, &["pay"]).await;
    let answer = post(&merchant, REFUND, json!({})).await;
    assert_eq!(answer["refund_amount"], "25000.00");
    assert!(answer["refund_key"].is_string());
    let unpaid = Merchant::new().await;
    transaction(&unpaid, &[]).await;
    assert_eq!(refund(&unpaid, "R-1", 1).await["status_code"], "412");
    for (field, value) in [
        ("refund_key", json!("a b")),
        ("refund_key", json!(7)),
        ("amount", json!(1.5)),
        ("amount", json!("much")),
        ("reason", json!("x".repeat(256))),
    ] {
        let answer = post(&merchant, REFUND, json!({field: value})).await;
        assert_eq!(answer["status_code"], "400", "{field} {value}");
        assert!(text(&answer["status_message"]).contains(field));
    }
}

#[tokio::test]
async fn a_wrong_server_key_is_refused_with_its_reason() {
    let merchant = Merchant::new().await;
    transaction(&merchant, &[]).await;
    let key = account::SANDBOX_SERVER_KEY;
    let call = merchant.call_api_with(key, Method::GET, STATUS, &json!(null));
    let (status, answer) = call.await;
    assert_eq!((status, &answer["status_code"]), (401, &json!("401")));
    assert!(text(&answer["status_message"]).contains("the sandbox's"));
}

#[tokio::test]
async fn the_core_api_meets_the_faults_of_its_plan() {
    let merchant = Merchant::new().await;
    let reference = transaction(&merchant, &["pay"]).await;
    let with = async |fault: Value| {
        let planned = merchant
            .control(Method::PUT, "/control/faults", json!([fault]))
            .await;
        assert_eq!(planned.0, 200, "{fault}");
        merchant.call_api(Method::GET, STATUS, &json!(null)).await
    };
    let (status, answer) = with(json!({"on": "snap_status", "do": "not_found_404"})).await;
    assert_eq!((status, &answer["status_code"]), (200, &json!("404")));
    let refused = with(json!({"on": "snap_status", "do": "error_code", "value": "412"})).await;
    assert_eq!(refused.1["status_code"], "412");
    let (status, answer) = with(json!({"on": "snap_status", "do": "timeout_504"})).await;
    assert_eq!((status, &answer["status_code"]), (504, &json!("504")));
    for (kind, field, value) in [
        ("other_order", "order_id", json!("another-order")),
        ("other_amount", "gross_amount", json!("1.00")),
        ("other_currency", "currency", json!("USD")),
        ("no_amount", "gross_amount", json!(null)),
        ("fraud_deny", "fraud_status", json!("deny")),
    ] {
        let (_, answer) = with(json!({"on": "snap_status", "do": kind})).await;
        assert_eq!(answer[field], value, "{kind}");
        assert_eq!(answer["transaction_id"], json!(reference));
    }
    let (_, odd) = with(json!({"on": "snap_status", "do": "odd_forms"})).await;
    assert_eq!(odd["gross_amount"], 25_000);
    let odd: Transaction = serde_json::from_value(odd).unwrap();
    assert_eq!(odd.meaning(), StatusMeaning::Success);
    assert!(odd.is_paid());
}
