//! `merchant`: runs the back end, makes its keys, checks its database, shows its outbox, gives
//! money back, compares itself with GoPay.

pub mod admin;
pub mod check_notifications;
pub mod keygen;
pub mod reconcile;
pub mod verify;

use crate::{config::Config, domain::refund::RefundRequest, server::Merchant};
use admin::Admin;
use clap::{Parser, Subcommand};
use contract::Rupiah;
use reconcile::Scope;
use std::{
    env,
    error::Error,
    ffi::OsString,
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
};
use tracing_subscriber::EnvFilter;

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
    /// Checks, without writing, that what must always be true is true in the database; 1
    /// where it is not.
    Verify,
    /// Reads the configuration and all that it names, and says what is wrong with it, and what
    /// should be changed; starts nothing.
    Config,
    /// Sends a notification to the public address as GoPay would, and says whether it arrived; 1
    /// where it did not.
    Check,
    /// Writes a copy of the database, also while the merchant runs on it.
    Backup {
        /// Where to; nothing may be there yet.
        to: PathBuf,
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
    },
    /// Lists the refunds without an end and those that failed.
    Refunds {
        #[command(subcommand)]
        command: Option<RefundsCommand>,
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
enum RefundsCommand {
    /// Has GoPay asked again about a parked refund; reserves a failed one under a new number,
    /// once.
    Retry {
        /// From the list.
        number: String,
        /// Also where the same amount of the same order was asked for since.
        #[arg(long)]
        again: bool,
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
    },
}

/// What was asked for cannot be done as it was said.
const USAGE_EXIT_CODE: u8 = 2;

pub async fn run() -> ExitCode {
    let filter = EnvFilter::try_from_env("MERCHANT_LOG")
        .unwrap_or_else(|_| EnvFilter::new("merchant=info,warn"));
    // A file or a journal would keep the codes of the colours.
    let is_coloured = std::io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(is_coloured)
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::Keygen { dir }) => match keygen::keygen(&dir) {
            Ok(made) => {
                for path in made {
                    println!("made {}", path.display());
                }
                ExitCode::SUCCESS
            }
            Err(error) => fail(&error, 1),
        },
        Some(Command::Verify) => verify(&arguments.config).await,
        Some(Command::Config) => print_result(read_config(&arguments.config)),
        Some(Command::Check) => print_result(check(&arguments.config).await),
        Some(Command::Backup { to }) => print_result(backup(&arguments.config, &to).await),
        Some(Command::Outbox { command }) => print_result(outbox(&arguments.config, command).await),
        Some(Command::Refund {
            order_id,
            amount,
            key,
            again,
        }) => {
            let request = RefundRequest { amount, key, again };
            print_result(refund(&arguments.config, &order_id, request).await)
        }
        Some(Command::Refunds { command }) => {
            print_result(refunds(&arguments.config, command).await)
        }
        Some(Command::Notifications) => print_result(notifications(&arguments.config).await),
        Some(Command::Reconcile { days, settled }) => {
            reconcile(&arguments.config, Scope { days, settled }).await
        }
        None => serve(&arguments.config).await,
    }
}

fn print_result(said: Result<String, ExitCode>) -> ExitCode {
    match said {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(code) => code,
    }
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

async fn verify(path: &Path) -> ExitCode {
    let config = match config(path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    match verify::verify(&config.database_url).await {
        Ok(report) => {
            println!("{report}");
            ExitCode::from(u8::from(report.violations() > 0))
        }
        Err(error) => fail(&error, 1),
    }
}

fn read_config(path: &Path) -> Result<String, ExitCode> {
    let config = config(path)?;
    for warning in &config.warnings {
        eprintln!("merchant: {warning}");
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
    let url = config
        .notification_url()
        .ok_or_else(|| fail(&check_notifications::Error::NoAddress, USAGE_EXIT_CODE))?;
    check_notifications::probe(&url)
        .await
        .map(|()| {
            format!(
                "GoPay's notifications come through at {url}, as far as can be seen from here: \
                 run it from outside this network too"
            )
        })
        .map_err(|error| fail(&error, 1))
}

async fn backup(path: &Path, to: &Path) -> Result<String, ExitCode> {
    let config = config(path)?;
    let admin = Admin::connect(&config)
        .await
        .map_err(|error| fail(&error, 1))?;
    admin.backup(to).await.map_err(|error| fail(&error, 1))
}

async fn outbox(path: &Path, command: Option<OutboxCommand>) -> Result<String, ExitCode> {
    let admin = admin(path).await?;
    match command {
        None => admin.outbox().await,
        Some(OutboxCommand::Retry { fulfilment_id }) => admin.retry(&fulfilment_id.into()).await,
    }
    .map_err(|error| fail(&error, 1))
}

async fn notifications(path: &Path) -> Result<String, ExitCode> {
    let listed = admin(path).await?.notifications().await;
    listed.map_err(|error| fail(&error, 1))
}

async fn refund(path: &Path, id: &str, request: RefundRequest) -> Result<String, ExitCode> {
    let admin = admin(path).await?;
    let refunded = admin.refund(id, request).await;
    refunded.map_err(|error| fail(&error, 1))
}

async fn refunds(path: &Path, command: Option<RefundsCommand>) -> Result<String, ExitCode> {
    let admin = admin(path).await?;
    match command {
        None => admin.refunds().await,
        Some(RefundsCommand::Retry { number, again }) => {
            admin.retry_refund(&number.into(), again).await
        }
    }
    .map_err(|error| fail(&error, 1))
}

async fn admin(path: &Path) -> Result<Admin, ExitCode> {
    Admin::connect(&config(path)?)
        .await
        .map_err(|error| fail(&error, 1))
}

async fn reconcile(path: &Path, scope: Scope) -> ExitCode {
    let config = match config(path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    match reconcile::reconcile(config, scope).await {
        Ok(report) => {
            println!("{report}");
            ExitCode::from(u8::from(!report.differences.is_empty()))
        }
        Err(error) => fail(&error, 1),
    }
}

async fn serve(path: &Path) -> ExitCode {
    let config = match config(path) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let merchant = match Merchant::bind(config).await {
        Ok(merchant) => merchant,
        Err(error) => return fail(&error, 1),
    };
    println!("merchant listening on http://{}", merchant.address());
    match merchant.serve(shutdown_signal()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, 1),
    }
}

/// One line: what is wrong, then what caused it, where that has not been said.
fn fail(error: &dyn Error, code: u8) -> ExitCode {
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
    ExitCode::from(code)
}

/// Ctrl-C, or the signal with which platforms stop a process. After the first one, the second
/// ends it where it stands.
async fn shutdown_signal() {
    stop_signal().await;
    tokio::spawn(async {
        stop_signal().await;
        eprintln!("merchant: ended at once");
        std::process::exit(1);
    });
}

async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
