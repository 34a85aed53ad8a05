//! An order is opened from GoPay's order history: by the address there, and by whatever id is in it.

use crate::test_env::{TestEnv, problem, read};
use contract::{Order, OrderId, OrderStatus, ProblemCode};
use reqwest::{Response, StatusCode, redirect::Policy};

/// A page as GoPay's web view requests it, whose redirects the test follows itself.
async fn page(env: &TestEnv, path: &str) -> Response {
    let client = reqwest::Client::builder().redirect(Policy::none());
    let request = client.build().unwrap().get(env.merchant(path));
    request.send().await.unwrap()
}

/// An order whose second payment is under way.
async fn paid_for_twice(env: &TestEnv) -> (crate::test_env::Buyer, OrderId) {
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(env).await;
    env.act("expire").await;
    let again: Order = read(buyer.pay_again(env, &order.id, "second")).await;
    assert_eq!(again.status, OrderStatus::AwaitingPayment);
    (buyer, order.id)
}

/// Every name by which GoPay knows the order's two payments.
async fn names(env: &TestEnv) -> Vec<String> {
    let ledger = env.ledger().await;
    let payments = ledger["payments"].as_array().unwrap();
    let ids = ["partner_reference_no", "reference_no", "external_id"];
    (payments.iter())
        .flat_map(|payment| ids.map(|id| payment[id].as_str().unwrap().to_owned()))
        .collect()
}

#[tokio::test]
async fn an_order_is_found_by_every_id_of_its_payments() {
    let env = TestEnv::new().await;
    let (buyer, id) = paid_for_twice(&env).await;
    // Another order of the same buyer is not taken for it.
    let other = buyer.order(&env).await;
    let names = names(&env).await;
    assert_eq!(names.len(), 9);
    for name in &names[..6] {
        let order: Order = read(buyer.get(&env, &format!("/api/orders/{name}"))).await;
        assert_eq!(order.id, id, "{name}");
    }
    for name in &names[6..] {
        let order: Order = read(buyer.get(&env, &format!("/api/orders/{name}"))).await;
        assert_eq!(order.id, other.id, "{name}");
    }
    assert_eq!(names[3], format!("{id}-2"), "the second payment's own name");
    for spelt in [
        id.as_str().to_uppercase(),
        names[3].to_uppercase(),
        names[5].to_uppercase(),
    ] {
        let order: Order = read(buyer.get(&env, &format!("/api/orders/{spelt}"))).await;
        assert_eq!(order.id, id, "{spelt}");
    }
}

#[tokio::test]
async fn another_buyers_order_is_as_absent_as_one_that_does_not_exist() {
    let env = TestEnv::new().await;
    let (_, id) = paid_for_twice(&env).await;
    let other = env.sign_in("siti").await;
    let mut texts = names(&env).await;
    texts.push(id.to_string());
    let unknown = [
        "nothing".to_owned(),
        format!("{id}-3"),
        "%7Border%7D".to_owned(),
    ];
    let mut answers = Vec::new();
    for text in texts.iter().chain(&unknown) {
        let answer = other.get(&env, &format!("/api/orders/{text}"));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{text}");
        answers.push(problem(answer).await);
    }
    assert_eq!(answers[0].code, ProblemCode::NotFound);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[tokio::test]
async fn a_number_of_no_attempt_is_no_order() {
    let env = TestEnv::new().await;
    let (buyer, id) = paid_for_twice(&env).await;
    for text in [
        format!("{id}-3"),
        format!("{id}0"),
        id.as_str()[..31].to_owned(),
    ] {
        let answer = buyer.get(&env, &format!("/api/orders/{text}"));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{text}");
    }
}

#[tokio::test]
async fn a_page_of_gopays_shape_leads_to_the_apps_order() {
    let mut env = TestEnv::new().await;
    env.order_history = "/riwayat?ref={order}".to_owned();
    env.restart_merchant().await;
    env.build_app();
    let led = page(&env, "/riwayat?lang=en&ref=A1-2&buyer=siti").await;
    assert_eq!(led.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(led.headers()["location"], "/orders/A1-2?lang=en&buyer=siti");
    assert_eq!(led.headers()["cache-control"], "no-store");
    // Whether there is such an order is not said to a page without a session.
    let list = page(&env, "/riwayat?ref=").await;
    assert_eq!(list.headers()["location"], "/orders");
    for path in ["/orders/A1-2", "/riwayat", "/"] {
        assert_eq!(page(&env, path).await.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn the_apps_own_address_of_an_order_leads_nowhere_else() {
    let env = TestEnv::new().await;
    env.build_app();
    let shown = page(&env, "/orders/A1-2?lang=en").await;
    assert_eq!(shown.status(), StatusCode::OK);
}
