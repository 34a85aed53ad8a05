//! The plan of hostile replies over HTTP. What a callback gets is tested in `npm/tests/sdk-faults.test.mjs`.

use crate::merchant::{Merchant, text};
use reqwest::Method;
use serde_json::{Value, json};

const SDK: &str = "/sdk/stable/gp-container.min.js";

async fn plan(merchant: &Merchant, faults: Value) -> (u16, Value) {
    let planned = merchant.control(Method::PUT, "/control/sdk-faults", faults);
    let (status, answer) = planned.await;
    (status, answer["error"].clone())
}

async fn left(merchant: &Merchant) -> Value {
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    ledger["sdk_faults"].clone()
}

async fn locale(merchant: &Merchant) -> Value {
    merchant.call("GPBase", "getLocale", json!({})).await
}

#[tokio::test]
async fn calls_meet_the_planned_hostile_replies_in_order() {
    let merchant = Merchant::new().await;
    let faults = json!([
        {"on": "GPMiniAppAuth.getAuthCode", "do": "auth_code_null"},
        {"on": "GPBase.getLocale", "do": "called_twice", "times": 2},
        {"on": "*", "do": "number", "times": null},
    ]);
    assert_eq!(plan(&merchant, faults).await.0, 200);
    for fault in ["called_twice", "called_twice", "number", "number"] {
        let answer = locale(&merchant).await;
        assert_eq!(
            (&answer["kind"], &answer["fault"]),
            (&json!("success"), &json!(fault))
        );
        assert_eq!(answer["reply"]["app_locale"], "id_ID");
    }
    let expected = json!([
        {"on": "GPMiniAppAuth.getAuthCode", "do": "auth_code_null", "times": 1},
        {"on": "*", "do": "number", "times": null},
    ]);
    assert_eq!(left(&merchant).await, expected);
    let met = merchant.entries("sdk_fault_met").await;
    assert_eq!(met.len(), 4);
    assert_eq!(
        (&met[0]["on"], &met[0]["do"], &met[0]["mini_app"]),
        (
            &json!("GPBase.getLocale"),
            &json!("called_twice"),
            &json!("kedai")
        )
    );
    merchant.ask(Method::POST, "/control/reset").await;
    assert_eq!(left(&merchant).await, json!([]));
    assert_eq!(locale(&merchant).await["fault"], Value::Null);
}

#[tokio::test]
async fn a_payment_sheet_is_shown_before_its_reply_is_changed() {
    let merchant = Merchant::new().await;
    let reference = merchant.reference().await;
    plan(&merchant, json!([{"on": "*", "do": "status_paid"}])).await;
    assert_eq!(locale(&merchant).await["fault"], Value::Null);
    let deeplink = format!("gopay://merchanttransfer?tref={reference}");
    let params = json!({"deeplink": deeplink});
    let answer = merchant.call("GP", "launchPayment", params).await;
    assert_eq!(
        (&answer["kind"], &answer["fault"]),
        (&json!("show"), &json!("status_paid"))
    );
}

#[tokio::test]
async fn a_call_without_a_good_reply_meets_no_hostile_one() {
    let merchant = Merchant::new().await;
    let faults = json!([{"on": "*", "do": "called_twice"}]);
    plan(&merchant, faults).await;
    let refused = merchant.call("GP", "launchPayment", json!({})).await;
    assert_eq!(
        (&refused["kind"], &refused["fault"]),
        (&json!("failure"), &Value::Null)
    );
    let silent = json!({"name": "silent-launch"});
    merchant
        .control(Method::PUT, "/control/scenario", silent)
        .await;
    let reference = merchant.reference().await;
    let params = json!({"deeplink": format!("gopay://merchanttransfer?tref={reference}")});
    let silent = merchant.call("GP", "launchPayment", params).await;
    assert_eq!(
        (&silent["calls_back"], &silent["fault"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(locale(&merchant).await["fault"], "called_twice");
}

#[tokio::test]
async fn a_page_chooses_its_own_hostile_reply() {
    let merchant = Merchant::new().await;
    plan(&merchant, json!([{"on": "*", "do": "number"}])).await;
    let call = async |class: &str, method: &str, fault: &str| {
        let own = json!({"class": class, "method": method, "sdk_fault": fault});
        merchant.control(Method::POST, "/bridge/call", own).await
    };
    let chosen = call("GPBase", "getLocale", "locale_null").await.1;
    assert_eq!(chosen["fault"], "locale_null");
    let planned = call("GPMiniAppAuth", "getAuthCode", "locale_null").await.1;
    assert_eq!(planned["fault"], "number");
    assert_eq!(call("GPBase", "getLocale", "locale_nil").await.0, 422);
}

#[tokio::test]
async fn a_fault_of_the_page_is_met_by_the_next_load_of_the_sdk() {
    let merchant = Merchant::new().await;
    plan(&merchant, json!([{"on": "*", "do": "container_text"}])).await;
    assert_eq!(locale(&merchant).await["fault"], Value::Null);
    let load = async || {
        let sdk = merchant.ask(Method::GET, SDK).await.1;
        text(&sdk).starts_with("document.currentScript.dataset.sdkFault = 'container_text';\n")
    };
    assert!(load().await);
    assert_eq!(left(&merchant).await, json!([]));
    let met = merchant.entries("sdk_fault_met").await;
    assert_eq!(
        (&met[0]["on"], &met[0]["do"]),
        (&json!("*"), &json!("container_text"))
    );
    assert!(!load().await);
}

#[tokio::test]
async fn a_wrong_plan_of_hostile_replies_is_refused_with_its_reason() {
    let merchant = Merchant::new().await;
    for (fault, why) in [
        (
            json!({"on": "GP.lauchPayment", "do": "called_twice"}),
            "there is no GP.lauchPayment; did you mean GP.launchPayment?",
        ),
        (
            json!({"on": "GPBase.getLocale", "do": "status_paid"}),
            "status_paid cannot happen on GPBase.getLocale",
        ),
        (
            json!({"on": "GPBase.getLocale", "do": "container_text"}),
            "container_text is of the whole page: `on` has to be *",
        ),
        (json!({"on": "*", "do": "S35"}), "unknown variant `S35`"),
        (json!({"on": "*", "do": "null", "times": 0}), "times"),
        (
            json!({"on": "*", "do": "null", "time": 1}),
            "unknown field `time`",
        ),
    ] {
        let (status, error) = plan(&merchant, json!([fault])).await;
        assert_eq!(status, 422, "{fault}");
        assert!(text(&error).contains(why), "{error}");
    }
    assert_eq!(left(&merchant).await, json!([]));
}

#[tokio::test]
async fn the_ledger_lists_each_hostile_reply_with_its_id() {
    let merchant = Merchant::new().await;
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    let harms = ledger["sdk_harms"].as_array().unwrap();
    let harm = |name: &str| harms.iter().find(|harm| harm["do"] == name).unwrap();
    let expected = json!({
        "do": "status_paid",
        "id": "S32",
        "meaning": "The payment's status is paid",
        "on": ["GP.launchPayment"],
    });
    assert_eq!(harm("status_paid"), &expected);
    assert_eq!(harm("called_twice")["on"].as_array().unwrap().len(), 28);
    assert_eq!(harm("container_text")["on"], json!([]));
}
