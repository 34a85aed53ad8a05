//! What is refused has not happened.

use crate::test_env::{Buyer, TestEnv, coffee, problem};
use contract::{Order, OrderStatus, ProblemCode};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// What happened at GoPay that has an effect there.
async fn effects(env: &TestEnv) -> Vec<usize> {
    let mut effects = Vec::new();
    for kind in [
        "payment_requested",
        "payment_cancelled",
        "cancel_requested",
        "refund_requested",
        "auth_code_exchanged",
    ] {
        effects.push(env.count(kind).await);
    }
    effects
}

struct Asked {
    what: &'static str,
    status: u16,
    request: RequestBuilder,
}

fn orders(env: &TestEnv, buyer: &Buyer, key: &str) -> RequestBuilder {
    buyer
        .post(env, "/api/orders")
        .header("idempotency-key", key)
}

fn line(product: &str, quantity: u32, total: u64) -> Value {
    json!({"lines": [{"product": product, "quantity": quantity}], "expected_total": total})
}

/// TM11, TM39, I-19: neither in the database nor at GoPay: and the key of a refused order is still free.
#[tokio::test]
async fn a_refused_request_has_no_side_effect() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let placed: Order = buyer.place(&env, "taken").await.json().await.unwrap();
    let paid = buyer.order(&env).await;
    env.act("pay").await;
    buyer.wait_until(&env, &paid.id, OrderStatus::Paid).await;

    let refused = [
        Asked {
            what: "a stale price",
            status: 409,
            request: orders(&env, &buyer, "new").json(&line("klepon", 1, 11_000)),
        },
        Asked {
            what: "paying what is paid",
            status: 409,
            request: buyer.pay_again(&env, &paid.id, "new"),
        },
        Asked {
            what: "calling off what is paid",
            status: 409,
            request: buyer.cancel(&env, &paid.id),
        },
        Asked {
            what: "another order under a used key",
            status: 422,
            request: orders(&env, &buyer, "taken").json(&line("klepon", 1, 12_000)),
        },
        Asked {
            what: "an unknown product",
            status: 422,
            request: orders(&env, &buyer, "new").json(&line("rendang", 1, 1)),
        },
        Asked {
            what: "too many",
            status: 422,
            request: orders(&env, &buyer, "new").json(&line("klepon", 21, 252_000)),
        },
        Asked {
            what: "nothing",
            status: 400,
            request: orders(&env, &buyer, "new").json(&json!({"lines": [], "expected_total": 0})),
        },
        Asked {
            what: "no JSON",
            status: 400,
            request: orders(&env, &buyer, "new")
                .header("content-type", "application/json")
                .body("{"),
        },
        Asked {
            what: "no key",
            status: 400,
            request: buyer.post(&env, "/api/orders").json(&coffee()),
        },
        Asked {
            what: "no key for a payment",
            status: 400,
            request: buyer.post(&env, &format!("/api/orders/{}/payment", placed.id)),
        },
        Asked {
            what: "an auth code that cannot be one",
            status: 400,
            request: buyer
                .post(&env, "/api/session")
                .json(&json!({"auth_code": "a b"})),
        },
        Asked {
            what: "another site's request",
            status: 403,
            request: orders(&env, &buyer, "new")
                .header("origin", "https://evil.example")
                .json(&coffee()),
        },
    ];
    let (kept, done) = (env.kept().await, effects(&env).await);
    assert!(
        kept["orders"].len() == 2 && kept["evidence"].len() >= 3,
        "{kept:?}"
    );
    for Asked {
        what,
        status,
        request,
    } in refused
    {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{what}");
        problem(answer).await;
        assert_eq!(env.kept().await, kept, "{what}");
        assert_eq!(effects(&env).await, done, "{what}");
    }
    let free = buyer.place(&env, "new").await;
    assert_eq!(free.status(), StatusCode::CREATED);
    assert_ne!(env.kept().await, kept);
}

/// I-25: only a message with GoPay's signature changes the database.
#[tokio::test]
async fn an_unsigned_notification_is_no_event() {
    const CANARY: &str = "canary-of-a-stranger";
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let reference = env.references().await.remove(0);
    let kept = env.kept().await;
    assert_eq!(kept["evidence"].len(), 1);

    for how in ["unsigned", "foreign_key", "tampered"] {
        let forgery = json!({"ref": reference, "how": how, "status": "00"});
        env.control_post("notifications/forge", forgery).await;
        assert_eq!(env.kept().await, kept, "{how}");
    }
    let body = json!({
        "originalReferenceNo": reference,
        "originalPartnerReferenceNo": order.id,
        "originalExternalId": CANARY,
        "amount": {"value": "50000.00", "currency": "IDR"},
        "latestTransactionStatus": "00",
        "transactionStatusDesc": CANARY,
    });
    let body = body.to_string();
    for (timestamp, signature) in [
        (CANARY, CANARY),
        ("2026-01-01T00:00:00+07:00", "Y2FuYXJ5"),
        ("2026-01-01T00:00:00+07:00", ""),
        ("", ""),
    ] {
        let request = env.notification(timestamp, signature, &body);
        assert!(request.send().await.unwrap().status().is_client_error());
    }
    // Nor what the buyer, or their app, say of a payment.
    for (path, said) in [
        ("/api/orders", json!({"status": "paid", "id": CANARY})),
        ("/api/session", json!({"auth_code": CANARY})),
    ] {
        let request = buyer.post(&env, path).header("idempotency-key", CANARY);
        let answer = request.json(&said).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{path}");
    }
    for method in ["payment", "cancel"] {
        let path = format!("/api/orders/{CANARY}/{method}");
        let request = buyer.post(&env, &path).header("idempotency-key", CANARY);
        let answer = request.send().await.unwrap();
        assert_eq!(problem(answer).await.code, ProblemCode::NotFound);
    }
    let after = env.kept().await;
    assert_eq!(after, kept);
    let row = |rows: &Vec<String>| rows.iter().any(|row| row.contains(CANARY));
    assert!(!after.values().any(row));
    let status = buyer.status(&env, &order.id).await;
    assert_eq!(status, OrderStatus::AwaitingPayment);
}
