//! What must not be found anywhere.

use crate::{
    log_scan,
    spy::Spy,
    test_env::{Buyer, MASTER_KEY, PACKAGE, TestEnv, read},
};
use contract::{OrderStatus, Profile, SESSION_TOKEN};
use gopay_protocol::{
    Secret, header,
    message::{notify, profile},
};
use merchant::adapters::database::sql;
use merchant::vault::Vault;
use serde_json::{Value, json};
use simulator::account;
use test_kit::{canaries_in, spellings};

/// I-33, TM22, TM24: not in the log at its loudest, not in the database's file as it lies on the disk, not
/// in an address and not in what is answered to a request that went wrong; in no spelling.
#[tokio::test]
async fn no_secret_is_written_or_told() {
    let log = log_scan::copy();
    let mut env = TestEnv::with_packages().await;
    let (spy, here) = Spy::before(env.gopay).await;
    (env.bi_snap_url, env.mini_app_url) = (Some(here.clone()), Some(here));
    env.restart_merchant().await;

    // All goes well.
    let code = env.auth_code("budi").await;
    let signed_in = env.exchange(&code).await;
    let buyer = Buyer::new(&signed_in);
    let session = buyer.cookie.trim_start_matches("sid=").to_owned();
    let packaged = (env.http.post(env.merchant("/api/session")))
        .header("origin", PACKAGE)
        .json(&json!({"auth_code": env.auth_code("budi").await}));
    let packaged = packaged.send().await.unwrap();
    let packaged = packaged.headers()[SESSION_TOKEN].to_str().unwrap();
    let orders = env.http.get(env.merchant("/api/orders"));
    orders.bearer_auth(packaged).send().await.unwrap();
    let order = buyer.order(&env).await;
    env.act("pay").await;
    let cancelled = buyer.order(&env).await;
    buyer.cancel(&env, &cancelled.id).send().await.unwrap();
    env.decide("budi", "profile", true).await;
    let named: Profile = read(buyer.post(&env, "/api/profile")).await;
    env.session("budi").await;

    // And much goes wrong.
    let refused = env.auth_code("budi").await;
    env.exchange(&refused).await;
    let forged = "Zm9yZ2VkLXNpZ25hdHVyZS1vZi1ub2JvZHk=";
    let linked = "dG9rZW4tb2YtYS1saW5rZWQtYWNjb3VudA==";
    let mut told = Vec::new();
    let mut failing = vec![
        (env.http.post(env.merchant("/api/session"))).json(&json!({"auth_code": refused})),
        (env.http.post(env.merchant("/api/session")))
            .json(&json!({"auth_code": format!("{refused} ")})),
        (env.http.post(env.merchant("/api/session"))).body(format!("{{{refused}")),
        (env.http.get(env.merchant("/api/orders"))).bearer_auth(format!("{session}x")),
        buyer.get(&env, "/api/orders").bearer_auth(packaged),
        buyer
            .post(&env, "/api/orders")
            .json(&json!({"lines": session})),
        buyer.get(&env, &format!("/api/orders/{refused}")),
        env.notification("2026-01-01T00:00:00+07:00", forged, &refused),
        (env.http.post(env.merchant(notify::LINKING_PATH)))
            .json(&json!({"additionalInfo": {"accessToken": linked}})),
    ];
    env.scenario("garbage").await;
    for key in ["lost", "lost again"] {
        let place = buyer
            .post(&env, "/api/orders")
            .header("idempotency-key", key);
        failing.push(place.json(&crate::test_env::coffee()));
    }
    failing.push(
        env.http
            .post(env.merchant("/api/session"))
            .json(&json!({"auth_code": "c"})),
    );
    failing.push(buyer.post(&env, "/api/profile"));
    for request in failing {
        let answer = request.send().await.unwrap();
        assert!(!answer.status().is_success(), "{}", answer.url());
        told.extend(format!("{:?}", answer.headers()).into_bytes());
        told.extend(answer.bytes().await.unwrap());
    }
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);

    // What the merchant was trusted with on the way.
    let mut database = env.database().await;
    let kept = sql("select account_hash, auth_token from customers")
        .fetch_one(&mut database)
        .await
        .unwrap();
    let kept: (Vec<u8>, Vec<u8>) = (kept.at(0).unwrap(), kept.at(1).unwrap());
    let vault = Vault::new(&Secret::new(MASTER_KEY)).unwrap();
    let auth_token = vault.open(&hex::encode(kept.0), &kept.1).unwrap();
    let known = env
        .http
        .get(format!("http://{}{}", env.gopay, profile::PATH));
    env.scenario("default").await;
    let known = known
        .bearer_auth(auth_token.expose())
        .header(header::REQUEST_ID, "r");
    let known: Value = read(known).await;
    let field = |name: &str| known["data"][name].as_str().unwrap().to_owned();
    let mut secrets = vec![
        ("auth code", code),
        ("refused auth code", refused),
        ("session", session),
        ("session of a package", packaged.to_owned()),
        ("account", account::gopay_account_id("budi")),
        (
            "client secret",
            env.keys.client_secret[0].expose().to_owned(),
        ),
        (
            "auth credentials",
            env.keys.auth_credentials[0].expose().to_owned(),
        ),
        ("master key", MASTER_KEY.to_owned()),
        ("auth token", auth_token.expose().to_owned()),
        ("name", named.name.unwrap()),
        ("phone number", field("phone_number")),
        ("e-mail address", field("email")),
        ("forged signature", forged.to_owned()),
        ("token of a linked account", linked.to_owned()),
    ];
    let pem = env.keys.private[0].expose().lines();
    secrets.extend(
        pem.filter(|line| line.len() == 64)
            .map(|line| ("private key", line.to_owned())),
    );
    for name in [header::SIGNATURE, header::AUTHORIZATION] {
        for value in spy.headers(name) {
            let value = value.rsplit(' ').next().unwrap_or_default();
            secrets.push((name, value.to_owned()));
        }
    }
    let heard = spy.heard();
    for one in &heard {
        for (what, value) in [
            ("access token", &one.answer["accessToken"]),
            ("charge token", &one.body["chargeToken"]),
        ] {
            secrets.extend(value.as_str().map(|value| (what, value.to_owned())));
        }
    }
    for needed in [
        "private key",
        "access token",
        "charge token",
        header::SIGNATURE,
    ] {
        assert!(
            secrets.iter().any(|(what, _)| *what == needed),
            "no {needed}"
        );
    }

    let database = env.database_bytes().await;
    let addresses: String = heard.iter().map(|one| format!("{}\n", one.uri)).collect();
    let log = log.bytes();
    // As text: it is searched for hundreds of words.
    let [log, database, told] = [&log, &database, &told].map(|it| String::from_utf8_lossy(it));
    assert!(told.contains("gopay_unavailable") && addresses.contains("/v1.0/debit"));
    assert!(log.contains(order.id.as_str()) && database.contains(order.id.as_str()));
    for what in [
        "auth code",
        "client secret",
        "auth credentials",
        "auth token",
        "master key",
    ] {
        let (_, secret) = secrets.iter().find(|(name, _)| *name == what).unwrap();
        let found = canaries_in(secret.as_bytes());
        assert!(!found.is_empty(), "{what} has no canary");
    }
    for (what, secret) in secrets {
        for (spelling, secret) in spellings(&secret) {
            for (place, text) in [
                ("the log", &*log),
                ("the database", &database),
                ("an answer", &told),
                ("an address", &addresses),
            ] {
                assert!(!text.contains(&secret), "{what} in {place}, {spelling}");
            }
        }
    }
    for words in ["Bearer ", "chargeToken\":"] {
        assert!(!log.contains(words) && !database.contains(words));
    }
}
