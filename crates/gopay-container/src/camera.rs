//! A photo, taken or chosen: `GPCamera.takePhoto`.

use crate::{Error, method::Method};
use serde::{Deserialize, Serialize};
use std::fmt;

const METHOD: Method<'static> = {
    let mut method = Method::interactive("GPCamera", "takePhoto").with_consent();
    // Ten minutes: the buyer may compose, and try again.
    method.deadline_ms = Some(600_000);
    // A photo of 12 MB in base64.
    method.max_response_size = 16 * 1024 * 1024;
    method
};

/// Lets the buyer take a photo, or choose one.
///
/// V2 only; needs a consent. Its name is not documented: one page gives `camera` for the browser's
/// own camera. <https://docs.midtrans.com/reference/frontend-v2#takephoto>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 10 min.
pub async fn take_photo(from: PhotoSource, bytes: PhotoBytes) -> Result<Photo, Error> {
    let params = Params {
        mode: match from {
            PhotoSource::Camera => "camera",
            PhotoSource::Gallery => "photo",
        },
        need_base64: bytes == PhotoBytes::Base64,
    };
    METHOD.ask(&params, "no photo").await
}

/// Where the photo comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoSource {
    /// The phone's camera.
    Camera,
    /// The buyer's photos.
    Gallery,
}

/// Whether the answer carries the photo's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoBytes {
    /// Only [`Photo::local_path`].
    PathOnly,
    /// [`Photo::base64`] too: at most 16 Mi characters, which is 12 MiB of photo; a larger
    /// one is [`Error::Unreadable`].
    Base64,
}

/// A photo on the phone. Personal data: Debug hides it.
///
/// Docs disagree: the page's sample answer holds neither field, its sample code reads both.
/// So both may be missing.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[serde(default, rename_all = "camelCase")]
pub struct Photo {
    /// Its path on the phone. Unverified: whether a web page can read from there.
    pub local_path: Option<String>,
    /// Its bytes, in base64.
    #[serde(rename = "base64Data")]
    pub base64: Option<String>,
}

impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Photo([redacted])")
    }
}

#[derive(Serialize)]
struct Params {
    mode: &'static str,
    #[serde(rename = "needBase64")]
    need_base64: bool,
}
