//! The page around the binding, as the tests talk to it.

use gopay_container::{Error, call};
use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};
use wasm_bindgen::JsValue;

/// The deeplink that the tests pay.
pub(crate) const DEEPLINK: &str = "gopay://merchanttransfer?tref=1";

/// A page without a container, where no time passes but all at once.
pub(crate) fn empty_page() {
    run(include_str!("stage.js"));
}

/// A page whose container does this: the body of a function of `name`, `params`, `success`
/// and `failure`.
pub(crate) fn page_with(behaviour: &str) {
    empty_page();
    run(&format!(
        "stage.container(({{ name, params, success, failure }}) => {{ {behaviour} }})"
    ));
}

/// Marks these methods as present: earlier tests may have recorded them as missing.
pub(crate) async fn forget(methods: &[(&str, &str)]) {
    page_with("success({ success: true })");
    for (class, method) in methods {
        let params = serde_json::json!({});
        let known: Result<serde_json::Value, Error> = call(class, method, &params, None).await;
        assert!(known.is_ok(), "{known:?}");
    }
}

/// Runs JavaScript that must not throw.
pub(crate) fn run(script: &str) -> JsValue {
    js_sys::eval(script).unwrap_or_else(|thrown| panic!("{script} threw {thrown:?}"))
}

/// The value of an expression, as JSON.
pub(crate) fn json(expression: &str) -> String {
    run(&format!("JSON.stringify({expression})"))
        .as_string()
        .unwrap()
}

/// The output of `future` where it is ready without a turn of the page.
pub(crate) fn look_at<T>(future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Has the page's garbage collected.
pub(crate) async fn collect_garbage() {
    // What was let go of in this turn is garbage only in the next, and its callbacks run in
    // the one after.
    for _ in 0..3 {
        let collected = js_sys::Promise::from(run("gc({ execution: 'async' })"));
        wasm_bindgen_futures::JsFuture::from(collected)
            .await
            .unwrap();
    }
}
