//! Child processes, each in a process group with its descendants.
//!
//! Invariant: a [`Process`] that goes out of scope has ended, and so has its
//! whole process group.

use std::io::{BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::interrupt;

pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// From SIGTERM to SIGKILL.
const TERMINATION_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
}

impl Process {
    /// `name` stands in messages. The input is closed: a process group in the background that reads
    /// from the terminal is stopped by the system.
    pub(crate) fn start(name: &str, command: &mut Command) -> Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self {
            name: name.to_owned(),
            child,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `None` while it runs.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait();
        status.with_context(|| format!("cannot tell how {} ended", self.name))
    }

    /// Fails when this process is asked to end.
    pub(crate) fn wait(mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            interrupt::check()?;
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Ends the process group: the leader has time to clean up, its descendants have none. Idempotent.
    pub(crate) fn stop(&mut self) {
        let deadline = Instant::now() + TERMINATION_TIMEOUT;
        group::ask_to_end(&self.child);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(POLL_INTERVAL);
        }
        group::kill(&mut self.child);
        // Reaps the zombie.
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

pub(crate) fn run(name: &str, command: &mut Command) -> Result<ExitStatus> {
    Process::start(name, command)?.wait()
}

/// Runs `command` to its end; `read` gets each line of its standard output as it comes.
pub(crate) fn run_reading(
    name: &str,
    command: &mut Command,
    read: impl FnMut(&str) + Send,
) -> Result<ExitStatus> {
    let mut process = Process::start(name, command.stdout(Stdio::piped()))?;
    let output = process.child.stdout.take();
    while_reading(output, read, || process.wait())
}

/// The same; `complain` gets each line of standard error.
pub(crate) fn run_reading_all(
    name: &str,
    command: &mut Command,
    read: impl FnMut(&str) + Send,
    complain: impl FnMut(&str) + Send,
) -> Result<ExitStatus> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = Process::start(name, command)?;
    let (output, errors) = (process.child.stdout.take(), process.child.stderr.take());
    while_reading(output, read, || {
        while_reading(errors, complain, || process.wait())
    })
}

fn while_reading<T>(
    output: Option<impl Read + Send>,
    read: impl FnMut(&str) + Send,
    wait: impl FnOnce() -> T,
) -> T {
    thread::scope(|scope| {
        scope.spawn(move || read_lines(output, read));
        wait()
    })
}

/// The standard output of `command`, if it succeeds.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Prints a line. A closed standard output must not keep the program from ending.
pub(crate) fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A carriage return ends a line too: programs redraw their progress with it.
fn read_lines(output: Option<impl Read>, mut read: impl FnMut(&str)) {
    let Some(output) = output else { return };
    let mut line = Vec::new();
    for byte in BufReader::new(output).bytes().map_while(Result::ok) {
        match byte {
            b'\n' | b'\r' => {
                read(&String::from_utf8_lossy(&line));
                line.clear();
            }
            _ => line.push(byte),
        }
    }
    if !line.is_empty() {
        read(&String::from_utf8_lossy(&line));
    }
}

#[cfg(unix)]
mod group {
    use std::process::Child;

    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;

    /// A group keeps the id of its leader after the leader has ended.
    fn of(child: &Child) -> Option<Pid> {
        i32::try_from(child.id()).ok().map(Pid::from_raw)
    }

    // A group without members cannot be signalled, and needs no signal.

    pub(super) fn ask_to_end(child: &Child) {
        let _ = of(child).map(|group| killpg(group, Signal::SIGTERM));
    }

    pub(super) fn kill(child: &mut Child) {
        let _ = of(child).map(|group| killpg(group, Signal::SIGKILL));
    }
}

#[cfg(not(unix))]
mod group {
    use std::process::{Child, Command, Stdio};

    /// Windows has no request to end for a process without a window.
    pub(super) fn ask_to_end(child: &Child) {
        let _ = Command::new("taskkill")
            .args(["/T", "/F", "/PID", &child.id().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }

    pub(super) fn kill(child: &mut Child) {
        let _ = child.kill();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::BufRead;
    use std::process::ChildStdout;

    use test_kit::rest_of;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    /// Starts a shell that starts another, and waits until both run: the
    /// inner one says so on the pipe. The pipe ends when the last process that holds it has ended.
    fn family(script: &str) -> (Process, BufReader<ChildStdout>) {
        let mut process = Process::start("a family", shell(script).stdout(Stdio::piped())).unwrap();
        let mut output = BufReader::new(process.child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        (process, output)
    }

    #[test]
    fn a_process_that_goes_out_of_scope_takes_its_children_along() {
        let (process, output) = family("sh -c 'echo ready; exec sleep 600' & wait");
        drop(process);
        assert_eq!(rest_of(output), "");
    }

    #[test]
    fn a_child_that_outlives_its_parent_is_ended_too() {
        let (process, output) = family("sh -c 'echo ready; exec sleep 600' & exit 3");
        assert_eq!(process.wait().unwrap().code(), Some(3));
        assert_eq!(rest_of(output), "");
    }

    #[test]
    fn a_process_that_cleans_up_is_given_the_time() {
        let (mut process, output) =
            family("trap 'echo cleaned up; exit 0' TERM; sleep 600 & echo ready; wait");
        process.stop();
        assert_eq!(rest_of(output), "cleaned up\n");
    }

    #[test]
    fn each_line_that_a_program_prints_is_read() {
        let mut lines = Vec::new();
        let status = run_reading(
            "a shell",
            &mut shell("echo one; echo two; exit 4"),
            |line| {
                lines.push(line.to_owned());
            },
        );
        assert_eq!(status.unwrap().code(), Some(4));
        assert_eq!(lines, ["one", "two"]);
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run("it", &mut Command::new("no-such-program")).unwrap_err();
        assert!(error.to_string().contains("no-such-program"), "{error}");
    }
}
