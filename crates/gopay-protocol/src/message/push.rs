//! `POST /v1/mini-apps/notifications/push` of the mini-app API: one push to the buyer's phone
//! `[push-notification-v2]`. Not for marketing; GoPay registers each template.
//!
//! Sent with `Authorization: Bearer <auth_token>`, which names the buyer, and a `Request-Id`. That
//! id is mandatory and the idempotency key: a repetition under the same id pushes nothing more.

use super::{Template, envelope::Envelope};

/// Path of the API, on the mini-app host.
pub const PATH: &str = "/v1/mini-apps/notifications/push";

/// What the push shows.
pub type Request = Template;

/// GoPay's answer, without data.
pub type Response = Envelope<()>;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn a_request_is_the_sample_of_the_page() {
        let sample = include_str!("../../tests/fixtures/push-request.json");
        let sample: Value = serde_json::from_str(sample).unwrap();
        let request = Request {
            template_name: "HK_PDS_NOTIFY".to_owned(),
            template_parameters: [("amount", "100000"), ("currency", "IDR")]
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into(),
        };
        assert_eq!(serde_json::to_value(&request).unwrap(), sample);
        assert_eq!(serde_json::from_value::<Request>(sample).unwrap(), request);
    }

    #[test]
    fn the_answers_of_the_page_are_read() {
        let read = |text| serde_json::from_str::<Response>(text).unwrap();
        assert!(read(include_str!("../../tests/fixtures/done.json")).success);
        let refused = read(include_str!("../../tests/fixtures/push-refused.json"));
        assert!(!refused.success);
        let description = refused.error.unwrap().description;
        assert_eq!(description.as_deref(), Some("User not found"));
    }
}
