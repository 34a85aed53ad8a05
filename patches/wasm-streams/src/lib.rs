//! Replaces the crate of this name. Leptos depends on it for server functions, of which the app has
//! none; but its exports to JavaScript are in every bundle, called or not, and would cost each buyer
//! five kilobytes. This crate has the items that Leptos names, without behaviour.

use futures_core::Stream;
use std::pin::Pin;
use wasm_bindgen::JsValue;

/// The body of a server function's request or answer.
#[derive(Debug)]
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// Takes the browser's.
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// Gives the browser's back.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// Would make a stream of the browser's out of one of Rust's.
    ///
    /// # Panics
    ///
    /// Always.
    #[expect(clippy::unimplemented, reason = "the app has no server functions")]
    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        unimplemented!("server functions")
    }

    /// Would make a stream of Rust's out of the browser's.
    ///
    /// # Panics
    ///
    /// Always.
    #[expect(clippy::unimplemented, reason = "the app has no server functions")]
    pub fn into_stream(self) -> Pin<Box<dyn Stream<Item = Result<JsValue, JsValue>>>> {
        unimplemented!("server functions")
    }
}
