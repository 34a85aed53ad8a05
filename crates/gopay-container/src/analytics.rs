//! GoPay's analytics: `GPAnalytics.trackEvent`.

use crate::{Error, method::Method};
use serde::Serialize;

/// Sends an event to GoPay's analytics.
///
/// At least one field is required: GoPay refuses an event without any (`GP_PARAM_ERR`). Both
/// containers, no consent. <https://docs.midtrans.com/reference/frontend-v2#trackevent>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 10 s.
pub async fn track_event(name: &str, fields: EventFields<'_>) -> Result<(), Error> {
    let method = Method::quick("GPAnalytics", "trackEvent");
    method.effect(&Event { name, fields }).await
}

/// The documented keys of an event's `metaData`. GoPay and the merchant read them: put no
/// personal data in any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "GoPay's names say what little its page says")]
pub struct EventFields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mini_app_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mini_app_version: Option<&'a str>,
    /// `viewed` or `clicked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_action: Option<&'a str>,
    /// What was completed, such as `payment`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_action: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_name: Option<&'a str>,
    /// What was clicked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_id: Option<&'a str>,
    /// Where the click leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'a str>,
    /// Only with an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<&'a str>,
    /// Only with an error: the words that the buyer saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<&'a str>,
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "eventName")]
    name: &'a str,
    #[serde(rename = "metaData")]
    fields: EventFields<'a>,
}
