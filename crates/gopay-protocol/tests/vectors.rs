//! Known answers for the three signatures.
//!
//! V-1 and V-2 are printed on GoPay's page `signature-generation` (2026-04-22). V-3 to V-5
//! were derived with OpenSSL from the same secret, token and key; V-6 is in `minify`.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use gopay_protocol::{
    ClientSecret, Confidential, VerifyingKey,
    message::{notify, payment, status},
    signature::{
        body_hash, notification_string_to_sign, token_string_to_sign, transaction_string_to_sign,
        verifies_notification,
    },
};

const CLIENT_SECRET: &str = "fdppqbF5wq7vVegyvsV1CROMv646nJ7A";
const ACCESS_TOKEN: &str = "gp9HjjEj813Y9JGoqwOeOPWbnt4CupvIJbU1Mmu4a11MNDZ7Sg5u9a";
const PUBLIC_KEY: &str = include_str!("fixtures/sample-public-key.pem");

const V1_SIGNATURE: &str = "iv5YorKVVFOFS59l0HChDvPe+HeoE/jY5CfVgCg5i16nj5/DVnKg49ilkv8PyeU7y38apHhgO+cUrvkfUs5BhDD69yLn7xp8hzN9RcR0UDy5+nCrQ3GGCVSzZJvlEXN+TB0j4Q6pMsjrq4+YRoyDa4mTlsjJTU9aGjLRFBYgY4MyMQ5x11JyLnoFwbS8TJ5e/q4mUozrp49VyHe7OQSFnJNwvMSFrDyAIxoOK0IZQIlY29PaDIFcWoR+RJAY42H2FryjJcPpNfeercbkj9jsBLV3wmEKiNoN6lgFFLk5QicDnAAQzL45s92EYeCqDNuTTJOydaJbUqEo1d/ZPVNBtQ==";
const V5_SIGNATURE: &str = "kTDsgyr13P+u0R9kzRN/bb2hEOwJiF92m8bYqkyljibx9FNt9rk8JxSNwFC/oaqiWqVHMWbhHYkKgwWMP4gotOtDV+9OB5cu70VdZxzpsS71qRVofkkge/itJKLUIqKuSHSuw+EpG+K9QgiLcMwQDE6iWH6rCzi5q9sN8dzeOH8RsfD1P+9+seiHD7gDNa16kS/W2DmV4FxbK6UFTs6wAp+CwjFzfUCvgcT5+xPcDGZ5/MTN34G3HvVLLLJbKo+MyfxwCR0WXC67KEpc2pGiPGdjL7450/8N6AqnUeABz29iwp27xgm38qEQsPZ9sO3nqLgE8viyoL4svZxPLMK5XA==";

fn public_key() -> VerifyingKey {
    VerifyingKey::from_pem(PUBLIC_KEY).unwrap()
}

fn transaction_signature(path: &str, body_hash: &str, timestamp: &str) -> String {
    ClientSecret::new(&Confidential::new(CLIENT_SECRET)).sign(&transaction_string_to_sign(
        path,
        ACCESS_TOKEN,
        body_hash,
        timestamp,
    ))
}

#[test]
fn v1_the_published_token_signature_verifies() {
    let string = token_string_to_sign("G1234325-SNAP", "2023-07-31T07:10:00+07:00");
    assert_eq!(string, "G1234325-SNAP|2023-07-31T07:10:00+07:00");
    assert!(public_key().verifies(&string, V1_SIGNATURE));
    assert!(!public_key().verifies(&format!("{string} "), V1_SIGNATURE));
}

#[test]
fn v2_the_published_transaction_signature_is_ours() {
    assert_eq!(
        transaction_signature(
            payment::PATH,
            "56fa5f4999ad8014de49d7898c1d1d53472569db8999de3c1b752a0dd181e98c",
            "2020-01-01T00:00:00+07:00",
        ),
        "FSlidRHe4ow9qppNifGVQNcdv67lBjgCiP0BHylh+IKXo4fs2rHaGsFNUY0N8t0rPlZs4iAHAOCDklnCccwuJw=="
    );
}

#[test]
fn v3_a_status_inquiry() {
    let body = serde_json::to_string(&status::Request::new(
        Some("A120240930071006pW0gbFMTguID"),
        "",
    ))
    .unwrap();
    let hash = body_hash(body.as_bytes());
    assert_eq!(
        hash,
        "1878385a7ff6586149cc6226261f0a242c94d75867e1d3594aa7dbf20fa4896c"
    );
    assert_eq!(
        transaction_signature(status::PATH, &hash, "2024-03-15T10:35:00+07:00"),
        "DFTVXoDsnK4GMdVn94ptrhpN/CrDJ8Be2gqdgZ0hzZIHLzUsylIXIu9J5LJYarLzVHFfGPuMbEDrBrVRNfireQ=="
    );
}

#[test]
fn v4_a_payment() {
    let body = r#"{"partnerReferenceNo":"ORDER-1","chargeToken":"gp9HjjEj813Y9JGoqwOeOPWbnt4CupvIJbU1Mmu4a11MNDZ7Sg5u9a","payOptionDetails":[{"payMethod":"GOPAY","payOption":"GOPAY","transAmount":{"value":"10000.00","currency":"IDR"}}],"additionalInfo":{"pointOfPurchaseId":"22cc3371-4bba-4ec6-8e0d-62163e130cdc"}}"#;
    let hash = body_hash(body.as_bytes());
    assert_eq!(
        hash,
        "98edaade5fa9291fd5194323fbf264101579c114a44e5b6a9e5d8eb95ca822b2"
    );
    assert_eq!(
        transaction_signature(payment::PATH, &hash, "2024-03-15T10:35:00+07:00"),
        "/2FCOf/YIf1Itt3H6iVWl8+ys76SuKU3LGkELKpr8qZQq/RSukQ25bFMsZFvfOX8fCP+PJRrL4qfAOmeKHNDjw=="
    );
    assert!(serde_json::from_str::<payment::Request>(body).is_ok());
}

#[test]
fn v5_a_notification() {
    let body = include_bytes!("fixtures/notification.json");
    let hash = body_hash(body);
    assert_eq!(
        hash,
        "79ebbe6a6b695262dd686d0dedafc57c94e3b3dededf8d63971f8a95699ace85"
    );
    let timestamp = "2024-10-07T15:45:22+07:00";
    let string = notification_string_to_sign(notify::PATH, &hash, timestamp);
    assert!(public_key().verifies(&string, V5_SIGNATURE));

    let verifies = |path, timestamp, signature, body: &[u8]| {
        verifies_notification(&[public_key()], path, timestamp, signature, body)
    };
    assert!(verifies(notify::PATH, timestamp, V5_SIGNATURE, body));
    let pretty = String::from_utf8_lossy(body).replace(',', ",\n  ");
    assert!(verifies(
        notify::PATH,
        timestamp,
        V5_SIGNATURE,
        pretty.as_bytes()
    ));
    let richer = String::from_utf8_lossy(body).replace("102800.00", "202800.00");
    for (what, ok) in [
        (
            "another body",
            verifies(notify::PATH, timestamp, V5_SIGNATURE, richer.as_bytes()),
        ),
        (
            "another path",
            verifies("/v1.0/debit/notify/", timestamp, V5_SIGNATURE, body),
        ),
        (
            "another time",
            verifies(
                notify::PATH,
                "2024-10-07T15:45:23+07:00",
                V5_SIGNATURE,
                body,
            ),
        ),
        (
            "another signature",
            verifies(notify::PATH, timestamp, V1_SIGNATURE, body),
        ),
        ("no signature", verifies(notify::PATH, timestamp, "", body)),
        (
            "no key",
            verifies_notification(&[], notify::PATH, timestamp, V5_SIGNATURE, body),
        ),
    ] {
        assert!(!ok, "{what}");
    }
}
