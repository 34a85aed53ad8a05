//! Known answers for the three signatures.
//!
//! V-1 and V-2 are printed on GoPay's page `signature-generation` (2026-04-22). V-3 to V-5
//! were derived with OpenSSL from the same secret, token and key; V-6 is in `minify`. V-7 is of
//! the fixtures of Midtrans' Java client 3.2.2. V-8 to V-11 are printed in Midtrans' signature
//! demo (SNAP-BI-Signature-Demo, `sample-code`, 2024-05-02), for the key of V-1.
#![expect(clippy::unwrap_used, reason = "this is a test")]

use gopay_protocol::{
    Amount, ClientSecret, LatestTransactionStatus, Secret, SigningKey, VerifyingKey,
    message::{access_token, cancel, fraud_status::FraudStatus, notify, payment, refund, status},
    signature::{
        BodyForm, body_hash, body_hashes, notification_string_to_sign, token_string_to_sign,
        transaction_string_to_sign, verify_notification,
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
    ClientSecret::new(&Secret::new(CLIENT_SECRET)).sign(&transaction_string_to_sign(
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
    assert!(public_key().verify(&string, V1_SIGNATURE));
    assert!(!public_key().verify(&format!("{string} "), V1_SIGNATURE));
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
        Some(&"A120240930071006pW0gbFMTguID".into()),
        &"".into(),
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
    assert!(public_key().verify(&string, V5_SIGNATURE));

    let verify = |path, timestamp, signature, body: &[u8]| {
        verify_notification(&[public_key()], &[path], timestamp, signature, body)
    };
    assert!(verify(notify::PATH, timestamp, V5_SIGNATURE, body));
    let pretty = String::from_utf8_lossy(body).replace(',', ",\n  ");
    assert!(verify(
        notify::PATH,
        timestamp,
        V5_SIGNATURE,
        pretty.as_bytes()
    ));
    let richer = String::from_utf8_lossy(body).replace("102800.00", "202800.00");
    for (what, ok) in [
        (
            "another body",
            verify(notify::PATH, timestamp, V5_SIGNATURE, richer.as_bytes()),
        ),
        (
            "another path",
            verify("/v1.0/debit/notify/", timestamp, V5_SIGNATURE, body),
        ),
        (
            "another time",
            verify(
                notify::PATH,
                "2024-10-07T15:45:23+07:00",
                V5_SIGNATURE,
                body,
            ),
        ),
        (
            "another signature",
            verify(notify::PATH, timestamp, V1_SIGNATURE, body),
        ),
        ("no signature", verify(notify::PATH, timestamp, "", body)),
        (
            "no key",
            verify_notification(&[], &[notify::PATH], timestamp, V5_SIGNATURE, body),
        ),
    ] {
        assert!(!ok, "{what}");
    }
}

#[test]
fn v7_the_java_clients_notifications_are_minified_as_it_does() {
    let body = include_bytes!("fixtures/direct-debit-success.json");
    assert_eq!(
        body_hash(body),
        "ddb6a67ed8d8e3e512182f8074fa8bfe35299c405b49920ed0836ee417fc137e"
    );
    let notification: notify::Notification = serde_json::from_slice(body).unwrap();
    assert_eq!(
        notification.latest_transaction_status,
        Some(LatestTransactionStatus::Success)
    );
    assert_eq!(notification.amount, Some(Amount::idr(200_000)));
}

#[test]
fn v8_a_token_signature_with_the_time_in_utc() {
    let string = token_string_to_sign("G1234325-SNAP", "2024-03-01T08:27:49.024Z");
    let signature = "WzW49tYIgKIBmBi/gVBHGLAkhEaZlXM11zcZxAiyHji6TLPjPbwLu3Z45it25AIeG0XDItcdTSkds47zFEMh6IP0PXPIP1+Ey4RmX/o2fuYRF/xBHvfvKnMmANMTS1axsXBSW3EHqYpbVrkCcqNnB3u+wu63us9WIhRZaWgxgQ2PJLaiVHIwgu9u7jxkWX7Bg4rerZH3RKdQfIJAAJsSN13efR7VdSAyzU7QaKjgislxrLqmesYNJkbD03XLjHdo6YWuzAVV7xdZRpLiGkIAkW7luXTBZYBO+4oENZAPQYzrLeN1qRY1Sr7BgLONCA2QA26BB6SYW4R7qofS9+RyOQ==";
    assert!(public_key().verify(&string, signature));
}

#[test]
fn v9_a_transaction_of_another_api() {
    let body = r#"{"partnerReferenceNo":"2020102900000000000001","amount":{"value":"12345678.00","currency":"IDR"},"feeAmount":{"value":"12345678.00","currency":"IDR"},"merchantId":"00007100010926","terminalId":"213141251124","validityPeriod":"2009-07-03T12:08:56-07:00"}"#;
    let hash = body_hash(body.as_bytes());
    assert_eq!(
        hash,
        "01463f60dbb6ca538581579dd95b31c8ba9fc6600eca750e4d8460ca4e402111"
    );
    let string = transaction_string_to_sign(
        "/v1.0/qr/qr-mpm-generate",
        "myaccesstoken",
        &hash,
        "2024-03-05T10:37:16.196Z",
    );
    assert_eq!(
        ClientSecret::new(&Secret::new("myclientsecret")).sign(&string),
        "wmzT7yjg1SxxCsxNsFgCR9SYXiZGGbceF6fV8xe97sAMHxZ+7OEBMIBmvb6Sj6GcksGp3iv77DiomgSbcST3XQ=="
    );
}

fn is_genuine(body: &[u8], timestamp: &str, signature: &str) -> bool {
    verify_notification(&[public_key()], &[notify::PATH], timestamp, signature, body)
}

#[test]
fn v10_a_notification_signed_by_gopay() {
    let body = include_bytes!("fixtures/notification.json");
    let signature = "RoJnP2tH/YiOhHM/lMVBMSAuzRmS8VrWdIy04Qqyb56daV7oWFMFoMMzqnjQ+q0MIUalYgU094GWQnCx2c29xb1kkqHhv2+iJ9xl6NjGmFGYqyvcKvUDAV83Y1Mw9JnsEcjcupdGw9/MRv/mm2GMrQ+BCZGfc4a46JDyPZbcY294vDGqs5rFBN6iYer5ro4cAQGo9hET2G82Y+j50vCyO/79GFE4vB1rvtu6PK2Bxi+vTYV8k7P7PS8tOPWM2O+kjiVWjwvLR99Botou+a8sxlQqZaihfWMKcByzV+Lgkr9cptpjys+1NIRWT1ad/sJBSLHyldzC3q2oRn5z5oZmyg==";
    let signed_at = "2024-05-02T14:43:08+07:00";
    assert!(is_genuine(body, signed_at, signature));
    assert!(!is_genuine(body, "2024-05-02T14:43:09+07:00", signature));
}

#[test]
fn v11_a_printed_notification_with_a_history_and_no_amount() {
    let body = include_bytes!("fixtures/notification-printed.json");
    assert_eq!(
        body_hash(body),
        "2ea1a3719499a0c45630f774b241a26a03d954fd8ab4a4d35cce05b5e37e4293"
    );
    let signature = "eUGsomFLNsjWzehgGsa317MqcVOgscay/Hml8yNmOsFhmoBM7pso+UPDgSe34anXvecSQkf5NOr0fbr8k9qdyyoWiYX7DTq/Wnz8XC0cRCCbNZfyLIyF33HO9cnvxOcRQq9DuWlQtld+uEluuivVdN2TiaWLpUTmfB/H7noZnXWWDj6FYa4n5kSo4o3aTeFYAF9EmLp0Tcsl8CiHSQCrQnIbB8M2+puLwyJ1l2OocvZ5qgjf5f2DqlCbemsSMzYzjN+YMrb0kiDx0TiW5UTk+WZass43xIfb3vdrlX+U2JSk5YsJ8lFpp9F+7FId4cyncElNFEbt3zWuP4iDzXteCg==";
    assert!(is_genuine(body, "2024-03-05T10:37:16.196Z", signature));
    let notification: notify::Notification = serde_json::from_slice(body).unwrap();
    let info = notification.additional_info;
    assert_eq!(notification.amount, None);
    assert_eq!(info.fraud_status, FraudStatus::Accepted);
    assert!(!info.refund_history.is_partial);
    assert_eq!(info.refund_history.refunds[0].rupiah(), Some(12_345_678));
}

/// Really signed by another SNAP provider, to paths that are the merchant's own: JSON in a
/// string, times in milliseconds, no `X-EXTERNAL-ID`.
#[test]
fn notifications_that_dana_signed_are_genuine_and_read() {
    let key = VerifyingKey::from_pem(include_str!("fixtures/dana-sandbox-public-key.pem")).unwrap();
    for (body, path, signed_at, signature, rupiah) in [
        (
            &include_bytes!("fixtures/dana-notification-1.json")[..],
            "/api/v2/test-notif/dana",
            "2025-09-16T12:11:30+07:00",
            "d/7mle7A+FCl4zvBZ2dMr3s7TVbbaK+toMtZwoev4OmLhn6Ctz/ynMaL3m3vHjAmV3UL3Fq5xp9thZFsO8BY74Vehqr1N9LQblV6i3TfMwT6lMvvhzWr0Fjbasyj23c5nFu1MOxpBiZFMMDNh8GQNLBAehHbjOmNldXSL6OQYRrK/TN9tdDyYFK6ltnKf4BN6bZa2ViAlI/np/U3QBW2LnDL82+8ZK7tYVF5bZyLLUSLXeWXBGQFTSDWqN+JdUHSnxGdQr3hZ7Y9Vqm/7G6rj6NrCxLPiEJYq1DQO3DjokMsORA2lOxzuo53bwqmhmD1mFhJKWF1JmyJuFdo2HB9JA==",
            100_000,
        ),
        (
            &include_bytes!("fixtures/dana-notification-2.json")[..],
            "/d34021fa-7599-413b-8743-ddab605fea49",
            "2025-10-13T13:43:30+07:00",
            "fqrQPxlzEN4ZGW9vYt3PokmIrbG2HQtlbdj6krjf9HFW1qS3ilZjSR+9Z4XZNYxQIxyHHqXmjEiBU4ui/JrknSXlCpPQe7DztB/Ye+yLxIHYBnwdeCXn2zGGAV51nQki+eD2aL8Z6d6MyWz9hoytwE+jtWKUC0KtU7wQfoB0XjdEXzU3/4Ao/rWQbt97UONaaf7i5l3+M/ICP187PYw9iRHLUFh7WRPs8JKpZyO0kcJqEJbeOUjHMmIsLQImOlYVbQTM/1v89Ou1WcVAo0cXNE5yrvosB4pQROeI8KY2X1FNTuB1pdFtQTIyUcd/t1wuIxqHqqFKjrFdcQxlZOIyRg==",
            50_000,
        ),
    ] {
        let keys = std::slice::from_ref(&key);
        let is_genuine = |path| verify_notification(keys, &[path], signed_at, signature, body);
        assert!(is_genuine(path), "{path}");
        assert!(!is_genuine(notify::PATH), "{path}");
        let notification: notify::Notification = serde_json::from_slice(body).unwrap();
        assert_eq!(notification.amount, Some(Amount::idr(rupiah)));
        assert_eq!(
            notification.latest_transaction_status,
            Some(LatestTransactionStatus::Success)
        );
    }
}

/// Midtrans' PHP client checks notifications over `json_encode` of what it has parsed; its Node
/// client and the demo over `JSON.stringify`. Whichever of them GoPay's side agrees with.
#[test]
fn a_notification_is_genuine_in_every_form_that_may_be_signed() {
    let key = SigningKey::generate().unwrap();
    let public = VerifyingKey::from_pem(&key.public_pem().unwrap()).unwrap();
    let plain = r#"{"a":"https://x/y","b":"café & <Yudhi>","c":1.0,"d":{},"e":[1,2]}"#;
    let forms = [
        plain.to_owned(),
        plain.replace("1.0", "1"),
        plain.replace('/', r"\/"),
        plain.replace('/', r"\/").replace('é', r"\u00e9"),
        plain.replace('é', r"\u00e9"),
        plain
            .replace('&', r"\u0026")
            .replace('<', r"\u003c")
            .replace('>', r"\u003e"),
    ];
    let timestamp = "2026-11-22T19:04:21+07:00";
    for signed in &forms {
        let hash = body_hash(signed.as_bytes());
        let string = notification_string_to_sign(notify::PATH, &hash, timestamp);
        let signature = key.sign(&string).unwrap();
        for sent in &forms {
            let printed = sent.replace(",\"", ",\n  \"");
            for body in [sent, &printed] {
                let keys = std::slice::from_ref(&public);
                let paths = [notify::PATH];
                // `1.0` and `1` cannot be distinguished once written as `1`.
                let lossy = signed.contains("1.0") && !sent.contains("1.0");
                assert_eq!(
                    verify_notification(keys, &paths, timestamp, &signature, body.as_bytes()),
                    !lossy,
                    "{signed} sent as {body}"
                );
            }
            let other = sent.replace("Yudhi", "Budi");
            let is_genuine = verify_notification(
                std::slice::from_ref(&public),
                &[notify::PATH],
                timestamp,
                &signature,
                other.as_bytes(),
            );
            assert!(!is_genuine, "another body");
        }
    }
}

/// A server may hash what it has parsed and written again, as the PHP client needs it to.
#[test]
fn a_request_survives_being_parsed_and_written_again() {
    let token = Secret::new("eyJhbGciOiJSUzI1NiJ9.eyJq/+A=.x_-y");
    let payment = serde_json::to_string(&payment::Request {
        partner_reference_no: "ab12-2".into(),
        merchant_id: Some("G000000001".to_owned()),
        valid_up_to: Some("2026-11-22T19:19:05+07:00".to_owned()),
        url_param: Vec::new(),
        pay_option_details: vec![payment::PayOption {
            pay_method: "GOPAY".to_owned(),
            pay_option: "GOPAY".to_owned(),
            trans_amount: Amount::idr(25_000),
        }],
        additional_info: payment::AdditionalInfo {
            point_of_purchase_id: Some("22cc3371-4bba-4ec6-8e0d-62163e130cdc".to_owned()),
            items: Vec::new(),
            metadata: None,
        },
    })
    .unwrap();
    let refund = serde_json::to_string(&refund::Request {
        original_reference_no: Some("A1".into()),
        original_external_id: None,
        original_partner_reference_no: "ab12-2".into(),
        partner_refund_no: "77ab".into(),
        refund_amount: Amount::idr(10_000),
        reason: "Pengembalian dana: kopi & roti, \"é\" \n/".to_owned(),
    })
    .unwrap();
    let cancel = serde_json::to_string(&cancel::Request {
        original_reference_no: None,
        original_external_id: Some("4b1f".into()),
        original_partner_reference_no: Some("ab12-2".into()),
    })
    .unwrap();
    for sent in [
        payment::body(&payment, &token).unwrap().expose().to_owned(),
        payment,
        refund,
        cancel,
        serde_json::to_string(&status::Request::new(Some(&"A1".into()), &"4b1f".into())).unwrap(),
        serde_json::to_string(&status::Request::new(None, &"4b1f".into())).unwrap(),
        serde_json::to_string(&access_token::Request::default()).unwrap(),
    ] {
        let hashes: Vec<_> = body_hashes(sent.as_bytes()).collect();
        let written_again = hashes
            .iter()
            .any(|(form, _)| matches!(form, BodyForm::Minified | BodyForm::Compact));
        assert!(!written_again, "{sent}");
        assert_eq!(
            hashes[0],
            (BodyForm::AsReceived, body_hash(sent.as_bytes()))
        );
    }
}
