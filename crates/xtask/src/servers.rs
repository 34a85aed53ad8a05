//! The two servers: how they are built, started and told each other's address.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::app::Bundle;
use crate::error::Cause;
use crate::process::{self, Process};
use crate::progress::Progress;
use crate::workspace::Workspace;
use crate::{http, interrupt};

/// From the start of a server to its first answer.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The profile of the servers that are shipped.
const SHIPPED: &str = "server";

const GALLERY: &str = "tests/gallery";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) merchant: u16,
    pub(crate) simulator: u16,
    /// Of the simulator's sandbox, where payments open in a browser; `None` for those in the phone.
    pub(crate) sandbox: Option<u16>,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            merchant: 8080,
            simulator: 9090,
            sandbox: None,
        }
    }
}

impl Ports {
    pub(crate) const MERCHANT_OPTION: &str = "merchant-port";
    pub(crate) const SIMULATOR_OPTION: &str = "simulator-port";
    pub(crate) const SANDBOX_OPTION: &str = "sandbox-port";
    pub(crate) const DEFAULT_SANDBOX: u16 = 9091;

    pub(crate) fn ensure_free(self) -> Result<()> {
        let sandbox = self.sandbox.map(|port| (port, Self::SANDBOX_OPTION));
        let mut taken = Vec::new();
        for (port, option) in [
            (self.merchant, Self::MERCHANT_OPTION),
            (self.simulator, Self::SIMULATOR_OPTION),
        ]
        .into_iter()
        .chain(sandbox)
        {
            if taken.contains(&port) {
                bail!("port {port} is named twice: choose another one with --{option}");
            }
            taken.push(port);
            if !http::port_is_free(port) {
                bail!(
                    "port {port} is in use: stop the program that listens on it, or choose another port with --{option}"
                );
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Server {
    Simulator,
    Merchant,
}

impl Server {
    /// Both, in the order they start: the simulator writes a key that the
    /// merchant reads.
    pub(crate) const ALL: &[Self] = &[Self::Simulator, Self::Merchant];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Simulator => "the simulator",
            Self::Merchant => "the merchant",
        }
    }

    fn program(self) -> &'static str {
        match self {
            Self::Simulator => "gopay-simulator",
            Self::Merchant => "merchant",
        }
    }

    fn package(self) -> &'static str {
        match self {
            Self::Simulator => "simulator",
            Self::Merchant => "merchant",
        }
    }

    pub(crate) fn binary(self, workspace: &Workspace) -> PathBuf {
        workspace.binary(self.program())
    }

    pub(crate) fn inputs(self) -> &'static [&'static str] {
        match self {
            Self::Simulator => &[
                "Cargo.toml",
                "crates/simulator",
                "crates/gopay-protocol",
                GALLERY,
            ],
            Self::Merchant => &[
                "Cargo.toml",
                "shop.toml",
                "crates/merchant",
                "crates/gopay-protocol",
                "crates/contract",
            ],
        }
    }

    fn port(self, ports: Ports) -> u16 {
        match self {
            Self::Simulator => ports.simulator,
            Self::Merchant => ports.merchant,
        }
    }

    /// Fails if the server refuses its configuration. Another instance may be running.
    pub(crate) fn check(self, workspace: &Workspace, ports: Ports) -> Result<()> {
        if self == Self::Simulator {
            return Ok(());
        }
        let mut command = self.command(workspace, ports);
        command.arg("config").stdout(Stdio::null());
        match process::run(self.name(), &mut command)?.success() {
            true => Ok(()),
            false => bail!(Cause::Source(
                "the merchant cannot run with this configuration: the reason is above".to_owned()
            )),
        }
    }

    pub(crate) fn start(self, workspace: &Workspace, ports: Ports) -> Result<Process> {
        let mut command = self.command(workspace, ports);
        // Only the ready line goes there; logs go to standard error. Preview
        // prints one address, not three.
        command.stdout(Stdio::null());
        let mut process = Process::start(self.name(), &mut command)?;
        await_answer(&mut process, self.port(ports))?;
        Ok(process)
    }

    fn command(self, workspace: &Workspace, ports: Ports) -> Command {
        let mut command = Command::new(self.binary(workspace));
        command.current_dir(workspace.path(""));
        let merchant = format!("http://localhost:{}", ports.merchant);
        let simulator = format!("http://localhost:{}", ports.simulator);
        let listen = format!("127.0.0.1:{}", self.port(ports));
        match self {
            Self::Simulator => {
                command.args([
                    "--listen", &listen, "--app", &merchant, "--notify", &merchant, "--keys",
                ]);
                command.arg(keys(workspace));
                command.arg("--gallery").arg(workspace.path(GALLERY));
                if let Some(port) = ports.sandbox {
                    command.args(["--sandbox-listen", &format!("127.0.0.1:{port}")]);
                }
            }
            Self::Merchant => {
                command
                    .env("MERCHANT_LISTEN", listen)
                    .env("MERCHANT_PUBLIC_URL", merchant)
                    .env("MERCHANT_DIST", Bundle::Preview.directory(workspace));
                let file = match ports.sandbox {
                    Some(port) => {
                        let sandbox = format!("http://localhost:{port}");
                        command.env("MERCHANT_GOPAY_BI_SNAP_URL", sandbox);
                        "crates/merchant/merchant.sandbox.toml"
                    }
                    None => {
                        let sdk = format!("{simulator}/sdk/stable/gp-container.min.js");
                        command
                            .env("MERCHANT_GOPAY_BI_SNAP_URL", &simulator)
                            .env("MERCHANT_GOPAY_MINI_APP_URL", &simulator)
                            .env("MERCHANT_GOPAY_SDK_URL", sdk);
                        "crates/merchant/merchant.toml"
                    }
                };
                command.arg("--config").arg(workspace.path(file));
            }
        }
        command
    }
}

/// With the profile of the tests, so that each dependency is compiled once.
pub(crate) fn build(workspace: &Workspace, servers: &[Server]) -> Result<()> {
    Progress::show(|progress| build_with(workspace, servers, progress))
}

pub(crate) fn build_with(
    workspace: &Workspace,
    servers: &[Server],
    progress: &Progress,
) -> Result<()> {
    let mut cargo = workspace.cargo("build");
    // `--workspace` gives dependencies the same features as in tests. Only these programs are built.
    cargo.arg("--workspace");
    for server in servers {
        cargo.args(["--bin", server.program()]);
    }
    let what = match servers {
        [server] => server.name(),
        _ => "the servers",
    };
    if progress.run("servers", &mut cargo)? {
        Ok(())
    } else {
        bail!(Cause::does_not_build(what))
    }
}

/// A server as it is shipped: with the profile that `docs/GOING-LIVE.md` names. Its dependencies are compiled for it
/// alone.
pub(crate) fn build_shipped(workspace: &Workspace, server: Server) -> Result<PathBuf> {
    let what = format!("{}, optimised", server.name());
    let mut cargo = workspace.cargo("build");
    cargo.args(["--profile", SHIPPED, "--package", server.package()]);
    if !Progress::show(|progress| progress.run(&what, &mut cargo))? {
        bail!(Cause::does_not_build(&what));
    }
    let name = format!("{}{}", server.program(), std::env::consts::EXE_SUFFIX);
    Ok(workspace.built(SHIPPED).join(name))
}

fn keys(workspace: &Workspace) -> PathBuf {
    workspace.path("target/preview/keys")
}

/// The simulator of an earlier preview lost its payments when it ended, and an order without a payment
/// at GoPay can be neither paid nor cancelled.
pub(crate) fn delete_orders(workspace: &Workspace) -> Result<()> {
    for end in ["", "-wal", "-shm"] {
        let path = workspace.path(&format!("target/preview/merchant.db{end}"));
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            removed => removed.with_context(|| path.display().to_string())?,
        }
    }
    Ok(())
}

/// Keeps the keys that are there.
pub(crate) fn make_keys(workspace: &Workspace) -> Result<()> {
    let mut keygen = Command::new(Server::Merchant.binary(workspace));
    keygen
        .args(["keygen", "--dir"])
        .arg(keys(workspace))
        .stdout(Stdio::null());
    if process::run("merchant keygen", &mut keygen)?.success() {
        Ok(())
    } else {
        bail!("`merchant keygen` could not make the development keys: the reason is above")
    }
}

pub(crate) fn ensure_running(process: &mut Process) -> Result<()> {
    match process.ended()? {
        None => Ok(()),
        Some(status) => bail!("{} ended by itself ({status})", process.name()),
    }
}

fn await_answer(process: &mut Process, port: u16) -> Result<()> {
    let deadline = Instant::now() + START_TIMEOUT;
    while http::status("GET", port, "/healthz") != Some(200) {
        ensure_running(process)?;
        interrupt::check()?;
        if Instant::now() > deadline {
            let name = process.name();
            bail!("{name} runs but http://localhost:{port}/healthz does not answer");
        }
        thread::sleep(process::POLL_INTERVAL);
    }
    Ok(())
}
