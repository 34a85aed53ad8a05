//! What the app may ask, and what it is told when it may not.

use crate::test_env::{TestEnv, coffee, problem};
use contract::ProblemCode;
use merchant::{Merchant, config::Hsts};
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn an_order_that_cannot_be_placed_is_refused_by_name() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
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
            .post(&env, "/api/orders")
            .header("idempotency-key", "key")
            .json(&order)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), status, "{order}");
        assert_eq!(problem(answer).await.code, code, "{order}");
    }
    assert_eq!(env.count("payment_requested").await, 0);
    assert_eq!(buyer.orders(&env).await, []);
}

#[tokio::test]
async fn an_order_needs_a_key() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let long = "x".repeat(129);
    for key in [None, Some(""), Some("a b"), Some(long.as_str())] {
        let mut request = buyer.post(&env, "/api/orders").json(&coffee());
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
async fn another_buyers_order_looks_like_none() {
    let env = TestEnv::new().await;
    let budi = env.sign_in("budi").await;
    let siti = env.sign_in("siti").await;
    let order = budi.order(&env).await;
    let theirs = siti
        .get(&env, &format!("/api/orders/{}", order.id))
        .send()
        .await
        .unwrap();
    let nobodys = siti
        .get(&env, "/api/orders/00000000000000000000000000000000")
        .send()
        .await
        .unwrap();
    assert_eq!(problem(theirs).await, problem(nobodys).await);
    let pay = siti.pay_again(&env, &order.id, "key").send().await.unwrap();
    assert_eq!(problem(pay).await.code, ProblemCode::NotFound);
    let cancel = siti.cancel(&env, &order.id).send().await.unwrap();
    assert_eq!(problem(cancel).await.code, ProblemCode::NotFound);
    // A key is its buyer's own.
    let (one, other) = (budi.place(&env, "key").await, siti.place(&env, "key").await);
    assert_eq!(one.status(), StatusCode::CREATED);
    assert_eq!(other.status(), StatusCode::CREATED);
    let (one, other): (Value, Value) = (one.json().await.unwrap(), other.json().await.unwrap());
    assert_ne!(one["id"], other["id"]);
}

#[tokio::test]
async fn another_site_cannot_order_in_the_buyers_name() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let own = env.origin();
    let (evil, site, mode) = ("https://evil.example", "sec-fetch-site", "sec-fetch-mode");
    let cases: &[(&[(&str, &str)], u16)] = &[
        (&[("origin", evil)], 403),
        (&[("origin", evil), (site, "same-origin")], 403),
        (&[("origin", &own), ("origin", evil)], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "null"), (site, "none")], 403),
        (&[("origin", "null"), (site, "same-site")], 403),
        (&[("origin", "null"), (site, "cross-site")], 403),
        (
            &[
                ("origin", "null"),
                (site, "same-origin"),
                (mode, "navigate"),
            ],
            403,
        ),
        (
            &[("origin", "null"), (site, "same-origin"), (mode, "cors")],
            201,
        ),
        (&[(site, "cross-site")], 403),
        (&[(site, "same-site")], 403),
        (&[(site, "same-origin")], 201),
        (&[("origin", &own)], 201),
        // No page can say so of itself: the browser has placed the page wrongly.
        (&[("origin", &own), (site, "cross-site")], 201),
        (&[("origin", &own), (site, "same-site")], 201),
    ];
    for (number, (headers, status)) in cases.iter().enumerate() {
        let mut order = buyer
            .post(&env, "/api/orders")
            .header("idempotency-key", format!("key-{number}"))
            .json(&coffee());
        for (name, value) in *headers {
            order = order.header(*name, *value);
        }
        let answer = order.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), *status, "{headers:?}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    for path in ["/api/nothing", "/api", "/api/orders/a/b/c"] {
        let answer = buyer.get(&env, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(problem(answer).await.code, ProblemCode::NotFound, "{path}");
    }
    let answer = buyer.post(&env, "/api/catalogue").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()["allow"], "GET,HEAD");
    assert_eq!(problem(answer).await.code, ProblemCode::InvalidRequest);
    let answer = env.http.get(env.merchant("/healthz")).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    env.build_app();
    let answer = env.http.get(env.merchant("/readyz")).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
}

/// Where the bundle is missing buyers get nothing, whatever else works.
#[tokio::test]
async fn a_merchant_without_the_app_is_not_ready() {
    let env = TestEnv::new().await;
    let ready = async || env.http.get(env.merchant("/readyz")).send().await.unwrap();
    assert_eq!(ready().await.status(), StatusCode::SERVICE_UNAVAILABLE);
    env.build_app();
    assert_eq!(ready().await.status(), StatusCode::OK);
    // Buyers of a package bring the app along.
    let env = TestEnv::with_packages().await;
    let answer = env.http.get(env.merchant("/readyz")).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
}

/// A path that is no text names no order, and is told so as everything is.
#[tokio::test]
async fn a_path_that_is_no_text_gets_a_problem() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    for path in ["/api/orders/%ff", "/api/orders/%C3%28"] {
        let answer = buyer.get(&env, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(problem(answer).await.code, ProblemCode::NotFound, "{path}");
    }
    for path in ["/api/orders/%ff/payment", "/api/orders/%ff/cancel"] {
        let request = buyer.post(&env, path).header("idempotency-key", "k");
        let answer = request.send().await.unwrap();
        assert_eq!(problem(answer).await.code, ProblemCode::NotFound, "{path}");
    }
}

/// A shop may be at the top of its owner's domain, and what is below is not the shop's.
#[tokio::test]
async fn https_binds_other_hosts_only_where_that_is_asked_for() {
    let mut env = TestEnv::new().await;
    env.stop_merchant().await;
    for (hsts, public_url, bound) in [
        (
            Hsts::Host,
            "https://kedai.example",
            Some("max-age=63072000"),
        ),
        (
            Hsts::Subdomains,
            "https://kedai.example",
            Some("max-age=63072000; includeSubDomains"),
        ),
        (Hsts::Subdomains, "http://localhost:8080", None),
    ] {
        let mut config = env.config();
        config.hsts = hsts;
        config.mini_apps[0].public_url = Some(public_url.parse().unwrap());
        let merchant = Merchant::bind(config).await.unwrap();
        let healthz = format!("http://{}/healthz", merchant.address());
        let serving = tokio::spawn(merchant.serve(std::future::pending()));
        let answer = env.http.get(healthz).send().await.unwrap();
        let header = answer.headers().get("strict-transport-security");
        assert_eq!(header.map(|value| value.to_str().unwrap()), bound);
        serving.abort();
        let _ = serving.await;
    }
}
