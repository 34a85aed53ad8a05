//! A merchant and a GoPay that know each other.

use crate::{log_scan, test_database};
use axum::http::HeaderValue;
use contract::{Order, OrderId, OrderStatus, Problem, ProblemCode, Session};
use gopay_protocol::{
    ClientSecret, Secret, ServerKey, SigningKey, VerifyingKey,
    message::notify,
    signature::{body_hash, notification_string_to_sign},
    timestamp::format_wib,
};
use jiff::Timestamp;
use merchant::adapters::database::sql;
use merchant::{
    Config, Merchant,
    adapters::{database::Store, webhook::SigningSecret},
    cli::{
        admin::Admin,
        reconcile::{Scope, reconcile},
        verify::verify,
    },
    config::{
        ContainerUrls, CspExtra, Environment, Fulfilment, GoPayAccount, Hsts, KeyFiles, Limits,
        MiniApp, MinimumTls, Operations, OrderHistory, Rates, Registration, SnapAccount,
    },
    domain::{
        catalogue::Catalogue,
        mini_app_rules::MiniAppRules,
        operator_policy::{LatePaymentPolicy, OrderLimits, PaidWithoutAmount, PaymentPolicy},
    },
    key_ring::KeyRing,
    vault::Vault,
};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use simulator::{Keys, Options, Running, Simulator, Url, account};
use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf};
use test_kit::{
    POLL_INTERVAL, SECRET_MARK, SHOP, TempDir, WAIT_TIMEOUT, WEBHOOK_SECRET, eventually, gopay_key,
    http_client, merchant_key,
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// 32 bytes in base64, as `merchant keygen` writes them.
pub(crate) const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Where a package of the app is opened from.
pub(crate) const PACKAGE: &str = "https://package.example";

/// Tests ask as fast as they can, and one buyer places many orders.
pub(crate) fn unlimited() -> Limits {
    const MANY: NonZeroU32 = NonZeroU32::new(100_000).unwrap();
    Limits {
        rates: Rates {
            sign_ins_per_second: MANY,
            sign_ins_per_minute_per_client: MANY,
            requests_per_minute_per_buyer: MANY,
            orders_per_second: MANY,
        },
        orders: OrderLimits {
            open: u32::MAX,
            per_hour: u32::MAX,
        },
        ..Limits::default()
    }
}

/// The id of a second mini app, its address, and its credentials at GoPay.
pub(crate) const TOKO: &str = "toko";
pub(crate) const TOKO_ORIGIN: &str = "http://toko.localhost";
pub(crate) const TOKO_CREDENTIALS: &str = "credentials-of-toko";

/// Each list is the one key, or while it is changed several.
pub(crate) struct KeyLists {
    pub(crate) master: Vec<Secret>,
    /// In PEM.
    pub(crate) private: Vec<Secret>,
    pub(crate) client_secret: Vec<Secret>,
    pub(crate) auth_credentials: Vec<Secret>,
    pub(crate) server: Vec<Secret>,
    pub(crate) webhook: Vec<Secret>,
}

impl KeyLists {
    pub(crate) fn vault(&self) -> Vault {
        let vault = Vault::new(&self.master[0]).unwrap();
        let former = self.master[1..].iter();
        former.fold(vault, |vault, key| vault.with_former(key).unwrap())
    }
}

fn ring<T>(keys: &[Secret], parse: impl Fn(&Secret) -> T) -> KeyRing<T> {
    KeyRing::new(keys.iter().map(parse)).unwrap()
}

pub(crate) struct TestEnv {
    pub(crate) http: Client,
    pub(crate) simulator: Option<Running>,
    pub(crate) environment: Environment,
    pub(crate) dist: PathBuf,
    pub(crate) folder: TempDir,
    /// What the merchant's configuration names.
    pub(crate) keys: KeyLists,
    /// Where the merchant believes GoPay's payments to be; the simulator without it.
    pub(crate) bi_snap_url: Option<Url>,
    /// Where the merchant believes GoPay's mini apps to be; the simulator without it.
    pub(crate) mini_app_url: Option<Url>,
    /// What the merchant verifies notifications with (PEM); the simulator's key without it.
    pub(crate) public_keys: Option<Vec<String>>,
    /// What becomes of money for an order that is over.
    pub(crate) paid_late: LatePaymentPolicy,
    /// What a payment counts as that GoPay names no amount of.
    pub(crate) paid_without_amount: PaidWithoutAmount,
    pub(crate) payment: PaymentPolicy,
    pub(crate) limits: Limits,
    pub(crate) operations: Operations,
    /// Where metrics and readiness are, once `operations` says so.
    pub(crate) admin: Option<SocketAddr>,
    /// Whether it has what Snap needs.
    pub(crate) has_snap: bool,
    /// What buyers are given and told.
    pub(crate) rules: MiniAppRules,
    /// What GoPay calls.
    pub(crate) notify_path: String,
    /// At what address browsers know the shop; its own without it.
    pub(crate) public_url: Option<Url>,
    package_origins: Vec<HeaderValue>,
    /// By what address GoPay's order history links to an order.
    pub(crate) order_history: String,
    webhook_url: Option<Url>,
    /// A second mini app of the merchant, if it has one.
    pub(crate) toko: Option<MiniApp>,
    merchant: SocketAddr,
    /// Each merchant.
    serving: JoinSet<()>,
    pub(crate) gopay: SocketAddr,
}

impl TestEnv {
    pub(crate) async fn new() -> Self {
        Self::start(Environment::Simulator).await
    }

    /// Where buyers pay in a browser.
    pub(crate) async fn in_sandbox() -> Self {
        Self::start(Environment::SimulatorSandbox).await
    }

    async fn start(environment: Environment) -> Self {
        log_scan::begin();
        let secret = || Secret::new([SECRET_MARK, &Uuid::new_v4().to_string()].concat());
        let keys = Keys {
            gopay: gopay_key(),
            client_secret: secret(),
            auth_credentials: secret(),
            merchant: VerifyingKey::from_pem(&merchant_key().public_pem().unwrap()).unwrap(),
        };
        let merchant_keys = KeyLists {
            master: vec![Secret::new(MASTER_KEY)],
            private: vec![merchant_key().to_pem().unwrap()],
            client_secret: vec![keys.client_secret.clone()],
            auth_credentials: vec![keys.auth_credentials.clone()],
            server: vec![Secret::new(account::SERVER_KEY)],
            webhook: vec![Secret::new(WEBHOOK_SECRET)],
        };
        let nowhere = Url::parse("http://localhost:1").unwrap();
        let simulator = Simulator::bind(Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            app: nowhere.clone(),
            notify: nowhere,
            keys,
        })
        .await
        .unwrap()
        .with_mini_app(simulator::MiniApp::new(
            TOKO.parse().unwrap(),
            TOKO_ORIGIN.parse().unwrap(),
            Secret::new(TOKO_CREDENTIALS),
        ))
        .unwrap()
        .with_sandbox("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap()
        .spawn();
        let folder = TempDir::create();
        test_database::create(&folder).await;
        let mut env = Self {
            http: http_client(),
            gopay: simulator.address(),
            simulator: Some(simulator),
            environment,
            dist: folder.join("dist"),
            folder,
            keys: merchant_keys,
            bi_snap_url: None,
            mini_app_url: None,
            public_keys: None,
            paid_late: LatePaymentPolicy::default(),
            paid_without_amount: PaidWithoutAmount::default(),
            payment: PaymentPolicy::default(),
            limits: unlimited(),
            operations: Operations::default(),
            admin: None,
            has_snap: false,
            rules: MiniAppRules::default(),
            notify_path: notify::PATH.to_owned(),
            public_url: None,
            package_origins: Vec::new(),
            order_history: "/orders/{order}".to_owned(),
            webhook_url: None,
            toko: None,
            merchant: "127.0.0.1:0".parse().unwrap(),
            serving: JoinSet::new(),
        };
        env.restart_merchant().await;
        env
    }

    /// Where the app may also be opened from a package.
    pub(crate) async fn with_packages() -> Self {
        let mut env = Self::new().await;
        env.package_origins = [PACKAGE, "null"].map(HeaderValue::from_static).to_vec();
        env.restart_merchant().await;
        env
    }

    /// Where the merchant's own systems hear of paid orders.
    pub(crate) async fn with_hook(url: Url) -> Self {
        let mut env = Self::new().await;
        env.webhook_url = Some(url);
        env.restart_merchant().await;
        env
    }

    /// Starts a merchant on a database where it may refuse to; why it does.
    pub(crate) async fn start_error(&mut self) -> String {
        self.stop_merchant().await;
        Merchant::bind(self.config()).await.unwrap_err().to_string()
    }

    /// A merchant with these limits.
    pub(crate) async fn limited(limits: Limits) -> Self {
        let mut env = Self::new().await;
        env.limits = limits;
        env.restart_merchant().await;
        env
    }

    /// A merchant with an admin listener.
    pub(crate) async fn operated() -> Self {
        let mut env = Self::new().await;
        env.operations.admin_listen = Some("127.0.0.1:0".parse().unwrap());
        env.restart_merchant().await;
        env
    }

    /// What the admin listener answers.
    pub(crate) async fn admin(&self, path: &str) -> Response {
        let address = self.admin.unwrap();
        let request = self.http.get(format!("http://{address}{path}"));
        request.send().await.unwrap()
    }

    /// A merchant that asks for payments so.
    pub(crate) async fn paying(payment: PaymentPolicy) -> Self {
        let mut env = Self::new().await;
        env.payment = payment;
        env.restart_merchant().await;
        env
    }

    /// What GoPay was asked for, attempt by attempt.
    pub(crate) async fn payment_requests(&self) -> Vec<Value> {
        let requests: Vec<String> = sql("select request from attempts")
            .fetch_values(&mut self.database().await)
            .await
            .unwrap();
        (requests.iter())
            .map(|request| serde_json::from_str(request).unwrap())
            .collect()
    }

    /// Kills the merchant, in the middle of whatever it does, and starts another one on the
    /// same database.
    pub(crate) async fn restart_merchant(&mut self) {
        self.stop_merchant().await;
        self.start_merchant().await;
    }

    /// Starts another merchant on the same database, to which everybody goes from now on. PostgreSQL only.
    pub(crate) async fn go_to_another_merchant(&mut self) {
        self.start_merchant().await;
    }

    pub(crate) async fn start_merchant(&mut self) {
        let merchant = Merchant::bind(self.config()).await.unwrap();
        self.merchant = merchant.address();
        self.admin = merchant.admin_address();
        self.serving.spawn(async move {
            merchant.serve(std::future::pending()).await;
        });
        if self.simulator.is_some() {
            let here = format!("http://localhost:{}", self.merchant.port());
            self.control_put("merchant", json!({"app": here, "notify": here}))
                .await;
        }
    }

    /// Kills the merchant, in the middle of whatever it does.
    pub(crate) async fn stop_merchant(&mut self) {
        self.serving.shutdown().await;
    }

    pub(crate) fn database_url(&self) -> String {
        test_database::url(&self.folder)
    }

    pub(crate) async fn store(&self) -> Store {
        Store::attach(&self.database_url()).await.unwrap()
    }

    /// A page where the app's has to be.
    pub(crate) fn build_app(&self) {
        std::fs::create_dir_all(&self.dist).unwrap();
        std::fs::write(self.dist.join("index.html"), "<html></html>").unwrap();
    }

    pub(crate) async fn staff(&self) -> Admin {
        Admin::connect(&self.config()).await.unwrap()
    }

    /// The simulator's second address.
    pub(crate) fn sandbox(&self) -> Url {
        let address = self.simulator.as_ref().and_then(Running::sandbox_address);
        Url::parse(&format!("http://{}", address.unwrap())).unwrap()
    }

    /// How the merchant is set up.
    pub(crate) fn config(&self) -> Config {
        let gopay_url = Url::parse(&format!("http://{}", self.gopay)).unwrap();
        let has_container = !self.environment.pays_in_browser();
        let bi_snap_url = match &self.bi_snap_url {
            Some(url) => url.clone(),
            None if has_container => gopay_url.clone(),
            None => self.sandbox(),
        };
        let public_keys = match &self.public_keys {
            Some(keys) => keys.clone(),
            None => vec![gopay_key().public_pem().unwrap()],
        };
        Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            public_url: None,
            notify_path: self.notify_path.clone(),
            hsts: Hsts::default(),
            database_url: self.database_url().into(),
            vault: self.keys.vault(),
            key_files: KeyFiles::default(),
            gopay: GoPayAccount {
                environment: self.environment,
                bi_snap_url,
                container: has_container.then(|| ContainerUrls {
                    mini_app_url: self.mini_app_url.clone().unwrap_or(gopay_url.clone()),
                    sdk_url: gopay_url.join("/sdk/stable/gp-container.min.js").unwrap(),
                }),
                client_key: account::CLIENT_KEY.to_owned(),
                client_secret: ring(&self.keys.client_secret, ClientSecret::new),
                partner_id: account::PARTNER_ID.to_owned(),
                merchant_id: account::MERCHANT_ID.to_owned(),
                channel_id: "12345".to_owned(),
                private_key: ring(&self.keys.private, |pem| {
                    SigningKey::from_pem(pem.expose()).unwrap()
                }),
                public_keys: public_keys
                    .iter()
                    .map(|key| VerifyingKey::from_pem(key).unwrap())
                    .collect(),
                payment_link_hosts: Vec::new(),
                proxy_url: None,
                minimum_tls: MinimumTls::default(),
                csp_extra: CspExtra::default(),
                background_requests_per_second: GoPayAccount::BACKGROUND_REQUESTS_PER_SECOND,
                snap: Some(SnapAccount {
                    snap_url: gopay_url.clone(),
                    core_api_url: gopay_url.clone(),
                    server_key: ring(&self.keys.server, |key| ServerKey::new(key).unwrap()),
                    client_key: account::SNAP_CLIENT_KEY.to_owned(),
                })
                .filter(|_| self.has_snap),
            },
            mini_apps: vec![MiniApp {
                id: account::MINI_APP_ID.into(),
                // By the host that the requests of tests name.
                public_url: (self.public_url.clone()).or_else(|| {
                    self.toko
                        .as_ref()
                        .map(|_| "http://127.0.0.1".parse().unwrap())
                }),
                dist: self.dist.clone(),
                registration: has_container.then(|| Registration {
                    point_of_purchase_id: account::POINT_OF_PURCHASE_ID.to_owned(),
                    auth_credentials: ring(&self.keys.auth_credentials, Secret::clone),
                }),
                deeplink: None,
                package_origins: self.package_origins.clone(),
                order_history: OrderHistory::parse(&self.order_history).unwrap(),
                catalogue: Catalogue::parse(SHOP).unwrap(),
                rules: self.rules.clone(),
            }]
            .into_iter()
            .chain(self.toko.clone())
            .collect(),
            fulfilment: self.webhook_url.as_ref().map(|webhook_url| Fulfilment {
                webhook_url: webhook_url.clone(),
                keys: ring(&self.keys.webhook, |secret| {
                    SigningSecret::parse(secret).unwrap()
                }),
                proxy_url: None,
            }),
            paid_late: self.paid_late,
            paid_without_amount: self.paid_without_amount,
            refund_approval_from: None,
            payment: self.payment,
            limits: self.limits.clone(),
            operations: self.operations.clone(),
            warnings: Vec::new(),
        }
    }

    /// GoPay says the same of every payment, the open ones too.
    pub(crate) async fn reconciled(&self) {
        let scope = Scope {
            days: 7,
            settled: false,
        };
        let report = reconcile(self.config(), scope).await.unwrap();
        assert_eq!(report.differences, Vec::<String>::new());
    }

    pub(crate) fn merchant(&self, path: &str) -> String {
        format!("http://{}{path}", self.merchant)
    }

    /// The origin of the app's own pages.
    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.merchant.port())
    }

    fn control(&self, path: &str) -> String {
        format!("http://{}/control/{path}", self.gopay)
    }

    pub(crate) async fn control_put(&self, path: &str, body: Value) {
        let answer = self.http.put(self.control(path)).json(&body).send().await;
        assert_eq!(answer.unwrap().status(), StatusCode::OK, "{path}");
    }

    pub(crate) async fn control_post(&self, path: &str, body: Value) -> Value {
        let answer = self.http.post(self.control(path)).json(&body).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null)
    }

    pub(crate) async fn scenario(&self, name: &str) {
        self.control_put("scenario", json!({"name": name})).await;
    }

    /// What goes wrong at GoPay from now on.
    pub(crate) async fn faults(&self, plan: Value) {
        self.control_put("faults", plan).await;
    }

    /// The requests that met a fault, oldest first.
    pub(crate) async fn faults_met(&self) -> Vec<Value> {
        self.entries("fault_met").await
    }

    /// GoPay notifies once more, in the way that `change` says; what the merchant answered.
    pub(crate) async fn repeat(&self, reference: &str, change: Value) -> Value {
        self.control_post(&format!("notifications/{reference}/repeat"), change)
            .await
    }

    /// No notification comes by itself any more.
    pub(crate) async fn withhold(&self) {
        self.control_put("notifications", json!({"mode": "withhold"}))
            .await;
    }

    pub(crate) async fn public_key(&self, which: &str) -> String {
        let keys: Value = read(self.http.get(self.control("keys"))).await;
        keys[which].as_str().unwrap().to_owned()
    }

    pub(crate) async fn ledger(&self) -> Value {
        read(self.http.get(self.control("ledger"))).await
    }

    /// What happened at GoPay of this kind, oldest first.
    pub(crate) async fn entries(&self, kind: &str) -> Vec<Value> {
        let ledger = self.ledger().await;
        let entries = ledger["entries"].as_array().unwrap();
        let of_kind = entries.iter().filter(|entry| entry["kind"] == kind);
        of_kind.cloned().collect()
    }

    /// How often something happened at GoPay.
    pub(crate) async fn count(&self, kind: &str) -> usize {
        self.entries(kind).await.len()
    }

    /// Waits until something has happened at GoPay once more than it had `before`.
    pub(crate) async fn wait_for(&self, kind: &str, before: usize) {
        eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
            let count = self.count(kind).await;
            (count > before).then_some(()).ok_or((kind, count))
        })
        .await;
    }

    /// Waits until the merchant has asked GoPay about a payment once more than it had `before`, and has
    /// kept the answer. Until then it still holds the right to ask: it would take a fault that is set
    /// now, and would not ask again.
    pub(crate) async fn wait_for_inquiry(&self, before: usize) {
        self.wait_for("status_requested", before).await;
        let mut database = self.database().await;
        let asking = "select external_id from attempts where leased_until > 0";
        eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
            let asking = sql(asking).fetch_optional_value(&mut database);
            let asking: Option<String> = asking.await.unwrap();
            asking.map_or(Ok(()), Err)
        })
        .await;
    }

    /// GoPay's ids of all payments, oldest first.
    pub(crate) async fn references(&self) -> Vec<String> {
        let ledger = self.ledger().await;
        let payments = ledger["payments"].as_array().unwrap();
        payments
            .iter()
            .map(|payment| payment["reference_no"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The buyer, or somebody in their place, does something with the newest payment.
    pub(crate) async fn act(&self, act: &str) {
        let references = self.references().await;
        let newest = references.last().unwrap();
        self.control_post(&format!("payments/{newest}/{act}"), json!({}))
            .await;
    }

    pub(crate) async fn auth_code(&self, buyer: &str) -> String {
        self.auth_code_in(None, buyer).await
    }

    /// That of the mini app with this origin, or of the first one.
    pub(crate) async fn auth_code_in(&self, origin: Option<&str>, buyer: &str) -> String {
        let mut call = self.http.post(format!("http://{}/bridge/call", self.gopay));
        if let Some(origin) = origin {
            call = call.header("origin", origin);
        }
        let body = json!({"class": "GPMiniAppAuth", "method": "getAuthCode", "buyer": buyer});
        let verdict: Value = read(call.json(&body)).await;
        verdict["reply"]["data"]["authCode"]
            .as_str()
            .unwrap_or_else(|| panic!("no auth code: {verdict}"))
            .to_owned()
    }

    /// The buyer decides whether the mini app may have something.
    pub(crate) async fn decide(&self, buyer: &str, scope: &str, allowed: bool) {
        let decision = json!({"scope": scope, "buyer": buyer, "allowed": allowed});
        let consent = format!("http://{}/bridge/consent", self.gopay);
        let answer = self.http.post(consent).json(&decision).send().await;
        assert_eq!(answer.unwrap().status(), StatusCode::OK);
    }

    pub(crate) async fn exchange(&self, auth_code: &str) -> Response {
        let request = self.http.post(self.merchant("/api/session"));
        let request = request.json(&json!({"auth_code": auth_code}));
        request.send().await.unwrap()
    }

    /// What the app of a buyer who signs in gets.
    pub(crate) async fn session(&self, buyer: &str) -> Session {
        let answer = self.exchange(&self.auth_code(buyer).await).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }

    pub(crate) async fn sign_in(&self, buyer: &str) -> Buyer {
        let answer = self.exchange(&self.auth_code(buyer).await).await;
        assert_eq!(answer.status(), StatusCode::OK);
        Buyer::new(&answer)
    }

    /// A notification as this GoPay would sign it, sent by hand.
    pub(crate) async fn notify(&self, at: Timestamp, body: &str) -> Response {
        let timestamp = format_wib(at);
        let signature = self.sign(notify::PATH, &timestamp, body);
        self.notification(&timestamp, &signature, body)
            .send()
            .await
            .unwrap()
    }

    /// GoPay's signature over a notification that it sends to this path.
    pub(crate) fn sign(&self, path: &str, timestamp: &str, body: &str) -> String {
        let string = notification_string_to_sign(path, &body_hash(body.as_bytes()), timestamp);
        gopay_key().sign(&string).unwrap()
    }

    pub(crate) fn notification(
        &self,
        timestamp: &str,
        signature: &str,
        body: &str,
    ) -> RequestBuilder {
        self.http
            .post(self.merchant(notify::PATH))
            .header("content-type", "application/json")
            .header("x-timestamp", timestamp)
            .header("x-signature", signature)
            .body(body.to_owned())
    }
}

impl Drop for TestEnv {
    fn drop(&mut self) {
        self.serving.abort_all();
        // A thread of its own: this one cannot wait for anything.
        let url = self.database_url();
        let folder = self.folder.to_path_buf();
        let report = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all();
            runtime.build().unwrap().block_on(async {
                let report = verify(&url).await.unwrap();
                test_database::scan(&folder).await;
                report
            })
        })
        .join();
        if !std::thread::panicking() {
            let report = report.unwrap();
            assert_eq!(report.violations(), 0, "{report}");
            log_scan::assert_clean();
        }
    }
}

/// Somebody with a session.
pub(crate) struct Buyer {
    pub(crate) cookie: String,
}

impl Buyer {
    pub(crate) fn new(signed_in: &Response) -> Self {
        let cookie = signed_in.headers()["set-cookie"].to_str().unwrap();
        Self {
            cookie: cookie.split(';').next().unwrap().to_owned(),
        }
    }

    pub(crate) fn get(&self, env: &TestEnv, path: &str) -> RequestBuilder {
        let request = env.http.get(env.merchant(path));
        request.header("cookie", &self.cookie)
    }

    pub(crate) fn post(&self, env: &TestEnv, path: &str) -> RequestBuilder {
        let request = env.http.post(env.merchant(path));
        request.header("cookie", &self.cookie)
    }

    pub(crate) fn delete(&self, env: &TestEnv, path: &str) -> RequestBuilder {
        let request = env.http.delete(env.merchant(path));
        request.header("cookie", &self.cookie)
    }

    /// Two milk coffees, please.
    pub(crate) async fn place(&self, env: &TestEnv, key: &str) -> Response {
        self.post(env, "/api/orders")
            .header("idempotency-key", key)
            .json(&coffee())
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn order(&self, env: &TestEnv) -> Order {
        let answer = self.place(env, &Uuid::new_v4().to_string()).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        answer.json().await.unwrap()
    }

    pub(crate) fn pay_again(&self, env: &TestEnv, id: &OrderId, key: &str) -> RequestBuilder {
        self.post(env, &format!("/api/orders/{id}/payment"))
            .header("idempotency-key", key)
    }

    pub(crate) fn cancel(&self, env: &TestEnv, id: &OrderId) -> RequestBuilder {
        self.post(env, &format!("/api/orders/{id}/cancel"))
    }

    pub(crate) async fn orders(&self, env: &TestEnv) -> Vec<Order> {
        read(self.get(env, "/api/orders")).await
    }

    pub(crate) async fn see(&self, env: &TestEnv, id: &OrderId) -> Order {
        read(self.get(env, &format!("/api/orders/{id}"))).await
    }

    pub(crate) async fn status(&self, env: &TestEnv, id: &OrderId) -> OrderStatus {
        self.see(env, id).await.status
    }

    /// Places an order that meets GoPay's faults: the merchant cannot say how it is.
    pub(crate) async fn place_in_vain(&self, env: &TestEnv, key: &str) {
        let answer = self.place(env, key).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(problem(answer).await.code, ProblemCode::GopayUnavailable);
    }

    /// Repeats the request, as the app does, until the merchant knows of a payment.
    pub(crate) async fn place_until_it_works(&self, env: &TestEnv, key: &str) -> Order {
        eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
            let answer = self.place(env, key).await;
            if answer.status() == StatusCode::CREATED {
                return Ok(answer.json().await.unwrap());
            }
            let code = problem(answer).await.code;
            assert!(
                matches!(code, ProblemCode::GopayUnavailable | ProblemCode::UnderWay),
                "{code:?}"
            );
            Err(code)
        })
        .await
    }

    /// Asks, as the app does, until the order is where it should be.
    pub(crate) async fn wait_until(&self, env: &TestEnv, id: &OrderId, status: OrderStatus) {
        eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
            let seen = self.status(env, id).await;
            (seen == status).then_some(()).ok_or(seen)
        })
        .await;
    }

    /// Looks at the newest order without having GoPay asked, until it is where it should be.
    pub(crate) async fn wait_until_listed(&self, env: &TestEnv, status: OrderStatus) -> Order {
        eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
            let order = self.orders(env).await.remove(0);
            let seen = order.status;
            (seen == status).then_some(order).ok_or(seen)
        })
        .await
    }

    /// Asks, as the app does, until the order is no longer open.
    pub(crate) async fn wait_for_the_end(&self, env: &TestEnv, id: &OrderId) -> OrderStatus {
        eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
            let status = self.status(env, id).await;
            if status.is_open() {
                Err(status)
            } else {
                Ok(status)
            }
        })
        .await
    }
}

/// Sends, and reads the answer of a request that is expected to succeed.
pub(crate) async fn read<T: DeserializeOwned>(request: RequestBuilder) -> T {
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.json().await.unwrap()
}

pub(crate) fn coffee() -> Value {
    json!({"lines": [{"product": "kopi-susu", "quantity": 2}], "expected_total": 50_000})
}

pub(crate) async fn problem(answer: Response) -> Problem {
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let status = answer.status().as_u16();
    let problem: Problem = answer.json().await.unwrap();
    assert_eq!(problem.status, status);
    problem
}
