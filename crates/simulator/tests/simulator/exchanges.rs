//! The inspector, the control API's forms, and what is not played.

use crate::merchant::{Merchant, PAYMENT, STATUS, TOKEN, Transaction, order, text};
use crate::receiver::Receiver;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::{ClientSecret, signature::body_hash};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// Part of every secret of the simulator's.
const SECRET_MARK: &str = "RahasiaKenari7x";

async fn exchanges(merchant: &Merchant, query: &str) -> Vec<Value> {
    let path = format!("/control/exchanges{query}");
    let (status, exchanges) = merchant.ask(Method::GET, &path).await;
    assert_eq!(status, 200, "{exchanges}");
    exchanges.as_array().unwrap().clone()
}

/// A transaction that may have no answer.
fn request(merchant: &Merchant, transaction: Transaction) -> RequestBuilder {
    let url = format!("{}{}", merchant.url, transaction.path);
    let headers = transaction.headers.iter();
    headers
        .fold(merchant.http.post(url), |request, (name, value)| {
            request.header(*name, value)
        })
        .body(transaction.body)
}

#[tokio::test]
async fn each_message_is_kept_whole_and_without_its_secrets() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    merchant.auth_code().await;
    let reference = merchant.reference().await;
    merchant.act(&reference, "pay").await;

    let kept = exchanges(&merchant, "").await;
    let lines: Vec<_> = kept.iter().map(|it| text(&it["line"])).collect();
    assert_eq!(lines, ["sdk", "bi_snap", "bi_snap", "notification"]);
    let numbers: Vec<_> = kept.iter().map(|it| it["number"].as_u64()).collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3), Some(4)]);
    assert!(!json!(kept).to_string().contains(SECRET_MARK), "{kept:#?}");

    let payment = &kept[2];
    assert_eq!(payment["outcome"], "200 2005400 Successful");
    assert!(text(&payment["request"]["url"]).ends_with(PAYMENT));
    let sent: Value = serde_json::from_str(payment["request"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(sent["chargeToken"], "<access token>");
    assert_eq!(sent["merchantId"], "G000000001");
    let headers = payment["request"]["headers"].as_array().unwrap();
    assert!(headers.contains(&json!(["authorization", "Bearer <access token>"])));
    assert!(text(&payment["response"]["body"]).contains(&reference));
    let signature = &payment["signature"];
    assert_eq!(signature["verifies"], true);
    assert_eq!(signature["given"], signature["expected"]);
    assert!(
        text(&signature["string_to_sign"]).starts_with(&format!("POST:{PAYMENT}:<access token>:"))
    );
    assert!(text(&payment["curl"]).starts_with("curl -X POST 'http://127.0.0.1:"));

    let notification = &kept[3];
    assert_eq!(
        notification["request"]["url"],
        format!("{}/v1.0/debit/notify", receiver.url)
    );
    assert_eq!(notification["response"]["status"], 200);
    let string = text(&notification["signature"]["string_to_sign"]);
    assert!(string.starts_with("POST:/v1.0/debit/notify:"), "{string}");

    let shown = exchanges(&merchant, "?last=2&secrets=show").await;
    assert_eq!(shown.len(), 2);
    assert!(text(&shown[0]["curl"]).contains(SECRET_MARK));
    let (status, one) = merchant.ask(Method::GET, "/control/exchanges/3").await;
    assert_eq!((status, &one), (200, payment));
    assert_eq!(
        merchant.ask(Method::GET, "/control/exchanges/99").await.0,
        404
    );
    merchant.ask(Method::POST, "/control/reset").await;
    assert!(exchanges(&merchant, "").await.is_empty());
}

#[tokio::test]
async fn a_refused_signature_is_kept_with_both_strings() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let good = merchant.transaction(PAYMENT, &token, &order(&token));
    let time = &good
        .headers
        .iter()
        .find(|(name, _)| *name == "X-TIMESTAMP")
        .unwrap()
        .1;
    let hash = body_hash(good.body.as_bytes());
    let path = "/debit/payment-host-to-host";
    let signature = ClientSecret::new(&merchant.client_secret)
        .sign(&format!("POST:{path}:{token}:{hash}:{time}"));
    let wrong = good.set("X-SIGNATURE", &signature);
    assert_eq!(merchant.send(wrong).await.0, 401);
    let kept = exchanges(&merchant, "?last=1").await;
    let signature = &kept[0]["signature"];
    assert_eq!(signature["verifies"], false);
    assert_eq!(
        signature["mistake"],
        "the path is without `/v1.0`: sign it with"
    );
    assert!(text(&signature["string_to_sign"]).starts_with("POST:/v1.0/debit/"));
    assert!(text(&signature["signed_string"]).starts_with("POST:/debit/"));
    assert_ne!(signature["given"], signature["expected"]);
    assert!(!kept[0].to_string().contains(SECRET_MARK));
}

#[tokio::test]
async fn what_was_found_out_about_a_signature_stays() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let mut transaction = merchant.transaction(PAYMENT, &token, &order(&token));
    transaction.body.insert(1, ' ');
    // Not minified, which `requests: literal` refuses.
    let hash = hex::encode(digest(&SHA256, transaction.body.as_bytes()));
    let headers = &transaction.headers;
    let time = headers.iter().find(|(name, _)| *name == "X-TIMESTAMP");
    let string = format!("POST:{PAYMENT}:{token}:{hash}:{}", time.unwrap().1);
    let signature = ClientSecret::new(&merchant.client_secret).sign(&string);
    let transaction = transaction.set("X-SIGNATURE", &signature);
    assert_eq!(merchant.send(transaction).await.0, 200);
    let before = exchanges(&merchant, "?last=1").await;
    assert_eq!(before[0]["signature"]["verifies"], true);
    let literal = json!({"requests": "literal"});
    merchant
        .control(Method::PUT, "/control/checkout", literal)
        .await;
    assert_eq!(exchanges(&merchant, "?last=1").await, before);
}

#[tokio::test]
async fn an_answer_that_never_came_is_kept_as_such() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let fault = json!([{"on": "payment", "do": "answer_lost"}]);
    merchant
        .control(Method::PUT, "/control/faults", fault)
        .await;
    let transaction = merchant.transaction(PAYMENT, &token, &order(&token));
    assert!(request(&merchant, transaction).send().await.is_err());
    let kept = exchanges(&merchant, "?last=1").await;
    assert_eq!(kept[0]["failure"], "the connection was aborted");
    assert_eq!(kept[0]["response"], Value::Null);
}

#[tokio::test]
async fn what_is_not_played_is_answered_501_and_recorded() {
    let merchant = Merchant::new().await;
    let (status, answer) = merchant
        .post("/v1.0/qr/qr-mpm-generate", &[], "{}".to_owned())
        .await;
    assert_eq!(status, 501);
    assert!(text(&answer["error"]).contains("QRIS"), "{answer}");
    let plays = answer["plays"].as_array().unwrap();
    assert!(plays.contains(&json!(format!("POST {STATUS}"))));
    let (status, answer) = merchant.ask(Method::GET, STATUS).await;
    assert_eq!(status, 405);
    assert!(text(&answer["error"]).ends_with("POST"), "{answer}");
    let (status, _) = merchant.ask(Method::GET, "/favicon.ico").await;
    assert_eq!(status, 404);
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    let entries = ledger["entries"].as_array().unwrap().iter();
    let unknown = entries.filter(|it| it["kind"] == "unknown_requested");
    let paths: Vec<_> = unknown.map(|it| text(&it["path"])).collect();
    assert_eq!(paths, ["/v1.0/qr/qr-mpm-generate", STATUS]);
    let lines = exchanges(&merchant, "").await;
    let lines: Vec<_> = lines.iter().map(|it| text(&it["line"])).collect();
    assert_eq!(lines, ["unknown", "bi_snap"]);
}

#[tokio::test]
async fn a_control_call_is_taken_in_each_form_that_curl_sends() {
    let merchant = Merchant::new().await;
    let send = async |path: &str, method: Method, content_type: Option<&str>, body: &str| {
        let url = format!("{}{path}", merchant.url);
        let mut request = merchant.http.request(method, url).body(body.to_owned());
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        crate::merchant::read(request.send().await.unwrap()).await
    };
    let form = Some("application/x-www-form-urlencoded");
    let path = "/control/notifications";
    for (content_type, body) in [
        (form, r#"{"mode":"delay"}"#),
        (form, "mode=delay"),
        (None, r#"{"mode":"delay"}"#),
        (Some("text/plain"), r#"{"mode":"delay"}"#),
    ] {
        let (status, answer) = send(path, Method::PUT, content_type, body).await;
        assert_eq!(status, 200, "{content_type:?} {body}: {answer}");
    }
    for (body, words) in [
        ("", "missing field `mode`"),
        ("mode=sometimes", "mode: unknown variant"),
    ] {
        let (status, answer) = send(path, Method::PUT, form, body).await;
        assert_eq!(status, 422);
        assert!(text(&answer["error"]).contains(words), "{answer}");
        let works = text(&answer["works"]);
        assert!(
            works.ends_with(r#"/control/notifications -d '{"mode": "delay"}'"#),
            "{works}"
        );
    }
    let reference = merchant.reference().await;
    merchant.act(&reference, "pay").await;
    let path = format!("/control/payments/{reference}/refund");
    let (status, answer) = send(&path, Method::POST, Some("application/json"), "").await;
    assert_eq!(status, 200, "{answer}");
    for (method, path, status) in [
        (Method::GET, "/control/legder", 404),
        (Method::GET, "/control/scenario", 405),
        (Method::GET, "/control/ledger?last=all", 422),
        (Method::GET, "/control/exchanges/x", 404),
    ] {
        let (found, answer) = send(path, method, None, "").await;
        assert_eq!(found, status, "{path}");
        assert!(answer["error"].is_string(), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_mistyped_control_call_is_told_the_right_one() {
    let merchant = Merchant::new().await;
    let (_, unknown) = merchant.ask(Method::GET, "/control/legder").await;
    assert!(
        text(&unknown["error"]).contains("did you mean /control/ledger?"),
        "{unknown}"
    );
    let (_, wrong) = merchant
        .ask(Method::GET, "/control/payments/A1/refund")
        .await;
    assert!(
        text(&wrong["error"]).ends_with("the method here is POST"),
        "{wrong}"
    );
}

#[tokio::test]
async fn a_signature_is_not_judged_where_something_else_is_wrong() {
    let merchant = Merchant::new().await;
    let transaction = merchant.transaction(PAYMENT, "an old token", &order("an old token"));
    assert_eq!(merchant.send(transaction).await.0, 401);
    let kept = exchanges(&merchant, "?last=1").await.remove(0);
    assert_eq!(kept["mistake"], Value::Null);
    assert!(
        text(&kept["rule"]["says"]).contains("access token"),
        "{kept}"
    );
}

#[tokio::test]
async fn the_merchants_own_number_names_a_payment() {
    let merchant = Merchant::new().await;
    merchant.reference().await;
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    let own = text(&ledger["payments"][0]["partner_reference_no"]);
    let (status, payment) = merchant.act(&own, "pay").await;
    assert_eq!(status, 200, "{payment}");
    assert_eq!(payment["state"], "paid");
    let path = format!("/control/payments/{own}/refund");
    let (status, refunded) = merchant
        .control(Method::POST, &path, json!({"amount": 1000}))
        .await;
    assert_eq!((status, &refunded["refunded"]), (200, &json!(1000)));
}

#[tokio::test]
async fn the_clock_goes_back_and_what_has_happened_stays() {
    let merchant = Merchant::new().await;
    let reference = merchant.reference().await;
    let seconds = |seconds: i64| json!({"seconds": seconds});
    let path = "/control/clock/advance";
    merchant.control(Method::POST, path, seconds(3600)).await;
    merchant.control(Method::POST, path, seconds(-7200)).await;
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    assert_eq!(ledger["clock_ahead_seconds"], -3600);
    assert_eq!(ledger["payments"][0]["reference_no"], json!(reference));
    assert_eq!(ledger["payments"][0]["state"], "expired");
    merchant.reference().await;
    let back = json!({"ahead_seconds": 0});
    assert_eq!(
        merchant
            .control(Method::PUT, "/control/clock", back)
            .await
            .0,
        200
    );
    let body = json!({"grantType": "client_credentials"}).to_string();
    let headers = merchant.token_headers(jiff::Timestamp::now());
    assert_eq!(merchant.post(TOKEN, &headers, body).await.0, 200);
}

#[tokio::test]
async fn refused_credentials_are_kept_with_their_mistake() {
    let merchant = Merchant::new().await;
    let code = merchant.auth_code().await;
    let encoded = STANDARD.encode(merchant.auth_credentials.expose());
    let basic = format!("Basic {encoded}");
    let body = json!({"auth_code": code}).to_string();
    let path = "/v1/mini-apps/authorizations/token";
    let (status, _) = merchant.post(path, &[("Authorization", basic)], body).await;
    assert_eq!(status, 401);
    let kept = exchanges(&merchant, "?last=1").await.remove(0);
    let mistake = text(&kept["mistake"]);
    assert!(
        mistake.starts_with("the AuthCredentials are in base64"),
        "{mistake}"
    );
    assert!(!kept.to_string().contains(&encoded), "{kept}");
}

#[tokio::test]
async fn personal_data_is_masked_wherever_it_stands() {
    let merchant = Merchant::new().await;
    let names = json!({"profile_name": "name", "prelaunch_consents": true});
    merchant
        .control(Method::PUT, "/control/container", names)
        .await;
    let token = merchant.auth_token("budi").await;
    let profile = merchant
        .http
        .get(format!("{}/v1/mini-apps/users/profile", merchant.url));
    let profile = profile.bearer_auth(&token).header("Request-Id", "1");
    let profile: Value = profile.send().await.unwrap().json().await.unwrap();
    assert_eq!(profile["data"]["name"], "Budi");
    let session = json!({
        "transaction_details": {"order_id": "ORDER-1", "gross_amount": 25000},
        "gopay": {"pop_id": simulator::account::POINT_OF_PURCHASE_ID},
        "customer_details": {"first_name": "Siti Rahayu", "email": "siti@surat.example"},
    });
    let path = "/snap/v1/transactions";
    let (_, made) = merchant.call_api(Method::POST, path, &session).await;
    let snap_token = text(&made["token"]);
    let path = format!("{path}/{snap_token}/cancel");
    merchant.call_api(Method::POST, &path, &Value::Null).await;
    let kept = json!(exchanges(&merchant, "?last=3").await).to_string();
    for personal in ["Budi", "Siti", "surat.example", &snap_token, &token] {
        assert!(!kept.contains(personal), "{personal}: {kept}");
    }
    assert!(
        kept.contains("/snap/v1/transactions/<token>/cancel"),
        "{kept}"
    );
}

#[tokio::test]
async fn a_body_that_is_too_long_is_not_judged() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let mut body = order(&token);
    body["additionalInfo"]["note"] = json!("x".repeat(300 * 1024));
    let transaction = merchant.transaction(PAYMENT, &token, &body);
    assert_eq!(merchant.send(transaction).await.0, 200);
    let kept = exchanges(&merchant, "?last=1").await.remove(0);
    assert!(text(&kept["request"]["body"]).ends_with("bytes, more than are kept)"));
    assert_eq!(kept["signature"]["verifies"], Value::Null);
    assert_eq!(kept["mistake"], Value::Null);
}

#[tokio::test]
async fn a_request_that_is_given_up_is_kept_as_such() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let fault = json!([{"on": "payment", "do": "hold"}]);
    merchant
        .control(Method::PUT, "/control/faults", fault)
        .await;
    let transaction = merchant.transaction(PAYMENT, &token, &order(&token));
    let sent = tokio::spawn(request(&merchant, transaction).send());
    let wait = async |wanted: &str| {
        test_kit::eventually(
            test_kit::WAIT_TIMEOUT,
            test_kit::POLL_INTERVAL,
            async || {
                let kept = exchanges(&merchant, "?last=1").await.remove(0);
                match kept["outcome"] == wanted {
                    true => Ok(()),
                    false => Err(kept),
                }
            },
        )
        .await;
    };
    wait("under way").await;
    sent.abort();
    wait("given up before the answer").await;
}

#[tokio::test]
async fn a_notification_says_what_gopay_has_signed() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let escaped = json!({"notification_body": "escaped"});
    merchant
        .control(Method::PUT, "/control/checkout", escaped)
        .await;
    let reference = merchant.reference().await;
    merchant.act(&reference, "pay").await;
    let kept = exchanges(&merchant, "?last=1").await.remove(0);
    assert_eq!(kept["signature"]["verifies"], true, "{kept}");
    let forge = json!({"ref": reference, "how": "foreign_key"});
    merchant
        .control(Method::POST, "/control/notifications/forge", forge)
        .await;
    let kept = exchanges(&merchant, "?last=1").await.remove(0);
    assert_eq!(kept["signature"]["verifies"], false, "{kept}");
}
