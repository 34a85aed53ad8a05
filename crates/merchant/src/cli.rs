//! `merchant`: runs the back end, makes and changes its keys, checks and copies its database, shows its outbox,
//! gives money back, compares itself with GoPay.

pub mod admin;
mod author;
pub mod check_notifications;
pub mod copy;
pub mod keygen;
mod log;
pub mod migrate;
pub mod one_line;
pub mod reconcile;
pub mod rotate;
pub mod sdk_hash;
#[cfg(feature = "otel")]
mod traces;
pub mod verify;

use crate::{
    adapters::http::bundle_check,
    config::{Config, LogFormat, Operations},
    core_dumps,
    domain::{
        refund::RefundRequest,
        staff_action::{Author, StaffAction},
    },
    server::Merchant,
};
use admin::{Admin, attention::attention_text};
use author::{WithOptionalReason, WithReason};
use clap::{Parser, Subcommand};
use contract::Rupiah;
use log::LogGuard;
use reconcile::Scope;
use std::{
    env,
    error::Error,
    ffi::OsString,
    future::ready,
    io,
    num::NonZeroU64,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The merchant's back end.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Configuration file; every key outside [[mini_app]] can also be given as a variable,
    /// MERCHANT_LISTEN, MERCHANT_GOPAY_CLIENT_KEY ...
    #[arg(long, global = true, default_value = "merchant.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the keys that a merchant makes itself, where they are missing.
    Keygen {
        /// Folder for master.key, merchant.pem and merchant.pub.pem.
        #[arg(long, default_value = "keys")]
        dir: PathBuf,
    },
    /// Changes a key that a merchant makes itself; docs/GOING-LIVE.md has the steps.
    Rotate {
        #[command(subcommand)]
        command: RotateCommand,
    },
    /// Checks, without writing, that what must always be true is true in the database; 1
    /// where it is not.
    Verify,
    /// Reads the configuration and all that it names, and says what is wrong with it, and what
    /// should be changed; starts nothing.
    Config,
    /// Sends a notification to the public address as GoPay would, and says whether it arrived; 1
    /// where it did not. Prints the hash of the container SDK, too.
    Check,
    /// Brings the database up to date, as the merchant does when it starts. Several at once wait for each
    /// other.
    Migrate {
        /// Changes nothing, and says whether the database is up to date; 1 where it is not.
        #[arg(long)]
        check: bool,
    },
    /// Writes a copy of the database into a file, also while the merchant runs on it.
    Backup {
        /// Where to; nothing may be there yet.
        #[arg(value_name = "FILE")]
        to: PathBuf,
    },
    /// Fills an empty database with a backup, while no merchant runs on it.
    Restore {
        /// What `merchant backup` wrote.
        #[arg(value_name = "FILE")]
        from: PathBuf,
        #[command(flatten)]
        by: WithOptionalReason,
    },
    /// Fills an empty database with the rows of another, of the same kind or not; stop the merchant first.
    Copy {
        /// sqlite://PATH or postgres://USER@HOST/DATABASE; PostgreSQL's password may be in the variable
        /// PGPASSWORD.
        #[arg(long, value_name = "URL")]
        from: String,
        /// Likewise.
        #[arg(long, value_name = "URL")]
        to: String,
        #[command(flatten)]
        by: WithOptionalReason,
    },
    /// Lists the paid orders whose webhook is not acknowledged yet.
    Outbox {
        #[command(subcommand)]
        command: Option<OutboxCommand>,
    },
    /// Lists what GoPay notified of about payments that are not in the database: after a backup
    /// was put back, these are the payments that came after it.
    Notifications,
    /// Gives an order's money back, all that is left of it or a part; the running merchant
    /// sends it.
    Refund {
        /// The order's id, or the number on the buyer's receipt.
        order_id: String,
        /// Whole rupiah.
        #[arg(long, value_name = "RUPIAH", value_parser = rupiah)]
        amount: Option<Rupiah>,
        /// Names this request: repeated under the same name, it is reserved once.
        #[arg(long, value_parser = key)]
        key: Option<String>,
        /// The same amount of the same order a second time is meant.
        #[arg(long)]
        again: bool,
        #[command(flatten)]
        by: WithReason,
    },
    /// Lists the refunds without an end and those that failed.
    Refunds {
        #[command(subcommand)]
        command: Option<RefundsCommand>,
    },
    /// Lists the rewards, reminders and pushes that GoPay has not carried out.
    Requests {
        /// Also those that were carried out, or were not needed.
        #[arg(long)]
        all: bool,
        #[command(subcommand)]
        command: Option<RequestsCommand>,
    },
    /// Asks GoPay how many gems the buyer of an order has; or collects some, which the running
    /// merchant sends.
    Gems {
        /// The order's id, or the number on the buyer's receipt.
        order_id: String,
        /// How many to collect.
        #[arg(long, value_name = "GEMS", requires = "reason")]
        collect: Option<NonZeroU64>,
        /// Names this collection: repeated under the same name, it is made once.
        #[arg(long, value_parser = key, requires = "collect", default_value = "collection")]
        key: String,
        #[command(flatten)]
        by: WithOptionalReason,
    },
    /// Ends the sessions of an order's buyer, or of all: their apps sign in again.
    SignOut {
        /// The order's id, or the number on the buyer's receipt.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        order_id: Option<String>,
        /// Of every buyer.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        by: WithOptionalReason,
    },
    /// Erases who an order's buyer is: account, name, token and sessions. The orders stay.
    Erase {
        /// The order's id, or the number on the buyer's receipt.
        order_id: String,
        #[command(flatten)]
        by: WithReason,
    },
    /// Takes off the list of `merchant attention` what was dealt with in another way.
    Resolve {
        /// From the list.
        id: String,
        #[command(flatten)]
        by: WithReason,
    },
    /// Lists what does not go on by itself, each with the command that settles it.
    Attention {
        /// As a JSON array, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Lists what staff did by these commands, and why, the newest first.
    Actions {
        /// How many, at most.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Compares, without writing, every payment that matters with GoPay; 1 where GoPay says
    /// otherwise.
    Reconcile {
        /// Also every payment of so many last days.
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// Only payments whose end this merchant knows: of an open one, or of one with a
        /// refund under way, GoPay may know more already.
        #[arg(long)]
        settled: bool,
    },
}

#[derive(Debug, Subcommand)]
enum RotateCommand {
    /// Makes a further master key, and says what to do with it.
    MasterKey,
    /// Makes a further key pair for token requests, and says what to do with it.
    PrivateKey,
    /// Makes a further secret for webhooks, and says what to do with it.
    WebhookSecret,
    /// Counts the buyers who need each master key.
    Status,
    /// Brings all buyers under the first master key, also while the merchant runs.
    ReSeal {
        /// Instead lets the merchant start though a master key is lost: buyers who need it are taken
        /// for new ones.
        #[arg(long)]
        without_lost_keys: bool,
        #[command(flatten)]
        by: WithOptionalReason,
    },
}

#[derive(Debug, Subcommand)]
enum RefundsCommand {
    /// Has GoPay asked again about a parked refund; reserves a failed one under a new number,
    /// once.
    Retry {
        /// From the list.
        number: String,
        /// Also where the same amount of the same order was asked for since.
        #[arg(long)]
        again: bool,
        #[command(flatten)]
        by: WithReason,
    },
}

#[derive(Debug, Subcommand)]
enum RequestsCommand {
    /// Sends a dead-letter or refused request again, at once, under the same Request-Id.
    Retry {
        /// From the list.
        request_id: String,
        /// Also where GoPay may not know its id any more, and may carry it out a second time.
        #[arg(long)]
        again: bool,
        #[command(flatten)]
        by: WithReason,
    },
}

/// Whole rupiah, as people write them.
fn rupiah(text: &str) -> Result<Rupiah, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("write whole rupiah, without dots or commas: 25000".to_owned()),
        Ok(rupiah) => Ok(Rupiah::new(rupiah)),
    }
}

/// A name of staff's choice.
fn key(text: &str) -> Result<String, String> {
    let is_key = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    is_key
        .then(|| text.to_owned())
        .ok_or_else(|| "use 1 to 64 letters, digits and signs, without spaces".to_owned())
}

#[derive(Debug, Subcommand)]
enum OutboxCommand {
    /// Sends a webhook again, at once, with all tries from the first on.
    Retry {
        /// From the list.
        fulfilment_id: String,
        #[command(flatten)]
        by: WithOptionalReason,
    },
}

/// What was asked for cannot be done as it was said.
const USAGE_EXIT_CODE: u8 = 2;

pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    // Before a key is read.
    let dumps = core_dumps::disable();
    // The merchant's own log is begun once the configuration has said how it is written.
    let text = Operations {
        log_format: Some(LogFormat::Text),
        ..Operations::default()
    };
    let is_command = arguments.command.is_some();
    let _log = is_command.then(|| begin_log(&text, &dumps));
    match run_command(&arguments.config, arguments.command, &dumps).await {
        Ok(code) | Err(code) => code,
    }
}

fn begin_log(operations: &Operations, dumps: &io::Result<()>) -> LogGuard {
    let guard = log::begin(operations);
    if let Err(error) = dumps {
        tracing::warn!(
            event = "server.core_dumps",
            %error,
            "core dumps of this process cannot be switched off: they would hold its keys"
        );
    }
    guard
}

async fn run_command(
    path: &Path,
    command: Option<Command>,
    dumps: &io::Result<()>,
) -> Result<ExitCode, ExitCode> {
    let said = match command {
        Some(Command::Keygen { dir }) => {
            for path in keygen::keygen(&dir).map_err(fail)? {
                println!("made {}", path.display());
            }
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::Verify) => {
            let report = verify::verify(&config(path)?.database_url).await;
            let report = report.map_err(fail)?;
            println!("{report}");
            return Ok(ExitCode::from(u8::from(report.violations() > 0)));
        }
        Some(Command::Rotate { command }) => rotate(path, command).await?,
        Some(Command::Config) => read_config(path)?,
        Some(Command::Check) => check(path).await?,
        Some(Command::Migrate { check }) => {
            let url = config(path)?.database_url;
            if check {
                let (is_current, said) = migrate::check(&url).await.map_err(fail)?;
                println!("{said}");
                return Ok(ExitCode::from(u8::from(!is_current)));
            }
            migrate::migrate(&url).await.map_err(fail)?
        }
        Some(Command::Backup { to }) => {
            let copied = copy::backup(&config(path)?.database_url, &to).await;
            copied.map_err(fail)?
        }
        Some(Command::Restore { from, by }) => {
            let url = config(path)?.database_url;
            let restored = copy::restore(&from, &url).await.map_err(fail)?;
            record_in(&url, action(&by, "restore", ""), restored).await?
        }
        Some(Command::Copy { from, to, by }) => {
            let copied = copy::copy(&from, &to).await.map_err(fail)?;
            record_in(&to, action(&by, "copy", ""), copied).await?
        }
        Some(Command::Outbox { command }) => {
            let admin = admin(path).await?;
            match command {
                None => admin.outbox().await,
                Some(OutboxCommand::Retry { fulfilment_id, by }) => {
                    let action = action(&by, "outbox retry", &fulfilment_id);
                    let id = fulfilment_id.into();
                    admin.recorded(action, admin.retry(&id)).await
                }
            }
            .map_err(fail)?
        }
        Some(Command::Refund {
            order_id,
            amount,
            key,
            again,
            by,
        }) => {
            let admin = admin(path).await?;
            let action = action(by, "refund", &order_id);
            let request = RefundRequest {
                amount,
                key,
                again,
                approval: admin.approval_rule(&action.author.actor),
            };
            let refunded = admin.recorded(action, admin.refund(&order_id, request));
            refunded.await.map_err(fail)?
        }
        Some(Command::Refunds { command }) => {
            let admin = admin(path).await?;
            match command {
                None => admin.refunds().await,
                Some(RefundsCommand::Retry { number, again, by }) => {
                    let action = action(by, "refunds retry", &number);
                    let number = number.into();
                    let rule = admin.approval_rule(&action.author.actor);
                    let retry = admin.retry_refund(&number, again, rule.as_ref());
                    admin.recorded(action, retry).await
                }
            }
            .map_err(fail)?
        }
        Some(Command::Notifications) => {
            let listed = admin(path).await?.notifications().await;
            listed.map_err(fail)?
        }
        Some(Command::Requests { all, command }) => {
            let admin = admin(path).await?;
            match command {
                None => admin.requests(all).await,
                Some(RequestsCommand::Retry {
                    request_id,
                    again,
                    by,
                }) => {
                    let action = action(by, "requests retry", &request_id);
                    let id = request_id.into();
                    admin
                        .recorded(action, admin.retry_request(&id, again))
                        .await
                }
            }
            .map_err(fail)?
        }
        Some(Command::Gems {
            order_id,
            collect,
            key,
            by,
        }) => {
            let (config, admin) = (config(path)?, admin(path).await?);
            match collect {
                None => admin.gems(config, &order_id).await,
                Some(amount) => {
                    let apps = &config.mini_apps;
                    let collect = admin.collect_gems(apps, &order_id, amount, &key);
                    let action = action(&by, "gems --collect", &order_id);
                    admin.recorded(action, collect).await
                }
            }
            .map_err(fail)?
        }
        Some(Command::SignOut { order_id, by, .. }) => {
            let admin = admin(path).await?;
            let order = order_id.as_deref();
            let action = action(&by, "sign-out", order.unwrap_or_default());
            let ended = admin.recorded(action, admin.sign_out(order)).await;
            ended.map_err(fail)?
        }
        Some(Command::Erase { order_id, by }) => {
            let (config, admin) = (config(path)?, admin(path).await?);
            let action = action(by, "erase", &order_id);
            let erased = admin.recorded(action, admin.erase(&config.vault, &order_id));
            erased.await.map_err(fail)?
        }
        Some(Command::Resolve { id, by }) => {
            let admin = admin(path).await?;
            let action = action(by, "resolve", &id);
            let resolved = admin.recorded(action, admin.resolve(&id)).await;
            resolved.map_err(fail)?
        }
        Some(Command::Attention { json }) => {
            let items = admin(path).await?.attention().await.map_err(fail)?;
            match json {
                true => serde_json::to_string_pretty(&items).map_err(fail)?,
                false => attention_text(&items),
            }
        }
        Some(Command::Actions { limit }) => {
            let listed = admin(path).await?.actions(limit).await;
            listed.map_err(fail)?
        }
        Some(Command::Reconcile { days, settled }) => {
            let report = reconcile::reconcile(config(path)?, Scope { days, settled }).await;
            let report = report.map_err(fail)?;
            println!("{report}");
            return Ok(ExitCode::from(u8::from(!report.differences.is_empty())));
        }
        None => {
            let config = config(path)?;
            let _log = begin_log(&config.operations, dumps);
            let merchant = Merchant::bind(config).await.map_err(fail)?;
            // Before the address is told: a signal that comes right after it is not lost.
            let signals = StopSignals::catch().map_err(fail)?;
            println!("merchant listening on http://{}", merchant.address());
            merchant.serve(signals.shutdown()).await;
            return Ok(ExitCode::SUCCESS);
        }
    };
    println!("{said}");
    Ok(ExitCode::SUCCESS)
}

fn action(by: impl Into<Author>, command: &'static str, subject: &str) -> StaffAction {
    StaffAction {
        author: by.into(),
        command,
        subject: subject.to_owned(),
    }
}

/// Keeps what filled a database in that database: before, it had to be empty.
async fn record_in(url: &str, action: StaffAction, said: String) -> Result<String, ExitCode> {
    let admin = Admin::attach(url).await.map_err(fail)?;
    let kept = admin.recorded(action, ready(Ok(said))).await;
    kept.map_err(fail)
}

/// A key that was made is in nobody's use before it is configured: that is no action yet.
async fn rotate(path: &Path, command: RotateCommand) -> Result<String, ExitCode> {
    let config = config(path)?;
    let files = &config.key_files;
    match command {
        RotateCommand::MasterKey => rotate::master_key(files),
        RotateCommand::PrivateKey => rotate::private_key(files),
        RotateCommand::WebhookSecret => rotate::webhook_secret(files),
        RotateCommand::Status => rotate::status(&config).await,
        RotateCommand::ReSeal {
            without_lost_keys,
            by,
        } => {
            let name = match without_lost_keys {
                true => "rotate re-seal --without-lost-keys",
                false => "rotate re-seal",
            };
            let admin = Admin::connect(&config).await.map_err(fail)?;
            let reseal = async { Ok(rotate::reseal(&config, without_lost_keys).await?) };
            let resealed = admin.recorded(action(&by, name, ""), reseal).await;
            return resealed.map_err(fail);
        }
    }
    .map_err(fail)
}

fn config(path: &Path) -> Result<Config, ExitCode> {
    // A variable that is not text is not ours, or its value is found to be wrong.
    let variables = env::vars_os().map(|(name, value)| {
        let text = |text: OsString| text.to_string_lossy().into_owned();
        (text(name), text(value))
    });
    Config::load(path, variables).map_err(|errors| {
        for line in errors.to_string().lines() {
            eprintln!("merchant: {line}");
        }
        ExitCode::from(USAGE_EXIT_CODE)
    })
}

fn read_config(path: &Path) -> Result<String, ExitCode> {
    let config = config(path)?;
    let notice = config.gopay.environment.notice();
    for line in notice
        .into_iter()
        .chain(config.warnings.iter().map(String::as_str))
    {
        eprintln!("merchant: {line}");
    }
    for mini_app in config
        .mini_apps
        .iter()
        .filter(|app| app.package_origins.is_empty())
    {
        for mismatch in bundle_check::mismatches(&mini_app.dist, &mini_app.catalogue) {
            eprintln!("merchant: {mismatch}");
        }
    }
    let environment = config.gopay.environment.name();
    let notify_url = config.notification_url().map_or_else(String::new, |url| {
        format!("; GoPay's notifications belong at {url}")
    });
    Ok(format!(
        "the configuration can be run in {environment}{notify_url}"
    ))
}

async fn check(path: &Path) -> Result<String, ExitCode> {
    let config = config(path)?;
    if let Some(container) = &config.gopay.container {
        let url = &container.sdk_url;
        match sdk_hash::sdk_hash(url, config.gopay.proxy_url.as_ref()).await {
            Ok((bytes, hash)) => println!("sha256 {hash} of {bytes} bytes at {url}"),
            Err(error) => eprintln!("merchant: the container SDK cannot be loaded: {error}"),
        }
    }
    let url = config.notification_url().ok_or_else(|| {
        fail(check_notifications::Error::NoAddress);
        ExitCode::from(USAGE_EXIT_CODE)
    })?;
    check_notifications::probe(&url).await.map_err(fail)?;
    Ok(format!(
        "GoPay's notifications come through at {url}, as far as can be seen from here: \
         run it from outside this network too"
    ))
}

async fn admin(path: &Path) -> Result<Admin, ExitCode> {
    Admin::connect(&config(path)?).await.map_err(fail)
}

/// One line: what is wrong, then what caused it, where that has not been said.
fn fail(error: impl Error) -> ExitCode {
    let mut line = format!("merchant: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        if !line.contains(first) {
            line.push_str(": ");
            line.push_str(first);
        }
        cause = error.source();
    }
    eprintln!("{line}");
    ExitCode::FAILURE
}

/// Ctrl-C, and the signal with which platforms stop a process. While it lives none of them is lost, and none
/// ends the process by itself.
#[cfg(unix)]
struct StopSignals([tokio::signal::unix::Signal; 2]);

#[cfg(unix)]
impl StopSignals {
    fn catch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let terminated = signal(SignalKind::terminate())?;
        Ok(Self([terminated, signal(SignalKind::interrupt())?]))
    }

    async fn next(&mut self) {
        let [terminated, interrupted] = &mut self.0;
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct StopSignals;

#[cfg(not(unix))]
impl StopSignals {
    fn catch() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

impl StopSignals {
    /// The first one. The second ends the process where it stands.
    async fn shutdown(mut self) {
        self.next().await;
        tokio::spawn(async move {
            self.next().await;
            eprintln!("merchant: ended at once");
            std::process::exit(1);
        });
    }
}
