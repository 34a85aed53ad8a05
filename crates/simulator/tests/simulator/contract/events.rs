use super::{Page, both, choose, list, pages};
use crate::merchant::{Merchant, text};
use serde_json::{Value, json};

/// The effect of this event after a call with the method's first sample.
async fn effect(merchant: &Merchant, page: &Page, event: &str) -> Value {
    let verdict = page.call(merchant, page.valid_params()).await;
    let effects = list(&verdict["reply"]["effects"]).len();
    assert_eq!(effects, 0, "the callback gets only what the page documents");
    let effects = list(&verdict["effects"]);
    let found = effects.iter().find(|effect| effect["event"] == event);
    found.unwrap_or(&Value::Null).clone()
}

#[tokio::test]
async fn every_documented_event_has_its_values_in_every_place() {
    let merchant = Merchant::new().await;
    let mut seen = 0;
    for page in pages() {
        for documented in list(&page.content["events"]) {
            let event = text(&documented["event"]);
            let carries = documented["carries"].as_object().unwrap();
            let container = text(&documented["page"]).replace("frontend-", "");
            let fails =
                json!({"file_save": if event.ends_with("Failed") { "fails" } else { "works" }});
            for (switch, place) in [
                ("documented", documented["place"].as_str().unwrap()),
                ("detail", "detail"),
                ("param", "param"),
                ("event", "event"),
            ] {
                let chosen = both(&fails, &json!({"event_place": switch}));
                choose(&merchant, &container, &chosen).await;
                let effect = effect(&merchant, &page, &event).await;
                assert_eq!(effect["place"], place, "{event} in {container}");
                let found = effect["carries"].as_object().unwrap();
                let names = |map: &serde_json::Map<String, Value>| {
                    let mut names: Vec<_> = map.keys().cloned().collect();
                    names.sort();
                    names
                };
                assert_eq!(names(carries), names(found), "{event}");
                for (name, expected) in carries {
                    if effect["kind"] == "event" {
                        assert_eq!(found[name], *expected, "{event}");
                    } else {
                        let series = &found[name];
                        assert!(series["from"].is_number() && series["by"].is_number());
                    }
                }
            }
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[tokio::test]
async fn a_sensor_keeps_its_interval_until_it_is_stopped() {
    let merchant = Merchant::new().await;
    for (params, every_ms) in [
        (json!({}), 200),
        (json!({"interval": "normal"}), 200),
        (json!({"interval": "ui"}), 60),
        (json!({"interval": "game"}), 20),
    ] {
        for (start, stop) in [
            ("startCompass", "stopCompass"),
            ("startAccelerometer", "stopAccelerometer"),
        ] {
            let started = merchant.call("GPMotion", start, params.clone()).await;
            assert_eq!(started["effects"][0]["kind"], "start");
            assert_eq!(started["effects"][0]["every_ms"], every_ms);
            let stopped = merchant.call("GPMotion", stop, json!({})).await;
            let event = &started["effects"][0]["event"];
            assert_eq!(
                stopped["effects"],
                json!([{"kind": "stop", "event": event}])
            );
        }
    }
    for method in ["listenGyro", "listeningShake"] {
        let on = json!({"on": true, "frequency": 2000});
        let started = merchant.call("GPMotion", method, on).await;
        assert_eq!(started["effects"][0]["every_ms"], 2_000);
        let stopped = merchant
            .call("GPMotion", method, json!({"on": false}))
            .await;
        assert_eq!(stopped["effects"][0]["kind"], "stop");
        assert_eq!(
            stopped["effects"][0]["event"],
            started["effects"][0]["event"]
        );
    }
}

#[tokio::test]
async fn a_compass_turns_by_one_degree_and_restarts() {
    let merchant = Merchant::new().await;
    let started = merchant.call("GPMotion", "startCompass", json!({})).await;
    let direction = &started["effects"][0]["carries"]["direction"];
    assert_eq!(*direction, json!({"from": 0, "by": 1, "turn": 360}));
}
