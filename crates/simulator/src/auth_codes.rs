//! Auth codes, from `GPMiniAppAuth.getAuthCode` to their exchange. Pure.

use crate::mini_apps::{MiniAppId, MiniAppUser};
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
    user: MiniAppUser,
    issued_at: Timestamp,
    used: bool,
}

/// Why a code is refused. GoPay answers "AuthCode Not Found" to each; the ledger has this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AuthCodeError {
    #[error("unknown auth code")]
    Unknown,
    #[error("auth code of another mini app")]
    OtherMiniApp,
    #[error("expired auth code")]
    Expired,
    #[error("auth code used before")]
    Used,
}

impl AuthCodes {
    /// Stores a new code and returns its number.
    pub(crate) fn issue(&mut self, code: String, user: MiniAppUser, now: Timestamp) -> usize {
        let number = self.codes.len() + 1;
        self.codes.insert(
            code,
            Code {
                number,
                user,
                issued_at: now,
                used: false,
            },
        );
        number
    }

    pub(crate) fn number(&self, code: &str) -> Option<usize> {
        self.codes.get(code).map(|code| code.number)
    }

    /// Uses the code up and returns its buyer. The exchange of another mini app leaves it usable.
    ///
    /// Unverified: that a code works once. No page says so; every similar system does it.
    ///
    /// Unverified: that a code is unknown to the merchant's other mini apps.
    pub(crate) fn exchange(
        &mut self,
        mini_app: &MiniAppId,
        code: &str,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> Result<&MiniAppUser, AuthCodeError> {
        let code = self.codes.get_mut(code).ok_or(AuthCodeError::Unknown)?;
        if code.user.mini_app != *mini_app {
            return Err(AuthCodeError::OtherMiniApp);
        }
        if code.used {
            return Err(AuthCodeError::Used);
        }
        if now.duration_since(code.issued_at) > lifetime {
            return Err(AuthCodeError::Expired);
        }
        code.used = true;
        Ok(&code.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn budi(mini_app: &str) -> MiniAppUser {
        MiniAppUser {
            mini_app: mini_app.parse().unwrap(),
            buyer: "budi".to_owned(),
        }
    }

    #[test]
    fn a_code_works_once_and_for_six_minutes() {
        let budi = budi("kedai");
        let mut codes = AuthCodes::default();
        for code in ["a", "b"] {
            codes.issue(code.to_owned(), budi.clone(), at(0));
        }
        let mut exchange = |code, at| {
            let lifetime = SignedDuration::from_mins(6);
            codes.exchange(&budi.mini_app, code, at, lifetime).cloned()
        };
        assert_eq!(exchange("a", at(360)), Ok(budi.clone()));
        assert_eq!(exchange("a", at(360)), Err(AuthCodeError::Used));
        assert_eq!(exchange("b", at(361)), Err(AuthCodeError::Expired));
        assert_eq!(exchange("c", at(0)), Err(AuthCodeError::Unknown));
    }

    #[test]
    fn another_mini_app_does_not_use_a_code_up() {
        let (kedai, kopi) = (budi("kedai"), budi("kopi"));
        let mut codes = AuthCodes::default();
        codes.issue("a".to_owned(), kopi.clone(), at(0));
        let lifetime = SignedDuration::from_mins(6);
        let refused = codes.exchange(&kedai.mini_app, "a", at(0), lifetime);
        assert_eq!(refused, Err(AuthCodeError::OtherMiniApp));
        let granted = codes.exchange(&kopi.mini_app, "a", at(0), lifetime);
        assert_eq!(granted, Ok(&kopi));
    }
}
