use crate::{
    merchant::{CANCEL, Merchant, PAYMENT, order, text},
    receiver::Receiver,
    snap::SNAP,
};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use simulator::account;

/// A good order of the sandbox: without a point of purchase, with a way back.
fn sandbox_order(token: &str) -> Value {
    let mut order = order(token);
    order["additionalInfo"] = json!({});
    order["urlParam"] = json!([{
        "url": "https://kedai.example/orders/1",
        "type": "PAY_RETURN",
        "isDeeplink": "N",
    }]);
    order
}

async fn pay(merchant: &Merchant, order: impl Fn(&str) -> Value) -> (u16, Value) {
    let token = merchant.token().await;
    let order = order(&token);
    merchant
        .send(merchant.transaction(PAYMENT, &token, &order))
        .await
}

/// The name of a payment on its web page.
async fn payment(merchant: &Merchant) -> String {
    let (status, answer) = pay(merchant, sandbox_order).await;
    assert_eq!(status, 200, "{answer}");
    text(&answer["referenceNo"])
}

async fn page_of(merchant: &Merchant, name: &str) -> Value {
    let path = format!("/web/payments/{name}?leaves=0");
    let (status, page) = merchant.web(Method::GET, &path, json!(null)).await;
    assert_eq!(status, 200, "{page}");
    page
}

async fn tap(merchant: &Merchant, name: &str, act: &str, body: Value) -> u16 {
    let path = format!("/web/payments/{name}/{act}");
    merchant.web(Method::POST, &path, body).await.0
}

#[tokio::test]
async fn a_sandbox_payment_leads_to_a_web_page_of_the_sandbox() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::in_sandbox(&receiver.url).await;
    let (status, answer) = pay(&merchant, sandbox_order).await;
    assert_eq!(status, 200, "{answer}");
    let reference = text(&answer["referenceNo"]);
    let address = text(&answer["webRedirectUrl"]);
    let page = format!(
        "{}/gopay/ui/checkout?referenceid={reference}",
        merchant.apis
    );
    assert_eq!(address, page);
    let page = merchant.http.get(&address).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("unsafe"));
    assert!(page.text().await.unwrap().contains("/pay.js"));
    for file in [
        "/sheet.css",
        "/pay.css",
        "/overlay.js",
        "/pay.js",
        "/snap/snap.js",
    ] {
        let url = format!("{}{file}", merchant.apis);
        assert_eq!(merchant.http.get(url).send().await.unwrap().status(), 200);
    }

    let shown = page_of(&merchant, &reference).await;
    assert_eq!(shown["needs_pin"], true);
    assert_eq!(shown["rupiah"], 25_000);
    for wrong in [json!({}), json!({"pin": "000000"})] {
        assert_eq!(tap(&merchant, &reference, "pay", wrong).await, 422);
    }
    assert_eq!(page_of(&merchant, &reference).await["state"], "pending");
    let pin = json!({"pin": account::SANDBOX_PIN});
    assert_eq!(tap(&merchant, &reference, "pay", pin).await, 200);
    let shown = page_of(&merchant, &reference).await;
    assert_eq!(shown["state"], "paid");
    assert_eq!(shown["return_to"], "https://kedai.example/orders/1");
    let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    let status = merchant.status(inquiry).await;
    assert_eq!(status["latestTransactionStatus"], "00");
    let repeat = format!("/control/notifications/{reference}/repeat");
    merchant.ask(Method::POST, &repeat).await;
    let notified = receiver.received().pop().unwrap().json();
    assert_eq!(notified["latestTransactionStatus"], "00");
}

#[tokio::test]
async fn a_buyer_can_leave_cancel_or_let_the_payment_expire() {
    for (act, state) in [
        ("leave", "pending"),
        ("cancel", "cancelled"),
        ("fail", "failed"),
        ("expire", "expired"),
    ] {
        let merchant = Merchant::in_sandbox("http://127.0.0.1:9").await;
        let name = payment(&merchant).await;
        assert_eq!(page_of(&merchant, &name).await["return_to"], Value::Null);
        assert_eq!(tap(&merchant, &name, act, json!({})).await, 200);
        let page = page_of(&merchant, &name).await;
        assert_eq!(page["state"], state);
        assert_eq!(page["return_to"], "https://kedai.example/orders/1");
        let again = tap(&merchant, &name, "cancel", json!({})).await;
        assert_eq!(again == 409, act != "leave", "{act}");
    }
}

#[tokio::test]
async fn a_point_of_purchase_is_refused_unless_it_is_ignored() {
    let merchant = Merchant::in_sandbox("http://127.0.0.1:9").await;
    let (status, answer) = pay(&merchant, order).await;
    assert_eq!((status, &answer["responseCode"]), (403, &json!("4035415")));
    let message = text(&answer["responseMessage"]);
    assert!(message.contains("leave it out in the sandbox"), "{message}");
    let (status, answer) = merchant
        .call_api(Method::POST, SNAP, &crate::snap::order())
        .await;
    assert_eq!(status, 400);
    let message = text(&answer["error_messages"][0]);
    assert!(message.contains("leave it out in the sandbox"), "{message}");
    let ignored = json!({"sandbox_point_of_purchase": "ignored"});
    merchant
        .control(Method::PUT, "/control/checkout", ignored)
        .await;
    assert_eq!(pay(&merchant, order).await.0, 200);
    let snap = crate::snap::order();
    assert_eq!(merchant.call_api(Method::POST, SNAP, &snap).await.0, 201);
}

#[tokio::test]
async fn the_way_back_is_read_in_each_documented_form() {
    let merchant = Merchant::in_sandbox("http://127.0.0.1:9").await;
    let param = |url: &str, is_deeplink: &str| json!({"url": url, "type": "PAY_RETURN", "isDeeplink": is_deeplink});
    let web = param("https://kedai.example/orders/1", "N");
    for (field, value, way_back) in [
        (
            "urlParam",
            json!([web]),
            Some("https://kedai.example/orders/1"),
        ),
        (
            "urlParam",
            web.clone(),
            Some("https://kedai.example/orders/1"),
        ),
        (
            "urlParams",
            json!([web]),
            Some("https://kedai.example/orders/1"),
        ),
        (
            "urlParam",
            json!([param("kedai://orders/1", "Y")]),
            Some("kedai://orders/1"),
        ),
        ("urlParam", json!(null), None),
    ] {
        let (status, answer) = pay(&merchant, |token| {
            let mut order = sandbox_order(token);
            order["urlParam"] = json!(null);
            order[field] = value.clone();
            order
        })
        .await;
        assert_eq!(status, 200, "{answer}");
        let name = text(&answer["referenceNo"]);
        tap(&merchant, &name, "cancel", json!({})).await;
        let page = page_of(&merchant, &name).await;
        assert_eq!(page["return_to"], json!(way_back), "{field} {value}");
    }
    for wrong in [
        param("kedai://orders/1", "N"),
        param("javascript:alert(1)", "Y"),
        param("nowhere", "N"),
        json!({"url": "https://kedai.example", "type": "PAY_RETURN"}),
        json!("https://kedai.example"),
    ] {
        let (status, answer) = pay(&merchant, |token| {
            let mut order = sandbox_order(token);
            order["urlParam"] = wrong.clone();
            order
        })
        .await;
        assert_eq!(status, 400, "{wrong}");
        assert!(text(&answer["responseMessage"]).ends_with("urlParam"));
    }
}

#[tokio::test]
async fn what_belongs_to_one_host_is_unknown_to_the_other() {
    let mut merchant = Merchant::in_sandbox("http://127.0.0.1:9").await;
    let sandbox = merchant.apis.clone();
    let name = payment(&merchant).await;
    let sandbox_token = merchant.token().await;
    let mut snap = crate::snap::order();
    snap["gopay"] = json!(null);
    let (status, made) = merchant.call_api(Method::POST, SNAP, &snap).await;
    assert_eq!(status, 201, "{made}");
    let snap_token = text(&made["token"]);
    assert!(text(&made["redirect_url"]).starts_with(&sandbox));
    merchant
        .act(
            &text(&merchant.payment("ORDER-1").await["reference_no"]),
            "leave",
        )
        .await;

    merchant.apis = merchant.url.clone();
    merchant.server_key = account::SERVER_KEY.to_owned();
    let cancel = json!({"originalReferenceNo": name});
    let foreign = merchant.transaction(CANCEL, &sandbox_token, &cancel);
    assert_eq!(merchant.send(foreign).await.1["responseCode"], "4015701");
    let inquiry = json!({"originalReferenceNo": name, "serviceCode": "54"});
    let answer = merchant.status(inquiry).await;
    assert_eq!(answer["latestTransactionStatus"], "07");
    let status = merchant.call_api(Method::GET, "/v2/ORDER-1/status", &json!(null));
    assert_eq!(status.await.1["status_code"], "404");
    let deeplink = json!({"deeplink": format!("gopay://merchanttransfer?tref={name}")});
    let launched = merchant.call("GP", "launchPayment", deeplink).await;
    assert_eq!(launched["reply"]["errorCode"], "202");
    for name in [&name, &snap_token] {
        let path = format!("/web/payments/{name}");
        assert_eq!(merchant.web(Method::GET, &path, json!(null)).await.0, 404);
    }
    // The same order id, and BI-SNAP's same X-EXTERNAL-IDs, are free on the other host.
    let same = crate::snap::order();
    assert_eq!(merchant.call_api(Method::POST, SNAP, &same).await.0, 201);
    let without = pay(&merchant, sandbox_order).await.1;
    let message = text(&without["responseMessage"]);
    assert!(message.ends_with("pointOfPurchaseId"), "{message}");
}

#[tokio::test]
async fn the_sandbox_has_no_container_and_no_mini_app_api() {
    let merchant = Merchant::in_sandbox("http://127.0.0.1:9").await;
    for path in [
        "/",
        "/sdk/stable/gp-container.min.js",
        "/sheet",
        "/bridge/call",
        "/control/ledger",
        "/v1/mini-apps/authorizations/token",
        "/v1/mini-apps/users/profile",
        "/gallery",
    ] {
        let (status, answer) = merchant.web(Method::GET, path, json!(null)).await;
        let is_api = path.starts_with("/v1");
        assert_eq!(status, if is_api { 501 } else { 404 }, "{path}");
        assert!(text(&answer["error"]).contains("sandbox"), "{path}");
    }
}

#[tokio::test]
async fn a_foreign_page_cannot_act_on_a_web_payment() {
    let merchant = Merchant::in_sandbox("http://127.0.0.1:9").await;
    let name = payment(&merchant).await;
    let send = async |origin: &str| {
        let url = format!("{}/web/payments/{name}/cancel", merchant.apis);
        let request = Client::new().post(url).header("Origin", origin);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(send("https://evil.example").await, 403);
    assert_eq!(send(&merchant.apis).await, 200);
}

#[tokio::test]
async fn a_snap_transaction_of_the_sandbox_is_paid_with_the_pin() {
    let merchant = Merchant::in_sandbox("http://127.0.0.1:9").await;
    let mut snap = crate::snap::order();
    snap["gopay"] = json!(null);
    let (_, made) = merchant.call_api(Method::POST, SNAP, &snap).await;
    let token = text(&made["token"]);
    let open = format!("/web/payments/{token}/open");
    let key = json!({"client_key": account::SANDBOX_SNAP_CLIENT_KEY});
    assert_eq!(merchant.web(Method::POST, &open, key).await.0, 200);
    assert_eq!(tap(&merchant, &token, "pay", json!({})).await, 422);
    assert_eq!(
        tap(&merchant, &token, "pay", json!({"pin": "123456"})).await,
        200
    );
    let status = merchant.call_api(Method::GET, "/v2/ORDER-1/status", &json!(null));
    assert_eq!(status.await.1["transaction_status"], "settlement");
    let payment = merchant.payment("ORDER-1").await;
    assert_eq!(
        (&payment["host"], &payment["way"]),
        (&json!("sandbox"), &json!("snap"))
    );
}
