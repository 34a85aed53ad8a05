//! Every function against every documented answer of its method: what it sends is what the
//! page says, and what comes back is understood.

use crate::stage::{json, page_with};
use futures_util::StreamExt;
use gopay_container::{
    BridgeCode, Error,
    analytics::{EventFields, track_event},
    auth::get_auth_code,
    bank_account::get_bank_account_token,
    camera::{PhotoBytes, PhotoSource, take_photo},
    consent::{Consent, get_consent},
    contract,
    device::{get_rooted_device_info, get_system_info, get_wifi_info},
    file::{self, Destination, File, SaveOutcome},
    locale::{Locale, get_locale},
    location::{Accuracy, get_location},
    motion::{
        Interval, Shake, start_accelerometer, start_compass, start_gyroscope, start_shake, vibrate,
    },
    navigation_bar::{self, NavigationBar},
    navigator::{launch_deeplink, launch_uri},
    payment::{PaymentHint, launch_payment},
    sharing::{copy_to_clipboard, share},
    toast::toast,
};
use serde_json::{Value, json};
use std::time::Duration;
use wasm_bindgen_test::wasm_bindgen_test;

/// A container that answers `method` like this, starts every sensor, and knows nothing else.
fn a_container(method: &contract::Method, sample: &contract::Sample) {
    page_with(&format!(
        "if (name === '{}') {}({});
         else if (/start|listen/.test(name)) success({{ success: true, ret: 'GP_SUCCESS' }});
         else failure({{ success: false, errorCode: '100' }});",
        method.name(),
        sample.callback,
        sample.answer
    ));
}

fn dispatch(event: &contract::Event) {
    crate::stage::run(&format!(
        "stage.dispatch('{}', {}, '{}')",
        event.event, event.carries, event.place
    ));
}

/// Calls the function of `method` with the sample's parameters and puts what it brings back
/// into the words of the sample: the fields that it understood.
async fn bring(method: &contract::Method, params: &Value) -> Result<Value, Error> {
    let text = |name: &str| params[name].as_str();
    let interval = Interval::Normal;
    let number = |name: &str| params[name].as_f64();
    Ok(match method.name().as_str() {
        "GPMiniAppAuth.getAuthCode" | "GPBase.getAuthCode" => {
            json!({"authCode": get_auth_code().await?.expose()})
        }
        "GP.launchPayment" => match launch_payment(text("deeplink").unwrap()).await? {
            PaymentHint::Success => json!({"status": "success"}),
            PaymentHint::Failed => json!({"status": "failed"}),
            PaymentHint::Pending => json!({"status": "pending"}),
            PaymentHint::Cancelled => json!({"status": "cancelled"}),
            other => panic!("{other:?} is documented"),
        },
        "GPNavigator.launchDeeplink" => {
            launch_deeplink(text("deeplink").unwrap()).await?;
            json!({})
        }
        "GPNavigator.launchUri" => {
            launch_uri(text("uri").unwrap()).await?;
            json!({})
        }
        "GPLocation.getLocation" => {
            let position = get_location(Accuracy::High).await?;
            json!({"coords": {
                "longitude": position.longitude,
                "latitude": position.latitude,
                "time": position.time.map(|time| time as i64),
            }})
        }
        "GP.authorize" | "GPConsent.getUserConsent" => {
            let scope = text("scope").unwrap();
            let granted = get_consent(scope).await? == Consent::Granted;
            json!({ scope: granted })
        }
        "GP.getBankAccountToken" => {
            json!({"token": get_bank_account_token().await?.expose()})
        }
        "GPSystem.getSystemInfo" => {
            let info = get_system_info().await?;
            json!({
                "platform": info.platform, "is_emulator": info.is_emulator,
                "brand": info.brand, "model": info.model, "product": info.product,
                "uuid": info.uuid, "idfa": info.idfa, "idfv": info.idfv,
            })
        }
        "GPSystem.getRootedDeviceInfo" => {
            let rooted = get_rooted_device_info().await?;
            json!({"is_rooted": rooted.map(|rooted| rooted.to_string())})
        }
        "GPSystem.getWifiInfo" => {
            let wifi = get_wifi_info().await?;
            json!({"wifi_bssid": wifi.bssid, "wifi_ssid": wifi.ssid})
        }
        "GPMotion.startAccelerometer" => {
            let mut readings = start_accelerometer(interval).await?;
            for event in &method.events {
                dispatch(event);
                let read = readings.next().await.unwrap();
                assert_eq!(
                    json!({"x": read.x, "y": read.y, "z": read.z}),
                    event.carries
                );
            }
            json!({})
        }
        "GPMotion.startCompass" => {
            let mut readings = start_compass(interval).await?;
            for event in &method.events {
                dispatch(event);
                let read = readings.next().await.unwrap();
                let timestamp = read.timestamp.map(|timestamp| timestamp as i64);
                assert_eq!(
                    json!({"direction": read.direction, "timestamp": timestamp}),
                    event.carries
                );
            }
            json!({})
        }
        "GPMotion.stopAccelerometer" => {
            drop(start_accelerometer(interval).await?);
            json!({})
        }
        "GPMotion.stopCompass" => {
            drop(start_compass(interval).await?);
            json!({})
        }
        "GPMotion.listenGyro" => {
            let mut readings = start_gyroscope(Duration::from_millis(100)).await?;
            for event in &method.events {
                dispatch(event);
                let read = readings.next().await.unwrap();
                assert_eq!(
                    json!({"x": read.x, "y": read.y, "z": read.z}),
                    event.carries
                );
            }
            json!({})
        }
        "GPMotion.listeningShake" => {
            let mut readings = start_shake(Shake {
                frequency: number("frequency"),
                threshold: number("shakeThreshold"),
                gestures: params["shakeNum"].as_u64().map(|gestures| gestures as u32),
            })
            .await?;
            for event in &method.events {
                dispatch(event);
                let read = readings.next().await.unwrap();
                assert_eq!(
                    json!({"x": read.x, "y": read.y, "z": read.z}),
                    event.carries
                );
            }
            json!({})
        }
        "GPMotion.vibrate" => {
            vibrate(Duration::from_millis(params["duration"].as_u64().unwrap())).await?;
            json!({})
        }
        "GPFile.save" => {
            let mut saves = file::save(File {
                url: text("url").unwrap(),
                name: text("name"),
                destination: Destination::Downloads,
            })
            .await?;
            for (event, end) in method
                .events
                .iter()
                .zip([SaveOutcome::Done, SaveOutcome::Failed])
            {
                dispatch(event);
                assert_eq!(saves.next().await, Some(end));
            }
            json!({})
        }
        "GPShare.share" => {
            share(text("text").unwrap()).await?;
            json!({})
        }
        "GPBase.getLocale" => match get_locale().await? {
            Locale::Indonesian => json!("id_ID"),
            Locale::English => json!("en_ID"),
            other => panic!("{other:?} is documented"),
        },
        "GPBase.copyToClipboard" => {
            copy_to_clipboard(text("text").unwrap()).await?;
            json!({})
        }
        "GPCamera.takePhoto" => {
            let from = match text("mode") {
                Some("camera") => PhotoSource::Camera,
                _ => PhotoSource::Gallery,
            };
            let bytes = match params["needBase64"].as_bool() {
                Some(true) => PhotoBytes::Base64,
                _ => PhotoBytes::PathOnly,
            };
            let photo = take_photo(from, bytes).await?;
            json!({"localPath": photo.local_path, "base64Data": photo.base64})
        }
        "GPAnalytics.trackEvent" => {
            let meta = |name: &str| params["metaData"][name].as_str();
            let fields = EventFields {
                mini_app_id: meta("mini_app_id"),
                mini_app_version: meta("mini_app_version"),
                page_id: meta("page_id"),
                error_code: meta("error_code"),
                error_description: meta("error_description"),
                ..EventFields::default()
            };
            track_event(text("eventName").unwrap(), fields).await?;
            json!({})
        }
        "GPUIToast.toast" => {
            let seconds = params["duration"].as_u64().unwrap();
            toast(text("message").unwrap(), seconds as u32).await?;
            json!({})
        }
        "GPNavigationBar.update" => {
            navigation_bar::update(NavigationBar {
                title: text("title"),
                title_color: text("titleColor"),
                bar_style: text("barStyle"),
                background_color: text("backgroundColor"),
                hide_back_button: text("hideBackButton").map(|hide| hide == "true"),
            })
            .await?;
            json!({})
        }
        "GPNavigationBar.getHeight" => {
            let height = navigation_bar::get_height().await?;
            let whole = |length: Option<f64>| length.map(|length| length as i64);
            json!({
                "height": whole(height.height),
                "screenWidth": whole(height.screen_width),
                "screenHeight": whole(height.screen_height),
            })
        }
        other => panic!("{other} is in the contract and not bound"),
    })
}

/// What a sample says, in the same words.
fn said(method: &contract::Method, sample: &contract::Sample) -> Value {
    let answer = &sample.answer;
    let data = answer.get("data").unwrap_or(answer);
    let only = |names: &[&str]| -> Value {
        names
            .iter()
            .map(|&name| (name.to_owned(), data[name].clone()))
            .collect()
    };
    match method.name().as_str() {
        "GP.authorize" | "GPConsent.getUserConsent" => match data.get("successScope") {
            Some(scopes) => scopes.clone(),
            None => json!({data["consent_name"].as_str().unwrap(): data["has_consent"]}),
        },
        "GPBase.getLocale" => data.get("app_locale").unwrap_or(&data["appLocale"]).clone(),
        "GPCamera.takePhoto" => only(&["localPath", "base64Data"]),
        "GPNavigationBar.getHeight" => only(&["height", "screenWidth", "screenHeight"]),
        _ => answer.get("data").cloned().unwrap_or_else(|| json!({})),
    }
}

/// What was sent to `method`, in order.
fn sent(method: &contract::Method) -> Vec<Value> {
    let calls = json(&format!(
        "stage.calls.filter(({{ name }}) => name === '{}').map(({{ params }}) => JSON.parse(params))",
        method.name()
    ));
    serde_json::from_str(&calls).unwrap()
}

#[wasm_bindgen_test]
async fn every_documented_success_is_sent_for_and_understood() {
    let mut looked_at = 0;
    for method in contract::methods() {
        for sample in &method.answers {
            if sample.callback == "success" {
                let name = format!("{} {}", method.name(), sample.name);
                a_container(method, sample);
                let params = sample.params.as_ref().unwrap();
                let brought = bring(method, params).await;
                assert_eq!(brought, Ok(said(method, sample)), "{name}");
                let sent = sent(method);
                assert!(sent.contains(params), "{name}: {sent:?}");
                looked_at += 1;
            }
        }
    }
    assert_eq!(looked_at, 42);
}

/// What a documented refusal means, by the fields that it has.
fn meaning(method: &contract::Method, answer: &Value) -> Error {
    let field = |names: [&str; 2]| {
        let value = names.iter().find_map(|&name| answer.get(name))?;
        let word = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        (!word.is_empty()).then_some(word)
    };
    match (
        field(["errorCode", "error_code"]).as_deref(),
        answer["error"]["code"].as_u64(),
    ) {
        (Some("1003"), _) => Error::NotInGoPay,
        (Some("300"), _) | (_, Some(300)) if method.consent.is_some() => Error::NoConsent,
        (Some("300"), _) | (_, Some(300)) => Error::Permission,
        (code, _) if answer["ret"] != json!(["HY_TIMEOUT"]) => Error::Refused {
            code: code.map(BridgeCode::from),
            kind: field(["errorType", "error_type"]),
            message: field(["errorMessage", "error_message"])
                .or_else(|| answer["error"].as_str().map(str::to_owned))
                .unwrap_or_default(),
        },
        _ => Error::TimedOut,
    }
}

#[wasm_bindgen_test]
async fn every_documented_refusal_of_every_method_is_understood() {
    let mut looked_at = 0;
    for method in contract::methods() {
        // The answers of these are not awaited.
        if method.name().contains(".stop") {
            continue;
        }
        // Asked without a consent of its own, under a name for which a page has one.
        let mut judged = method.clone();
        if method.name() == "GPConsent.getUserConsent" {
            judged.consent = None;
        }
        let own = method
            .answers
            .iter()
            .filter(|sample| sample.callback == "failure");
        for sample in own.chain(contract::failures()) {
            a_container(method, sample);
            let params = method
                .answers
                .iter()
                .find_map(|sample| sample.params.as_ref());
            let brought = bring(method, params.unwrap()).await;
            let meaning = meaning(&judged, &sample.answer);
            assert_eq!(brought, Err(meaning), "{} {}", method.name(), sample.name);
            looked_at += 1;
        }
    }
    assert!(looked_at >= 26 * 9, "{looked_at}");
}

/// The deadline that the README promises, in milliseconds; none where there is none.
fn promised(method: &contract::Method) -> Option<u32> {
    let start = format!("| [`{}`]", method.name());
    let rows = include_str!("../../README.md").lines();
    let row = rows
        .into_iter()
        .find(|row| row.starts_with(&start))
        .unwrap();
    let waits = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap();
    match waits.trim().split_once(' ').unwrap_or(("", "")) {
        ("no", "end") => None,
        (number, "s") => Some(number.parse::<u32>().unwrap() * 1_000),
        (number, "min") => Some(number.parse::<u32>().unwrap() * 60_000),
        _ => panic!("{row}"),
    }
}

#[wasm_bindgen_test]
async fn every_method_gives_up_when_the_readme_says() {
    let mut looked_at = 0;
    for method in contract::methods() {
        let name = method.name();
        // The stops are not awaited; the second names are asked only after the first; and a
        // payment has a test of its own.
        if name.contains(".stop")
            || matches!(
                name.as_str(),
                "GPBase.getAuthCode" | "GPConsent.getUserConsent"
            )
        {
            continue;
        }
        let Some(promised) = promised(method) else {
            assert_eq!(name, "GP.launchPayment");
            continue;
        };
        // It is silent about this method only.
        page_with("");
        let params = method
            .answers
            .iter()
            .find_map(|sample| sample.params.as_ref());
        let result = bring(method, params.unwrap()).await;
        assert_eq!(result, Err(Error::TimedOut), "{name}");
        assert_eq!(
            json("[stage.delays[0], stage.calls[0].rest[0]]"),
            format!("[{promised},{promised}]"),
            "{name}"
        );
        looked_at += 1;
    }
    assert_eq!(looked_at, 23);
}
