//! Chromium and its driver, from the system.
//!
//! Not here: downloading a browser. A system's package manager keeps it
//! patched; a copy in a cache nobody does.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;

const CHROMIUM_NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];
const DRIVER_NAMES: &[&str] = &["chromedriver", "chromium.chromedriver"];

/// Where applications are that are not on PATH.
const CHROMIUM_PLACES: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];
const DRIVER_PLACES: &[&str] = &[
    "/usr/lib/chromium/chromedriver",
    "/usr/lib/chromium-browser/chromedriver",
];

/// A browser to test in; both are whole paths.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The browser itself.
    pub(crate) chromium: PathBuf,
    /// What drives it for the wasm tests.
    pub(crate) chromedriver: PathBuf,
}

impl Browser {
    /// Finds the browser, and installs it where the system's package manager
    /// lets us without asking.
    ///
    /// The variables `CHROMIUM` and `CHROMEDRIVER` outweigh what is found.
    pub(crate) fn ensure() -> Result<Self, Error> {
        if let Some(browser) = Self::find() {
            return Ok(browser);
        }
        if let Some(apt) = Apt::find() {
            println!("xtask: installing Chromium and its driver through apt-get (once)");
            apt.install(&["chromium", "chromium-driver"])?;
        }
        Self::find().ok_or(Error::BrowserMissing)
    }

    fn find() -> Option<Self> {
        Some(Self {
            chromium: program("CHROMIUM", CHROMIUM_NAMES, CHROMIUM_PLACES)?,
            chromedriver: program("CHROMEDRIVER", DRIVER_NAMES, DRIVER_PLACES)?,
        })
    }
}

fn program(variable: &str, names: &[&str], places: &[&str]) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Some(path.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = names.iter().flat_map(|name| {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        std::env::split_paths(&path)
            .map(move |directory| directory.join(&name))
            .collect::<Vec<_>>()
    });
    on_path
        .chain(places.iter().map(PathBuf::from))
        .find(|path| Path::is_file(path))
}

/// Debian's package manager, and how it may be used without a password.
#[derive(Debug)]
struct Apt {
    through_sudo: bool,
}

impl Apt {
    fn find() -> Option<Self> {
        process::output_of(Command::new("apt-get").arg("--version"))?;
        let is_root =
            process::output_of(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
        if is_root {
            return Some(Self {
                through_sudo: false,
            });
        }
        process::output_of(Command::new("sudo").args(["-n", "true"]))?;
        Some(Self { through_sudo: true })
    }

    fn install(&self, packages: &[&str]) -> Result<(), Error> {
        // Without the update a fresh container knows no packages at all.
        for arguments in [
            &["update"],
            &["install", "-y", "--no-install-recommends"][..],
        ] {
            let mut apt = self.command();
            apt.args(arguments);
            if arguments[0] == "install" {
                apt.args(packages);
            }
            if !process::run("apt-get", &mut apt)?.success() {
                return Err(Error::BrowserMissing);
            }
        }
        Ok(())
    }

    fn command(&self) -> Command {
        let mut command = if self.through_sudo {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            sudo
        } else {
            Command::new("apt-get")
        };
        // A terminal of its own would stop it: it runs in the background here.
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-q", "-o", "Dpkg::Use-Pty=0"]);
        command
    }
}
