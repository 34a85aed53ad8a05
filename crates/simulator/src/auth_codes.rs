//! Auth codes, from `GPMiniAppAuth.getAuthCode` to their exchange. Pure.

use crate::mini_apps::{MiniAppId, MiniAppUser};
use jiff::{SignedDuration, Timestamp};
use std::{collections::HashMap, sync::Arc};

/// Codes by their value. The ledger has their numbers.
#[derive(Debug, Default)]
pub(crate) struct AuthCodes {
    codes: HashMap<String, Code>,
}

#[derive(Debug)]
struct Code {
    number: usize,
    user: Arc<MiniAppUser>,
    issued_at: Timestamp,
    used: Option<Used>,
}

/// The exchange that used a code up.
#[derive(Debug)]
struct Used {
    request_id: Box<str>,
    auth_token: Arc<str>,
}

/// A request to exchange a code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange<'a> {
    /// That of the AuthCredentials.
    pub(crate) mini_app: &'a MiniAppId,
    pub(crate) code: &'a str,
    /// Empty where there is none.
    pub(crate) request_id: &'a str,
}

/// What a code is exchanged for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) user: Arc<MiniAppUser>,
    pub(crate) auth_token: Arc<str>,
    /// Granted before to the same request.
    pub(crate) is_repeated: bool,
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
                user: Arc::new(user),
                issued_at: now,
                used: None,
            },
        );
        number
    }

    pub(crate) fn number(&self, code: &str) -> Option<usize> {
        self.codes.get(code).map(|code| code.number)
    }

    /// Uses the code up for a token. A repetition with the same `Request-Id` gets the token of the first exchange.
    /// The exchange of another mini app leaves the code usable.
    ///
    /// Unverified: that a code works once. No page says so; every similar system does it.
    ///
    /// Unverified: that a code is unknown to the merchant's other mini apps.
    pub(crate) fn exchange(
        &mut self,
        exchange: Exchange<'_>,
        auth_token: impl Into<Arc<str>>,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> Result<Grant, AuthCodeError> {
        let code = self.codes.get_mut(exchange.code);
        let code = code.ok_or(AuthCodeError::Unknown)?;
        if code.user.mini_app != *exchange.mini_app {
            return Err(AuthCodeError::OtherMiniApp);
        }
        let request_id = exchange.request_id;
        if let Some(used) = &code.used {
            let is_repeated = !request_id.is_empty() && *used.request_id == *request_id;
            return is_repeated
                .then(|| Grant {
                    user: Arc::clone(&code.user),
                    auth_token: Arc::clone(&used.auth_token),
                    is_repeated,
                })
                .ok_or(AuthCodeError::Used);
        }
        if now.duration_since(code.issued_at) > lifetime {
            return Err(AuthCodeError::Expired);
        }
        let auth_token = auth_token.into();
        code.used = Some(Used {
            request_id: request_id.into(),
            auth_token: Arc::clone(&auth_token),
        });
        Ok(Grant {
            user: Arc::clone(&code.user),
            auth_token,
            is_repeated: false,
        })
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

    /// For six minutes; returns the buyer.
    fn exchange(
        codes: &mut AuthCodes,
        mini_app: &MiniAppId,
        code: &str,
        request_id: &str,
        now: Timestamp,
    ) -> Result<MiniAppUser, AuthCodeError> {
        let exchange = Exchange {
            mini_app,
            code,
            request_id,
        };
        let granted = codes.exchange(exchange, "token", now, SignedDuration::from_mins(6));
        granted.map(|it| (*it.user).clone())
    }

    #[test]
    fn a_code_works_once_and_for_six_minutes() {
        let budi = budi("kedai");
        let mut codes = AuthCodes::default();
        for code in ["a", "b"] {
            codes.issue(code.to_owned(), budi.clone(), at(0));
        }
        let mut exchange = |code, at| exchange(&mut codes, &budi.mini_app, code, "", at);
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
        let refused = exchange(&mut codes, &kedai.mini_app, "a", "", at(0));
        assert_eq!(refused, Err(AuthCodeError::OtherMiniApp));
        let granted = exchange(&mut codes, &kopi.mini_app, "a", "", at(0));
        assert_eq!(granted, Ok(kopi));
    }

    #[test]
    fn the_same_request_gets_the_same_token_again() {
        let kopi = budi("kopi");
        let mut codes = AuthCodes::default();
        codes.issue("a".to_owned(), kopi.clone(), at(0));
        let mut token = |request_id, token, second| {
            let exchange = Exchange {
                mini_app: &kopi.mini_app,
                code: "a",
                request_id,
            };
            let granted = codes.exchange(exchange, token, at(second), SignedDuration::from_mins(6));
            granted.map(|it| (it.auth_token.to_string(), it.is_repeated))
        };
        assert_eq!(token("r-1", "first", 0), Ok(("first".to_owned(), false)));
        assert_eq!(
            token("r-1", "second", 9_999),
            Ok(("first".to_owned(), true))
        );
        assert_eq!(token("r-2", "third", 0), Err(AuthCodeError::Used));
        assert_eq!(token("", "fourth", 0), Err(AuthCodeError::Used));
    }
}
