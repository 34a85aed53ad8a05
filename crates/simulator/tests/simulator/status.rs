use crate::merchant::{Merchant, PAYMENT, STATUS, order, text};
use serde_json::json;

#[tokio::test]
async fn a_payment_is_found_by_either_id() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let request = merchant.transaction(PAYMENT, &token, &order(&token));
    let made = merchant.send(request.set("X-EXTERNAL-ID", "mine")).await.1;
    let reference = text(&made["referenceNo"]);
    for inquiry in [
        json!({"originalReferenceNo": reference, "serviceCode": "54"}),
        json!({"originalExternalId": "mine", "serviceCode": "54"}),
        json!({"originalReferenceNo": reference, "originalExternalId": "other", "serviceCode": "54"}),
    ] {
        let answer = merchant.status(inquiry).await;
        assert_eq!(answer["responseCode"], "2005500");
        assert_eq!(answer["latestTransactionStatus"], "03");
        assert_eq!(answer["originalReferenceNo"], json!(reference));
        assert_eq!(answer["originalExternalId"], "mine");
        assert_eq!(answer["originalPartnerReferenceNo"], "ORDER-1");
        assert_eq!(answer["transAmount"]["value"], "25000.00");
        assert!(answer.get("paidTime").is_none());
    }
    merchant.act(&reference, "pay").await;
    let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    let answer = merchant.status(inquiry).await;
    assert_eq!(answer["latestTransactionStatus"], "00");
    assert_eq!(answer["additionalInfo"]["fraudStatus"], "accept");
    assert!(answer["paidTime"].is_string());
}

#[tokio::test]
async fn an_unknown_payment_has_the_status_not_found() {
    let merchant = Merchant::new().await;
    for inquiry in [
        json!({"originalReferenceNo": "A1", "serviceCode": "54"}),
        json!({"originalExternalId": "nobody", "serviceCode": "54"}),
    ] {
        let answer = merchant.status(inquiry).await;
        assert_eq!(answer["responseCode"], "2005500");
        assert_eq!(answer["latestTransactionStatus"], "07");
        assert!(answer.get("transAmount").is_none());
    }
}

#[tokio::test]
async fn an_inquiry_names_a_payment_and_the_service() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    for inquiry in [
        json!({"serviceCode": "54"}),
        json!({"originalReferenceNo": "", "serviceCode": "54"}),
        json!({"originalReferenceNo": "A1"}),
        json!({"originalReferenceNo": "A1", "serviceCode": "55"}),
        json!({"originalReferenceNo": 1, "serviceCode": "54"}),
    ] {
        let (status, answer) = merchant
            .send(merchant.transaction(STATUS, &token, &inquiry))
            .await;
        assert_eq!((status, &answer["responseCode"]), (400, &json!("4005502")));
    }
}
