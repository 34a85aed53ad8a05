//! `gopay-simulator`: a GoPay on this machine.

use clap::Parser;
use simulator::{Gallery, Keys, Options, Package, Simulator, Url};
use std::{error::Error, net::SocketAddr, path::PathBuf, process::ExitCode};

/// A GoPay you can run: SDK, payment sheet, APIs and notifications. No real money, no real
/// GoPay.
#[derive(Debug, Parser)]
#[command(name = "gopay-simulator", version)]
struct Arguments {
    /// The loopback address to listen on; port 0 takes any free port
    #[arg(long, default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// The loopback address that plays Midtrans' sandbox, such as 127.0.0.1:9091; none without it
    #[arg(long)]
    sandbox_listen: Option<SocketAddr>,
    /// The address of the mini app
    #[arg(long, default_value = "http://localhost:8080")]
    app: Url,
    /// The origin that receives notifications
    #[arg(long, default_value = "http://localhost:8080")]
    notify: Url,
    /// The address on the app's origin that an entry of the order history opens, with
    /// {partner_reference_no}, {reference_no} or {external_id}; empty for the app's home
    #[arg(long, default_value = "/orders/{partner_reference_no}")]
    order_history: String,
    /// The folder of keys; GoPay's own are generated where they are missing
    #[arg(long)]
    keys: PathBuf,
    /// A mini app's ZIP, served under /packages/kedai/ as Container V1 does
    #[arg(long)]
    package: Option<PathBuf>,
    /// The folder with the mini app's states, shown under /gallery
    #[arg(long)]
    gallery: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gopay-simulator: {}", chain(error.as_ref()));
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let Arguments {
        listen,
        sandbox_listen,
        app,
        notify,
        order_history,
        keys,
        package,
        gallery,
    } = arguments;
    let package = package.map(|path| Package::open(&path)).transpose()?;
    let gallery = gallery.map(|path| Gallery::open(&path)).transpose()?;
    let mut simulator = Simulator::bind(Options {
        listen,
        app,
        notify,
        keys: Keys::open(&keys)?,
    })
    .await?
    .with_order_history(&order_history)?;
    if let Some(listen) = sandbox_listen {
        simulator = simulator.with_sandbox(listen).await?;
    }
    if let Some(package) = package {
        simulator = simulator.with_package(package);
    }
    if let Some(gallery) = gallery {
        simulator = simulator.with_gallery(gallery);
    }
    println!(
        "gopay-simulator listening on http://{}",
        simulator.address()
    );
    if let Some(sandbox) = simulator.sandbox_address() {
        println!("gopay-simulator-sandbox listening on http://{sandbox}");
    }
    tokio::select! {
        served = simulator.serve() => Ok(served?),
        stopped = tokio::signal::ctrl_c() => Ok(stopped?),
    }
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
