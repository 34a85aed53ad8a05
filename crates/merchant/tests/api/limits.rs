//! How often a client or a buyer may ask, and how much a buyer may order.

use crate::test_env::{Buyer, TestEnv, problem};
use contract::{Order, OrderStatus, ProblemCode};
use merchant::{
    config::{Limits, Rates},
    domain::operator_policy::OrderLimits,
};
use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use serde_json::json;
use std::{num::NonZeroU32, time::Instant};

const TWO: NonZeroU32 = NonZeroU32::new(2).unwrap();

/// A sign-in of a phone at this address, through a proxy.
async fn sign_in(env: &TestEnv, address: &str) -> Response {
    let request = env.http.post(env.merchant("/api/session"));
    let body = json!({"auth_code": env.auth_code("budi").await});
    let request = request.header("x-forwarded-for", address).json(&body);
    request.send().await.unwrap()
}

async fn is_limited(answer: Response) -> bool {
    if answer.status() != StatusCode::TOO_MANY_REQUESTS {
        assert!(answer.status().is_success(), "{}", answer.status());
        return false;
    }
    let wait = answer.headers()[RETRY_AFTER].to_str().unwrap();
    assert!((1..=60).contains(&wait.parse().unwrap()), "{wait}");
    assert_eq!(problem(answer).await.code, ProblemCode::RateLimited);
    true
}

fn two_sign_ins(trusted_proxies: &[&str]) -> Limits {
    Limits {
        rates: Rates {
            sign_ins_per_minute_per_client: TWO,
            ..Rates::default()
        },
        trusted_proxies: trusted_proxies
            .iter()
            .map(|it| it.parse().unwrap())
            .collect(),
        ..Limits::default()
    }
}

/// TM26, TM28
#[tokio::test]
async fn sign_ins_of_one_client_are_limited_before_gopay_is_asked() {
    let env = TestEnv::limited(two_sign_ins(&["127.0.0.0/8"])).await;
    for _ in 0..2 {
        assert!(!is_limited(sign_in(&env, "203.0.113.7").await).await);
    }
    let asked = env.count("auth_code_exchanged").await;
    for address in ["203.0.113.7", "198.51.100.1, 203.0.113.7"] {
        assert!(is_limited(sign_in(&env, address).await).await, "{address}");
    }
    assert_eq!(env.count("auth_code_exchanged").await, asked);
    assert!(!is_limited(sign_in(&env, "203.0.113.8").await).await);
}

/// TM30: otherwise a client would name another address each time.
#[tokio::test]
async fn an_address_that_no_trusted_proxy_wrote_is_not_believed() {
    let env = TestEnv::limited(two_sign_ins(&[])).await;
    // The tests are on this machine, which is no single client.
    for _ in 0..5 {
        assert!(!is_limited(sign_in(&env, "203.0.113.7").await).await);
    }
}

#[tokio::test]
async fn all_sign_ins_together_are_limited() {
    let env = TestEnv::limited(Limits {
        rates: Rates {
            sign_ins_per_second: TWO,
            ..Rates::default()
        },
        ..Limits::default()
    })
    .await;
    let mut codes = Vec::new();
    for _ in 0..20 {
        codes.push(env.auth_code("budi").await);
    }
    let began = Instant::now();
    let posts = codes.into_iter().map(|code| {
        let request = env.http.post(env.merchant("/api/session"));
        tokio::spawn(request.json(&json!({"auth_code": code})).send())
    });
    let mut signed_in = 0;
    for post in posts.collect::<Vec<_>>() {
        signed_in += u64::from(!is_limited(post.await.unwrap().unwrap()).await);
    }
    // Two at once, and two for each second that it took.
    assert!(
        (2..=2 * (2 + began.elapsed().as_secs())).contains(&signed_in),
        "{signed_in}"
    );
}

#[tokio::test]
async fn requests_of_one_buyer_are_limited_and_of_others_are_not() {
    let env = TestEnv::limited(Limits {
        rates: Rates {
            requests_per_minute_per_buyer: TWO,
            ..Rates::default()
        },
        ..Limits::default()
    })
    .await;
    let (budi, siti) = (env.sign_in("budi").await, env.sign_in("siti").await);
    let list = async |buyer: &Buyer| buyer.get(&env, "/api/orders").send().await.unwrap();
    for _ in 0..2 {
        assert!(!is_limited(list(&budi).await).await);
    }
    assert!(is_limited(list(&budi).await).await);
    let placed = budi.place(&env, "key").await;
    assert!(is_limited(placed).await);
    assert_eq!(env.count("payment_requested").await, 0);
    assert!(!is_limited(list(&siti).await).await);
}

fn orders(open: u32, per_hour: u32) -> Limits {
    Limits {
        orders: OrderLimits { open, per_hour },
        ..Limits::default()
    }
}

async fn refused(answer: Response) {
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()[RETRY_AFTER], "60");
    assert_eq!(problem(answer).await.code, ProblemCode::TooManyOrders);
}

#[tokio::test]
async fn a_buyer_with_open_orders_places_no_more_until_one_has_ended() {
    let env = TestEnv::limited(orders(2, 100)).await;
    let buyer = env.sign_in("budi").await;
    let first: Order = buyer.place(&env, "1").await.json().await.unwrap();
    assert_eq!(buyer.place(&env, "2").await.status(), StatusCode::CREATED);
    refused(buyer.place(&env, "3").await).await;
    assert_eq!(env.count("payment_requested").await, 2);
    // What was placed before is found under its key.
    let again: Order = buyer.place(&env, "1").await.json().await.unwrap();
    assert_eq!(again.id, first.id);
    let other = env.sign_in("siti").await;
    assert_eq!(other.place(&env, "3").await.status(), StatusCode::CREATED);
    let cancelled = buyer.cancel(&env, &first.id).send().await.unwrap();
    assert_eq!(
        cancelled.json::<Order>().await.unwrap().status,
        OrderStatus::Cancelled
    );
    assert_eq!(buyer.place(&env, "3").await.status(), StatusCode::CREATED);
    env.reconciled().await;
}

/// An order that is paid again is open again.
#[tokio::test]
async fn a_buyer_with_open_orders_pays_no_failed_one_again() {
    let env = TestEnv::limited(orders(1, 100)).await;
    let buyer = env.sign_in("budi").await;
    let failed: Order = buyer.place(&env, "1").await.json().await.unwrap();
    env.act("fail").await;
    buyer
        .wait_until(&env, &failed.id, OrderStatus::Failed)
        .await;
    let open: Order = buyer.place(&env, "2").await.json().await.unwrap();
    let pay = async |key: &str| buyer.pay_again(&env, &failed.id, key).send().await.unwrap();
    refused(pay("3").await).await;
    assert_eq!(env.count("payment_requested").await, 2);
    buyer.cancel(&env, &open.id).send().await.unwrap();
    assert_eq!(pay("3").await.status(), StatusCode::OK);
    env.reconciled().await;
}

#[tokio::test]
async fn a_buyer_places_so_many_orders_within_an_hour() {
    let env = TestEnv::limited(orders(100, 2)).await;
    let buyer = env.sign_in("budi").await;
    for key in ["1", "2"] {
        let order: Order = buyer.place(&env, key).await.json().await.unwrap();
        buyer.cancel(&env, &order.id).send().await.unwrap();
    }
    refused(buyer.place(&env, "3").await).await;
}

#[tokio::test]
async fn orders_at_once_are_no_more_than_orders_one_by_one() {
    let env = TestEnv::limited(orders(3, 100)).await;
    let buyer = env.sign_in("budi").await;
    let posts: Vec<_> = (0..12)
        .map(|key| {
            let request = buyer.post(&env, "/api/orders");
            let request = request.header("idempotency-key", key.to_string());
            tokio::spawn(request.json(&crate::test_env::coffee()).send())
        })
        .collect();
    let mut placed = 0;
    for post in posts {
        let answer = post.await.unwrap().unwrap();
        placed += u32::from(answer.status() == StatusCode::CREATED);
    }
    assert_eq!(placed, 3);
    assert_eq!(env.count("payment_requested").await, 3);
}
