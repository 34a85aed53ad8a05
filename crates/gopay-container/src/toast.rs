//! A short message over the page: `GPUIToast.toast`.

use crate::{Error, method::Method};
use serde::Serialize;

/// Shows `message` over the middle of the page for `seconds`.
///
/// V1 only, no consent. Unverified: that `duration` counts seconds; the sample's 5 and the
/// related WindVane say so. <https://docs.midtrans.com/reference/frontend-v1#toast>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 2 min, because the answer may come when the message
/// disappears.
pub async fn toast(message: &str, seconds: u32) -> Result<(), Error> {
    let method = Method::interactive("GPUIToast", "toast");
    let params = Params {
        message,
        duration: seconds,
    };
    method.effect(&params).await
}

#[derive(Serialize)]
struct Params<'a> {
    message: &'a str,
    duration: u32,
}
