//! Several mini apps of one merchant.

use crate::{
    merchant::{EXCHANGE, Merchant, PAYMENT, order, read, text},
    snap,
};
use gopay_protocol::Secret;
use reqwest::{
    Client, Method, Response, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_SECURITY_POLICY, HOST, LOCATION, ORIGIN},
    redirect::Policy,
};
use serde_json::{Value, json};
use simulator::{MiniApp, account};
use std::process::Command;
use test_kit::{TempDir, output_of};

const KEDAI: &str = "http://localhost:8080";
const KOPI: &str = "http://kopi.localhost:8080";
const KOPI_CREDENTIALS: &str = "kopi's auth credentials";
const PROFILE: &str = "/v1/mini-apps/users/profile";

/// With the mini apps `kedai` and `kopi`.
async fn merchant() -> Merchant {
    let (id, app) = ("kopi".parse().unwrap(), KOPI.parse().unwrap());
    let secret = Secret::new(KOPI_CREDENTIALS);
    Merchant::with("http://127.0.0.1:9", |simulator| {
        simulator
            .with_mini_app(MiniApp::new(id, app, secret))
            .unwrap()
    })
    .await
}

/// The SDK's response to a page of this origin.
async fn call(merchant: &Merchant, origin: &str, call: Value) -> Value {
    let request = merchant.http.post(format!("{}/bridge/call", merchant.url));
    let request = request.header(ORIGIN, origin).json(&call);
    request.send().await.unwrap().json().await.unwrap()
}

async fn auth_code(merchant: &Merchant, origin: &str) -> String {
    let login = json!({"class": "GPMiniAppAuth", "method": "getAuthCode"});
    let verdict = call(merchant, origin, login).await;
    text(&verdict["reply"]["data"]["authCode"])
}

async fn exchange(merchant: &Merchant, credentials: &str, code: &str) -> (u16, Value) {
    let headers = [
        ("Authorization", format!("Basic {credentials}")),
        ("Request-Id", "1".to_owned()),
    ];
    let body = json!({"auth_code": code}).to_string();
    merchant.post(EXCHANGE, &headers, body).await
}

async fn auth_token(merchant: &Merchant, origin: &str, credentials: &str) -> String {
    let code = auth_code(merchant, origin).await;
    let granted = exchange(merchant, credentials, &code).await.1;
    text(&granted["data"]["auth_token"])
}

async fn profile(merchant: &Merchant, auth_token: &str) -> u16 {
    let request = merchant.http.get(format!("{}{PROFILE}", merchant.url));
    let request = request.bearer_auth(auth_token).header("Request-Id", "1");
    request.send().await.unwrap().status().as_u16()
}

/// The phone's page, asked for under this host name.
async fn phone(merchant: &Merchant, name: &str, query: &str) -> Response {
    let port = merchant.url.rsplit_once(':').unwrap().1;
    let request = merchant.http.get(format!("{}/{query}", merchant.url));
    let request = request.header(HOST, format!("{name}:{port}"));
    request.send().await.unwrap()
}

#[tokio::test]
async fn an_auth_code_is_unknown_to_another_mini_app_and_stays_usable() {
    let merchant = merchant().await;
    let kedai_credentials = merchant.auth_credentials.expose();
    for (origin, own, other) in [
        (KOPI, KOPI_CREDENTIALS, kedai_credentials),
        (KEDAI, kedai_credentials, KOPI_CREDENTIALS),
    ] {
        let code = auth_code(&merchant, origin).await;
        let refused = exchange(&merchant, other, &code).await;
        assert_eq!(refused, exchange(&merchant, other, "unknown").await);
        assert_eq!(refused.0, 404);
        assert_eq!(refused.1["error"]["description"], "AuthCode Not Found");
        let granted = exchange(&merchant, own, &code).await;
        assert_eq!(granted.0, 200);
        let account = &granted.1["data"]["gopay_account_id"];
        assert_eq!(*account, account::gopay_account_id("budi"));
        assert_eq!(exchange(&merchant, own, &code).await, granted);
        assert_eq!(exchange(&merchant, other, &code).await, refused);
    }
    assert_eq!(exchange(&merchant, "no app's", "unknown").await.0, 401);

    let issued = merchant.entries("auth_code_issued").await;
    let issued: Vec<_> = issued.iter().map(|entry| &entry["mini_app"]).collect();
    assert_eq!(issued, ["kopi", "kedai"]);
    let exchanged = merchant.entries("auth_code_exchanged").await;
    assert_eq!(exchanged[0]["mini_app"], "kedai");
    assert_eq!(exchanged[0]["outcome"], "auth code of another mini app");
    assert_eq!(exchanged[1]["outcome"], "unknown auth code");
    assert_eq!(exchanged[2]["mini_app"], "kopi");
    assert_eq!(exchanged[2]["outcome"], "granted");
    assert_eq!(exchanged.last().unwrap().get("mini_app"), None);
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    assert!(!ledger.to_string().contains(KOPI_CREDENTIALS));
}

#[tokio::test]
async fn a_consent_counts_for_the_token_of_one_mini_app() {
    let merchant = merchant().await;
    let mut tokens = Vec::new();
    for (origin, credentials) in [
        (KEDAI, merchant.auth_credentials.expose()),
        (KOPI, KOPI_CREDENTIALS),
    ] {
        tokens.push(auth_token(&merchant, origin, credentials).await);
    }
    let [kedai, kopi] = tokens.as_slice() else {
        panic!("two tokens");
    };
    assert_ne!(kedai, kopi);
    let authorize = json!({"class": "GP", "method": "authorize", "params": {"scope": "profile"}});
    let asked = call(&merchant, KOPI, authorize.clone()).await;
    let page = text(&asked["page"]);
    assert_eq!(page, "/consent?scope=profile&buyer=budi&mini_app=kopi");
    let shown = merchant
        .ask(Method::GET, "/bridge/consent?mini_app=kopi")
        .await;
    assert_eq!(shown.1["mini_app_name"], "kopi");

    let agree = async |mini_app: &str| {
        let decision =
            json!({"scope": "profile", "buyer": "budi", "allowed": true, "mini_app": mini_app});
        merchant
            .control(Method::POST, "/bridge/consent", decision)
            .await
            .0
    };
    assert_eq!(agree("teh").await, 404);
    assert_eq!(agree("kopi").await, 200);
    assert_eq!(profile(&merchant, kopi).await, 200);
    assert_eq!(profile(&merchant, kedai).await, 403);
    let again = call(&merchant, KOPI, authorize.clone()).await;
    assert_eq!(again["kind"], "success");
    let other = call(&merchant, KEDAI, authorize).await;
    assert_eq!(other["kind"], "show");
    let requested = merchant.entries("profile_requested").await;
    let requested: Vec<_> = requested.iter().map(|entry| &entry["mini_app"]).collect();
    assert_eq!(requested, ["kopi", "kedai"]);
    let decided = merchant.entries("consent_decided").await;
    assert_eq!(decided[0]["mini_app"], "kopi");
}

#[tokio::test]
async fn a_reminder_and_a_push_have_the_mini_app_of_their_token() {
    let merchant = merchant().await;
    let template = json!({"template_name": "KEDAI_PICK_UP", "template_parameters": {}}).to_string();
    for (origin, credentials) in [
        (KEDAI, merchant.auth_credentials.expose()),
        (KOPI, KOPI_CREDENTIALS),
    ] {
        let auth_token = auth_token(&merchant, origin, credentials).await;
        let requests = [
            (Method::PUT, "/v1/mini-apps/reminder"),
            (Method::POST, "/v1/mini-apps/notifications/push"),
        ];
        for (method, path) in requests {
            let url = format!("{}{path}", merchant.url);
            let request = merchant.http.request(method, url).body(template.clone());
            let request = request
                .bearer_auth(&auth_token)
                .header("Request-Id", origin);
            assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
        }
    }
    for path in ["/control/ledger", "/control/ledger?app=kopi"] {
        let ledger = merchant.ask(Method::GET, path).await.1;
        assert_eq!(ledger["buyer"], "budi");
        for kind in ["reminders", "pushes"] {
            let shown = ledger["buyers"]["budi"][kind].as_array().unwrap();
            let mini_apps: Vec<_> = shown.iter().map(|it| &it["mini_app"]).collect();
            assert_eq!(mini_apps, ["kedai", "kopi"], "{kind}");
        }
    }
    let app = json!({"app": format!("{KEDAI}/?buyer=siti")});
    merchant
        .control(Method::PUT, "/control/merchant", app)
        .await;
    let buyer = async |path: &str| merchant.ask(Method::GET, path).await.1["buyer"].clone();
    assert_eq!(buyer("/control/ledger").await, "siti");
    assert_eq!(buyer("/control/ledger?app=kopi").await, "budi");
}

#[tokio::test]
async fn the_calling_mini_app_is_that_of_the_origin_else_the_first() {
    let merchant = merchant().await;
    let port = merchant.url.rsplit_once(':').unwrap().1;
    let own = format!("http://kopi.localhost:{port}");
    for origin in [KEDAI, KOPI, &own, &merchant.url] {
        auth_code(&merchant, origin).await;
    }
    merchant.auth_code().await;
    let called = merchant.entries("container_called").await;
    let called: Vec<_> = called.iter().map(|entry| &entry["mini_app"]).collect();
    assert_eq!(called, ["kedai", "kopi", "kedai", "kedai", "kedai"]);
}

#[tokio::test]
async fn a_payment_belongs_to_the_mini_app_of_its_point_of_purchase() {
    let merchant = merchant().await;
    let token = merchant.token().await;
    let pay = async |point_of_purchase_id: &str| {
        let mut order = order(&token);
        order["additionalInfo"]["pointOfPurchaseId"] = json!(point_of_purchase_id);
        merchant
            .send(merchant.transaction(PAYMENT, &token, &order))
            .await
    };
    let (status, refused) = pay(&account::point_of_purchase_id("teh")).await;
    assert_eq!((status, &refused["responseCode"]), (403, &json!("4035415")));
    for (mini_app, origin) in [("kedai", KEDAI), ("kopi", KOPI)] {
        let (status, made) = pay(&account::point_of_purchase_id(mini_app)).await;
        assert_eq!(status, 200, "{made}");
        let reference = text(&made["referenceNo"]);
        let deeplink = format!("gopay://merchanttransfer?tref={reference}");
        let launch =
            json!({"class": "GP", "method": "launchPayment", "params": {"deeplink": deeplink}});
        assert_eq!(call(&merchant, origin, launch).await["kind"], "show");
    }
    let shape = json!({"order_history": "/orders/{partner_reference_no}"});
    let configured = merchant.control(Method::PUT, "/control/merchant", shape);
    assert_eq!(configured.await.0, 200);
    for path in ["/control/ledger", "/control/ledger?app=kopi"] {
        let ledger = merchant.ask(Method::GET, path).await.1;
        let opens: Vec<_> = ledger["order_history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (text(&entry["mini_app"]), text(&entry["opens"])))
            .collect();
        let opens_in = |mini_app: &str, origin: &str| {
            let address = format!("{origin}/orders/ORDER-1");
            (mini_app.to_owned(), address)
        };
        assert_eq!(opens, [opens_in("kopi", KOPI), opens_in("kedai", KEDAI)]);
        assert_eq!(ledger["payments"][1]["mini_app"], "kopi");
    }
    let unknown = merchant.ask(Method::GET, "/control/ledger?app=teh").await;
    assert_eq!(unknown.0, 404);
}

#[tokio::test]
async fn a_snap_payment_has_the_point_of_purchase_of_any_mini_app() {
    let merchant = merchant().await;
    for (mini_app, status) in [("kedai", 201), ("kopi", 201), ("teh", 400)] {
        let mut order = snap::order();
        order["transaction_details"]["order_id"] = json!(mini_app);
        order["gopay"]["pop_id"] = json!(account::point_of_purchase_id(mini_app));
        let answer = merchant.call_api(Method::POST, snap::SNAP, &order).await;
        assert_eq!(answer.0, status, "{}", answer.1);
    }
    assert_eq!(merchant.payment("kedai").await["mini_app"], "kedai");
    assert_eq!(merchant.payment("kopi").await["mini_app"], "kopi");
}

#[tokio::test]
async fn pages_of_each_mini_app_and_of_no_other_are_allowed() {
    let merchant = merchant().await;
    let ledger = format!("{}/control/ledger", merchant.url);
    for (origin, status) in [
        (KEDAI, StatusCode::OK),
        (KOPI, StatusCode::OK),
        ("http://teh.localhost:8080", StatusCode::FORBIDDEN),
        ("http://kopi.localhost", StatusCode::FORBIDDEN),
    ] {
        let request = merchant.http.get(&ledger).header(ORIGIN, origin);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{origin}");
        let allowed = answer.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN);
        let expected = (status == StatusCode::OK).then_some(origin);
        assert_eq!(allowed.map(|it| it.to_str().unwrap()), expected);
    }
    for (host, status) in [
        ("kopi.localhost:9090", StatusCode::OK),
        ("kopi.localhost.example", StatusCode::FORBIDDEN),
        ("kopilocalhost", StatusCode::FORBIDDEN),
    ] {
        let request = merchant.http.get(&ledger).header(HOST, host);
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
    }
}

#[tokio::test]
async fn the_phone_opens_each_mini_app_under_its_own_host_name() {
    let merchant = merchant().await;
    let port = merchant.url.rsplit_once(':').unwrap().1;
    for (name, query) in [
        ("localhost", ""),
        ("localhost", "?app=kedai"),
        ("kopi.localhost", "?app=kopi&link=/orders/1"),
    ] {
        let page = phone(&merchant, name, query).await;
        assert_eq!(page.status(), StatusCode::OK);
        let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains(&format!("frame-src 'self' {KEDAI} {KOPI};")));
        let other = match name {
            "localhost" => "kopi.localhost",
            _ => "localhost",
        };
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let request = client.get(format!("{}/{query}", merchant.url));
        let request = request.header(HOST, format!("{other}:{port}"));
        let moved = request.send().await.unwrap();
        assert_eq!(moved.status(), StatusCode::TEMPORARY_REDIRECT);
        let address = format!("http://{name}:{port}/{query}");
        assert_eq!(moved.headers()[LOCATION], address);
    }
    let unknown = phone(&merchant, "localhost", "?app=teh").await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let message = text(&read(unknown).await.1["error"]);
    assert!(message.contains("no mini app \"teh\""), "{message}");
    assert!(message.contains("kedai, kopi"), "{message}");
    let overlay = merchant.http.get(format!("{}/consent", merchant.url));
    let overlay = overlay.send().await.unwrap();
    let policy = overlay.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains(&format!("frame-ancestors 'self' {KEDAI} {KOPI}")));
}

#[tokio::test]
async fn the_mini_apps_are_listed_and_a_reset_keeps_them() {
    let merchant = merchant().await;
    let listed = async || merchant.ask(Method::GET, "/control/ledger").await.1["mini_apps"].clone();
    let before = listed().await;
    assert_eq!(
        before,
        json!([
            {
                "id": "kedai",
                "name": account::MERCHANT_NAME,
                "icon": null,
                "app": format!("{KEDAI}/"),
                "point_of_purchase_id": account::POINT_OF_PURCHASE_ID,
                "merchant_id": account::MERCHANT_ID,
            },
            {
                "id": "kopi",
                "name": "kopi",
                "icon": null,
                "merchant_id": account::MERCHANT_ID,
                "app": format!("{KOPI}/"),
                "point_of_purchase_id": account::point_of_purchase_id("kopi"),
            },
        ])
    );
    merchant.ask(Method::POST, "/control/reset").await;
    assert_eq!(listed().await, before);
    let put = async |app: &str| {
        let app = json!({"app": app});
        merchant
            .control(Method::PUT, "/control/merchant", app)
            .await
    };
    assert_eq!(put("http://localhost:7000").await.0, 200);
    assert_eq!(listed().await[0]["app"], "http://localhost:7000/");
    assert_eq!(listed().await[1], before[1]);
    let taken = put(&format!("{KOPI}/menu")).await;
    assert_eq!(taken.0, 422);
    assert!(text(&taken.1["error"]).contains("has the origin of kopi"));
}

/// The program's exit code and its error output.
fn start(keys: &TempDir, mini_apps: &[&str]) -> (Option<i32>, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_gopay-simulator"));
    program.args(["--listen", "127.0.0.1:0", "--keys"]);
    program.arg(&**keys);
    for mini_app in mini_apps {
        program.args(["--mini-app", mini_app]);
    }
    let output = output_of(&mut program);
    let errors = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), errors)
}

#[test]
fn a_wrong_mini_app_option_is_a_clear_error() {
    let keys = TempDir::create();
    let merchant_key = test_kit::merchant_key().public_pem().unwrap();
    std::fs::write(keys.join("merchant.pub.pem"), merchant_key).unwrap();
    for (mini_apps, error) in [
        (&["kopi"][..], "write its id and its address"),
        (&["Kopi=http://kopi.localhost:8080"], "is not the id"),
        (&["../kopi=http://kopi.localhost:8080"], "is not the id"),
        (&["=http://kopi.localhost:8080"], "is not the id"),
        (&["kopi=kopi.localhost"], "is not an address"),
        (&["kopi=ftp://kopi.localhost"], "has to be http or https"),
        (&["kedai=http://kopi.localhost:8080"], "already"),
        (&["kopi=http://localhost:8080/kopi"], "the origin of kedai"),
        (
            &["kopi=http://kopi.localhost", "kopi=http://teh.localhost"],
            "already",
        ),
    ] {
        let (code, errors) = start(&keys, mini_apps);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains(error), "{errors}");
    }
}
