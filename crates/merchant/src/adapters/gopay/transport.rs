//! Requests to GoPay over HTTP.

use crate::{
    domain::gopay_result::Error,
    ports::{RawResponse, Transport},
};
use reqwest::{Client, Request};
use std::{future::Future, pin::Pin};

/// No answer of GoPay's is this long.
const MAX_RESPONSE_SIZE: usize = 256 * 1024;

impl Transport for Client {
    fn execute(
        &self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<RawResponse, Error>> + Send + '_>> {
        Box::pin(execute(self, request))
    }
}

/// Sends, and reads no more than an answer may have.
async fn execute(http: &Client, request: Request) -> Result<RawResponse, Error> {
    let mut response = http.execute(request).await.map_err(|error| {
        if error.is_connect() {
            let cause = innermost(&error);
            tracing::warn!(event = "gopay.unreachable", %cause, "no connection to GoPay");
            Error::NotSent
        } else {
            no_answer(&error);
            Error::Unknown("no answer")
        }
    })?;
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| {
        no_answer(&error);
        Error::Unknown("half an answer")
    })? {
        if body.len() + chunk.len() > MAX_RESPONSE_SIZE {
            return Err(Error::Unknown("an endless answer"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(RawResponse {
        status,
        headers,
        body,
    })
}

/// The request left, and what became of it is not known.
fn no_answer(error: &reqwest::Error) {
    let cause = innermost(error);
    tracing::warn!(event = "gopay.no_answer", %cause, "no whole answer of GoPay");
}

/// What a connection failed at: a name, an address, a certificate.
fn innermost(error: &reqwest::Error) -> &dyn std::error::Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause
}
