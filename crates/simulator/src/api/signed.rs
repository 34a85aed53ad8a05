//! What payment, status, cancel and refund have in common: headers, bearer, time and HMAC
//! `[signature-generation]`.

use super::{freshness::is_fresh, refusal::Refusal};
use crate::{account, ledger::Event, shared::Shared, world::World};
use axum::http::{HeaderMap, Uri};
use gopay_protocol::{
    ServiceCode, header,
    signature::{BodyForm, body_hashes, transaction_string_to_sign},
    timestamp::parse,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// A request that came from the merchant.
pub(crate) struct Signed<'a> {
    pub(crate) bearer: &'a str,
    pub(crate) external_id: &'a str,
    /// When it says it was made.
    pub(crate) timestamp: Timestamp,
    /// A JSON object.
    pub(crate) body: Value,
}

/// Checks everything that does not depend on which transaction it is.
///
/// Unverified: the order of the checks, and the codes of what only
/// `[bi-snap-security-architecture]` asks for.
///
/// Docs disagree: the formula says to minify, the guide for agents to hash the raw body, and the
/// PHP client signs what it has parsed and written without `\/` and `\u`, which is not what it
/// sends. A signature over any of these is right, and the ledger says which it was.
pub(crate) fn verify<'a>(
    shared: &Shared,
    world: &mut World,
    service: ServiceCode,
    uri: &Uri,
    headers: &'a HeaderMap,
    body: &[u8],
) -> Result<Signed<'a>, Refusal> {
    let bearer = text(headers, header::AUTHORIZATION)
        .and_then(|value| value.strip_prefix("Bearer "))
        .filter(|token| !token.is_empty())
        .ok_or_else(|| Refusal::unauthorized(service, "Auth token required"))?;
    let mandatory = |name: &'static str, shown: &str| {
        text(headers, name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Refusal::field(service, shown))
    };
    let json = mandatory("content-type", "Content-Type")?;
    let sent_at = mandatory(header::TIMESTAMP, "X-TIMESTAMP")?;
    let signature = mandatory(header::SIGNATURE, "X-SIGNATURE")?;
    let partner_id = mandatory(header::PARTNER_ID, "X-PARTNER-ID")?;
    let external_id = mandatory(header::EXTERNAL_ID, "X-EXTERNAL-ID")?;
    let channel_id = mandatory(header::CHANNEL_ID, "CHANNEL-ID")?;

    if !json.starts_with("application/json") {
        return Err(Refusal::field(service, "Content-Type"));
    }
    if channel_id.len() != 5 || !channel_id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::field(service, "CHANNEL-ID"));
    }
    if external_id.len() > 36 {
        return Err(Refusal::field(service, "X-EXTERNAL-ID"));
    }
    if headers.contains_key("authorization-customer") {
        let message = "Invalid Customer Token: not for one-time payments";
        return Err(Refusal::new(401, service, 2, message));
    }
    if !world.bearers.knows(bearer, world.now()) {
        return Err(Refusal::new(401, service, 1, "Invalid Token (B2B)"));
    }
    let timestamp = parse(sent_at).map_err(|_| Refusal::field(service, "X-TIMESTAMP"))?;
    let ahead = SignedDuration::from_secs(world.clock.ahead_seconds());
    if !is_fresh(timestamp, world.now(), ahead) {
        return Err(Refusal::unauthorized(service, "X-TIMESTAMP is not of now"));
    }
    let form = body_hashes(body)
        .take_while(|(form, _)| *form != BodyForm::Escaped)
        .find(|(_, hash)| {
            let string = transaction_string_to_sign(uri.path(), bearer, hash, sent_at);
            shared.client_secret.verify(&string, signature)
        })
        .map(|(form, _)| form)
        .ok_or_else(|| Refusal::unauthorized(service, "Signature"))?;
    let other_bytes = match form {
        BodyForm::AsReceived | BodyForm::Escaped => None,
        BodyForm::Minified => Some("minified"),
        BodyForm::Compact => Some("compact"),
    };
    if let Some(form) = other_bytes {
        world.record(Event::SignedOverOtherBytes {
            external_id: external_id.to_owned(),
            form,
        });
    }
    if partner_id != account::PARTNER_ID {
        return Err(Refusal::unauthorized(service, "X-PARTNER-ID"));
    }
    let body = serde_json::from_slice(body)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Refusal::field(service, "body: not a JSON object"))?;
    Ok(Signed {
        bearer,
        external_id,
        timestamp,
        body,
    })
}

/// The text of a header that is there once.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}
