//! What the command line says. It goes before the configuration file.

use clap::{Args, ValueEnum};
use simulator::{MiniAppId, MiniAppsError, Url};
use std::{
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Env,
    Json,
}

#[derive(Debug, Default, Args)]
pub(crate) struct Arguments {
    /// The configuration file; gopay-simulator.toml without it, where there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print every value that a back end needs, secrets included, and end
    #[arg(long, value_name = "FORMAT")]
    pub(crate) values: Option<Format>,
    /// Print a line for each message, also where the output is not a terminal
    #[arg(long)]
    pub(crate) log: bool,
    /// The address to listen on, 127.0.0.1:9090 without it; port 0 takes any free port
    #[arg(long, value_name = "ADDRESS", value_parser = parse_listen)]
    pub(crate) listen: Option<SocketAddr>,
    /// The address that plays Midtrans' sandbox, such as 127.0.0.1:9091; none without it
    #[arg(long, value_name = "ADDRESS", value_parser = parse_listen)]
    pub(crate) sandbox_listen: Option<SocketAddr>,
    /// A further host name under which the simulator answers, for containers and phones in the network; can be
    /// repeated. With it, --listen may be any address
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// The address of the first mini app, http://localhost:8080 without it
    #[arg(long, value_name = "URL")]
    pub(crate) app: Option<Url>,
    /// The id of the first mini app, kedai without it
    #[arg(long, value_name = "ID")]
    pub(crate) app_id: Option<MiniAppId>,
    /// The name of the first mini app, in the phone and when it asks for a consent
    #[arg(long, value_name = "NAME")]
    pub(crate) app_name: Option<String>,
    /// pointOfPurchaseId of the first mini app
    #[arg(long, value_name = "ID")]
    pub(crate) point_of_purchase: Option<String>,
    /// A further mini app of the merchant and its address, such as `kopi=http://kopi.localhost:8080`; can
    /// be repeated
    #[arg(long, value_name = "ID=URL", value_parser = parse_mini_app)]
    pub(crate) mini_app: Vec<(MiniAppId, Url)>,
    /// The merchant's name, in the payment sheet
    #[arg(long, value_name = "NAME")]
    pub(crate) merchant_name: Option<String>,
    /// merchantId (MID)
    #[arg(long, value_name = "ID")]
    pub(crate) merchant_id: Option<String>,
    /// X-PARTNER-ID, the merchant id without it
    #[arg(long, value_name = "ID")]
    pub(crate) partner_id: Option<String>,
    /// X-CLIENT-KEY, the merchant id and -SNAP without it
    #[arg(long, value_name = "KEY")]
    pub(crate) client_key: Option<String>,
    /// The merchant's public key (PEM); without it that of the folder of keys, which is generated
    #[arg(long, value_name = "FILE")]
    pub(crate) merchant_key: Option<PathBuf>,
    /// What receives notifications, http://localhost:8080 without it: an origin, to which
    /// /v1.0/debit/notify is appended, or a whole address
    #[arg(long, value_name = "URL")]
    pub(crate) notify: Option<Url>,
    /// A certificate (PEM) that is trusted where notifications are sent over https
    #[arg(long, value_name = "FILE")]
    pub(crate) notify_ca: Option<PathBuf>,
    /// The address on the app's origin that an entry of the order history opens, with
    /// {partner_reference_no}, {reference_no} or {external_id}; empty for the app's home
    #[arg(long, value_name = "PATH")]
    pub(crate) order_history: Option<String>,
    /// The file (TOML) with the settings of the control API, at the start and after each reset
    #[arg(long, value_name = "FILE")]
    pub(crate) setup: Option<PathBuf>,
    /// The same requests get the same ids, codes and tokens in each run with this number; random without it. Keys
    /// do not follow from it
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u32>,
    /// The folder of keys, .gopay-simulator without it; keys are generated where they are missing
    #[arg(long, value_name = "FOLDER")]
    pub(crate) keys: Option<PathBuf>,
    /// The first mini app's ZIP, served under /packages/ID/ as Container V1 does
    #[arg(long, value_name = "FILE")]
    pub(crate) package: Option<PathBuf>,
    /// The folder with the first mini app's states, shown under /gallery
    #[arg(long, value_name = "FOLDER")]
    pub(crate) gallery: Option<PathBuf>,
}

/// An address and a port; `localhost` is an address too.
pub(super) fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    let addresses = text.to_socket_addrs().map_err(|error| {
        format!("write an address and a port, such as 127.0.0.1:9090 ({error})")
    })?;
    let mut addresses: Vec<_> = addresses.collect();
    // A browser that is given `localhost` may try only one of both.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    addresses
        .first()
        .copied()
        .ok_or_else(|| "the name has no address".to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_an_address_to_listen_on() {
        assert_eq!(
            parse_listen("localhost:9190"),
            Ok("127.0.0.1:9190".parse().unwrap())
        );
        assert!(parse_listen("9190").unwrap_err().contains("127.0.0.1:9090"));
    }
}
