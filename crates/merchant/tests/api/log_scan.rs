//! What the merchant logs, at its loudest: each event is searched for canaries as it is written.

use merchant::cli::one_line::{Form, OneLine};
use std::{
    io::{self, Write},
    sync::{
        Mutex, Once, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};
use test_kit::{Log, SECRET_MARK, canaries_in, scan};
use tracing_subscriber::filter::LevelFilter;

/// Events that were written.
static EVENTS: AtomicU64 = AtomicU64::new(0);

/// Those that a test fails for.
static WRONG: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A copy of what is written, from when a test asks for one.
static COPY: OnceLock<Log> = OnceLock::new();

/// Begins with the first test of the program.
pub(crate) fn begin() {
    static BEGIN: Once = Once::new();
    BEGIN.call_once(|| {
        // It will have been searched when the program ends.
        scan("the merchant's log", b"");
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(|| OneLine::new(Search, Form::Text))
            .init();
    });
}

/// A copy of all that is logged from now on.
pub(crate) fn copy() -> Log {
    begin();
    COPY.get_or_init(Log::default).clone()
}

/// What no event of any test may hold.
pub(crate) fn assert_clean() {
    let wrong = WRONG.lock().unwrap().join("\n");
    if !wrong.is_empty() {
        scan("the merchant's log", wrong.as_bytes());
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(EVENTS.load(Ordering::Relaxed) > 0, "nothing is logged");
}

/// What is wrong with an event as it is written.
fn problems(event: &[u8]) -> Vec<String> {
    let mut problems = canaries_in(event);
    let line = event.strip_suffix(b"\n").unwrap_or(event);
    if line.iter().any(u8::is_ascii_control) {
        problems.push("more than one line".to_owned());
    }
    problems
}

#[test]
fn an_event_with_a_canary_or_a_second_line_is_wrong() {
    assert_eq!(problems(b"INFO merchant: started\n"), [""; 0]);
    assert_eq!(problems(b"INFO merchant: a\nb\n"), ["more than one line"]);
    let secret = format!("token={SECRET_MARK}0123");
    assert_eq!(problems(secret.as_bytes()), ["a secret of GoPay's (raw)"]);
}

/// Gets whole events.
struct Search;

impl Write for Search {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        EVENTS.fetch_add(1, Ordering::Relaxed);
        let wrong = problems(event);
        if !wrong.is_empty() {
            let text = String::from_utf8_lossy(event);
            let event = format!("{} in the log: {text}", wrong.join(", "));
            WRONG.lock().unwrap().push(event);
        }
        if let Some(mut copy) = COPY.get().cloned() {
            copy.write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
