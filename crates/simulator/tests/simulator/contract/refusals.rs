use super::{Page, assert_shape, both, choose, list, pages, presence, read};
use crate::merchant::{Merchant, text};
use reqwest::Method as Http;
use serde_json::{Value, json};

/// The switches that give an error the spelling of a sample.
fn spelling(answer: &Value) -> Value {
    let camel = answer.get("errorCode").is_some();
    let code = &answer[if camel { "errorCode" } else { "error_code" }];
    json!({
        "error_spelling": if camel { "camel" } else { "snake" },
        "error_code": match code.as_str() {
            None => "number",
            Some("") => "blank",
            Some(_) => "text",
        },
    })
}

async fn scenario(merchant: &Merchant, name: &str) {
    let path = "/control/scenario";
    merchant
        .control(Http::PUT, path, json!({"name": name}))
        .await;
}

/// Without `metaData`, whose error has its own envelope.
fn without_meta_data(page: &Page) -> Value {
    let mut params = page.valid_params();
    params.as_object_mut().unwrap().remove("metaData");
    params
}

#[tokio::test]
async fn every_documented_failure_has_its_documented_spelling() {
    let merchant = Merchant::new().await;
    let mut seen = 0;
    for page in pages() {
        for sample in page.answers("failure") {
            let (name, expected) = (text(&sample["name"]), &sample["answer"]);
            let at = format!("{}, {name}", page.name);
            let chosen = both(&spelling(expected), &presence(&page.name));
            let container = if sample["page"] == "frontend-v1" {
                "v1"
            } else {
                "v2"
            };
            choose(&merchant, container, &chosen).await;
            let verdict = match (page.name.as_str(), name.as_str()) {
                // The page has the sample of GPAnalytics.trackEvent here, metaData and all,
                // which takePhoto does not take.
                ("GPCamera.takePhoto", "parameter_error") => continue,
                (_, "parameter_error") => page.call(&merchant, without_meta_data(&page)).await,
                _ => {
                    scenario(&merchant, "denied").await;
                    page.call(&merchant, page.valid_params()).await
                }
            };
            assert_eq!(verdict["kind"], "failure", "{at}");
            let mut expected = expected.clone();
            if let Some(id) = expected.get_mut("callbackId") {
                *id = verdict["reply"]["callbackId"].clone();
                assert!(
                    id.as_str()
                        .unwrap()
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric())
                );
            }
            assert_eq!(verdict["reply"], expected, "{at}");
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[tokio::test]
async fn the_container_can_produce_every_shape_of_failure() {
    let merchant = Merchant::new().await;
    let bridge = read("bridge.json");
    for sample in list(&bridge["failures"]) {
        let expected = &sample["answer"];
        let name = text(&sample["name"]);
        choose(&merchant, "v2", &spelling(expected)).await;
        let verdict = match name.as_str() {
            // Not GoPay's container: the client before it, and a relative.
            "older_permission_denied" | "older_sentence" | "windvane_timeout" => continue,
            "parameter_error" => {
                let event = json!({"eventName": "x", "metaData": {}});
                merchant.call("GPAnalytics", "trackEvent", event).await
            }
            "outside_gopay" => {
                scenario(&merchant, "outside").await;
                merchant.call("GPBase", "getLocale", json!({})).await
            }
            _ => {
                scenario(&merchant, "denied").await;
                merchant.call("GPBase", "getLocale", json!({})).await
            }
        };
        let mut expected = expected.clone();
        if name == "outside_gopay" {
            // No document has the words.
            expected["errorMessage"] = verdict["reply"]["errorMessage"].clone();
        }
        assert_shape(&expected, &verdict["reply"], &name);
    }
}

/// A value of another type than the parameter's.
fn of_another_type(parameter: &Value) -> Value {
    match parameter["is"].as_str() {
        Some("string") | None => json!(7),
        Some(_) => json!("seven"),
    }
}

#[tokio::test]
async fn wrong_parameters_are_refused_with_the_documented_codes() {
    let merchant = Merchant::new().await;
    let (mut left_out, mut mistyped, mut misworded) = (0, 0, 0);
    for page in pages() {
        for container in page.containers() {
            choose(&merchant, &container, &presence(&page.name)).await;
            for (name, parameter) in page.parameters() {
                let at = format!("{} without or with a wrong {name}", page.name);
                let refused = async |params| {
                    let verdict = page.call(&merchant, params).await;
                    verdict["reply"]["errorCode"].clone()
                };
                let mut params = page.valid_params();
                params[name] = of_another_type(parameter);
                assert_eq!(refused(params).await, "201", "{at}");
                mistyped += 1;
                if parameter["is"].is_array() {
                    let mut params = page.valid_params();
                    params[name] = json!("nonsense");
                    assert_eq!(refused(params).await, "202", "{at}");
                    misworded += 1;
                }
                if parameter["optional"] != true {
                    let mut params = page.valid_params();
                    params.as_object_mut().unwrap().remove(name);
                    let code = if parameter["not_empty"] == true {
                        "GP_PARAM_ERR"
                    } else {
                        "200"
                    };
                    assert_eq!(refused(params).await, code, "{at}");
                    left_out += 1;
                }
            }
        }
    }
    assert!(left_out > 0 && mistyped > 0 && misworded > 0);
}

#[tokio::test]
async fn a_method_without_its_consent_is_refused() {
    let merchant = Merchant::new().await;
    let names = [
        ("GPLocation.getLocation", "location"),
        ("GP.getBankAccountToken", "bank_account"),
        ("GPSystem.getSystemInfo", "system_info"),
        ("GPSystem.getRootedDeviceInfo", "system_info"),
        ("GPSystem.getWifiInfo", "wifi_info"),
        ("GPCamera.takePhoto", "camera"),
    ];
    let pages = pages();
    // The method that asks needs none, whatever its row of the table says.
    let needy = pages.iter().filter(|page| {
        page.content["consent"].is_object() && page.name != "GPConsent.getUserConsent"
    });
    let mut seen = 0;
    for page in needy {
        let (_, scope) = names.iter().find(|(name, _)| *name == page.name).unwrap();
        if let Some(documented) = page.content["consent"]["name"].as_str() {
            assert_eq!(*scope, documented);
        }
        for container in page.containers() {
            choose(&merchant, &container, &json!({})).await;
            let decide = async |allowed: bool, buyer: &str| {
                let decision = json!({"scope": scope, "buyer": buyer, "allowed": allowed});
                merchant
                    .control(Http::POST, "/bridge/consent", decision)
                    .await;
            };
            let verdict = page.call(&merchant, page.valid_params()).await;
            assert_eq!(verdict["reply"]["errorCode"], "300", "{}", page.name);
            for (allowed, buyer) in [(false, "budi"), (true, "siti")] {
                decide(allowed, buyer).await;
                let verdict = page.call(&merchant, page.valid_params()).await;
                assert_eq!(verdict["reply"]["errorCode"], "300", "{}", page.name);
            }
            decide(true, "budi").await;
            let verdict = page.call(&merchant, page.valid_params()).await;
            assert_eq!(verdict["kind"], "success", "{}", page.name);
            let given = json!({"prelaunch_consents": true});
            choose(&merchant, &container, &given).await;
            let verdict = page.call(&merchant, page.valid_params()).await;
            assert_eq!(verdict["kind"], "success", "{}", page.name);
        }
        seen += 1;
    }
    assert_eq!(seen, names.len());
}
