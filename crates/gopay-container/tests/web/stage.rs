//! The page around the binding, as the tests talk to it.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};
use wasm_bindgen::JsValue;

/// The fixtures, as in the native tests.
pub(crate) const V2: &str = include_str!("../../fixtures/frontend-v2.2026-07-23.json");
pub(crate) const V1: &str = include_str!("../../fixtures/frontend-v1.2026-03-16.json");
pub(crate) const FIELD: &str = include_str!("../../fixtures/field.2026-11.json");

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

/// A page whose container answers every call like this sample of the documentation.
pub(crate) fn page_that_answers(fixture: &str, name: &str) {
    page_with(&format!(
        "const {{ callback, answer }} = {fixture}.answers.{name};
         (callback === 'success' ? success : failure)(answer);"
    ));
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

/// What is there of `future` without letting the page do anything.
pub(crate) fn look_at<T>(future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
