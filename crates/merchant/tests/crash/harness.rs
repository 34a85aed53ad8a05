//! One run: a merchant that may die, a GoPay that does not, and what is true between them.

use crate::{keys::Keys, process::Process, receiver::Receiver, test_database};
use contract::{Order, OrderId, OrderStatus};
use merchant::adapters::database::{Connection, sql};
use merchant::{
    Config,
    cli::{
        reconcile::{Scope, reconcile},
        verify::verify,
    },
};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use simulator::{Options, Running, Simulator, Url, account};
use std::{
    fs,
    net::SocketAddr,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};
use test_kit::{POLL_INTERVAL, TempDir, WAIT_TIMEOUT, answer_of, within};
use tokio::time::sleep;

pub(crate) const SIGKILL: i32 = 9;

/// The merchant died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Died;

pub(crate) struct CrashHarness {
    pub(crate) http: Client,
    pub(crate) receiver: Receiver,
    pub(crate) process: Process,
    /// What the buyer's app was told, and may believe.
    pub(crate) acknowledged: Option<Order>,
    /// A buyer who has a session.
    pub(crate) cookie: Option<String>,
    /// The number of the refund that staff were told of.
    pub(crate) reserved: Option<String>,
    /// How often the merchant died, and how long it took until it answered again.
    pub(crate) restarts: Vec<Duration>,
    /// What happens to it.
    crash: String,
    keys: Arc<Keys>,
    pub(crate) database_url: String,
    pub(crate) folder: TempDir,
    simulator: Running,
    merchant: Option<SocketAddr>,
}

enum DatabaseKind {
    /// As [`test_database`] makes it.
    OfTheRun,
    File,
}

impl CrashHarness {
    /// Starts everything; what happens to the merchant is said in `crash`.
    pub(crate) async fn new(keys: &Arc<Keys>, crash: &str) -> Self {
        Self::on(DatabaseKind::OfTheRun, keys, crash).await
    }

    /// The same on a database file, also where the tests run on PostgreSQL.
    pub(crate) async fn in_a_file(keys: &Arc<Keys>) -> Self {
        Self::on(DatabaseKind::File, keys, "").await
    }

    /// The same, with what a shell does before it.
    pub(crate) async fn limited(keys: &Arc<Keys>, limits: &str) -> Self {
        let mut harness = Self::in_a_file(keys).await;
        harness.process.kill();
        harness.process.end().await;
        let mut variables = variables(
            &harness.database_url,
            harness.simulator.address(),
            &harness.receiver.url,
        );
        variables.push(("MERCHANT_CRASH", String::new()));
        harness.process = Process::start_limited(
            limits,
            Path::new(env!("CARGO_BIN_EXE_merchant")),
            &keys.config.file(),
            &variables,
            &harness.folder.join("said"),
        );
        harness.ready().await.unwrap();
        harness
    }

    async fn on(database: DatabaseKind, keys: &Arc<Keys>, crash: &str) -> Self {
        let nowhere = Url::parse("http://localhost:1").unwrap();
        let simulator = Simulator::bind(Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            app: nowhere.clone(),
            notify: nowhere,
            keys: keys.gopays(),
        });
        let simulator = simulator.await.unwrap().spawn();
        let folder = TempDir::create();
        let database_url = match database {
            DatabaseKind::OfTheRun => test_database::create(&folder).await,
            DatabaseKind::File => file_url(&folder.join("merchant.db")),
        };
        let receiver = Receiver::new().await;
        let mut harness = Self {
            process: start(
                keys,
                &database_url,
                &folder,
                simulator.address(),
                &receiver.url,
                crash,
            ),
            database_url,
            http: keys.http.clone(),
            receiver,
            acknowledged: None,
            cookie: None,
            reserved: None,
            restarts: Vec::new(),
            crash: crash.to_owned(),
            keys: Arc::clone(keys),
            folder,
            simulator,
            merchant: None,
        };
        if harness.ready().await.is_err() {
            harness.revive().await;
        }
        harness
    }

    /// Waits until the merchant answers, and tells GoPay where it is.
    async fn ready(&mut self) -> Result<(), Died> {
        let address = self.process.listening().await.ok_or(Died)?;
        self.merchant = Some(address);
        let request = self.http.get(self.url("/readyz"));
        let answer = self.ask(request).await?;
        assert_eq!(answer.status(), StatusCode::OK);
        let here = format!("http://{address}");
        self.control("PUT", "merchant", json!({"app": here, "notify": here}))
            .await;
        Ok(())
    }

    /// Looks at what the dead merchant left behind, and starts it again, to live.
    pub(crate) async fn revive(&mut self) {
        let status = self.process.end().await;
        assert_eq!(status.signal(), Some(SIGKILL), "{status}: {}", self.said());
        self.check_remains().await;
        let began = Instant::now();
        self.process = start(
            &self.keys,
            &self.database_url,
            &self.folder,
            self.simulator.address(),
            &self.receiver.url,
            "",
        );
        self.ready().await.unwrap();
        self.restarts.push(began.elapsed());
        // GoPay repeats what was not taken.
        self.control("POST", "clock/advance", json!({"seconds": 120}))
            .await;
    }

    /// Sends; whoever gets no answer finds the merchant dead.
    pub(crate) async fn ask(&mut self, request: RequestBuilder) -> Result<Response, Died> {
        match request.send().await {
            Ok(answer) => Ok(answer),
            Err(_) => Err(self.death().await),
        }
    }

    /// As [`ask`](Self::ask), and reads the answer.
    pub(crate) async fn read(
        &mut self,
        request: RequestBuilder,
    ) -> Result<(StatusCode, Value), Died> {
        let answer = self.ask(request).await?;
        let status = answer.status();
        match answer.bytes().await {
            Ok(body) => Ok((status, serde_json::from_slice(&body).unwrap())),
            Err(_) => Err(self.death().await),
        }
    }

    /// Waits for the merchant's end, of which there are signs.
    pub(crate) async fn death(&mut self) -> Died {
        self.process.end().await;
        Died
    }

    /// Takes an order from the merchant: what was said before is still true.
    pub(crate) fn acknowledge(&mut self, order: Order) {
        if let Some(before) = &self.acknowledged {
            assert_eq!(order.id, before.id);
            assert_eq!(order.total, before.total);
            let given_back = self.is_given_back(order.status);
            let is_same = before.status == order.status;
            assert!(before.status.is_open() || is_same || given_back);
            let code = before.pickup_code.as_ref();
            // Nobody is handed what was refunded.
            assert!(code.is_none() || code == order.pickup_code.as_ref() || given_back);
        }
        self.acknowledged = Some(order);
    }

    /// Whether the order may be refunded by now, and is.
    pub(crate) fn is_given_back(&self, status: OrderStatus) -> bool {
        self.reserved.is_some() && status == OrderStatus::Refunded
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.merchant.unwrap())
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("http://{}/control/{path}", self.simulator.address());
        answer_of(self.http.request(method.parse().unwrap(), url).json(&body)).await
    }

    pub(crate) async fn auth_code(&self) -> String {
        let url = format!("http://{}/bridge/call", self.simulator.address());
        let body = json!({"class": "GPMiniAppAuth", "method": "getAuthCode", "buyer": "budi"});
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let verdict: Value = answer.json().await.unwrap();
        verdict["reply"]["data"]["authCode"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn ledger(&self) -> Value {
        self.control("GET", "ledger", Value::Null).await
    }

    /// GoPay's payments, oldest first.
    pub(crate) async fn payments(&self) -> Vec<Value> {
        self.ledger().await["payments"].as_array().unwrap().clone()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("merchant.db")
    }

    /// All that merchants said on standard error in this run.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.folder.join("said")).unwrap()
    }

    /// Waits until a merchant has said this.
    pub(crate) async fn until_said(&self, words: &str) {
        until_said(&self.folder.join("said"), words).await;
    }

    /// Another merchant on the same database, and the folder of this name with what it says.
    fn start_another(
        &self,
        name: &str,
        database_url: &str,
        crash: &str,
        next_version: &str,
    ) -> (Process, PathBuf) {
        let folder = self.folder.join(name);
        fs::create_dir(&folder).unwrap();
        let mut variables = variables(database_url, self.simulator.address(), &self.receiver.url);
        variables.push(("MERCHANT_CRASH", crash.to_owned()));
        variables.push(("MERCHANT_NEXT_VERSION", next_version.to_owned()));
        let program = Path::new(env!("CARGO_BIN_EXE_merchant"));
        let said = folder.join("said");
        let process = Process::start(program, &self.keys.config.file(), &variables, &said);
        (process, folder)
    }

    fn start_second(&self, database_url: &str) -> (Process, PathBuf) {
        self.start_another("second", database_url, "", "")
    }

    /// A merchant of the next version on the same database, whose schema is newer, and the file with what it says.
    pub(crate) fn next_version(&self, name: &str, schema: &str, crash: &str) -> (Process, PathBuf) {
        let (process, folder) = self.start_another(name, &self.database_url, crash, schema);
        (process, folder.join("said"))
    }

    /// What a command of the next version prints.
    pub(crate) fn command_of_next_version(&self, schema: &str, command: &str) -> String {
        let variables = variables(
            &self.database_url,
            self.simulator.address(),
            &self.receiver.url,
        );
        let output = Command::new(env!("CARGO_BIN_EXE_merchant"))
            .arg("--config")
            .arg(self.keys.config.file())
            .args(command.split(' '))
            .envs(variables)
            .env("MERCHANT_NEXT_VERSION", schema)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        said + &String::from_utf8(output.stderr).unwrap()
    }

    /// How another merchant on the same database ends, and what it says.
    pub(crate) async fn second(&self) -> (Option<i32>, String) {
        let (mut second, folder) = self.start_second(&self.database_url);
        let status = second.end().await;
        (
            status.code(),
            fs::read_to_string(folder.join("said")).unwrap(),
        )
    }

    /// Another merchant on the same PostgreSQL.
    pub(crate) async fn beside(&self) -> Process {
        self.beside_at(&self.database_url).await
    }

    /// The same, which reaches PostgreSQL at this URL.
    pub(crate) async fn beside_at(&self, database_url: &str) -> Process {
        let (second, _) = self.start_second(database_url);
        assert!(second.listening().await.is_some());
        second
    }

    /// Each order that was acknowledged is in the database.
    pub(crate) async fn has_orders(&self, acknowledged: &[OrderId]) {
        for id in acknowledged {
            let kept = format!("select count(*) from orders where id = '{id}'");
            assert_eq!(self.rows(kept.leak()).await, 1, "{id}");
        }
    }

    /// Buyers use that merchant from now on; GoPay still notifies the first one. Returns the one before.
    pub(crate) async fn go_to(&mut self, merchant: Process) -> Process {
        self.merchant = merchant.listening().await;
        std::mem::replace(&mut self.process, merchant)
    }

    /// Counts rows, past the merchant.
    pub(crate) async fn rows(&self, of: &'static str) -> i64 {
        let mut database = Connection::open(&self.database_url).await.unwrap();
        sql(of).fetch_value(&mut database).await.unwrap()
    }

    /// Of the merchant, for those who work beside it.
    pub(crate) fn config(&self) -> Config {
        let variables = variables(
            &self.database_url,
            self.simulator.address(),
            &self.receiver.url,
        );
        let variables: Vec<_> = (variables.iter())
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.keys.config.load(&variables).unwrap()
    }

    /// The promises, kept in the whole database.
    pub(crate) async fn is_sound(&self) {
        let report = verify(&self.database_url).await.unwrap();
        assert_eq!(report.violations(), 0, "{report}");
    }

    /// The promises, kept in the whole database, and kept by GoPay's word.
    pub(crate) async fn verify(&self) {
        self.is_sound().await;
        let scope = Scope {
            days: 7,
            settled: true,
        };
        let report = reconcile(self.config(), scope).await.unwrap();
        assert_eq!(report.to_string(), "payments: 1\ndifferences: 0");
    }
}

impl Drop for CrashHarness {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let of_others = fs::read_dir(&*self.folder).into_iter().flatten().flatten();
        let mut files: Vec<_> = of_others.map(|entry| entry.path().join("said")).collect();
        files.sort();
        files.insert(0, self.folder.join("said"));
        eprintln!("MERCHANT_CRASH={:?}", self.crash);
        for file in files {
            match fs::read_to_string(&file) {
                Ok(said) if !said.is_empty() => eprintln!("{}:\n{said}", file.display()),
                _ => {}
            }
        }
    }
}

/// Waits until these words are in a file with what a merchant says.
pub(crate) async fn until_said(said: &Path, words: &str) {
    within(WAIT_TIMEOUT, words, async {
        while !fs::read_to_string(said).unwrap().contains(words) {
            sleep(POLL_INTERVAL).await;
        }
    })
    .await;
}

/// What it says goes into `said` of this folder.
fn start(
    keys: &Keys,
    database_url: &str,
    folder: &Path,
    gopay: SocketAddr,
    webhook_url: &str,
    crash: &str,
) -> Process {
    let mut variables = variables(database_url, gopay, webhook_url);
    variables.push(("MERCHANT_CRASH", crash.to_owned()));
    let program = Path::new(env!("CARGO_BIN_EXE_merchant"));
    Process::start(
        program,
        &keys.config.file(),
        &variables,
        &folder.join("said"),
    )
}

/// What is not the same in every run.
fn variables(
    database_url: &str,
    gopay: SocketAddr,
    webhook_url: &str,
) -> Vec<(&'static str, String)> {
    let gopay = format!("http://{gopay}");
    vec![
        ("MERCHANT_LISTEN", "127.0.0.1:0".to_owned()),
        ("MERCHANT_PUBLIC_URL", String::new()),
        ("MERCHANT_DATABASE_URL", database_url.to_owned()),
        (
            "MERCHANT_GOPAY_SDK_URL",
            format!("{gopay}/sdk/stable/gp-container.min.js"),
        ),
        ("MERCHANT_GOPAY_BI_SNAP_URL", gopay.clone()),
        ("MERCHANT_GOPAY_MINI_APP_URL", gopay),
        // Its buyers ask as fast as they can.
        (
            "MERCHANT_LIMITS_REQUESTS_PER_MINUTE_PER_BUYER",
            "100000".to_owned(),
        ),
        ("MERCHANT_LIMITS_ORDERS_PER_SECOND", "100000".to_owned()),
        ("MERCHANT_LIMITS_SIGN_INS_PER_SECOND", "100000".to_owned()),
        (
            "MERCHANT_LIMITS_SIGN_INS_PER_MINUTE_PER_CLIENT",
            "100000".to_owned(),
        ),
        ("MERCHANT_LIMITS_OPEN_ORDERS_PER_BUYER", "100000".to_owned()),
        (
            "MERCHANT_LIMITS_ORDERS_PER_HOUR_PER_BUYER",
            "100000".to_owned(),
        ),
        ("MERCHANT_GOPAY_CLIENT_KEY", account::CLIENT_KEY.to_owned()),
        ("MERCHANT_GOPAY_PARTNER_ID", account::PARTNER_ID.to_owned()),
        (
            "MERCHANT_GOPAY_MERCHANT_ID",
            account::MERCHANT_ID.to_owned(),
        ),
        ("MERCHANT_FULFILMENT_WEBHOOK_URL", webhook_url.to_owned()),
        ("MERCHANT_FULFILMENT_SECRET_FILE", "hook.secret".to_owned()),
    ]
}

pub(crate) fn file_url(database: &Path) -> String {
    format!("sqlite://{}", database.display())
}

pub(crate) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut path = path.to_owned().into_os_string();
    path.push(end);
    path.into()
}
