//! A merchant, a GoPay, and what stands between them.

use crate::{config_dir::ConfigDir, gopay_double::GoPayDouble, process::Process, rows::rows};
use gopay_protocol::{Secret, SigningKey, VerifyingKey};
use jiff::Timestamp;
use merchant::adapters::database::{Connection, Row, sql};
use merchant::cli::verify::verify;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use simulator::{Keys, Options, Running, Simulator, Url, account};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    net::SocketAddr,
    path::PathBuf,
    process::Command,
};
use test_kit::{
    POLL_INTERVAL, WAIT_TIMEOUT, answer_of, eventually, gopay_key, http_client, output_of, scan,
    scan_database,
};
use uuid::Uuid;

/// The program that is tested, in the place of the one of this build.
const PROGRAM: &str = "MERCHANT_BINARY";

/// An inquiry that is due then is never made.
const NEVER_DUE_AT: i64 = 9_000_000_000_000_000;

/// What an input tries to write into the log: the begin of a line of its own.
const FORGED: &str = "2026-11-29T00:00:00Z ERROR forged";

/// In each input, and never in the log.
pub(crate) const MARKER: &str = "canary-5e1f";

pub(crate) type Rows = BTreeMap<String, Vec<String>>;

pub(crate) struct Env {
    pub(crate) http: Client,
    pub(crate) double: GoPayDouble,
    pub(crate) merchant: SocketAddr,
    /// The sessions of the buyers.
    pub(crate) budi: String,
    pub(crate) siti: String,
    process: Process,
    config: ConfigDir,
    limits: Vec<(&'static str, String)>,
    simulator: Running,
    /// How much of the log has been read.
    log_read: usize,
}

/// An order that waits for its payment, unless an input says otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) external_id: String,
    pub(crate) reference_no: String,
}

impl Drop for Env {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            scan_database(&self.config.path.join("merchant.db"));
            scan("the merchant's log", self.log().as_bytes());
        }
    }
}

impl Env {
    /// With limits that no input reaches.
    pub(crate) async fn new() -> Self {
        let many = [
            "MERCHANT_LIMITS_SIGN_INS_PER_SECOND",
            "MERCHANT_LIMITS_REQUESTS_PER_MINUTE_PER_BUYER",
            "MERCHANT_LIMITS_ORDERS_PER_SECOND",
            "MERCHANT_LIMITS_OPEN_ORDERS_PER_BUYER",
            "MERCHANT_LIMITS_ORDERS_PER_HOUR_PER_BUYER",
        ];
        Self::limited(many.map(|name| (name, "100000".to_owned())).to_vec()).await
    }

    pub(crate) async fn limited(limits: Vec<(&'static str, String)>) -> Self {
        let config = ConfigDir::new();
        let public = fs::read_to_string(config.path.join("merchant.pub.pem")).unwrap();
        let nowhere = Url::parse("http://localhost:1").unwrap();
        let simulator = Simulator::bind(Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            app: nowhere.clone(),
            notify: nowhere,
            keys: Keys {
                gopay: gopay_key(),
                client_secret: Secret::new("secret"),
                auth_credentials: Secret::new("credentials"),
                merchant: VerifyingKey::from_pem(&public).unwrap(),
            },
        });
        let simulator = simulator.await.unwrap().spawn();
        let double = GoPayDouble::before(simulator.address()).await;
        let process = start(&config, double.address, &limits);
        let merchant = process.listening().await.expect("the merchant starts");
        let mut env = Self {
            http: http_client(),
            double,
            merchant,
            budi: String::new(),
            siti: String::new(),
            process,
            config,
            limits,
            simulator,
            log_read: 0,
        };
        env.introduce().await;
        env.budi = env.sign_in("budi").await;
        env.siti = env.sign_in("siti").await;
        // What GoPay says comes from the inputs alone.
        env.control("PUT", "notifications", json!({"mode": "withhold"}))
            .await;
        env
    }

    async fn introduce(&self) {
        let here = format!("http://{}", self.merchant);
        self.control("PUT", "merchant", json!({"app": here, "notify": here}))
            .await;
    }

    /// Another process on the same database, which has no access token.
    pub(crate) async fn restart_without_token(&mut self) {
        self.process.kill();
        self.process.end().await;
        let mut database = self.database().await;
        let delete = sql("delete from access_tokens");
        delete.execute(&mut database).await.unwrap();
        drop(database);
        self.process = start(&self.config, self.double.address, &self.limits);
        self.merchant = (self.process.listening().await).expect("the merchant starts");
        self.introduce().await;
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.merchant)
    }

    /// The merchant's own key, with which GoPay signs nothing.
    pub(crate) fn merchant_key(&self) -> SigningKey {
        let pem = fs::read_to_string(self.config.path.join("merchant.pem")).unwrap();
        SigningKey::from_pem(&pem).unwrap()
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("http://{}/control/{path}", self.simulator.address());
        answer_of(self.http.request(method.parse().unwrap(), url).json(&body)).await
    }

    pub(crate) async fn payments(&self) -> Vec<Value> {
        let ledger = self.control("GET", "ledger", Value::Null).await;
        ledger["payments"].as_array().unwrap().clone()
    }

    pub(crate) async fn auth_code(&self, buyer: &str) -> String {
        let url = format!("http://{}/bridge/call", self.simulator.address());
        let body = json!({"class": "GPMiniAppAuth", "method": "getAuthCode", "buyer": buyer});
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let verdict: Value = answer.json().await.unwrap();
        let code = verdict["reply"]["data"]["authCode"].as_str();
        code.unwrap().to_owned()
    }

    /// The token of a new session.
    pub(crate) async fn sign_in(&self, buyer: &str) -> String {
        let body = json!({"auth_code": self.auth_code(buyer).await});
        let request = self.http.post(self.url("/api/session")).json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let pair = cookie.split(';').next().unwrap();
        pair.strip_prefix("sid=").unwrap().to_owned()
    }

    /// The token of a session whose time is over.
    pub(crate) async fn expired_session(&self) -> String {
        let mut database = self.database().await;
        let hashes = "select token_hash from sessions";
        let before: Vec<Vec<u8>> = sql(hashes).fetch_values(&mut database).await.unwrap();
        let token = self.sign_in("budi").await;
        let after: Vec<Vec<u8>> = sql(hashes).fetch_values(&mut database).await.unwrap();
        let new = after.iter().find(|hash| !before.contains(hash)).unwrap();
        sql("update sessions set expires_at = 1 where token_hash = $1")
            .bind(new)
            .execute(&mut database)
            .await
            .unwrap();
        token
    }

    /// Two coffees; the status of the answer, and what it says.
    pub(crate) async fn order(&self, session: &str, key: &str) -> (StatusCode, Value) {
        let body = json!({
            "lines": [{"product": "kopi-susu", "quantity": 2}], "expected_total": 50_000
        });
        let request = self.http.post(self.url("/api/orders"));
        let request = request.header("cookie", format!("sid={session}"));
        let request = request.header("idempotency-key", key).json(&body);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    pub(crate) async fn place(&self, session: &str) -> Placed {
        let key = Uuid::new_v4().to_string();
        let (status, order) = self.order(session, &key).await;
        assert_eq!(status, StatusCode::CREATED, "{order}");
        let id = order["id"].as_str().unwrap().to_owned();
        let select = "select external_id, reference_no from attempts where order_id = $1";
        let row = sql(select)
            .bind(&id)
            .fetch_one(&mut self.database().await)
            .await
            .unwrap();
        self.quiet().await;
        Placed {
            id,
            key,
            external_id: row.at(0).unwrap(),
            reference_no: row.at(1).unwrap(),
        }
    }

    pub(crate) async fn act(&self, placed: &Placed, act: &str) {
        let path = format!("payments/{}/{act}", placed.reference_no);
        self.control("POST", &path, json!({})).await;
    }

    pub(crate) async fn database(&self) -> Connection {
        let url = self.database_url();
        Connection::open(&url).await.unwrap()
    }

    fn database_url(&self) -> String {
        format!(
            "sqlite://{}",
            self.config.path.join("merchant.db").display()
        )
    }

    /// Waits until no inquiry is under way or due, and lets none be due later: from then on, only inputs change
    /// the database.
    pub(crate) async fn quiet(&self) {
        let mut database = self.database().await;
        eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
            let soon = Timestamp::now().as_millisecond() + 1_000;
            let later = "update attempts set next_inquiry_at = $1
                where next_inquiry_at between $2 and $3 and leased_until = 0";
            let later = sql(later)
                .bind(NEVER_DUE_AT)
                .bind(soon)
                .bind(NEVER_DUE_AT - 1);
            later.execute(&mut database).await.unwrap();
            let open =
                "select count(*) from attempts where leased_until > 0 or next_inquiry_at < $1";
            let open: i64 = sql(open)
                .bind(NEVER_DUE_AT)
                .fetch_value(&mut database)
                .await
                .unwrap();
            (open == 0).then_some(()).ok_or(open)
        })
        .await;
    }

    /// No inquiry is due about the orders that are there, not even where a buyer asks.
    pub(crate) async fn forbid_inquiries(&self) {
        sql("update attempts set next_inquiry_at = null")
            .execute(&mut self.database().await)
            .await
            .unwrap();
    }

    /// A buyer's request may inquire about the payments at once.
    pub(crate) async fn allow_inquiry(&self) {
        sql("update attempts set last_inquiry_at = 0")
            .execute(&mut self.database().await)
            .await
            .unwrap();
    }

    pub(crate) async fn rows(&self) -> Rows {
        rows(&mut self.database().await, &["last_used_at"]).await
    }

    /// Status, and what was learned how.
    pub(crate) async fn known(&self, placed: &Placed) -> (String, Vec<(String, String)>) {
        let mut database = self.database().await;
        let status = sql("select status from orders where id = $1")
            .bind(&placed.id)
            .fetch_value(&mut database)
            .await
            .unwrap();
        let events = "select source, finding from evidence where external_id = $1 order by id";
        let events = sql(events)
            .bind(&placed.external_id)
            .fetch_all(&mut database)
            .await
            .unwrap();
        let text = |row: &Row, place| row.at::<String>(place).unwrap();
        let events = events.iter().map(|row| (text(row, 0), text(row, 1)));
        (status, events.collect())
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.config.path.join("log")).unwrap()
    }

    /// What must hold whatever came: the process runs, and what it has logged since the last time is its
    /// own words.
    pub(crate) fn check_process_and_log(&mut self) -> Result<(), String> {
        if self.process.is_over() {
            return Err(format!("the merchant has ended: {}", self.log()));
        }
        let log = self.log();
        let new = &log[self.log_read..];
        let complete = new.rfind('\n').map_or(0, |end| end + 1);
        let lines = &new[..complete];
        self.log_read += complete;
        // Not `lines`, which takes a carriage return for a part of the end.
        for line in lines.split_terminator('\n') {
            let mut words = line.split_whitespace();
            let is_at = words
                .next()
                .is_some_and(|at| at.parse::<Timestamp>().is_ok());
            let is_level = matches!(words.next(), Some("INFO" | "WARN" | "ERROR"));
            let is_plain = !line
                .chars()
                .any(|c| c.is_control() || turns_or_breaks_lines(c));
            if !is_at || !is_level || !is_plain || line.starts_with(FORGED) {
                return Err(format!("a line of the log is not the merchant's: {line:?}"));
            }
            if line.contains("panic") {
                return Err(format!("a panic: {line}"));
            }
            if line.contains(MARKER) {
                return Err(format!("the log repeats what was sent: {line}"));
            }
        }
        Ok(())
    }

    /// Runs a command of the program beside the merchant: whether it succeeded, and what it said.
    pub(crate) fn command(&self, name: &str, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(program());
        command
            .arg("--config")
            .arg(self.config.file())
            .arg(name)
            .args(arguments)
            .envs(variables(&self.config, self.double.address));
        let output = output_of(&mut command);
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// The ids of the invariants that `merchant verify` reports.
    pub(crate) async fn violations(&self) -> BTreeSet<String> {
        let report = verify(&self.database_url()).await.unwrap().to_string();
        let violated = report.lines().filter(|line| line.contains(": NO"));
        violated
            .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
            .collect()
    }
}

/// Line separators, and the marks that turn the direction of text around.
fn turns_or_breaks_lines(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn program() -> PathBuf {
    let named = env::var_os(PROGRAM);
    named.map_or_else(|| env!("CARGO_BIN_EXE_merchant").into(), PathBuf::from)
}

fn start(config: &ConfigDir, gopay: SocketAddr, limits: &[(&'static str, String)]) -> Process {
    let mut variables = variables(config, gopay);
    variables.extend(limits.iter().cloned());
    let log = config.path.join("log");
    Process::start(&program(), &config.file(), &variables, &log)
}

fn variables(config: &ConfigDir, gopay: SocketAddr) -> Vec<(&'static str, String)> {
    let database = config.path.join("merchant.db");
    let gopay = format!("http://{gopay}");
    vec![
        ("MERCHANT_LISTEN", "127.0.0.1:0".to_owned()),
        ("MERCHANT_LOG_FORMAT", "text".to_owned()),
        ("MERCHANT_PUBLIC_URL", String::new()),
        (
            "MERCHANT_DATABASE_URL",
            format!("sqlite://{}", database.display()),
        ),
        ("MERCHANT_GOPAY_BI_SNAP_URL", gopay.clone()),
        ("MERCHANT_GOPAY_MINI_APP_URL", gopay),
        ("MERCHANT_GOPAY_CLIENT_KEY", account::CLIENT_KEY.to_owned()),
        ("MERCHANT_GOPAY_PARTNER_ID", account::PARTNER_ID.to_owned()),
        (
            "MERCHANT_GOPAY_MERCHANT_ID",
            account::MERCHANT_ID.to_owned(),
        ),
    ]
}
