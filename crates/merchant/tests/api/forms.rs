//! GoPay speaks SNAP as other back ends do in public reports: with ids in other fields, values in
//! other forms, and codes that its own pages do not list.

use crate::{
    faults_payment::buyer_in,
    notifications::paid,
    test_env::{Buyer, TestEnv, problem, read},
};
use contract::{Order, OrderStatus, ProblemCode};
use gopay_protocol::message::notify;
use jiff::Timestamp;
use merchant::adapters::database::sql;
use merchant::domain::operator_policy::PaidWithoutAmount;
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn ordered() -> (TestEnv, Buyer, Order, String) {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let reference = env.references().await.remove(0);
    (env, buyer, order, reference)
}

async fn refund_all(env: &TestEnv, order: &Order) {
    env.staff()
        .await
        .refund(order.id.as_str(), None)
        .await
        .unwrap();
}

/// What the merchant answered to a request for an order that is there.
async fn placed(env: &TestEnv, buyer: &Buyer, key: &str) -> Order {
    let answer = buyer.place(env, key).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    answer.json().await.unwrap()
}

/// Everything that GoPay answers about payments, in these forms, until the end.
fn always(forms: &[&str]) -> Value {
    let faults = forms.iter().flat_map(|form| {
        let calls: &[&str] = match *form {
            "odd_ids" => &["payment", "status"],
            "no_amount" => &["status"],
            _ => &["payment", "status", "cancel", "refund"],
        };
        calls
            .iter()
            .map(move |call| json!({"on": call, "do": form, "times": null}))
    });
    faults.collect()
}

#[tokio::test]
async fn a_payment_is_found_by_inquiry_in_whichever_form_gopay_answers() {
    for form in ["odd_ids", "odd_forms", "no_amount"] {
        let env = TestEnv::new().await;
        let buyer = env.sign_in("budi").await;
        env.withhold().await;
        env.faults(always(&[form])).await;
        let order = buyer.order(&env).await;
        assert_eq!(order.status, OrderStatus::AwaitingPayment, "{form}");
        env.act("pay").await;
        buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
        env.reconciled().await;
    }
}

#[tokio::test]
async fn a_payment_without_an_amount_is_reviewed_where_the_policy_says_so() {
    let mut env = TestEnv::new().await;
    env.paid_without_amount = PaidWithoutAmount::Review;
    env.restart_merchant().await;
    let buyer = env.sign_in("budi").await;
    env.withhold().await;
    env.faults(always(&["no_amount"])).await;
    let order = buyer.order(&env).await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Review).await;
}

/// A refund is sent and found in whichever form GoPay answers.
#[tokio::test]
async fn a_refund_is_done_in_whichever_form_gopay_answers() {
    for form in ["odd_ids", "odd_forms"] {
        let (env, buyer, order, _) = ordered().await;
        env.act("pay").await;
        buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
        env.faults(always(&[form])).await;
        refund_all(&env, &order).await;
        buyer
            .wait_until(&env, &order.id, OrderStatus::Refunded)
            .await;
        env.reconciled().await;
    }
}

/// An entry that cannot be read makes the history unknown, not empty.
#[tokio::test]
async fn a_refund_is_not_sent_while_the_history_cannot_be_read() {
    let (env, buyer, order, _) = ordered().await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    env.wait_for_inquiry(0).await;
    let asked = env.count("status_requested").await;
    let odd = json!({"refundHistory": [{"refundNo": "9", "refundStatus": {}}]});
    env.faults(json!([{"on": "status", "do": "replace", "value": odd, "times": null}]))
        .await;
    refund_all(&env, &order).await;
    env.wait_for("status_requested", asked).await;
    env.wait_for("status_requested", asked + 1).await;
    assert_eq!(env.count("refund_requested").await, 0);
    env.faults(json!([])).await;
    buyer
        .wait_until(&env, &order.id, OrderStatus::Refunded)
        .await;
    assert_eq!(env.count("refund_requested").await, 1);
}

#[tokio::test]
async fn a_notification_counts_in_every_form_that_its_reference_is_right_in() {
    for (field, value) in [
        ("originalPartnerReferenceNo", json!("")),
        ("originalPartnerReferenceNo", json!(null)),
        ("originalPartnerReferenceNo", json!("someone-elses-name")),
        ("originalExternalId", json!("")),
        (
            "originalExternalId",
            json!("11111111-2222-4333-8444-555555555555"),
        ),
        ("originalExternalId", json!([])),
        ("merchantId", json!("")),
        ("amount", json!({"value": "50000.0", "currency": "IDR"})),
        ("amount", json!({"value": "50000"})),
        ("amount", json!({"value": 50_000, "currency": "IDR"})),
        ("amount", json!("50000.00")),
        ("additionalInfo", json!([])),
        ("additionalInfo", json!("")),
        ("additionalInfo", json!({"refundHistory": "none"})),
        ("latestTransactionStatus", json!(0)),
    ] {
        let (env, buyer, order, reference) = ordered().await;
        let mut body = paid(&reference, &order);
        body[field] = value.clone();
        let answer = env.notify(Timestamp::now(), &body.to_string()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{field} {value}");
        let status = buyer.status(&env, &order.id).await;
        assert_eq!(status, OrderStatus::Paid, "{field} {value}");
    }
}

/// The sample of the page has the order's id where the `X-EXTERNAL-ID` belongs; DANA swaps two.
#[tokio::test]
async fn a_notification_is_placed_by_any_id_of_ours() {
    for shape in 0..4 {
        let (env, buyer, order, reference) = ordered().await;
        let mut body = paid(&reference, &order);
        match shape {
            0 => body["originalExternalId"] = json!(order.id),
            1 => body["originalPartnerReferenceNo"] = json!(reference),
            2 => {
                body["originalReferenceNo"] = json!(order.id);
                body["originalPartnerReferenceNo"] = json!(reference);
            }
            _ => body["originalReferenceNo"] = json!(""),
        }
        // The notification alone says so.
        let down = json!([{"on": "status", "do": "error_500", "times": null}]);
        env.faults(down).await;
        let answer = env.notify(Timestamp::now(), &body.to_string()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{shape}");
        let status = buyer.orders(&env).await[0].status;
        assert_eq!(status, OrderStatus::Paid, "{shape}");
    }
}

/// A genuine notification that leaves a doubt is a reason to ask: the money is found within
/// seconds, whatever it says.
#[tokio::test]
async fn a_genuine_notification_that_leaves_a_doubt_makes_the_merchant_ask() {
    for (field, value) in [
        ("merchantId", json!("M123456")),
        ("amount", json!({"value": true})),
        ("amount", json!([])),
        ("amount", json!({"value": "50000.00", "currency": "USD"})),
        ("latestTransactionStatus", json!("")),
    ] {
        let (env, buyer, order, reference) = ordered().await;
        env.withhold().await;
        env.act("pay").await;
        // Nothing is asked by itself any more.
        let never = "update attempts set next_inquiry_at = 9000000000000000";
        let mut database = env.database().await;
        sql(never).execute(&mut database).await.unwrap();
        let mut body = paid(&reference, &order);
        body[field] = value.clone();
        let answer = env.notify(Timestamp::now(), &body.to_string()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{field} {value}");
        env.wait_for("status_requested", 0).await;
        buyer.wait_until_listed(&env, OrderStatus::Paid).await;
    }
}

#[tokio::test]
async fn a_timestamp_in_another_form_does_not_decide() {
    for (timestamp, believed) in [
        (Timestamp::now().as_millisecond().to_string(), true),
        (Timestamp::now().to_string(), true),
        ("Sabtu, 28 November 2026".to_owned(), false),
    ] {
        let (env, buyer, order, reference) = ordered().await;
        env.withhold().await;
        env.act("pay").await;
        env.faults(json!([{"on": "status", "do": "hold", "times": null}]))
            .await;
        let body = paid(&reference, &order).to_string();
        let signature = env.sign(notify::PATH, &timestamp, &body);
        let answer = env.notification(&timestamp, &signature, &body).send().await;
        assert_eq!(answer.unwrap().status(), StatusCode::OK, "{timestamp}");
        let status = buyer.orders(&env).await[0].status;
        assert_eq!(status == OrderStatus::Paid, believed, "{timestamp}");
        env.faults(json!([])).await;
        env.control_post("faults/release", json!({})).await;
        buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    }
}

/// A notification that its sender parsed and wrote again after it was signed.
#[tokio::test]
async fn a_notification_that_was_written_again_is_genuine() {
    let (env, buyer, order, reference) = ordered().await;
    let mut body = paid(&reference, &order);
    body["additionalInfo"] = json!({"note": "https://kedai.example/é & co"});
    let signed = body.to_string();
    let timestamp = gopay_protocol::timestamp::format_wib(Timestamp::now());
    let signature = env.sign(notify::PATH, &timestamp, &signed);
    let sent = signed.replace('/', r"\/").replace('é', r"\u00e9");
    assert_ne!(sent, signed);
    let answer = env.notification(&timestamp, &signature, &sent).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
}

/// F51: GoPay's dashboard tries an address with a payment that there is not, and its body as JSON
/// in a string. What it tells of is kept for a person.
#[tokio::test]
async fn a_genuine_notification_of_an_unknown_payment_is_taken_and_listed() {
    let (env, _, order, _) = ordered().await;
    let mut body = paid("A0-unknown", &order);
    body["originalPartnerReferenceNo"] = json!("test-order");
    for body in [body.to_string(), json!(body.to_string()).to_string()] {
        let answer = env.notify(Timestamp::now(), &body).await;
        assert_eq!(answer.status(), StatusCode::OK, "{body}");
    }
    let list = env.staff().await.notifications().await.unwrap();
    assert!(list.contains("reference A0-unknown"), "{list}");
    assert!(list.contains("order test-order"), "{list}");
    assert!(list.contains("50000.00 IDR"), "{list}");
    assert!(list.contains("times 2"), "{list}");
    assert!(
        list.ends_with("notifications without a payment here: 1"),
        "{list}"
    );
}

/// F21: GoPay has the payment, its answer was lost, and it does not give it again.
#[tokio::test]
async fn a_payment_whose_link_is_lost_is_called_off_and_can_be_paid_anew() {
    let plan = json!([
        {"on": "payment", "do": "answer_lost"},
        {"on": "payment", "do": "repeat_refused"},
    ]);
    let (env, buyer) = buyer_in(plan).await;
    buyer.place_in_vain(&env, "key").await;
    let order: Order = placed(&env, &buyer, "key").await;
    assert_eq!(order.status, OrderStatus::Failed);
    let ledger = env.ledger().await;
    assert_eq!(ledger["payments"][0]["state"], "cancelled");
    let again: Order = read(buyer.pay_again(&env, &order.id, "key-2")).await;
    assert_eq!(again.status, OrderStatus::AwaitingPayment);
    let names: Vec<String> = (env.entries("payment_requested").await.iter())
        .map(|entry| entry["partner_reference_no"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names[0], order.id.as_str());
    assert_eq!(names.last(), Some(&format!("{}-2", order.id)));
    env.act("pay").await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
    env.reconciled().await;
}

/// An order that is being checked has a way out as well.
#[tokio::test]
async fn an_order_without_a_payment_can_be_cancelled() {
    for plan in [
        json!([{"on": "payment", "do": "reset_before", "times": null}]),
        json!([
            {"on": "payment", "do": "answer_lost"},
            {"on": "payment", "do": "error_500", "times": null},
        ]),
        json!([
            {"on": "payment", "do": "answer_lost"},
            {"on": "status", "do": "error_500"},
            {"on": "payment", "do": "repeat_refused", "times": null},
        ]),
    ] {
        let (env, buyer) = buyer_in(plan).await;
        buyer.place_in_vain(&env, "key").await;
        let order = buyer.orders(&env).await.remove(0);
        assert_eq!(order.status, OrderStatus::Checking);
        let ended: Order = read(buyer.cancel(&env, &order.id)).await;
        let over = [OrderStatus::Cancelled, OrderStatus::Failed];
        assert!(over.contains(&ended.status), "{:?}", ended.status);
        env.faults(json!([])).await;
        let later = buyer.status(&env, &order.id).await;
        assert_eq!(later, ended.status);
        let ledger = env.ledger().await;
        for payment in ledger["payments"].as_array().unwrap() {
            assert_eq!(payment["state"], "cancelled");
        }
    }
}

/// SNAP has 405 for what is not allowed; GoPay's pages do not list it.
#[tokio::test]
async fn a_payment_that_is_not_allowed_has_failed_at_once() {
    let plan = json!([{"on": "payment", "do": "not_allowed_405"}]);
    let (env, buyer) = buyer_in(plan).await;
    let order: Order = placed(&env, &buyer, "key").await;
    assert_eq!(order.status, OrderStatus::Failed);
}

#[tokio::test]
async fn a_cancellation_that_is_not_allowed_ends_as_the_payment_did() {
    for harm in ["not_allowed_405", "error_500", "conflict_409"] {
        let (env, buyer, order, _) = ordered().await;
        env.withhold().await;
        env.act("pay").await;
        env.faults(json!([{"on": "cancel", "do": harm}])).await;
        let ended: Order = read(buyer.cancel(&env, &order.id)).await;
        assert_eq!(ended.status, OrderStatus::Paid, "{harm}");
    }
}

/// A token that is over is 401 case 01 on one page and case 00 on another.
#[tokio::test]
async fn a_token_that_is_over_is_renewed_whatever_its_case() {
    for harm in ["token_invalid", "signature_invalid"] {
        let (env, buyer) = buyer_in(json!([{"on": "payment", "do": harm}])).await;
        let order: Order = placed(&env, &buyer, "key").await;
        assert_eq!(order.status, OrderStatus::AwaitingPayment, "{harm}");
        assert_eq!(env.count("access_token_requested").await, 2, "{harm}");
    }
}

#[tokio::test]
async fn a_sign_in_that_gopay_throttles_is_not_a_refused_one() {
    let env = TestEnv::new().await;
    env.faults(json!([{"on": "authorization", "do": "throttle_429"}]))
        .await;
    let answer = env.exchange(&env.auth_code("budi").await).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(problem(answer).await.code, ProblemCode::GopayUnavailable);
}

/// GoPay takes a payment back: it is asked about until minutes have passed, for its records may be
/// late. What follows then is in `conclusion`.
#[tokio::test]
async fn a_payment_that_gopay_takes_back_is_asked_about_again() {
    let (env, buyer, order, reference) = ordered().await;
    env.act("pay").await;
    env.wait_for_inquiry(0).await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
    let failed = json!({"latestTransactionStatus": "06"});
    env.faults(json!([{"on": "status", "do": "replace", "value": failed, "times": null}]))
        .await;
    let asked = env.count("status_requested").await;
    env.repeat(&reference, json!({"status": "06"})).await;
    env.wait_for("status_requested", asked).await;
    env.wait_for("status_requested", asked + 1).await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
}
