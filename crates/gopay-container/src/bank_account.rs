//! The buyer's bank account, as a token: `GP.getBankAccountToken`.

use crate::{Error, call::NoParams, method::Method};
use serde::Deserialize;
use std::fmt;

/// Asks for a token of the buyer's linked bank account.
///
/// V2 only; needs a consent whose name no page gives.
/// <https://docs.midtrans.com/reference/frontend-v2#get-bank-account-token>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 2 min.
pub async fn get_bank_account_token() -> Result<BankAccountToken, Error> {
    let method = Method::interactive("GP", "getBankAccountToken").with_consent();
    let Token { token } = method.ask(&NoParams {}, "no token").await?;
    Ok(BankAccountToken(token))
}

/// Stands for the buyer's bank account. A credential: Debug hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct BankAccountToken(String);

impl BankAccountToken {
    /// The token itself, for the request to the merchant's back end.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BankAccountToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BankAccountToken([redacted])")
    }
}

#[derive(Deserialize)]
struct Token {
    token: String,
}
