//! The way to GoPay.

use crate::domain::gopay_result::Error;
use reqwest::{Request, StatusCode, header::HeaderMap};
use std::{fmt, future::Future, pin::Pin};

/// A response as it came: neither validated nor parsed.
#[derive(Debug, Default)]
pub struct RawResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// No longer than an answer may be.
    pub body: Vec<u8>,
}

/// The way to GoPay: HTTP, or what stands for it in a simulated world.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Brings a request there and the answer back. [`Error::NotSent`] where it certainly did
    /// not arrive, [`Error::Unknown`] where it may have.
    fn execute(
        &self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<RawResponse, Error>> + Send + '_>>;
}
