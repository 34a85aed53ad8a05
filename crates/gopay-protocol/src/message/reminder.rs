//! A reminder on GoPay's home page, the Genie card, of the mini-app API `[reminder-v2]`: `PUT
//! /v1/mini-apps/reminder` creates one, `DELETE` on its own [`path`] removes it. For selected
//! merchants only.
//!
//! Sent with `Authorization: Bearer <auth_token>`, which names the buyer. The `Request-Id` is
//! optional and the idempotency key: without it, a repetition creates a second reminder.

use super::{Template, envelope::Envelope, lenient};
use crate::ReminderId;
use serde::Deserialize;
use std::fmt::Write as _;

/// Path of the creation, on the mini-app host.
pub const PATH: &str = "/v1/mini-apps/reminder";

/// Path of the removal, on the mini-app host, with the id percent-encoded. `None` for an id that is no
/// segment of a path: an empty one, `.` and `..`, which every reader of URLs takes out.
///
/// ```
/// use gopay_protocol::message::reminder;
///
/// let path = reminder::path(&"a/b".into());
/// assert_eq!(path.as_deref(), Some("/v1/mini-apps/reminder/a%2Fb"));
/// assert_eq!(reminder::path(&"..".into()), None);
/// ```
pub fn path(id: &ReminderId) -> Option<String> {
    let id = id.as_str();
    if matches!(id, "" | "." | "..") {
        return None;
    }
    let mut path = format!("{PATH}/");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
    Some(path)
}

/// What the reminder shows.
///
/// Docs disagree: the sample also has a `reminder_id`, which the table does not. It is left out:
/// GoPay's answer brings the id.
pub type Request = Template;

/// GoPay's answer to a creation.
pub type Response = Envelope<Created>;

/// GoPay's answer to a removal.
pub type RemoveResponse = Envelope<()>;

/// The new reminder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Created {
    /// Keep it: it removes the reminder.
    #[serde(default, deserialize_with = "lenient::text")]
    pub reminder_id: Option<ReminderId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The sample has an id that the table lacks, and a number.
    #[test]
    fn a_request_is_the_sample_of_the_page_in_text() {
        let sample = include_str!("../../tests/fixtures/reminder-request.json");
        let mut sample: Value = serde_json::from_str(sample).unwrap();
        sample.as_object_mut().unwrap().remove("reminder_id");
        sample["template_parameters"]["amount"] = json!("12000");
        let parameters = [
            ("message", "Food is ready"),
            ("cta_label_en", "Track"),
            ("cta_label_id", "Track"),
            ("amount", "12000"),
        ];
        let request = Request {
            template_name: "<template_name>".to_owned(),
            template_parameters: parameters
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into(),
        };
        assert_eq!(serde_json::to_value(request).unwrap(), sample);
    }

    #[test]
    fn the_answers_of_the_page_are_read() {
        let created = include_str!("../../tests/fixtures/reminder-created.json");
        let created: Response = serde_json::from_str(created).unwrap();
        let reminder_id = created.data.unwrap().reminder_id.unwrap();
        assert_eq!(reminder_id.as_str(), "<reminder_id>");
        let refused = include_str!("../../tests/fixtures/reminder-refused.json");
        let refused: Response = serde_json::from_str(refused).unwrap();
        let error = refused.error.unwrap();
        assert_eq!(error.code, None);
        let description = "NotificationTemplate not found";
        assert_eq!(error.description.as_deref(), Some(description));
        let removed = include_str!("../../tests/fixtures/done.json");
        let removed: RemoveResponse = serde_json::from_str(removed).unwrap();
        assert!(removed.success);
        let unknown = include_str!("../../tests/fixtures/reminder-not-removed.json");
        let unknown: RemoveResponse = serde_json::from_str(unknown).unwrap();
        let description = unknown.error.unwrap().description;
        assert_eq!(description.as_deref(), Some("Reminder not found"));
    }

    #[test]
    fn an_id_stays_one_segment_of_its_path() {
        for (id, end) in [
            ("7c9e-1.a_b~", "7c9e-1.a_b~"),
            ("../users", "..%2Fusers"),
            ("a?b#c%", "a%3Fb%23c%25"),
            ("é", "%C3%A9"),
        ] {
            assert_eq!(path(&id.into()), Some(format!("{PATH}/{end}")));
        }
        for none in ["", ".", ".."] {
            assert_eq!(path(&none.into()), None, "{none:?}");
        }
    }
}
