//! A merchant written from the documents; it can also send invalid requests.

use gopay_protocol::{
    ClientSecret, Secret, SigningKey, VerifyingKey, signature::body_hash, timestamp::format_wib,
};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use simulator::{
    Gallery, Keys, Options, Package, Running, Simulator,
    account::{self, Account},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use test_kit::{gopay_key, http_client, merchant_key};

pub(crate) const PAYMENT: &str = "/v1.0/debit/payment-host-to-host";
pub(crate) const STATUS: &str = "/v1.0/debit/status";
pub(crate) const CANCEL: &str = "/v1.0/debit/cancel";
pub(crate) const REFUND: &str = "/v1.0/debit/refund";
pub(crate) const TOKEN: &str = "/v1.0/access-token/b2b";
pub(crate) const EXCHANGE: &str = "/v1/mini-apps/authorizations/token";

/// A simulator of its own, and its merchant's keys.
pub(crate) struct Merchant {
    pub(crate) http: Client,
    /// Where the simulator is controlled.
    pub(crate) url: String,
    /// Where the payment APIs are called.
    pub(crate) apis: String,
    pub(crate) account: Account,
    pub(crate) server_key: String,
    pub(crate) private_key: SigningKey,
    pub(crate) client_secret: Secret,
    pub(crate) auth_credentials: Secret,
    pub(crate) gopay: VerifyingKey,
    next_id: AtomicUsize,
    running: Arc<Running>,
}

/// One transaction request, ready to be changed.
#[derive(Clone)]
pub(crate) struct Transaction {
    pub(crate) path: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Transaction {
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        for (header, text) in &mut self.headers {
            if *header == name {
                value.clone_into(text);
            }
        }
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(header, _)| *header != name);
        self
    }
}

impl Merchant {
    /// Without a receiver of notifications.
    pub(crate) async fn new() -> Self {
        Self::notified_at("http://127.0.0.1:9").await
    }

    pub(crate) async fn notified_at(notify: &str) -> Self {
        Self::with(notify, |simulator| simulator).await
    }

    /// With a mini app's files, as V1 has them.
    pub(crate) async fn with_package(package: Package) -> Self {
        Self::with("http://127.0.0.1:9", |it| it.with_package(package)).await
    }

    /// With a mini app's states.
    pub(crate) async fn with_gallery(gallery: Gallery) -> Self {
        Self::with("http://127.0.0.1:9", |it| it.with_gallery(gallery)).await
    }

    /// With Midtrans' sandbox: both hosts, and the merchant speaks to the sandbox.
    pub(crate) async fn in_sandbox(notify: &str) -> Self {
        let mut merchant = Self::bound(notify, async |it| {
            it.with_sandbox("127.0.0.1:0".parse().unwrap())
                .await
                .unwrap()
        })
        .await;
        let sandbox = merchant.running.sandbox_address().unwrap();
        merchant.apis = format!("http://{sandbox}");
        merchant.server_key = account::SANDBOX_SERVER_KEY.to_owned();
        merchant
    }

    pub(crate) async fn with(notify: &str, add: impl FnOnce(Simulator) -> Simulator) -> Self {
        Self::bound(notify, async |simulator| add(simulator)).await
    }

    async fn bound(notify: &str, add: impl AsyncFnOnce(Simulator) -> Simulator) -> Self {
        let (private_key, gopay) = (merchant_key(), gopay_key());
        let merchant = VerifyingKey::from_pem(&private_key.public_pem().unwrap()).unwrap();
        let keys = Keys {
            gopay,
            client_secret: Secret::new("client secret"),
            auth_credentials: Secret::new("auth credentials"),
            merchant,
        };
        let client_secret = keys.client_secret.clone();
        let auth_credentials = keys.auth_credentials.clone();
        let gopay = VerifyingKey::from_pem(&keys.gopay.public_pem().unwrap()).unwrap();
        let simulator = Simulator::bind(Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            app: "http://localhost:8080".parse().unwrap(),
            notify: notify.parse().unwrap(),
            keys,
        })
        .await
        .unwrap();
        let running = Arc::new(add(simulator).await.spawn());
        let url = format!("http://{}", running.address());
        Self {
            http: http_client(),
            apis: url.clone(),
            account: Account::default(),
            server_key: account::SERVER_KEY.to_owned(),
            url,
            private_key,
            client_secret,
            auth_credentials,
            gopay,
            next_id: AtomicUsize::new(1),
            running,
        }
    }

    /// Another merchant of the same simulator.
    pub(crate) fn other(&self, account: Account, key: SigningKey, client_secret: Secret) -> Self {
        Self {
            http: self.http.clone(),
            url: self.url.clone(),
            apis: self.apis.clone(),
            server_key: account.server_key.clone(),
            account,
            private_key: key,
            client_secret,
            auth_credentials: self.auth_credentials.clone(),
            gopay: self.gopay.clone(),
            next_id: AtomicUsize::new(1),
            running: Arc::clone(&self.running),
        }
    }

    pub(crate) fn simulator(&self) -> &Running {
        &self.running
    }

    pub(crate) fn new_id(&self) -> String {
        format!("id-{}", self.next_id.fetch_add(1, Ordering::Relaxed))
    }

    /// The headers of a good token request.
    pub(crate) fn token_headers(&self, at: Timestamp) -> Vec<(&'static str, String)> {
        let timestamp = format_wib(at);
        let string_to_sign = format!("{}|{timestamp}", self.account.client_key);
        vec![
            ("Content-Type", "application/json".to_owned()),
            ("X-CLIENT-KEY", self.account.client_key.clone()),
            ("X-TIMESTAMP", timestamp),
            (
                "X-SIGNATURE",
                self.private_key.sign(&string_to_sign).unwrap(),
            ),
        ]
    }

    pub(crate) async fn token(&self) -> String {
        let headers = self.token_headers(Timestamp::now());
        let body = json!({"grantType": "client_credentials"}).to_string();
        let (status, answer) = self.post(TOKEN, &headers, body).await;
        assert_eq!(status, 200, "{answer}");
        answer["accessToken"].as_str().unwrap().to_owned()
    }

    /// A good request to any of the transaction APIs.
    pub(crate) fn transaction(&self, path: &'static str, token: &str, body: &Value) -> Transaction {
        self.transaction_at(path, token, body, Timestamp::now())
    }

    pub(crate) fn transaction_at(
        &self,
        path: &'static str,
        token: &str,
        body: &Value,
        at: Timestamp,
    ) -> Transaction {
        let body = body.to_string();
        let timestamp = format_wib(at);
        let hash = body_hash(body.as_bytes());
        let signature = ClientSecret::new(&self.client_secret)
            .sign(&format!("POST:{path}:{token}:{hash}:{timestamp}"));
        Transaction {
            path,
            headers: vec![
                ("Content-Type", "application/json".to_owned()),
                ("Authorization", format!("Bearer {token}")),
                ("X-TIMESTAMP", timestamp),
                ("X-SIGNATURE", signature),
                ("X-PARTNER-ID", self.account.partner_id.clone()),
                ("X-EXTERNAL-ID", self.new_id()),
                ("CHANNEL-ID", "12345".to_owned()),
                ("X-DEVICE-ID", "test".to_owned()),
            ],
            body,
        }
    }

    pub(crate) async fn send(&self, transaction: Transaction) -> (u16, Value) {
        let Transaction {
            path,
            headers,
            body,
        } = transaction;
        self.post(path, &headers, body).await
    }

    /// A good payment of 25000 rupiah; what GoPay answered.
    pub(crate) async fn pay(&self) -> Value {
        let token = self.token().await;
        let (status, answer) = self
            .send(self.transaction(PAYMENT, &token, &order(&token)))
            .await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The reference of a good payment.
    pub(crate) async fn reference(&self) -> String {
        text(&self.pay().await["referenceNo"])
    }

    /// The response to an inquiry.
    pub(crate) async fn status(&self, body: Value) -> Value {
        let token = self.token().await;
        let (status, answer) = self.send(self.transaction(STATUS, &token, &body)).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The SDK's response to a page.
    pub(crate) async fn call(&self, class: &str, method: &str, params: Value) -> Value {
        let call = json!({"class": class, "method": method, "params": params});
        self.control(Method::POST, "/bridge/call", call).await.1
    }

    pub(crate) async fn auth_code(&self) -> String {
        let verdict = self.call("GPMiniAppAuth", "getAuthCode", json!({})).await;
        text(&verdict["reply"]["data"]["authCode"])
    }

    /// A buyer's `auth_token`.
    pub(crate) async fn auth_token(&self, buyer: &str) -> String {
        let call = json!({"class": "GPMiniAppAuth", "method": "getAuthCode", "buyer": buyer});
        let (_, verdict) = self.control(Method::POST, "/bridge/call", call).await;
        let body = json!({"auth_code": verdict["reply"]["data"]["authCode"]}).to_string();
        let basic = format!("Basic {}", self.auth_credentials.expose());
        let (_, granted) = self.post(EXCHANGE, &[("Authorization", basic)], body).await;
        text(&granted["data"]["auth_token"])
    }

    /// A call of Snap or the Core API, under the server key.
    pub(crate) async fn call_api(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        self.call_api_with(&self.server_key, method, path, body)
            .await
    }

    pub(crate) async fn call_api_with(
        &self,
        server_key: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.apis));
        let request = request.basic_auth(server_key, Some("")).json(body);
        read(request.send().await.unwrap()).await
    }

    /// The payment of an order, as the ledger has it.
    pub(crate) async fn payment(&self, order_id: &str) -> Value {
        let ledger = self.ask(Method::GET, "/control/ledger").await.1;
        let payments = ledger["payments"].as_array().unwrap();
        let mut of_order = payments
            .iter()
            .filter(|payment| payment["partner_reference_no"] == order_id);
        of_order.next().unwrap().clone()
    }

    /// A request of a page that the payment APIs' host serves.
    pub(crate) async fn web(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.apis));
        read(request.json(&body).send().await.unwrap()).await
    }

    /// A request of the control API or the bridge.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.url));
        read(request.json(&body).send().await.unwrap()).await
    }

    /// A request without a body.
    pub(crate) async fn ask(&self, method: Method, path: &str) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.url));
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn act(&self, reference_no: &str, act: &str) -> (u16, Value) {
        let path = format!("/control/payments/{reference_no}/{act}");
        self.ask(Method::POST, &path).await
    }

    pub(crate) async fn advance(&self, by: SignedDuration) {
        let advance = json!({"seconds": by.as_secs()});
        let (status, answer) = self
            .control(Method::POST, "/control/clock/advance", advance)
            .await;
        assert_eq!(status, 200, "{answer}");
    }

    /// The entries of one kind.
    pub(crate) async fn entries(&self, kind: &str) -> Vec<Value> {
        let ledger = self.ask(Method::GET, "/control/ledger").await.1;
        let entries = ledger["entries"].as_array().unwrap();
        let of_kind = entries.iter().filter(|entry| entry["kind"] == kind);
        of_kind.cloned().collect()
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&'static str, String)],
        body: String,
    ) -> (u16, Value) {
        let mut request = self.http.post(format!("{}{path}", self.apis)).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        read(request.send().await.unwrap()).await
    }
}

/// A good payment.
pub(crate) fn order(token: &str) -> Value {
    json!({
        "partnerReferenceNo": "ORDER-1",
        "chargeToken": token,
        "merchantId": account::MERCHANT_ID,
        "payOptionDetails": [{
            "payMethod": "GOPAY",
            "payOption": "GOPAY",
            "transAmount": {"value": "25000.00", "currency": "IDR"},
        }],
        "additionalInfo": {"pointOfPurchaseId": account::POINT_OF_PURCHASE_ID},
    })
}

/// The text of a mandatory field.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = response.text().await.unwrap();
    let value = serde_json::from_str(&body).unwrap_or(Value::String(body));
    (status, value)
}
