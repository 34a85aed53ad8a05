//! Everything that can keep a task from its end, each as one sentence that
//! says what was wrong and what to do.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::{fmt, io};

use crate::{branding, budget};

/// Why a task ended early.
#[derive(Debug)]
pub(crate) enum Error {
    /// Somebody asked for it: Ctrl-C or a signal.
    Interrupted,
    /// The signal handler could not be set.
    Signals(ctrlc::Error),
    /// Started by hand rather than by cargo, which says where the project is.
    NotUnderCargo,
    /// No home directory to keep a cache in.
    NoCache,
    /// A directory's name cannot be put on PATH.
    UnusablePath,
    /// A file or directory could not be read or written.
    File {
        /// Which one.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A program could not be started.
    Start {
        /// Its name or path.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The system does not say how a program ended.
    Wait {
        /// What people call it.
        name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// `Cargo.lock` lacks a package that a tool has to match.
    NotLocked {
        /// The package.
        package: &'static str,
    },
    /// rustc cannot compile for the browser, and rustup could not help.
    TargetMissing,
    /// No Node, or no npm.
    NodeMissing,
    /// A Node that the packages do not run on.
    NodeTooOld {
        /// What `node --version` said.
        found: String,
    },
    /// No browser, and none could be installed.
    BrowserMissing,
    /// A tool could not be installed.
    Install {
        /// Which one.
        what: String,
        /// Where to look next.
        remedy: &'static str,
    },
    /// A compiler said no, in its own words above.
    Build {
        /// What was to be built.
        what: &'static str,
    },
    /// No test is called that.
    NoSuchTest {
        /// What was asked for.
        text: String,
    },
    /// The list of tests that failed cannot be understood.
    FailedTests {
        /// Where it is.
        path: PathBuf,
    },
    /// A folder to measure against holds no app.
    NoBundle {
        /// Which one.
        path: PathBuf,
    },
    /// The bundle is not one that a package can be made of.
    Package {
        /// What its page does not have.
        lacks: &'static str,
    },
    /// `shop.toml` cannot be understood.
    Shop(branding::identity::Wrong),
    /// A product's picture is not there.
    PictureMissing {
        /// Whose.
        product: String,
        /// Where it should be.
        path: PathBuf,
    },
    /// A source file has lost a place that `shop.toml` is written into.
    ShopPlace {
        /// Which file.
        file: &'static str,
        /// What it should have.
        lacks: String,
    },
    /// A source file does not say what `shop.toml` says.
    ShopStale {
        /// Which one.
        name: &'static str,
    },
    /// The limits on the bundle's size cannot be read.
    Budget {
        /// What is wrong with them.
        why: String,
    },
    /// The merchant could not make its development keys.
    Keys,
    /// The merchant does not take its configuration or the catalogue, in its own words above.
    Configuration,
    /// Something else listens where a server has to.
    PortTaken {
        /// The port.
        port: u16,
        /// The option that chooses another.
        option: &'static str,
    },
    /// A server ended without being asked to.
    ServerEnded {
        /// Which one.
        name: String,
        /// How.
        status: ExitStatus,
    },
    /// A server runs but does not answer.
    ServerSilent {
        /// Which one.
        name: String,
        /// What it was asked.
        url: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => write!(f, "stopped"),
            Self::Signals(source) => write!(f, "cannot listen for Ctrl-C: {source}"),
            Self::NotUnderCargo => write!(
                f,
                "start this through cargo, inside the repository: cargo xtask"
            ),
            Self::NoCache => write!(
                f,
                "there is no home directory to keep the tools in: set HOME"
            ),
            Self::UnusablePath => write!(
                f,
                "PATH, the cache's or the repository's directory has a separator in its name: move it"
            ),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Start { program, source } => write!(f, "cannot start {program}: {source}"),
            Self::Wait { name, source } => write!(f, "cannot tell how {name} ended: {source}"),
            Self::NotLocked { package } => write!(
                f,
                "Cargo.lock has no {package}: run `cargo metadata` to complete it"
            ),
            Self::TargetMissing => write!(
                f,
                "Rust cannot compile for the browser yet: install rustup, or run `rustup target add wasm32-unknown-unknown`"
            ),
            Self::NodeMissing => write!(
                f,
                "Node is missing: install Node 20 or newer, which brings npm, and run this again"
            ),
            Self::NodeTooOld { found } => write!(
                f,
                "Node {found} is too old: install Node 20 or newer and run this again"
            ),
            Self::BrowserMissing => write!(
                f,
                "no Chromium to test in: install Chromium (or Chrome) and chromedriver of the same version so that both are on PATH, or name them in CHROMIUM and CHROMEDRIVER"
            ),
            Self::Install { what, remedy } => write!(f, "could not install {what}: {remedy}"),
            Self::Build { what } => write!(f, "{what} does not build: the reason is above"),
            Self::NoSuchTest { text } => write!(
                f,
                "no test or suite has `{text}` in its name: the suites are named in the report of `cargo xtask test`"
            ),
            Self::FailedTests { path } => write!(
                f,
                "{} does not list tests: delete it, and run `cargo xtask test`",
                path.display()
            ),
            Self::NoBundle { path } => write!(
                f,
                "{} has no index.html: name a folder that `cargo xtask dist` made, or an address that begins with http",
                path.display()
            ),
            Self::Package { lacks } => write!(
                f,
                "the app cannot be packed: its page has to have {lacks} (see index.html)"
            ),
            Self::Shop(wrong) => write!(f, "{}: {wrong}", branding::FILE),
            Self::PictureMissing { product, path } => write!(
                f,
                "{}: product {product:?}: its `image` is not there: {}",
                branding::FILE,
                path.display()
            ),
            Self::ShopPlace { file, lacks } => {
                write!(
                    f,
                    "{file} has no place for {}: it needs {lacks}",
                    branding::FILE
                )
            }
            Self::ShopStale { name } => write!(
                f,
                "{name} does not say what {} says: run `cargo xtask shop`",
                branding::FILE
            ),
            Self::Budget { why } => write!(f, "{}: {why}", budget::FILE),
            Self::Keys => write!(
                f,
                "`merchant keygen` could not make the development keys: the reason is above"
            ),
            Self::Configuration => write!(
                f,
                "the merchant cannot run with this configuration: the reason is above"
            ),
            Self::PortTaken { port, option } => write!(
                f,
                "port {port} is in use: stop the program that listens on it, or choose another port with {option}"
            ),
            Self::ServerEnded { name, status } => write!(f, "{name} ended by itself ({status})"),
            Self::ServerSilent { name, url } => write!(f, "{name} runs but {url} does not answer"),
        }
    }
}

impl std::error::Error for Error {}
