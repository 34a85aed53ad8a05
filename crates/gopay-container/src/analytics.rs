//! Telling GoPay's analytics what the buyer does: `GPAnalytics.trackEvent`.

use crate::{Error, call::Method};
use serde::Serialize;

/// Tells GoPay what the buyer did.
///
/// At least one field has to be given: GoPay refuses an event without any
/// (`GP_PARAM_ERR`). Both containers, no consent. Waits 10 s.
/// <https://docs.midtrans.com/reference/frontend-v2#trackevent>
pub async fn track_event(name: &str, fields: EventFields<'_>) -> Result<(), Error> {
    let method = Method::silent("GPAnalytics", "trackEvent");
    method.effect(&Event { name, fields }).await
}

/// What is known about an event: exactly the documented keys of `metaData`. GoPay and the
/// merchant read them, so no personal data belongs in any.
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
