//! Answers of GoPay to calls that a script made before the WebAssembly was there.
//!
//! The only part of the interface that has types of `wasm-bindgen`.

use crate::{Error, auth, auth::AuthCode, locale, locale::Locale};
use wasm_bindgen::JsValue;

/// Parses the answer to `GPMiniAppAuth.getAuthCode`: `Ok` is what the success callback got,
/// `Err` what the failure callback got.
///
/// # Errors
///
/// As [`get_auth_code`](auth::get_auth_code), without those of waiting.
pub fn parse_auth_code(answer: Result<JsValue, JsValue>) -> Result<AuthCode, Error> {
    AuthCode::read(&auth::METHOD.parse(answer)?)
}

/// Parses the answer to `GPBase.getLocale`: `Ok` is what the success callback got, `Err` what the
/// failure callback got.
///
/// # Errors
///
/// As [`get_locale`](locale::get_locale), without those of waiting.
pub fn parse_locale(answer: Result<JsValue, JsValue>) -> Result<Locale, Error> {
    Locale::read(&locale::METHOD.parse(answer)?)
}
