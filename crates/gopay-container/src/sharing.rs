//! Share sheet and clipboard: `GPShare.share`, `GPBase.copyToClipboard`.

use crate::{Error, method::Method};
use serde::Serialize;

/// Opens the phone's share sheet with `text`.
///
/// V2 only, no consent. An `Ok` does not say that the text was shared.
/// <https://docs.midtrans.com/reference/frontend-v2#share>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 2 min.
pub async fn share(text: &str) -> Result<(), Error> {
    let method = Method::interactive("GPShare", "share");
    method.effect(&Text { text }).await
}

/// Puts `text` on the clipboard.
///
/// V2 only, no consent. <https://docs.midtrans.com/reference/frontend-v2#copytoclipboard>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 10 s.
pub async fn copy_to_clipboard(text: &str) -> Result<(), Error> {
    let method = Method::quick("GPBase", "copyToClipboard");
    method.effect(&Text { text }).await
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}
