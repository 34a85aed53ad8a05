use crate::merchant::{Merchant, PAYMENT, order, read};
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::json;
use simulator::{Error, Keys, Options, Simulator};

#[tokio::test]
async fn pages_of_other_origins_are_refused_and_the_apps_are_allowed() {
    let merchant = Merchant::new().await;
    let port = merchant.url.rsplit_once(':').unwrap().1;
    for path in ["/control/ledger", "/bridge/consent"] {
        let ask = async |origin: &str| {
            let request = merchant.http.get(format!("{}{path}", merchant.url));
            request.header("Origin", origin).send().await.unwrap()
        };
        for foreign in ["https://example.com", "http://localhost:8081", "null"] {
            let answer = ask(foreign).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{foreign}");
            assert!(
                answer
                    .headers()
                    .get("access-control-allow-origin")
                    .is_none()
            );
        }
        let own = ask(&format!("http://localhost:{port}")).await;
        assert_eq!(own.status(), StatusCode::OK);
        let app = ask("http://localhost:8080").await;
        assert_eq!(app.status(), StatusCode::OK);
        let allowed = app.headers().get("access-control-allow-origin").unwrap();
        assert_eq!(allowed, "http://localhost:8080");
        let request = merchant.http.get(format!("{}{path}", merchant.url));
        let rebound = request.header("Host", "example.com").send().await.unwrap();
        assert_eq!(rebound.status(), StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn the_apps_page_may_post_json() {
    let merchant = Merchant::new().await;
    let preflight = merchant
        .http
        .request(Method::OPTIONS, format!("{}/bridge/call", merchant.url))
        .header("Origin", "http://localhost:8080")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), StatusCode::OK);
    let headers = preflight.headers();
    assert_eq!(headers["access-control-allow-headers"], "content-type");
}

#[tokio::test]
async fn a_payment_is_in_the_order_history_of_the_buyer_who_opened_it() {
    let merchant = Merchant::new().await;
    let reference = merchant.reference().await;
    let history = async || {
        let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
        ledger["order_history"].clone()
    };
    let open = async |buyer: &str| {
        let deeplink = format!("gopay://merchanttransfer?tref={reference}");
        let call = json!({"class": "GP", "method": "launchPayment", "buyer": buyer,
            "params": {"deeplink": deeplink}});
        merchant.control(Method::POST, "/bridge/call", call).await;
    };
    let configure = async |shape: &str| {
        let shape = json!({"order_history": shape});
        merchant
            .control(Method::PUT, "/control/merchant", shape)
            .await
    };
    open("siti").await;
    assert_eq!(history().await, json!([]), "the phone is another buyer's");
    open("budi").await;
    let entries = history().await;
    assert_eq!(entries[0]["state"], "pending");
    assert_eq!(
        entries[0]["opens"], "http://localhost:8080/",
        "the home without an address"
    );
    configure("/?ref={reference_no}").await;
    let opens = format!("http://localhost:8080/?ref={reference}");
    assert_eq!(history().await[0]["opens"], opens);
    for wrong in ["/orders", "https://other.example/{reference_no}"] {
        let (status, answer) = configure(wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer["error"].as_str().unwrap().contains("order_history"));
    }
    assert_eq!(history().await[0]["opens"], opens);
}

#[tokio::test]
async fn a_reset_keeps_only_the_merchants_addresses() {
    let merchant = Merchant::new().await;
    let token = merchant.token().await;
    let reference = merchant.reference().await;
    merchant.advance(SignedDuration::from_hours(1)).await;
    let outside = json!({"name": "outside"});
    merchant
        .control(Method::PUT, "/control/scenario", outside)
        .await;
    let moved = json!({"app": "http://localhost:7000/"});
    merchant
        .control(Method::PUT, "/control/merchant", moved)
        .await;
    merchant.ask(Method::POST, "/control/reset").await;
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    assert_eq!(ledger["payments"], json!([]));
    assert_eq!(ledger["entries"], json!([]));
    assert_eq!(ledger["clock_ahead_seconds"], 0);
    assert_eq!(ledger["scenario"], "default");
    assert_eq!(ledger["merchant"]["app"], "http://localhost:7000/");
    assert_eq!(merchant.act(&reference, "pay").await.0, 404);
    let request = merchant.transaction(PAYMENT, &token, &order(&token));
    assert_eq!(merchant.send(request).await.1["responseCode"], "4015401");
}

#[tokio::test]
async fn an_impossible_call_is_refused_with_its_reason() {
    let merchant = Merchant::new().await;
    let reference = merchant.reference().await;
    let (status, answer) = merchant.act("A1", "pay").await;
    assert_eq!(status, 404);
    assert_eq!(
        answer["error"],
        "there is no payment with this reference number, GoPay's or the merchant's"
    );
    merchant.act(&reference, "fail").await;
    let (status, answer) = merchant.act(&reference, "pay").await;
    assert_eq!(status, 409);
    assert_eq!(
        answer["error"],
        "the payment is failed and cannot change any more"
    );
    assert_eq!(merchant.act(&reference, "explode").await.0, 422);
    for (path, body) in [
        ("/control/scenario", json!({"name": "nonsense"})),
        ("/control/notifications", json!({"mode": "nonsense"})),
        ("/control/merchant", json!({"app": "ftp://x"})),
        ("/control/merchant", json!({"notify": "nonsense"})),
    ] {
        assert_eq!(merchant.control(Method::PUT, path, body).await.0, 422);
    }
    for seconds in [
        json!("soon"),
        json!(4_000_000_000_u32),
        json!(-4_000_000_000_i64),
    ] {
        let advance = json!({"seconds": seconds});
        let path = "/control/clock/advance";
        assert_eq!(merchant.control(Method::POST, path, advance).await.0, 422);
    }
}

#[tokio::test]
async fn open_pages_receive_changes_and_reloads_as_events() {
    let merchant = Merchant::new().await;
    let mut events = merchant
        .http
        .get(format!("{}/control/events", merchant.url))
        .send()
        .await
        .unwrap();
    let mut next =
        async || String::from_utf8(events.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(next().await.contains("event: change"));
    merchant.ask(Method::POST, "/control/reload").await;
    assert!(next().await.contains("event: reload"));
    merchant.auth_code().await;
    assert!(next().await.contains("event: change"));
}

#[tokio::test]
async fn the_simulator_listens_on_loopback_only() {
    let merchant = gopay_protocol::SigningKey::generate().unwrap();
    let refused = Simulator::bind(Options {
        listen: "0.0.0.0:0".parse().unwrap(),
        app: "http://localhost:8080".parse().unwrap(),
        notify: "http://localhost:8080".parse().unwrap(),
        keys: Keys::generate(&merchant.public_pem().unwrap()).unwrap(),
    })
    .await;
    assert!(matches!(refused, Err(Error::NotLoopback(_))));
}

/// `%FF` is no UTF-8.
#[tokio::test]
async fn each_refusal_is_json_and_says_what_to_do() {
    let merchant = Merchant::in_sandbox("http://127.0.0.1:9").await;
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let address = "the address is not understood: ";
    let method = "see the response's header Allow";
    let long = "x".repeat((2 << 20) + 1);
    for (verb, path, body, status, words) in [
        (&post, "/control/payments/%FF/pay", "", 422, address),
        (&put, "/control/buyers/%FF", "", 422, address),
        (
            &get,
            "/control/exchanges?last=all",
            "",
            422,
            "last: invalid digit",
        ),
        (
            &get,
            "/control/ledger?last=-1",
            "",
            422,
            "last: invalid digit",
        ),
        (&get, "/control/exchanges/%FF", "", 422, address),
        (&get, "/bridge/payments/%FF", "", 422, address),
        (
            &get,
            "/bridge/payments/A1?leaves=some",
            "",
            422,
            "leaves: invalid digit",
        ),
        (
            &post,
            "/bridge/payments/A1/explode",
            "",
            422,
            "unknown variant `explode`, expected one of `pay`",
        ),
        (&get, "/bridge/consent?mini_app=none", "", 404, "kedai"),
        (
            &post,
            "/bridge/consent",
            "scope=x",
            422,
            "missing field `buyer`",
        ),
        (&put, "/bridge/consent", "", 405, method),
        (&put, "/bridge/call", "{}", 405, method),
        (
            &get,
            "/web/payments/A1?leaves=some",
            "",
            422,
            "leaves: invalid digit",
        ),
        (&get, "/web/payments/%FF", "", 422, address),
        (
            &post,
            "/web/payments/A1/open",
            "[1]",
            422,
            "the body is not understood",
        ),
        (&put, "/web/payments/A1/open", "", 405, method),
        (&get, "/mini-apps/%FF/icon", "", 422, address),
        (
            &get,
            "/mini-apps/none/icon",
            "",
            404,
            "the mini app has no icon",
        ),
        (&get, "/?app=none", "", 404, "kedai"),
        (
            &get,
            "/?app=kedai&app=kedai",
            "",
            422,
            "duplicate field `app`",
        ),
        (&post, "/phone.css", "", 405, method),
        (&post, "/healthz", "", 405, method),
        (&post, "/gallery.json", "", 405, method),
        (&get, "/gallery/states/%FF", "", 422, address),
        (&get, "/gallery/states/paid", "", 404, "--gallery"),
        (
            &post,
            "/v1.0/debit/cancel",
            long.as_str(),
            413,
            "longer than 2 MiB",
        ),
        (
            &put,
            "/control/faults",
            long.as_str(),
            413,
            "longer than 2 MiB",
        ),
        (&get, "/v2/%FF/status", "", 422, address),
        (
            &Method::DELETE,
            "/v1/mini-apps/reminder/%FF",
            "",
            422,
            address,
        ),
        (&post, "/snap/v1/transactions/%FF/cancel", "", 422, address),
        (
            &get,
            "/v1.0/debit/cancel",
            "",
            405,
            "the method here is POST",
        ),
        (&get, "/none", "", 404, "no page /none"),
    ] {
        let on_both = [&merchant.url, &merchant.apis];
        let is_of_both = ["/v2", "/snap", "/web", "/healthz"];
        let count = 1 + usize::from(is_of_both.iter().any(|it| path.starts_with(it)));
        for host in &on_both[..count] {
            let request = merchant.http.request(verb.clone(), format!("{host}{path}"));
            let response = request.body(body.to_owned()).send().await.unwrap();
            let (found, answer) = read(response).await;
            assert_eq!(found, status, "{verb} {path}: {answer}");
            let error = answer["error"].as_str().unwrap_or_default();
            assert!(error.contains(words), "{verb} {path}: {answer}");
        }
    }
    let request = merchant
        .http
        .put(format!("{}/bridge/consent", merchant.url));
    let allowed = request.send().await.unwrap();
    assert_eq!(allowed.headers()["allow"], "GET,HEAD,POST");
}
