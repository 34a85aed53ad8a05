//! Merchants and a simulator as processes of their own, with a folder and a database of their own.

use crate::{
    Error,
    http::{Call, Connection},
    load::{self, Failure},
    proxy, receiver,
};
use merchant::adapters::database::{self, sql};
use std::{
    cell::RefCell,
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    rc::Rc,
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// Sooner than a person would call it hanging.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// The time that GoPay takes for an answer.
pub(crate) const UPSTREAM: Duration = Duration::from_millis(50);

const SHOP: &str = include_str!("../fixtures/shop.toml");

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// A file in the stack's folder.
    Sqlite,
    /// A database of the server at this URL, made anew for each stack.
    Postgres(String),
}

#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) merchant: PathBuf,
    pub(crate) simulator: PathBuf,
    pub(crate) database: Database,
    /// Of the merchant.
    pub(crate) processes: usize,
}

/// Who gets GoPay's notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotifyTo {
    Merchant,
    /// The bench keeps them, to send them itself.
    Bench,
}

pub(crate) struct Stack {
    setup: Setup,
    folder: PathBuf,
    database_url: String,
    /// GoPay notifies the first.
    pub(crate) merchants: Vec<SocketAddr>,
    pub(crate) simulator: SocketAddr,
    /// In their order; `None` where it is stopped.
    merchant_processes: Vec<Option<Process>>,
    _simulator_process: Process,
    notifications: receiver::Notifications,
}

impl Stack {
    pub(crate) async fn start(
        setup: &Setup,
        folder: &Path,
        notify: NotifyTo,
    ) -> Result<Self, Error> {
        fs::create_dir_all(folder)?;
        let keygen = Command::new(&setup.merchant)
            .args(["keygen", "--dir"])
            .arg(folder.join("keys"))
            .stdout(Stdio::null())
            .status()?;
        if !keygen.success() {
            return Err("`merchant keygen` failed".into());
        }
        let merchants = (0..setup.processes).map(|_| free_address());
        let merchants = merchants.collect::<Result<Vec<_>, _>>()?;
        let (merchant, simulator) = (merchants[0], free_address()?);
        let database_url = match &setup.database {
            Database::Sqlite => format!("sqlite://{}", folder.join("merchant.db").display()),
            Database::Postgres(server) => create_database(server).await?,
        };
        let notifications = receiver::Notifications::default();
        let receiver = receiver::listen(&notifications).await?;
        let notify = match notify {
            NotifyTo::Merchant => merchant,
            NotifyTo::Bench => receiver,
        };
        let mut command = Command::new(&setup.simulator);
        command.args(["--listen", &simulator.to_string()]);
        command.args(["--app", &format!("http://localhost:{}", merchant.port())]);
        command.args(["--notify", &format!("http://{notify}")]);
        command.arg("--keys").arg(folder.join("keys"));
        let simulator_process = Process::start(command, &folder.join("simulator.log"))?;
        await_status(simulator, "/healthz").await?;
        let upstream = proxy::listen(simulator, UPSTREAM).await?;
        fs::create_dir_all(folder.join("dist"))?;
        fs::write(
            folder.join("dist/index.html"),
            "<!doctype html><title>Kedai</title>",
        )?;
        fs::write(folder.join("shop.toml"), SHOP)?;
        fs::write(
            folder.join("merchant.toml"),
            configuration(&database_url, merchant, upstream),
        )?;
        let mut stack = Self {
            setup: setup.clone(),
            folder: folder.to_owned(),
            database_url,
            merchant_processes: merchants.iter().map(|_| None).collect(),
            merchants,
            simulator,
            _simulator_process: simulator_process,
            notifications,
        };
        for number in 0..stack.merchants.len() {
            stack.start_merchant(number).await?;
        }
        Ok(stack)
    }

    /// The first.
    pub(crate) fn merchant(&self) -> SocketAddr {
        self.merchants[0]
    }

    /// kill -9.
    pub(crate) fn stop_merchant(&mut self, number: usize) {
        self.merchant_processes[number] = None;
    }

    pub(crate) fn stop_merchants(&mut self) {
        self.merchant_processes.fill_with(|| None);
    }

    /// Returns how long it took until it was ready.
    pub(crate) async fn start_merchant(&mut self, number: usize) -> Result<Duration, Error> {
        let began = Instant::now();
        let address = self.merchants[number];
        let mut command = Command::new(&self.setup.merchant);
        command
            .arg("--config")
            .arg(self.folder.join("merchant.toml"))
            .env("MERCHANT_LISTEN", address.to_string());
        let log = self.folder.join(format!("merchant{number}.log"));
        self.merchant_processes[number] = Some(Process::start(command, &log)?);
        await_status(address, "/readyz").await?;
        Ok(began.elapsed())
    }

    /// Resident memory of the largest process, in bytes.
    pub(crate) fn merchant_memory(&self) -> Result<u64, Error> {
        self.memory("VmRSS:")
    }

    /// The most resident memory that one process had, in bytes.
    pub(crate) fn merchant_peak_memory(&self) -> Result<u64, Error> {
        self.memory("VmHWM:")
    }

    fn memory(&self, what: &str) -> Result<u64, Error> {
        let running = self.merchant_processes.iter().flatten();
        let all = running.map(|process| process.memory(what));
        let all = all.collect::<Result<Vec<_>, _>>()?;
        Ok(all.into_iter().max().ok_or("no merchant runs")?)
    }

    /// Compares every payment with GoPay. Returns the first line that says otherwise.
    pub(crate) fn reconcile(&self) -> Result<Option<String>, Error> {
        let output = Command::new(&self.setup.merchant)
            .arg("--config")
            .arg(self.folder.join("merchant.toml"))
            .args(["reconcile", "--days", "1"])
            .env("MERCHANT_GOPAY_BACKGROUND_REQUESTS_PER_SECOND", "1000")
            .env(
                "MERCHANT_GOPAY_BI_SNAP_URL",
                format!("http://{}", self.simulator),
            )
            .output()?;
        if output.status.success() {
            return Ok(None);
        }
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        Ok(Some(text.lines().take(5).collect::<Vec<_>>().join("; ")))
    }

    /// Beside the merchant, with its keys and a database of its own.
    pub(crate) async fn start_rival(&self, folder: &Path) -> Result<Rival, Error> {
        let address = free_address()?;
        let mut command = Command::new("node");
        command.env("NODE_ENV", "production");
        command.arg(folder.join("server.js"));
        command.arg(address.port().to_string());
        command.arg(self.folder.join("rival.db"));
        command.arg(self.folder.join("keys/gopay.pub.pem"));
        let process = Process::start(command, &self.folder.join("rival.log"))?;
        let deadline = Instant::now() + START_TIMEOUT;
        while Connection::new(address)
            .send(&Call::get("/"))
            .await
            .is_err()
        {
            if Instant::now() > deadline {
                return Err("the rival does not answer".into());
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(Rival { address, process })
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.merchant().port())
    }

    pub(crate) async fn auth_code(
        simulator: &mut Connection,
        buyer: &str,
    ) -> Result<String, Error> {
        let call = serde_json::json!({
            "class": "GPMiniAppAuth", "method": "getAuthCode", "buyer": buyer,
        });
        let answer = simulator.send(&Call::post("/bridge/call", &call)).await?;
        let answer = answer.json()?;
        let code = answer["reply"]["data"]["authCode"].as_str();
        Ok(code.ok_or("the simulator gives no auth code")?.to_owned())
    }

    pub(crate) fn exchange(&self, auth_code: &str) -> Call {
        let body = serde_json::json!({"auth_code": auth_code});
        Call::post("/api/session", &body).header("origin", &self.origin())
    }

    /// Signs buyers in, and returns their cookies.
    pub(crate) async fn buyers(&self, prefix: &str, count: u32) -> Result<Vec<String>, Error> {
        let mut simulator = Connection::new(self.simulator);
        let mut codes = Vec::new();
        for number in 0..count {
            let buyer = format!("{prefix}{number}");
            codes.push(self.exchange(&Self::auth_code(&mut simulator, &buyer).await?));
        }
        let cookies = Rc::new(RefCell::new(Vec::new()));
        let found = Rc::clone(&cookies);
        let codes = Rc::new(codes);
        let figures = load::at_once(
            &self.merchants,
            32,
            u64::from(count),
            async move |merchant, number| {
                let answer = merchant.send(&codes[index(number)]).await?;
                let cookie = cookie(&answer).ok_or(Failure::Status(answer.status.as_u16()))?;
                found.borrow_mut().push(cookie);
                Ok(())
            },
        )
        .await;
        ensure_all("signing buyers in", &figures)?;
        Ok(cookies.take())
    }

    pub(crate) fn order(&self, cookie: &str, key: &str) -> Call {
        let body = serde_json::json!({
            "lines": [{"product": "kopi-susu", "quantity": 1}], "expected_total": 25000,
        });
        Call::post("/api/orders", &body)
            .header("origin", &self.origin())
            .header("cookie", cookie)
            .header("idempotency-key", key)
    }

    pub(crate) async fn open_database(&self) -> Result<database::Connection, Error> {
        Ok(database::Connection::open(&self.database_url).await?)
    }

    /// How many bytes the database has on the disk, logs aside.
    pub(crate) async fn database_size(&self) -> Result<u64, Error> {
        if self.setup.database == Database::Sqlite {
            return Ok(fs::metadata(self.folder.join("merchant.db"))?.len());
        }
        let size: i64 = sql("select pg_database_size(current_database())")
            .fetch_value(&mut self.open_database().await?)
            .await?;
        Ok(size.try_into()?)
    }

    /// Stops PostgreSQL as a crash does, while it is used. Returns when it takes connections again.
    pub(crate) async fn restart_postgres(&self) -> Result<(), Error> {
        let mut database = self.open_database().await?;
        let folder: String = sql("select current_setting('data_directory')")
            .fetch_value(&mut database)
            .await?;
        drop(database);
        let file = Path::new(&folder).join("postmaster.pid");
        let first_line = || {
            let text = fs::read_to_string(&file).unwrap_or_default();
            text.lines().next().unwrap_or_default().to_owned()
        };
        let pid = first_line();
        let signalled = Command::new("kill").args(["-QUIT", &pid]).status()?;
        if !signalled.success() {
            return Err("PostgreSQL cannot be stopped".into());
        }
        let deadline = Instant::now() + START_TIMEOUT;
        while [&pid, ""].contains(&first_line().as_str()) || self.open_database().await.is_err() {
            if Instant::now() > deadline {
                return Err("PostgreSQL does not come back".into());
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// The id of the buyer's newest order.
    pub(crate) async fn newest_order(&self, cookie: &str) -> Result<String, Error> {
        let list = Call::get("/api/orders").header("cookie", cookie);
        let list = Connection::new(self.merchant()).send(&list).await?.json()?;
        let id = list[0]["id"].as_str().ok_or("a buyer has no orders")?;
        Ok(id.to_owned())
    }

    /// Orders that are placed and paid, with the notifications that GoPay wrote about them.
    pub(crate) async fn paid_orders(
        &self,
        cookies: &[String],
        prefix: &str,
        count: u64,
    ) -> Result<Vec<Call>, Error> {
        let orders: Vec<Call> = (0..count)
            .map(|number| {
                self.order(
                    &cookies[index(number) % cookies.len()],
                    &format!("{prefix}{number}"),
                )
            })
            .collect();
        let orders = Rc::new(orders);
        let references = Rc::new(RefCell::new(Vec::new()));
        let found = Rc::clone(&references);
        let figures = load::at_once(
            &self.merchants,
            128,
            count,
            async move |merchant, number| {
                let answer = merchant.send(&orders[index(number)]).await?;
                let reference =
                    reference(&answer).ok_or(Failure::Status(answer.status.as_u16()))?;
                found.borrow_mut().push(reference);
                Ok(())
            },
        )
        .await;
        ensure_all("placing orders", &figures)?;
        let references = Rc::new(references.take());
        let before = self.notifications.count();
        let figures = load::at_once(
            &[self.simulator],
            16,
            count,
            async move |simulator, number| pay(simulator, &references[index(number)]).await,
        )
        .await;
        ensure_all("paying", &figures)?;
        let deadline = Instant::now() + START_TIMEOUT;
        while self.notifications.count() < before + index(count) {
            if Instant::now() > deadline {
                return Err("the simulator has not sent all notifications".into());
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(self.notifications.take())
    }
}

pub(crate) async fn pay(simulator: &mut Connection, reference: &str) -> Result<(), Failure> {
    let path = format!("/control/payments/{reference}/pay");
    let answer = simulator
        .send(&Call::post(path, &serde_json::json!({})))
        .await?;
    expect(&answer, 200)
}

/// The reference of GoPay's in the order's deeplink.
pub(crate) fn reference(answer: &crate::http::Answer) -> Option<String> {
    let order = answer.json().ok()?;
    let deeplink = order["payment"]["deeplink"].as_str()?;
    let (_, reference) = deeplink.split_once("tref=")?;
    Some(reference.to_owned())
}

/// The cookie of a session that was opened.
pub(crate) fn cookie(answer: &crate::http::Answer) -> Option<String> {
    let cookie = answer.headers.get("set-cookie")?.to_str().ok()?;
    Some(cookie.split(';').next()?.to_owned())
}

/// Sends the calls in turn, each of which is to be answered with this status.
pub(crate) fn each(
    calls: Vec<Call>,
    status: u16,
) -> impl AsyncFn(&mut Connection, u64) -> Result<(), Failure> + 'static {
    async move |merchant, number| {
        let call = &calls[index(number) % calls.len()];
        expect(&merchant.send(call).await?, status)
    }
}

pub(crate) fn expect(answer: &crate::http::Answer, status: u16) -> Result<(), Failure> {
    match answer.status.as_u16() {
        found if found == status => Ok(()),
        found => Err(Failure::Status(found)),
    }
}

pub(crate) fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

pub(crate) fn ensure_all(what: &str, figures: &load::Figures) -> Result<(), Error> {
    match figures.failed() {
        0 => Ok(()),
        _ => Err(format!("{what}: {:?}", figures.failures).into()),
    }
}

fn free_address() -> Result<SocketAddr, Error> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

async fn await_status(address: SocketAddr, path: &str) -> Result<(), Error> {
    let deadline = Instant::now() + START_TIMEOUT;
    let mut connection = Connection::new(address);
    loop {
        if let Ok(answer) = connection.send(&Call::get(path)).await
            && answer.status.is_success()
        {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("http://{address}{path} does not answer").into());
        }
        sleep(Duration::from_millis(2)).await;
    }
}

/// Makes an empty database beside the one of the server's URL. Returns its URL.
async fn create_database(server: &str) -> Result<String, Error> {
    let mut connection = database::Connection::open(server).await?;
    for statement in [
        "drop database if exists bench with (force)",
        "create database bench",
    ] {
        connection.run_script(statement).await?;
    }
    let (server, _) = server
        .rsplit_once('/')
        .ok_or("PostgreSQL's URL names no database")?;
    Ok(format!("{server}/bench"))
}

/// As a merchant has it, but for the limits of one buyer and one client: the bench is all of them.
fn configuration(database_url: &str, merchant: SocketAddr, upstream: SocketAddr) -> String {
    format!(
        r#"listen = "{merchant}"
public_url = "http://localhost:{port}"
database_url = "{database_url}"
dist = "dist"
master_key_file = "keys/master.key"

[gopay]
environment = "simulator"
bi_snap_url = "http://{upstream}"
mini_app_url = "http://{upstream}"
sdk_url = "http://{upstream}/sdk/stable/gp-container.min.js"
client_key = "G000000001-SNAP"
client_secret_file = "keys/client.secret"
partner_id = "G000000001"
merchant_id = "G000000001"
channel_id = "12345"
private_key_file = "keys/merchant.pem"
public_key_files = ["keys/gopay.pub.pem"]

[limits]
connections = 10500
connections_per_client = 10500
sign_ins_per_second = 10000
sign_ins_per_minute_per_client = 100000
requests_per_minute_per_buyer = 100000
orders_per_second = 10000
open_orders_per_buyer = 100000
orders_per_hour_per_buyer = 100000

[[mini_app]]
id = "kedai"
point_of_purchase_id = "7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1"
auth_credentials_file = "keys/auth.credentials"
catalogue = "shop.toml"
"#,
        port = merchant.port()
    )
}

pub(crate) struct Rival {
    pub(crate) address: SocketAddr,
    process: Process,
}

impl Rival {
    /// Resident memory, in bytes.
    pub(crate) fn memory(&self) -> Result<u64, Error> {
        self.process.memory("VmRSS:")
    }
}

/// Killed when it is dropped.
struct Process(Child);

impl Process {
    fn start(mut command: Command, log: &Path) -> Result<Self, Error> {
        let log = File::options().create(true).append(true).open(log)?;
        command.stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(log);
        Ok(Self(command.spawn()?))
    }

    fn memory(&self, what: &str) -> Result<u64, Error> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(what));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kibibytes: u64 = kibibytes.ok_or("no memory in /proc")?.trim().parse()?;
        Ok(kibibytes * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
