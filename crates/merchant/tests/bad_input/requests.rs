//! W, what comes to the address of GoPay's notifications, and A, what comes to the app's API.

use crate::{
    catalogue::{Input, inputs},
    env::{Env, MARKER, Placed, Rows},
    gopay_double::merge_json,
    http::{Answer, exchange},
    text::{OrFalse, Text, Values},
};
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::{message::notify, signature::body_hash, timestamp::format_wib};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use test_kit::{POLL_INTERVAL, gopay_key};
use uuid::Uuid;

/// How often the order is looked at until an inquiry has found the payment: for ten seconds and more.
const INQUIRY_CHECKS: u32 = 2_000;

/// A request, and what follows from it. `docs/FAULTS.md` has an example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(default = "post")]
    method: String,
    path: Option<Text>,
    /// In the place of the usual ones; `false` leaves one out.
    #[serde(default)]
    headers: BTreeMap<String, OrFalse<Text>>,
    /// Behind the others.
    #[serde(default)]
    more_headers: Vec<(Text, Text)>,
    body: Option<Text>,
    /// Of a notification: a JSON merge patch (RFC 7396).
    merge: Option<String>,
    /// Of a notification: texts of its JSON, and what stands there instead.
    #[serde(default)]
    replace: Vec<(Text, Text)>,
    /// How long ago, or how soon, `{now}` is.
    #[serde(default)]
    age: String,
    #[serde(default = "now")]
    timestamp: Text,
    #[serde(default)]
    sign: Sign,
    /// The buyer whose session it has.
    #[serde(rename = "as", default)]
    buyer: Buyer,
    /// Whether a notification is sent a second time, under another X-EXTERNAL-ID.
    #[serde(default)]
    twice: bool,
    /// All bytes of the request, in the place of what is above.
    raw: Option<Text>,
    expect: Expect,
}

fn post() -> String {
    "POST".to_owned()
}

fn now() -> Text {
    Text::Plain("{now}".to_owned())
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Buyer {
    #[default]
    Budi,
    Siti,
    Nobody,
}

/// What a notification's signature is over, and whose it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sign {
    method: Option<String>,
    path: Option<String>,
    body: Option<Text>,
    /// Whether the body is hashed as it is, not minified.
    raw: bool,
    /// The whole text to sign.
    text: Option<Text>,
    with: With,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum With {
    #[default]
    Gopay,
    /// The merchant's own key.
    Merchant,
    /// The client secret, as the merchant signs transactions.
    ClientSecret,
    Pss,
    Sha512,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// One of these; 0 is a connection that is closed without an answer.
    status: Vec<u16>,
    /// `responseCode` of a notification's answer, or `code` of a problem. Without it the answer is no
    /// problem, or one of the HTTP layer, which has no body.
    code: Option<OrFalse<String>>,
    #[serde(default)]
    then: Then,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    without_headers: Vec<String>,
    /// The invariant that `merchant verify` reports from then on.
    violates: Option<String>,
    /// Texts that the answer does not have.
    #[serde(default)]
    without: Vec<Text>,
    /// Texts that it has.
    #[serde(default)]
    with: Vec<Text>,
}

impl Expect {
    fn code(&self) -> Option<&str> {
        match &self.code {
            Some(OrFalse::Value(code)) => Some(code),
            _ => None,
        }
    }
}

/// What is different afterwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Then {
    /// No row of the database.
    #[default]
    Nothing,
    /// The order is paid by the notification.
    Paid,
    /// GoPay is asked, and what it answers counts, not the notification.
    Inquiry,
    /// The order is in review, by the notification.
    Review,
    /// A part of the order's money went back, by the notification.
    PartiallyRefunded,
    /// The notification is kept for a person.
    Unmatched,
    /// There is one more order.
    Order,
    /// There is one more session, or another one in the place of an old one.
    Session,
}

impl Then {
    fn is_of_a_payment(self) -> bool {
        !matches!(
            self,
            Self::Nothing | Self::Unmatched | Self::Order | Self::Session
        )
    }
}

/// Sends all inputs of the ids that begin with this letter, and returns what was not as expected.
pub(crate) async fn run(letter: char) -> (usize, Vec<String>) {
    let mut failures = Vec::new();
    let inputs = inputs(letter);
    let mut runner = Runner::new().await;
    for input in &inputs {
        if let Err(failure) = runner.run(letter, input).await {
            failures.push(format!("{}: {failure}", input.name));
        }
        if let Err(failure) = runner.env.check_process_and_log() {
            failures.push(format!("{}: {failure}", input.name));
        }
    }
    let violations = runner.env.violations().await;
    if violations != runner.violations {
        failures.push(format!("merchant verify reports {violations:?}"));
    }
    let log = runner.env.log();
    for (code, name) in runner.refused_with {
        if !log.contains(&format!("code=\"{code}\"")) {
            failures.push(format!("{name}: no line of the log has the reason {code}"));
        }
    }
    (inputs.len(), failures)
}

struct Runner {
    env: Env,
    /// Orders that no input changes.
    of_budi: Placed,
    of_siti: Placed,
    /// The codes of refusals, with an input that met each.
    refused_with: BTreeSet<(String, String)>,
    /// What inputs of GoPay's make `merchant verify` report.
    violations: BTreeSet<String>,
}

impl Runner {
    async fn new() -> Self {
        let env = Env::new().await;
        let (of_budi, of_siti) = (env.place(&env.budi).await, env.place(&env.siti).await);
        env.forbid_inquiries().await;
        Self {
            of_budi,
            of_siti,
            env,
            refused_with: BTreeSet::new(),
            violations: BTreeSet::new(),
        }
    }

    async fn run(&mut self, letter: char, input: &Input) -> Result<(), String> {
        let request: Request = toml::Value::Table(input.table.clone())
            .try_into()
            .map_err(|error| format!("the file cannot be read: {error}"))?;
        let then = request.expect.then;
        self.violations.extend(request.expect.violates.clone());
        let order = if then.is_of_a_payment() {
            let order = self.env.place(&self.env.budi).await;
            self.env.act(&order, "pay").await;
            order
        } else {
            self.of_budi.clone()
        };
        let is_notification = letter == 'W';
        let values = self.values(&request, &order).await;
        let (bytes, values) = match is_notification {
            true => {
                if request.twice {
                    let (first, values) = self.notification(&request, values.clone());
                    let answers = exchange(self.env.merchant, &first).await?;
                    self.check_answers(&answers, &request.expect, true, &values)?;
                }
                self.notification(&request, values)
            }
            false => self.api_request(&request, values),
        };
        let before = self.env.rows().await;
        let answers = exchange(self.env.merchant, &bytes).await?;
        let answered = self.check_answers(&answers, &request.expect, is_notification, &values);
        let state = self.check_state(then, &order, &before).await;
        answered?;
        if let (Some(code), Some(answer)) = (request.expect.code(), answers.first())
            && answer.status >= 400
        {
            let is_known = self.refused_with.iter().any(|(known, _)| known == code);
            if !is_known {
                let met = (code.to_owned(), input.name.clone());
                self.refused_with.insert(met);
            }
        }
        state
    }

    async fn values(&self, request: &Request, order: &Placed) -> Values {
        let mut values = Values::default();
        let age: SignedDuration = match request.age.as_str() {
            "" => SignedDuration::ZERO,
            age => age.parse().unwrap(),
        };
        let at = Timestamp::now() - age;
        let needs_code = format!("{request:?}").contains("code}");
        if needs_code {
            let used = self.env.auth_code("siti").await;
            let body = json!({"auth_code": used});
            let post = self.env.http.post(self.env.url("/api/session")).json(&body);
            assert!(post.send().await.unwrap().status().is_success());
            values.set("used_code", used);
            values.set("code", self.env.auth_code("siti").await);
        }
        let asks_for = |name: &str| format!("{request:?}").contains(name);
        if asks_for("{another_of_budi}") {
            values.set("another_of_budi", self.env.sign_in("budi").await);
        }
        if asks_for("{expired}") {
            values.set("expired", self.env.expired_session().await);
        }
        let micros = at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string();
        for (name, value) in [
            ("marker", MARKER.to_owned()),
            ("host", self.env.merchant.to_string()),
            (
                "origin",
                format!("http://localhost:{}", self.env.merchant.port()),
            ),
            ("now", format_wib(at)),
            ("now_utc_micros", micros),
            ("now_without_offset", format_wib(at)[..19].to_owned()),
            ("order", order.id.clone()),
            ("order_key", order.key.clone()),
            ("reference", order.reference_no.clone()),
            ("external_id", order.external_id.clone()),
            ("other_order", self.of_siti.id.clone()),
            ("other_reference", self.of_siti.reference_no.clone()),
            ("key", Uuid::new_v4().to_string()),
            ("budi", self.env.budi.clone()),
            ("siti", self.env.siti.clone()),
            (
                "half_of_budi",
                self.env.budi[..self.env.budi.len() / 2].to_owned(),
            ),
        ] {
            values.set(name, value);
        }
        values
    }

    fn notification(&self, request: &Request, mut values: Values) -> (Vec<u8>, Values) {
        let fill = |text: &str| Text::Plain(text.to_owned());
        let mut body = json!({
            "originalReferenceNo": fill("{reference}").string(&values),
            "originalPartnerReferenceNo": fill("{order}").string(&values),
            "originalExternalId": fill("{external_id}").string(&values),
            "amount": {"value": "50000.00", "currency": "IDR"},
            "latestTransactionStatus": "00",
            "transactionStatusDesc": MARKER,
            "additionalInfo": {"note": MARKER},
        });
        if let Some(merge) = &request.merge {
            let merge = fill(merge).string(&values);
            merge_json(&mut body, serde_json::from_str(&merge).unwrap());
        }
        values.set("pretty", serde_json::to_string_pretty(&body).unwrap());
        let mut text = body.to_string();
        for (from, to) in &request.replace {
            let (from, to) = (from.string(&values), to.string(&values));
            assert!(text.contains(&from), "{from} is not in {text}");
            text = text.replace(&from, &to);
        }
        values.set("notification", text);
        let body = request.body.clone();
        let body = body.unwrap_or_else(|| fill("{notification}"));
        let body = body.bytes(&values);
        let timestamp = request.timestamp.bytes(&values);
        let signature = self.signature(&request.sign, &body, &timestamp, &values);
        values.set("signature", signature);
        values.set("body", body.clone());
        values.set("length", body.len().to_string());
        values.set("timestamp", timestamp.clone());
        let usual = [
            ("content-type", b"application/json".to_vec()),
            ("x-timestamp", timestamp),
            ("x-signature", fill("{signature}").bytes(&values)),
            ("x-partner-id", b"GOPAY".to_vec()),
            ("x-external-id", Uuid::new_v4().to_string().into_bytes()),
            ("channel-id", b"12345".to_vec()),
        ];
        let bytes = head(request, notify::PATH, &usual, &body, &values);
        (bytes, values)
    }

    fn signature(&self, sign: &Sign, body: &[u8], timestamp: &[u8], values: &Values) -> String {
        let signed = match &sign.body {
            Some(body) => body.bytes(values),
            None => body.to_vec(),
        };
        let hash = if sign.raw {
            use aws_lc_rs::digest::{SHA256, digest};
            hex::encode(digest(&SHA256, &signed))
        } else {
            body_hash(&signed)
        };
        let text = match &sign.text {
            Some(text) => text.string(values),
            None => format!(
                "{}:{}:{hash}:{}",
                sign.method.as_deref().unwrap_or("POST"),
                sign.path.as_deref().unwrap_or(notify::PATH),
                String::from_utf8_lossy(timestamp)
            ),
        };
        match sign.with {
            With::Gopay => gopay_key().sign(&text).unwrap(),
            With::Merchant => self.env.merchant_key().sign(&text).unwrap(),
            With::ClientSecret => {
                let key = hmac::Key::new(hmac::HMAC_SHA512, b"secret");
                STANDARD.encode(hmac::sign(&key, text.as_bytes()))
            }
            With::Pss => rsa(&RSA_PSS_SHA256, &text),
            With::Sha512 => rsa(&RSA_PKCS1_SHA512, &text),
        }
    }

    fn api_request(&self, request: &Request, mut values: Values) -> (Vec<u8>, Values) {
        let body = request.body.as_ref().map(|body| body.bytes(&values));
        let has_body = body.is_some();
        let body = body.unwrap_or_default();
        values.set("body", body.clone());
        values.set("length", body.len().to_string());
        let mut usual = Vec::new();
        if has_body {
            usual.push(("content-type", b"application/json".to_vec()));
        }
        let cookie = match request.buyer {
            Buyer::Budi => Some("sid={budi}"),
            Buyer::Siti => Some("sid={siti}"),
            Buyer::Nobody => None,
        };
        if let Some(cookie) = cookie {
            usual.push(("cookie", Text::Plain(cookie.to_owned()).bytes(&values)));
        }
        let bytes = head(request, "", &usual, &body, &values);
        (bytes, values)
    }

    fn check_answers(
        &self,
        answers: &[Answer],
        expect: &Expect,
        is_notification: bool,
        values: &Values,
    ) -> Result<(), String> {
        let answer = match answers {
            [] if expect.status.contains(&0) => return Ok(()),
            [] => return Err("no answer".to_owned()),
            [answer] => answer,
            several => return Err(format!("{} answers to one request", several.len())),
        };
        let body = String::from_utf8_lossy(&answer.body);
        if !expect.status.contains(&answer.status) {
            let expected = &expect.status;
            return Err(format!(
                "{} in place of {expected:?}: {body}",
                answer.status
            ));
        }
        let json = answer.json();
        let code = json["responseCode"].as_str().or(json["code"].as_str());
        if let Some(expected) = expect.code() {
            if code != Some(expected) {
                return Err(format!("code {code:?} in place of {expected}: {body}"));
            }
            check_form(answer, &json, is_notification)?;
        } else if answer.status >= 400 && !answer.body.is_empty() {
            return Err(format!("an answer without an expected code: {body}"));
        }
        for (name, value) in &expect.headers {
            if answer.header(name) != Some(value) {
                return Err(format!("{name}: {:?}", answer.header(name)));
            }
        }
        for name in &expect.without_headers {
            if let Some(value) = answer.header(name) {
                return Err(format!("the answer has {name}: {value}"));
            }
        }
        let all = format!("{:?} {body}", answer.headers);
        for text in &expect.with {
            let text = text.string(values);
            if !all.contains(&text) {
                return Err(format!("the answer does not have {text}: {all}"));
            }
        }
        let mut without: Vec<String> = expect.without.iter().map(|it| it.string(values)).collect();
        without.push(MARKER.to_owned());
        match without.iter().find(|text| all.contains(*text)) {
            Some(text) => Err(format!("the answer has {text}: {all}")),
            None => Ok(()),
        }
    }

    async fn check_state(&self, then: Then, order: &Placed, before: &Rows) -> Result<(), String> {
        let env = &self.env;
        if then.is_of_a_payment() {
            let state = self.check_payment(then, order).await;
            env.quiet().await;
            return state;
        }
        if then == Then::Order {
            env.quiet().await;
        }
        let after = env.rows().await;
        let changed: Vec<&str> = after
            .iter()
            .filter(|(table, rows)| before.get(*table) != Some(rows))
            .map(|(table, _)| table.as_str())
            .collect();
        let more = |table: &str| {
            let rows = after[table].iter();
            rows.filter(|row| !before[table].contains(row)).count()
        };
        let is_right = match then {
            Then::Nothing => changed.is_empty(),
            Then::Unmatched => changed == ["unplaced_notifications"],
            Then::Order => changed.contains(&"orders") && more("orders") == 1,
            Then::Session => changed.contains(&"sessions") && more("sessions") == 1,
            _ => false,
        };
        match is_right {
            true => Ok(()),
            false => {
                let new = after.iter().flat_map(|(table, rows)| {
                    let known = before.get(table);
                    let is_new = move |row: &&String| known.is_none_or(|it| !it.contains(row));
                    rows.iter().filter(is_new)
                });
                let new: Vec<&String> = new.collect();
                Err(format!("{changed:?} have changed; new are {new:?}"))
            }
        }
    }
}

impl Runner {
    async fn check_payment(&self, then: Then, order: &Placed) -> Result<(), String> {
        let is_told =
            |events: &[(String, String)]| events.iter().any(|(source, _)| source == "notification");
        let known = self.env.known(order).await;
        let status = match then {
            Then::Review => "review",
            Then::PartiallyRefunded => "partially_refunded",
            _ => "paid",
        };
        if then != Then::Inquiry {
            let told = (known.1.iter()).filter(|(source, _)| source == "notification");
            return match known.0 == status && told.count() == 1 {
                true => Ok(()),
                false => Err(format!("the order is {} by {:?}", known.0, known.1)),
            };
        }
        for _ in 0..INQUIRY_CHECKS {
            let known = self.env.known(order).await;
            if is_told(&known.1) {
                return Err(format!("the notification counts: {:?}", known.1));
            }
            if known.0 == status {
                return Ok(());
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        Err(format!("no inquiry finds the payment: {known:?}"))
    }
}

/// A SNAP answer to a notification, and a problem to the app.
fn check_form(answer: &Answer, json: &Value, is_notification: bool) -> Result<(), String> {
    let status = answer.status;
    let is_right = if is_notification {
        let code = json["responseCode"].as_str().unwrap_or_default();
        code.len() == 7
            && code.starts_with(&format!("{status}56"))
            && answer.header("x-timestamp").is_some()
            && json["responseMessage"].is_string()
    } else {
        answer.header("content-type") == Some("application/problem+json")
            && json["status"] == status
            && json["title"].is_string()
    };
    match is_right {
        true => Ok(()),
        false => Err(format!("an answer in another form: {answer:?}")),
    }
}

fn rsa(encoding: &'static dyn RsaEncoding, text: &str) -> String {
    let pem = gopay_key().to_pem().unwrap();
    let base64: String = (pem.expose().lines())
        .filter(|line| !line.starts_with("---"))
        .collect();
    let key = KeyPair::from_pkcs8(&STANDARD.decode(base64).unwrap()).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        encoding,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .unwrap();
    STANDARD.encode(signature)
}

fn head(
    request: &Request,
    path: &str,
    usual: &[(&str, Vec<u8>)],
    body: &[u8],
    values: &Values,
) -> Vec<u8> {
    if let Some(raw) = &request.raw {
        return raw.bytes(values);
    }
    let path = match &request.path {
        Some(path) => path.bytes(values),
        None => path.as_bytes().to_vec(),
    };
    let mut headers: BTreeMap<String, Vec<u8>> = usual
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    let host = Text::Plain("{host}".to_owned()).bytes(values);
    headers.insert("host".to_owned(), host);
    headers.insert("connection".to_owned(), b"close".to_vec());
    headers.insert("user-agent".to_owned(), MARKER.as_bytes().to_vec());
    let length = body.len().to_string();
    headers.insert("content-length".to_owned(), length.into_bytes());
    for (name, header) in &request.headers {
        match header {
            OrFalse::Absent(_) => headers.remove(name),
            OrFalse::Value(value) => headers.insert(name.clone(), value.bytes(values)),
        };
    }
    let more = request.more_headers.iter();
    let more = more.map(|(name, value)| (name.string(values), value.bytes(values)));
    let mut bytes = [request.method.as_bytes(), b" ", &path, b" HTTP/1.1\r\n"].concat();
    for (name, value) in headers.into_iter().chain(more) {
        bytes.extend(name.into_bytes());
        bytes.extend(b": ");
        bytes.extend(value);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}
