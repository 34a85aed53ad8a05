//! What the app may ask, and what it is told when it may not.

use crate::town::{Town, coffee, problem};
use contract::ProblemCode;
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn an_order_that_cannot_be_placed_is_refused_by_name() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let line = |product: &str, quantity: Value, total: u64| json!({"lines": [{"product": product, "quantity": quantity}], "expected_total": total});
    let mut priced = coffee();
    priced["price"] = json!(1);
    for (order, status, code) in [
        (
            line("rendang", json!(1), 1),
            422,
            ProblemCode::UnknownProduct,
        ),
        (
            line("klepon", json!(21), 252_000),
            422,
            ProblemCode::InvalidQuantity,
        ),
        (
            line("klepon", json!(1), 11_000),
            409,
            ProblemCode::PriceChanged,
        ),
        (
            line("klepon", json!(0), 0),
            400,
            ProblemCode::InvalidRequest,
        ),
        (
            line("klepon", json!(-1), 0),
            400,
            ProblemCode::InvalidRequest,
        ),
        (
            line("klepon", json!(1.5), 0),
            400,
            ProblemCode::InvalidRequest,
        ),
        (
            line("klepon", json!("1"), 0),
            400,
            ProblemCode::InvalidRequest,
        ),
        (
            line("klepon", json!(9_223_372_036_854_775_807_u64), 0),
            400,
            ProblemCode::InvalidRequest,
        ),
        (
            json!({"lines": [], "expected_total": 0}),
            400,
            ProblemCode::InvalidRequest,
        ),
        (json!([]), 400, ProblemCode::InvalidRequest),
        (priced, 400, ProblemCode::InvalidRequest),
    ] {
        let answer = buyer
            .post(&town, "/api/orders")
            .header("idempotency-key", "key")
            .json(&order)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), status, "{order}");
        assert_eq!(problem(answer).await.code, code, "{order}");
    }
    assert_eq!(town.count("payment_requested").await, 0);
    assert_eq!(buyer.orders(&town).await, []);
}

#[tokio::test]
async fn an_order_needs_a_key() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let long = "x".repeat(129);
    for key in [None, Some(""), Some("a b"), Some(long.as_str())] {
        let mut request = buyer.post(&town, "/api/orders").json(&coffee());
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(
            problem(answer).await.code,
            ProblemCode::IdempotencyKeyRequired
        );
    }
}

#[tokio::test]
async fn somebody_elses_order_looks_like_none() {
    let town = Town::new().await;
    let budi = town.sign_in("budi").await;
    let siti = town.sign_in("siti").await;
    let order = budi.order(&town).await;
    let theirs = siti
        .get(&town, &format!("/api/orders/{}", order.id))
        .send()
        .await
        .unwrap();
    let nobodys = siti
        .get(&town, "/api/orders/00000000000000000000000000000000")
        .send()
        .await
        .unwrap();
    assert_eq!(problem(theirs).await, problem(nobodys).await);
    let pay = siti
        .pay_again(&town, &order.id, "key")
        .send()
        .await
        .unwrap();
    assert_eq!(problem(pay).await.code, ProblemCode::NotFound);
    let cancel = siti.cancel(&town, &order.id).send().await.unwrap();
    assert_eq!(problem(cancel).await.code, ProblemCode::NotFound);
    // A key is its buyer's own.
    let (one, other) = (
        budi.place(&town, "key").await,
        siti.place(&town, "key").await,
    );
    assert_eq!(one.status(), StatusCode::CREATED);
    assert_eq!(other.status(), StatusCode::CREATED);
    let (one, other): (Value, Value) = (one.json().await.unwrap(), other.json().await.unwrap());
    assert_ne!(one["id"], other["id"]);
}

#[tokio::test]
async fn another_site_cannot_order_in_the_buyers_name() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let origin = town.origin();
    for (header, value, status) in [
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 201),
        ("origin", origin.as_str(), 201),
    ] {
        let answer = buyer
            .post(&town, "/api/orders")
            .header("idempotency-key", value.replace(' ', ""))
            .header(header, value)
            .json(&coffee())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), status, "{header}: {value}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn a_body_that_is_not_small_json_is_refused() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let send = |content_type: &'static str, body: String| {
        buyer
            .post(&town, "/api/orders")
            .header("idempotency-key", "key")
            .header("content-type", content_type)
            .body(body)
            .send()
    };
    for (content_type, body, code) in [
        (
            "text/plain",
            coffee().to_string(),
            ProblemCode::UnsupportedMediaType,
        ),
        (
            "application/x-www-form-urlencoded",
            "lines=1".to_owned(),
            ProblemCode::UnsupportedMediaType,
        ),
        (
            "application/json",
            "{".to_owned(),
            ProblemCode::InvalidRequest,
        ),
        (
            "application/json",
            "[".repeat(1000),
            ProblemCode::InvalidRequest,
        ),
        (
            "application/json",
            " ".repeat(65 * 1024),
            ProblemCode::TooLarge,
        ),
    ] {
        let answer = send(content_type, body).await.unwrap();
        assert_eq!(problem(answer).await.code, code);
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    for path in ["/api/nothing", "/api", "/api/orders/a/b/c"] {
        let answer = buyer.get(&town, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(problem(answer).await.code, ProblemCode::NotFound, "{path}");
    }
    let answer = buyer.post(&town, "/api/catalogue").send().await.unwrap();
    assert_eq!(problem(answer).await.code, ProblemCode::NotFound);
    let answer = town.http.get(town.merchant("/healthz")).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    let answer = town.http.get(town.merchant("/readyz")).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
}
