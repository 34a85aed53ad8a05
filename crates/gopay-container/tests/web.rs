//! The binding in a real browser, against containers that behave and containers that do
//! not. Natively there is nothing here to run.
#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy knows the tests of #[test] only"
)]

#[path = "web/stage.rs"]
mod stage;

use gopay_container::{
    Consent, Error, Locale, PaymentStatus, get_auth_code, get_consent, get_locale, launch_payment,
};
use stage::{FIELD, V1, V2, empty_page, json, look_at, page_that_answers, page_with, run};
use std::pin::pin;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const DEEPLINK: &str = "gopay://merchanttransfer?tref=1";

fn refused(code: Option<&str>, message: &str) -> Error {
    Error::Refused {
        code: code.map(str::to_owned),
        kind: Some("JS_BRIDGE_ERROR".into()),
        message: message.to_owned(),
    }
}

// The documented answers

#[wasm_bindgen_test]
async fn an_auth_code_arrives() {
    page_that_answers(V2, "auth_code");
    let auth_code = get_auth_code().await.unwrap();
    assert!(auth_code.expose().starts_with("GBNURP5WyBIqXiGxKv2cO8Qj"));
    assert_eq!(
        json("stage.calls"),
        r#"[{"name":"GPMiniAppAuth.getAuthCode","params":"{}","rest":0}]"#
    );
}

#[wasm_bindgen_test]
async fn a_payment_is_launched_with_its_deeplink() {
    page_that_answers(V2, "payment");
    assert_eq!(launch_payment(DEEPLINK).await, Ok(PaymentStatus::Success));
    assert_eq!(json("stage.calls[0].name"), r#""GP.launchPayment""#);
    assert_eq!(
        json("JSON.parse(stage.calls[0].params)"),
        format!(r#"{{"deeplink":"{DEEPLINK}"}}"#)
    );
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
        Ok(PaymentStatus::Other("gopay://x?a=\"'\\</script>".into()))
    );
}

#[wasm_bindgen_test]
async fn the_locale_is_read_in_both_shapes() {
    page_that_answers(V2, "locale");
    assert_eq!(get_locale().await, Ok(Locale::English));
    page_that_answers(FIELD, "locale");
    assert_eq!(get_locale().await, Ok(Locale::Indonesian));
}

#[wasm_bindgen_test]
async fn refusals_are_understood_in_both_spellings() {
    for page in [V1, V2] {
        page_that_answers(page, "permission_denied");
        assert_eq!(get_auth_code().await, Err(Error::Permission));
        page_that_answers(page, "refused_without_words");
        assert_eq!(get_auth_code().await, Err(refused(None, "")));
    }
}

#[wasm_bindgen_test]
async fn a_page_outside_gopay_is_told_so_at_once() {
    page_that_answers(FIELD, "outside_gopay");
    assert_eq!(get_auth_code().await, Err(Error::NotInGoPay));
    assert_eq!(json("stage.delays"), "[10000]");
    assert_eq!(json("stage.calls.length"), "1");
}

// Methods with two names

#[wasm_bindgen_test]
async fn consent_is_asked_of_the_other_class_where_the_first_is_unknown() {
    page_with(
        "if (name === 'GP.authorize') failure({ success: false, errorCode: 100 });
         else success({ success: true, data: { successScope: { [params.scope]: true } } });",
    );
    assert_eq!(get_consent("location").await, Ok(Consent::Granted));
    assert_eq!(
        json("stage.calls.map((call) => call.name)"),
        r#"["GP.authorize","GPConsent.getUserConsent"]"#
    );
}

#[wasm_bindgen_test]
async fn consent_is_asked_once_where_the_buyer_says_no() {
    page_with("success({ success: true, data: { successScope: { location: false } } })");
    assert_eq!(get_consent("location").await, Ok(Consent::Refused));
    assert_eq!(json("stage.calls.length"), "1");
}

#[wasm_bindgen_test]
async fn consent_that_no_class_knows_is_unsupported() {
    page_with("failure({ success: false, error_code: '100' })");
    assert_eq!(get_consent("location").await, Err(Error::Unsupported));
    assert_eq!(json("stage.calls.length"), "2");
}

#[wasm_bindgen_test]
async fn the_auth_code_is_asked_of_the_other_class_where_the_first_is_unknown() {
    page_with(
        "if (name === 'GPBase.getAuthCode') success({ success: true, data: { authCode: 'abc' } });
         else failure({ success: false, error_code: '100' });",
    );
    assert_eq!(get_auth_code().await.unwrap().expose(), "abc");
}

// Waiting for the script

#[wasm_bindgen_test]
async fn a_loaded_page_without_the_sdk_is_given_three_seconds() {
    empty_page();
    assert_eq!(get_auth_code().await, Err(Error::NotLoaded));
    assert_eq!(json("[...new Set(stage.delays)]"), "[50]");
    assert_eq!(json("stage.delays.length"), "60");
}

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

#[wasm_bindgen_test]
async fn what_only_looks_like_the_sdk_is_not_loaded() {
    for impostor in [
        "window.gpContainer = null",
        "window.gpContainer = 'gpContainer'",
        "window.gpContainer = {}",
        "window.gpContainer = { call: 'me' }",
        "window.gpContainer = { get call() { throw new Error('no') } }",
        "Object.defineProperty(window, 'gpContainer',
             { configurable: true, get() { throw new Error('no') } })",
        "document.body.append(Object.assign(document.createElement('a'), { id: 'gpContainer' }))",
    ] {
        empty_page();
        run(impostor);
        assert_eq!(get_auth_code().await, Err(Error::NotLoaded), "{impostor}");
    }
    run("document.getElementById('gpContainer').remove()");
}

// Answers at odd times

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
async fn an_answer_before_a_throw_counts() {
    page_with("success({ success: true, data: { status: 'pending' } }); throw new Error('late')");
    assert_eq!(launch_payment(DEEPLINK).await, Ok(PaymentStatus::Pending));
}

#[wasm_bindgen_test]
async fn an_answer_after_the_call_returned_is_taken() {
    page_with("queueMicrotask(() => success({ success: true, data: { authCode: 'abc' } }))");
    assert_eq!(get_auth_code().await.unwrap().expose(), "abc");
}

#[wasm_bindgen_test]
async fn silence_ends_at_the_deadline() {
    page_with("");
    assert_eq!(get_auth_code().await, Err(Error::TimedOut));
    assert_eq!(json("stage.delays"), "[10000]");

    page_with("");
    assert_eq!(get_locale().await, Err(Error::TimedOut));
    assert_eq!(json("stage.delays"), "[10000]");

    page_with("");
    assert_eq!(get_consent("camera").await, Err(Error::TimedOut));
    assert_eq!(json("stage.delays"), "[120000]");
    assert_eq!(json("stage.calls.length"), "1");
}

#[wasm_bindgen_test]
fn a_payment_waits_for_its_answer_without_a_deadline() {
    page_with("stage.keep({ success, failure })");
    let mut payment = pin!(launch_payment(DEEPLINK));
    assert_eq!(look_at(payment.as_mut()), None);
    assert_eq!(json("stage.delays"), "[]");
    run("stage.kept[0].success({ success: true, data: { status: 'cancelled' } })");
    assert_eq!(look_at(payment), Some(Ok(PaymentStatus::Cancelled)));
}

#[wasm_bindgen_test]
async fn an_answered_call_leaves_no_timer_behind() {
    page_that_answers(V2, "auth_code");
    get_auth_code().await.unwrap();
    assert_eq!(json("[stage.delays.length, stage.running.size]"), "[1,0]");
}

#[wasm_bindgen_test]
fn an_abandoned_call_leaves_no_timer_behind_and_a_late_answer_does_no_harm() {
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
async fn the_first_of_two_answers_counts() {
    page_with(
        "success({ success: true, data: { status: 'success' } });
         failure({ success: false, errorCode: '300' });",
    );
    assert_eq!(launch_payment(DEEPLINK).await, Ok(PaymentStatus::Success));

    page_with(
        "failure({ success: false, errorCode: '300' });
         success({ success: true, data: { status: 'success' } });",
    );
    assert_eq!(launch_payment(DEEPLINK).await, Err(Error::Permission));

    page_with(
        "success({ success: true, data: { status: 'pending' } });
         success({ success: true, data: { status: 'success' } });",
    );
    assert_eq!(launch_payment(DEEPLINK).await, Ok(PaymentStatus::Pending));
}

#[wasm_bindgen_test]
async fn a_thousand_more_answers_do_no_harm() {
    page_with(
        "stage.keep({ success, failure }); success({ success: true, data: { authCode: 'abc' } })",
    );
    let auth_code = get_auth_code().await.unwrap();
    run("for (let i = 0; i < 1000; i++) {
             stage.kept[0].success({ success: true, data: { authCode: 'other' } });
             stage.kept[0].failure();
         }");
    assert_eq!(auth_code.expose(), "abc");
}

#[wasm_bindgen_test]
async fn an_answer_after_the_deadline_does_not_reach_the_next_call() {
    page_with("stage.keep({ success, failure })");
    assert_eq!(get_auth_code().await, Err(Error::TimedOut));
    let mut next = pin!(get_auth_code());
    assert_eq!(look_at(next.as_mut()), None);
    run("stage.kept[0].success({ success: true, data: { authCode: 'of_the_first' } })");
    assert_eq!(look_at(next.as_mut()), None);
    run("stage.kept[1].success({ success: true, data: { authCode: 'of_the_second' } })");
    assert_eq!(look_at(next).unwrap().unwrap().expose(), "of_the_second");
}

#[wasm_bindgen_test]
async fn crossed_answers_cannot_pose_as_each_other() {
    page_with("stage.keep({ success, failure })");
    let mut auth_code = pin!(get_auth_code());
    let mut payment = pin!(launch_payment(DEEPLINK));
    assert_eq!(look_at(auth_code.as_mut()), None);
    assert_eq!(look_at(payment.as_mut()), None);
    run(
        "stage.kept[0].success({ success: true, data: { status: 'success' } });
         stage.kept[1].success({ success: true, data: { authCode: 'abc' } });",
    );
    let no_auth_code = Error::Unreadable {
        what: "no authCode",
    };
    assert_eq!(look_at(auth_code), Some(Err(no_auth_code)));
    let no_status = Error::Unreadable { what: "no status" };
    assert_eq!(look_at(payment), Some(Err(no_status)));
}

#[wasm_bindgen_test]
async fn an_answer_from_inside_an_answer_does_no_harm() {
    page_with(
        "success({ success: true, data: { get status() { failure({}); return 'pending' } } })",
    );
    assert_eq!(launch_payment(DEEPLINK).await, Ok(PaymentStatus::Pending));
}

#[wasm_bindgen_test]
async fn a_call_whose_callbacks_the_container_has_thrown_away_ends() {
    page_with("");
    let mut payment = pin!(launch_payment(DEEPLINK));
    assert_eq!(look_at(payment.as_mut()), None);
    let collected = js_sys::Promise::from(run("gc({ execution: 'async' })"));
    wasm_bindgen_futures::JsFuture::from(collected)
        .await
        .unwrap();
    assert_eq!(payment.await, Err(Error::TimedOut));
}

// Answers of odd shapes

#[wasm_bindgen_test]
async fn a_no_in_the_success_callback_is_a_no() {
    page_with(
        "success({ success: false, errorCode: '500', errorType: 'JS_BRIDGE_ERROR',
                   errorMessage: 'busy', data: { authCode: 'abc' } })",
    );
    assert_eq!(get_auth_code().await, Err(refused(Some("500"), "busy")));
}

#[wasm_bindgen_test]
async fn data_and_the_whole_answer_may_be_json_in_a_string() {
    page_with("success({ success: true, data: '{\"authCode\":\"abc\"}' })");
    assert_eq!(get_auth_code().await.unwrap().expose(), "abc");
    page_with("success('{\"success\":true,\"data\":{\"authCode\":\"abc\"}}')");
    assert_eq!(get_auth_code().await.unwrap().expose(), "abc");
}

#[wasm_bindgen_test]
async fn frozen_and_bare_objects_are_read() {
    page_with("success(Object.freeze({ success: true, app_locale: 'id_ID' }))");
    assert_eq!(get_locale().await, Ok(Locale::Indonesian));
    page_with(
        "success(Object.assign(Object.create(null), { success: true, app_locale: 'id_ID' }))",
    );
    assert_eq!(get_locale().await, Ok(Locale::Indonesian));
}

#[wasm_bindgen_test]
async fn nonsense_is_unreadable_in_one_callback_and_a_refusal_in_the_other() {
    for nonsense in [
        "",
        "null",
        "''",
        "'success'",
        "42",
        "10n",
        "[]",
        "{}",
        "() => ({ success: true })",
        "Symbol('success')",
        "Promise.resolve({ success: true, data: { authCode: 'abc' } })",
        "{ then() {} }",
        "{ success: true, get data() { throw new Error('no') } }",
        "new Proxy({}, { get() { throw 1 }, ownKeys() { throw 1 } })",
        "(() => { const a = { success: true }; a.data = a; return a })()",
        "{ success: true, data: { authCode: 'abc' }, padding: 'x'.repeat(5_000_000) }",
        "{ success: true, data: { authCode: 'abc' }, toJSON() { throw 1 } }",
        "Object.create({ success: true, ret: 'GP_SUCCESS', data: { authCode: 'abc' } })",
    ] {
        page_with(&format!("success({nonsense})"));
        let result = get_auth_code().await;
        assert!(
            matches!(result, Err(Error::Unreadable { .. })),
            "{nonsense}: {result:?}"
        );

        page_with(&format!("failure({nonsense})"));
        let result = get_auth_code().await;
        assert!(
            matches!(result, Err(Error::Refused { .. })),
            "{nonsense}: {result:?}"
        );
    }
}

#[wasm_bindgen_test]
async fn a_polluted_prototype_answers_for_nobody() {
    page_with("success({})");
    run("Object.assign(Object.prototype,
             { success: true, ret: 'GP_SUCCESS', data: { authCode: 'evil' }, authCode: 'evil' })");
    let result = get_auth_code().await;
    run("for (const name of ['success', 'ret', 'data', 'authCode']) delete Object.prototype[name]");
    assert!(
        matches!(result, Err(Error::Unreadable { .. })),
        "{result:?}"
    );
}
