use crate::{
    merchant::{CANCEL, Merchant, text},
    receiver::Receiver,
};
use serde_json::{Value, json};

async fn cancel(merchant: &Merchant, body: Value, id: &str) -> (u16, Value) {
    let token = merchant.token().await;
    let request = merchant.transaction(CANCEL, &token, &body);
    merchant.send(request.set("X-EXTERNAL-ID", id)).await
}

#[tokio::test]
async fn a_pending_payment_is_cancelled_once_and_notified() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let reference = merchant.reference().await;
    let body = json!({
        "originalReferenceNo": reference,
        "originalPartnerReferenceNo": "ORDER-1",
    });
    let (status, first) = cancel(&merchant, body.clone(), "c").await;
    assert_eq!((status, &first["responseCode"]), (200, &json!("2005700")));
    assert!(first["cancelTime"].is_string());
    let (status, again) = cancel(&merchant, body.clone(), "c").await;
    assert_eq!((status, again), (200, first));

    let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    let answer = merchant.status(inquiry).await;
    assert_eq!(answer["latestTransactionStatus"], "05");
    let (status, answer) = cancel(&merchant, body, "d").await;
    assert_eq!((status, &answer["responseCode"]), (403, &json!("4035715")));

    merchant
        .ask(reqwest::Method::POST, "/control/notifications/release")
        .await;
    let received = receiver.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].json()["latestTransactionStatus"], "05");
}

#[tokio::test]
async fn a_paid_unknown_or_misnamed_payment_is_not_cancelled() {
    let merchant = Merchant::new().await;
    let paid = merchant.pay().await;
    let reference = text(&paid["referenceNo"]);
    merchant.act(&reference, "pay").await;
    for (body, status, code) in [
        (json!({"originalReferenceNo": reference}), 403, "4035715"),
        (json!({"originalReferenceNo": "A1"}), 404, "4045701"),
        (
            json!({"originalPartnerReferenceNo": "ORDER-1"}),
            400,
            "4005702",
        ),
        (
            json!({"originalReferenceNo": reference, "originalPartnerReferenceNo": "ORDER-2"}),
            400,
            "4005702",
        ),
    ] {
        let (answered, answer) = cancel(&merchant, body, &merchant.new_id()).await;
        assert_eq!((answered, &answer["responseCode"]), (status, &json!(code)));
    }
    let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    let answer = merchant.status(inquiry).await;
    assert_eq!(answer["latestTransactionStatus"], "00");
}
