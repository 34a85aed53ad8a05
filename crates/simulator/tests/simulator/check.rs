//! `gopay-simulator check`, with back ends written from GoPay's documents: one that is careful, and one that
//! believes what it is sent.

use crate::merchant::{Merchant, PAYMENT, STATUS, order};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use gopay_protocol::{
    VerifyingKey,
    message::notify,
    signature::{body_hash, notification_string_to_sign},
};
use serde_json::{Value, json};
use simulator::{
    account,
    check::{BackEnd, CheckError, Report, Verdict},
};
use std::{
    collections::HashMap,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};
use test_kit::{gopay_key, output_of, serve};

const WAIT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    Careful,
    Naive,
}

#[derive(Debug, Clone, Default)]
struct Order {
    reference_no: Option<String>,
    status: String,
}

/// Orders by the merchant's number.
struct Shop {
    care: Care,
    gopay: VerifyingKey,
    orders: Mutex<HashMap<String, Order>>,
}

impl Shop {
    fn order(&self, id: &str) -> Option<Order> {
        self.orders.lock().unwrap().get(id).cloned()
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.orders.lock().unwrap().get_mut(id) {
            change(order);
        }
    }

    fn notified(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        let parsed = serde_json::from_slice::<Value>(body);
        let message = parsed.ok().filter(Value::is_object);
        match (self.care, message) {
            (Care::Careful, _) if !self.is_genuine(headers, body) => StatusCode::UNAUTHORIZED,
            (Care::Careful, None) => StatusCode::BAD_REQUEST,
            (Care::Careful, Some(message)) => {
                self.record(&message, &message["amount"]);
                StatusCode::OK
            }
            (Care::Naive, None) => StatusCode::INTERNAL_SERVER_ERROR,
            (Care::Naive, Some(message)) => {
                let id = message["originalPartnerReferenceNo"].as_str();
                let status = message["latestTransactionStatus"].as_str();
                if let (Some(id), Some(status)) = (id, status) {
                    self.change(id, |order| status.clone_into(&mut order.status));
                }
                StatusCode::OK
            }
        }
    }

    fn is_genuine(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(timestamp), Some(signature)) = (header("x-timestamp"), header("x-signature"))
        else {
            return false;
        };
        let string = notification_string_to_sign(notify::PATH, &body_hash(body), timestamp);
        self.gopay.verify(&string, signature)
    }

    /// Takes over what a notification or an inquiry says. Paid is paid.
    fn record(&self, message: &Value, amount: &Value) {
        let merchant_id = &message["merchantId"];
        if !merchant_id.is_null() && merchant_id != account::MERCHANT_ID {
            return;
        }
        let id = message["originalPartnerReferenceNo"].as_str();
        self.change(id.unwrap_or_default(), |order| {
            let reference_no = message["originalReferenceNo"].as_str();
            let known = order.reference_no.as_deref().or(reference_no);
            let is_paid = message["latestTransactionStatus"] == "00"
                && reference_no == known
                && *amount == json!({"value": "25000.00", "currency": "IDR"});
            if is_paid {
                "00".clone_into(&mut order.status);
            }
        });
    }
}

struct TestBackEnd {
    shop: Arc<Shop>,
    merchant: Merchant,
    /// Whether orders can be asked about.
    tells_states: bool,
}

impl TestBackEnd {
    async fn new(care: Care) -> Self {
        let gopay = gopay_key().public_pem().unwrap();
        let shop = Arc::new(Shop {
            care,
            gopay: VerifyingKey::from_pem(&gopay).unwrap(),
            orders: Mutex::default(),
        });
        let handle = async |State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes| {
            shop.notified(&headers, &body)
        };
        let app = Router::new()
            .route(notify::PATH, post(handle))
            .with_state(Arc::clone(&shop));
        let (address, _) = serve(app).await;
        Self {
            shop,
            merchant: Merchant::notified_at(&format!("http://{address}")).await,
            tells_states: true,
        }
    }

    async fn check(&self) -> Result<Report, CheckError> {
        self.merchant.simulator().check(self, WAIT).await
    }

    /// The answer to a request, which may be lost.
    async fn request(&self, path: &'static str, body: &Value, id: &str) -> Option<Value> {
        let token = self.merchant.token().await;
        let mut body = body.clone();
        if path == PAYMENT {
            body["chargeToken"] = json!(token);
        }
        let transaction = self.merchant.transaction(path, &token, &body);
        let transaction = transaction.set("X-EXTERNAL-ID", id);
        let url = format!("{}{path}", self.merchant.url);
        let mut request = self.merchant.http.post(url).body(transaction.body);
        for (name, value) in transaction.headers {
            request = request.header(name, value);
        }
        request.send().await.ok()?.json().await.ok()
    }
}

impl BackEnd for TestBackEnd {
    async fn place_order(&self, _: String) -> Result<String, String> {
        let id = self.merchant.new_id();
        let mut body = order("");
        body["partnerReferenceNo"] = json!(id);
        // Before GoPay is asked, because the answer may be lost.
        let placed = Order::default();
        self.shop.orders.lock().unwrap().insert(id.clone(), placed);
        for attempt in 0..2 {
            let external_id = match self.shop.care {
                Care::Careful => id.clone(),
                Care::Naive => format!("{id}-{attempt}"),
            };
            if let Some(answer) = self.request(PAYMENT, &body, &external_id).await {
                let reference_no = answer["referenceNo"].as_str().map(str::to_owned);
                self.shop
                    .change(&id, |order| order.reference_no = reference_no);
                return Ok(id);
            }
        }
        Err("GoPay does not answer".to_owned())
    }

    async fn is_paid(&self, id: String, _: String) -> Result<Option<bool>, String> {
        if !self.tells_states {
            return Ok(None);
        }
        let order = self.shop.order(&id).ok_or("no such order")?;
        if self.shop.care == Care::Careful && order.status != "00" {
            let inquiry = json!({"originalReferenceNo": order.reference_no, "serviceCode": "54"});
            let external_id = self.merchant.new_id();
            if let Some(answer) = self.request(STATUS, &inquiry, &external_id).await {
                self.shop.record(&answer, &answer["transAmount"]);
            }
        }
        Ok(self.shop.order(&id).map(|order| order.status == "00"))
    }
}

#[tokio::test]
async fn a_careful_back_end_has_full_marks() {
    let report = TestBackEnd::new(Care::Careful).await.check().await.unwrap();
    assert!(report.is_full(), "{report}");
    assert!(report.of >= 30);
    let last = format!("score: {0} of {0}\n", report.of);
    assert!(report.to_string().ends_with(&last), "{report}");
}

#[tokio::test]
async fn a_back_end_that_believes_everything_fails_by_name() {
    let report = TestBackEnd::new(Care::Naive).await.check().await.unwrap();
    assert_eq!(
        report.ids(Verdict::Failed),
        [
            "unsigned",
            "empty-signature",
            "garbage-signature",
            "foreign-key",
            "body-changed",
            "other-path",
            "other-time",
            "other-merchant",
            "other-reference",
            "other-amount",
            "other-currency",
            "pending-after-paid",
            "cancelled-after-paid",
            "failed-after-paid",
            "expired-after-paid",
            "lost-payment-answer",
            "not-json",
            "not-an-object",
            "deep-json",
        ],
        "{report}"
    );
    assert_eq!(report.ids(Verdict::NotJudged), Vec::<&str>::new());
    let unsigned = &report.attacks[1];
    assert_eq!(unsigned.found.as_deref(), Some("answered 200"));
    let curl = unsigned.curl.as_deref().unwrap();
    assert!(curl.starts_with("curl -X POST 'http://"), "{curl}");
    assert!(!curl.contains("x-signature"), "{curl}");
}

#[tokio::test]
async fn answers_alone_are_judged_where_no_state_is_told() {
    let back_end = TestBackEnd {
        tells_states: false,
        ..TestBackEnd::new(Care::Careful).await
    };
    let report = back_end.check().await.unwrap();
    assert!(!report.states_known && !report.is_full());
    assert_eq!(report.ids(Verdict::Failed), Vec::<&str>::new(), "{report}");
    let passed = report.ids(Verdict::Passed);
    assert!(passed.contains(&"unsigned") && !passed.contains(&"genuine"));
    assert!(report.to_string().contains("Only answers were judged"));
}

/// Is connected to another GoPay.
struct Unconnected;

impl BackEnd for Unconnected {
    async fn place_order(&self, _: String) -> Result<String, String> {
        Ok("order 7 is placed".to_owned())
    }

    async fn is_paid(&self, _: String, _: String) -> Result<Option<bool>, String> {
        Ok(None)
    }
}

#[tokio::test]
async fn a_back_end_that_asks_for_no_payment_cannot_be_checked() {
    let merchant = Merchant::new().await;
    let checked = merchant.simulator().check(&Unconnected, Duration::ZERO);
    let error = checked.await.unwrap_err().to_string();
    assert!(error.contains("no payment was asked for"), "{error}");
    assert!(error.ends_with("It said: order 7 is placed"), "{error}");
}

/// The end of `gopay-simulator check` with these arguments.
fn check(arguments: &[&str]) -> (Option<i32>, String) {
    let keys = test_kit::TempDir::create();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gopay-simulator"));
    let keys = keys.join("keys").display().to_string();
    command.args(["--keys", &keys, "check", "--listen", "127.0.0.1:0"]);
    let output = output_of(command.args(arguments));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), error)
}

#[test]
fn a_check_that_cannot_begin_says_why() {
    for (arguments, why) in [
        (&[][..], "name with --order a command"),
        (
            &["--order", "true", "--state", "true"],
            "--state needs --paid",
        ),
        (&["--order", "true", "--paid", "x"], "--paid needs --state"),
        (
            &["--order", "echo no stock >&2; exit 3"],
            "exit status: 3: no stock",
        ),
    ] {
        let (code, error) = check(arguments);
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains(why), "{error}");
    }
}
