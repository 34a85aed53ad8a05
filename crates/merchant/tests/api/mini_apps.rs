//! I-48: two mini apps on one merchant, each at a host name of its own: nothing of one reaches the other.

use crate::log_scan;
use crate::test_env::{Buyer, TOKO, TOKO_CREDENTIALS, TOKO_ORIGIN, TestEnv, coffee, problem, read};
use contract::{Order, OrderStatus, ProblemCode, Rupiah, Session};
use gopay_protocol::{Secret, timestamp::format_wib};
use jiff::Timestamp;
use merchant::adapters::database::sql;
use merchant::{
    config::{MiniApp, OrderHistory, Registration},
    domain::{
        catalogue::Catalogue,
        mini_app_rules::{CoinsKind, CoinsRule, MiniAppRules, Placeholder, Text},
    },
};
use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{HOST, HeaderValue},
};
use serde_json::{Value, json};
use simulator::account;
use std::fs;
use test_kit::{POLL_INTERVAL, SHOP, WAIT_TIMEOUT, eventually, within};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const TOKO_HOST: &str = "toko.localhost";
const TOKO_PACKAGE: &str = "https://toko-package.example";

/// What toko asks for its milk coffee, in rupiah.
const TOKO_PRICE: u64 = 31_000;

pub(crate) async fn two_apps() -> TestEnv {
    let mut env = TestEnv::new().await;
    env.toko = Some(toko(&env));
    env.restart_merchant().await;
    env
}

fn toko(env: &TestEnv) -> MiniApp {
    let catalogue = SHOP.replace("price = 25000", &format!("price = {TOKO_PRICE}"));
    assert_ne!(catalogue, SHOP);
    MiniApp {
        id: TOKO.into(),
        public_url: Some(TOKO_ORIGIN.parse().unwrap()),
        dist: env.dist.with_file_name("toko"),
        registration: Some(Registration {
            point_of_purchase_id: account::point_of_purchase_id(TOKO),
            auth_credentials: Secret::new(TOKO_CREDENTIALS).into(),
        }),
        deeplink: Some("gopay://toko".to_owned()),
        catalogue: Catalogue::parse(&catalogue).unwrap(),
        package_origins: Vec::new(),
        rules: MiniAppRules::default(),
        order_history: OrderHistory::parse("/riwayat/{order}").unwrap(),
    }
}

fn at_toko(request: RequestBuilder) -> RequestBuilder {
    request.header(HOST, TOKO_HOST)
}

async fn exchange_at_toko(env: &TestEnv, auth_code: &str) -> Response {
    let request = env.http.post(env.merchant("/api/session"));
    let request = at_toko(request).json(&json!({"auth_code": auth_code}));
    request.send().await.unwrap()
}

/// Signs in to toko.
async fn sign_in(env: &TestEnv, buyer: &str) -> (Buyer, Session) {
    let auth_code = env.auth_code_in(Some(TOKO_ORIGIN), buyer).await;
    let answer = exchange_at_toko(env, &auth_code).await;
    assert_eq!(answer.status(), StatusCode::OK);
    (Buyer::new(&answer), answer.json().await.unwrap())
}

async fn place(env: &TestEnv, buyer: &Buyer, key: &str) -> Order {
    let order = json!({
        "lines": [{"product": "kopi-susu", "quantity": 2}],
        "expected_total": 2 * TOKO_PRICE,
    });
    let request = at_toko(buyer.post(env, "/api/orders"));
    read(request.header("idempotency-key", key).json(&order)).await
}

/// The buyer's newest order in toko, once it is paid.
async fn wait_until_paid(env: &TestEnv, buyer: &Buyer) -> Order {
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let mut orders: Vec<Order> = read(at_toko(buyer.get(env, "/api/orders"))).await;
        let newest = orders.remove(0);
        let status = newest.status;
        (status == OrderStatus::Paid)
            .then_some(newest)
            .ok_or(status)
    })
    .await
}

#[tokio::test]
async fn each_host_has_the_page_pictures_and_link_of_its_mini_app() {
    let env = two_apps().await;
    for (folder, shop) in [
        (env.dist.clone(), "Kedai"),
        (env.dist.with_file_name("toko"), "Toko"),
    ] {
        fs::create_dir_all(folder.join("assets")).unwrap();
        let page = format!("<title>{shop}</title><meta name=\"gopay-deeplink\" content=\"\">");
        fs::write(folder.join("index.html"), page).unwrap();
        fs::write(folder.join("assets/logo.svg"), format!("<svg>{shop}</svg>")).unwrap();
    }
    let get = |path: &str| env.http.get(env.merchant(path));
    let text = async |request: RequestBuilder| request.send().await.unwrap().text().await.unwrap();
    for path in ["/", "/orders/1", "/assets/logo.svg"] {
        assert!(text(get(path)).await.contains("Kedai"), "{path}");
        assert!(text(at_toko(get(path))).await.contains("Toko"), "{path}");
    }
    let page = at_toko(get("/")).send().await.unwrap();
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    let phone = format!("frame-ancestors http://{TOKO_HOST}:{}", env.gopay.port());
    assert!(policy.ends_with(&phone), "{policy}");
    assert!(page.text().await.unwrap().contains("gopay://toko"));
    assert!(!text(get("/")).await.contains("gopay://toko"));
    assert_eq!(
        get("/gopay-qr.svg").send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    assert!(text(at_toko(get("/gopay-qr.svg"))).await.contains("<svg"));
    let history = at_toko(get("/riwayat/A1")).send().await.unwrap();
    assert_eq!(history.headers()["location"], "/orders/A1");
    assert_ne!(
        get("/riwayat/A1").send().await.unwrap().status(),
        StatusCode::TEMPORARY_REDIRECT
    );
    assert_eq!(
        get("/readyz").send().await.unwrap().status(),
        StatusCode::OK
    );
    fs::remove_file(env.dist.with_file_name("toko").join("index.html")).unwrap();
    assert_eq!(
        get("/readyz").send().await.unwrap().status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test]
async fn a_host_is_known_with_any_port_and_in_any_case() {
    let env = two_apps().await;
    let price = async |host: &'static str| {
        let (buyer, _) = sign_in(&env, "budi").await;
        let request = buyer.get(&env, "/api/catalogue").header(HOST, host);
        let answer = request.send().await.unwrap();
        match answer.status() {
            StatusCode::OK => answer.json::<Value>().await.unwrap()[0]["price"].as_u64(),
            _ => None,
        }
    };
    for host in ["toko.localhost", "toko.localhost:8443", "TOKO.localhost"] {
        assert_eq!(price(host).await, Some(TOKO_PRICE), "{host}");
    }
    for host in [
        "localhost",
        "toko.localhost.",
        "www.toko.localhost",
        "toko",
        "@",
        "",
    ] {
        assert_eq!(price(host).await, None, "{host}");
    }
}

/// What the merchant answers to these bytes.
async fn raw(env: &TestEnv, request: &str) -> String {
    let address = env.merchant("");
    let address = address.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = connection.read_to_string(&mut answer);
    within(WAIT_TIMEOUT, "an answer", read).await.unwrap();
    answer
}

#[tokio::test]
async fn one_host_is_named_and_an_absolute_target_names_it_first() {
    let env = two_apps().await;
    for (folder, shop) in [("dist", "Kedai"), ("toko", "Toko")] {
        let folder = env.dist.with_file_name(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("index.html"), format!("<title>{shop}</title>")).unwrap();
    }
    for (head, answer) in [
        (
            "GET http://toko.localhost/ HTTP/1.1\r\nHost: 127.0.0.1",
            "<title>Toko",
        ),
        (
            "GET http://127.0.0.1/ HTTP/1.1\r\nHost: toko.localhost",
            "<title>Kedai",
        ),
        ("GET / HTTP/1.0\r\nHost: toko.localhost", "<title>Toko"),
        ("GET / HTTP/1.0", "421 Misdirected"),
        (
            "GET / HTTP/1.1\r\nHost: toko.localhost\r\nHost: 127.0.0.1",
            "421 Misdirected",
        ),
        (
            "GET / HTTP/1.1\r\nHost: toko.localhost, 127.0.0.1",
            "421 Misdirected",
        ),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Host: toko.localhost",
            "421 Misdirected",
        ),
    ] {
        let request = format!("{head}\r\nConnection: close\r\n\r\n");
        let said = raw(&env, &request).await;
        assert!(said.contains(answer), "{head}: {said}");
    }
}

/// A tunnel, through which a phone reaches a developer's machine.
#[tokio::test]
async fn the_phone_that_frames_an_app_elsewhere_is_at_its_own_address() {
    let mut env = two_apps().await;
    let toko = env.toko.as_mut().unwrap();
    toko.public_url = Some("https://toko.example".parse().unwrap());
    env.restart_merchant().await;
    let toko = env.dist.with_file_name("toko");
    fs::create_dir_all(&toko).unwrap();
    fs::write(toko.join("index.html"), "<title>Toko</title>").unwrap();
    let page = env.http.get(env.merchant("/")).header(HOST, "toko.example");
    let page = page.send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    let phone = format!("frame-ancestors http://{}", env.gopay);
    assert!(policy.ends_with(&phone), "{policy}");
}

#[tokio::test]
async fn a_host_without_a_mini_app_has_notifications_and_health() {
    let env = two_apps().await;
    env.build_app();
    fs::create_dir_all(env.dist.with_file_name("toko")).unwrap();
    fs::write(env.dist.with_file_name("toko").join("index.html"), "").unwrap();
    let elsewhere = |request: RequestBuilder| request.header(HOST, "10.0.0.7:8080");
    let get = |path: &str| elsewhere(env.http.get(env.merchant(path)));
    for path in ["/healthz", "/readyz", "/v1.0/debit/notify"] {
        assert_eq!(
            get(path).send().await.unwrap().status(),
            StatusCode::OK,
            "{path}"
        );
    }
    let at = format_wib(Timestamp::now());
    let forged = elsewhere(env.notification(&at, "forged", "{}"));
    assert_eq!(
        forged.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    for path in [
        "/",
        "/orders/1",
        "/api/orders",
        "/api/seen",
        "/gopay-qr.svg",
        "/index.html",
    ] {
        let answer = get(path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert!(answer.text().await.unwrap().contains("public_url"));
    }
    let answer = elsewhere(env.http.post(env.merchant("/api/session")))
        .json(&json!({"auth_code": env.auth_code("budi").await}));
    assert_eq!(
        answer.send().await.unwrap().status(),
        StatusCode::MISDIRECTED_REQUEST
    );
}

#[tokio::test]
async fn a_session_opens_in_its_own_mini_app_only() {
    let env = two_apps().await;
    let kedai = env.sign_in("budi").await;
    let (toko, _) = sign_in(&env, "budi").await;
    let token = |buyer: &Buyer| buyer.cookie.split_once('=').unwrap().1.to_owned();
    for path in ["/api/orders", "/api/catalogue", "/api/orders/1"] {
        let bearer = |buyer: &Buyer| env.http.get(env.merchant(path)).bearer_auth(token(buyer));
        for crossed in [
            toko.get(&env, path),
            bearer(&toko),
            at_toko(kedai.get(&env, path)),
            at_toko(bearer(&kedai)),
        ] {
            let refused = problem(crossed.send().await.unwrap()).await;
            assert_eq!(refused.code, ProblemCode::SessionRequired, "{path}");
        }
    }
    // Nor does a sign-in in one end the session that is held in the other.
    let auth_code = env.auth_code_in(Some(TOKO_ORIGIN), "siti").await;
    let request = at_toko(kedai.post(&env, "/api/session"));
    let answer = request.json(&json!({"auth_code": auth_code})).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    let answer = toko.delete(&env, "/api/session").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let own = at_toko(toko.get(&env, "/api/orders")).send().await.unwrap();
    assert_eq!(own.status(), StatusCode::OK);
    let order = kedai.order(&env).await;
    for path in ["payment", "cancel"] {
        let path = format!("/api/orders/{}/{path}", order.id);
        let request = toko.post(&env, &path).header("idempotency-key", "k");
        let refused = problem(request.send().await.unwrap()).await;
        assert_eq!(refused.code, ProblemCode::SessionRequired, "{path}");
    }
    let page = format!("/api/orders/{}", order.id);
    let crossed = at_toko(kedai.get(&env, &page)).send().await.unwrap();
    assert_eq!(
        problem(crossed).await.code,
        ProblemCode::SessionRequired,
        "its own order, elsewhere"
    );
    let at_home = kedai.orders(&env).await.len();
    assert_eq!(at_home, 1);
    assert_eq!(
        read::<Vec<Order>>(at_toko(toko.get(&env, "/api/orders"))).await,
        []
    );
}

/// GoPay's id of them is the same in both.
#[tokio::test]
async fn a_buyer_of_two_mini_apps_is_two_buyers() {
    let env = two_apps().await;
    let kedai = env.sign_in("budi").await;
    let (toko, session) = sign_in(&env, "budi").await;
    let at_kedai = env.session("budi").await;
    assert_ne!(session.customer.id, at_kedai.customer.id);
    assert_eq!(session.catalogue[0].price, Rupiah::new(TOKO_PRICE));
    assert_eq!(at_kedai.catalogue[0].price, Rupiah::new(25_000));

    // The same key in both.
    let ordered = kedai
        .place(&env, "key")
        .await
        .json::<Order>()
        .await
        .unwrap();
    let other = place(&env, &toko, "key").await;
    assert_ne!(ordered.id, other.id);
    assert_eq!(
        (ordered.total.get(), other.total.get()),
        (50_000, 2 * TOKO_PRICE)
    );
    let seen = |path: String| {
        [kedai.get(&env, &path), at_toko(toko.get(&env, &path))].map(RequestBuilder::send)
    };
    for (id, is_at_kedai) in [(&ordered.id, true), (&other.id, false)] {
        let [kedai, toko] = seen(format!("/api/orders/{id}"));
        let (kedai, toko) = (kedai.await.unwrap().status(), toko.await.unwrap().status());
        let (here, there) = if is_at_kedai {
            (kedai, toko)
        } else {
            (toko, kedai)
        };
        assert_eq!((here, there), (StatusCode::OK, StatusCode::NOT_FOUND));
    }
    let (_, again) = sign_in(&env, "budi").await;
    assert_eq!(again.customer.id, session.customer.id);
    assert_eq!(again.open_order.unwrap().id, other.id);
    // A price of one app is none of the other.
    let foreign = at_toko(toko.post(&env, "/api/orders"));
    let foreign = foreign.header("idempotency-key", "k2").json(&coffee());
    let refused = problem(foreign.send().await.unwrap()).await;
    assert_eq!(refused.code, ProblemCode::PriceChanged);
}

#[tokio::test]
async fn an_auth_code_is_exchanged_with_the_credentials_of_its_mini_app() {
    let env = two_apps().await;
    let code = env.auth_code("budi").await;
    let refused = problem(exchange_at_toko(&env, &code).await).await;
    assert_eq!(refused.code, ProblemCode::AuthCodeRefused);
    assert_eq!(
        env.exchange(&code).await.status(),
        StatusCode::OK,
        "it was not used up"
    );
    let code = env.auth_code_in(Some(TOKO_ORIGIN), "budi").await;
    let refused = problem(env.exchange(&code).await).await;
    assert_eq!(refused.code, ProblemCode::AuthCodeRefused);
    assert_eq!(exchange_at_toko(&env, &code).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_consent_and_a_name_are_of_one_mini_app() {
    let env = two_apps().await;
    let kedai = env.sign_in("budi").await;
    let (toko, _) = sign_in(&env, "budi").await;
    env.decide("budi", "profile", true).await;
    let profile: Value = read(kedai.post(&env, "/api/profile")).await;
    assert_eq!(profile["name"], "Budi");
    let refused = at_toko(toko.post(&env, "/api/profile"))
        .send()
        .await
        .unwrap();
    assert_eq!(problem(refused).await.code, ProblemCode::ConsentRequired);
    assert_eq!(sign_in(&env, "budi").await.1.customer.name, None);
    assert_eq!(
        env.session("budi").await.customer.name.as_deref(),
        Some("Budi")
    );
}

#[tokio::test]
async fn each_payment_names_the_point_of_purchase_of_its_mini_app() {
    let env = two_apps().await;
    let kedai = env.sign_in("budi").await;
    let (toko, _) = sign_in(&env, "budi").await;
    let coffee = kedai.order(&env).await;
    env.act("pay").await;
    place(&env, &toko, "k").await;
    env.act("pay").await;
    kedai.wait_until(&env, &coffee.id, OrderStatus::Paid).await;
    wait_until_paid(&env, &toko).await;
    let named: Vec<Value> = (env.payment_requests().await.iter())
        .map(|request| request["additionalInfo"]["pointOfPurchaseId"].clone())
        .collect();
    let toko = account::point_of_purchase_id(TOKO);
    assert_eq!(named, [account::POINT_OF_PURCHASE_ID, &toko]);
    env.reconciled().await;
}

#[tokio::test]
async fn the_rules_of_one_mini_app_give_nothing_to_the_buyers_of_the_other() {
    let mut env = two_apps().await;
    let description = Text::parse("Pesanan {order}", Placeholder::PAID).unwrap();
    env.rules.coins = Some(CoinsRule {
        kind: CoinsKind::Coins,
        percent: 10,
        max: None,
        description,
    });
    env.restart_merchant().await;
    let kedai = env.sign_in("budi").await;
    let (toko, _) = sign_in(&env, "budi").await;
    place(&env, &toko, "k").await;
    env.act("pay").await;
    let paid = wait_until_paid(&env, &toko).await;
    assert_eq!(paid.rewards, []);
    let coffee = kedai.order(&env).await;
    env.act("pay").await;
    kedai.wait_until(&env, &coffee.id, OrderStatus::Paid).await;
    let owners: Vec<String> = sql("select order_id from mini_app_requests")
        .fetch_values(&mut env.database().await)
        .await
        .unwrap();
    assert_eq!(owners, [coffee.id.as_str()]);
}

/// The pages of one are foreign to the other.
#[tokio::test]
async fn a_page_of_one_mini_app_changes_nothing_in_the_other() {
    let mut env = two_apps().await;
    let toko = env.toko.as_mut().unwrap();
    toko.package_origins = vec![HeaderValue::from_static(TOKO_PACKAGE)];
    env.restart_merchant().await;
    let log = log_scan::copy();
    let kedai = env.sign_in("budi").await;
    for origin in [TOKO_ORIGIN, TOKO_PACKAGE] {
        let request = kedai.post(&env, "/api/orders").header("origin", origin);
        let request = request.header("idempotency-key", "k").json(&coffee());
        let answer = request.send().await.unwrap();
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
        assert_eq!(
            problem(answer).await.code,
            ProblemCode::ForeignOrigin,
            "{origin}"
        );
    }
    let code = env.auth_code_in(Some(TOKO_ORIGIN), "budi").await;
    let request = at_toko(env.http.post(env.merchant("/api/session")));
    let request = request
        .header("origin", TOKO_PACKAGE)
        .json(&json!({"auth_code": code}));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(
        answer.headers()["access-control-allow-origin"],
        TOKO_PACKAGE
    );
    let own = at_toko(env.http.post(env.merchant("/api/session"))).header("origin", env.origin());
    let refused = problem(own.json(&json!({"auth_code": "x"})).send().await.unwrap()).await;
    assert_eq!(refused.code, ProblemCode::ForeignOrigin);
    let log = String::from_utf8(log.bytes()).unwrap();
    let line = format!(r#"event="request.refused" mini_app="{TOKO}" code="foreign_origin""#);
    assert!(log.contains(&line), "the log names the mini app");
}

#[tokio::test]
async fn an_order_of_a_mini_app_that_is_no_longer_served_is_still_settled() {
    let mut env = two_apps().await;
    let (toko, _) = sign_in(&env, "budi").await;
    place(&env, &toko, "k").await;
    env.toko = None;
    env.restart_merchant().await;
    env.act("pay").await;
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let statuses: Vec<String> = sql("select status from orders")
            .fetch_values(&mut env.database().await)
            .await
            .unwrap();
        (statuses == ["paid"]).then_some(()).ok_or(statuses)
    })
    .await;
    env.reconciled().await;
    let refused = problem(toko.get(&env, "/api/orders").send().await.unwrap()).await;
    assert_eq!(refused.code, ProblemCode::SessionRequired);
    // With its configuration it is there again.
    env.toko = Some(self::toko(&env));
    env.restart_merchant().await;
    let listed: Vec<Order> = read(at_toko(toko.get(&env, "/api/orders"))).await;
    assert_eq!(listed[0].status, OrderStatus::Paid);
}

#[tokio::test]
async fn a_merchant_with_one_mini_app_answers_at_any_host() {
    let env = TestEnv::new().await;
    env.build_app();
    let request = env
        .http
        .get(env.merchant("/"))
        .header(HOST, "anything.example");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}
