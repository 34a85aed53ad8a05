//! Waiting for the script, for the answer, and no longer.

use crate::stage::{DEEPLINK, collect_garbage, empty_page, forget, json, look_at, page_with, run};
use gopay_container::{
    Error, Support,
    auth::get_auth_code,
    call,
    camera::take_photo,
    consent::{Consent, get_consent},
    locale::{Locale, get_locale},
    location::get_location,
    payment::{PaymentHint, launch_payment},
    support,
};
use serde_json::{Value, json};
use std::{pin::pin, time::Duration};
use wasm_bindgen_test::wasm_bindgen_test;

const CONSENT: [(&str, &str); 2] = [("GP", "authorize"), ("GPConsent", "getUserConsent")];
const LOGIN: [(&str, &str); 2] = [("GPMiniAppAuth", "getAuthCode"), ("GPBase", "getAuthCode")];

/// F84: the SDK's script is missing.
#[wasm_bindgen_test]
async fn a_loaded_page_without_the_sdk_is_given_three_seconds() {
    empty_page();
    assert_eq!(get_auth_code().await, Err(Error::NotLoaded));
    assert_eq!(json("[...new Set(stage.delays)]"), "[50]");
    assert_eq!(json("stage.delays.length"), "60");
}

/// F84: the SDK's script hangs.
#[wasm_bindgen_test]
async fn a_loading_page_without_the_sdk_is_given_ten_seconds() {
    empty_page();
    run(
        "Object.defineProperty(document, 'readyState', { configurable: true, value: 'interactive' })",
    );
    assert_eq!(launch_payment(DEEPLINK).await, Err(Error::NotLoaded));
    assert_eq!(json("stage.delays.length"), "200");
}

#[wasm_bindgen_test]
async fn an_sdk_that_arrives_late_is_used() {
    empty_page();
    run(
        "stage.onDelay = (count) => count === 3 && stage.container(({ success }) =>
             success({ success: true, data: { authCode: 'late' } }))",
    );
    assert_eq!(get_auth_code().await.unwrap().expose(), "late");
}

/// F83: a container without GoPay behind it.
#[wasm_bindgen_test]
async fn a_page_outside_gopay_is_told_so_at_once() {
    page_with("failure({ success: false, errorCode: 1003, errorType: 'JS_BRIDGE_ERROR' })");
    assert_eq!(get_auth_code().await, Err(Error::NotInGoPay));
    assert_eq!(json("stage.delays"), "[10000]");
    assert_eq!(json("stage.calls.length"), "1");
}

/// F90: the call itself throws.
#[wasm_bindgen_test]
async fn a_call_that_throws_is_an_error() {
    for (throw, message) in [
        ("throw new TypeError('no bridge')", "no bridge"),
        ("throw 'no bridge'", "no bridge"),
        ("throw { message: 'no bridge' }", "no bridge"),
        ("throw { code: 7 }", ""),
        ("throw null", ""),
        ("throw undefined", ""),
        ("throw { get message() { throw 1 } }", ""),
        ("throw Symbol('no')", ""),
    ] {
        page_with(throw);
        let message = message.into();
        assert_eq!(
            launch_payment(DEEPLINK).await,
            Err(Error::Threw { message }),
            "{throw}"
        );
    }
}

#[wasm_bindgen_test]
async fn silence_ends_at_each_methods_own_deadline() {
    use gopay_container::{
        camera::{PhotoBytes, PhotoSource},
        location::Accuracy,
    };
    forget(&CONSENT).await;

    page_with("");
    assert_eq!(get_locale().await, Err(Error::TimedOut));
    assert_eq!(json("stage.delays"), "[10000]");

    page_with("");
    assert_eq!(get_consent("camera").await, Err(Error::TimedOut));
    assert_eq!(json("stage.delays"), "[120000]");
    assert_eq!(json("stage.calls.length"), "1");

    page_with("");
    let position = get_location(Accuracy::Low).await;
    assert_eq!(position, Err(Error::TimedOut));
    assert_eq!(json("stage.delays"), "[120000]");

    page_with("");
    let photo = take_photo(PhotoSource::Camera, PhotoBytes::PathOnly).await;
    assert_eq!(photo, Err(Error::TimedOut));
    assert_eq!(json("stage.delays"), "[600000]");

    page_with("");
    let within = Some(Duration::from_millis(70));
    let answer: Result<Value, Error> = call("GPNew", "method", &json!({}), within).await;
    assert_eq!(answer, Err(Error::TimedOut));
    assert_eq!(json("stage.delays"), "[70]");
}

#[wasm_bindgen_test]
fn a_payment_waits_for_its_answer_without_a_deadline() {
    page_with("stage.keep({ success, failure })");
    let mut payment = pin!(launch_payment(DEEPLINK));
    assert_eq!(look_at(payment.as_mut()), None);
    assert_eq!(json("stage.delays"), "[]");
    run("stage.kept[0].success({ success: true, data: { status: 'cancelled' } })");
    assert_eq!(look_at(payment), Some(Ok(PaymentHint::Cancelled)));
}

#[wasm_bindgen_test]
async fn an_answered_call_leaves_no_timer_behind() {
    page_with("success({ success: true, data: { authCode: 'abc' } })");
    get_auth_code().await.unwrap();
    assert_eq!(json("[stage.delays.length, stage.running.size]"), "[1,0]");
}

/// F88: an answer to a call whose future was dropped.
#[wasm_bindgen_test]
fn a_dropped_call_leaves_no_timer_and_its_late_answer_does_no_harm() {
    page_with("stage.keep({ success, failure })");
    {
        let locale = pin!(get_locale());
        assert_eq!(look_at(locale), None);
        assert_eq!(json("stage.running.size"), "1");
    }
    assert_eq!(json("stage.running.size"), "0");
    run("stage.kept[0].success({ success: true, app_locale: 'id_ID' })");
}

#[wasm_bindgen_test]
async fn a_call_whose_callbacks_the_container_has_thrown_away_ends() {
    page_with("");
    let mut payment = pin!(launch_payment(DEEPLINK));
    assert_eq!(look_at(payment.as_mut()), None);
    collect_garbage().await;
    assert_eq!(payment.await, Err(Error::TimedOut));
}

#[wasm_bindgen_test]
async fn parameters_arrive_as_an_ordinary_object() {
    page_with(
        "const ordinary = Object.getPrototypeOf(params) === Object.prototype;
         success({ success: true, data: { status: ordinary ? params.deeplink : 'odd' } })",
    );
    let hostile = "gopay://x?a=\"'\\\n\u{2028}</script>";
    let status = launch_payment(hostile).await;
    assert_eq!(
        status,
        Ok(PaymentHint::Other("gopay://x?a=\"'\\</script>".into()))
    );
}

#[wasm_bindgen_test]
async fn parameters_that_are_no_object_do_not_reach_the_container() {
    page_with("success({ success: true })");
    let no_object = Err(Error::Unreadable {
        what: "parameters that are no object",
    });
    for params in [json!(null), json!(7), json!("words"), json!([1])] {
        let answer: Result<Value, Error> = call("GPNew", "method", &params, None).await;
        assert_eq!(answer, no_object, "{params}");
    }
    assert_eq!(json("stage.calls"), "[]");
}

#[wasm_bindgen_test]
async fn a_method_that_is_not_known_yet_is_called_and_read_by_type() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Balance {
        coins: u32,
    }
    page_with("success({ success: true, data: { coins: params.start + 1 }, coins: 9 })");
    let params = json!({"start": 4});
    let balance = call("GPNew", "balance", &params, None).await;
    assert_eq!(balance, Ok(Balance { coins: 5 }));
    assert_eq!(json("stage.calls[0].name"), r#""GPNew.balance""#);

    page_with("success({ success: true, data: { coins: 'many' } })");
    let balance: Result<Balance, Error> = call("GPNew", "balance", &params, None).await;
    assert!(matches!(balance, Err(Error::Unreadable { .. })));
}

// Methods with two names

const UNSUPPORTED: &str = "failure({ success: false, errorCode: 100 })";

#[wasm_bindgen_test]
async fn consent_is_asked_of_the_other_class_where_the_first_is_unknown() {
    forget(&CONSENT).await;
    page_with(&format!(
        "if (name === 'GP.authorize') {UNSUPPORTED};
         else success({{ success: true, data: {{ successScope: {{ [params.scope]: true }} }} }});"
    ));
    assert_eq!(get_consent("location").await, Ok(Consent::Granted));
    assert_eq!(get_consent("location").await, Ok(Consent::Granted));
    // The second time, the one that is there is asked first.
    assert_eq!(
        json("stage.calls.map((call) => call.name)"),
        r#"["GP.authorize","GPConsent.getUserConsent","GPConsent.getUserConsent"]"#
    );
}

#[wasm_bindgen_test]
async fn a_method_that_was_missing_is_found_when_it_comes() {
    forget(&LOGIN).await;
    page_with(UNSUPPORTED);
    assert_eq!(get_auth_code().await, Err(Error::Unsupported));
    assert_eq!(json("stage.calls.length"), "2");
    page_with("success({ success: true, data: { authCode: 'abc' } })");
    assert_eq!(get_auth_code().await.unwrap().expose(), "abc");
}

#[wasm_bindgen_test]
async fn the_auth_code_is_asked_of_the_other_class_where_the_first_is_unknown() {
    forget(&LOGIN).await;
    page_with(&format!(
        "if (name === 'GPBase.getAuthCode') success({{ success: true, data: {{ authCode: 'abc' }} }});
         else {UNSUPPORTED};"
    ));
    assert_eq!(get_auth_code().await.unwrap().expose(), "abc");
    forget(&LOGIN).await;
}

// What is remembered

#[wasm_bindgen_test]
async fn support_follows_the_last_answer_of_a_method() {
    let ask = async |answer: &str| {
        page_with(answer);
        let _: Result<Value, Error> = call("GPNew", "remembered", &json!({}), None).await;
        support("GPNew", "remembered")
    };
    assert_eq!(support("GPNew", "remembered"), Support::Unknown);
    assert_eq!(ask("throw 1").await, Support::Unknown);
    assert_eq!(ask("failure({ errorCode: 1003 })").await, Support::Unknown);
    assert_eq!(ask(UNSUPPORTED).await, Support::Missing);
    // A throw says nothing about the method.
    assert_eq!(ask("throw 1").await, Support::Missing);
    assert_eq!(ask("failure({ errorCode: 200 })").await, Support::Present);
    assert_eq!(support("GPNew", "other"), Support::Unknown);
}

#[wasm_bindgen_test]
async fn a_consent_that_is_needed_is_told_from_a_method_that_is_not_granted() {
    let denied = "failure({ success: false, errorCode: '300' })";
    page_with(denied);
    let low = gopay_container::location::Accuracy::Low;
    assert_eq!(get_location(low).await, Err(Error::NoConsent));
    assert_eq!(support("GPLocation", "getLocation"), Support::NeedsConsent);
    page_with(denied);
    assert_eq!(get_locale().await, Err(Error::Permission));
    assert_eq!(support("GPBase", "getLocale"), Support::Present);

    page_with("success({ success: true, data: { coords: { longitude: 106.8, latitude: -6.2 } } })");
    assert_eq!(get_location(low).await.unwrap().time, None);
    assert_eq!(support("GPLocation", "getLocation"), Support::Present);
    page_with("success({ success: true, app_locale: 'id_ID' })");
    assert_eq!(get_locale().await, Ok(Locale::Indonesian));
}
