use crate::{
    merchant::{Merchant, REFUND, text},
    receiver::Receiver,
};
use reqwest::Method;
use serde_json::{Value, json};

async fn refund(merchant: &Merchant, body: &Value, id: &str) -> (u16, Value) {
    let token = merchant.token().await;
    let request = merchant.transaction(REFUND, &token, body);
    merchant.send(request.set("X-EXTERNAL-ID", id)).await
}

fn request(reference: &str, number: &str, value: &str) -> Value {
    json!({
        "originalReferenceNo": reference,
        "originalPartnerReferenceNo": "ORDER-1",
        "partnerRefundNo": number,
        "refundAmount": {"value": value, "currency": "IDR"},
        "reason": "sold out",
    })
}

async fn paid(merchant: &Merchant) -> String {
    let reference = merchant.reference().await;
    merchant.act(&reference, "pay").await;
    reference
}

async fn inquiry(merchant: &Merchant, reference: &str) -> Value {
    let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    merchant.status(inquiry).await
}

#[tokio::test]
async fn a_partial_refund_is_made_once_and_reported_everywhere() {
    let receiver = Receiver::answering(200).await;
    let merchant = Merchant::notified_at(&receiver.url).await;
    let reference = paid(&merchant).await;
    let body = request(&reference, "R-1", "10000.00");
    let (status, first) = refund(&merchant, &body, "x").await;
    assert_eq!((status, &first["responseCode"]), (200, &json!("2005800")));
    assert_eq!(first["originalReferenceNo"], json!(reference));
    assert_eq!(first["partnerRefundNo"], "R-1");
    assert_eq!(first["refundAmount"]["value"], "10000.00");
    assert!(first["refundNo"].is_string() && first["refundTime"].is_string());
    // The same id, and the same number under another id.
    for id in ["x", "y"] {
        assert_eq!(refund(&merchant, &body, id).await, (200, first.clone()));
    }

    let answer = inquiry(&merchant, &reference).await;
    assert_eq!(answer["latestTransactionStatus"], "04");
    let history = answer["refundHistory"].as_array().unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0]["refundNo"], first["refundNo"]);
    assert_eq!(history[0]["partnerRefundNo"], "R-1");
    assert_eq!(history[0]["refundStatus"], "00");
    assert_eq!(history[0]["refundAmount"]["value"], "10000.00");
    assert_eq!(history[0]["reason"], "sold out");

    merchant
        .ask(Method::POST, "/control/notifications/release")
        .await;
    let received = receiver.received();
    let notification = received.last().unwrap().json();
    assert_eq!(received.len(), 2);
    assert_eq!(notification["latestTransactionStatus"], "04");
    let told = &notification["additionalInfo"];
    assert_eq!(told["refundHistory"], answer["refundHistory"]);
    assert_eq!(told["totalRefundAmount"]["value"], "10000.00");
}

#[tokio::test]
async fn a_refund_without_an_amount_is_of_everything_left() {
    let merchant = Merchant::new().await;
    let reference = paid(&merchant).await;
    refund(&merchant, &request(&reference, "R-1", "10000.00"), "x").await;
    // As in the examples of GoPay's libraries.
    let rest = json!({"originalReferenceNo": reference, "reason": "some-reason"});
    let (status, answer) = refund(&merchant, &rest, "y").await;
    assert_eq!(status, 200);
    assert_eq!(answer["refundAmount"]["value"], "15000.00");
    // GoPay generates the missing number.
    assert!(!text(&answer["partnerRefundNo"]).is_empty());
}

#[tokio::test]
async fn an_unpaid_unknown_misnamed_or_excessive_refund_is_refused() {
    let merchant = Merchant::new().await;
    let waiting = merchant.reference().await;
    let reference = paid(&merchant).await;
    let with = |field: &str, value: Value| {
        let mut body = request(&reference, "R-1", "10000.00");
        body[field] = value;
        body
    };
    let amount = |value: &str| json!({"value": value, "currency": "IDR"});
    for (body, status, code) in [
        (request(&waiting, "R-1", "1.00"), 403, "4035815"),
        (request("A1", "R-1", "1.00"), 404, "4045801"),
        (with("refundAmount", amount("25001.00")), 403, "4035802"),
        (with("refundAmount", amount("1.50")), 400, "4005802"),
        (with("refundAmount", amount("0.00")), 400, "4005802"),
        (with("originalReferenceNo", Value::Null), 400, "4005802"),
        (
            with("originalPartnerReferenceNo", json!("ORDER-2")),
            400,
            "4005802",
        ),
        (with("partnerRefundNo", json!("a b")), 400, "4005802"),
        (
            with("partnerRefundNo", json!("n".repeat(65))),
            400,
            "4005802",
        ),
        (with("reason", json!("r".repeat(257))), 400, "4005802"),
    ] {
        let (answered, answer) = refund(&merchant, &body, &merchant.new_id()).await;
        assert_eq!(
            (answered, &answer["responseCode"]),
            (status, &json!(code)),
            "{body}"
        );
    }
    let answer = inquiry(&merchant, &reference).await;
    assert_eq!(answer["latestTransactionStatus"], "00");
    assert_eq!(answer["refundHistory"], json!([]));
}

#[tokio::test]
async fn a_refund_number_and_an_external_id_identify_one_refund() {
    let merchant = Merchant::new().await;
    let reference = paid(&merchant).await;
    refund(&merchant, &request(&reference, "R-1", "10000.00"), "x").await;
    let other = request(&reference, "R-1", "10001.00");
    let (status, answer) = refund(&merchant, &other, "y").await;
    assert_eq!((status, &answer["responseCode"]), (404, &json!("4045818")));
    let (status, answer) = refund(&merchant, &other, "x").await;
    assert_eq!((status, &answer["responseCode"]), (409, &json!("4095800")));
}

#[tokio::test]
async fn a_dashboard_refund_is_limited_to_what_was_paid() {
    let merchant = Merchant::new().await;
    let reference = paid(&merchant).await;
    let path = format!("/control/payments/{reference}/refund");
    let part = json!({"amount": 10_000});
    let (status, payment) = merchant.control(Method::POST, &path, part).await;
    assert_eq!((status, &payment["refunded"]), (200, &json!(10_000)));
    let too_much = json!({"amount": 15_001});
    let (status, refused) = merchant.control(Method::POST, &path, too_much).await;
    assert_eq!(status, 409);
    assert_eq!(
        refused["error"],
        "only 15000 rupiah are left of the payment"
    );
    let (_, payment) = merchant.ask(Method::POST, &path).await;
    assert_eq!(payment["refunded"], json!(25_000));
    let unknown = "/control/payments/A1/refund";
    assert_eq!(merchant.ask(Method::POST, unknown).await.0, 404);
}

#[tokio::test]
async fn a_refund_can_fail_later_and_its_history_has_two_spellings() {
    let merchant = Merchant::new().await;
    let reference = paid(&merchant).await;
    let behaviour = json!({"ending": "failed", "history": "sample"});
    merchant
        .control(Method::PUT, "/control/refunds", behaviour)
        .await;
    let body = request(&reference, "R-1", "25000.00");
    assert_eq!(refund(&merchant, &body, "x").await.0, 200);
    let answer = inquiry(&merchant, &reference).await;
    assert_eq!(answer["latestTransactionStatus"], "00");
    let entry = &answer["refundHistory"][0];
    assert_eq!(entry["refundStatus"], "06");
    assert_eq!(entry["partnerReferenceNo"], "R-1");
    assert!(entry["refundDate"].is_string());
    assert!(entry.get("partnerRefundNo").is_none());
    let anew = request(&reference, "R-2", "25000.00");
    assert_eq!(refund(&merchant, &anew, "y").await.0, 200);
}
