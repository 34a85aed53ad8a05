//! The hash of the container SDK that the page loads.
//!
//! Its address never changes, so the page cannot tell one script from the next: whoever compares the hash
//! with that of the day before can.

use aws_lc_rs::digest::{SHA256, digest};
use reqwest::{Client, redirect::Policy};
use std::time::Duration;
use url::Url;

const TIMEOUT: Duration = Duration::from_secs(15);

/// Loads the script. Its length in bytes, and its SHA-256 in hex.
pub async fn sdk_hash(url: &Url) -> Result<(usize, String), reqwest::Error> {
    let http = Client::builder()
        .timeout(TIMEOUT)
        .redirect(Policy::none())
        .build()?;
    let answer = http.get(url.clone()).send().await?.error_for_status()?;
    let script = answer.bytes().await?;
    let hash = hex::encode(digest(&SHA256, &script));
    Ok((script.len(), hash))
}
