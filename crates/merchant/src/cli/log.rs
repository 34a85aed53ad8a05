//! The log, which is written to standard error.

use super::one_line::{Form, OneLine};
use crate::config::LogFormat;
use std::{env, io, io::IsTerminal};
use tracing_subscriber::EnvFilter;

/// Begins to write. `format` is the configured one; without it people read text on a terminal, and programs read JSON
/// from a file, a pipe or a journal.
pub(super) fn begin(format: Option<LogFormat>) {
    let filter = EnvFilter::try_from_env("MERCHANT_LOG")
        .unwrap_or_else(|_| EnvFilter::new("merchant=info,warn"));
    let is_terminal = io::stderr().is_terminal();
    let form = form(format, is_terminal, env::var_os("NO_COLOR").is_some());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // A file or a journal would keep the codes of the colours.
        .with_ansi(form == Form::ColouredText)
        .with_writer(move || OneLine::new(io::stderr(), form));
    match form {
        // The request's id is the only field of a span.
        Form::Json => log
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .init(),
        Form::Text | Form::ColouredText => log.init(),
    }
}

fn form(format: Option<LogFormat>, is_terminal: bool, is_plain: bool) -> Form {
    let default = match is_terminal {
        true => LogFormat::Text,
        false => LogFormat::Json,
    };
    match format.unwrap_or(default) {
        LogFormat::Json => Form::Json,
        LogFormat::Text if is_terminal && !is_plain => Form::ColouredText,
        LogFormat::Text => Form::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_text_and_a_file_json_unless_it_is_configured() {
        for (format, is_terminal, is_plain, form_of_log) in [
            (None, true, false, Form::ColouredText),
            (None, true, true, Form::Text),
            (None, false, false, Form::Json),
            (Some(LogFormat::Text), false, false, Form::Text),
            (Some(LogFormat::Json), true, false, Form::Json),
        ] {
            let got = form(format, is_terminal, is_plain);
            assert_eq!(got, form_of_log, "{format:?} {is_terminal}");
        }
    }
}
