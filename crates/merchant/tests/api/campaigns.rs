//! What a campaign address adds to an order.

use crate::{
    fulfilment::{listener, next},
    test_env::{Buyer, TestEnv, coffee, problem, read},
};
use contract::{Discount, Order, OrderStatus, ProblemCode, Promo, Reduction, Rupiah};
use merchant::domain::operator_policy::PaymentPolicy;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;

/// Two milk coffees, with a table.
fn at_table(env: &TestEnv, buyer: &Buyer, table: &str) -> RequestBuilder {
    let mut order = coffee();
    order["table"] = json!(table);
    let request = buyer.post(env, "/api/orders").json(&order);
    request.header(
        "idempotency-key",
        format!("at table {table}").replace(' ', "-"),
    )
}

#[tokio::test]
async fn an_orders_table_is_on_the_receipt_and_in_the_webhook() {
    let (url, mut heard) = listener(Some(StatusCode::NO_CONTENT)).await;
    let env = TestEnv::with_hook(url).await;
    let buyer = env.sign_in("budi").await;
    let order: Order = read(at_table(&env, &buyer, "7")).await;
    assert_eq!(order.table.as_deref(), Some("7"));
    env.act("pay").await;
    assert_eq!(buyer.see(&env, &order.id).await.table, order.table);
    assert_eq!(buyer.orders(&env).await[0].table, order.table);
    let (_, message) = next(&mut heard).await;
    assert_eq!(message["data"]["table"], "7");
}

#[tokio::test]
async fn a_table_that_the_shop_does_not_have_is_refused() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    for table in ["13", "0", "", "7 "] {
        let answer = at_table(&env, &buyer, table).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{table}");
        assert_eq!(problem(answer).await.code, ProblemCode::UnknownTable);
    }
    assert_eq!(env.count("payment_requested").await, 0);
}

/// Two milk coffees, which cost Rp50.000 without the code.
fn with_promo(env: &TestEnv, buyer: &Buyer, code: &str, expected_total: u64) -> RequestBuilder {
    let mut order = coffee();
    order["promo"] = json!(code);
    order["expected_total"] = json!(expected_total);
    let request = buyer.post(env, "/api/orders").json(&order);
    request.header(
        "idempotency-key",
        format!("{code} {expected_total}").replace(' ', "-"),
    )
}

#[tokio::test]
async fn a_discount_is_paid_less_refunded_no_more_and_told_everywhere() {
    let (url, mut heard) = listener(Some(StatusCode::NO_CONTENT)).await;
    let env = TestEnv::with_hook(url).await;
    let buyer = env.sign_in("budi").await;
    let order: Order = read(with_promo(&env, &buyer, "HEMAT10", 45_000)).await;
    let discount = Discount {
        code: "HEMAT10".to_owned(),
        amount: Rupiah::new(5_000),
    };
    assert_eq!(order.total, Rupiah::new(45_000));
    assert_eq!(order.discount.as_ref(), Some(&discount));
    let ledger = env.ledger().await;
    assert_eq!(ledger["payments"][0]["amount"]["value"], "45000.00");
    env.act("pay").await;
    let paid = buyer.see(&env, &order.id).await;
    assert_eq!(paid.status, OrderStatus::Paid);
    assert_eq!(paid.discount, Some(discount));
    let (_, message) = next(&mut heard).await;
    assert_eq!(message["data"]["total"], 45_000);
    let told = json!({"code": "HEMAT10", "amount": 5_000});
    assert_eq!(message["data"]["discount"], told);
    env.reconciled().await;

    let staff = env.staff().await;
    let too_much = Some(Rupiah::new(50_000));
    assert!(staff.refund(order.id.as_str(), too_much).await.is_err());
    staff.refund(order.id.as_str(), None).await.unwrap();
    buyer
        .wait_until(&env, &order.id, OrderStatus::Refunded)
        .await;
    let refunded = buyer.see(&env, &order.id).await.refunded;
    assert_eq!(refunded, Some(Rupiah::new(45_000)));
}

#[tokio::test]
async fn gopay_is_told_no_items_of_a_discounted_order() {
    let env = TestEnv::paying(PaymentPolicy {
        sends_items: true,
        ..PaymentPolicy::default()
    })
    .await;
    let buyer = env.sign_in("budi").await;
    let order: Order = read(with_promo(&env, &buyer, "HEMAT10", 45_000)).await;
    env.act("expire").await;
    let again: Order = read(buyer.pay_again(&env, &order.id, "again")).await;
    assert_eq!(again.status, OrderStatus::AwaitingPayment);
    let requests = env.payment_requests().await;
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!(request["additionalInfo"].get("items"), None);
    }
}

#[tokio::test]
async fn a_promo_code_that_does_not_apply_is_refused_by_its_own_problem() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    for (code, total, problem_code) in [
        ("GRATIS", 45_000, ProblemCode::PromoRefused),
        ("LEBARAN", 45_000, ProblemCode::PromoExpired),
        ("HEMAT10", 50_000, ProblemCode::PriceChanged),
        ("HEMAT10", 44_999, ProblemCode::PriceChanged),
    ] {
        let answer = with_promo(&env, &buyer, code, total).send().await.unwrap();
        assert_eq!(problem(answer).await.code, problem_code, "{code} {total}");
    }
    let mut order = json!({"lines": [{"product": "klepon", "quantity": 1}]});
    order["expected_total"] = json!(12_000);
    order["promo"] = json!("HEMAT10");
    let request = buyer.post(&env, "/api/orders").json(&order);
    let answer = request.header("idempotency-key", "small").send().await;
    let refusal = problem(answer.unwrap()).await;
    assert_eq!(refusal.code, ProblemCode::PromoRefused);
    assert!(refusal.detail.unwrap().contains("20000"));
    assert_eq!(env.count("payment_requested").await, 0);
}

#[tokio::test]
async fn the_rule_of_one_promo_code_is_told_to_a_signed_in_buyer() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let promo: Promo = read(buyer.get(&env, "/api/promo/hemat10")).await;
    let rule = Promo {
        code: "HEMAT10".to_owned(),
        reduction: Reduction::Percent(10),
        min_total: Rupiah::new(20_000),
    };
    assert_eq!(promo, rule);
    for (code, status, problem_code) in [
        (
            "GRATIS",
            StatusCode::UNPROCESSABLE_ENTITY,
            ProblemCode::PromoRefused,
        ),
        (
            "%FF",
            StatusCode::UNPROCESSABLE_ENTITY,
            ProblemCode::PromoRefused,
        ),
        ("LEBARAN", StatusCode::CONFLICT, ProblemCode::PromoExpired),
        ("", StatusCode::NOT_FOUND, ProblemCode::NotFound),
    ] {
        let answer = buyer.get(&env, &format!("/api/promo/{code}"));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), status, "{code}");
        assert_eq!(problem(answer).await.code, problem_code, "{code}");
    }
    let unknown = env
        .http
        .get(env.merchant("/api/promo/HEMAT10"))
        .send()
        .await;
    assert_eq!(unknown.unwrap().status(), StatusCode::UNAUTHORIZED);
}
