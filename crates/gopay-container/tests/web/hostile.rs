//! What a container may answer, by number: the bad inputs S01 to S49. All of them together are
//! the fault F89, an answer that is no answer.
//!
//! Each shape is tried where a good answer would have been an auth code, unless the shape is
//! about something else.

use crate::stage::{DEEPLINK, collect_garbage, empty_page, forget, json, look_at, page_with, run};
use gopay_container::{
    BridgeCode, Error,
    auth::{AuthCode, get_auth_code},
    consent::{Consent, get_consent},
    js::{parse_auth_code, parse_locale},
    locale::{Locale, get_locale},
    payment::{PaymentHint, launch_payment},
};
use std::pin::pin;
use wasm_bindgen_test::wasm_bindgen_test;

/// What comes of this answer in the success callback.
async fn answered(answer: &str) -> Result<AuthCode, Error> {
    called("success", answer).await
}

/// The result of this answer in this callback, for the crate's call and for a script's.
async fn called(callback: &str, answer: &str) -> Result<AuthCode, Error> {
    page_with(&format!("{callback}({answer})"));
    let result = get_auth_code().await;
    let answer = js_sys::eval(&format!("[{answer}][0]")).unwrap();
    let parsed = parse_auth_code(match callback {
        "success" => Ok(answer),
        _ => Err(answer),
    });
    assert_eq!(parsed, result);
    result
}

/// Checks that this is no answer in one callback and a refusal in the other.
async fn is_nonsense(answer: &str) {
    let result = answered(answer).await;
    assert!(
        matches!(result, Err(Error::Unreadable { .. })),
        "{answer}: {result:?}"
    );
    let result = called("failure", answer).await;
    assert!(
        matches!(result, Err(Error::Refused { .. })),
        "{answer}: {result:?}"
    );
}

/// Checks that this is a refusal in either callback, in spite of a good auth code in it.
async fn is_refusal(answer: &str) {
    for callback in ["success", "failure"] {
        let result = called(callback, answer).await;
        assert!(
            matches!(result, Err(Error::Refused { .. })),
            "{callback} {answer}: {result:?}"
        );
    }
}

async fn is_code(answer: &str, code: &str) {
    assert_eq!(answered(answer).await.unwrap().expose(), code, "{answer}");
}

fn refused(code: Option<&str>, message: &str) -> Error {
    Error::Refused {
        code: code.map(BridgeCode::from),
        kind: Some("JS_BRIDGE_ERROR".into()),
        message: message.to_owned(),
    }
}

async fn paid(answer: &str) -> Result<PaymentHint, Error> {
    page_with(&format!("success({answer})"));
    launch_payment(DEEPLINK).await
}

/// F89: an answer that is no answer; so are those that follow.
#[wasm_bindgen_test]
async fn s01_undefined() {
    is_nonsense("").await;
    is_nonsense("undefined").await;
}

#[wasm_bindgen_test]
async fn s02_null() {
    is_nonsense("null").await;
}

#[wasm_bindgen_test]
async fn s03_the_empty_string() {
    is_nonsense("''").await;
}

#[wasm_bindgen_test]
async fn s04_the_word_success() {
    is_nonsense("'success'").await;
}

#[wasm_bindgen_test]
async fn s05_a_number() {
    for number in ["42", "0", "NaN", "Infinity", "10n"] {
        is_nonsense(number).await;
    }
}

#[wasm_bindgen_test]
async fn s06_a_list() {
    is_nonsense("[]").await;
    is_nonsense("[{ success: true, data: { authCode: 'abc' } }]").await;
}

#[wasm_bindgen_test]
async fn s07_an_empty_object() {
    is_nonsense("{}").await;
}

#[wasm_bindgen_test]
async fn s08_a_function() {
    is_nonsense("() => ({ success: true })").await;
    is_nonsense("Object.assign(() => {}, { success: true, data: { authCode: 'abc' } })").await;
}

#[wasm_bindgen_test]
async fn s09_a_symbol() {
    is_nonsense("Symbol('success')").await;
}

#[wasm_bindgen_test]
async fn s10_a_promise_in_place_of_an_answer_and_of_a_callback() {
    is_nonsense("Promise.resolve({ success: true, data: { authCode: 'abc' } })").await;
    is_nonsense("{ then() {} }").await;
    page_with("return Promise.resolve({ success: true, data: { authCode: 'abc' } })");
    assert_eq!(get_auth_code().await, Err(Error::TimedOut));
}

#[wasm_bindgen_test]
async fn s11_a_getter_that_throws() {
    is_nonsense("{ success: true, get data() { throw new Error('no') } }").await;
    is_nonsense("{ get success() { throw 1 } }").await;
    is_nonsense("{ success: true, data: { get authCode() { throw 1 } } }").await;
}

/// F89: a Proxy that throws.
#[wasm_bindgen_test]
async fn s12_a_proxy_whose_traps_throw() {
    is_nonsense("new Proxy({}, { get() { throw 1 }, ownKeys() { throw 1 } })").await;
    is_nonsense("new Proxy([], { get() { throw 1 } })").await;
    is_nonsense("(() => { const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy })()")
        .await;
}

/// F89: a circular answer.
#[wasm_bindgen_test]
async fn s13_a_cycle() {
    is_nonsense("(() => { const a = { success: true }; a.data = a; return a })()").await;
    is_nonsense("(() => { const a = [1]; a.push(a); return { success: true, a } })()").await;
}

#[wasm_bindgen_test]
async fn s14_frozen_and_without_a_prototype() {
    let answer = "{ success: true, data: { authCode: 'abc' } }";
    is_code(&format!("Object.freeze({answer})"), "abc").await;
    is_code(
        &format!("Object.assign(Object.create(null), {answer})"),
        "abc",
    )
    .await;
}

/// F89: an answer as text.
#[wasm_bindgen_test]
async fn s15_json_in_a_string() {
    is_code(
        "'{\"success\":true,\"data\":{\"authCode\":\"abc\"}}'",
        "abc",
    )
    .await;
    is_code("{ success: true, data: '{\"authCode\":\"abc\"}' }", "abc").await;
}

#[wasm_bindgen_test]
async fn s16_a_yes_with_nothing() {
    let no_code = Err(Error::Unreadable {
        what: "no authCode",
    });
    assert_eq!(answered("{ success: true, data: null }").await, no_code);
    assert_eq!(answered("{ success: true }").await, no_code);
}

#[wasm_bindgen_test]
async fn s17_success_as_a_word() {
    is_code("{ success: 'true', data: { authCode: 'abc' } }", "abc").await;
    is_refusal("{ success: 'false', data: { authCode: 'abc' } }").await;
    is_refusal("{ success: 'yes', data: { authCode: 'abc' } }").await;
}

#[wasm_bindgen_test]
async fn s18_success_as_a_number() {
    is_refusal("{ success: 1, data: { authCode: 'abc' } }").await;
}

#[wasm_bindgen_test]
async fn s19_a_yes_with_an_error_code() {
    is_refusal("{ success: true, error_code: '500', data: { authCode: 'abc' } }").await;
    is_refusal("{ success: true, errorCode: 500, data: { authCode: 'abc' } }").await;
}

#[wasm_bindgen_test]
async fn s20_a_no_with_an_auth_code() {
    is_refusal("{ success: false, data: { authCode: 'abc' } }").await;
}

#[wasm_bindgen_test]
async fn s21_no_ret() {
    is_code("{ success: true, data: { authCode: 'abc' } }", "abc").await;
    is_code("{ ret: 'GP_SUCCESS', data: { authCode: 'abc' } }", "abc").await;
}

#[wasm_bindgen_test]
async fn s22_an_exception_with_a_yes() {
    is_refusal("{ success: true, ret: 'GP_EXCEPTION', data: { authCode: 'abc' } }").await;
}

#[wasm_bindgen_test]
async fn s23_what_cannot_be_an_auth_code() {
    for code in [
        "undefined",
        "null",
        "7",
        "''",
        "'   '",
        "'a b'",
        "'x'.repeat(10_240)",
        "'a\"b\\nc'",
        "'kopi\u{e9}'",
        "['abc']",
    ] {
        let result = answered(&format!(
            "{{ success: true, data: {{ authCode: {code} }} }}"
        ))
        .await;
        assert!(
            matches!(result, Err(Error::Unreadable { .. })),
            "{code}: {result:?}"
        );
    }
}

#[wasm_bindgen_test]
async fn s24_other_names_of_the_auth_code() {
    is_code("{ success: true, data: { auth_code: 'abc' } }", "abc").await;
    let code = answered("{ success: true, data: { code: 'abc' } }").await;
    assert!(matches!(code, Err(Error::Unreadable { .. })), "{code:?}");
}

#[wasm_bindgen_test]
async fn s25_data_in_data() {
    let nested = answered("{ success: true, data: { data: { authCode: 'abc' } } }").await;
    assert!(
        matches!(nested, Err(Error::Unreadable { .. })),
        "{nested:?}"
    );
}

#[wasm_bindgen_test]
async fn s26_error_fields_in_camel_case() {
    page_with(
        "failure({ success: false, errorCode: '500', errorType: 'JS_BRIDGE_ERROR',
                   errorMessage: 'busy' })",
    );
    assert_eq!(get_auth_code().await, Err(refused(Some("500"), "busy")));
}

#[wasm_bindgen_test]
async fn s27_a_code_as_a_number() {
    page_with("failure({ success: false, error_code: 300 })");
    assert_eq!(get_auth_code().await, Err(Error::Permission));
}

#[wasm_bindgen_test]
async fn s28_an_empty_code() {
    page_with(
        "failure({ success: false, error_code: '', error_type: 'JS_BRIDGE_ERROR',
                   error_message: '', ret: 'GP_EXCEPTION' })",
    );
    assert_eq!(get_auth_code().await, Err(refused(None, "")));
}

#[wasm_bindgen_test]
async fn s29_an_unknown_code() {
    page_with("failure({ success: false, error_code: '999', error_type: 'JS_BRIDGE_ERROR' })");
    assert_eq!(get_auth_code().await, Err(refused(Some("999"), "")));
}

#[wasm_bindgen_test]
async fn s30_words_that_attack_whoever_shows_them() {
    page_with(
        "failure({ success: false, errorType: 'JS_BRIDGE_ERROR',
                   errorMessage: '<script>\\u202e\\n' + 'x'.repeat(10_240) })",
    );
    let Err(Error::Refused { message, .. }) = get_auth_code().await else {
        panic!("not refused");
    };
    assert!(message.starts_with("<script>xxx"), "{message}");
    assert_eq!(message.chars().count(), 200);
}

#[wasm_bindgen_test]
async fn s31_a_status_in_capitals() {
    let status = paid("{ success: true, data: { status: 'SUCCESS' } }").await;
    assert_eq!(status, Ok(PaymentHint::Success));
}

#[wasm_bindgen_test]
async fn s32_the_status_paid() {
    let status = paid("{ success: true, data: { status: 'paid' } }").await;
    assert_eq!(status, Ok(PaymentHint::Other("paid".into())));
}

#[wasm_bindgen_test]
async fn s33_no_status() {
    let status = paid("{ success: true, data: {} }").await;
    assert_eq!(status, Err(Error::Unreadable { what: "no status" }));
}

#[wasm_bindgen_test]
async fn s34_a_list_of_statuses() {
    let status = paid("{ success: true, data: { status: ['success'] } }").await;
    assert_eq!(status, Err(Error::Unreadable { what: "no status" }));
}

/// F86: the callback fires twice.
#[wasm_bindgen_test]
async fn s35_two_successes() {
    page_with(
        "success({ success: true, data: { status: 'pending' } });
         success({ success: true, data: { status: 'success' } });",
    );
    assert_eq!(launch_payment(DEEPLINK).await, Ok(PaymentHint::Pending));
}

/// F86: success then failure, and the reverse.
#[wasm_bindgen_test]
async fn s36_a_failure_then_a_success_and_the_other_way_round() {
    page_with(
        "failure({ success: false, errorCode: '300' });
         success({ success: true, data: { status: 'success' } });",
    );
    assert_eq!(launch_payment(DEEPLINK).await, Err(Error::Permission));
    page_with(
        "success({ success: true, data: { status: 'success' } });
         failure({ success: false, errorCode: '300' });",
    );
    assert_eq!(launch_payment(DEEPLINK).await, Ok(PaymentHint::Success));
}

/// F85: no answer within the deadline, and one that comes late.
#[wasm_bindgen_test]
async fn s37_a_success_after_the_deadline() {
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
fn s38_crossed_answers() {
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

/// F87: answered before the call returns, and from inside an answer.
#[wasm_bindgen_test]
async fn s39_an_answer_before_the_call_returns_and_from_inside_an_answer() {
    page_with("success({ success: true, data: { status: 'pending' } }); throw new Error('late')");
    assert_eq!(launch_payment(DEEPLINK).await, Ok(PaymentHint::Pending));
    page_with(
        "success({ success: true, data: { get status() { failure({}); return 'pending' } } })",
    );
    assert_eq!(launch_payment(DEEPLINK).await, Ok(PaymentHint::Pending));
    page_with("queueMicrotask(() => success({ success: true, data: { authCode: 'abc' } }))");
    assert_eq!(get_auth_code().await.unwrap().expose(), "abc");
}

#[wasm_bindgen_test]
async fn s40_a_thousand_answers() {
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

async fn is_not_loaded(impostor: &str) {
    empty_page();
    run(impostor);
    assert_eq!(get_auth_code().await, Err(Error::NotLoaded), "{impostor}");
}

#[wasm_bindgen_test]
async fn s41_call_is_no_function() {
    is_not_loaded("window.gpContainer = {}").await;
    is_not_loaded("window.gpContainer = { call: 'me' }").await;
    is_not_loaded("window.gpContainer = { get call() { throw new Error('no') } }").await;
}

#[wasm_bindgen_test]
async fn s42_the_container_is_a_string_or_nothing() {
    is_not_loaded("window.gpContainer = 'gpContainer'").await;
    is_not_loaded("window.gpContainer = null").await;
    is_not_loaded(
        "Object.defineProperty(window, 'gpContainer',
             { configurable: true, get() { throw new Error('no') } })",
    )
    .await;
}

#[wasm_bindgen_test]
async fn s43_a_container_that_is_replaced_after_boot_is_the_one_that_is_asked() {
    is_code("{ success: true, data: { authCode: 'first' } }", "first").await;
    run(
        "stage.container(({ success }) => success({ success: true, data: { authCode: 'second' } }))",
    );
    assert_eq!(get_auth_code().await.unwrap().expose(), "second");
    assert_eq!(json("stage.calls.length"), "2");
}

#[wasm_bindgen_test]
async fn s44_an_element_with_the_containers_id() {
    is_not_loaded(
        "document.body.append(Object.assign(document.createElement('a'), { id: 'gpContainer' }))",
    )
    .await;
    run("document.getElementById('gpContainer').remove()");
}

#[wasm_bindgen_test]
async fn s45_a_polluted_prototype() {
    page_with("success({})");
    run("Object.assign(Object.prototype,
             { success: true, ret: 'GP_SUCCESS', data: { authCode: 'evil' }, authCode: 'evil' })");
    let result = get_auth_code().await;
    run("for (const name of ['success', 'ret', 'data', 'authCode']) delete Object.prototype[name]");
    assert!(
        matches!(result, Err(Error::Unreadable { .. })),
        "{result:?}"
    );

    is_nonsense("Object.create({ success: true, ret: 'GP_SUCCESS', data: { authCode: 'abc' } })")
        .await;

    // As an old library does to Array, and as JSON.stringify would obey.
    empty_page();
    run(
        "window.gpContainer = { call(_class, _name, _params, success) {
             success({ success: true, data: { authCode: 'good' } }) } };
         Object.defineProperty(Object.prototype, 'toJSON', { configurable: true,
             value: () => ({ success: true, data: { authCode: 'evil' } }) })",
    );
    let result = get_auth_code().await;
    run("delete Object.prototype.toJSON");
    assert_eq!(result.unwrap().expose(), "good");
}

#[wasm_bindgen_test]
async fn s46_consents_that_are_partial_refused_or_of_another_scope() {
    forget(&[("GP", "authorize"), ("GPConsent", "getUserConsent")]).await;
    for (scopes, consent) in [
        ("{ location: true, camera: false }", Consent::Granted),
        ("{ location: false }", Consent::Refused),
        ("{}", Consent::Refused),
        ("{ camera: true }", Consent::Refused),
        ("{ location: 'true' }", Consent::Refused),
        ("{ location: 1 }", Consent::Refused),
    ] {
        page_with(&format!(
            "success({{ success: true, data: {{ successScope: {scopes} }} }})"
        ));
        assert_eq!(get_consent("location").await, Ok(consent), "{scopes}");
        assert_eq!(json("stage.calls.length"), "1");
    }
}

#[wasm_bindgen_test]
async fn s47_a_host_that_does_not_heed_the_timeout() {
    page_with("");
    assert_eq!(get_auth_code().await, Err(Error::TimedOut));
    assert_eq!(json("stage.calls[0].rest"), "[10000]");
    assert_eq!(json("stage.delays"), "[10000]");
    page_with("");
    let mut payment = pin!(launch_payment(DEEPLINK));
    assert_eq!(look_at(payment.as_mut()), None);
    assert_eq!(json("[stage.calls[0].rest, stage.delays]"), "[[null],[]]");
    collect_garbage().await;
    assert_eq!(payment.await, Err(Error::TimedOut));
}

/// The result of this locale, for the crate's call and for a script's.
async fn spoken(locale: &str) -> Result<Locale, Error> {
    let answer = format!("{{ success: true, app_locale: {locale} }}");
    page_with(&format!("success({answer})"));
    let result = get_locale().await;
    let answer = js_sys::eval(&format!("[{answer}][0]")).unwrap();
    assert_eq!(parse_locale(Ok(answer)), result);
    result
}

#[wasm_bindgen_test]
async fn s48_odd_locales() {
    assert_eq!(spoken("'xx'").await, Ok(Locale::Other("xx".into())));
    for locale in ["''", "null", "7"] {
        let result = spoken(locale).await;
        assert!(
            matches!(result, Err(Error::Unreadable { .. })),
            "{locale}: {result:?}"
        );
    }
}

#[wasm_bindgen_test]
async fn s49_a_field_called_proto() {
    let evil = r#"JSON.parse('{"success":true,"data":{"__proto__":{"authCode":"evil"}}}')"#;
    let result = answered(evil).await;
    assert!(
        matches!(result, Err(Error::Unreadable { .. })),
        "{result:?}"
    );
    let evil = r#"JSON.parse('{"__proto__":{"success":true,"data":{"authCode":"evil"}}}')"#;
    is_nonsense(evil).await;
}

/// F89: five megabytes of answer.
#[wasm_bindgen_test]
async fn an_answer_that_is_too_large_or_too_deep_is_not_copied() {
    is_nonsense("{ success: true, data: { authCode: 'abc' }, x: 'x'.repeat(5_000_000) }").await;
    is_nonsense("{ success: true, data: { authCode: 'abc' }, x: Array(100_000).fill(1) }").await;
    is_nonsense("{ success: true, x: [[[[[[[[[[[[1]]]]]]]]]]]] }").await;
}
