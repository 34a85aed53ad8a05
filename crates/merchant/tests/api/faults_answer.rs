//! GoPay answers a request for a payment, and its answer is not to be believed, or never ends.

use crate::{
    faults_payment::{buyer_in, only_payment, pay},
    test_env::TestEnv,
};
use contract::OrderStatus;
use serde_json::json;
use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

/// TM18, F10, F11, F12, F13, F14, F15: what is offered to the buyer is GoPay's plain word about
/// this very payment, or nothing.
#[tokio::test]
async fn an_answer_that_cannot_be_believed_offers_nothing() {
    for harm in [
        "truncate",
        "html",
        "other_order",
        "other_amount",
        "other_currency",
        "bad_url",
        "script_url",
        "pending_202",
    ] {
        let always = json!([{"on": "payment", "do": harm, "times": null}]);
        let (env, buyer) = buyer_in(always).await;
        for _ in 0..2 {
            buyer.place_in_vain(&env, "key").await;
            let order = buyer.orders(&env).await.remove(0);
            assert_eq!(order.status, OrderStatus::Checking, "{harm}");
            assert_eq!(order.payment, None, "{harm}");
        }
        only_payment(&env).await;
        env.faults(json!([])).await;
        let order = buyer.place_until_it_works(&env, "key").await;
        only_payment(&env).await;
        pay(&env, &buyer, &order).await;
    }
}

/// F12
#[tokio::test]
async fn a_payment_of_somebody_else_is_never_offered() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let other = env.sign_in("siti").await;
    let theirs = other.order(&env).await;
    let reference = env.references().await.remove(0);
    env.faults(json!([{"on": "payment", "do": "other_reference", "times": null}]))
        .await;
    for _ in 0..2 {
        buyer.place_in_vain(&env, "key").await;
    }
    let answer = env.repeat(&reference, json!({"status": "00"})).await;
    assert_eq!(answer["http_status"], 200);
    assert_eq!(other.status(&env, &theirs.id).await, OrderStatus::Paid);
    let mine = buyer.orders(&env).await.remove(0);
    assert_eq!(mine.status, OrderStatus::Checking);
    assert_eq!(mine.payment, None);

    env.faults(json!([])).await;
    let mine = buyer.place_until_it_works(&env, "key").await;
    assert_eq!(env.references().await.len(), 2);
    let way = format!("{:?}", mine.payment.unwrap().way);
    assert!(!way.contains(&reference));
}

/// F25: the whole answer has a deadline, not only its first byte.
#[tokio::test]
async fn an_answer_that_drips_is_not_waited_for() {
    let (env, buyer) = buyer_in(json!([{"on": "payment", "do": "drip"}])).await;
    let placed = buyer.place_in_vain(&env, "key");
    let deadline = Duration::from_secs(20);
    tokio::time::timeout(deadline, placed).await.unwrap();
    buyer.place_until_it_works(&env, "key").await;
    only_payment(&env).await;
}

/// F26
#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let (env, buyer) = buyer_in(json!([{"on": "payment", "do": "endless"}])).await;
    let began = Instant::now();
    buyer.place_in_vain(&env, "key").await;
    assert!(
        began.elapsed() < Duration::from_secs(9),
        "it was the deadline"
    );
    buyer.place_until_it_works(&env, "key").await;
    only_payment(&env).await;
}

/// TM21, F27, I-37: the credentials never leave GoPay's host, and nothing else does.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    stranger.set_nonblocking(true).unwrap();
    let to = format!(
        "http://localhost:{}/",
        stranger.local_addr().unwrap().port()
    );
    let redirect = |on| json!({"on": on, "do": "redirect", "to": to});
    let plan = ["token", "payment", "status"].map(redirect);
    let (env, buyer) = buyer_in(json!(plan)).await;
    buyer.place_in_vain(&env, "key").await;
    let order = buyer.place_until_it_works(&env, "key").await;
    assert_eq!(env.faults_met().await.len(), 3);
    assert_eq!(
        stranger.accept().unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
    pay(&env, &buyer, &order).await;
}
