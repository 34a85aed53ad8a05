//! The sandbox: no container, and payments in a browser.

use crate::test_env::{Buyer, TestEnv, problem, read};
use contract::{Order, OrderStatus, PaymentWay, ProblemCode, Session};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use simulator::account::SANDBOX_PIN;

/// What the app makes up, and keeps.
const CODE: &str = "3735928559-3405691582-4277009102-2343432205";

async fn sign_in(env: &TestEnv, code: &str) -> Buyer {
    let answer = env.exchange(code).await;
    assert_eq!(answer.status(), StatusCode::OK);
    Buyer::new(&answer)
}

async fn customer(env: &TestEnv, code: &str) -> String {
    let session: Session = env.exchange(code).await.json().await.unwrap();
    session.customer.id.to_string()
}

fn page(order: &Order) -> Url {
    match &order.payment.as_ref().unwrap().way {
        PaymentWay::WebPage(address) => address.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// The payment as its page reads it.
async fn payment(env: &TestEnv, page: &Url) -> Value {
    read(env.http.get(api(page, "?leaves=0"))).await
}

async fn tap(env: &TestEnv, page: &Url, act: &str) {
    let request = env.http.post(api(page, &format!("/{act}")));
    let answer = request.json(&json!({"pin": SANDBOX_PIN})).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK, "{act}");
}

fn api(page: &Url, rest: &str) -> Url {
    let (_, name) = page.query_pairs().next().unwrap();
    page.join(&format!("/web/payments/{name}{rest}")).unwrap()
}

#[tokio::test]
async fn a_sandbox_order_is_paid_on_a_web_page_that_returns_to_it() {
    let env = TestEnv::in_sandbox().await;
    let buyer = sign_in(&env, CODE).await;
    let order = buyer.order(&env).await;
    assert_eq!(order.status, OrderStatus::AwaitingPayment);
    let page = page(&order);
    assert_eq!(page.port(), env.sandbox().port());

    tap(&env, &page, "pay").await;
    let paid = payment(&env, &page).await;
    let return_to = format!("{}/orders/{}", env.origin(), order.id);
    assert_eq!(paid["return_to"], json!(return_to));
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    let receipt = buyer.see(&env, &order.id).await;
    assert!(receipt.pickup_code.is_some() && receipt.payment.is_none());
    env.reconciled().await;
}

#[tokio::test]
async fn a_sandbox_payment_that_comes_to_nothing_can_be_paid_again() {
    for (act, status) in [
        ("fail", OrderStatus::Failed),
        ("expire", OrderStatus::Expired),
    ] {
        let env = TestEnv::in_sandbox().await;
        let buyer = sign_in(&env, CODE).await;
        let order = buyer.order(&env).await;
        tap(&env, &page(&order), act).await;
        buyer.wait_until(&env, &order.id, status).await;

        let again: Order = read(buyer.pay_again(&env, &order.id, "second")).await;
        assert_ne!(page(&again), page(&order));
        tap(&env, &page(&again), "pay").await;
        buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
        env.reconciled().await;
    }
}

#[tokio::test]
async fn a_declined_sandbox_payment_cancels_its_order() {
    let env = TestEnv::in_sandbox().await;
    let buyer = sign_in(&env, CODE).await;
    let order = buyer.order(&env).await;
    tap(&env, &page(&order), "leave").await;
    assert_eq!(
        buyer.status(&env, &order.id).await,
        OrderStatus::AwaitingPayment
    );
    tap(&env, &page(&order), "cancel").await;
    buyer
        .wait_until(&env, &order.id, OrderStatus::Cancelled)
        .await;
    env.reconciled().await;
}

#[tokio::test]
async fn a_code_that_a_browser_made_up_is_a_test_buyer() {
    let env = TestEnv::in_sandbox().await;
    let one = customer(&env, CODE).await;
    let other = customer(&env, "another").await;
    assert_eq!(customer(&env, CODE).await, one);
    assert_ne!(other, one);
    assert_eq!(env.count("auth_code_exchanged").await, 0);

    let order = sign_in(&env, CODE).await.order(&env).await;
    let path = format!("/api/orders/{}", order.id);
    let stranger = sign_in(&env, "another").await;
    let answer = stranger.get(&env, &path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_test_buyer_is_not_asked_for_a_name() {
    let env = TestEnv::in_sandbox().await;
    let buyer = sign_in(&env, CODE).await;
    for request in [
        buyer.post(&env, "/api/profile"),
        buyer.delete(&env, "/api/profile"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(problem(answer).await.code, ProblemCode::NotFound);
    }
    assert_eq!(env.count("profile_requested").await, 0);
}

#[tokio::test]
async fn a_page_that_is_not_of_the_sandbox_is_not_offered() {
    for fault in ["bad_url", "script_url"] {
        let env = TestEnv::in_sandbox().await;
        let buyer = sign_in(&env, CODE).await;
        env.faults(json!([{"on": "payment", "do": fault, "times": null}]))
            .await;
        buyer.place_in_vain(&env, "key").await;
        assert!(!env.faults_met().await.is_empty(), "{fault}");
    }
}

/// A simulator environment's hosts are both on this machine, so that only GoPay's side can tell.
#[tokio::test]
async fn a_merchant_of_one_environment_cannot_pay_in_the_other() {
    let mut env = TestEnv::in_sandbox().await;
    env.bi_snap_url = Some(format!("http://{}", env.gopay).parse().unwrap());
    env.restart_merchant().await;
    let buyer = sign_in(&env, CODE).await;
    let order = buyer.order(&env).await;
    assert_eq!((order.status, order.payment), (OrderStatus::Failed, None));

    let mut env = TestEnv::new().await;
    env.bi_snap_url = Some(env.sandbox());
    env.restart_merchant().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    assert_eq!((order.status, order.payment), (OrderStatus::Failed, None));
    assert_eq!(env.references().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_sandboxs_page_has_a_banner_and_no_container_sdk() {
    const BUILT: &str = r#"<!doctype html><html lang="id" data-boot="shop"><head>
        <script id="sdk" src="https://gwk.gopayapi.com/sdk/stable/gp-container.min.js" async></script>
        </head><body></body></html>"#;
    let env = TestEnv::in_sandbox().await;
    std::fs::create_dir_all(&env.dist).unwrap();
    std::fs::write(env.dist.join("index.html"), BUILT).unwrap();
    for path in ["/", "/orders/0123"] {
        let answer = env.http.get(env.merchant(path)).send().await.unwrap();
        assert_eq!(answer.headers()["x-frame-options"], "DENY");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(policy.contains("connect-src 'self';"), "{policy}");
        assert!(policy.contains("frame-src 'none';"), "{policy}");
        let page = answer.text().await.unwrap();
        assert!(!page.contains("gp-container"), "{page}");
        assert!(page.contains(r#"<meta id="sandbox" name="environment" content="sandbox">"#));
        assert!(page.contains("bukan uang sungguhan") && page.contains("no real money"));
    }
}
