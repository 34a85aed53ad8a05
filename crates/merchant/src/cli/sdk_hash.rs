//! The hash of the container SDK that the page loads.
//!
//! Its address never changes, so the page cannot tell one script from the next. The hash differs from that
//! of the day before.

use crate::outbound_proxy::{self, ProxyUrl};
use aws_lc_rs::digest::{Context, SHA256};
use reqwest::StatusCode;
use std::time::Duration;
use url::Url;

const TIMEOUT: Duration = Duration::from_secs(15);

/// No script of GoPay's is this long.
const MAX_MIB: usize = 8;

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error("the answer has status {0} instead of 200: check gopay.sdk_url")]
    Status(StatusCode),
    #[error("the answer is longer than {MAX_MIB} MiB: check gopay.sdk_url")]
    TooLong,
}

/// Loads the script, as all of GoPay's through the configured proxy. Its length in bytes, and its SHA-256 in hex.
pub async fn sdk_hash(url: &Url, proxy_url: Option<&ProxyUrl>) -> Result<(usize, String), Error> {
    let client = outbound_proxy::client(proxy_url)?
        .timeout(TIMEOUT)
        .build()?;
    let mut answer = client.get(url.clone()).send().await?;
    if answer.status() != StatusCode::OK {
        return Err(Error::Status(answer.status()));
    }
    let (mut length, mut hash) = (0, Context::new(&SHA256));
    while let Some(chunk) = answer.chunk().await? {
        length += chunk.len();
        if length > MAX_MIB * 1024 * 1024 {
            return Err(Error::TooLong);
        }
        hash.update(&chunk);
    }
    Ok((length, hex::encode(hash.finish())))
}
