//! Between GoPay and the merchant stands a proxy.

use crate::{notifications::paid, test_env::TestEnv};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::get,
};
use contract::OrderStatus;
use gopay_protocol::{message::notify, timestamp::format_wib};
use jiff::Timestamp;
use merchant::cli::{check_notifications::probe, sdk_hash::sdk_hash};
use simulator::Url;
use test_kit::{http_client, serve};

/// What GoPay calls.
const PUBLIC: &str = "/gopay/v1.0/debit/notify";

/// Takes `/gopay` off and one header out, and sends the rest to the merchant.
#[derive(Clone)]
struct Proxy {
    merchant: String,
    loses: Option<&'static str>,
    /// Those whose User-Agent begins so are not let through.
    refuses: &'static [&'static str],
}

impl Proxy {
    async fn before(env: &TestEnv, loses: Option<&'static str>) -> Url {
        Self::with(env, loses, &[]).await
    }

    async fn with(
        env: &TestEnv,
        loses: Option<&'static str>,
        refuses: &'static [&'static str],
    ) -> Url {
        let proxy = Self {
            merchant: env.merchant(""),
            loses,
            refuses,
        };
        let app = Router::new().fallback(pass).with_state(proxy);
        let url = format!("http://{}", serve(app).await.0);
        Url::parse(&url).unwrap()
    }
}

async fn pass(
    State(proxy): State<Proxy>,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(path) = uri.path().strip_prefix("/gopay") else {
        return "<html>welcome</html>".into_response();
    };
    let agent = headers
        .get("user-agent")
        .map(|agent| agent.to_str().unwrap());
    let is_refused = |refused: &&str| agent.is_some_and(|agent| agent.starts_with(*refused));
    if proxy.refuses.iter().any(is_refused) {
        return StatusCode::FORBIDDEN.into_response();
    }
    headers.remove("host");
    if let Some(lost) = proxy.loses {
        headers.remove(lost);
    }
    let request = http_client().post(format!("{}{path}", proxy.merchant));
    let answer = request.headers(headers).body(body).send().await.unwrap();
    let status = answer.status();
    (status, answer.bytes().await.unwrap()).into_response()
}

fn at(proxy: &Url, path: &str) -> Url {
    proxy.join(path).unwrap()
}

/// F58: where the proxy has another path, GoPay's signature over that path is believed as well
/// as one over the documented path, and no other.
#[tokio::test]
async fn a_proxy_may_give_the_notifications_another_path() {
    for signed in [PUBLIC, notify::PATH] {
        let mut env = TestEnv::new().await;
        env.notify_path = PUBLIC.to_owned();
        env.restart_merchant().await;
        let buyer = env.sign_in("budi").await;
        let order = buyer.order(&env).await;
        let proxy = Proxy::before(&env, None).await;
        let body = paid(&env.references().await.remove(0), &order).to_string();
        for (path, status) in [
            ("/other/v1.0/debit/notify", StatusCode::UNAUTHORIZED),
            (signed, StatusCode::OK),
        ] {
            let timestamp = format_wib(Timestamp::now());
            let request = env.http.post(at(&proxy, PUBLIC)).body(body.clone());
            let request = request
                .header("x-signature", env.sign(path, &timestamp, &body))
                .header("x-timestamp", timestamp);
            assert_eq!(request.send().await.unwrap().status(), status, "{path}");
        }
        assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
    }
}

/// F58: whether notifications come through is found out without GoPay.
#[tokio::test]
async fn it_is_found_out_what_a_proxy_does_to_notifications() {
    let env = TestEnv::new().await;
    probe(&env.merchant(notify::PATH).parse().unwrap())
        .await
        .unwrap();
    let good = Proxy::before(&env, None).await;
    probe(&at(&good, PUBLIC)).await.unwrap();

    let wrong = |error: merchant::cli::check_notifications::Error| error.to_string();
    let welcome = probe(&at(&good, "/v1.0/debit/notify")).await.map_err(wrong);
    assert!(
        welcome
            .unwrap_err()
            .contains("somebody else answers, with 200")
    );
    let astray = probe(&at(&good, "/gopay/debit/notify"))
        .await
        .map_err(wrong);
    assert!(astray.unwrap_err().contains("somebody else answers"));
    for lost in ["x-signature", "x-timestamp"] {
        let bad = Proxy::before(&env, Some(lost)).await;
        let said = probe(&at(&bad, PUBLIC)).await.map_err(wrong).unwrap_err();
        assert!(said.contains("a header is lost"), "{said}");
    }
    let nobody: Url = "http://127.0.0.1:1/v1.0/debit/notify".parse().unwrap();
    let said = probe(&nobody).await.map_err(wrong).unwrap_err();
    assert!(said.contains("nobody answers"), "{said}");
}

/// A firewall that knows programs by their names lets this one through and GoPay's not.
#[tokio::test]
async fn senders_that_a_firewall_refuses_are_named_with_its_answer() {
    let env = TestEnv::new().await;
    let refuses = &["Jakarta", "Java/"];
    let url = at(&Proxy::with(&env, None, refuses).await, PUBLIC);
    let said = probe(&url).await.unwrap_err().to_string();
    assert!(
        said.contains("Jakarta Commons-HttpClient/3.1 with 403, Java/17 with 403;"),
        "{said}"
    );
    let url = at(&Proxy::with(&env, None, &["curl"]).await, PUBLIC);
    probe(&url).await.unwrap();
}

/// Dashboards look whether there is anything at the address before they keep it.
#[tokio::test]
async fn a_dashboard_that_looks_at_the_address_finds_something() {
    let env = TestEnv::new().await;
    for method in [Method::GET, Method::HEAD] {
        let url = env.merchant(notify::PATH);
        let answer = env.http.request(method, url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
    let put = env.http.put(env.merchant(notify::PATH)).send().await;
    assert_eq!(put.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
}

/// TM16: a changed script has another hash; the page itself cannot tell.
#[tokio::test]
async fn the_hash_of_the_sdk_is_that_of_its_bytes() {
    let script = |text: &'static str| Router::new().fallback(async move || text);
    let at = async |text| format!("http://{}/sdk.js", serve(script(text)).await.0);
    let hash = async |url: String| sdk_hash(&Url::parse(&url).unwrap(), None).await;
    assert_eq!(
        hash(at("abc").await).await.unwrap(),
        // From FIPS 180-2.
        (
            3,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned()
        )
    );
    let changed = hash(at("abd").await).await.unwrap();
    assert_eq!((changed.0, &changed.1[..8]), (3, "a52d159f"));
    let moved = (StatusCode::FOUND, [("location", "/other.js")], "moved");
    let failing = Router::new()
        .route("/moved.js", get(moved))
        .route("/endless.js", get(vec![0_u8; 8 * 1024 * 1024 + 1]));
    let failing = format!("http://{}", serve(failing).await.0);
    for (script, why) in [
        ("missing.js", "status 404"),
        ("moved.js", "status 302"),
        ("endless.js", "longer than 8 MiB"),
    ] {
        let error = hash(format!("{failing}/{script}")).await.unwrap_err();
        assert!(error.to_string().contains(why), "{script}: {error}");
    }
}
