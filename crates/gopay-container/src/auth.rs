//! Who the buyer is: `GPMiniAppAuth.getAuthCode`.

use crate::{
    Error,
    call::{self, NoParams},
    method::Method,
    reply::Reply,
};
use std::fmt;

pub(crate) const METHOD: Method<'static> = Method::quick("GPMiniAppAuth", "getAuthCode");

/// Asks GoPay for a code that proves who the buyer is. Nothing is shown to the buyer.
///
/// The code is valid for a few minutes and for one use: ask for a fresh one each time.
/// Both containers, no consent, since GoPay app 1.36.0.
/// <https://docs.midtrans.com/reference/frontend-v2#get-auth-code>
///
/// ```no_run
/// # async fn example() -> Result<(), gopay_container::Error> {
/// let auth_code = gopay_container::auth::get_auth_code().await?;
/// let body = auth_code.expose();
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 10 s, [`Error::Unreadable`] where the code is no
/// plain ASCII of at most 1,024 characters.
pub async fn get_auth_code() -> Result<AuthCode, Error> {
    // Docs disagree: `frontend-v2` and `seamless-login-v2` say GPMiniAppAuth, the
    // minikit-cli page says GPBase. Asking the second only where the first is unknown
    // is safe: a method that is not there has done nothing.
    let methods = [METHOD, Method::quick("GPBase", "getAuthCode")];
    let reply = call::first_supported(methods, &NoParams {}).await?;
    AuthCode::read(&reply)
}

/// A one-time code that the merchant's back end exchanges for the buyer's identity.
///
/// A credential: Debug hides it, and it belongs in one request body only.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthCode(String);

impl AuthCode {
    /// The code itself, for the request to the merchant's back end.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The samples have 64 alphanumerics and no page gives a rule, so any plain text passes; the
    /// merchant's back end finds out whether it is a code.
    pub(crate) fn read(reply: &Reply) -> Result<Self, Error> {
        let code = reply
            .text(["authCode", "auth_code"])
            .ok_or(Error::Unreadable {
                what: "no authCode",
            })?;
        if code.is_empty() || code.len() > 1024 || !code.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::Unreadable {
                what: "authCode is empty, longer than 1024, or not plain ASCII without spaces",
            });
        }
        Ok(Self(code.to_owned()))
    }
}

impl fmt::Debug for AuthCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthCode([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::answer,
        reply::{Callback, decode},
    };
    use serde_json::json;

    fn read(data: serde_json::Value) -> Result<AuthCode, Error> {
        let answer = json!({"success": true, "data": data});
        AuthCode::read(&decode(Some(answer), Callback::Success)?)
    }

    #[test]
    fn the_documented_auth_code_is_read() {
        let auth_code = AuthCode::read(&answer("GPMiniAppAuth.getAuthCode", "documented").unwrap());
        let sample = "GBNURP5WyBIqXiGxKv2cO8Qj4CyS0qZrRK5O4e8ehdnHpowG6k5pkj2SsF7BqGIF";
        assert_eq!(auth_code.unwrap().expose(), sample);
    }

    #[test]
    fn debug_does_not_show_the_code() {
        let auth_code = read(json!({"authCode": "GBNURP5W"})).unwrap();
        assert_eq!(format!("{auth_code:?}"), "AuthCode([redacted])");
    }

    #[test]
    fn text_that_is_no_auth_code_is_unreadable() {
        for data in [
            json!(null),
            json!({}),
            json!({"authCode": null}),
            json!({"authCode": 123}),
            json!({"authCode": ""}),
            json!({"authCode": "   "}),
            json!({"authCode": "a b"}),
            json!({"authCode": "a\nb"}),
            json!({"authCode": "kopi\u{e9}"}),
            json!({"authCode": "x".repeat(10_240)}),
            json!({"data": {"authCode": "nested"}}),
        ] {
            let result = read(data.clone());
            assert!(
                matches!(result, Err(Error::Unreadable { .. })),
                "{data:.60}"
            );
        }
    }
}
