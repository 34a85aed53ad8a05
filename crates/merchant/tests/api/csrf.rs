//! What one buyer learns of another, and what a login is worth.

use crate::test_env::{Buyer, TestEnv, coffee, problem, read};
use contract::{Order, OrderId, OrderStatus, ProblemCode, Session};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;

/// All of the app's routes, with somebody's session and this order's id.
fn everywhere(
    env: &TestEnv,
    buyer: &Buyer,
    id: &OrderId,
    key: &str,
) -> Vec<(String, RequestBuilder)> {
    let paths = [
        format!("/api/orders/{id}"),
        format!("/api/orders/{id}/"),
        format!("/api/orders/{id}/payment"),
        "/api/orders".to_owned(),
        format!("/api/orders?id={id}&customer=budi"),
        "/api/catalogue".to_owned(),
    ];
    let mut all: Vec<_> = (paths.iter())
        .map(|path| (format!("GET {path}"), buyer.get(env, path)))
        .collect();
    for path in [
        format!("/api/orders/{id}/payment"),
        format!("/api/orders/{id}/cancel"),
        "/api/profile".to_owned(),
    ] {
        let request = buyer.post(env, &path).header("idempotency-key", key);
        all.push((format!("POST {path}"), request));
    }
    let again = buyer.post(env, "/api/orders").json(&coffee());
    all.push((
        "POST /api/orders".to_owned(),
        again.header("idempotency-key", key),
    ));
    all.push((
        "DELETE /api/profile".to_owned(),
        buyer.delete(env, "/api/profile"),
    ));
    all
}

/// TM10, I-34: by no route, neither by the order's id nor by the key it was placed under, before and
/// after it is paid; and what the stranger tries changes nothing about it.
#[tokio::test]
async fn an_order_is_never_shown_to_another_buyer() {
    let env = TestEnv::new().await;
    let (budi, siti) = (env.sign_in("budi").await, env.sign_in("siti").await);
    env.decide("budi", "profile", true).await;
    let name = read::<contract::Profile>(budi.post(&env, "/api/profile"));
    let name = name.await.name.unwrap();
    let key = "the-key-of-budi";
    let placed: Order = budi.place(&env, key).await.json().await.unwrap();
    let reference = env.references().await.remove(0);
    for status in [OrderStatus::AwaitingPayment, OrderStatus::Paid] {
        let order = budi.see(&env, &placed.id).await;
        assert_eq!(order.status, status);
        let mut tags = vec![order.id.to_string(), reference.clone(), name.clone()];
        tags.extend(
            order
                .payment
                .clone()
                .map(|payment| format!("{:?}", payment.way)),
        );
        tags.extend(order.pickup_code.clone().map(|code| format!("\"{code}\"")));
        assert_eq!(tags.len(), 4, "{order:?}");
        let own = budi.get(&env, &format!("/api/orders/{}", order.id)).send();
        let own = own.await.unwrap().text().await.unwrap();
        assert!(tags.iter().filter(|tag| own.contains(*tag)).count() >= 2);

        for (route, request) in everywhere(&env, &siti, &order.id, key) {
            let answer = request.send().await.unwrap();
            let told = format!(
                "{:?} {}",
                answer.headers().clone(),
                answer.text().await.unwrap()
            );
            for tag in &tags {
                assert!(
                    !told.contains(tag),
                    "{tag} in the answer to {route}: {told}"
                );
            }
        }
        let session = env.session("siti").await;
        assert!(session.open_order.is_none_or(|open| open.id != order.id));
        assert_eq!(budi.see(&env, &order.id).await.status, status);
        if status == OrderStatus::AwaitingPayment {
            let path = format!("payments/{reference}/pay");
            env.control_post(&path, json!({})).await;
        }
    }
    let theirs = siti.orders(&env).await;
    assert_eq!(theirs.len(), 1, "only what siti placed under the same key");
    assert_ne!(theirs[0].id, placed.id);
}

/// TM13, I-35: nor one that the caller made up, nor the cookie of any earlier login, nor after the
/// merchant was killed.
#[tokio::test]
async fn no_session_from_before_a_login_is_valid_after() {
    let mut env = TestEnv::new().await;
    let mut before = vec![Buyer {
        cookie: format!("sid={}", "a".repeat(64)),
    }];
    for login in 0..3 {
        let holder = before.last().unwrap();
        let code = env.auth_code("budi").await;
        let request = holder.post(&env, "/api/session");
        let answer = request.json(&json!({"auth_code": code})).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{login}");
        let after = Buyer::new(&answer);
        assert!(before.iter().all(|old| old.cookie != after.cookie));
        if login == 1 {
            env.restart_merchant().await;
        }
        for old in &before {
            let answer = old.get(&env, "/api/orders").send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        }
        assert_eq!(after.orders(&env).await, []);
        before.push(after);
    }
}

/// TM12, I-36: twenty at once, then again after a kill: one session, and one that GoPay granted.
#[tokio::test]
async fn an_auth_code_is_used_once_however_often_it_is_sent() {
    let mut env = TestEnv::new().await;
    let code = env.auth_code("budi").await;
    let body = json!({"auth_code": code});
    let tries = (0..20).map(|_| {
        let request = env.http.post(env.merchant("/api/session")).json(&body);
        tokio::spawn(request.send())
    });
    let mut sessions = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        let answer = answer.await.unwrap().unwrap();
        if answer.status() == StatusCode::OK {
            sessions.push(answer.json::<Session>().await.unwrap());
        } else {
            assert!(!answer.headers().contains_key("set-cookie"));
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
            assert_eq!(problem(answer).await.code, ProblemCode::AuthCodeRefused);
        }
    }
    assert_eq!(sessions.len(), 1);
    env.restart_merchant().await;
    let late = env.exchange(&code).await;
    assert_eq!(late.status(), StatusCode::UNAUTHORIZED);
    let exchanged = env.entries("auth_code_exchanged").await;
    let granted = (exchanged.iter()).filter(|entry| entry["outcome"] == "granted");
    assert_eq!(granted.count(), 1);
}
