use crate::{
    merchant::{Merchant, STATUS, text},
    receiver::Receiver,
};
use gopay_protocol::timestamp::format_midtrans_with_zone;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use simulator::account;

pub(crate) const SNAP: &str = "/snap/v1/transactions";

/// A good transaction of 25000 rupiah.
pub(crate) fn order() -> Value {
    json!({
        "transaction_details": {"order_id": "ORDER-1", "gross_amount": 25_000},
        "item_details": [{"id": "kopi", "price": 12_500, "quantity": 2, "name": "Kopi susu"}],
        "customer_details": {"first_name": "Budi"},
        "enabled_payments": ["gopay"],
        "gopay": {"pop_id": account::POINT_OF_PURCHASE_ID},
        "callbacks": {"finish": "https://kedai.example/done?a=b", "error": "https://kedai.example/sorry"},
    })
}

/// The token of a good transaction.
pub(crate) async fn token(merchant: &Merchant) -> String {
    let (status, answer) = merchant.call_api(Method::POST, SNAP, &order()).await;
    assert_eq!(status, 201, "{answer}");
    text(&answer["token"])
}

async fn checkout(merchant: &Merchant, settings: Value) {
    let path = "/control/checkout";
    assert_eq!(merchant.control(Method::PUT, path, settings).await.0, 200);
}

/// What `snap.pay` gets from the page, after the buyer's `act`.
async fn verdict_of(merchant: &Merchant, token: &str, act: &str) -> Value {
    let page = format!("/web/payments/{token}");
    let opened = json!({"client_key": account::SNAP_CLIENT_KEY});
    let (status, answer) = merchant
        .web(Method::POST, &format!("{page}/open"), opened)
        .await;
    assert_eq!(status, 200, "{answer}");
    let (_, before) = merchant.web(Method::GET, &page, json!(null)).await;
    assert_eq!(before["verdict"], Value::Null);
    let tap = format!("{page}/{act}");
    assert_eq!(merchant.web(Method::POST, &tap, json!({})).await.0, 200);
    let page = format!("{page}?leaves={}", before["leaves"]);
    merchant.web(Method::GET, &page, json!(null)).await.1["verdict"].clone()
}

#[tokio::test]
async fn a_snap_transaction_has_a_token_and_a_page() {
    let merchant = Merchant::new().await;
    let (status, answer) = merchant.call_api(Method::POST, SNAP, &order()).await;
    assert_eq!(status, 201);
    let token = text(&answer["token"]);
    assert_eq!(
        answer["redirect_url"],
        format!("{}/snap/v4/redirection/{token}", merchant.url)
    );
    let page = format!("/snap/v4/redirection/{token}");
    let page = merchant.ask(Method::GET, &page).await.1;
    assert!(text(&page).contains("/pay.js"));
    let payment = merchant.payment("ORDER-1").await;
    assert_eq!(payment["way"], "snap");
    assert_eq!(payment["state"], "pending");
    assert_eq!(payment["amount"]["value"], "25000.00");
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    assert!(!ledger.to_string().contains(&token));
}

#[tokio::test]
async fn a_used_order_id_is_refused() {
    let merchant = Merchant::new().await;
    token(&merchant).await;
    let (status, answer) = merchant.call_api(Method::POST, SNAP, &order()).await;
    assert_eq!(status, 400);
    let taken = "transaction_details.order_id has already been taken";
    assert_eq!(answer, json!({"error_messages": [taken]}));
    let requested = merchant.entries("snap_requested").await;
    assert_eq!(requested[1]["message"], taken);
}

#[tokio::test]
async fn only_this_hosts_server_key_is_accepted() {
    let merchant = Merchant::new().await;
    for (key, why) in [
        ("Mid-server-another", "unknown"),
        (account::SANDBOX_SERVER_KEY, "the sandbox's"),
    ] {
        let order = order();
        let call = merchant.call_api_with(key, Method::POST, SNAP, &order);
        let (status, answer) = call.await;
        assert_eq!(status, 401, "{key}");
        let messages = answer["error_messages"].as_array().unwrap();
        assert_eq!(
            messages[0],
            "Access denied, please check client or server key"
        );
        assert!(text(&messages[1]).contains(why), "{answer}");
    }
    let none = merchant.post(SNAP, &[], order().to_string()).await;
    assert_eq!(none.0, 401);
}

#[tokio::test]
async fn the_libraries_texts_for_numbers_and_number_for_a_text_are_accepted() {
    let merchant = Merchant::new().await;
    let mut order = order();
    order["transaction_details"] = json!({"order_id": 1_804_289_383, "gross_amount": "25000"});
    order["item_details"] =
        json!([{"id": "ID001", "price": "12500", "quantity": "2", "name": "Sendal Karet"}]);
    let (status, answer) = merchant.call_api(Method::POST, SNAP, &order).await;
    assert_eq!(status, 201, "{answer}");
    let payment = merchant.payment("1804289383").await;
    assert_eq!(payment["amount"]["value"], "25000.00");
}

#[tokio::test]
async fn a_wrong_field_is_refused_by_its_name() {
    let merchant = Merchant::new().await;
    let past = Timestamp::now() - SignedDuration::from_hours(2);
    let past = format_midtrans_with_zone(past);
    for (field, value, named) in [
        (
            "/transaction_details/order_id",
            json!(null),
            "order_id is required",
        ),
        ("/transaction_details/order_id", json!("a b"), "order_id"),
        (
            "/transaction_details/order_id",
            json!("x".repeat(51)),
            "order_id",
        ),
        (
            "/transaction_details/gross_amount",
            json!("25000.50"),
            "gross_amount",
        ),
        (
            "/transaction_details/gross_amount",
            json!(25_000.5),
            "gross_amount",
        ),
        (
            "/transaction_details/gross_amount",
            json!(0),
            "gross_amount",
        ),
        (
            "/transaction_details/gross_amount",
            json!(24_999),
            "sum of item_details",
        ),
        (
            "/item_details/0/quantity",
            json!(0),
            "item_details.quantity",
        ),
        (
            "/item_details/0/name",
            json!("k".repeat(51)),
            "item_details.name",
        ),
        (
            "/item_details/0/price",
            json!("gratis"),
            "item_details.price",
        ),
        ("/customer_details/first_name", json!(1), "first_name"),
        ("/enabled_payments", json!(["bca_va"]), "enabled_payments"),
        ("/gopay", json!({}), "gopay.pop_id is required"),
        ("/gopay/pop_id", json!("another"), "gopay.pop_id is unknown"),
        (
            "/callbacks/finish",
            json!("javascript:alert(1)"),
            "callbacks.finish",
        ),
        (
            "/expiry",
            json!({"duration": 5, "unit": "weeks"}),
            "expiry.unit",
        ),
        (
            "/expiry",
            json!({"duration": 8, "unit": "days"}),
            "expiry.duration",
        ),
        (
            "/expiry",
            json!({"duration": 5, "unit": "minutes", "start_time": past}),
            "expiry ends",
        ),
        (
            "/expiry",
            json!({"duration": 5, "unit": "minutes", "start_time": "soon"}),
            "start_time",
        ),
        (
            "/page_expiry",
            json!({"duration": 4, "unit": "minutes"}),
            "page_expiry.duration",
        ),
    ] {
        let mut order = order();
        order["expiry"] = json!(null);
        order["page_expiry"] = json!(null);
        *order.pointer_mut(field).unwrap() = value.clone();
        let (status, answer) = merchant.call_api(Method::POST, SNAP, &order).await;
        assert_eq!(status, 400, "{field} {value}");
        let message = text(&answer["error_messages"][0]);
        assert!(message.contains(named), "{field} {value}: {message}");
    }
    let (status, _) = merchant.call_api(Method::POST, SNAP, &json!([])).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn each_choice_of_the_buyer_has_its_callback() {
    for (act, kind, code, word) in [
        ("pay", "success", "200", "settlement"),
        ("cancel", "error", "202", "cancel"),
        ("fail", "error", "202", "failure"),
        ("expire", "error", "202", "expire"),
        ("leave", "close", "201", "pending"),
    ] {
        let merchant = Merchant::new().await;
        let token = token(&merchant).await;
        let verdict = verdict_of(&merchant, &token, act).await;
        assert_eq!(verdict["kind"], kind, "{act}");
        let result = &verdict["result"];
        assert_eq!(result["order_id"], "ORDER-1");
        assert_eq!(result["gross_amount"], "25000.00");
        assert_eq!(result["status_code"], code, "{act}");
        assert_eq!(result["transaction_status"], word, "{act}");
        let page = if kind == "error" {
            "sorry?"
        } else {
            "done?a=b&"
        };
        assert_eq!(
            result["finish_redirect_url"],
            format!(
                "https://kedai.example/{page}order_id=ORDER-1&status_code={code}&transaction_status={word}"
            )
        );
    }
}

#[tokio::test]
async fn a_buyer_who_leaves_can_be_pending_and_a_launch_can_be_silent() {
    let merchant = Merchant::new().await;
    let token = token(&merchant).await;
    checkout(&merchant, json!({"snap_left": "pending"})).await;
    assert_eq!(
        verdict_of(&merchant, &token, "leave").await["kind"],
        "pending"
    );
    let silent = json!({"name": "silent-launch"});
    merchant
        .control(Method::PUT, "/control/scenario", silent)
        .await;
    assert_eq!(verdict_of(&merchant, &token, "pay").await["kind"], "silent");
}

#[tokio::test]
async fn a_page_of_another_client_key_or_token_cannot_be_opened() {
    let merchant = Merchant::new().await;
    let token = token(&merchant).await;
    for (name, key, status) in [
        (token.as_str(), account::SANDBOX_SNAP_CLIENT_KEY, 401),
        (token.as_str(), "", 401),
        ("another", account::SNAP_CLIENT_KEY, 404),
    ] {
        let path = format!("/web/payments/{name}/open");
        let open = merchant.web(Method::POST, &path, json!({"client_key": key}));
        let (http, answer) = open.await;
        assert_eq!(http, status, "{name} {key}");
        assert_eq!(answer["result"]["status_code"], status.to_string());
        assert!(answer["result"]["status_message"][0].is_string());
    }
    assert_eq!(merchant.payment("ORDER-1").await["has_transaction"], false);
}

#[tokio::test]
async fn a_session_can_be_cancelled_until_the_buyer_has_chosen() {
    let merchant = Merchant::new().await;
    let first = token(&merchant).await;
    let cancel = async |token: &str| {
        let path = format!("{SNAP}/{token}/cancel");
        merchant.call_api(Method::POST, &path, &json!({})).await
    };
    let (status, answer) = cancel(&first).await;
    assert_eq!(status, 200);
    assert!(answer["canceled_at"].is_string());
    let again = json!({"error_messages": ["token already canceled"]});
    assert_eq!(cancel(&first).await, (400, again));
    let missing = json!({"error_messages": ["token not found"]});
    assert_eq!(cancel("another").await, (404, missing));
    let open = format!("/web/payments/{first}/open");
    assert_eq!(merchant.web(Method::POST, &open, json!({})).await.0, 406);

    let mut second = order();
    second["transaction_details"]["order_id"] = json!("ORDER-2");
    let (_, answer) = merchant.call_api(Method::POST, SNAP, &second).await;
    let second = text(&answer["token"]);
    let open = format!("/web/payments/{second}/open");
    assert_eq!(merchant.web(Method::POST, &open, json!({})).await.0, 200);
    let late = json!({"error_messages": ["Transaction is on progress"]});
    assert_eq!(cancel(&second).await, (400, late));
}

#[tokio::test]
async fn a_transaction_lasts_fifteen_minutes_from_the_choice() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let token = token(&merchant).await;
    merchant.advance(SignedDuration::from_hours(23)).await;
    let open = format!("/web/payments/{token}/open");
    assert_eq!(merchant.web(Method::POST, &open, json!({})).await.0, 200);
    merchant.advance(SignedDuration::from_mins(14)).await;
    assert_eq!(merchant.payment("ORDER-1").await["state"], "pending");
    merchant.advance(SignedDuration::from_mins(1)).await;
    assert_eq!(merchant.payment("ORDER-1").await["state"], "expired");
    let statuses: Vec<_> = receiver
        .received()
        .iter()
        .map(|received| received.json()["latestTransactionStatus"].clone())
        .collect();
    assert_eq!(statuses, ["03", "08"]);
}

#[tokio::test]
async fn a_page_that_expires_unopened_is_not_notified() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let mut order = order();
    let start = format_midtrans_with_zone(Timestamp::now());
    order["expiry"] = json!({"start_time": start, "duration": 15, "unit": "minutes"});
    let (status, answer) = merchant.call_api(Method::POST, SNAP, &order).await;
    assert_eq!(status, 201, "{answer}");
    merchant.advance(SignedDuration::from_mins(16)).await;
    assert_eq!(merchant.payment("ORDER-1").await["state"], "expired");
    assert_eq!(receiver.received().len(), 0);
    let (_, status) = merchant
        .call_api(Method::GET, "/v2/ORDER-1/status", &json!(null))
        .await;
    assert_eq!(status["status_code"], "404");
}

#[tokio::test]
async fn a_snap_transaction_is_notified_in_bi_snaps_form() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    token(&merchant).await;
    let reference = text(&merchant.payment("ORDER-1").await["reference_no"]);
    merchant.act(&reference, "pay").await;
    let received = receiver.received().pop().unwrap();
    assert_eq!(received.path, "/v1.0/debit/notify");
    assert!(!received.header("X-SIGNATURE").is_empty());
    let body = received.json();
    assert_eq!(body["latestTransactionStatus"], "00");
    assert_eq!(body["originalReferenceNo"], json!(reference));
    assert_eq!(body["originalPartnerReferenceNo"], "ORDER-1");
    assert_eq!(body["originalExternalId"], "ORDER-1");
    assert_eq!(body["amount"]["value"], "25000.00");
}

#[tokio::test]
async fn a_snap_transaction_can_be_notified_in_the_classic_form() {
    use gopay_protocol::{Secret, ServerKey, message::http_notification::Notification};
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    checkout(&merchant, json!({"snap_notification": "classic"})).await;
    token(&merchant).await;
    let reference = text(&merchant.payment("ORDER-1").await["reference_no"]);
    merchant.act(&reference, "pay").await;
    let received = receiver.received().pop().unwrap();
    assert_eq!(received.path, "/v1.0/debit/notify");
    assert_eq!(received.header("X-SIGNATURE"), "");
    let body = received.json();
    assert_eq!(body["status_message"], "midtrans payment notification");
    assert_eq!(body["transaction_id"], json!(reference));
    assert_eq!(body["transaction_status"], "settlement");
    let key = ServerKey::new(&Secret::new(account::SERVER_KEY)).unwrap();
    let signature = key.signature("ORDER-1", "200", "25000.00");
    assert_eq!(body["signature_key"], signature);

    let verifies = |body: &str| {
        let notification: Notification = serde_json::from_str(body).unwrap();
        key.verify(&notification)
    };
    let repeat = format!("/control/notifications/{reference}/repeat");
    merchant
        .control(Method::POST, &repeat, json!({"status": "03"}))
        .await;
    let early = receiver.received().pop().unwrap();
    assert_eq!(early.json()["transaction_status"], "pending");
    assert!(verifies(&early.body));
    let wrong = json!({"without_amount": true});
    assert_eq!(merchant.control(Method::POST, &repeat, wrong).await.0, 422);
    for (how, is_genuine) in [
        ("unsigned", false),
        ("foreign_key", false),
        ("tampered", true),
    ] {
        let forge = json!({"ref": reference, "how": how, "status": "00"});
        merchant
            .control(Method::POST, "/control/notifications/forge", forge)
            .await;
        let forged = receiver.received().pop().unwrap();
        assert_eq!(forged.json()["transaction_status"], "settlement", "{how}");
        assert_eq!(verifies(&forged.body), is_genuine, "{how}");
    }
}

#[tokio::test]
async fn bi_snap_does_not_know_a_snap_transaction() {
    let merchant = Merchant::new().await;
    token(&merchant).await;
    let reference = text(&merchant.payment("ORDER-1").await["reference_no"]);
    for original in [
        json!({"originalReferenceNo": reference}),
        json!({"originalExternalId": "ORDER-1"}),
    ] {
        let mut inquiry = original.clone();
        inquiry["serviceCode"] = json!("54");
        let answer = merchant.status(inquiry).await;
        assert_eq!(answer["latestTransactionStatus"], "07", "{original}");
    }
    let token = merchant.token().await;
    let cancel = json!({"originalReferenceNo": reference});
    let cancel = merchant.transaction("/v1.0/debit/cancel", &token, &cancel);
    assert_eq!(merchant.send(cancel).await.0, 404);
    let deeplink = json!({"deeplink": format!("gopay://merchanttransfer?tref={reference}")});
    let launched = merchant.call("GP", "launchPayment", deeplink).await;
    assert_eq!(launched["reply"]["errorCode"], "202");
    assert_eq!(STATUS, "/v1.0/debit/status");
}

#[tokio::test]
async fn snap_js_is_served_to_pages_of_other_origins() {
    let merchant = Merchant::new().await;
    let script = merchant.http.get(format!("{}/snap/snap.js", merchant.url));
    let script = script.send().await.unwrap();
    let policy = &script.headers()["cross-origin-resource-policy"];
    assert_eq!(policy, "cross-origin");
    assert!(script.text().await.unwrap().contains("window.snap"));
}

#[tokio::test]
async fn snap_meets_the_faults_of_its_plan() {
    let merchant = Merchant::new().await;
    let plan = json!([
        {"on": "snap", "do": "error_500"},
        {"on": "snap", "do": "signature_invalid"},
        {"on": "snap", "do": "no_token"},
    ]);
    let planned = merchant.control(Method::PUT, "/control/faults", plan).await;
    assert_eq!(planned.0, 200);
    for (http, field) in [
        (500, "error_messages"),
        (401, "error_messages"),
        (201, "redirect_url"),
    ] {
        let (status, answer) = merchant.call_api(Method::POST, SNAP, &order()).await;
        assert_eq!(status, http);
        assert!(!answer[field].is_null(), "{answer}");
        assert!(answer["token"].is_null());
    }
    let lost = json!([{"on": "snap", "do": "answer_lost"}]);
    merchant.control(Method::PUT, "/control/faults", lost).await;
    let mut second = order();
    second["transaction_details"]["order_id"] = json!("ORDER-2");
    let url = format!("{}{SNAP}", merchant.apis);
    let request = merchant
        .http
        .post(url)
        .basic_auth(&merchant.server_key, Some(""));
    assert!(request.json(&second).send().await.is_err());
    let (status, _) = merchant.call_api(Method::POST, SNAP, &second).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_literal_gopay_takes_the_forms_of_snaps_table_only() {
    let merchant = Merchant::new().await;
    let forms = [
        (
            "order_id",
            json!({"transaction_details": {"order_id": 1, "gross_amount": 25_000}}),
        ),
        (
            "gross_amount",
            json!({"transaction_details": {"order_id": "A", "gross_amount": "25000"}}),
        ),
        (
            "item_details",
            json!({"item_details": [{"id": "kopi", "price": 12_500, "quantity": "2", "name": "Kopi"}]}),
        ),
    ];
    let mut number = 1;
    for (requests, status) in [("literal", 400), ("each_form", 201)] {
        checkout(&merchant, json!({"requests": requests})).await;
        for (field, form) in &forms {
            let mut body = order();
            body["transaction_details"]["order_id"] = json!(format!("ORDER-{number}"));
            number += 1;
            for (name, value) in form.as_object().unwrap() {
                body[name] = value.clone();
            }
            let (found, answer) = merchant.call_api(Method::POST, SNAP, &body).await;
            assert_eq!(found, status, "{answer}");
            if status == 400 {
                assert!(
                    text(&answer["error_messages"][0]).contains(field),
                    "{answer}"
                );
            }
        }
    }
    checkout(&merchant, json!({"requests": "literal"})).await;
    let mut good = order();
    good["transaction_details"]["order_id"] = json!("LITERAL");
    let (status, made) = merchant.call_api(Method::POST, SNAP, &good).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(
        verdict_of(&merchant, &text(&made["token"]), "pay").await["kind"],
        "success"
    );
    let path = "/v2/LITERAL/refund/online/direct";
    for (amount, code) in [(json!("1000"), "400"), (json!(1000), "200")] {
        let refund = json!({"refund_key": "r", "amount": amount});
        let (_, answer) = merchant.call_api(Method::POST, path, &refund).await;
        assert_eq!(answer["status_code"], code, "{answer}");
    }
}
