//! The switches of what GoPay's pages disagree about.

use crate::{
    merchant::{
        CANCEL, EXCHANGE, Merchant, PAYMENT, REFUND, STATUS, TOKEN, Transaction, order, read, text,
    },
    receiver::Receiver,
};
use gopay_protocol::{
    ClientSecret,
    signature::{body_hash, body_hashes},
    timestamp::format_wib,
};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

async fn choose(merchant: &Merchant, what: &str, switches: Value) {
    let path = format!("/control/{what}");
    let (status, answer) = merchant.control(Method::PUT, &path, switches).await;
    assert_eq!(status, 200, "{answer}");
}

fn changed(token: &str, pointer: &str, value: Value) -> Value {
    let mut order = order(token);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    order.pointer_mut(parent).unwrap()[name] = value;
    order
}

#[tokio::test]
async fn a_literal_gopay_refuses_what_no_table_has() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let payment = |order: &Value| merchant.transaction(PAYMENT, &token, order);
    let until = Timestamp::now() + SignedDuration::from_mins(10);
    let item = |quantity: Value, id: &str| {
        let price = json!({"value": "25000.00", "currency": "IDR"});
        json!([{"id": id, "price": price, "quantity": quantity, "name": "Kopi"}])
    };
    let link = json!({"url": "https://a.example/", "type": "PAY_RETURN", "isDeeplink": "N"});
    let option = "/payOptionDetails/0";
    let forms: Vec<(&str, Transaction)> = [
        ("chargeToken", "/chargeToken".to_owned(), json!("")),
        (
            "validUpTo",
            "/validUpTo".to_owned(),
            json!(format!("{until:.6}")),
        ),
        ("urlParams", "/urlParams".to_owned(), json!([link])),
        ("urlParam", "/urlParam".to_owned(), link),
        ("payMethod", format!("{option}/payMethod"), json!("gopay")),
        (
            "payOption",
            format!("{option}/payOption"),
            json!("GOPAY_WALLET"),
        ),
        (
            "transAmount",
            format!("{option}/transAmount/value"),
            json!("25000"),
        ),
        (
            "quantity",
            "/additionalInfo/items".to_owned(),
            item(json!(1), "1"),
        ),
        (
            "id",
            "/additionalInfo/items".to_owned(),
            item(json!("1"), &"1".repeat(33)),
        ),
        ("metadata", "/additionalInfo/metadata".to_owned(), json!([])),
    ]
    .into_iter()
    .map(|(name, pointer, value)| (name, payment(&changed(&token, &pointer, value))))
    .chain([(
        "X-DEVICE-ID",
        payment(&order(&token)).without("X-DEVICE-ID"),
    )])
    .collect();
    for (requests, refused) in [("each_form", false), ("literal", true)] {
        choose(&merchant, "checkout", json!({"requests": requests})).await;
        for (name, request) in forms.clone() {
            let (status, answer) = merchant
                .send(request.set("X-EXTERNAL-ID", &merchant.new_id()))
                .await;
            assert_eq!(status == 400, refused, "{name}: {answer}");
            if refused {
                let message = format!("Invalid Mandatory Field {name}");
                assert_eq!(answer["responseMessage"], message);
            }
        }
    }
    let right = json!([{"url": "https://a.example/", "type": "PAY_RETURN", "isDeeplink": "N"}]);
    for order in [
        order(&token),
        changed(&token, "/validUpTo", json!(format_wib(until))),
        changed(&token, "/urlParam", right),
        changed(&token, "/additionalInfo/items", item(json!("1"), "1")),
    ] {
        let (status, answer) = merchant.send(payment(&order)).await;
        assert_eq!(status, 200, "{answer}");
    }
}

#[tokio::test]
async fn a_literal_gopay_has_one_form_of_token_cancel_and_refund() {
    let merchant = Merchant::new().await;
    let (token, reference) = (merchant.token().await, merchant.reference().await);
    choose(&merchant, "checkout", json!({"requests": "literal"})).await;
    let headers = merchant.token_headers(Timestamp::now());
    for (name, status) in [("grantType", 200), ("grant_type", 401)] {
        let body = json!({name: "client_credentials"}).to_string();
        let (found, answer) = merchant.post(TOKEN, &headers, body).await;
        assert_eq!(found, status, "{answer}");
    }
    let original = json!({"originalReferenceNo": reference});
    let named = json!({"originalReferenceNo": reference, "originalPartnerReferenceNo": "ORDER-1"});
    for (path, body, missing) in [
        (CANCEL, &original, "originalPartnerReferenceNo"),
        (REFUND, &original, "originalPartnerReferenceNo"),
        (REFUND, &named, "partnerRefundNo"),
    ] {
        let request = merchant.transaction(path, &token, body);
        let (_, answer) = merchant.send(request).await;
        let message = format!("Invalid Mandatory Field {missing}");
        assert_eq!(answer["responseMessage"], message);
    }
    let request = merchant.transaction(CANCEL, &token, &named);
    assert_eq!(merchant.send(request).await.0, 200);
}

#[tokio::test]
async fn a_payment_is_answered_in_the_forms_of_other_pages() {
    let merchant = Merchant::new().await;
    let switches = json!({"redirect_url": "gojek_scheme", "gross_amount": "gross_amount"});
    choose(&merchant, "checkout", switches).await;
    let paid = merchant.pay().await;
    let url = text(&paid["webRedirectUrl"]);
    assert!(
        url.starts_with("gojek://gopay/merchanttransfer?tref="),
        "{url}"
    );
    let info = &paid["additionalInfo"];
    assert_eq!(info["gross_amount"]["value"], "25000.00");
    assert_eq!(info.get("grossAmount"), None);
}

#[tokio::test]
async fn a_success_has_the_code_of_the_samples() {
    let merchant = Merchant::new().await;
    let (paid, pending) = (merchant.reference().await, merchant.reference().await);
    merchant.act(&paid, "pay").await;
    let token = merchant.token().await;
    choose(&merchant, "checkout", json!({"response_codes": "sample"})).await;
    let headers = merchant.token_headers(Timestamp::now());
    let body = json!({"grantType": "client_credentials"}).to_string();
    let issued = merchant.post(TOKEN, &headers, body).await.1;
    assert_eq!(issued["responseCode"], "2007400");
    for (path, reference, code) in [(CANCEL, pending, "20057000"), (REFUND, paid, "20058000")] {
        let body = json!({"originalReferenceNo": reference});
        let request = merchant.transaction(path, &token, &body);
        assert_eq!(merchant.send(request).await.1["responseCode"], code);
    }
}

#[tokio::test]
async fn a_second_payment_of_an_order_can_be_refused() {
    let merchant = Merchant::new().await;
    merchant.reference().await;
    merchant.reference().await;
    choose(&merchant, "checkout", json!({"order_repeated": "refused"})).await;
    let token = merchant.token().await;
    let request = merchant.transaction(PAYMENT, &token, &order(&token));
    let (status, answer) = merchant.send(request).await;
    assert_eq!((status, &answer["responseCode"]), (409, &json!("4095401")));
    let other = changed(&token, "/partnerReferenceNo", json!("ORDER-1-2"));
    let request = merchant.transaction(PAYMENT, &token, &other);
    let (status, answer) = merchant.send(request.clone()).await;
    assert_eq!(status, 200);
    assert_eq!(merchant.send(request).await, (200, answer));
}

#[tokio::test]
async fn a_payment_without_a_return_address_can_be_refused() {
    let merchant = Merchant::new().await;
    choose(
        &merchant,
        "checkout",
        json!({"return_address": "mandatory"}),
    )
    .await;
    let token = merchant.token().await;
    let request = merchant.transaction(PAYMENT, &token, &order(&token));
    let (status, answer) = merchant.send(request).await;
    assert_eq!((status, &answer["responseCode"]), (400, &json!("4005402")));
}

#[tokio::test]
async fn an_expired_token_has_either_case() {
    let merchant = Merchant::new().await;
    for (case, code) in [("case_01", "4015401"), ("case_00", "4015400")] {
        choose(&merchant, "checkout", json!({"invalid_token": case})).await;
        let request = merchant.transaction(PAYMENT, "expired", &order("expired"));
        let (status, answer) = merchant.send(request).await;
        assert_eq!((status, &answer["responseCode"]), (401, &json!(code)));
    }
}

#[tokio::test]
async fn a_refunded_payment_can_keep_its_status() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let reference = merchant.reference().await;
    merchant.act(&reference, "pay").await;
    choose(&merchant, "refunds", json!({"status": "success"})).await;
    let path = format!("/control/payments/{reference}/refund");
    merchant
        .control(Method::POST, &path, json!({"amount": 1000}))
        .await;
    let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    let answer = merchant.status(inquiry).await;
    assert_eq!(answer["latestTransactionStatus"], "00");
    assert_eq!(answer["refundHistory"].as_array().unwrap().len(), 1);
    let notified = receiver.received().last().unwrap().json();
    assert_eq!(notified["latestTransactionStatus"], "00");
    assert_eq!(
        notified["additionalInfo"]["totalRefundAmount"]["value"],
        "1000.00"
    );
}

#[tokio::test]
async fn a_notification_has_the_forms_of_other_pages() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let reference = merchant.reference().await;
    merchant.act(&reference, "pay").await;
    let path = format!("/control/notifications/{reference}/repeat");
    for (switch, value) in [
        ("notification_fields", "sample"),
        ("notification_id", "uuid"),
        ("notification_time", "utc"),
        ("notification_time", "epoch"),
        ("notification_body", "pretty"),
        ("notification_body", "escaped"),
        ("notification_body", "text"),
    ] {
        choose(&merchant, "checkout", json!({switch: value})).await;
        merchant.control(Method::POST, &path, json!({})).await;
        let received = receiver.received();
        let sent = received.last().unwrap();
        let time = sent.header("X-TIMESTAMP");
        let hashes = body_hashes(sent.body.as_bytes());
        let is_genuine = hashes.into_iter().any(|(_, hash)| {
            let string = format!("POST:{}:{hash}:{time}", sent.path);
            merchant.gopay.verify(&string, sent.header("X-SIGNATURE"))
        });
        assert!(is_genuine, "{value}: {}", sent.body);
        let mut body = sent.json();
        match value {
            "sample" => {
                assert_eq!(body["originalExternalId"], "ORDER-1");
                assert_eq!(body.get("amount"), None);
                assert_eq!(sent.header("X-PARTNER-ID"), "");
            }
            "uuid" => assert_eq!(sent.header("X-EXTERNAL-ID").len(), 36),
            "utc" => assert!(time.ends_with('Z') && time.contains('.'), "{time}"),
            "epoch" => assert!(time.parse::<u64>().is_ok(), "{time}"),
            "pretty" => assert!(sent.body.contains("\n  \"amount\"")),
            "escaped" => assert!(sent.body.contains("\\u002b07:00"), "{}", sent.body),
            _ => body = serde_json::from_str(body.as_str().unwrap()).unwrap(),
        }
        assert_eq!(body["originalReferenceNo"], json!(reference));
        assert_eq!(
            text(&body["createdTime"]).get(19..),
            Some("+07:00"),
            "{value}"
        );
        if value == "pretty" {
            let string = format!(
                "POST:{}:{}:{time}",
                sent.path,
                body_hash(sent.body.as_bytes())
            );
            assert!(merchant.gopay.verify(&string, sent.header("X-SIGNATURE")));
        }
    }
}

#[tokio::test]
async fn a_repeated_notification_can_have_an_odd_shape() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let reference = merchant.reference().await;
    merchant.act(&reference, "pay").await;
    let path = format!("/control/notifications/{reference}/repeat");
    for (shape, pointer, value) in [
        ("odd_ids", "/originalPartnerReferenceNo", json!(reference)),
        ("empty_ids", "/merchantId", json!("")),
        ("one_decimal", "/amount/value", json!("25000.0")),
        ("odd_forms", "/amount", json!({"value": 25_000})),
        (
            "odd_history",
            "/additionalInfo/refundHistory/0/refundStatus",
            json!("03"),
        ),
    ] {
        merchant
            .control(Method::POST, &path, json!({"do": shape}))
            .await;
        let body = receiver.received().last().unwrap().json();
        assert_eq!(body.pointer(pointer), Some(&value), "{shape}");
        assert_eq!(body["originalReferenceNo"], json!(reference));
    }
    let (status, answer) = merchant
        .control(Method::POST, &path, json!({"do": "html"}))
        .await;
    assert_eq!(status, 422);
    assert_eq!(answer["error"], "a notification has no shape html");
}

#[tokio::test]
async fn an_auth_code_lasts_five_minutes_or_six() {
    let merchant = Merchant::new().await;
    for (lifetime, status) in [("six_minutes", 200), ("five_minutes", 404)] {
        choose(
            &merchant,
            "container",
            json!({"auth_code_lifetime": lifetime}),
        )
        .await;
        let body = json!({"auth_code": merchant.auth_code().await}).to_string();
        merchant.advance(SignedDuration::from_secs(330)).await;
        let basic = format!("Basic {}", merchant.auth_credentials.expose());
        let headers = [("Authorization", basic)];
        assert_eq!(merchant.post(EXCHANGE, &headers, body).await.0, status);
    }
}

#[tokio::test]
async fn a_failure_of_the_sdk_can_have_data_that_is_null() {
    let merchant = Merchant::new().await;
    for (data, found) in [("absent", None), ("null", Some(&Value::Null))] {
        choose(&merchant, "container", json!({"failure_data": data})).await;
        let verdict = merchant.call("GP", "unknown", json!({})).await;
        assert_eq!(verdict["kind"], "failure");
        assert_eq!(verdict["reply"].get("data"), found);
    }
}

#[tokio::test]
async fn an_inquiry_is_a_get_by_the_switch() {
    let merchant = Merchant::new().await;
    let (token, reference) = (merchant.token().await, merchant.reference().await);
    let body = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    let get = async |signed_method: &str, query: &str, body: &str| {
        let timestamp = format_wib(Timestamp::now());
        let hash = body_hash(body.as_bytes());
        let string = format!("{signed_method}:{STATUS}:{token}:{hash}:{timestamp}");
        let signature = ClientSecret::new(&merchant.client_secret).sign(&string);
        let headers = merchant.transaction(STATUS, &token, &Value::Null).headers;
        let url = format!("{}{STATUS}{query}", merchant.apis);
        let mut request = merchant.http.get(url).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(
                name,
                match name {
                    "X-TIMESTAMP" => timestamp.clone(),
                    "X-SIGNATURE" => signature.clone(),
                    _ => value,
                },
            );
        }
        read(request.send().await.unwrap()).await
    };
    let query = format!("?originalReferenceNo={reference}&serviceCode=54");
    let (status, answer) = get("GET", &query, "").await;
    assert_eq!(status, 405);
    assert!(text(&answer["error"]).ends_with("the method here is POST"));

    choose(&merchant, "checkout", json!({"status_method": "get"})).await;
    let body = body.to_string();
    for (query, body) in [(query.as_str(), ""), ("", body.as_str())] {
        let (status, answer) = get("GET", query, body).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["originalReferenceNo"], json!(reference));
        let exchange = merchant
            .ask(Method::GET, "/control/exchanges?last=1")
            .await
            .1;
        assert_eq!(exchange[0]["signature"]["verifies"], true);
    }
    let requested = merchant.entries("status_requested").await;
    assert_eq!(requested[0]["reference_no"], json!(reference));

    let (status, answer) = get("POST", &query, "").await;
    assert_eq!((status, &answer["responseCode"]), (401, &json!("4015500")));
    let refused = merchant.entries("signature_refused").await;
    assert!(text(&refused[0]["mistake"]).starts_with("the method is `POST`"));
    assert!(text(&refused[0]["string_to_sign"]).starts_with("GET:/v1.0/debit/status:"));
    let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    let (status, answer) = merchant
        .send(merchant.transaction(STATUS, &token, &inquiry))
        .await;
    assert_eq!(status, 405);
    assert!(text(&answer["error"]).ends_with("the method here is GET"));
}

#[tokio::test]
async fn a_status_has_an_external_id_of_32_characters_by_the_switch() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let uuid = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";
    let long = "order-0123456789.0123456789.01234567";
    for (external_id, short) in [
        (uuid, "0a1b2c3d4e5f40718293a4b5c6d7e8f9"),
        (long, "order0123456789.0123456789.01234"),
        ("short-1", "short-1"),
    ] {
        let request = merchant.transaction(PAYMENT, &token, &order(&token));
        let (status, _) = merchant
            .send(request.set("X-EXTERNAL-ID", external_id))
            .await;
        assert_eq!(status, 200);
        for (value, shown) in [("36_characters", external_id), ("32_characters", short)] {
            choose(&merchant, "checkout", json!({"status_external_id": value})).await;
            let inquiry = json!({"originalExternalId": external_id, "serviceCode": "54"});
            let answer = merchant.status(inquiry).await;
            assert_eq!(answer["originalExternalId"], shown);
            assert_eq!(answer["latestTransactionStatus"], "03");
        }
    }
}
