use crate::merchant::{Merchant, text};
use reqwest::Method;
use serde_json::{Value, json};

async fn sheet(merchant: &Merchant, reference: &str, query: &str) -> Value {
    let path = format!("/bridge/payments/{reference}{query}");
    merchant.ask(Method::GET, &path).await.1
}

fn deeplink(reference: &str) -> Value {
    json!({"deeplink": format!("gopay://merchanttransfer?tref={reference}")})
}

#[tokio::test]
async fn the_buyers_action_in_the_sheet_is_the_answer_to_the_call() {
    for (act, state, status) in [
        ("pay", "paid", "success"),
        ("cancel", "cancelled", "failed"),
        ("fail", "failed", "pending"),
        ("leave", "pending", "cancelled"),
    ] {
        let merchant = Merchant::new().await;
        let reference = merchant.reference().await;
        let verdict = merchant
            .call("GP", "launchPayment", deeplink(&reference))
            .await;
        assert_eq!(verdict["kind"], "show");
        assert_eq!(verdict["page"], format!("/sheet?tref={reference}"));
        assert_eq!(verdict["calls_back"], true);

        let before = sheet(&merchant, &reference, "").await;
        assert_eq!(before["verdict"], Value::Null);
        assert_eq!(before["rupiah"], 25_000);
        let tap = format!("/bridge/payments/{reference}/{act}");
        assert_eq!(merchant.ask(Method::POST, &tap).await.0, 200);
        let after = sheet(&merchant, &reference, "?leaves=0").await;
        assert_eq!(after["state"], state);
        assert_eq!(after["verdict"]["kind"], "success");
        assert_eq!(after["verdict"]["reply"]["ret"], "GP_SUCCESS");
        assert_eq!(after["verdict"]["reply"]["data"]["status"], status);
    }
}

#[tokio::test]
async fn the_control_api_acts_on_an_open_sheet() {
    let merchant = Merchant::new().await;
    let reference = merchant.reference().await;
    merchant.act(&reference, "leave").await;
    let left = sheet(&merchant, &reference, "?leaves=0").await;
    assert_eq!(left["verdict"]["reply"]["data"]["status"], "cancelled");
    let opened_again = sheet(&merchant, &reference, "?leaves=1").await;
    assert_eq!(opened_again["verdict"], Value::Null);
    merchant.act(&reference, "pay").await;
    let paid = sheet(&merchant, &reference, "?leaves=1").await;
    assert_eq!(paid["verdict"]["reply"]["data"]["status"], "success");
}

#[tokio::test]
async fn a_wrong_deeplink_is_a_parameter_error() {
    let merchant = Merchant::new().await;
    let reference = merchant.reference().await;
    for (params, code) in [
        (json!({}), "200"),
        (json!({"deeplink": 1}), "201"),
        (json!({"deeplink": "https://example.com"}), "202"),
        (deeplink("A1"), "202"),
    ] {
        let verdict = merchant.call("GP", "launchPayment", params).await;
        assert_eq!(verdict["kind"], "failure");
        assert_eq!(verdict["reply"]["errorCode"], code);
        assert_eq!(verdict["reply"]["success"], false);
        assert_eq!(verdict["reply"]["ret"], "GP_EXCEPTION");
    }
    merchant.act(&reference, "pay").await;
    let verdict = merchant
        .call("GP", "launchPayment", deeplink(&reference))
        .await;
    assert_eq!(verdict["reply"]["errorCode"], "202");
}

#[tokio::test]
async fn the_locale_and_the_errors_have_every_documented_shape() {
    let merchant = Merchant::new().await;
    let shape = async |container: Value| {
        let (status, answer) = merchant
            .control(Method::PUT, "/control/container", container)
            .await;
        assert_eq!(status, 200, "{answer}");
        let locale = merchant.call("GPBase", "getLocale", json!({})).await;
        let error = merchant
            .call("GPConsent", "getUserConsent", json!({"scope": "location"}))
            .await;
        (locale["reply"].clone(), error)
    };
    let (locale, error) = shape(json!({})).await;
    assert_eq!(locale["app_locale"], "id_ID");
    assert_eq!(error["reply"]["errorCode"], "100");
    assert_eq!(error["reply"]["errorMessage"], "Method not supported");
    let field = json!({"locale": "en_ID", "locale_shape": "field", "error_spelling": "snake"});
    let (locale, error) = shape(field).await;
    assert_eq!(locale["data"]["appLocale"], "en_ID");
    assert_eq!(error["reply"]["error_code"], "100");
    let there = json!({"consent_call": "GPConsent.getUserConsent"});
    let (_, consent) = shape(there).await;
    assert_eq!(
        consent["page"],
        "/consent?scope=location&buyer=budi&mini_app=kedai"
    );
    let wrong = json!({"locale": "fr_FR"});
    let (status, answer) = merchant
        .control(Method::PUT, "/control/container", wrong)
        .await;
    assert_eq!(status, 422);
    assert!(text(&answer["error"]).contains("id_ID"));
}

#[tokio::test]
async fn a_consent_is_requested_and_answered() {
    let merchant = Merchant::new().await;
    let verdict = merchant
        .call("GP", "authorize", json!({"scope": "location"}))
        .await;
    assert_eq!(
        verdict["page"],
        "/consent?scope=location&buyer=budi&mini_app=kedai"
    );
    let decision = json!({"scope": "location", "buyer": "budi", "allowed": false});
    let (_, verdict) = merchant
        .control(Method::POST, "/bridge/consent", decision)
        .await;
    assert_eq!(
        verdict["reply"]["data"],
        json!({"successScope": {"location": false}})
    );
    let odd = json!({"scope": "a&b=c"});
    let verdict = merchant.call("GP", "authorize", odd).await;
    assert_eq!(verdict["reply"]["errorCode"], "202");
}

#[tokio::test]
async fn a_scenario_changes_what_the_sdk_answers() {
    let merchant = Merchant::new().await;
    let reference = merchant.reference().await;
    let choose = async |name: &str| {
        let chosen = json!({"name": name});
        merchant
            .control(Method::PUT, "/control/scenario", chosen)
            .await;
    };
    choose("refuse-login").await;
    let verdict = merchant
        .call("GPMiniAppAuth", "getAuthCode", json!({}))
        .await;
    assert_eq!(verdict["reply"]["errorCode"], "300");
    choose("silent-launch").await;
    let verdict = merchant
        .call("GP", "launchPayment", deeplink(&reference))
        .await;
    assert_eq!(verdict["calls_back"], false);
    choose("outside").await;
    let verdict = merchant.call("GPBase", "getLocale", json!({})).await;
    assert_eq!(verdict["reply"]["errorCode"], 1003);
    assert_eq!(verdict["reply"]["errorType"], "JS_BRIDGE_ERROR");
    choose("default").await;
    let own = json!({"class": "GPBase", "method": "getLocale", "scenario": "outside"});
    let (_, verdict) = merchant.control(Method::POST, "/bridge/call", own).await;
    assert_eq!(verdict["reply"]["errorCode"], 1003);
    let verdict = merchant.call("GPBase", "getLocale", json!({})).await;
    assert_eq!(verdict["kind"], "success");
}
