//! Buyers with a balance, GoPay Later and a PIN.

use crate::merchant::{Merchant, text};
use reqwest::Method;
use serde_json::{Value, json};

/// The buyer opens the payment in GoPay.
async fn opened(merchant: &Merchant) -> String {
    let reference = merchant.reference().await;
    let deeplink = format!("gopay://merchanttransfer?tref={reference}");
    let shown = merchant
        .call("GP", "launchPayment", json!({"deeplink": deeplink}))
        .await;
    assert_eq!(shown["kind"], "show", "{shown}");
    reference
}

async fn pay(merchant: &Merchant, reference: &str, decision: Value) -> (u16, Value) {
    let path = format!("/bridge/payments/{reference}/pay");
    merchant.control(Method::POST, &path, decision).await
}

#[tokio::test]
async fn a_balance_runs_dry_and_gopay_later_has_a_limit() {
    let merchant = Merchant::new().await;
    let funds = json!({"balance": 30_000, "gopay_later": 40_000, "name": "Budi Santoso"});
    let (status, _) = merchant
        .control(Method::PUT, "/control/buyers/budi", funds)
        .await;
    assert_eq!(status, 200);
    let first = opened(&merchant).await;
    let sheet = merchant
        .ask(Method::GET, &format!("/bridge/payments/{first}"))
        .await
        .1;
    assert_eq!(
        sheet["funds"],
        json!({"GOPAY_WALLET": 30_000, "PAY_LATER": 40_000})
    );
    assert_eq!(pay(&merchant, &first, json!({})).await.0, 200);
    let second = opened(&merchant).await;
    let (status, refused) = pay(&merchant, &second, json!({})).await;
    assert_eq!(
        (status, text(&refused["error"])),
        (422, "not_enough".to_owned())
    );
    let later = json!({"with": "PAY_LATER"});
    assert_eq!(pay(&merchant, &second, later.clone()).await.0, 200);
    let inquiry = json!({"originalReferenceNo": second, "serviceCode": "54"});
    let answer = merchant.status(inquiry).await;
    let details = &answer["additionalInfo"]["userPaymentDetails"];
    assert_eq!(details[0]["payOption"], "PAY_LATER");
    let third = opened(&merchant).await;
    assert_eq!(
        pay(&merchant, &third, later).await.0,
        422,
        "15,000 are left of the limit"
    );
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    let funds = &ledger["funds"][0];
    assert_eq!(
        (&funds["balance"], &funds["gopay_later"]),
        (&json!(5_000), &json!(15_000))
    );
    let siti = merchant.reference().await;
    assert_eq!(
        pay(&merchant, &siti, json!({})).await.0,
        200,
        "nothing is configured of this buyer"
    );
}

#[tokio::test]
async fn a_promo_is_taken_off_one_payment_and_the_merchant_gets_all_of_it() {
    let merchant = Merchant::new().await;
    let funds = json!({"balance": 40_000, "promo": 5_000});
    merchant
        .control(Method::PUT, "/control/buyers/budi", funds)
        .await;
    let promo = async |reference: &str| {
        let path = format!("/bridge/payments/{reference}");
        merchant.ask(Method::GET, &path).await.1["promo"].clone()
    };
    let balance = async || {
        let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
        ledger["funds"][0]["balance"].as_u64()
    };
    // One that is cancelled takes none.
    let cancelled = opened(&merchant).await;
    assert_eq!(promo(&cancelled).await, 5_000);
    merchant.act(&cancelled, "cancel").await;
    let reference = opened(&merchant).await;
    assert_eq!(pay(&merchant, &reference, json!({})).await.0, 200);
    assert_eq!(balance().await, Some(20_000));
    assert_eq!(promo(&reference).await, 5_000);
    let inquiry = json!({"originalReferenceNo": reference, "serviceCode": "54"});
    let answer = merchant.status(inquiry).await;
    assert_eq!(answer["transAmount"]["value"], "25000.00");
    // The buyer's own money comes back first, and no more than that.
    let path = format!("/control/payments/{reference}/refund");
    for (rupiah, after) in [(15_000, 35_000), (10_000, 40_000)] {
        let refund = json!({"amount": rupiah});
        assert_eq!(merchant.control(Method::POST, &path, refund).await.0, 200);
        assert_eq!(balance().await, Some(after));
    }
    assert_eq!(promo(&opened(&merchant).await).await, 0);
}

#[tokio::test]
async fn a_pin_is_asked_for_where_that_is_switched_on() {
    let merchant = Merchant::new().await;
    let asked = json!({"pin": "asked"});
    merchant
        .control(Method::PUT, "/control/checkout", asked)
        .await;
    let reference = opened(&merchant).await;
    for wrong in [json!({}), json!({"pin": "000000"})] {
        let (status, refused) = pay(&merchant, &reference, wrong).await;
        assert_eq!(
            (status, text(&refused["error"])),
            (422, "wrong_pin".to_owned())
        );
    }
    let right = json!({"pin": "123456"});
    assert_eq!(pay(&merchant, &reference, right.clone()).await.0, 200);
    assert_eq!(pay(&merchant, &reference, right).await.0, 409);
}

#[tokio::test]
async fn a_refund_gives_back_what_the_payment_took() {
    let merchant = Merchant::new().await;
    let funds = json!({"balance": 30_000});
    merchant
        .control(Method::PUT, "/control/buyers/budi", funds)
        .await;
    let balance = async || {
        let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
        ledger["funds"][0]["balance"].as_u64()
    };
    let reference = opened(&merchant).await;
    assert_eq!(pay(&merchant, &reference, json!({})).await.0, 200);
    assert_eq!(balance().await, Some(5_000));
    let path = format!("/control/payments/{reference}/refund");
    merchant
        .control(Method::POST, &path, json!({"amount": 10_000}))
        .await;
    assert_eq!(balance().await, Some(15_000));
    let by_control = merchant.reference().await;
    merchant.act(&by_control, "pay").await;
    let path = format!("/control/payments/{by_control}/refund");
    merchant.control(Method::POST, &path, json!({})).await;
    assert_eq!(balance().await, Some(15_000), "it took nothing");
}
