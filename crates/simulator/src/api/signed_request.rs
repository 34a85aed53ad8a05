//! The checks that payment, status, cancel and refund share: headers, access token, time and HMAC
//! `[signature-generation]`.

use super::{
    error::ApiError,
    freshness::{FRESHNESS_RULE, JAKARTA_TIME_RULE, TIMESTAMP_RULE, is_fresh},
    headers::header_text,
    literal::{self, is_jakarta_time},
    signature_mistake::{self, Diagnosis, MerchantKeys, SignedTransaction, string_to_sign},
};
use crate::{
    app_state::AppState,
    caller::Caller,
    checkout::{CheckoutSettings, InvalidToken, Requests, StatusMethod},
    gopay_state::GoPayState,
    host::Host,
    ledger::Event,
};
use axum::http::{HeaderMap, Uri, uri::PathAndQuery};
use gopay_protocol::{
    ServiceCode, header,
    signature::{BodyForm, body_hash, body_hashes},
    timestamp::parse,
};
use jiff::Timestamp;
use serde_json::Value;
use url::form_urlencoded;

pub(crate) struct SignedRequest<'a> {
    pub(crate) caller: Caller,
    pub(crate) access_token: &'a str,
    pub(crate) external_id: &'a str,
    /// `X-TIMESTAMP`.
    pub(crate) timestamp: Timestamp,
    /// A JSON object.
    pub(crate) body: Value,
}

/// The hashes of a body over which a signature is accepted.
pub(crate) fn accepted_hashes(
    body: &[u8],
    requests: Requests,
) -> impl Iterator<Item = (BodyForm, String)> {
    let own = body_hash(body);
    body_hashes(body)
        .take_while(|(form, _)| *form != BodyForm::Escaped)
        .filter(move |(_, hash)| requests != Requests::Literal || *hash == own)
}

/// The method of a call: another one is refused before.
fn method_of(service: ServiceCode, checkout: CheckoutSettings) -> &'static str {
    match service {
        ServiceCode::Status => checkout.status_method.name(),
        _ => StatusMethod::Post.name(),
    }
}

/// The fields of a request: a JSON object.
///
/// Unverified: where a `GET` has them. Here they are in the body, over which the signature is then, or in the query, beside
/// an empty body.
pub(super) fn fields_of(method: &str, uri: &Uri, body: &[u8]) -> Option<Value> {
    if method == StatusMethod::Get.name() && body.is_empty() {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let pairs = pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into())));
        return Some(Value::Object(pairs.collect()));
    }
    serde_json::from_slice(body).ok().filter(Value::is_object)
}

/// Checks what all transactions have in common.
///
/// Unverified: the order of the checks, and the codes of what only
/// `[bi-snap-security-architecture]` demands.
///
/// Docs disagree: the formula says to minify the body, the guide for agents to hash it raw. The
/// PHP client signs its parsed body, rewritten without `\/` and `\u`, which is not what it sends. A
/// signature over any of these is accepted, and the ledger says over which.
pub(crate) fn verify<'a>(
    state: &AppState,
    gopay: &mut GoPayState,
    host: Host,
    service: ServiceCode,
    uri: &Uri,
    headers: &'a HeaderMap,
    body: &[u8],
) -> Result<SignedRequest<'a>, ApiError> {
    let access_token = header_text(headers, header::AUTHORIZATION)
        .and_then(|value| value.strip_prefix("Bearer "))
        .filter(|token| !token.is_empty())
        .ok_or_else(|| {
            let says = "Authorization is Bearer, a space, and the accessToken of the token request";
            ApiError::unauthorized(service, "Auth token required", says)
        })?;
    let invalid_header = |name: &str, says: &str| {
        ApiError::field(service, name, says).on_page("signature-generation")
    };
    let mandatory = |name: &'static str, shown: &str| {
        header_text(headers, name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                let says = format!("{shown} is mandatory, and occurs once");
                invalid_header(shown, &says)
            })
    };
    let json = mandatory("content-type", "Content-Type")?;
    let sent_at = mandatory(header::TIMESTAMP, "X-TIMESTAMP")?;
    let signature = mandatory(header::SIGNATURE, "X-SIGNATURE")?;
    let partner_id = mandatory(header::PARTNER_ID, "X-PARTNER-ID")?;
    let external_id = mandatory(header::EXTERNAL_ID, "X-EXTERNAL-ID")?;
    let channel_id = mandatory(header::CHANNEL_ID, "CHANNEL-ID")?;

    if !json.starts_with("application/json") {
        let says = "Content-Type is application/json";
        return Err(invalid_header("Content-Type", says));
    }
    if channel_id.len() != 5 || !channel_id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid_header("CHANNEL-ID", "CHANNEL-ID is five digits"));
    }
    if external_id.len() > 36 {
        let says = "X-EXTERNAL-ID has at most 36 characters";
        return Err(invalid_header("X-EXTERNAL-ID", says));
    }
    if headers.contains_key("authorization-customer") {
        let message = "Invalid Customer Token: not for one-time payments";
        let says = "Authorization-Customer is absent from a one-time payment";
        return Err(ApiError::new(401, service, 2, message).because(says));
    }
    let tokens = gopay.access_tokens.of(host);
    let Some(merchant) = tokens.merchant(access_token, gopay.now()) else {
        let says = "an access token lasts 900 seconds, on the host that has issued it";
        let error = match gopay.checkout.invalid_token {
            InvalidToken::Case01 => ApiError::new(401, service, 1, "Invalid Token (B2B)"),
            InvalidToken::Case00 => {
                ApiError::new(401, service, 0, "Unauthorized. Auth token required")
            }
        };
        return Err(error.because(says).on_page("access-token-api"));
    };
    let timestamp = parse(sent_at).map_err(|_| {
        ApiError::field(service, "X-TIMESTAMP", TIMESTAMP_RULE)
            .on_page("bi-snap-security-architecture")
    })?;
    let is_literal = gopay.checkout.requests == Requests::Literal;
    if is_literal && !is_jakarta_time(sent_at) {
        return Err(ApiError::field(service, "X-TIMESTAMP", JAKARTA_TIME_RULE)
            .on_page("bi-snap-security-architecture"));
    }
    let ahead = gopay.clock.ahead();
    if !is_fresh(timestamp, gopay.now(), ahead) {
        let what = "X-TIMESTAMP is not of now";
        return Err(ApiError::unauthorized(service, what, FRESHNESS_RULE)
            .on_page("bi-snap-security-architecture"));
    }
    let keys = state.exchanged();
    let method = method_of(service, gopay.checkout);
    let form = accepted_hashes(body, gopay.checkout.requests)
        .find(|(_, hash)| {
            let string = string_to_sign(method, uri.path(), access_token, hash, sent_at);
            let client_secret = &keys.of(merchant).client_secret;
            client_secret.verify(&string, signature)
        })
        .map(|(form, _)| form);
    let Some(form) = form else {
        let sent = SignedTransaction {
            method,
            target: uri
                .path_and_query()
                .map_or(uri.path(), PathAndQuery::as_str),
            host: header_text(headers, "host").unwrap_or_default(),
            access_token,
            timestamp: sent_at,
            body,
            signature,
        };
        let Diagnosis {
            string_to_sign,
            mistake,
            ..
        } = signature_mistake::of_transaction(&sent, &MerchantKeys::of(gopay, &keys, merchant));
        gopay.record(Event::SignatureRefused {
            external_id: Some(external_id.to_owned()),
            string_to_sign,
            mistake,
        });
        let says = "X-SIGNATURE is the base64 of HMAC-SHA512, under the client secret, of METHOD:path:access \
                    token:lower-case hex SHA-256 of the minified body:X-TIMESTAMP";
        return Err(
            ApiError::unauthorized(service, "Signature", says).on_page("signature-generation")
        );
    };
    let other_bytes = match form {
        BodyForm::AsReceived | BodyForm::Escaped => None,
        BodyForm::Minified => Some("minified"),
        BodyForm::Compact => Some("compact"),
    };
    if let Some(form) = other_bytes {
        gopay.record(Event::SignedOverOtherBytes {
            external_id: external_id.to_owned(),
            form,
        });
    }
    if partner_id != gopay.merchants.of(merchant).account.partner_id {
        let says = "X-PARTNER-ID is the account's partner id";
        return Err(
            ApiError::unauthorized(service, "X-PARTNER-ID", says).on_page("signature-generation")
        );
    }
    let body = fields_of(method, uri, body).ok_or_else(|| {
        ApiError::field(
            service,
            "body: not a JSON object",
            "the body is a JSON object",
        )
    })?;
    let request = SignedRequest {
        caller: Caller { host, merchant },
        access_token,
        external_id,
        timestamp,
        body,
    };
    if is_literal {
        literal::check(service, headers, &request.body, request.access_token)?;
    }
    Ok(request)
}
