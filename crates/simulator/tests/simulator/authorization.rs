use crate::merchant::{EXCHANGE, Merchant};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use simulator::account;

async fn exchange(merchant: &Merchant, code: &str, request_id: &str) -> (u16, Value) {
    let headers = [
        (
            "Authorization",
            format!("Basic {}", merchant.auth_credentials.expose()),
        ),
        ("Content-Type", "application/json".to_owned()),
        ("Request-Id", request_id.to_owned()),
    ];
    let body = json!({"auth_code": code}).to_string();
    merchant.post(EXCHANGE, &headers, body).await
}

#[tokio::test]
async fn a_code_is_exchanged_once() {
    let merchant = Merchant::new().await;
    let code = merchant.auth_code().await;
    assert_eq!(code.len(), 64);
    let (status, granted) = exchange(&merchant, &code, "1").await;
    assert_eq!(status, 200);
    assert_eq!(granted["success"], true);
    assert!(granted["data"]["auth_token"].is_string());
    assert_eq!(
        granted["data"]["gopay_account_id"],
        account::gopay_account_id("budi")
    );
    assert_eq!(exchange(&merchant, &code, "1").await, (200, granted));
    for request_id in ["2", ""] {
        let (status, refused) = exchange(&merchant, &code, request_id).await;
        assert_eq!(status, 404);
        assert_eq!(refused["success"], false);
        assert_eq!(refused["error"]["description"], "AuthCode Not Found");
    }
    let entries = merchant.entries("auth_code_exchanged").await;
    let outcomes: Vec<_> = entries.iter().map(|entry| &entry["outcome"]).collect();
    let used = "auth code used before";
    assert_eq!(outcomes, ["granted", "granted", used, used]);
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    assert!(!ledger.to_string().contains(&code));
}

#[tokio::test]
async fn a_code_is_valid_for_six_minutes() {
    let merchant = Merchant::new().await;
    let early = merchant.auth_code().await;
    let late = merchant.auth_code().await;
    merchant.advance(SignedDuration::from_secs(350)).await;
    assert_eq!(exchange(&merchant, &early, "1").await.0, 200);
    merchant.advance(SignedDuration::from_secs(11)).await;
    assert_eq!(exchange(&merchant, &late, "2").await.0, 404);
    assert_eq!(exchange(&merchant, "unknown", "3").await.0, 404);
}

#[tokio::test]
async fn only_the_merchant_can_exchange() {
    let merchant = Merchant::new().await;
    let code = merchant.auth_code().await;
    let body = json!({"auth_code": code}).to_string();
    let credentials = merchant.auth_credentials.expose();
    for authorization in [
        None,
        Some("Basic no".to_owned()),
        Some(format!("Bearer {credentials}")),
    ] {
        let headers: Vec<_> = authorization
            .into_iter()
            .map(|value| ("Authorization", value))
            .collect();
        let (status, answer) = merchant.post(EXCHANGE, &headers, body.clone()).await;
        assert_eq!((status, &answer["success"]), (401, &json!(false)));
    }
    let good = [("Authorization", format!("Basic {credentials}"))];
    for wrong in ["", "{", "{}", r#"{"auth_code":""}"#, r#"{"auth_code":1}"#] {
        assert_eq!(
            merchant.post(EXCHANGE, &good, wrong.to_owned()).await.0,
            400
        );
    }
    assert_eq!(merchant.post(EXCHANGE, &good, body).await.0, 200);
}

#[tokio::test]
async fn another_buyer_is_another_account() {
    let merchant = Merchant::new().await;
    let call = json!({"class": "GPMiniAppAuth", "method": "getAuthCode", "buyer": "siti"});
    let (_, verdict) = merchant.control(Method::POST, "/bridge/call", call).await;
    let code = verdict["reply"]["data"]["authCode"].as_str().unwrap();
    let (_, granted) = exchange(&merchant, code, "1").await;
    let account = granted["data"]["gopay_account_id"].as_str().unwrap();
    assert_eq!(account, account::gopay_account_id("siti"));
    assert_ne!(account, account::gopay_account_id("budi"));
}
