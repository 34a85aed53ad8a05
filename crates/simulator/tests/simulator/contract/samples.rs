use super::{Page, assert_shape, both, choose, list, pages, presence};
use crate::merchant::{Merchant, text};
use reqwest::Method as Http;
use serde_json::{Value, json};

/// The switches with which the stand-in answers as in a sample. A sample that is not named
/// here has to come without any.
fn switches(name: &str, sample: &str) -> Value {
    let own = match (name, sample) {
        ("GP.authorize", "as_the_sample_code_reads_it") => json!({"consent_shape": "top_level"}),
        ("GPConsent.getUserConsent", "older") => json!({"consent_shape": "older"}),
        ("GPBase.getLocale", "documented") => json!({"locale": "en_ID"}),
        ("GPBase.getLocale", "field") => json!({"locale_shape": "field"}),
        ("GPCamera.takePhoto", "documented") => json!({"photo_shape": "envelope"}),
        ("GPCamera.takePhoto", "in_data") => json!({"photo_shape": "data"}),
        ("GPMotion.listenGyro", "as_the_comment_spells_it") => json!({"gyro_spelling": "comment"}),
        ("GPNavigationBar.getHeight", "as_windvane") => json!({"height_shape": "windvane"}),
        _ => json!({}),
    };
    let is_asked = ["GP.authorize", "GPConsent.getUserConsent"].contains(&name);
    let given = json!({"prelaunch_consents": !is_asked});
    both(&both(&own, &presence(name)), &given)
}

/// What the call of a sample is answered in the end, whatever is shown in between.
async fn answer(merchant: &Merchant, page: &Page, sample: &Value) -> Value {
    let verdict = match page.name.as_str() {
        "GP.launchPayment" => pay(merchant, page, &sample["answer"]["data"]["status"]).await,
        "GP.authorize" | "GPConsent.getUserConsent" => consent(merchant, page, sample).await,
        _ => page.call(merchant, sample["params"].clone()).await,
    };
    assert_eq!(verdict["kind"], "success", "{}: {verdict}", page.name);
    verdict["reply"].clone()
}

/// The sample's reference stands for a payment that there is.
async fn pay(merchant: &Merchant, page: &Page, status: &Value) -> Value {
    let reference = merchant.reference().await;
    let deeplink = format!("gopay://merchanttransfer?tref={reference}");
    let shown = page.call(merchant, json!({"deeplink": deeplink})).await;
    assert_eq!(shown["kind"], "show");
    let act = match status.as_str().unwrap() {
        "success" => "pay",
        "failed" => "cancel",
        "pending" => "fail",
        _ => "leave",
    };
    merchant.act(&reference, act).await;
    let sheet = format!("/bridge/payments/{reference}?leaves=0");
    merchant.ask(Http::GET, &sheet).await.1["verdict"].clone()
}

async fn consent(merchant: &Merchant, page: &Page, sample: &Value) -> Value {
    let shown = page.call(merchant, sample["params"].clone()).await;
    assert_eq!(
        shown["page"],
        "/consent?scope=location&buyer=budi&mini_app=kedai"
    );
    let allowed = sample["name"] != "refused_by_the_buyer";
    let decision = json!({"scope": "location", "buyer": "budi", "allowed": allowed});
    let path = "/bridge/consent";
    merchant.control(Http::POST, path, decision).await.1
}

#[tokio::test]
async fn every_sample_of_every_method_has_its_documented_answer() {
    let merchant = Merchant::new().await;
    let pages = pages();
    let (mut methods, mut samples) = (0, 0);
    for page in &pages {
        for sample in page.answers("success") {
            let name = text(&sample["name"]);
            let chosen = switches(&page.name, &name);
            for container in page.containers() {
                let at = format!("{}, {name}, {container}", page.name);
                choose(&merchant, &container, &chosen).await;
                let found = answer(&merchant, page, sample).await;
                assert_shape(&sample["answer"], &found, &at);

                let as_text = both(&chosen, &json!({"data_form": "text"}));
                choose(&merchant, &container, &as_text).await;
                let mut found = answer(&merchant, page, sample).await;
                if let Some(data) = found.get_mut("data") {
                    *data = serde_json::from_str(data.as_str().unwrap()).unwrap();
                }
                assert_shape(&sample["answer"], &found, &at);
            }
            samples += 1;
        }
        methods += 1;
    }
    let all: usize = pages.iter().map(|page| page.answers("success").len()).sum();
    assert_eq!((methods, samples), (pages.len(), all));
}

#[tokio::test]
async fn the_statuses_of_a_payment_can_be_those_of_the_older_page() {
    let merchant = Merchant::new().await;
    let pages = pages();
    let page = pages
        .iter()
        .find(|page| page.name == "GP.launchPayment")
        .unwrap();
    for (current, older) in [
        ("success", "success"),
        ("failed", "cancelled"),
        ("pending", "failed"),
        ("cancelled", "pending"),
    ] {
        choose(&merchant, "v2", &json!({"payment_statuses": "older"})).await;
        let verdict = pay(&merchant, page, &json!(current)).await;
        assert_eq!(verdict["reply"]["data"]["status"], older);
    }
}

#[tokio::test]
async fn a_method_is_in_the_containers_that_list_it_and_in_no_other() {
    let merchant = Merchant::new().await;
    for page in pages() {
        let listed = list(&page.content["containers"]);
        for container in ["v1", "v2"] {
            let on = both(&presence(&page.name), &json!({"prelaunch_consents": true}));
            let here = listed.is_empty() || listed.contains(&json!(container));
            choose(&merchant, container, &on).await;
            let verdict = page.call(&merchant, page.valid_params()).await;
            let supported = verdict["reply"]["errorCode"] != "100";
            assert_eq!(supported, here, "{} in {container}", page.name);
        }
    }
}

#[tokio::test]
async fn a_switch_removes_a_method() {
    let merchant = Merchant::new().await;
    for (switch, value, there, gone) in [
        (
            "auth_code_class",
            "GPMiniAppAuth",
            "GPMiniAppAuth.getAuthCode",
            "GPBase.getAuthCode",
        ),
        (
            "auth_code_class",
            "GPBase",
            "GPBase.getAuthCode",
            "GPMiniAppAuth.getAuthCode",
        ),
        (
            "consent_call",
            "GP.authorize",
            "GP.authorize",
            "GPConsent.getUserConsent",
        ),
        (
            "consent_call",
            "GPConsent.getUserConsent",
            "GPConsent.getUserConsent",
            "GP.authorize",
        ),
        (
            "file_save",
            "not_supported",
            "GPBase.getLocale",
            "GPFile.save",
        ),
    ] {
        choose(&merchant, "v2", &json!({switch: value})).await;
        for (name, supported) in [(there, true), (gone, false)] {
            let page = pages().into_iter().find(|page| page.name == name).unwrap();
            let verdict = page.call(&merchant, page.valid_params()).await;
            let refused = verdict["reply"]["errorCode"] == "100";
            assert_eq!(refused, !supported, "{name} with {value}");
        }
    }
    for both in [
        json!({"auth_code_class": "both"}),
        json!({"consent_call": "both"}),
    ] {
        choose(&merchant, "v2", &both).await;
        let switch = both.as_object().unwrap().keys().next().unwrap().clone();
        let suffix = ["getAuthCode", "onsent", "authorize"];
        let named = |name: &str| match switch.as_str() {
            "auth_code_class" => name.ends_with(suffix[0]),
            _ => name.ends_with(suffix[1]) || name.ends_with(suffix[2]),
        };
        let mut there = 0;
        for page in pages().iter().filter(|page| named(&page.name)) {
            let verdict = page.call(&merchant, page.valid_params()).await;
            assert_ne!(verdict["kind"], "failure", "{}", page.name);
            there += 1;
        }
        assert_eq!(there, 2);
    }
}
