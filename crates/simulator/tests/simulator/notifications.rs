use crate::{
    merchant::{Merchant, text},
    receiver::{Received, Receiver},
};
use gopay_protocol::signature::body_hash;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

async fn setup(answer: u16) -> (Receiver, Merchant, String) {
    let receiver = Receiver::answering(answer).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let reference = merchant.reference().await;
    (receiver, merchant, reference)
}

/// From the documents: `POST:path:hash:timestamp` under GoPay's key.
fn is_genuine(merchant: &Merchant, received: &Received) -> bool {
    let string_to_sign = format!(
        "POST:{}:{}:{}",
        received.path,
        body_hash(received.body.as_bytes()),
        received.header("X-TIMESTAMP")
    );
    merchant
        .gopay
        .verify(&string_to_sign, received.header("X-SIGNATURE"))
}

async fn mode(merchant: &Merchant, mode: &str) {
    let chosen = json!({"mode": mode});
    let (status, _) = merchant
        .control(Method::PUT, "/control/notifications", chosen)
        .await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_paid_payment_is_notified_and_signed_by_gopay() {
    let (receiver, merchant, reference) = setup(200).await;
    let (status, payment) = merchant.act(&reference, "pay").await;
    assert_eq!((status, &payment["state"]), (200, &json!("paid")));
    let received = receiver.received();
    assert_eq!(received.len(), 1);
    let notification = &received[0];
    assert_eq!(notification.path, "/v1.0/debit/notify");
    assert!(is_genuine(&merchant, notification));
    assert_eq!(notification.header("Content-Type"), "application/json");
    assert_eq!(notification.header("X-PARTNER-ID"), "G000000001");
    let id = notification.header("X-EXTERNAL-ID");
    assert!(id.bytes().all(|byte| byte.is_ascii_digit()) && !id.is_empty());
    let body = notification.json();
    assert_eq!(body["latestTransactionStatus"], "00");
    assert_eq!(body["transactionStatusDesc"], "SUCCESS");
    assert_eq!(body["originalReferenceNo"], json!(reference));
    assert_eq!(body["originalPartnerReferenceNo"], "ORDER-1");
    assert_eq!(
        body["amount"],
        json!({"value": "25000.00", "currency": "IDR"})
    );
    assert_eq!(body["additionalInfo"]["refundHistory"], json!([]));
    assert!(body["finishedTime"].is_string());
}

#[tokio::test]
async fn every_outcome_is_notified_with_its_status() {
    for (act, status) in [("cancel", "05"), ("fail", "06"), ("expire", "08")] {
        let (receiver, merchant, reference) = setup(200).await;
        merchant.act(&reference, act).await;
        let received = receiver.received();
        assert_eq!(received.len(), 1, "{act}");
        assert_eq!(received[0].json()["latestTransactionStatus"], status);
        assert!(received[0].json().get("finishedTime").is_none());
    }
    let (receiver, merchant, reference) = setup(200).await;
    merchant.act(&reference, "leave").await;
    assert_eq!(receiver.received().len(), 0);
}

#[tokio::test]
async fn an_unaccepted_notification_is_sent_six_times_as_documented() {
    let (receiver, merchant, reference) = setup(500).await;
    merchant.act(&reference, "pay").await;
    let margin = SignedDuration::from_secs(30);
    let mut passed = SignedDuration::ZERO;
    for (tries, minute) in [(1, 2), (2, 10), (3, 30), (4, 90), (5, 210)] {
        assert_eq!(receiver.received().len(), tries);
        let due = SignedDuration::from_mins(minute);
        merchant.advance(due - margin - passed).await;
        assert_eq!(receiver.received().len(), tries, "before minute {minute}");
        merchant.advance(margin).await;
        assert_eq!(receiver.received().len(), tries + 1, "at minute {minute}");
        passed = due;
    }
    merchant.advance(SignedDuration::from_hours(100)).await;
    let received = receiver.received();
    assert_eq!(received.len(), 6);
    assert!(received.iter().all(|each| is_genuine(&merchant, each)));
    assert!(received.iter().all(|each| each.body == received[0].body));
    let mut ids: Vec<_> = received
        .iter()
        .map(|each| each.header("X-EXTERNAL-ID"))
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 6);
    let tried = merchant.entries("notification_tried").await;
    let attempts: Vec<_> = tried.iter().map(|entry| &entry["attempt"]).collect();
    assert_eq!(attempts, [1, 2, 3, 4, 5, 6]);
    assert!(
        tried
            .iter()
            .all(|entry| entry["answer"]["http_status"] == 500)
    );
}

#[tokio::test]
async fn a_clock_moved_past_the_schedule_makes_all_deliveries_at_once() {
    let (receiver, merchant, reference) = setup(503).await;
    merchant.act(&reference, "pay").await;
    merchant.advance(SignedDuration::from_hours(4)).await;
    assert_eq!(receiver.received().len(), 6);
}

#[tokio::test]
async fn a_notification_is_sent_again_until_its_answer_is_200() {
    for refusal in [201, 204, 302, 401] {
        let (receiver, merchant, reference) = setup(refusal).await;
        merchant.act(&reference, "pay").await;
        receiver.answer(200);
        merchant.advance(SignedDuration::from_mins(2)).await;
        merchant.advance(SignedDuration::from_hours(4)).await;
        assert_eq!(receiver.received().len(), 2, "{refusal}");
    }
}

#[tokio::test]
async fn an_unreachable_merchant_is_notified_again() {
    let merchant = Merchant::new().await;
    let reference = merchant.reference().await;
    merchant.act(&reference, "pay").await;
    let tried = merchant.entries("notification_tried").await;
    assert_eq!(tried.len(), 1);
    assert!(tried[0]["answer"]["none"].is_string());
    let receiver = Receiver::answering(200).await;
    let moved = json!({"notify": receiver.url});
    merchant
        .control(Method::PUT, "/control/merchant", moved)
        .await;
    merchant.advance(SignedDuration::from_mins(2)).await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn delayed_notifications_wait_for_their_release() {
    let (receiver, merchant, reference) = setup(200).await;
    mode(&merchant, "delay").await;
    merchant.act(&reference, "pay").await;
    merchant.advance(SignedDuration::from_hours(4)).await;
    assert_eq!(receiver.received().len(), 0);
    let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    let answer = merchant.status(inquiry).await;
    assert_eq!(answer["latestTransactionStatus"], "00");
    merchant
        .ask(Method::POST, "/control/notifications/release")
        .await;
    assert_eq!(receiver.received().len(), 1);
    let next = merchant.reference().await;
    merchant.act(&next, "pay").await;
    assert_eq!(receiver.received().len(), 1);
    mode(&merchant, "send").await;
    assert_eq!(receiver.received().len(), 2);
}

#[tokio::test]
async fn withheld_notifications_are_never_sent() {
    let (receiver, merchant, reference) = setup(200).await;
    mode(&merchant, "withhold").await;
    merchant.act(&reference, "pay").await;
    mode(&merchant, "send").await;
    merchant.advance(SignedDuration::from_hours(4)).await;
    assert_eq!(receiver.received().len(), 0);
    assert_eq!(merchant.entries("notification_withheld").await.len(), 1);
}

#[tokio::test]
async fn a_notification_is_repeated_and_can_be_out_of_order() {
    let (receiver, merchant, reference) = setup(200).await;
    merchant.act(&reference, "pay").await;
    let path = format!("/control/notifications/{reference}/repeat");
    let (status, answer) = merchant.ask(Method::POST, &path).await;
    assert_eq!((status, &answer["http_status"]), (200, &json!(200)));
    let early = json!({"status": "03"});
    merchant.control(Method::POST, &path, early).await;
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    assert_eq!(received[1].body, received[0].body);
    assert_eq!(received[2].json()["latestTransactionStatus"], "03");
    assert!(received.iter().all(|each| is_genuine(&merchant, each)));
    let unknown = "/control/notifications/A1/repeat";
    assert_eq!(merchant.ask(Method::POST, unknown).await.0, 404);
}

#[tokio::test]
async fn a_genuine_notification_can_be_odd_in_many_ways() {
    let (receiver, merchant, reference) = setup(200).await;
    let repeated = async |change: Value| {
        let path = format!("/control/notifications/{reference}/repeat");
        let (status, _) = merchant.control(Method::POST, &path, change).await;
        assert_eq!(status, 200);
        receiver.received().pop().unwrap()
    };
    let vague = repeated(json!({"status": "00", "without_amount": true})).await;
    assert_eq!(vague.json().get("amount"), None);
    let old = repeated(json!({"seconds_old": 18_000})).await;
    let signed_at: jiff::Timestamp = old.header("X-TIMESTAMP").parse().unwrap();
    let age = jiff::Timestamp::now().duration_since(signed_at).as_secs();
    assert!((18_000..18_060).contains(&age), "{age}");
    let refund = repeated(json!({"status": "04", "refunded": 20_000})).await;
    let history = &refund.json()["additionalInfo"]["refundHistory"];
    assert_eq!(history[0]["refundAmount"]["value"], "20000.00");
    let foreign = repeated(json!({"merchant_id": "G999", "partner_id": "G888"})).await;
    assert_eq!(foreign.json()["merchantId"], "G999");
    assert_eq!(foreign.header("X-PARTNER-ID"), "G888");
    let unknown = repeated(json!({"unknown_order": true})).await;
    assert_ne!(text(&unknown.json()["originalReferenceNo"]), reference);
    for genuine in [&vague, &old, &refund, &foreign, &unknown] {
        assert!(is_genuine(&merchant, genuine));
    }
    let path = format!("/control/notifications/{reference}/repeat");
    for wrong in [json!({"partner_id": "a\nb"}), json!({"nonsense": 1})] {
        assert_eq!(merchant.control(Method::POST, &path, wrong).await.0, 422);
    }
}

#[tokio::test]
async fn the_next_key_is_announced_before_it_signs() {
    let (receiver, merchant, reference) = setup(200).await;
    let path = format!("/control/notifications/{reference}/repeat");
    merchant
        .control(Method::POST, &path, json!({"key": "next"}))
        .await;
    let received = receiver.received().pop().unwrap();
    assert!(!is_genuine(&merchant, &received));
    let keys = merchant.ask(Method::GET, "/control/keys").await.1;
    let verifies = |name: &str| {
        let key = gopay_protocol::VerifyingKey::from_pem(&text(&keys[name])).unwrap();
        gopay_protocol::signature::verify_notification(
            &[key],
            &[&received.path],
            received.header("X-TIMESTAMP"),
            received.header("X-SIGNATURE"),
            received.body.as_bytes(),
        )
    };
    assert!(verifies("next"));
    assert!(!verifies("current"));
}

#[tokio::test]
async fn a_forged_notification_fails_verification() {
    let (receiver, merchant, reference) = setup(401).await;
    for (how, status) in [
        ("unsigned", "00"),
        ("foreign_key", "00"),
        ("tampered", "00"),
        ("tampered", "03"),
    ] {
        let forge = json!({"ref": reference, "how": how, "status": status});
        let answer: Value = merchant
            .control(Method::POST, "/control/notifications/forge", forge)
            .await
            .1;
        assert_eq!(answer["http_status"], 401, "{how}");
        let received = receiver.received();
        let forged = received.last().unwrap();
        assert!(!is_genuine(&merchant, forged), "{how}");
        assert_eq!(forged.header("X-SIGNATURE").is_empty(), how == "unsigned");
        assert_eq!(forged.json()["latestTransactionStatus"], status);
        assert_eq!(text(&forged.json()["originalReferenceNo"]), reference);
    }
    let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    let answer = merchant.status(inquiry).await;
    assert_eq!(answer["latestTransactionStatus"], "03");
    merchant.advance(SignedDuration::from_secs(300)).await;
    assert_eq!(receiver.received().len(), 4);
}
