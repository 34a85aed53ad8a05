//! The effects of calls, and their details in the ledger.

use crate::merchant::{Merchant, text};
use reqwest::Method;
use serde_json::{Value, json};

async fn choose(merchant: &Merchant, switches: Value) {
    let path = "/control/container";
    assert_eq!(merchant.control(Method::PUT, path, switches).await.0, 200);
}

/// The last call in the ledger.
async fn last_call(merchant: &Merchant) -> Value {
    let calls = merchant.entries("container_called").await;
    calls.last().unwrap().clone()
}

#[tokio::test]
async fn an_opened_address_is_shown_whole_and_logged_without_its_query() {
    let merchant = Merchant::new().await;
    for (method, parameter, address, place) in [
        (
            "launchDeeplink",
            "deeplink",
            "gopay://home?user=budi",
            "gopay://home",
        ),
        (
            "launchUri",
            "uri",
            "https://budi:x@gopay.co.id/a?b=c#d",
            "https://gopay.co.id/a",
        ),
        ("launchUri", "uri", "tel:+62800", "tel:"),
    ] {
        let verdict = merchant
            .call("GPNavigator", method, json!({parameter: address}))
            .await;
        assert_eq!(
            verdict["reply"],
            json!({"success": true, "ret": "GP_SUCCESS"})
        );
        assert_eq!(verdict["effects"][0]["kind"], "notice");
        assert!(text(&verdict["effects"][0]["text"]).ends_with(address));
        let entry = last_call(&merchant).await;
        assert_eq!(entry["method"], format!("GPNavigator.{method}"));
        assert_eq!(
            (&entry["outcome"], &entry["noted"]),
            (&json!("done"), &json!({"opens": place}))
        );
    }
    for (method, params) in [
        (
            "launchDeeplink",
            json!({"deeplink": "https://gopay.co.id/"}),
        ),
        ("launchDeeplink", json!({"deeplink": "gopay:"})),
        ("launchUri", json!({"uri": "javascript:alert(1)"})),
        ("launchUri", json!({"uri": "gopay.co.id"})),
    ] {
        let verdict = merchant.call("GPNavigator", method, params).await;
        assert_eq!(verdict["reply"]["errorCode"], "202");
        assert_eq!(last_call(&merchant).await["outcome"], "202");
    }
}

#[tokio::test]
async fn a_text_is_logged_by_its_length_only() {
    let merchant = Merchant::new().await;
    for (class, method) in [("GPBase", "copyToClipboard"), ("GPShare", "share")] {
        let verdict = merchant
            .call(class, method, json!({"text": "rahasia"}))
            .await;
        assert_eq!(verdict["kind"], "success");
        assert_eq!(
            last_call(&merchant).await["noted"],
            json!({"characters": 7})
        );
    }
    let copied = merchant
        .call("GPBase", "copyToClipboard", json!({"text": "A1"}))
        .await;
    assert_eq!(copied["effects"][0], json!({"kind": "copy", "text": "A1"}));
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    assert!(!ledger.to_string().contains("rahasia"));
}

#[tokio::test]
async fn an_analytics_event_is_logged_whole() {
    let merchant = Merchant::new().await;
    let meta = json!({"page_id": "shop", "user_action": "clicked"});
    let event = json!({"eventName": "add", "metaData": meta});
    let verdict = merchant.call("GPAnalytics", "trackEvent", event).await;
    assert!(verdict["reply"]["callbackId"].is_string());
    let whole = json!({"event_name": "add", "meta_data": meta});
    assert_eq!(last_call(&merchant).await["noted"], whole);
}

#[tokio::test]
async fn a_photo_has_base64_on_request_only() {
    let merchant = Merchant::new().await;
    choose(&merchant, json!({"prelaunch_consents": true})).await;
    let take = async |params| merchant.call("GPCamera", "takePhoto", params).await["reply"].clone();
    let with = take(json!({"mode": "camera", "needBase64": true})).await;
    assert!(text(&with["base64Data"]).starts_with("iVBORw0KGgo"));
    let without = take(json!({"mode": "photo"})).await;
    assert!(without["localPath"].is_string() && without["base64Data"].is_null());
}

#[tokio::test]
async fn v1_has_a_bar_and_toasts() {
    let merchant = Merchant::new().await;
    choose(&merchant, json!({"container": "v1"})).await;
    let bar = json!({"title": "Kedai", "backgroundColor": "#ff00ff80", "own": 1});
    let verdict = merchant.call("GPNavigationBar", "update", bar).await;
    let known = json!({"title": "Kedai", "backgroundColor": "#ff00ff80"});
    assert_eq!(verdict["effects"], json!([{"kind": "bar", "bar": known}]));
    let toast = json!({"message": "Halo", "duration": 5});
    let verdict = merchant.call("GPUIToast", "toast", toast).await;
    let notice = json!({"kind": "notice", "text": "Halo", "seconds": 5.0});
    assert_eq!(verdict["effects"], json!([notice]));
}

#[tokio::test]
async fn a_given_consent_is_not_requested_again() {
    let merchant = Merchant::new().await;
    let scope = json!({"scope": "location"});
    let decide = async |allowed: bool| {
        let decision = json!({"scope": "location", "buyer": "budi", "allowed": allowed});
        merchant
            .control(Method::POST, "/bridge/consent", decision)
            .await;
    };
    decide(false).await;
    let verdict = merchant.call("GP", "authorize", scope.clone()).await;
    assert_eq!(verdict["kind"], "show");
    decide(true).await;
    let verdict = merchant.call("GP", "authorize", scope).await;
    assert_eq!(verdict["reply"]["data"]["successScope"]["location"], true);
    let decided = merchant.entries("consent_decided").await;
    assert_eq!(decided.len(), 2);
    assert_eq!(decided[1]["allowed"], true);
}

#[tokio::test]
async fn an_unknown_method_is_not_supported_and_logged() {
    let merchant = Merchant::new().await;
    let verdict = merchant.call("GPNavigator", "push", json!({})).await;
    assert_eq!(verdict["reply"]["errorCode"], "100");
    let entry = last_call(&merchant).await;
    assert_eq!(
        (&entry["method"], &entry["outcome"]),
        (&json!("GPNavigator.push"), &json!("100"))
    );
}
