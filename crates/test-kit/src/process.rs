//! Programs that a test runs.

use crate::WAIT_TIMEOUT;
use std::{
    io::Read,
    process::{Command, Output, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
};

/// Runs a program, and returns what it printed when it has ended.
///
/// # Panics
///
/// When it cannot be started, and when it has not ended in time: then it is killed.
pub fn output_of(command: &mut Command) -> Output {
    let command = command.stdin(Stdio::null());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let stdout = read(child.stdout.take().unwrap());
    let stderr = read(child.stderr.take().unwrap());
    let printed = [stdout, stderr].map(|pipe| pipe.recv_timeout(WAIT_TIMEOUT));
    let [Ok(stdout), Ok(stderr)] = printed else {
        let _ = child.kill();
        let _ = child.wait();
        panic!("{command:?} has not ended within {WAIT_TIMEOUT:?}");
    };
    Output {
        status: child.wait().unwrap(),
        stdout,
        stderr,
    }
}

/// What a pipe still holds, when the last program that writes to it has ended.
///
/// # Panics
///
/// When the pipe has not ended in time, or holds no text.
pub fn rest_of(pipe: impl Read + Send + 'static) -> String {
    let Ok(rest) = read(pipe).recv_timeout(WAIT_TIMEOUT) else {
        panic!("a program still holds the pipe after {WAIT_TIMEOUT:?}");
    };
    String::from_utf8(rest).unwrap()
}

fn read(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        let _ = sender.send(bytes);
    });
    receiver
}
