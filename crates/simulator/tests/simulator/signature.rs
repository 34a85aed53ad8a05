use crate::merchant::{CANCEL, Merchant, PAYMENT, STATUS, order};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

#[tokio::test]
async fn a_wrong_signature_is_refused_by_every_transaction() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    for (path, code) in [
        (PAYMENT, "4015400"),
        (STATUS, "4015500"),
        (CANCEL, "4015700"),
    ] {
        let good = || merchant.transaction(path, &token, &order(&token));
        let mut other_body = good();
        other_body.body = other_body.body.replace("25000.00", "1.00");
        let mut other_path = good();
        other_path.path = if path == STATUS { CANCEL } else { STATUS };
        let code_of_other_path = if path == STATUS { "4015700" } else { "4015500" };
        let now =
            gopay_protocol::timestamp::format_wib(Timestamp::now() + SignedDuration::from_secs(5));
        for (wrong, code) in [
            (good().set("X-SIGNATURE", "AAAA"), code),
            (good().set("X-TIMESTAMP", &now), code),
            (other_body, code),
            (other_path, code_of_other_path),
        ] {
            let (status, answer) = merchant.send(wrong).await;
            assert_eq!(status, 401, "{answer}");
            assert_eq!(answer["responseCode"], code, "{path}");
            assert_eq!(answer["responseMessage"], "Unauthorized. Signature");
        }
    }
}

/// The response says no more than GoPay's; the ledger says what the mistake is.
#[tokio::test]
async fn a_refused_signature_has_its_likely_mistake_in_the_ledger() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let good = merchant.transaction(PAYMENT, &token, &order(&token));
    let signed = good.headers.iter().find(|(name, _)| *name == "X-SIGNATURE");
    let bytes = STANDARD.decode(&signed.unwrap().1);
    let in_hex = good.set("X-SIGNATURE", &hex::encode(bytes.unwrap()));
    assert_eq!(merchant.send(in_hex).await.0, 401);
    let refused = merchant.entries("signature_refused").await.remove(0);
    assert_eq!(
        refused["mistake"],
        "it is written in hex: write it in base64"
    );
    let string = refused["string_to_sign"].as_str().unwrap();
    assert!(
        string.starts_with("POST:/v1.0/debit/payment-host-to-host:<access token>:"),
        "{string}"
    );
    assert!(!refused.to_string().contains(&token));
    assert!(refused["external_id"].is_string());
}

#[tokio::test]
async fn a_body_with_whitespace_has_the_signature_of_its_minified_form() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let mut spaced = merchant.transaction(PAYMENT, &token, &order(&token));
    spaced.body = serde_json::to_string_pretty(&order(&token)).unwrap();
    assert_eq!(merchant.send(spaced).await.0, 200);
}

#[tokio::test]
async fn a_missing_mandatory_header_is_refused_by_name() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let good = || merchant.transaction(PAYMENT, &token, &order(&token));
    for name in [
        "Content-Type",
        "X-TIMESTAMP",
        "X-SIGNATURE",
        "X-PARTNER-ID",
        "X-EXTERNAL-ID",
        "CHANNEL-ID",
    ] {
        let (status, answer) = merchant.send(good().without(name)).await;
        assert_eq!((status, &answer["responseCode"]), (400, &json!("4005402")));
        let message = format!("Invalid Mandatory Field {name}");
        assert_eq!(answer["responseMessage"], message);
    }
    let (status, answer) = merchant.send(good().without("Authorization")).await;
    assert_eq!((status, &answer["responseCode"]), (401, &json!("4015400")));
    assert_eq!(merchant.send(good().without("X-DEVICE-ID")).await.0, 200);
}

#[tokio::test]
async fn an_invalid_header_is_refused() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let good = || merchant.transaction(PAYMENT, &token, &order(&token));
    for (wrong, status, code) in [
        (good().set("CHANNEL-ID", "1234"), 400, "4005402"),
        (good().set("CHANNEL-ID", "1234a"), 400, "4005402"),
        (good().set("X-EXTERNAL-ID", &"x".repeat(37)), 400, "4005402"),
        (good().set("X-TIMESTAMP", "yesterday"), 400, "4005402"),
        (good().set("X-PARTNER-ID", "G2"), 401, "4015400"),
        (good().set("Authorization", "Bearer nobody"), 401, "4015401"),
        (good().set("Authorization", "Basic x"), 401, "4015400"),
    ] {
        let (answered, answer) = merchant.send(wrong).await;
        assert_eq!((answered, &answer["responseCode"]), (status, &json!(code)));
    }
}

#[tokio::test]
async fn a_stale_timestamp_is_refused_under_a_valid_signature() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let quarter = SignedDuration::from_mins(16);
    for at in [Timestamp::now() - quarter, Timestamp::now() + quarter] {
        let stale = merchant.transaction_at(PAYMENT, &token, &order(&token), at);
        let (status, answer) = merchant.send(stale).await;
        assert_eq!((status, &answer["responseCode"]), (401, &json!("4015400")));
    }
}

#[tokio::test]
async fn an_access_token_expires_with_the_clock_and_a_new_one_is_valid() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    merchant.advance(SignedDuration::from_secs(880)).await;
    let good = merchant.transaction(PAYMENT, &token, &order(&token));
    assert_eq!(merchant.send(good).await.0, 200);
    merchant.advance(SignedDuration::from_secs(20)).await;
    let late = merchant.transaction(PAYMENT, &token, &order(&token));
    let (status, answer) = merchant.send(late).await;
    assert_eq!((status, &answer["responseCode"]), (401, &json!("4015401")));
    merchant.advance(SignedDuration::from_hours(5)).await;
    let token = merchant.token().await;
    let new = merchant.transaction(PAYMENT, &token, &order(&token));
    assert_eq!(merchant.send(new).await.0, 200);
}

/// Midtrans' PHP client sends `\/` and `\u00e9`, and signs the same body without these escapes.
#[tokio::test]
async fn a_body_may_be_signed_in_the_form_of_the_vendors_php_client() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let mut body = order(&token);
    body["additionalInfo"]["note"] = serde_json::json!("caf\u{e9} a/b");
    let mut transaction = merchant.transaction(PAYMENT, &token, &body);
    transaction.body = transaction.body.replace('/', r"\/").replace('é', r"\u00e9");
    assert!(transaction.body.contains(r"\/") && transaction.body.contains(r"\u00e9"));
    let (status, answer) = merchant.send(transaction).await;
    assert_eq!(status, 200, "{answer}");
    let signed = merchant.entries("signed_over_other_bytes").await;
    assert_eq!(signed[0]["form"], "compact");
}
