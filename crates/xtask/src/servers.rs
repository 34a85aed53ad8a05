//! The two servers that a payment needs: how they are built, started and told
//! where the other one is.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::app::Bundle;
use crate::error::Error;
use crate::process::{self, Process};
use crate::progress::Progress;
use crate::workspace::Workspace;
use crate::{http, interrupt};

/// How long a server may take from its start to its first answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The states that the simulator's gallery shows.
const GALLERY: &str = "tests/gallery";

/// Where the servers listen on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ports {
    /// The merchant's.
    pub(crate) merchant: u16,
    /// The simulator's.
    pub(crate) simulator: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            merchant: 8080,
            simulator: 9090,
        }
    }
}

impl Ports {
    /// The option that chooses the merchant's port.
    pub(crate) const MERCHANT_OPTION: &str = "--merchant-port";
    /// The option that chooses the simulator's port.
    pub(crate) const SIMULATOR_OPTION: &str = "--simulator-port";

    /// Fails if something else listens already.
    pub(crate) fn check_free(self) -> Result<(), Error> {
        for (port, option) in [
            (self.merchant, Self::MERCHANT_OPTION),
            (self.simulator, Self::SIMULATOR_OPTION),
        ] {
            if !http::port_is_free(port) {
                return Err(Error::PortTaken { port, option });
            }
        }
        Ok(())
    }
}

/// One of the servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Server {
    /// GoPay's side.
    Simulator,
    /// The shop's back end.
    Merchant,
}

impl Server {
    /// Both, in the order they start: the simulator writes a key that the
    /// merchant reads.
    pub(crate) const ALL: &[Self] = &[Self::Simulator, Self::Merchant];

    /// What people call it.
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

    /// Where its program is, once it is built.
    pub(crate) fn binary(self, workspace: &Workspace) -> PathBuf {
        workspace.binary(self.program())
    }

    /// What it is made of, as paths in the repository.
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

    /// Fails if it would not start with what it is told and what it reads, while another one
    /// may be running.
    pub(crate) fn check(self, workspace: &Workspace, ports: Ports) -> Result<(), Error> {
        if self == Self::Simulator {
            return Ok(());
        }
        let mut command = self.command(workspace, ports);
        command.arg("config").stdout(Stdio::null());
        match process::run(self.name(), &mut command)?.success() {
            true => Ok(()),
            false => Err(Error::Configuration),
        }
    }

    /// Starts it and waits until it answers.
    pub(crate) fn start(self, workspace: &Workspace, ports: Ports) -> Result<Process, Error> {
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
            }
            Self::Merchant => {
                command
                    .arg("--config")
                    .arg(workspace.path("crates/merchant/merchant.toml"));
                command
                    .env("MERCHANT_LISTEN", listen)
                    .env("MERCHANT_PUBLIC_URL", merchant)
                    .env("MERCHANT_DIST", Bundle::Preview.directory(workspace))
                    .env("MERCHANT_GOPAY_BI_SNAP_URL", &simulator)
                    .env("MERCHANT_GOPAY_MINI_APP_URL", &simulator)
                    .env(
                        "MERCHANT_GOPAY_SDK_URL",
                        format!("{simulator}/sdk/stable/gp-container.min.js"),
                    );
            }
        }
        command
    }
}

/// Builds servers with the profile that tests are built with, so that neither has to compile what the
/// other already did.
pub(crate) fn build(workspace: &Workspace, servers: &[Server]) -> Result<(), Error> {
    Progress::show(|progress| build_with(workspace, servers, progress))
}

/// The same beside other builds.
pub(crate) fn build_with(
    workspace: &Workspace,
    servers: &[Server],
    progress: &Progress,
) -> Result<(), Error> {
    let mut cargo = workspace.cargo();
    // The whole workspace is named for the features of its dependencies, which are then the same as in
    // tests; no more than these programs is built.
    cargo.args(["build", "--workspace"]);
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
        Err(Error::Build { what })
    }
}

/// The keys of preview's servers.
fn keys(workspace: &Workspace) -> PathBuf {
    workspace.path("target/preview/keys")
}

/// Forgets the orders of an earlier preview: the simulator forgot their payments when it
/// ended, and an order that GoPay knows nothing of could be neither paid nor cancelled.
pub(crate) fn forget_orders(workspace: &Workspace) -> Result<(), Error> {
    for end in ["", "-wal", "-shm"] {
        let path = workspace.path(&format!("target/preview/merchant.db{end}"));
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::File { path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes those of the merchant's keys for preview that are not there yet.
pub(crate) fn make_keys(workspace: &Workspace) -> Result<(), Error> {
    let mut keygen = Command::new(Server::Merchant.binary(workspace));
    keygen
        .args(["keygen", "--dir"])
        .arg(keys(workspace))
        .stdout(Stdio::null());
    if process::run("merchant keygen", &mut keygen)?.success() {
        Ok(())
    } else {
        Err(Error::Keys)
    }
}

/// Fails if the server has ended by itself.
pub(crate) fn check_running(process: &mut Process) -> Result<(), Error> {
    match process.ended()? {
        None => Ok(()),
        Some(status) => Err(Error::ServerEnded {
            name: process.name().to_owned(),
            status,
        }),
    }
}

fn await_answer(process: &mut Process, port: u16) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    while http::status("GET", port, "/healthz") != Some(200) {
        check_running(process)?;
        interrupt::check()?;
        if Instant::now() > deadline {
            let url = format!("http://localhost:{port}/healthz");
            return Err(Error::ServerSilent {
                name: process.name().to_owned(),
                url,
            });
        }
        thread::sleep(process::TICK);
    }
    Ok(())
}
