//! The fault plan over HTTP.

use crate::merchant::{CANCEL, EXCHANGE, Merchant, PAYMENT, STATUS, TOKEN, order, text};
use jiff::Timestamp;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually, http_client};

async fn plan(merchant: &Merchant, faults: Value) {
    let planned = merchant.control(Method::PUT, "/control/faults", faults);
    assert_eq!(planned.await.0, 200);
}

async fn payments(merchant: &Merchant) -> usize {
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    ledger["payments"].as_array().unwrap().len()
}

/// Sends a valid payment and returns the raw response.
async fn raw(merchant: &Merchant) -> Result<Response, reqwest::Error> {
    let token = merchant.token().await;
    let transaction = merchant.transaction(PAYMENT, &token, &order(&token));
    let mut request = http_client().post(format!("{}{PAYMENT}", merchant.url));
    for (name, value) in transaction.headers {
        request = request.header(name, value);
    }
    request.body(transaction.body).send().await
}

#[tokio::test]
async fn a_connection_is_aborted_before_or_after_the_payment_is_made() {
    for (kind, made) in [("reset_before", 0), ("answer_lost", 1)] {
        let merchant = Merchant::new().await;
        plan(&merchant, json!([{"on": "payment", "do": kind}])).await;
        let error = raw(&merchant).await.unwrap_err();
        assert!(error.is_request() && !error.is_connect(), "{kind}: {error}");
        assert_eq!(payments(&merchant).await, made, "{kind}");
        assert_eq!(raw(&merchant).await.unwrap().status(), 200, "{kind}");
        let met = merchant.entries("fault_met").await;
        assert_eq!(met.len(), 1);
        assert_eq!(
            (&met[0]["on"], &met[0]["do"]),
            (&json!("payment"), &json!(kind))
        );
        assert!(text(&met[0]["id"]).starts_with("id-"));
    }
}

#[tokio::test]
async fn every_error_has_its_documented_code_and_no_effect() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    for (fault, code) in [
        (json!({"on": "payment", "do": "token_invalid"}), "4015401"),
        (
            json!({"on": "payment", "do": "signature_invalid"}),
            "4015400",
        ),
        (json!({"on": "payment", "do": "forbidden"}), "4035415"),
        (
            json!({"on": "payment", "do": "forbidden", "case": 14}),
            "4035414",
        ),
        (
            json!({"on": "payment", "do": "inconsistent_404"}),
            "4045418",
        ),
        (
            json!({"on": "payment", "do": "conflict_409", "case": 1}),
            "4095401",
        ),
        (json!({"on": "payment", "do": "throttle_429"}), "4295400"),
        (json!({"on": "payment", "do": "error_500"}), "5005401"),
        (json!({"on": "payment", "do": "timeout_504"}), "5045400"),
        (json!({"on": "status", "do": "not_found_404"}), "4045501"),
        (json!({"on": "status", "do": "expired_403"}), "4035500"),
        (json!({"on": "cancel", "do": "forbidden"}), "4035715"),
    ] {
        let path = match fault["on"].as_str().unwrap() {
            "payment" => PAYMENT,
            "status" => STATUS,
            _ => CANCEL,
        };
        plan(&merchant, json!([fault])).await;
        let request = merchant.transaction(path, &token, &order(&token));
        let (status, answer) = merchant.send(request).await;
        assert_eq!(answer["responseCode"], code);
        assert_eq!(status.to_string(), code[..3]);
    }
    assert_eq!(payments(&merchant).await, 0);
    assert_eq!(merchant.entries("payment_requested").await.len(), 0);
    plan(
        &merchant,
        json!([{"on": "token", "do": "error_500", "case": 0}]),
    )
    .await;
    let body = json!({"grantType": "client_credentials"}).to_string();
    let headers = merchant.token_headers(Timestamp::now());
    let (status, answer) = merchant.post(TOKEN, &headers, body).await;
    assert_eq!((status, &answer["responseCode"]), (500, &json!("5007300")));
}

#[tokio::test]
async fn a_throttled_merchant_may_get_retry_after() {
    let merchant = Merchant::new().await;
    let fault = json!([{"on": "payment", "do": "throttle_429", "retry_after": 7}]);
    plan(&merchant, fault).await;
    let answer = raw(&merchant).await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "7");
}

#[tokio::test]
async fn an_error_response_can_hide_a_payment() {
    let merchant = Merchant::new().await;
    let faults = json!([
        {"on": "payment", "do": "pending_202"},
        {"on": "payment", "do": "timeout_504", "done": true},
        {"on": "payment", "do": "html"},
        {"on": "payment", "do": "truncate"},
    ]);
    plan(&merchant, faults).await;
    for (made, status) in [(1, 202), (2, 504), (3, 200), (4, 200)] {
        let answer = raw(&merchant).await.unwrap();
        assert_eq!(answer.status(), status);
        let body = answer.text().await.unwrap();
        let readable = serde_json::from_str::<Value>(&body).is_ok();
        assert_eq!(readable, status != 200, "{body}");
        assert_eq!(payments(&merchant).await, made);
    }
}

#[tokio::test]
async fn a_response_can_name_another_payment() {
    let merchant = Merchant::new().await;
    let first = text(&merchant.pay().await["referenceNo"]);
    for (kind, field, value) in [
        ("other_reference", "/referenceNo", json!(first)),
        (
            "other_amount",
            "/additionalInfo/grossAmount/value",
            json!("1.00"),
        ),
        (
            "other_currency",
            "/additionalInfo/grossAmount/currency",
            json!("USD"),
        ),
        (
            "bad_url",
            "/webRedirectUrl",
            json!("https://gopay.example/app/merchanttransfer?tref=A1"),
        ),
        (
            "script_url",
            "/webRedirectUrl",
            json!("javascript:alert(1)//?tref=A1"),
        ),
    ] {
        plan(&merchant, json!([{"on": "payment", "do": kind}])).await;
        let answer = merchant.pay().await;
        assert_eq!(answer.pointer(field), Some(&value), "{kind}");
        let good = merchant.pay().await;
        assert_ne!(good.pointer(field), Some(&value), "{kind}");
    }
    let alone = Merchant::new().await;
    plan(&alone, json!([{"on": "payment", "do": "other_order"}])).await;
    assert_eq!(alone.pay().await["partnerReferenceNo"], "another-order");
}

#[tokio::test]
async fn an_inquiry_can_have_a_wrong_response() {
    let merchant = Merchant::new().await;
    let reference = text(&merchant.pay().await["referenceNo"]);
    merchant.act(&reference, "pay").await;
    for (kind, field, value) in [
        ("not_found", "/latestTransactionStatus", json!("07")),
        ("fraud_deny", "/additionalInfo/fraudStatus", json!("deny")),
        ("other_amount", "/transAmount/value", json!("1.00")),
        ("other_currency", "/transAmount/currency", json!("USD")),
        (
            "other_order",
            "/originalPartnerReferenceNo",
            json!("another-order"),
        ),
    ] {
        plan(&merchant, json!([{"on": "status", "do": kind}])).await;
        let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
        let answer = merchant.status(inquiry.clone()).await;
        assert_eq!(answer.pointer(field), Some(&value), "{kind}");
        let right = merchant.status(inquiry).await;
        assert_eq!(right["latestTransactionStatus"], "00");
        assert_ne!(right.pointer(field), Some(&value), "{kind}");
    }
}

#[tokio::test]
async fn a_held_response_waits_for_its_release() {
    let merchant = Merchant::new().await;
    plan(&merchant, json!([{"on": "payment", "do": "hold"}])).await;
    let release = async {
        let is_made = async || match payments(&merchant).await {
            0 => Err("no payment"),
            _ => Ok(()),
        };
        eventually(WAIT_TIMEOUT, POLL_INTERVAL, is_made).await;
        merchant.ask(Method::POST, "/control/faults/release").await;
    };
    let (answer, ()) = tokio::join!(raw(&merchant), release);
    assert_eq!(answer.unwrap().status(), 200);
}

#[tokio::test]
async fn an_endless_response_does_not_end_within_four_mebibytes() {
    let merchant = Merchant::new().await;
    plan(&merchant, json!([{"on": "payment", "do": "endless"}])).await;
    let mut answer = raw(&merchant).await.unwrap();
    assert_eq!(answer.content_length(), None);
    let mut read = 0;
    while read < 4 * 1024 * 1024 {
        read += answer.chunk().await.unwrap().unwrap().len();
    }
}

#[tokio::test]
async fn a_dripping_response_comes_byte_by_byte() {
    let merchant = Merchant::new().await;
    plan(&merchant, json!([{"on": "payment", "do": "drip"}])).await;
    let mut answer = raw(&merchant).await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap().len(), 1);
}

#[tokio::test]
async fn a_redirect_leads_to_its_target() {
    let merchant = Merchant::new().await;
    let to = "http://localhost:9/elsewhere";
    let fault = json!([{"on": "payment", "do": "redirect", "to": to}]);
    plan(&merchant, fault).await;
    let answer = raw(&merchant).await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], to);
    assert_eq!(payments(&merchant).await, 0);
}

#[tokio::test]
async fn a_tokens_lifetime_can_be_odd_or_missing() {
    let merchant = Merchant::new().await;
    for (value, written) in [
        (json!({}), None),
        (json!({"value": "-1"}), Some(json!("-1"))),
        (json!({"value": 900}), Some(json!(900))),
    ] {
        let mut fault = json!({"on": "token", "do": "expires_in"});
        fault
            .as_object_mut()
            .unwrap()
            .extend(value.as_object().unwrap().clone());
        plan(&merchant, json!([fault])).await;
        let body = json!({"grantType": "client_credentials"}).to_string();
        let headers = merchant.token_headers(Timestamp::now());
        let (_, answer) = merchant.post(TOKEN, &headers, body).await;
        assert_eq!(answer.get("expiresIn"), written.as_ref());
    }
}

#[tokio::test]
async fn a_token_has_the_forms_of_other_back_ends() {
    let merchant = Merchant::new().await;
    plan(&merchant, json!([{"on": "token", "do": "odd_forms"}])).await;
    let body = json!({"grantType": "client_credentials"}).to_string();
    let headers = merchant.token_headers(Timestamp::now());
    let (_, answer) = merchant.post(TOKEN, &headers, body).await;
    assert_eq!(answer["expiresIn"], json!(900));
    assert_eq!(answer["tokenType"], Value::Null);
    assert!(answer["accessToken"].is_string());
}

#[tokio::test]
async fn an_exchange_of_an_auth_code_can_go_wrong() {
    let merchant = Merchant::new().await;
    let faults = json!([
        {"on": "authorization", "do": "error_500"},
        {"on": "authorization", "do": "not_found_404"},
        {"on": "authorization", "do": "no_token"},
        {"on": "authorization", "do": "other_account"},
    ]);
    plan(&merchant, faults).await;
    let mut answers = Vec::new();
    for _ in 0..5 {
        let body = json!({"auth_code": merchant.auth_code().await}).to_string();
        let basic = format!("Basic {}", merchant.auth_credentials.expose());
        let headers = [
            ("Authorization", basic),
            ("Content-Type", "application/json".to_owned()),
        ];
        answers.push(merchant.post(EXCHANGE, &headers, body).await);
    }
    let [failed, refused, empty, other, good] = answers.as_slice() else {
        panic!("{answers:?}");
    };
    assert_eq!((failed.0, &failed.1["error"]["code"]), (500, &json!("900")));
    assert_eq!(refused.0, 404);
    assert_eq!(refused.1["error"]["description"], "AuthCode Not Found");
    assert_eq!(empty.1["success"], true);
    assert_eq!(empty.1["data"].get("auth_token"), None);
    let account = &good.1["data"]["gopay_account_id"];
    assert_ne!(&other.1["data"]["gopay_account_id"], account);
}

/// From public reports about SNAP back ends.
#[tokio::test]
async fn a_response_has_the_forms_of_other_back_ends() {
    let merchant = Merchant::new().await;
    plan(&merchant, json!([{"on": "payment", "do": "odd_forms"}])).await;
    let paid: Value = raw(&merchant).await.unwrap().json().await.unwrap();
    assert_eq!(paid["responseCode"], json!(2_005_400));
    assert_eq!(paid["responseMessage"], Value::Null);
    assert_eq!(paid["additionalInfo"], json!([]));
    let reference = text(&paid["referenceNo"]);
    let external = merchant.entries("payment_requested").await[0]["external_id"].clone();
    for (fault, check) in [
        (
            json!({"on": "status", "do": "odd_ids"}),
            [
                ("originalReferenceNo", json!(reference)),
                ("originalPartnerReferenceNo", json!(reference)),
                (
                    "originalExternalId",
                    json!(text(&external).to_ascii_uppercase().replace('-', "")),
                ),
            ],
        ),
        (
            json!({"on": "status", "do": "empty_ids"}),
            [
                ("originalReferenceNo", json!(reference)),
                ("originalPartnerReferenceNo", json!("")),
                ("originalExternalId", json!("")),
            ],
        ),
        (
            json!({"on": "status", "do": "one_decimal"}),
            [
                (
                    "transAmount",
                    json!({"value": "25000.0", "currency": "IDR"}),
                ),
                ("latestTransactionStatus", json!("03")),
                ("refundHistory", json!([])),
            ],
        ),
        (
            json!({"on": "status", "do": "odd_history"}),
            [
                (
                    "refundHistory",
                    json!([{"refundNo": "9", "refundStatus": "03"}]),
                ),
                ("latestTransactionStatus", json!("03")),
                ("originalReferenceNo", json!(reference)),
            ],
        ),
        (
            json!({"on": "status", "do": "no_amount"}),
            [
                ("transAmount", Value::Null),
                ("originalReferenceNo", json!(reference)),
                ("latestTransactionStatus", json!("03")),
            ],
        ),
        (
            json!({"on": "status", "do": "odd_forms"}),
            [
                ("transAmount", json!({"value": 25_000})),
                ("responseCode", json!(2_005_500)),
                ("responseMessage", Value::Null),
            ],
        ),
        (
            json!({"on": "status", "do": "replace", "value": {"a": 1, "transAmount": []}}),
            [
                ("a", json!(1)),
                ("transAmount", json!([])),
                ("originalReferenceNo", json!(reference)),
            ],
        ),
    ] {
        plan(&merchant, json!([fault])).await;
        let answer = merchant
            .status(json!({"originalReferenceNo": reference, "serviceCode": "54"}))
            .await;
        for (field, value) in check {
            assert_eq!(answer[field], value, "{fault} {field}");
        }
    }
}

#[tokio::test]
async fn a_repeated_request_is_refused_and_the_first_succeeds() {
    let merchant = Merchant::new().await;
    let fault = json!([{"on": "payment", "do": "repeat_refused", "times": null}]);
    plan(&merchant, fault).await;
    let token = merchant.token().await;
    let transaction = merchant.transaction(PAYMENT, &token, &order(&token));
    let (first, _) = merchant.send(transaction.clone()).await;
    let (again, refused) = merchant.send(transaction).await;
    assert_eq!((first, again), (200, 409));
    assert_eq!(refused["responseCode"], "4095400");
    assert_eq!(payments(&merchant).await, 1);
}

#[tokio::test]
async fn a_plan_is_validated_shown_and_reset() {
    let merchant = Merchant::new().await;
    let fault = json!([{"on": "payment", "do": "html", "times": null}]);
    plan(&merchant, fault.clone()).await;
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    assert_eq!(ledger["faults"], fault);
    assert_eq!(ledger["harms"].as_array().unwrap().len(), 41);
    for (wrong, why) in [
        (
            json!([{"on": "token", "do": "bad_url"}]),
            "bad_url cannot happen on token",
        ),
        (
            json!([{"on": "payment", "do": "nonsense"}]),
            "unknown variant `nonsense`",
        ),
        (
            json!([{"on": "payment", "do": "html", "times": 0}]),
            "times",
        ),
    ] {
        let (status, answer) = merchant
            .control(Method::PUT, "/control/faults", wrong)
            .await;
        assert_eq!(status, 422);
        assert!(answer.to_string().contains(why), "{answer}");
    }
    merchant.ask(Method::POST, "/control/reset").await;
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    assert_eq!(ledger["faults"], json!([]));
}
