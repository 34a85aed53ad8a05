//! Auth codes, from `GPMiniAppAuth.getAuthCode` to their exchange. Pure.

use gopay_protocol::message::authorization::AUTH_CODE_LIFETIME_SECONDS;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Codes by their value. The ledger knows them by number.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    codes: HashMap<String, Code>,
}

#[derive(Debug)]
struct Code {
    number: usize,
    buyer: String,
    issued_at: Timestamp,
    used: bool,
}

/// Why a code buys nothing. GoPay says "AuthCode Not Found" to all of them; the ledger is
/// more precise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CodeError {
    #[error("unknown auth code")]
    Unknown,
    #[error("expired auth code")]
    Expired,
    #[error("auth code used before")]
    Used,
}

impl Logins {
    /// Takes a new code into the books; its number.
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

    /// Whose code it is; it cannot be used again.
    ///
    /// Unverified: that a code works once. No page says so; every similar system does it.
    pub(crate) fn exchange(&mut self, code: &str, now: Timestamp) -> Result<&str, CodeError> {
        let code = self.codes.get_mut(code).ok_or(CodeError::Unknown)?;
        if code.used {
            return Err(CodeError::Used);
        }
        if now.duration_since(code.issued_at)
            > SignedDuration::from_secs(AUTH_CODE_LIFETIME_SECONDS)
        {
            return Err(CodeError::Expired);
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
        let mut logins = Logins::default();
        for code in ["a", "b"] {
            logins.issue(code.to_owned(), "budi".to_owned(), at(0));
        }
        assert_eq!(logins.exchange("a", at(360)), Ok("budi"));
        assert_eq!(logins.exchange("a", at(360)), Err(CodeError::Used));
        assert_eq!(logins.exchange("b", at(361)), Err(CodeError::Expired));
        assert_eq!(logins.exchange("c", at(0)), Err(CodeError::Unknown));
    }
}
