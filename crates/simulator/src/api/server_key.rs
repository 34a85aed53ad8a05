//! Basic authentication by the server key, which Snap and the Core API share
//! `[miniapp-x-snap-checkout-payment]`.

use super::headers::header_text;
use crate::{app_state::AppState, caller::Caller, host::Host};
use axum::http::HeaderMap;
use gopay_protocol::header;

pub(super) const SERVER_KEY_RULE: &str =
    "Authorization is Basic base64(server key + \":\"), with the server key of this host";

/// The merchant whose server key of this host a request has, or what is wrong with the one it has.
pub(super) fn authorize(
    state: &AppState,
    host: Host,
    headers: &HeaderMap,
) -> Result<Caller, &'static str> {
    let given = header_text(headers, header::AUTHORIZATION);
    let keys = state.exchanged();
    let merchant_on = |host| keys.by_server_key(host, given?);
    if let Some(merchant) = merchant_on(host) {
        return Ok(Caller { host, merchant });
    }
    let is_of = |host| merchant_on(host).is_some();
    let other = match host {
        Host::Production => Host::Sandbox,
        Host::Sandbox => Host::Production,
    };
    Err(match (given, host) {
        (None, _) => "there is no Authorization: Basic base64(server key + \":\")",
        (Some(_), Host::Production) if is_of(other) => {
            "the server key is the sandbox's, and this host plays production"
        }
        (Some(_), Host::Sandbox) if is_of(other) => {
            "the server key is production's, and this host plays the sandbox"
        }
        (Some(_), _) => "the server key is unknown",
    })
}
