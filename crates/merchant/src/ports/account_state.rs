//! What the processes of a merchant share of its account at GoPay.

use super::Error;
use crate::domain::time::Timestamp;
use std::{fmt, future::Future, pin::Pin};

/// An access token that one process has written for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharedToken {
    /// Encrypted; `None` before the first.
    pub sealed: Option<Vec<u8>>,
    pub valid_until: Timestamp,
    /// Grows with each token.
    pub version: i64,
}

pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Tokens are known by a hash of the key that they are asked for with, pauses by a hash of the account.
pub trait AccountState: fmt::Debug + Send + Sync {
    fn access_token<'a>(&'a self, key: &'a [u8]) -> Pending<'a, SharedToken>;

    /// Whether the caller may request the token that follows `version`. No other process may before `until`, which
    /// names the lease.
    fn lease_access_token<'a>(
        &'a self,
        key: &'a [u8],
        version: i64,
        now: Timestamp,
        until: Timestamp,
    ) -> Pending<'a, bool>;

    /// Ends a lease with a token for all processes. Nothing, where another one has it by now.
    fn store_access_token<'a>(
        &'a self,
        key: &'a [u8],
        lease: Timestamp,
        sealed: &'a [u8],
        valid_until: Timestamp,
    ) -> Pending<'a, ()>;

    /// Ends a lease at `until`, without a token.
    fn release_access_token<'a>(
        &'a self,
        key: &'a [u8],
        lease: Timestamp,
        until: Timestamp,
    ) -> Pending<'a, ()>;

    /// Until when GoPay asked not to be asked, by API, as far as that is after `now`.
    fn pauses<'a>(
        &'a self,
        account: &'a [u8],
        now: Timestamp,
    ) -> Pending<'a, Vec<(String, Timestamp)>>;

    /// One that ends later stays, unless it ends after `latest`: it was stored before a clock was set back.
    fn store_pause<'a>(
        &'a self,
        account: &'a [u8],
        api: &'static str,
        until: Timestamp,
        latest: Timestamp,
    ) -> Pending<'a, ()>;
}
