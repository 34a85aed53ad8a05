use crate::merchant::{Merchant, PAYMENT, order, text};
use gopay_protocol::timestamp::{format_wib, parse};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_valid_request_creates_a_pending_payment() {
    let merchant = Merchant::new().await;
    let answer = merchant.pay().await;
    assert_eq!(answer["responseCode"], "2005400");
    assert_eq!(answer["responseMessage"], "Successful");
    assert_eq!(answer["partnerReferenceNo"], "ORDER-1");
    let reference = text(&answer["referenceNo"]);
    assert_eq!(
        answer["webRedirectUrl"],
        format!("https://gopay.co.id/app/merchanttransfer?tref={reference}")
    );
    let info = &answer["additionalInfo"];
    assert_eq!(
        info["grossAmount"],
        json!({"value": "25000.00", "currency": "IDR"})
    );
    let made = parse(info["transactionTime"].as_str().unwrap()).unwrap();
    let until = parse(info["validUpTo"].as_str().unwrap()).unwrap();
    assert_eq!(until.duration_since(made), SignedDuration::from_mins(15));
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    assert_eq!(ledger["payments"][0]["state"], "pending");
    assert_eq!(ledger["payments"][0]["reference_no"], json!(reference));
}

#[tokio::test]
async fn an_undocumented_value_is_refused_by_its_fields_name() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let until = |seconds| format_wib(Timestamp::now() + SignedDuration::from_secs(seconds));
    let amount = "/payOptionDetails/0/transAmount/value";
    for (field, value, named) in [
        ("/partnerReferenceNo", json!(null), "partnerReferenceNo"),
        ("/partnerReferenceNo", json!(""), "partnerReferenceNo"),
        ("/partnerReferenceNo", json!("a b"), "partnerReferenceNo"),
        ("/partnerReferenceNo", json!("a/b"), "partnerReferenceNo"),
        (
            "/partnerReferenceNo",
            json!("x".repeat(65)),
            "partnerReferenceNo",
        ),
        ("/chargeToken", json!(null), "chargeToken"),
        ("/chargeToken", json!("another"), "chargeToken"),
        ("/merchantId", json!("G2"), "merchantId"),
        ("/validUpTo", json!("soon"), "validUpTo"),
        ("/validUpTo", json!(until(10)), "validUpTo"),
        ("/validUpTo", json!(until(181 * 86_400)), "validUpTo"),
        ("/payOptionDetails", json!([]), "payOptionDetails"),
        ("/payOptionDetails/0/payMethod", json!("CARD"), "payMethod"),
        ("/payOptionDetails/0/payOption", json!("CARD"), "payOption"),
        (amount, json!("25000.50"), "transAmount"),
        (amount, json!("0.00"), "transAmount"),
        (amount, json!(25_000), "transAmount"),
        (amount, json!("100000000000.00"), "transAmount"),
        (
            "/payOptionDetails/0/transAmount/currency",
            json!("USD"),
            "transAmount",
        ),
        ("/additionalInfo", json!({}), "pointOfPurchaseId"),
        (
            "/additionalInfo/pointOfPurchaseId",
            json!(""),
            "pointOfPurchaseId",
        ),
    ] {
        let mut order = order(&token);
        order["validUpTo"] = json!(until(600));
        *order.pointer_mut(field).unwrap() = value.clone();
        let (status, answer) = merchant
            .send(merchant.transaction(PAYMENT, &token, &order))
            .await;
        assert_eq!(status, 400, "{field} {value}");
        assert_eq!(answer["responseCode"], "4005402");
        assert_eq!(
            answer["responseMessage"],
            format!("Invalid Mandatory Field {named}")
        );
    }
    let mut none = merchant.transaction(PAYMENT, &token, &json!([]));
    assert_eq!(merchant.send(none).await.0, 400);
    none = merchant.transaction(PAYMENT, &token, &json!("text"));
    assert_eq!(merchant.send(none).await.0, 400);
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    assert_eq!(ledger["payments"], json!([]));
}

#[tokio::test]
async fn items_have_the_documented_form() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let price = json!({"value": "25000.00", "currency": "IDR"});
    for (item, wrong) in [
        (json!({"price": price, "quantity": "2"}), None),
        (json!({"price": price, "quantity": 2}), None),
        (
            json!({"id": "kopi", "name": "Kopi", "price": price, "quantity": "1"}),
            None,
        ),
        (json!({"quantity": "1"}), Some("price")),
        (json!({"price": price}), Some("quantity")),
        (json!({"price": price, "quantity": "0"}), Some("quantity")),
        (json!({"price": price, "quantity": "two"}), Some("quantity")),
        (
            json!({"id": "k".repeat(37), "price": price, "quantity": "1"}),
            Some("id"),
        ),
        (
            json!({"name": "k".repeat(65), "price": price, "quantity": "1"}),
            Some("name"),
        ),
    ] {
        let mut order = order(&token);
        order["additionalInfo"]["items"] = json!([item]);
        let request = merchant.transaction(PAYMENT, &token, &order);
        let (status, answer) = merchant.send(request).await;
        let refused = wrong.map(|field| format!("Invalid Mandatory Field {field}"));
        assert_eq!(status == 200, refused.is_none(), "{item}: {answer}");
        if let Some(refused) = refused {
            assert_eq!(answer["responseMessage"], refused, "{item}");
        }
    }
}

#[tokio::test]
async fn what_gopay_later_needs_is_there_whole_or_not_at_all() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let sub_order = json!({
        "merchant_id": "74285213", "category_id": "1", "category_one_name": "Minuman", "sku_id": "kopi",
        "sku_name": "Kopi", "quantity": "2.0", "amount": "78269.0", "user_id": "7",
    });
    let user = json!({"id": "7", "registration_date": "2026-11-22T19:04:05+07:00"});
    let whole = |sub_orders| json!({"order_info": {"sub_orders": sub_orders}, "user_info": user});
    let mut cases = vec![
        (Value::Null, None),
        (json!([]), None),
        (whole(json!([sub_order])), None),
        (whole(sub_order.clone()), None),
        (whole(json!([])), Some("sub_orders")),
        (json!({"user_info": user}), Some("sub_orders")),
        (
            json!({"order_info": {"sub_orders": [sub_order]}}),
            Some("id"),
        ),
    ];
    for field in sub_order.as_object().unwrap().keys() {
        let mut without = sub_order.clone();
        without[field] = json!("");
        cases.push((whole(json!([sub_order, without])), Some(field.as_str())));
        let mut number = sub_order.clone();
        number[field] = json!(2);
        cases.push((whole(json!([number])), Some(field.as_str())));
    }
    for (metadata, wrong) in cases {
        let mut order = order(&token);
        order["additionalInfo"]["metadata"] = metadata.clone();
        let request = merchant.transaction(PAYMENT, &token, &order);
        let (status, answer) = merchant.send(request).await;
        assert_eq!(status == 200, wrong.is_none(), "{metadata}: {answer}");
        if let Some(field) = wrong {
            let refused = format!("Invalid Mandatory Field {field}");
            assert_eq!(answer["responseMessage"], refused, "{metadata}");
        }
    }
}

#[tokio::test]
async fn a_field_that_the_documents_disagree_about_has_each_form() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    for (field, value) in [
        ("/chargeToken", json!("")),
        ("/payOptionDetails/0/payMethod", json!("gopay")),
        ("/payOptionDetails/0/payOption", json!("gopay")),
        ("/payOptionDetails/0/payOption", json!("GOPAY_WALLET")),
        ("/payOptionDetails/0/transAmount/value", json!("25000")),
        ("/payOptionDetails/0/transAmount/value", json!("25000.0")),
    ] {
        let mut order = order(&token);
        *order.pointer_mut(field).unwrap() = value;
        let request = merchant.transaction(PAYMENT, &token, &order);
        let (status, answer) = merchant.send(request).await;
        assert_eq!(status, 200, "{field}");
        assert_eq!(answer["additionalInfo"]["grossAmount"]["value"], "25000.00");
    }
}

#[tokio::test]
async fn another_point_of_purchase_is_not_permitted() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let mut order = order(&token);
    order["additionalInfo"]["pointOfPurchaseId"] = json!("22cc3371-4bba-4ec6-8e0d-62163e130cdc");
    let (status, answer) = merchant
        .send(merchant.transaction(PAYMENT, &token, &order))
        .await;
    assert_eq!((status, &answer["responseCode"]), (403, &json!("4035415")));
}

#[tokio::test]
async fn the_same_external_id_creates_one_payment_a_day() {
    let merchant = Merchant::new().await;
    let send = async |order: Value, token: String| {
        let request = merchant.transaction(PAYMENT, &token, &order);
        merchant.send(request.set("X-EXTERNAL-ID", "once")).await
    };
    let token = merchant.token().await;
    let (_, first) = send(order(&token), token.clone()).await;
    let other_token = merchant.token().await;
    let (status, second) = send(order(&other_token), other_token.clone()).await;
    assert_eq!((status, &second), (200, &first));

    let mut other = order(&token);
    other["partnerReferenceNo"] = json!("ORDER-2");
    let (status, answer) = send(other, token.clone()).await;
    assert_eq!((status, &answer["responseCode"]), (409, &json!("4095400")));

    merchant.advance(SignedDuration::from_hours(24)).await;
    let token = merchant.token().await;
    let (status, third) = send(order(&token), token).await;
    assert_eq!(status, 200);
    assert_ne!(third["referenceNo"], first["referenceNo"]);
    let asked = merchant.entries("payment_requested").await;
    let repeated: Vec<_> = asked.iter().map(|entry| &entry["repeated"]).collect();
    assert_eq!(repeated, [false, true, false, false]);
}

#[tokio::test]
async fn a_failed_request_leaves_its_external_id_free() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let mut wrong = order(&token);
    wrong["payOptionDetails"] = json!([]);
    let wrong = merchant.transaction(PAYMENT, &token, &wrong);
    assert_eq!(merchant.send(wrong.set("X-EXTERNAL-ID", "x")).await.0, 400);
    let good = merchant.transaction(PAYMENT, &token, &order(&token));
    assert_eq!(merchant.send(good.set("X-EXTERNAL-ID", "x")).await.0, 200);
}

#[tokio::test]
async fn a_payment_expires_on_time_whatever_the_merchants_clock() {
    let merchant = Merchant::new().await;
    // The merchant's clock stays behind from here on.
    merchant.advance(SignedDuration::from_hours(3)).await;
    let token = merchant.token().await;
    let mut order = order(&token);
    let until = Timestamp::now() + SignedDuration::from_secs(600);
    order["validUpTo"] = json!(format_wib(until));
    let (status, answer) = merchant
        .send(merchant.transaction(PAYMENT, &token, &order))
        .await;
    assert_eq!(status, 200, "{answer}");
    let reference = answer["referenceNo"].clone();
    let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    merchant.advance(SignedDuration::from_secs(580)).await;
    let waiting = merchant.status(inquiry.clone()).await;
    assert_eq!(waiting["latestTransactionStatus"], "03");
    merchant.advance(SignedDuration::from_secs(21)).await;
    let expired = merchant.status(inquiry).await;
    assert_eq!(expired["latestTransactionStatus"], "08");
    let settled = merchant.entries("payment_settled").await;
    assert_eq!(settled[0]["by"], "time");
    assert_eq!(merchant.act(&text(&reference), "pay").await.0, 409);
}

#[tokio::test]
async fn a_scenario_breaks_the_response_and_only_a_lost_one_pays() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    for (scenario, expected, made) in [
        ("gopay-down", 504, 0),
        ("garbage", 200, 0),
        ("answer-lost", 504, 1),
        ("default", 200, 2),
    ] {
        let chosen = json!({"name": scenario});
        merchant
            .control(Method::PUT, "/control/scenario", chosen)
            .await;
        let request = merchant.transaction(PAYMENT, &token, &order(&token));
        let (status, answer) = merchant.send(request).await;
        assert_eq!(status, expected, "{scenario}");
        assert_eq!(answer.is_string(), scenario == "garbage");
        if expected == 504 {
            assert_eq!(answer["responseCode"], "5045400");
        }
        let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
        assert_eq!(ledger["payments"].as_array().unwrap().len(), made);
    }
}
