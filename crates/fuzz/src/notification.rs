//! GoPay's notifications: `X-TIMESTAMP` and `X-SIGNATURE` in the first two lines, then the body.

use crate::{json, split_line};
use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::{
    VerifyingKey,
    message::notify,
    minify,
    signature::{BodyForm, body_hash, body_hashes, verify_notification},
    timestamp,
};
use merchant::{
    adapters::http::parsers,
    domain::payment_event::{InterpretedMessage, PaymentEvent, interpret_notification},
};
use serde_json::Value;
use std::{collections::HashSet, sync::OnceLock};

/// The key with which the vendor signed its samples.
const PUBLIC_KEY: &str = include_str!("../../gopay-protocol/tests/fixtures/sample-public-key.pem");

/// All that is known to be signed with it, in the form of an input.
const SIGNED: [&[u8]; 2] = [
    include_bytes!("../corpus/notification/signed"),
    include_bytes!("../corpus/notification/signed-printed"),
];

pub(crate) fn run(input: &[u8]) {
    let Some((signed_at, signature, body)) = split(input) else {
        return;
    };
    check_forms(body);
    if is_genuine(signed_at, signature, body) {
        check_genuine(signed_at, signature, body);
    }
    let _ = timestamp::parse(signed_at);
    check_event(body);
}

fn split(input: &[u8]) -> Option<(&str, &str, &[u8])> {
    let (signed_at, rest) = split_line(input)?;
    let (signature, body) = split_line(rest)?;
    Some((signed_at, signature, body))
}

fn is_genuine(signed_at: &str, signature: &str, body: &[u8]) -> bool {
    static KEY: OnceLock<[VerifyingKey; 1]> = OnceLock::new();
    let keys = KEY.get_or_init(|| [VerifyingKey::from_pem(PUBLIC_KEY).unwrap()]);
    verify_notification(keys, &[notify::PATH], signed_at, signature, body)
}

/// Each form of a body says the same as the body, and is hashed once.
fn check_forms(body: &[u8]) {
    let minified = minify(body);
    assert_eq!(minify(&minified), minified, "minified twice");
    assert_eq!(body_hash(body), body_hash(&minified));
    let forms: Vec<_> = body_hashes(body).collect();
    let hashes: HashSet<_> = forms.iter().map(|(_, hash)| hash).collect();
    assert_eq!(hashes.len(), forms.len(), "a hash twice");
    assert_eq!(forms[0].0, BodyForm::AsReceived);
    assert!(forms.iter().any(|(_, hash)| *hash == body_hash(body)));
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let again: Value = serde_json::from_slice(&minified).expect("the minified body is JSON");
        assert!(json::is_same(&value, &again), "minified to other content");
    }
}

/// What the signature verifies is what the vendor signed, but for its form.
fn check_genuine(signed_at: &str, signature: &str, body: &[u8]) {
    let bytes = |signature: &str| STANDARD.decode(signature).unwrap();
    let signed = (SIGNED.into_iter().map(|it| split(it).unwrap()))
        .find(|(at, by, _)| *at == signed_at && bytes(by) == bytes(signature));
    let (.., theirs) = signed.expect("a signature verifies that the vendor did not make");
    let theirs: Value = serde_json::from_slice(theirs).unwrap();
    // Without white space, what is no JSON can become JSON: `1 2`.
    if let Ok(ours) = serde_json::from_slice::<Value>(body) {
        assert!(json::is_same(&ours, &theirs), "other content is genuine");
    }
}

/// Only status 00 with an amount is a payment, and only status 04 a refund.
fn check_event(body: &[u8]) {
    let Some(notification) = parsers::notification(body) else {
        return;
    };
    let inner = serde_json::from_slice::<String>(body).ok();
    let body = inner.as_deref().map_or(body, str::as_bytes);
    if json::is_ambiguous(body) {
        return;
    }
    let message: Value = serde_json::from_slice(body).unwrap();
    let named = [
        "originalReferenceNo",
        "originalPartnerReferenceNo",
        "originalExternalId",
    ];
    assert!(named.iter().any(|id| json::text(&message, id).is_some()));
    if let InterpretedMessage::Event(event) = interpret_notification(&notification) {
        match event {
            PaymentEvent::Paid(amount) | PaymentEvent::PaidInDoubt(amount) => {
                assert!(json::is_paid_status(&message), "{event:?}");
                let written = json::rupiah(&message);
                assert_eq!(Some(amount.get()), written, "{}", message["amount"]);
            }
            PaymentEvent::Refunded(_) => assert!(json::is_refunded_status(&message), "{event:?}"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_of_the_vendor_are_genuine() {
        for input in SIGNED {
            let (signed_at, signature, body) = split(input).unwrap();
            assert!(is_genuine(signed_at, signature, body));
            assert!(!is_genuine("2024-05-02T14:43:09+07:00", signature, body));
        }
    }
}
