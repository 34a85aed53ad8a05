//! `gopay-simulator`: a GoPay on this machine.

mod cli;

use cli::{Command, CommandLine, Settings, Values};
use qrcode::{QrCode, render::unicode::Dense1x2};
use std::{
    error::Error,
    io::{self, IsTerminal, stdout},
    process::ExitCode,
};

#[tokio::main]
async fn main() -> ExitCode {
    match run(CommandLine::of_process()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("gopay-simulator: {}", chain(error.as_ref()));
            ExitCode::from(2)
        }
    }
}

async fn run(command_line: CommandLine) -> Result<ExitCode, Box<dyn Error>> {
    let CommandLine { arguments, command } = command_line;
    let (format, log) = (arguments.values, arguments.log);
    let mut settings = Settings::of(arguments)?;
    if let Some(format) = format {
        let keys = settings.open_keys()?;
        let values = Values::of(&settings, &keys, settings.listen, settings.sandbox_listen)?;
        print!("{}", values.print(format));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(Command::Check(arguments)) = command {
        return cli::check(&mut settings, arguments, log).await;
    }
    let mut simulator = settings.bind().await?;
    let is_watched = log || stdout().is_terminal();
    if is_watched {
        simulator = simulator.with_log();
    }
    let (address, sandbox) = (simulator.address(), simulator.sandbox_address());
    println!("gopay-simulator listening on http://{address}");
    if let Some(sandbox) = sandbox {
        println!("gopay-simulator-sandbox listening on http://{sandbox}");
    }
    let values = Values::of(&settings, &settings.open_keys()?, address, sandbox)?;
    print!("{}", values.text(false));
    if settings.listen.ip().is_unspecified() {
        println!("  Whoever reaches this address can read keys and messages, and act as GoPay.");
    }
    if let Some(host) = settings.allow_hosts.first().filter(|_| is_watched) {
        let url = format!("http://{host}:{}/", address.port());
        let code = QrCode::new(&url)?.render::<Dense1x2>().build();
        println!("The phone is at {url}\n{code}");
    }
    tokio::select! {
        served = simulator.serve() => served?,
        stopped = stop_signal() => stopped?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Ctrl-C, or what a container is stopped by.
async fn stop_signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            stopped = tokio::signal::ctrl_c() => stopped,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// The error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !line.contains(&cause_text) {
            line.push_str(": ");
            line.push_str(&cause_text);
        }
        source = cause.source();
    }
    line
}
