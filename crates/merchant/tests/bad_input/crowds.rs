//! Bad inputs that are many requests, or need time.

use crate::{
    env::{Env, Placed},
    http::{Answer, exchange},
};
use gopay_protocol::{message::notify, signature::body_hash, timestamp::format_wib};
use jiff::Timestamp;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use test_kit::{WAIT_TIMEOUT, gopay_key, within};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};

fn order(env: &Env, key: &str) -> Vec<u8> {
    let body = r#"{"lines":[{"product":"kopi-susu","quantity":2}],"expected_total":50000}"#;
    format!(
        "POST /api/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: sid={}\r\n\
         Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        env.budi,
        body.len()
    )
    .into_bytes()
}

/// GoPay's word that this order is paid.
fn paid_notification(placed: &Placed) -> Vec<u8> {
    let body = json!({
        "originalReferenceNo": placed.reference_no,
        "originalPartnerReferenceNo": placed.id,
        "originalExternalId": placed.external_id,
        "amount": {"value": "50000.00", "currency": "IDR"},
        "latestTransactionStatus": "00",
    });
    let body = body.to_string();
    let (path, now) = (notify::PATH, format_wib(Timestamp::now()));
    let signed = format!("POST:{path}:{}:{now}", body_hash(body.as_bytes()));
    let signature = gopay_key().sign(&signed).unwrap();
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
         X-Timestamp: {now}\r\nX-Signature: {signature}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A05: one of them is carried out; the others get its order, or are told that it is under way.
#[tokio::test]
async fn fifty_orders_at_once_under_one_key_are_one() {
    let mut env = Env::new().await;
    let at_once = (0..50).map(|_| {
        let (to, request) = (env.merchant, order(&env, "the-same-key"));
        tokio::spawn(async move { exchange(to, &request).await.unwrap().remove(0) })
    });
    let mut ids = BTreeSet::new();
    for answer in at_once.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        let said = answer.json();
        match answer.status {
            201 => ids.extend(said["id"].as_str().map(str::to_owned)),
            status => assert_eq!((status, &said["code"]), (409, &json!("under_way"))),
        }
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(env.payments().await.len(), 1);
    env.check_process_and_log().unwrap();
    assert_eq!(env.violations().await, BTreeSet::new());
}

/// A06: what is not the buyer's is answered as what is not there, byte by byte but for the request's id.
#[tokio::test]
async fn another_buyers_order_is_answered_as_none() {
    let env = Env::new().await;
    let theirs = env.place(&env.siti).await.id;
    let mut answers = Vec::new();
    for id in [theirs.as_str(), &"0".repeat(theirs.len())] {
        for (method, path) in [("GET", ""), ("POST", "/cancel"), ("POST", "/payment")] {
            let request = format!(
                "{method} /api/orders/{id}{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                 Cookie: sid={}\r\nIdempotency-Key: k\r\nContent-Length: 0\r\n\r\n",
                env.budi
            );
            let mut answer = exchange(env.merchant, request.as_bytes()).await.unwrap();
            let mut answer = answer.remove(0);
            let is_id = |(name, _): &&(String, String)| name == "x-request-id";
            let id = answer.headers.iter().find(is_id).unwrap().1.clone();
            answer
                .headers
                .retain(|(name, _)| name != "date" && name != "x-request-id");
            let body = String::from_utf8(answer.body).unwrap();
            assert!(body.contains(&id), "{body}");
            let body = body.replace(&id, "");
            answers.push(format!("{} {:?} {body}", answer.status, answer.headers));
        }
    }
    let (theirs, none) = answers.split_at(3);
    assert_eq!(theirs, none);
    assert!(
        none.iter().all(|answer| answer.contains("not_found")),
        "{none:?}"
    );
}

/// A27: of a hundred sign-ins at once, GoPay is asked about as many as the limit says; the others are told to wait.
#[tokio::test]
async fn sign_ins_beyond_the_limit_are_told_to_wait() {
    let limits = vec![("MERCHANT_LIMITS_SIGN_INS_PER_SECOND", "2".to_owned())];
    let mut env = Env::limited(limits).await;
    let body = r#"{"auth_code":"invented"}"#;
    let request = format!(
        "POST /api/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let at_once = (0..100).map(|_| {
        let (to, request) = (env.merchant, request.clone());
        tokio::spawn(async move { exchange(to, request.as_bytes()).await.unwrap().remove(0) })
    });
    let mut limited = 0;
    for answer in at_once.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        let code = answer.json()["code"].clone();
        match answer.status {
            429 => {
                assert_eq!(code, "rate_limited");
                assert!(answer.header("retry-after").is_some());
                limited += 1;
            }
            status => assert_eq!((status, code), (401, json!("auth_code_refused"))),
        }
    }
    assert!(limited > 50, "{limited}");
    assert!(env.log().contains(r#"code="rate_limited""#));
    env.check_process_and_log().unwrap();
}

/// What staff tried is written there, also where it was refused.
const STAFF_ACTIONS: &str = "staff_actions";

/// A29, A30, A31: the program refuses amounts that are none or too much, and orders that are not paid. A reason
/// is text, whatever it says.
#[tokio::test]
async fn a_refund_that_cannot_be_is_refused_by_the_program() {
    let mut env = Env::new().await;
    let unpaid = env.place(&env.budi).await;
    let paid = env.place(&env.budi).await;
    env.act(&paid, "pay").await;
    env.allow_inquiry().await;
    let look = env.http.get(env.url(&format!("/api/orders/{}", paid.id)));
    let look = look.header("cookie", format!("sid={}", env.budi));
    let order: Value = look.send().await.unwrap().json().await.unwrap();
    assert_eq!(order["status"], "paid");
    env.quiet().await;
    let mut before = env.rows().await;
    before.remove(STAFF_ACTIONS);
    for (arguments, reason) in [
        (vec![&*paid.id, "--amount", "0"], "--amount"),
        (vec![&*paid.id, "--amount", "-1"], "-1"),
        (vec![&*paid.id, "--amount=-1"], "--amount"),
        (vec![&*paid.id, "--amount", "all"], "--amount"),
        (vec![&*paid.id, "--amount", "0.5"], "--amount"),
        (vec![&*paid.id, "--amount", "50001"], "50"),
        (
            vec![&*paid.id, "--amount", "18446744073709551616"],
            "--amount",
        ),
        (vec![&*unpaid.id], "paid"),
        (vec![&*unpaid.id, "--amount", "1"], "paid"),
        (vec!["0"], "order"),
        (vec!["../../etc/passwd"], "order"),
        (vec![&*paid.id, "--key", "a b"], "--key"),
    ] {
        let whole = [&["--reason", "<script>alert(1)</script>"][..], &arguments].concat();
        let (succeeded, said) = env.command("refund", &whole);
        assert!(!succeeded, "{arguments:?}: {said}");
        assert!(said.contains(reason), "{arguments:?}: {said}");
        assert!(!said.contains("panic"), "{arguments:?}: {said}");
        let mut after = env.rows().await;
        after.remove(STAFF_ACTIONS);
        assert_eq!(after, before, "{arguments:?}");
    }
    env.check_process_and_log().unwrap();
}

/// A36: 503 rather than 408, because nothing is wrong with the request: its network is slow.
#[tokio::test]
async fn a_body_that_comes_byte_by_byte_is_given_up() {
    let mut env = Env::new().await;
    let mut connection = TcpStream::connect(env.merchant).await.unwrap();
    let head = format!(
        "POST /api/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: sid={}\r\n\
         Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n",
        env.budi
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let (mut read, mut write) = connection.into_split();
    let drip = tokio::spawn(async move {
        let mut each_second = tokio::time::interval(std::time::Duration::from_secs(1));
        loop {
            each_second.tick().await;
            if write.write_all(b"{").await.is_err() {
                return;
            }
        }
    });
    let mut received = Vec::new();
    let _ = within(WAIT_TIMEOUT, "an answer", read.read_to_end(&mut received)).await;
    drip.abort();
    let received = String::from_utf8(received).unwrap();
    assert!(received.starts_with("HTTP/1.1 503"), "{received}");
    assert!(received.contains(r#""code":"internal""#), "{received}");
    env.check_process_and_log().unwrap();
}

/// A37: all are answered, or told to wait, and notifications among them are taken.
#[tokio::test]
async fn a_thousand_requests_at_once_leave_the_merchant_well() {
    let limits = vec![
        ("MERCHANT_LIMITS_REQUESTS", "4".to_owned()),
        (
            "MERCHANT_LIMITS_REQUESTS_PER_MINUTE_PER_BUYER",
            "100000".to_owned(),
        ),
    ];
    let mut env = Env::limited(limits).await;
    let placed = env.place(&env.budi).await;
    env.act(&placed, "pay").await;
    env.forbid_inquiries().await;
    let request = format!(
        "GET /api/orders/{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: sid={}\r\n\r\n",
        placed.id, env.budi
    );
    let at_once = (0..1_000).map(|_| {
        let (to, request) = (env.merchant, request.clone());
        tokio::spawn(async move { exchange(to, request.as_bytes()).await.unwrap().remove(0) })
    });
    let at_once: Vec<_> = at_once.collect();
    let paid = paid_notification(&placed);
    let answered = |at_once: &[JoinHandle<Answer>]| {
        let all = at_once.iter();
        all.filter(|it| it.is_finished()).count()
    };
    while answered(&at_once) < 100 {
        tokio::task::yield_now().await;
    }
    assert!(answered(&at_once) < 1_000, "the requests have ended");
    for _ in 0..10 {
        let taken = exchange(env.merchant, &paid).await.unwrap().remove(0);
        let code = taken.json()["responseCode"].clone();
        assert_eq!((taken.status, code), (200, json!("2005600")));
    }
    let (status, _) = env.known(&placed).await;
    assert_eq!(status, "paid");
    let mut shown = 0;
    for answer in at_once {
        let answer = answer.await.unwrap();
        let said = answer.json();
        match answer.status {
            200 => {
                assert_eq!(said["id"], placed.id.as_str());
                shown += 1;
            }
            status => {
                assert_eq!((status, &said["code"]), (503, &json!("internal")));
                assert!(answer.header("retry-after").is_some());
            }
        }
    }
    assert!(shown > 0);
    let ready = env.http.get(env.url("/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::OK);
    env.check_process_and_log().unwrap();
}
