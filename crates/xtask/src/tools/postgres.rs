//! A PostgreSQL server for the tests and for the bench, from the system's package.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::browser::Apt;
use crate::process::{self, POLL_INTERVAL, Process};

const MISSING: &str = "no PostgreSQL 15 or newer to test with: install the server (on Debian the package postgresql) so that initdb is on PATH or in /usr/lib/postgresql, and run `cargo xtask test postgres` again";

/// Where Debian's packages put each version's programs.
const DEBIANS: &str = "/usr/lib/postgresql";

const OLDEST: u32 = 15;

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// `nobody`: PostgreSQL does not run as root.
const NOBODY: u32 = 65_534;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// For tests: they kill merchants, not the machine.
    None,
    /// As an operator runs it: `fsync` and `synchronous_commit` are on, and all else is the default.
    Full,
}

/// A server with a database of its own, on a socket only. It ends with this value.
#[derive(Debug)]
pub(crate) struct Postgres {
    process: Process,
    programs: PathBuf,
    folder: PathBuf,
    durability: Durability,
}

impl Postgres {
    /// Starts it, and installs PostgreSQL where the system's package manager lets us without asking.
    pub(crate) fn start(durability: Durability) -> Result<Self> {
        let programs = Self::ensure()?;
        // Not in the repository, which nobody else may be allowed to read.
        let parent = match durability {
            Durability::None => std::env::temp_dir(),
            // On a disk, also where /tmp is in memory.
            Durability::Full => PathBuf::from("/var/tmp"),
        };
        let folder = parent.join(format!("xtask-postgres-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut make = as_nobody(Command::new(programs.join("initdb")), &folder)?;
        make.arg("--pgdata").arg(folder.join("data")).args([
            "--username=merchant",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
        ]);
        if durability == Durability::None {
            make.arg("--no-sync");
        }
        let made = make.output().context("cannot start initdb")?;
        if !made.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&made.stderr));
        }
        Ok(Self {
            process: launch(&programs, &folder, durability)?,
            programs,
            folder,
            durability,
        })
    }

    /// Starts it again where it has ended, as the system of an operator does.
    pub(crate) fn keep_running(&mut self) -> Result<()> {
        if self.process.ended()?.is_some() {
            self.process = launch(&self.programs, &self.folder, self.durability)?;
        }
        Ok(())
    }

    /// In the form that the merchant takes.
    pub(crate) fn url(&self) -> String {
        let socket = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://merchant@{socket}/postgres")
    }

    /// Where its programs are.
    pub(crate) fn ensure() -> Result<PathBuf> {
        if let Some(programs) = find() {
            return Ok(programs);
        }
        if let Some(apt) = Apt::find() {
            println!("xtask: installing PostgreSQL through apt-get (once)");
            apt.update()
                .and_then(|()| apt.install(&["postgresql"]))
                .context(MISSING)?;
        }
        find().context(MISSING)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.process.stop();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Returns when it takes connections.
fn launch(programs: &Path, folder: &Path, durability: Durability) -> Result<Process> {
    let mut server = as_nobody(Command::new(programs.join("postgres")), folder)?;
    server.arg("-D").arg(folder.join("data"));
    let quiet = [
        "listen_addresses=",
        "log_min_messages=fatal",
        "log_min_error_statement=fatal",
    ];
    let settings: &[&str] = match durability {
        Durability::None => &["max_connections=400", "fsync=off"],
        Durability::Full => &[],
    };
    for setting in quiet.iter().chain(settings) {
        server.args(["-c", setting]);
    }
    server.arg("-k").arg(folder);
    let mut process = Process::start("PostgreSQL", &mut server)?;
    let deadline = Instant::now() + START_TIMEOUT;
    let mut ask = Command::new(programs.join("pg_isready"));
    ask.args(["--quiet", "--username=merchant", "--host"])
        .arg(folder);
    while !ask.status().is_ok_and(|status| status.success()) {
        if process.ended()?.is_some() || Instant::now() > deadline {
            bail!("PostgreSQL does not start");
        }
        thread::sleep(POLL_INTERVAL);
    }
    Ok(process)
}

/// The newest version that is old enough to be installed and new enough for the merchant.
fn find() -> Option<PathBuf> {
    let debians = fs::read_dir(DEBIANS).into_iter().flatten().flatten();
    let debians = debians.map(|version| version.path().join("bin"));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    // A link on PATH is to one program; the others are where it leads to.
    let resolved = |folder: PathBuf| {
        let program = fs::canonicalize(folder.join("postgres")).ok()?;
        program.parent().map(Path::to_owned)
    };
    let all = std::env::split_paths(&on_path).chain(debians);
    all.filter_map(resolved)
        .filter_map(|folder| Some((version(&folder)?, folder)))
        .filter(|(version, _)| *version >= OLDEST)
        .max()
        .map(|(_, folder)| folder)
}

fn version(folder: &Path) -> Option<u32> {
    let program = folder.join("postgres");
    if !program.is_file() || !folder.join("initdb").is_file() {
        return None;
    }
    let said = process::output_of(Command::new(program).arg("--version"))?;
    major(&said)
}

/// Of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major(said: &str) -> Option<u32> {
    let number = said.split_whitespace().nth(2)?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The program, as another user where this one is root.
fn as_nobody(mut program: Command, folder: &Path) -> Result<Command> {
    program.current_dir(folder);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let is_root = process::output_of(Command::new("id").arg(OsStr::new("-u")))
            .is_some_and(|id| id.trim() == "0");
        if is_root {
            std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY))
                .with_context(|| format!("cannot give {} to nobody", folder.display()))?;
            program.uid(NOBODY).gid(NOBODY);
        }
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_in_each_form() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres: command not found"), None);
    }
}
