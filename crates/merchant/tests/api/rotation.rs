//! Keys are changed as an operator changes them: no buyer loses an order, no payment, refund, webhook
//! or notification is lost, and in the end the former keys are gone.

use crate::{
    spy::Spy,
    test_env::{Buyer, KeyLists, MASTER_KEY, TestEnv},
};
use axum::{
    Router,
    http::{HeaderMap, StatusCode as Status},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use contract::{Order, OrderStatus, PaymentWay, Rupiah};
use gopay_protocol::{Secret, SigningKey, header, message::payment};
use merchant::adapters::database::sql;
use merchant::{
    adapters::webhook::SigningSecret,
    cli::rotate,
    domain::{operator_policy::PaymentPolicy, payment_request::Checkout},
    ports::CustomerRepository,
    vault::Vault,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use test_kit::{WAIT_TIMEOUT, WEBHOOK_SECRET, serve, within};
use tokio::sync::mpsc;
use uuid::Uuid;

const KEY_ID_LENGTH: usize = 4;

pub(crate) fn master_key(byte: u8) -> Secret {
    Secret::new(STANDARD.encode([byte; 32]))
}

fn new_secret() -> Secret {
    Secret::new(Uuid::new_v4().to_string())
}

async fn order_paid(env: &TestEnv, buyer: &Buyer) -> Order {
    let order = buyer.order(env).await;
    env.act("pay").await;
    buyer.wait_until(env, &order.id, OrderStatus::Paid).await;
    order
}

async fn ids_of_orders(env: &TestEnv, buyer: &Buyer) -> BTreeSet<String> {
    let orders = buyer.orders(env).await;
    orders.iter().map(|order| order.id.to_string()).collect()
}

async fn reseal(env: &TestEnv) -> String {
    rotate::reseal(&env.config(), false).await.unwrap()
}

/// A key that merchant and GoPay share.
struct SharedKey {
    list: fn(&mut KeyLists) -> &mut Vec<Secret>,
    /// A new key, and how GoPay is given it.
    new: fn() -> (Secret, Value),
    /// Whether it is used for an access token only.
    is_for_token: bool,
}

const PRIVATE_KEY: SharedKey = SharedKey {
    list: |keys| &mut keys.private,
    new: || {
        let pair = SigningKey::generate().unwrap();
        let public = pair.public_pem().unwrap();
        (pair.to_pem().unwrap(), json!({"merchant": public}))
    },
    is_for_token: true,
};
const CLIENT_SECRET: SharedKey = SharedKey {
    list: |keys| &mut keys.client_secret,
    new: || {
        let secret = new_secret();
        let given = json!({"client_secret": secret.expose()});
        (secret, given)
    },
    is_for_token: false,
};
const AUTH_CREDENTIALS: SharedKey = SharedKey {
    list: |keys| &mut keys.auth_credentials,
    new: || {
        let secret = new_secret();
        let given = json!({"auth_credentials": secret.expose()});
        (secret, given)
    },
    is_for_token: false,
};
const SERVER_KEY: SharedKey = SharedKey {
    list: |keys| &mut keys.server,
    new: || {
        let key = Secret::new(format!("Mid-server-{}", Uuid::new_v4()));
        let given = json!({"server_key": key.expose()});
        (key, given)
    },
    is_for_token: false,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    GoPay,
    Merchant,
}

/// Changes a key, and does `work` whenever something has changed.
async fn change(
    env: &mut TestEnv,
    key: &SharedKey,
    first: First,
    work: &mut impl AsyncFnMut(&TestEnv),
) {
    let former = (key.list)(&mut env.keys)[0].clone();
    let (new, given) = (key.new)();
    *(key.list)(&mut env.keys) = match first {
        First::GoPay => vec![former, new.clone()],
        First::Merchant => vec![new.clone(), former],
    };
    env.restart_merchant().await;
    work(env).await;
    env.control_put("keys", given).await;
    if key.is_for_token {
        let until_it_is_over = json!({"seconds": 901});
        env.control_post("clock/advance", until_it_is_over).await;
    }
    work(env).await;
    *(key.list)(&mut env.keys) = vec![new];
    env.restart_merchant().await;
    work(env).await;
}

type Webhooks = mpsc::UnboundedReceiver<(HeaderMap, String)>;

async fn receiver() -> (reqwest::Url, Webhooks) {
    let (sender, received) = mpsc::unbounded_channel();
    let receive = async move |headers: HeaderMap, body: String| {
        sender.send((headers, body)).unwrap();
        Status::NO_CONTENT
    };
    let app = Router::new().route("/paid", post(receive));
    let url = format!("http://{}/paid", serve(app).await.0);
    (url.parse().unwrap(), received)
}

/// Whether the next webhook has a signature by each of these secrets, as its receiver verifies it.
async fn is_signed_by<const N: usize>(webhooks: &mut Webhooks, secrets: [&Secret; N]) -> [bool; N] {
    let (headers, body) = within(WAIT_TIMEOUT, "a webhook", webhooks.recv())
        .await
        .unwrap();
    let header = |name: &str| headers[name].to_str().unwrap();
    let timestamp = header("webhook-timestamp").parse().unwrap();
    secrets.map(|secret| {
        let secret = SigningSecret::parse(secret).unwrap();
        let signature = secret.sign(header("webhook-id"), timestamp, &body);
        let mut sent = header("webhook-signature").split(' ');
        sent.any(|sent| sent == signature)
    })
}

/// F57: every key is changed once.
#[tokio::test]
async fn each_key_is_changed_and_nothing_is_lost() {
    let (url, mut webhooks) = receiver().await;
    let mut env = TestEnv::with_hook(url).await;
    let budi = env.sign_in("budi").await;
    env.decide("budi", "profile", true).await;
    budi.post(&env, "/api/profile").send().await.unwrap();
    let siti = env.sign_in("siti").await;
    let first = order_paid(&env, &budi).await;
    let of_siti = order_paid(&env, &siti).await;

    // The master key. Budi comes back before the rest is sealed anew, Siti after the former key is gone.
    env.keys.master = vec![master_key(9), Secret::new(MASTER_KEY)];
    env.restart_merchant().await;
    let session = env.session("budi").await;
    assert_eq!(session.customer.name.as_deref(), Some("Budi"));
    let said = reseal(&env).await;
    assert!(said.contains("sealed anew: 1 buyers"), "{said}");
    assert!(
        said.contains("is needed by no buyer: take it out"),
        "{said}"
    );
    env.keys.master.pop();
    env.restart_merchant().await;
    let session = env.session("budi").await;
    assert_eq!(session.customer.name.as_deref(), Some("Budi"));
    let siti = env.sign_in("siti").await;
    assert_eq!(
        ids_of_orders(&env, &siti).await,
        BTreeSet::from([of_siti.id.to_string()])
    );

    // What is shared with GoPay.
    let mut placed = BTreeSet::from([first.id.to_string()]);
    let mut work = async |env: &TestEnv| {
        let budi = env.sign_in("budi").await;
        placed.insert(order_paid(env, &budi).await.id.to_string());
    };
    for key in [PRIVATE_KEY, CLIENT_SECRET, AUTH_CREDENTIALS] {
        for first in [First::GoPay, First::Merchant] {
            change(&mut env, &key, first, &mut work).await;
        }
    }
    let (current, next) = (
        env.public_key("current").await,
        env.public_key("next").await,
    );
    env.public_keys = Some(vec![current, next.clone()]);
    env.restart_merchant().await;
    work(&env).await;
    env.control_put("keys", json!({"gopay": "next"})).await;
    work(&env).await;
    env.public_keys = Some(vec![next]);
    env.restart_merchant().await;
    work(&env).await;
    let budi = env.sign_in("budi").await;
    assert_eq!(ids_of_orders(&env, &budi).await, placed);
    assert_eq!(env.references().await.len(), placed.len() + 1);

    // The webhook's.
    let former = Secret::new(WEBHOOK_SECRET);
    let new = Secret::new(format!("whsec_{}", STANDARD.encode([7; 32])));
    for _ in 0..=placed.len() {
        assert_eq!(is_signed_by(&mut webhooks, [&former]).await, [true]);
    }
    for (secrets, by) in [
        (vec![new.clone(), former.clone()], [true, true]),
        (vec![new.clone()], [false, true]),
    ] {
        env.keys.webhook = secrets;
        env.restart_merchant().await;
        order_paid(&env, &budi).await;
        assert_eq!(is_signed_by(&mut webhooks, [&former, &new]).await, by);
    }

    // All former keys are gone.
    let staff = env.staff().await;
    let part = Some(Rupiah::new(10_000));
    staff.refund(first.id.as_str(), part).await.unwrap();
    let status = OrderStatus::PartiallyRefunded;
    budi.wait_until(&env, &first.id, status).await;
    env.reconciled().await;
}

/// Of Snap: requests and classic notifications.
#[tokio::test]
async fn the_server_key_is_changed_and_nothing_is_lost() {
    let mut env = TestEnv::new().await;
    env.has_snap = true;
    env.payment = PaymentPolicy {
        checkout: Checkout::Snap,
        ..PaymentPolicy::default()
    };
    let classic = json!({"snap_notification": "classic"});
    env.control_put("checkout", classic).await;
    let mut placed = 0;
    let mut work = async |env: &TestEnv| {
        let buyer = env.sign_in("budi").await;
        let order = buyer.order(env).await;
        let way = order.payment.unwrap().way;
        let PaymentWay::SnapToken(token) = way else {
            panic!("{way:?}");
        };
        let page = format!("http://{}/web/payments/{token}/open", env.gopay);
        env.http.post(page).json(&json!({})).send().await.unwrap();
        env.act("pay").await;
        buyer.wait_until(env, &order.id, OrderStatus::Paid).await;
        placed += 1;
    };
    for first in [First::GoPay, First::Merchant] {
        change(&mut env, &SERVER_KEY, first, &mut work).await;
    }
    let tried = env.entries("notification_tried").await;
    assert!(tried.len() >= placed);
    for one in tried {
        assert_eq!(one["answer"], json!({"http_status": 200}), "{one}");
    }
    env.reconciled().await;
}

/// GoPay is asked again with another signature only: under the same id, with the same body.
#[tokio::test]
async fn a_refused_key_changes_nothing_but_the_signature() {
    let mut env = TestEnv::new().await;
    let (spy, here) = Spy::before(env.gopay).await;
    env.bi_snap_url = Some(here);
    let (new, given) = (CLIENT_SECRET.new)();
    env.keys.client_secret.push(new);
    env.restart_merchant().await;
    env.control_put("keys", given).await;
    let buyer = env.sign_in("budi").await;
    let payments = || {
        let mut heard = spy.heard();
        heard.retain(|one| one.uri == payment::PATH);
        heard
    };
    buyer.order(&env).await;
    let heard = payments();
    // The former secret, again with a new access token, the new secret.
    assert_eq!(heard.len(), 3);
    let [refused, taken] = &heard[1..] else {
        panic!()
    };
    assert_eq!(refused.body, taken.body);
    let value =
        |name: &str| [refused, taken].map(|it| it.headers[name].to_str().unwrap().to_owned());
    let [before, after] = value(header::EXTERNAL_ID);
    assert_eq!(before, after);
    let [before, after] = value(header::SIGNATURE);
    assert_ne!(before, after);
    buyer.order(&env).await;
    assert_eq!(payments().len(), 4, "the new secret is used from then on");
    assert_eq!(env.references().await.len(), 2);
}

#[tokio::test]
async fn keys_that_gopay_does_not_know_are_each_tried_once() {
    let mut env = TestEnv::new().await;
    let (spy, here) = Spy::before(env.gopay).await;
    env.bi_snap_url = Some(here);
    env.keys.client_secret = vec![new_secret(), new_secret()];
    env.restart_merchant().await;
    let buyer = env.sign_in("budi").await;
    buyer.place_in_vain(&env, "key").await;
    let mut heard = spy.heard();
    heard.retain(|one| one.uri == payment::PATH);
    assert_eq!(heard.len(), 3);
    assert!(env.references().await.is_empty());
}

/// They would be taken for new ones.
#[tokio::test]
async fn a_merchant_does_not_start_without_a_key_that_buyers_need() {
    let mut env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = order_paid(&env, &buyer).await;
    env.keys.master = vec![master_key(9)];
    let refused = env.start_error().await;
    let former = Vault::new(&Secret::new(MASTER_KEY)).unwrap().current_id();
    assert!(refused.contains("1 buyers need a master key"), "{refused}");
    assert!(refused.contains(&former.to_string()), "{refused}");
    let said = rotate::status(&env.config()).await.unwrap();
    assert!(said.ends_with("not configured: 1"), "{said}");

    env.keys.master.push(Secret::new(MASTER_KEY));
    env.restart_merchant().await;
    let buyer = env.sign_in("budi").await;
    assert!(
        ids_of_orders(&env, &buyer)
            .await
            .contains(order.id.as_str())
    );

    // It is lost.
    env.keys.master = vec![master_key(8)];
    assert!(env.start_error().await.contains("--without-lost-keys"));
    rotate::reseal(&env.config(), true).await.unwrap();
    env.restart_merchant().await;
    let buyer = env.sign_in("budi").await;
    assert!(ids_of_orders(&env, &buyer).await.is_empty());
}

/// The running merchant could not open what is sealed under it.
#[tokio::test]
async fn nothing_is_sealed_under_a_key_before_the_merchant_has_it() {
    let mut env = TestEnv::new().await;
    env.sign_in("budi").await;
    env.keys.master.insert(0, master_key(9));
    let refused = rotate::reseal(&env.config(), false).await.unwrap_err();
    assert!(refused.to_string().contains("restart it"), "{refused}");
    env.restart_merchant().await;
    assert!(reseal(&env).await.contains("sealed anew: 1 buyers"));
    assert!(reseal(&env).await.contains("sealed anew: 0 buyers"));
}

/// The buyers of a database of the first versions: no key ids, no sealed id of the account.
async fn as_the_first_versions_wrote_them(env: &TestEnv, account: &str) {
    let vault = env.keys.vault();
    let hash = vault
        .keyed_hash(&Secret::new(account))
        .split_off(KEY_ID_LENGTH);
    let token = vault.seal(&hex::encode(&hash), &Secret::new("token"));
    sql("update customers set account_hash = $1, auth_token = $2, gopay_account_id = null")
        .bind(&hash)
        .bind(&token.unwrap().split_off(KEY_ID_LENGTH))
        .execute(&mut env.database().await)
        .await
        .unwrap();
}

#[tokio::test]
async fn buyers_of_the_first_versions_keep_their_orders() {
    for is_resealed in [false, true] {
        let mut env = TestEnv::new().await;
        let buyer = env.sign_in("budi").await;
        let order = order_paid(&env, &buyer).await;
        as_the_first_versions_wrote_them(&env, &simulator::account::gopay_account_id("budi")).await;
        env.keys.master = vec![master_key(9), Secret::new(MASTER_KEY)];
        env.restart_merchant().await;
        if is_resealed {
            let said = reseal(&env).await;
            assert!(said.contains("of these, 1 need their former key"), "{said}");
        }
        env.keys.master.pop();
        let refused = env.start_error().await;
        assert!(refused.contains("1 buyers need"), "{refused}");
        env.keys.master.push(Secret::new(MASTER_KEY));
        env.restart_merchant().await;
        env.sign_in("budi").await;
        env.keys.master.pop();
        env.restart_merchant().await;
        let buyer = env.sign_in("budi").await;
        assert_eq!(
            ids_of_orders(&env, &buyer).await,
            BTreeSet::from([order.id.to_string()])
        );
    }
}

#[tokio::test]
async fn an_auth_code_of_before_the_change_is_not_taken_twice() {
    let mut env = TestEnv::new().await;
    let code = env.auth_code("budi").await;
    assert_eq!(env.exchange(&code).await.status(), StatusCode::OK);
    env.keys.master = vec![master_key(9), Secret::new(MASTER_KEY)];
    env.restart_merchant().await;
    let again = env.exchange(&code).await;
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(env.count("auth_code_exchanged").await, 1);
}

/// GoPay's answer about a token comes after it was sealed anew.
#[tokio::test]
async fn a_token_that_was_sealed_anew_is_still_known_as_refused() {
    let mut env = TestEnv::new().await;
    let session = env.session("budi").await;
    let store = env.store().await;
    let before = store.customer(&session.customer.id).await.unwrap();
    env.keys.master = vec![master_key(9), Secret::new(MASTER_KEY)];
    env.restart_merchant().await;
    reseal(&env).await;
    let is_inactive = async || {
        sql("select auth_token_inactive from customers")
            .fetch_value(&mut env.database().await)
            .await
            .unwrap()
    };
    // What was read before it was sealed anew is not written over it.
    assert!(!store.replace_sealed(&before, &before).await.unwrap());
    // A name that was sealed for the former hash could not be opened.
    assert!(!store.keep_name(&before, Some(b"name")).await.unwrap());
    store.deactivate_token(&before).await.unwrap();
    assert!(is_inactive().await);
    // A new sign-in brought a newer token.
    env.sign_in("budi").await;
    store.deactivate_token(&before).await.unwrap();
    assert!(!is_inactive().await);
}

#[tokio::test]
async fn buyers_sign_in_while_all_are_sealed_anew() {
    const BUYERS: [&str; 6] = ["budi", "siti", "andi", "rina", "joko", "dewi"];
    let mut env = TestEnv::new().await;
    let mut placed = Vec::new();
    for name in BUYERS {
        let buyer = env.sign_in(name).await;
        env.decide(name, "profile", true).await;
        buyer.post(&env, "/api/profile").send().await.unwrap();
        placed.push(order_paid(&env, &buyer).await.id.to_string());
    }
    env.keys.master.insert(0, master_key(9));
    env.restart_merchant().await;
    let seal_and_sign_in = async |name: &str| {
        tokio::join!(reseal(&env), async {
            let buyer = env.sign_in(name).await;
            let answer = buyer.post(&env, "/api/profile").send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
        })
    };
    let [a, b, c, d, e, f] = BUYERS.map(seal_and_sign_in);
    tokio::join!(a, b, c, d, e, f);
    reseal(&env).await;
    env.keys.master.pop();
    env.restart_merchant().await;
    for (name, order) in BUYERS.into_iter().zip(placed) {
        let known = env.session(name).await.customer.name.unwrap();
        assert_eq!(known.to_lowercase(), name);
        let buyer = env.sign_in(name).await;
        assert_eq!(ids_of_orders(&env, &buyer).await, BTreeSet::from([order]));
    }
}
