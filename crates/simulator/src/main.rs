//! `gopay-simulator`: a GoPay on this machine.

use clap::Parser;
use simulator::{
    Gallery, Keys, MiniAppId, MiniAppsError, Options, Package, Simulator, Url, account,
};
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
    /// The address of the first mini app, kedai
    #[arg(long, default_value = "http://localhost:8080")]
    app: Url,
    /// A further mini app of the merchant and its address, such as `kopi=http://kopi.localhost:8080`; can
    /// be repeated
    #[arg(long, value_name = "ID=URL", value_parser = parse_mini_app)]
    mini_app: Vec<(MiniAppId, Url)>,
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
        mini_app: mini_apps,
        notify,
        order_history,
        keys: keys_dir,
        package,
        gallery,
    } = arguments;
    let package = package.map(|path| Package::open(&path)).transpose()?;
    let gallery = gallery.map(|path| Gallery::open(&path)).transpose()?;
    let mut simulator = Simulator::bind(Options {
        listen,
        app,
        notify,
        keys: Keys::open(&keys_dir)?,
    })
    .await?
    .with_order_history(&order_history)?;
    for (id, app) in &mini_apps {
        let auth_credentials = Keys::open_auth_credentials(&keys_dir, id)?;
        simulator = simulator.with_mini_app(id.clone(), app.clone(), auth_credentials)?;
    }
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
    for (id, _) in &mini_apps {
        println!(
            "mini app {id}: point_of_purchase_id {}, AuthCredentials in {}",
            account::point_of_purchase_id(id.as_str()),
            Keys::auth_credentials_path(&keys_dir, id).display()
        );
    }
    tokio::select! {
        served = simulator.serve() => Ok(served?),
        stopped = tokio::signal::ctrl_c() => Ok(stopped?),
    }
}

fn parse_mini_app(text: &str) -> Result<(MiniAppId, Url), String> {
    let (id, address) = text
        .split_once('=')
        .ok_or("write its id and its address: kopi=http://kopi.localhost:8080")?;
    let id = id
        .parse()
        .map_err(|error: MiniAppsError| error.to_string())?;
    let address = address
        .parse()
        .map_err(|error| format!("{address:?} is not an address: {error}"))?;
    Ok((id, address))
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
