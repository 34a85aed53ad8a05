//! Auth codes, from `GPMiniAppAuth.getAuthCode` to their exchange. Pure.

use gopay_protocol::message::authorization::AUTH_CODE_LIFETIME_SECONDS;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Codes by their value. The ledger has their numbers.
#[derive(Debug, Default)]
pub(crate) struct AuthCodes {
    codes: HashMap<String, Code>,
}

#[derive(Debug)]
struct Code {
    number: usize,
    buyer: String,
    issued_at: Timestamp,
    used: bool,
}

/// Why a code is refused. GoPay answers "AuthCode Not Found" to each; the ledger has this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AuthCodeError {
    #[error("unknown auth code")]
    Unknown,
    #[error("expired auth code")]
    Expired,
    #[error("auth code used before")]
    Used,
}

impl AuthCodes {
    /// Stores a new code and returns its number.
    pub(crate) fn issue(&mut self, code: String, buyer: String, now: Timestamp) -> usize {
        let number = self.codes.len() + 1;
        self.codes.insert(
            code,
            Code {
                number,
                buyer,
                issued_at: now,
                used: false,
            },
        );
        number
    }

    pub(crate) fn number(&self, code: &str) -> Option<usize> {
        self.codes.get(code).map(|code| code.number)
    }

    /// Uses the code up and returns its buyer.
    ///
    /// Unverified: that a code works once. No page says so; every similar system does it.
    pub(crate) fn exchange(&mut self, code: &str, now: Timestamp) -> Result<&str, AuthCodeError> {
        let code = self.codes.get_mut(code).ok_or(AuthCodeError::Unknown)?;
        if code.used {
            return Err(AuthCodeError::Used);
        }
        if now.duration_since(code.issued_at)
            > SignedDuration::from_secs(AUTH_CODE_LIFETIME_SECONDS)
        {
            return Err(AuthCodeError::Expired);
        }
        code.used = true;
        Ok(&code.buyer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_works_once_and_for_six_minutes() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut codes = AuthCodes::default();
        for code in ["a", "b"] {
            codes.issue(code.to_owned(), "budi".to_owned(), at(0));
        }
        assert_eq!(codes.exchange("a", at(360)), Ok("budi"));
        assert_eq!(codes.exchange("a", at(360)), Err(AuthCodeError::Used));
        assert_eq!(codes.exchange("b", at(361)), Err(AuthCodeError::Expired));
        assert_eq!(codes.exchange("c", at(0)), Err(AuthCodeError::Unknown));
    }
}
