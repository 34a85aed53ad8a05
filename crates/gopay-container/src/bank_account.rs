//! The buyer's bank account, as a token: `GP.getBankAccountToken`.

use crate::{
    Error,
    call::{Method, NoParams},
};
use serde::Deserialize;
use std::fmt;

/// Asks for a token of the buyer's linked bank account.
///
/// V2 only; needs a consent whose name no page gives. Waits 2 min.
/// <https://docs.midtrans.com/reference/frontend-v2#get-bank-account-token>
pub async fn get_bank_account_token() -> Result<BankAccountToken, Error> {
    let method = Method::patient("GP", "getBankAccountToken").with_consent();
    let Token { token } = method.ask(&NoParams {}, "no token").await?;
    Ok(BankAccountToken(token))
}

/// Stands for the buyer's bank account. A credential: Debug hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct BankAccountToken(String);

impl BankAccountToken {
    /// The token itself, for the one request that takes it to the merchant.
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
