//! A refused request has its rule in the inspector, and none of it on the wire.

use crate::merchant::{CANCEL, EXCHANGE, Merchant, PAYMENT, REFUND, STATUS, TOKEN, order, text};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

/// The rule of the last exchange.
async fn rule(merchant: &Merchant) -> Value {
    let last = merchant.ask(Method::GET, "/control/exchanges?last=1").await;
    last.1[0]["rule"].clone()
}

async fn has_rule(merchant: &Merchant, answer: &Value, says: &str, page: &str) {
    let rule = rule(merchant).await;
    let said = rule["says"].as_str().unwrap_or_default();
    assert!(said.contains(says), "{answer}: {rule}");
    let address = format!("https://docs.midtrans.com/reference/{page}");
    assert_eq!(rule["page"], json!(address), "{answer}");
    assert!(!answer.to_string().contains(&address), "{answer}");
}

#[tokio::test]
async fn a_request_of_bi_snap_is_refused_with_its_rule() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    assert_eq!(rule(&merchant).await, Value::Null);
    let with = |pointer: &str, value: Value| {
        let mut order = order(&token);
        *order.pointer_mut(pointer).unwrap() = value;
        merchant.transaction(PAYMENT, &token, &order)
    };
    let good = || merchant.transaction(PAYMENT, &token, &order(&token));
    let signing = "signature-generation";
    let original = json!({"originalReferenceNo": "A1"});
    for (request, says, page) in [
        (
            good().without("Authorization"),
            "Bearer",
            "direct-debit-api-gopay",
        ),
        (good().set("CHANNEL-ID", "1"), "five digits", signing),
        (good().set("X-SIGNATURE", "x"), "HMAC-SHA512", signing),
        (
            good().without("X-EXTERNAL-ID"),
            "X-EXTERNAL-ID is mandatory",
            signing,
        ),
        (
            good().set("X-TIMESTAMP", "yesterday"),
            "ISO 8601",
            "bi-snap-security-architecture",
        ),
        (
            good().set("Authorization", "Bearer x"),
            "900 seconds",
            "access-token-api",
        ),
        (
            with("/partnerReferenceNo", json!("a b")),
            "1 to 64 letters",
            "direct-debit-api-gopay",
        ),
        (
            with("/payOptionDetails/0/transAmount/value", json!("1.50")),
            "whole rupiah",
            "direct-debit-api-gopay",
        ),
        (
            with("/additionalInfo/pointOfPurchaseId", Value::Null),
            "mandatory for a mini app",
            "seamless-payment-v2",
        ),
        (
            merchant.transaction(STATUS, &token, &original),
            "serviceCode",
            "get-transaction-status-api",
        ),
        (
            merchant.transaction(CANCEL, &token, &original),
            "made on this host",
            "cancel-api",
        ),
        (
            merchant.transaction(REFUND, &token, &json!({})),
            "originalReferenceNo or originalExternalId is mandatory",
            "refund-api",
        ),
    ] {
        let (status, answer) = merchant.send(request).await;
        assert_ne!(status, 200, "{says}");
        has_rule(&merchant, &answer, says, page).await;
    }
    let headers = merchant.token_headers(Timestamp::now());
    let (_, answer) = merchant.post(TOKEN, &headers, "{}".to_owned()).await;
    has_rule(&merchant, &answer, "grantType", "access-token-api").await;
}

#[tokio::test]
async fn a_fault_breaks_no_rule() {
    let merchant = Merchant::new().await;
    let fault = json!([{"on": "payment", "do": "forbidden"}]);
    merchant
        .control(Method::PUT, "/control/faults", fault)
        .await;
    let token = merchant.token().await;
    let request = merchant.transaction(PAYMENT, &token, &order(&token));
    assert_eq!(merchant.send(request).await.0, 403);
    assert_eq!(rule(&merchant).await, Value::Null);
}

#[tokio::test]
async fn a_request_of_the_mini_app_api_is_refused_with_its_rule() {
    let merchant = Merchant::new().await;
    let basic = format!("Basic {}", merchant.auth_credentials.expose());
    for (authorization, code, says) in [
        ("Basic x", "a", "AuthCredentials"),
        (&basic, "a", "one of getAuthCode"),
    ] {
        let body = json!({"auth_code": code}).to_string();
        let headers = [("Authorization", authorization.to_owned())];
        let (_, answer) = merchant.post(EXCHANGE, &headers, body).await;
        has_rule(&merchant, &answer, says, "seamless-login-v2").await;
    }
    let bearer = format!("Bearer {}", merchant.auth_token("budi").await);
    let rewards = "/v1/mini-apps/rewards";
    let reward = json!({"reward_type": "GOPAY_COINS", "amount": {}}).to_string();
    for (headers, says) in [
        (vec![], "Authorization is mandatory"),
        (
            vec![("Authorization", bearer.clone())],
            "Request-Id is mandatory",
        ),
        (
            vec![
                ("Authorization", bearer.clone()),
                ("Request-Id", "1".to_owned()),
            ],
            "amount",
        ),
    ] {
        let (_, answer) = merchant.post(rewards, &headers, reward.clone()).await;
        has_rule(&merchant, &answer, says, "reward-coins-emoney-v2").await;
    }
}

#[tokio::test]
async fn a_request_of_snap_is_refused_with_its_rule() {
    let merchant = Merchant::new().await;
    let path = "/snap/v1/transactions";
    for (key, body, says, page) in [
        (
            &*merchant.server_key,
            json!({"transaction_details": {"order_id": "ORDER-1"}}),
            "gross_amount is required",
            "request-body-json-parameter",
        ),
        ("x", json!({}), "Basic", "miniapp-x-snap-checkout-payment"),
    ] {
        let (_, answer) = merchant.call_api_with(key, Method::POST, path, &body).await;
        has_rule(&merchant, &answer, says, page).await;
    }
    let path = "/v2/ORDER-1/status";
    let (_, answer) = merchant.call_api(Method::GET, path, &json!({})).await;
    has_rule(
        &merchant,
        &answer,
        "the buyer has chosen to pay",
        "get-transaction-status",
    )
    .await;
    assert!(text(&answer["status_message"]).starts_with("Transaction doesn't exist"));
}
