//! Basic authentication by the server key, which Snap and the Core API share
//! `[miniapp-x-snap-checkout-payment]`.

use super::headers::header_text;
use crate::{app_state::AppState, host::Host};
use axum::http::HeaderMap;
use gopay_protocol::header;

pub(super) const SERVER_KEY_RULE: &str =
    "Authorization is Basic base64(server key + \":\"), with the server key of this host";

/// Whether a request has this host's server key, and otherwise what is wrong with the one it has.
pub(super) fn authorize(
    state: &AppState,
    host: Host,
    headers: &HeaderMap,
) -> Result<(), &'static str> {
    let given = header_text(headers, header::AUTHORIZATION);
    let keys = state.exchanged();
    let is_of = |host| given.is_some_and(|given| keys.server_keys.of(host).is_authorized(given));
    if is_of(host) {
        return Ok(());
    }
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
