//! What carries requests to GoPay and brings answers back.

use super::{Error, MAX_ANSWER};
use reqwest::{Client, Request, StatusCode, header::HeaderMap};
use std::{fmt, future::Future, pin::Pin};

/// An answer as it came: not yet believed, not yet parsed.
#[derive(Debug, Default)]
pub struct Answer {
    /// Of HTTP.
    pub status: StatusCode,
    /// Of HTTP.
    pub headers: HeaderMap,
    /// No longer than an answer may be.
    pub body: Vec<u8>,
}

/// The way to GoPay: HTTP, or what stands for it in a simulated world.
pub trait Wire: fmt::Debug + Send + Sync {
    /// Brings a request there and the answer back. [`Error::NotSent`] where it certainly did
    /// not arrive, [`Error::Unknown`] where it may have.
    fn carry(
        &self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send + '_>>;
}

impl Wire for Client {
    fn carry(
        &self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send + '_>> {
        Box::pin(carry(self, request))
    }
}

/// Sends, and reads no more than an answer may have.
async fn carry(http: &Client, request: Request) -> Result<Answer, Error> {
    let mut response = http.execute(request).await.map_err(|error| {
        if error.is_connect() {
            let cause = innermost(&error);
            tracing::warn!(%cause, "no connection to GoPay");
            Error::NotSent
        } else {
            Error::Unknown("no answer")
        }
    })?;
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|_| Error::Unknown("half an answer"))?
    {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Error::Unknown("an endless answer"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        headers,
        body,
    })
}

/// What a connection failed at: a name, an address, a certificate.
fn innermost(error: &reqwest::Error) -> &dyn std::error::Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause
}
