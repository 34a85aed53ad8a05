//! Telling where the page is.

use crate::stage::{empty_page, json, page_with};
use gopay_container::{Container, Environment, detect};
use wasm_bindgen_test::wasm_bindgen_test;

async fn in_page(behaviour: &str) -> Environment {
    page_with(behaviour);
    detect().await
}

const UNSUPPORTED: &str = "failure({ success: false, errorCode: '100' })";

#[wasm_bindgen_test]
async fn a_container_that_knows_the_locale_is_v2() {
    let v2 = Environment::GoPay(Some(Container::V2));
    assert_eq!(
        in_page("success({ success: true, app_locale: 'id_ID' })").await,
        v2
    );
    assert_eq!(
        in_page("failure({ success: false, errorCode: '500' })").await,
        v2
    );
    assert_eq!(
        json("stage.calls.map((call) => call.name)"),
        r#"["GPBase.getLocale"]"#
    );
}

#[wasm_bindgen_test]
async fn a_container_that_knows_a_navigation_bar_instead_is_v1() {
    let bar = format!(
        "if (name === 'GPNavigationBar.getHeight') success({{ success: true, ret: 'GP_SUCCESS' }});
         else {UNSUPPORTED};"
    );
    assert_eq!(in_page(&bar).await, Environment::GoPay(Some(Container::V1)));
}

#[wasm_bindgen_test]
async fn a_container_that_knows_neither_is_still_gopay() {
    assert_eq!(in_page(UNSUPPORTED).await, Environment::GoPay(None));
}

#[wasm_bindgen_test]
async fn a_browser_is_detected_with_one_call() {
    let outside = "failure({ success: false, errorCode: 1003, errorType: 'JS_BRIDGE_ERROR' })";
    assert_eq!(in_page(outside).await, Environment::Browser);
    assert_eq!(json("stage.calls.length"), "1");
}

#[wasm_bindgen_test]
async fn a_page_without_an_sdk_and_one_with_a_silent_sdk_are_told_apart() {
    empty_page();
    assert_eq!(detect().await, Environment::NoSdk);
    assert_eq!(in_page("").await, Environment::Silent);
    assert_eq!(in_page("throw new Error('no')").await, Environment::Silent);
    assert_eq!(in_page("success({})").await, Environment::Silent);
}
