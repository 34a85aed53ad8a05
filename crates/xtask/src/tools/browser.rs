//! Chromium and its driver, and WebKit's, from the system.
//!
//! Not here: downloading a browser. The system's package manager keeps it patched; a copy in a cache
//! gets old.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::error::is_interruption;
use crate::{process, workspace};

const MISSING: &str = "no Chromium to test in: install Chromium (or Chrome) and chromedriver of the same version so that both are on PATH, or name them in CHROMIUM and CHROMEDRIVER";

const CHROMIUM_NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];
/// The engine without windows, which is Playwright's default too: it starts and draws in half the time.
const HEADLESS_SHELL: &str = "chromium-headless-shell";
const SHELL_NAMES: &[&str] = &[HEADLESS_SHELL, "chrome-headless-shell"];
const DRIVER_NAMES: &[&str] = &["chromedriver", "chromium.chromedriver"];

/// The driver depends on its browser; Xvfb replaces a screen.
const WEBKIT_PACKAGES: &[&str] = &["webkit2gtk-driver", "xvfb"];
const WEBKIT_DRIVER: &str = "WebKitWebDriver";
const X_SERVER: &str = "Xvfb";

/// For systems that do not put them on PATH.
const CHROMIUM_PATHS: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];
const DRIVER_PATHS: &[&str] = &[
    "/usr/lib/chromium/chromedriver",
    "/usr/lib/chromium-browser/chromedriver",
];

/// Absolute paths.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    /// Opens the pages of tests: the browser without windows where there is one, else the browser itself.
    pub(crate) headless: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

impl Browser {
    /// Finds the browser, and installs it where the system's package manager
    /// lets us without asking.
    ///
    /// The variables `CHROMIUM` and `CHROMEDRIVER` outweigh what is found.
    pub(crate) fn ensure() -> Result<Self> {
        match Self::find() {
            Some(browser) if browser.has_shell() || std::env::var_os("CHROMIUM").is_some() => {
                return Ok(browser);
            }
            Some(_) => {}
            None => {
                if let Some(apt) = Apt::find() {
                    println!("xtask: installing Chromium and its driver through apt-get (once)");
                    apt.update()?;
                    apt.install(&["chromium", "chromium-driver"])?;
                }
            }
        }
        try_to_install("the browser without windows", &[HEADLESS_SHELL])?;
        Self::find().context(MISSING)
    }

    fn has_shell(&self) -> bool {
        self.headless != self.chromium
    }

    fn find() -> Option<Self> {
        let chromium = program("CHROMIUM", CHROMIUM_NAMES, CHROMIUM_PATHS)?;
        let headless = match std::env::var_os("CHROMIUM") {
            Some(named) => named.into(),
            None => on_path(SHELL_NAMES).unwrap_or_else(|| chromium.clone()),
        };
        Some(Self {
            chromium,
            headless,
            chromedriver: program("CHROMEDRIVER", DRIVER_NAMES, DRIVER_PATHS)?,
        })
    }
}

/// `None` where WebKit or a screen for it cannot be installed.
pub(crate) fn webkit_driver() -> Result<Option<PathBuf>> {
    let find = || on_path(&[X_SERVER]).and_then(|_| on_path(&[WEBKIT_DRIVER]));
    if find().is_none() {
        try_to_install("WebKit", WEBKIT_PACKAGES)?;
    }
    Ok(find())
}

/// Installs packages that tests can do without. A failure is not repeated on this machine.
fn try_to_install(what: &str, packages: &[&str]) -> Result<()> {
    let mark = workspace::cache()?.join(format!("{}-tried", packages.join("-")));
    if mark.exists() {
        return Ok(());
    }
    let Some(apt) = Apt::find() else {
        return Ok(());
    };
    println!("xtask: installing {what} through apt-get, if there is one (once)");
    let installed = apt.update().and_then(|()| apt.install(packages));
    if installed.as_ref().is_err_and(is_interruption) {
        return installed;
    }
    // Without the mark apt-get is only asked again.
    let _ = mark.parent().map(fs::create_dir_all);
    let _ = fs::write(
        &mark,
        "apt-get was asked for it; delete this to ask again\n",
    );
    Ok(())
}

fn program(variable: &str, names: &[&str], places: &[&str]) -> Option<PathBuf> {
    match std::env::var_os(variable) {
        Some(path) => Some(path.into()),
        None => {
            on_path(names).or_else(|| places.iter().map(PathBuf::from).find(|path| path.is_file()))
        }
    }
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = names.iter().flat_map(|name| {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        std::env::split_paths(&path)
            .map(move |directory| directory.join(&name))
            .collect::<Vec<_>>()
    });
    places.into_iter().find(|path| path.is_file())
}

/// Debian's package manager, and how it may be used without a password.
#[derive(Debug)]
pub(super) struct Apt {
    through_sudo: bool,
}

impl Apt {
    pub(super) fn find() -> Option<Self> {
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

    /// A fresh container has no package lists.
    pub(super) fn update(&self) -> Result<()> {
        self.run(&["update"])
    }

    pub(super) fn install(&self, packages: &[&str]) -> Result<()> {
        let options = ["install", "-y", "--no-install-recommends"];
        self.run(&[&options, packages].concat())
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        match process::run("apt-get", self.command().args(arguments))?.success() {
            true => Ok(()),
            false => bail!(MISSING),
        }
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
