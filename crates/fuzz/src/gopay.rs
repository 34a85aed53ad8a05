//! The shipped client of GoPay's APIs, over a transport that answers with the input.

use crate::json;
use contract::{OrderStatus, PaymentWay, Rupiah};
use gopay_protocol::{
    ClientSecret, Secret, ServerKey, SigningKey,
    message::{access_token, payment, status},
};
use merchant::{
    adapters::gopay::GoPay,
    config::{ContainerUrls, CspExtra, Environment, GoPayAccount, MinimumTls, SnapAccount},
    domain::{
        attempt::Attempt,
        gopay_result::Error,
        operator_policy::Confirmation,
        operator_policy::PaidWithoutAmount,
        order::StoredOrder,
        payment_decision::{InquiryDecision, after_inquiry},
        payment_event::PaymentEvent,
        time::Timestamp,
    },
    ports::{Clock, RawResponse, Transport},
};
use reqwest::{
    Client, Request, StatusCode,
    header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use std::{
    future::{Future, ready},
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};
use tokio::runtime::{Builder, Runtime};

/// What a payment is asked for with.
pub(crate) const TOTAL: Rupiah = Rupiah::new(10_000);

/// The ids of the vendor's samples.
pub(crate) const REFERENCE_NO: &str = "A120240930071006pW0gbFMTguID";
pub(crate) const ORDER_ID: &str = "ORDER-1";
pub(crate) const EXTERNAL_ID: &str = "41807553358950093184162180797837";

/// Longer than any token lives, and than any pause lasts.
const FORGET_AFTER: Duration = Duration::from_secs(1000);

/// GoPay's answer to the next request, and what is asked: `<what> <HTTP status> <Retry-After> <Date>` in
/// the first line, then the body. The headers may be left out.
#[derive(Debug, Clone)]
pub(crate) struct Answer<'a> {
    pub(crate) asked: &'a str,
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    pub(crate) body: &'a [u8],
}

impl<'a> Answer<'a> {
    pub(crate) fn parse(input: &'a [u8]) -> Option<Self> {
        let (line, body) = crate::split_line(input)?;
        if json::is_ambiguous(body) {
            return None;
        }
        let mut words = line.splitn(4, ' ');
        let asked = words.next()?;
        let status = StatusCode::from_bytes(words.next()?.as_bytes()).ok()?;
        let mut headers = HeaderMap::new();
        for (name, value) in [RETRY_AFTER, DATE].into_iter().zip(words) {
            headers.insert(name, HeaderValue::from_str(value).ok()?);
        }
        Some(Self {
            asked,
            status,
            headers,
            body,
        })
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(self.body).unwrap_or_default()
    }
}

/// Answers each request with the input, and one for an access token with a good one, unless the input is
/// the answer to that.
#[derive(Debug, Default)]
struct InputTransport(Mutex<(bool, RawResponse)>);

impl Transport for InputTransport {
    fn execute(
        &self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<RawResponse, Error>> + Send + '_>> {
        let locked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (is_about_token, input) = &*locked;
        let answer = if request.url().path() == access_token::PATH && !is_about_token {
            RawResponse {
                status: StatusCode::OK,
                body: br#"{"responseCode":"2007300","accessToken":"t","expiresIn":"900"}"#.to_vec(),
                ..RawResponse::default()
            }
        } else {
            RawResponse {
                status: input.status,
                headers: input.headers.clone(),
                body: input.body.clone(),
            }
        };
        Box::pin(ready(Ok(answer)))
    }
}

pub(crate) struct Harness {
    runtime: Runtime,
    transport: Arc<InputTransport>,
    gopay: GoPay,
}

/// Making a key takes longer than all else.
fn key() -> SigningKey {
    static PEM: OnceLock<Secret> = OnceLock::new();
    let pem = PEM.get_or_init(|| SigningKey::generate().unwrap().to_pem().unwrap());
    SigningKey::from_pem(pem.expose()).unwrap()
}

impl Harness {
    pub(crate) fn new(environment: Environment) -> Self {
        let url: url::Url = "https://gopay.example".parse().unwrap();
        let account = GoPayAccount {
            environment,
            bi_snap_url: url.clone(),
            container: Some(ContainerUrls {
                mini_app_url: url.clone(),
                sdk_url: url.clone(),
            }),
            client_key: "client".to_owned(),
            client_secret: ClientSecret::new(&Secret::new("secret")).into(),
            partner_id: "partner".to_owned(),
            merchant_id: "merchant".to_owned(),
            channel_id: "12345".to_owned(),
            private_key: key().into(),
            public_keys: Vec::new(),
            payment_link_hosts: vec!["pay.gopay.example".to_owned()],
            proxy_url: None,
            minimum_tls: MinimumTls::default(),
            csp_extra: CspExtra::default(),
            background_requests_per_second: GoPayAccount::BACKGROUND_REQUESTS_PER_SECOND,
            snap: Some(SnapAccount {
                snap_url: url.clone(),
                core_api_url: url,
                server_key: ServerKey::new(&Secret::new("Mid-server-fuzz"))
                    .unwrap()
                    .into(),
                client_key: "Mid-client-fuzz".to_owned(),
            }),
        };
        let transport = Arc::<InputTransport>::default();
        // Nothing is sent over it.
        let http = Client::builder().no_proxy().build().unwrap();
        let clock = Clock::new(|| jiff::Timestamp::UNIX_EPOCH);
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        Self {
            runtime,
            gopay: GoPay::over(transport.clone(), http, Arc::new(account), clock),
            transport,
        }
    }

    /// Runs one call of the client, for which GoPay has this answer.
    pub(crate) fn ask<'a, T, F: Future<Output = T>>(
        &'a self,
        answer: &Answer<'_>,
        call: impl FnOnce(&'a GoPay) -> F,
    ) -> T {
        *self
            .transport
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = (
            answer.asked == "token",
            RawResponse {
                status: answer.status,
                headers: answer.headers.clone(),
                body: answer.body.to_vec(),
            },
        );
        // No input has an effect on the next one: tokens and pauses end.
        let is_about_token = answer.asked == "token";
        let is_remembered = is_about_token || matches!(answer.status.as_u16(), 401 | 429);
        self.runtime.block_on(async {
            if is_about_token {
                tokio::time::advance(FORGET_AFTER).await;
            }
            let result = call(&self.gopay).await;
            if is_remembered {
                tokio::time::advance(FORGET_AFTER).await;
            }
            result
        })
    }
}

thread_local! {
    static HARNESS: Harness = Harness::new(Environment::Production);
}

pub(crate) fn with<T>(run: impl FnOnce(&Harness) -> T) -> T {
    HARNESS.with(run)
}

/// The stored body of a request for a payment through BI-SNAP.
pub(crate) fn bi_snap_request() -> String {
    let request = serde_json::json!({
        "partnerReferenceNo": ORDER_ID,
        "payOptionDetails": [{
            "payMethod": "GOPAY",
            "payOption": "GOPAY",
            "transAmount": {"value": "10000.00", "currency": "IDR"},
        }],
        "additionalInfo": {},
    })
    .to_string();
    assert!(serde_json::from_str::<payment::Request>(&request).is_ok());
    request
}

pub(crate) fn attempt(request: String, way: Option<PaymentWay>) -> Attempt {
    Attempt {
        external_id: EXTERNAL_ID.into(),
        number: 1,
        idempotency_key: "key".into(),
        request,
        created_at: Timestamp::EPOCH,
        valid_until: Timestamp::EPOCH + Duration::from_mins(15),
        reference_no: way.as_ref().map(|_| REFERENCE_NO.into()),
        way,
        events: Vec::new(),
    }
}

/// What follows for an order with this one attempt, ten minutes after it was made.
pub(crate) fn decide(
    attempt: &Attempt,
    answer: &Result<status::Response, Error>,
) -> InquiryDecision {
    let order = StoredOrder {
        id: "0123456789abcdef0123456789abcdef".into(),
        customer_id: "buyer".into(),
        mini_app: "shop".into(),
        lines: Vec::new(),
        total: TOTAL,
        discount: None,
        table: None,
        created_at: Timestamp::EPOCH,
        status: OrderStatus::AwaitingPayment,
        confirmation: Confirmation::NotNeeded,
        pickup_code: None,
        rewards: Vec::new(),
        attempts: vec![attempt.clone()],
    };
    let now = Timestamp::EPOCH + Duration::from_mins(10);
    let decision = after_inquiry(&order, attempt, answer, PaidWithoutAmount::Paid, now);
    if let (InquiryDecision::Record(event), Err(_)) = (decision, answer) {
        assert!(
            !event.is_money() && event != PaymentEvent::Cancelled,
            "{event:?} without an answer"
        );
    }
    decision
}

/// A refusal is one only where GoPay's answer is clear.
pub(crate) fn check_error(error: Error, status: StatusCode) {
    match error {
        Error::Refused(code) => assert!(
            status.is_client_error() && code.http == status.as_u16()
                || status == StatusCode::OK && code.http >= 400,
            "{error:?} after {status}"
        ),
        Error::NotSent => panic!("a request that was sent counts as not sent, after {status}"),
        Error::Throttled => {}
        Error::Credentials { .. } | Error::Conflict(_) | Error::Unknown(_) => {}
    }
}
