//! In place of the crate of this name. Leptos brings it along for server functions, of which the
//! app has none; but what it exports to JavaScript is in every bundle, whoever calls it or not,
//! and would cost each buyer five kilobytes. This has what Leptos names, and does nothing.

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
