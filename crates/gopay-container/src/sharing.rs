//! Giving the buyer a text to take along: `GPShare.share`, `GPBase.copyToClipboard`.

use crate::{Error, call::Method};
use serde::Serialize;

/// Opens the phone's share sheet with `text`.
///
/// V2 only, no consent. Waits 2 min. An `Ok` does not say that anything was shared.
/// <https://docs.midtrans.com/reference/frontend-v2#share>
pub async fn share(text: &str) -> Result<(), Error> {
    let method = Method::patient("GPShare", "share");
    method.effect(&Text { text }).await
}

/// Puts `text` on the clipboard.
///
/// V2 only, no consent. Waits 10 s.
/// <https://docs.midtrans.com/reference/frontend-v2#copytoclipboard>
pub async fn copy_to_clipboard(text: &str) -> Result<(), Error> {
    let method = Method::silent("GPBase", "copyToClipboard");
    method.effect(&Text { text }).await
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}
