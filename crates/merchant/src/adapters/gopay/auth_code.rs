//! The mini-app API: who is the buyer?

use super::{Credential, GoPay, is_header_value, throttle::Api};
use crate::{domain::gopay_result::Error, key_ring::KeyRing, ports::RawResponse};
use gopay_protocol::{
    Secret, header,
    message::authorization::{self, Grant},
};
use reqwest::StatusCode;
use uuid::Uuid;

/// Sent so often in all while GoPay answers 5xx, the only answers worth repeating
/// `[backend-v2]`.
pub(super) const MAX_ATTEMPTS: u32 = 3;

/// Why there is no grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// The code is unknown, too old or spent: the app needs a new one.
    #[error("GoPay does not accept the auth code")]
    CodeRefused,
    #[error(transparent)]
    GoPay(#[from] Error),
}

impl AuthorizationError {
    /// Whether GoPay does not take the merchant's credentials, and so has not looked at the code.
    const fn is_about_us(&self) -> bool {
        matches!(self, Self::GoPay(Error::Credentials { .. }))
    }
}

impl GoPay {
    /// Exchanges an auth code. A repeated try carries the same `Request-Id`, so that GoPay
    /// can tell it from a second use.
    pub async fn authorize(
        &self,
        credentials: &KeyRing<Secret>,
        auth_code: &Secret,
    ) -> Result<Grant, AuthorizationError> {
        let request_id = Uuid::new_v4().to_string();
        let mut last = Err(Error::NotSent.into());
        for turn in credentials.in_order() {
            last = self.exchange(turn.key, auth_code, &request_id).await;
            if !last.as_ref().is_err_and(AuthorizationError::is_about_us) {
                if last.is_ok() {
                    self.credentials.note(Credential::AuthCredentials, true);
                    turn.note_accepted("auth_credentials_file");
                }
                return last;
            }
        }
        self.credentials.note(Credential::AuthCredentials, false);
        last
    }

    async fn exchange(
        &self,
        credentials: &Secret,
        auth_code: &Secret,
        request_id: &str,
    ) -> Result<Grant, AuthorizationError> {
        let mut last = Error::NotSent;
        for _ in 0..MAX_ATTEMPTS {
            let request = self
                .post(self.mini_app_url()?, authorization::PATH)
                .header(
                    header::AUTHORIZATION,
                    format!("Basic {}", credentials.expose()),
                )
                .header(header::REQUEST_ID, request_id)
                .json(&authorization::Request {
                    auth_code: auth_code.clone(),
                });
            match self.send(Api::SignIn, request).await {
                Ok(answer) if answer.status.is_server_error() => {
                    last = Error::Unknown("GoPay failed");
                }
                Ok(answer) => return read(&answer),
                Err(error) => return Err(error.into()),
            }
        }
        Err(last.into())
    }
}

/// Unverified: the HTTP status of each refusal is not documented. A refusal that names the
/// caller (401 without the documented description, 403) is the merchant's own fault, any other
/// 4xx, or `success: false`, is the code's.
fn read(RawResponse { status, body, .. }: &RawResponse) -> Result<Grant, AuthorizationError> {
    let response: Option<authorization::Response> = gopay_protocol::json::from_slice(body).ok();
    let about_the_code = response
        .as_ref()
        .and_then(|response| response.error.as_ref())
        .and_then(|error| error.description.as_deref())
        .is_some_and(|description| description.to_ascii_lowercase().contains("authcode"));
    match (*status, response) {
        (StatusCode::TOO_MANY_REQUESTS, _) => Err(Error::Throttled.into()),
        (StatusCode::OK, Some(response)) if response.success => match response.data {
            Some(grant)
                if is_header_value(&grant.auth_token)
                    && !grant.gopay_account_id.expose().is_empty() =>
            {
                Ok(grant)
            }
            _ => Err(Error::Unknown("a grant with nothing in it").into()),
        },
        (StatusCode::OK, Some(_)) => Err(AuthorizationError::CodeRefused),
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) if !about_the_code => {
            Err(Error::Credentials {
                settings: "auth_credentials_file",
                code: None,
            }
            .into())
        }
        (status, Some(_)) if status.is_client_error() => Err(AuthorizationError::CodeRefused),
        _ => Err(Error::Unknown("not an answer to an auth code").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Grant, AuthorizationError> {
        read(&RawResponse {
            status: StatusCode::from_u16(status).unwrap(),
            body: body.as_bytes().to_vec(),
            ..RawResponse::default()
        })
    }

    #[test]
    fn only_a_whole_grant_is_one() {
        let whole = r#"{"success":true,"data":{"auth_token":"t","gopay_account_id":"a"}}"#;
        assert!(answer(200, whole).is_ok());
        for (status, body) in [
            (200, r#"{"success":true}"#),
            (
                200,
                r#"{"success":true,"data":{"auth_token":"","gopay_account_id":"a"}}"#,
            ),
            (200, "<html>"),
            (200, r#"{"success":true,"data":{"auth_token":"t"}}"#),
            (302, ""),
        ] {
            assert!(
                matches!(
                    answer(status, body),
                    Err(AuthorizationError::GoPay(Error::Unknown(_)))
                ),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_throttled_sign_in_is_not_a_refused_one() {
        for body in [
            "",
            r#"{"success":false,"error":{"description":"AuthCode: too many"}}"#,
        ] {
            assert_eq!(answer(429, body), Err(Error::Throttled.into()));
        }
    }

    #[test]
    fn an_odd_detail_hides_neither_a_grant_nor_a_refusal() {
        for odd in [
            r#""error":null"#,
            r#""error":[]"#,
            r#""error":"""#,
            r#""error":{"code":7,"description":null}"#,
        ] {
            let body = format!(
                r#"{{"success":true,{odd},"data":{{"auth_token":"t","gopay_account_id":17}}}}"#
            );
            let grant = answer(200, &body).unwrap();
            assert_eq!(grant.gopay_account_id.expose(), "17", "{odd}");
        }
        for data in ["null", "{}", "[]", r#""""#] {
            let body = format!(
                r#"{{"success":false,"data":{data},"error":{{"code":105,"description":"AuthCode Not Found"}}}}"#
            );
            let refused = answer(401, &body);
            assert_eq!(refused, Err(AuthorizationError::CodeRefused), "{data}");
        }
    }

    #[test]
    fn a_refused_code_is_told_from_refused_credentials() {
        let code = r#"{"success":false,"error":{"description":"AuthCode Not Found"}}"#;
        for status in [200, 400, 401, 404] {
            assert_eq!(answer(status, code), Err(AuthorizationError::CodeRefused));
        }
        let basic = r#"{"success":false,"error":{"code":"110","description":"Unauthorized"}}"#;
        assert_eq!(
            answer(401, basic),
            Err(Error::Credentials {
                settings: "auth_credentials_file",
                code: None
            }
            .into())
        );
    }
}
