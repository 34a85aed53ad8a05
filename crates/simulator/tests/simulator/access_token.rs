use crate::merchant::{Merchant, TOKEN};
use gopay_protocol::SigningKey;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use simulator::account;

#[tokio::test]
async fn a_signed_request_gets_a_token_for_900_seconds() {
    let merchant = Merchant::new().await;
    for body in [
        json!({"grantType": "client_credentials"}),
        json!({"grant_type": "client_credentials"}),
    ] {
        let headers = merchant.token_headers(Timestamp::now());
        let (status, answer) = merchant.post(TOKEN, &headers, body.to_string()).await;
        assert_eq!(status, 200);
        assert_eq!(answer["responseCode"], "2007300");
        assert_eq!(answer["tokenType"], "Bearer");
        assert_eq!(answer["expiresIn"], "900");
        assert!(!answer["accessToken"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_request_that_is_not_the_merchants_is_refused() {
    let merchant = Merchant::new().await;
    let now = Timestamp::now();
    let good = merchant.token_headers(now);
    let with = |name: &str, value: &str| {
        let mut headers = good.clone();
        for (header, text) in &mut headers {
            if *header == name {
                value.clone_into(text);
            }
        }
        headers
    };
    let foreign = SigningKey::generate().unwrap();
    let string_to_sign = format!("{}|{}", account::CLIENT_KEY, good[2].1);
    let foreign = foreign.sign(&string_to_sign).unwrap();
    let old = now - SignedDuration::from_mins(16);
    let coming = now + SignedDuration::from_mins(16);
    for (headers, what) in [
        (with("X-SIGNATURE", &foreign), "Signature"),
        (with("X-SIGNATURE", "?"), "Signature"),
        (with("X-CLIENT-KEY", "G1-SNAP"), "X-CLIENT-KEY"),
        (with("X-TIMESTAMP", "2024-03-15T10:35:00"), "X-TIMESTAMP"),
        (merchant.token_headers(old), "X-TIMESTAMP is not of now"),
        (merchant.token_headers(coming), "X-TIMESTAMP is not of now"),
        (good[..3].to_vec(), "X-SIGNATURE"),
    ] {
        let body = json!({"grantType": "client_credentials"}).to_string();
        let (status, answer) = merchant.post(TOKEN, &headers, body).await;
        assert_eq!(status, 401, "{what}");
        assert_eq!(answer["responseCode"], "4017300", "{what}");
        assert_eq!(answer["responseMessage"], format!("Unauthorized. {what}"));
        assert!(answer.get("accessToken").is_none());
    }
    let tried = merchant.entries("access_token_requested").await;
    assert_eq!(tried.len(), 7);
}
