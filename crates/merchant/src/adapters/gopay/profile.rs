//! The mini-app API: what is the buyer called?

use super::{GoPay, auth_code::MAX_ATTEMPTS, bearer, throttle::Api};
use crate::{domain::gopay_result::Error, ports::RawResponse};
use gopay_protocol::{
    Secret, header,
    message::profile::{self, Profile},
};
use reqwest::StatusCode;
use uuid::Uuid;

/// Why there is no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// The buyer has not agreed: the app may ask them, for this scope where GoPay names it.
    #[error("the buyer has not let the shop see their profile")]
    ConsentMissing(Option<String>),
    /// GoPay does not take the buyer's token: a new sign-in brings another one.
    #[error("GoPay does not take the buyer's token")]
    TokenInactive,
    /// GoPay has a reason of its own, by this code.
    #[error("GoPay gives no profile (code {0})")]
    Refused(String),
    #[error(transparent)]
    GoPay(#[from] Error),
}

impl GoPay {
    /// Asks for the profile of the buyer to whom the token belongs. It changes nothing at
    /// GoPay, so it may be asked as often as one likes.
    pub async fn profile(&self, auth_token: &Secret) -> Result<Profile, ProfileError> {
        let request_id = Uuid::new_v4().to_string();
        for _ in 0..MAX_ATTEMPTS {
            let request = self
                .get(self.mini_app_url()?, profile::PATH)
                .header(header::AUTHORIZATION, bearer(auth_token))
                .header(header::REQUEST_ID, &request_id);
            let answer = self.send(Api::Profile, request).await?;
            if !answer.status.is_server_error() {
                return read(&answer);
            }
        }
        Err(Error::Unknown("GoPay failed").into())
    }
}

/// Unverified: the HTTP status of each refusal is not documented; the body decides.
fn read(RawResponse { status, body, .. }: &RawResponse) -> Result<Profile, ProfileError> {
    if *status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Error::Throttled.into());
    }
    let nonsense = match *status {
        StatusCode::UNAUTHORIZED => ProfileError::TokenInactive,
        _ => Error::Unknown("not an answer to a profile request").into(),
    };
    let response: profile::Response =
        gopay_protocol::json::from_slice(body).map_err(|_| nonsense.clone())?;
    match response.data {
        Some(profile) if response.success && status.is_success() => return Ok(profile),
        _ if response.success => return Err(nonsense),
        _ => {}
    }
    let refusal = response.error.ok_or(nonsense)?;
    let is_about_token = match &refusal.code {
        Some(code) => code.is_about_token(),
        None => *status == StatusCode::UNAUTHORIZED,
    };
    Err(if refusal.wants_consent() {
        ProfileError::ConsentMissing(refusal.consent)
    } else if is_about_token {
        ProfileError::TokenInactive
    } else {
        let code = refusal.code.map(|code| code.to_string());
        ProfileError::Refused(code.unwrap_or_else(|| status.as_str().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Profile, ProfileError> {
        read(&RawResponse {
            status: StatusCode::from_u16(status).unwrap(),
            body: body.as_bytes().to_vec(),
            ..RawResponse::default()
        })
    }

    #[test]
    fn a_profile_is_read() {
        let body = r#"{"success":true,"error":{},"data":{"username":"budi"}}"#;
        let profile = answer(200, body).unwrap();
        assert_eq!(profile.name().map(Secret::expose), Some("budi"));
        let nobody = answer(200, r#"{"success":true,"data":{}}"#).unwrap();
        assert_eq!(nobody.name(), None);
    }

    #[test]
    fn a_missing_consent_is_told_from_other_refusals_whatever_the_status() {
        for status in [200, 400, 401, 403, 404] {
            let body = r#"{"success":false,"error":{"code":"400004","consent_name":"profile"}}"#;
            assert_eq!(
                answer(status, body),
                Err(ProfileError::ConsentMissing(Some("profile".to_owned())))
            );
            let body = r#"{"success":false,"error":{"code":"105","description":"User not found"}}"#;
            assert_eq!(
                answer(status, body),
                Err(ProfileError::Refused("105".to_owned()))
            );
        }
        let body = r#"{"success":false,"error":{"description":"no"}}"#;
        assert_eq!(
            answer(403, body),
            Err(ProfileError::Refused("403".to_owned()))
        );
    }

    #[test]
    fn a_token_that_is_not_taken_needs_a_new_sign_in() {
        for (status, body) in [
            (401, ""),
            (401, r#"{"success":false,"error":{"description":"no"}}"#),
            (401, r#"{"success":false,"error":{"code":"5003"}}"#),
            (200, r#"{"success":false,"error":{"code":"5003"}}"#),
        ] {
            assert_eq!(
                answer(status, body),
                Err(ProfileError::TokenInactive),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_throttled_request_says_nothing_about_consent() {
        let body = r#"{"success":false,"error":{"code":"400004"}}"#;
        assert_eq!(answer(429, body), Err(Error::Throttled.into()));
    }

    #[test]
    fn nonsense_says_nothing_about_consent() {
        for (status, body) in [
            (200, "<html>"),
            (200, r#"{"success":true}"#),
            (400, r#"{"success":true,"data":{"username":"budi"}}"#),
            (200, r#"{"success":false}"#),
        ] {
            assert!(
                matches!(
                    answer(status, body),
                    Err(ProfileError::GoPay(Error::Unknown(_)))
                ),
                "{status} {body}"
            );
        }
    }
}
