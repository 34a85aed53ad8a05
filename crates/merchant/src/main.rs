//! `merchant`: runs the back end, or makes its keys.

use clap::{Parser, Subcommand};
use merchant::{Config, Merchant};
use std::{env, error::Error, path::PathBuf, process::ExitCode};
use tracing_subscriber::EnvFilter;

/// The merchant's back end.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Configuration file; every key outside [[mini_app]] can also be given as a variable,
    /// MERCHANT_LISTEN, MERCHANT_GOPAY_CLIENT_KEY ...
    #[arg(long, default_value = "merchant.toml")]
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
}

/// What was asked for cannot be done as it was said.
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("MERCHANT_LOG")
        .unwrap_or_else(|_| EnvFilter::new("merchant=info,warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::Keygen { dir }) => match merchant::keygen(&dir) {
            Ok(made) => {
                for path in made {
                    println!("made {}", path.display());
                }
                ExitCode::SUCCESS
            }
            Err(error) => fail(&error, 1),
        },
        None => serve(&arguments.config).await,
    }
}

async fn serve(path: &std::path::Path) -> ExitCode {
    let config = match Config::load(path, env::vars()) {
        Ok(config) => config,
        Err(error) => return fail(&error, USAGE),
    };
    let merchant = match Merchant::bind(config).await {
        Ok(merchant) => merchant,
        Err(error) => return fail(&error, 1),
    };
    println!("merchant listening on http://{}", merchant.address());
    match merchant.serve(stop_asked()).await {
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

/// Ctrl-C, or the signal with which platforms stop a process.
async fn stop_asked() {
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
