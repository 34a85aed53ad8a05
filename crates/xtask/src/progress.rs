//! Runs builds side by side and shows their progress in one line.

use std::io::{IsTerminal, Write};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process;

/// On a terminal.
const REDRAW_INTERVAL: Duration = Duration::from_millis(200);
/// Where lines stay, as in a log.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Verbs of cargo's status lines. They are left out: the count says the same.
const STATUS: [&str; 14] = [
    "Adding",
    "Building",
    "Checking",
    "Compiling",
    "Downloaded",
    "Downloading",
    "Fetch",
    "Finished",
    "Installed",
    "Installing",
    "Locking",
    "Replaced",
    "Replacing",
    "Updating",
];

/// A build, and cargo's count of it: `(done, all)`.
type Build = (String, Option<(u32, u32)>);

#[derive(Debug, Default)]
pub(crate) struct Progress {
    builds: Mutex<Vec<Build>>,
    /// Of the line that the terminal shows.
    width: Mutex<usize>,
    has_ended: AtomicBool,
}

impl Progress {
    /// Runs `work` and shows the progress of its builds meanwhile.
    pub(crate) fn show<T>(work: impl FnOnce(&Self) -> T) -> T {
        let progress = Self::default();
        thread::scope(|scope| {
            let printing = scope.spawn(|| progress.print());
            // The scope waits for the printing, which must end after a panic too.
            let _end = End(&progress.has_ended, printing.thread().clone());
            work(&progress)
        })
    }

    /// Runs a cargo command and prints its output without the status lines.
    pub(crate) fn run(&self, name: &str, cargo: &mut Command) -> Result<bool> {
        self.run_reading(name, cargo, |line| self.say(line))
    }

    /// The same; `read` gets each line of its standard output.
    pub(crate) fn run_reading(
        &self,
        name: &str,
        cargo: &mut Command,
        read: impl FnMut(&str) + Send,
    ) -> Result<bool> {
        cargo
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "100");
        // cargo writes to a pipe here, and would leave its colours out.
        if std::io::stderr().is_terminal() {
            cargo.env("CARGO_TERM_COLOR", "always");
        }
        self.set(name, None);
        let ended = process::run_reading_all(name, cargo, read, |line| {
            let line = line.trim_end();
            let plain = without_colours(line);
            match count(&plain) {
                Some(count) => self.set(name, Some(count)),
                None if plain.is_empty() || is_status(&plain) => {}
                None => self.say(line),
            }
        });
        lock(&self.builds).retain(|(build, _)| build != name);
        Ok(ended?.success())
    }

    /// Writes to standard error, on a line of its own.
    pub(crate) fn say(&self, line: &str) {
        let mut width = lock(&self.width);
        clear(&mut width);
        // A closed output must not keep the program from ending.
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    fn set(&self, name: &str, count: Option<(u32, u32)>) {
        let mut builds = lock(&self.builds);
        match builds.iter_mut().find(|(build, _)| build == name) {
            Some((_, known)) => *known = count.or(*known),
            None => builds.push((name.to_owned(), count)),
        }
    }

    fn print(&self) {
        let start = Instant::now();
        let is_terminal = std::io::stdout().is_terminal();
        let mut logged = Instant::now();
        while !self.has_ended.load(Ordering::Relaxed) {
            thread::park_timeout(REDRAW_INTERVAL);
            let line = self.line(start.elapsed());
            if line.is_empty() {
                continue;
            }
            if is_terminal {
                let mut width = lock(&self.width);
                let _ = write!(std::io::stdout(), "\r{line:<width$}", width = *width);
                let _ = std::io::stdout().flush();
                *width = line.chars().count();
            } else if logged.elapsed() >= LOG_INTERVAL {
                logged = Instant::now();
                process::print(&line);
            }
        }
        clear(&mut lock(&self.width));
    }

    fn line(&self, since: Duration) -> String {
        let builds = lock(&self.builds);
        let builds: Vec<String> = (builds.iter())
            .map(|(name, count)| match count {
                Some((done, all)) => format!("{name} {done} of {all}"),
                None => name.clone(),
            })
            .collect();
        if builds.is_empty() {
            return String::new();
        }
        let seconds = since.as_secs();
        format!(
            "{:>3}:{:02}  {}",
            seconds / 60,
            seconds % 60,
            builds.join(", ")
        )
    }
}

/// Ends the printing when it is dropped.
struct End<'show>(&'show AtomicBool, Thread);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        self.1.unpark();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn clear(width: &mut usize) {
    if *width > 0 {
        let _ = write!(std::io::stdout(), "\r{:width$}\r", "", width = *width);
        let _ = std::io::stdout().flush();
        *width = 0;
    }
}

/// Reads `Building [====>    ] 120/371: syn, serde`.
fn count(line: &str) -> Option<(u32, u32)> {
    let (_, rest) = line
        .trim_start()
        .strip_prefix("Building [")?
        .split_once("] ")?;
    let (done, rest) = rest.split_once('/')?;
    let all: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((done.trim().parse().ok()?, all.parse().ok()?))
}

/// The line without its ANSI escapes: each is `ESC [`, numbers, and a letter.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        plain + rest.get(1..).unwrap_or_default()
    })
}

/// Cargo puts a verb at the right of the first twelve columns.
fn is_status(line: &str) -> bool {
    line.split_whitespace()
        .next()
        .is_some_and(|verb| STATUS.contains(&verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_count_is_read() {
        let line = "    Building [=====>                ] 120/371: syn, serde(build.rs)";
        assert_eq!(count(line), Some((120, 371)));
        assert_eq!(count("   Compiling syn v2.0.119"), None);
        assert_eq!(count("warning: Building [ is no count"), None);
    }

    #[test]
    fn colours_do_not_hide_a_verb() {
        let line = "\u{1b}[1m\u{1b}[92m   Compiling\u{1b}[0m syn v2.0.119";
        assert_eq!(without_colours(line), "   Compiling syn v2.0.119");
        assert!(is_status(&without_colours(line)));
        assert_eq!(without_colours("plain [text]"), "plain [text]");
    }

    #[test]
    fn a_compilers_words_are_no_status() {
        assert!(is_status("   Compiling syn v2.0.119"));
        assert!(is_status(
            "    Finished `dev` profile [unoptimized] target(s) in 3.2s"
        ));
        assert!(!is_status(
            "error[E0425]: cannot find value `x` in this scope"
        ));
        assert!(!is_status(" --> src/lib.rs:3:5"));
    }

    #[test]
    fn work_that_panics_ends_the_printing_too() {
        let panics = || Progress::show(|_| -> () { panic!("as it may be") });
        assert!(std::panic::catch_unwind(panics).is_err());
    }

    #[test]
    fn the_line_says_how_long_and_how_far() {
        let progress = Progress::default();
        assert_eq!(progress.line(Duration::from_secs(5)), "");
        progress.set("trunk", Some((1, 300)));
        progress.set("servers", None);
        progress.set("trunk", Some((120, 300)));
        assert_eq!(
            progress.line(Duration::from_secs(65)),
            "  1:05  trunk 120 of 300, servers"
        );
    }
}
