//! `GET /v1/mini-apps/users/profile` of the mini-app API: the buyer's name, phone and e-mail
//! `[get-profile-v2]`.
//!
//! Sent with `Authorization: Bearer <auth_token>` and a `Request-Id`, which is mandatory, without a
//! body. GoPay answers only with the buyer's consent, which the container asks for.

use super::{envelope::Envelope, lenient};
use crate::Secret;
use serde::Deserialize;

/// Path of the API, on the mini-app host.
pub const PATH: &str = "/v1/mini-apps/users/profile";

/// GoPay's answer; a refusal may name the consent that is missing.
pub type Response = Envelope<Profile>;

/// Personal data. Every field may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    #[serde(default, deserialize_with = "lenient::or_default")]
    username: Option<Secret>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    name: Option<Secret>,
    /// `+62...`
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub phone_number: Option<Secret>,
    /// As the buyer gave it to GoPay.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub email: Option<Secret>,
}

impl Profile {
    /// The buyer's name as they typed it: sanitise it before it is shown.
    ///
    /// Docs disagree: `username` on the current page, `name` on an older copy of it. The
    /// current one counts where both are there.
    pub fn name(&self) -> Option<&Secret> {
        self.username.as_ref().or(self.name.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MiniAppErrorCode;

    fn response(text: &str) -> Response {
        serde_json::from_str(text).unwrap()
    }

    fn name(text: &str) -> Option<String> {
        let profile = response(text).data?;
        Some(profile.name()?.expose().to_owned())
    }

    #[test]
    fn the_samples_of_the_page_are_read() {
        let sample = include_str!("../../tests/fixtures/profile.json");
        assert_eq!(name(sample).as_deref(), Some("example"));
        let profile = response(sample).data.unwrap();
        assert_eq!(profile.phone_number.unwrap().expose(), "+628210072773");
        assert_eq!(profile.email.unwrap().expose(), "example@gmail.com");
        let sample = include_str!("../../tests/fixtures/profile-refused.json");
        assert_eq!(response(sample).data, None);
        let refused = response(sample).error.unwrap();
        assert_eq!(refused.code, Some(MiniAppErrorCode::UserNotFound));
        assert!(!refused.wants_consent());
    }

    #[test]
    fn both_names_of_the_name_are_read() {
        for (data, read) in [
            (r#"{"name":"Budi"}"#, Some("Budi")),
            (r#"{"username":"budi","name":"Budi"}"#, Some("budi")),
            (r#"{"username":null,"name":"Budi"}"#, Some("Budi")),
            (r#"{"username":7}"#, None),
            ("{}", None),
            (r#""Budi""#, None),
        ] {
            let text = format!(r#"{{"success":true,"data":{data}}}"#);
            assert_eq!(name(&text).as_deref(), read, "{data}");
        }
    }

    #[test]
    fn debug_hides_name_phone_and_email() {
        let shown = format!(
            "{:?}",
            response(include_str!("../../tests/fixtures/profile.json"))
        );
        for part in ["example", "8210072773", "gmail"] {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}
