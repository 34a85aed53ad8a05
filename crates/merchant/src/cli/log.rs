//! The log, which is written to standard error.

use super::one_line::{Form, OneLine};
#[cfg(feature = "otel")]
use super::traces::Traces;
use crate::config::{LogFormat, Operations};
use std::{
    env,
    io::{self, IsTerminal, Write},
};
use tracing::Subscriber;
#[cfg(feature = "otel")]
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, util::SubscriberInitExt};

/// What must live as long as the log.
#[derive(Debug)]
pub(super) struct LogGuard {
    #[cfg(feature = "otel")]
    _traces: Option<Traces>,
}

/// Begins to write. `format` is the configured one; without it people read text on a terminal, and programs read JSON
/// from a file, a pipe or a journal.
pub(super) fn begin(operations: &Operations) -> LogGuard {
    let filter = EnvFilter::try_from_env("MERCHANT_LOG")
        .unwrap_or_else(|_| EnvFilter::new("merchant=info,warn"));
    let is_terminal = io::stderr().is_terminal();
    let form = form(
        operations.log_format,
        is_terminal,
        env::var_os("NO_COLOR").is_some(),
    );
    #[cfg(feature = "otel")]
    let (traces, failed) = match operations.otlp_endpoint.as_ref().map(Traces::begin) {
        None => (None, None),
        Some(Ok(traces)) => (Some(traces), None),
        Some(Err(error)) => (None, Some(error)),
    };
    let log = subscriber(
        form,
        filter,
        io::stderr,
        #[cfg(feature = "otel")]
        traces.as_ref(),
    );
    log.init();
    #[cfg(feature = "otel")]
    if let Some(error) = failed {
        tracing::error!(event = "traces.failed", %error, "no traces are sent");
    }
    LogGuard {
        #[cfg(feature = "otel")]
        _traces: traces,
    }
}

fn subscriber<W: Write + 'static>(
    form: Form,
    filter: EnvFilter,
    to: impl Fn() -> W + Send + Sync + 'static,
    #[cfg(feature = "otel")] traces: Option<&Traces>,
) -> Box<dyn Subscriber + Send + Sync> {
    /// Each subscriber has a type of its own.
    macro_rules! with_traces {
        ($log:expr) => {{
            let log = $log;
            #[cfg(feature = "otel")]
            let log = log.with(
                traces.map(|traces| tracing_opentelemetry::layer().with_tracer(traces.tracer())),
            );
            Box::new(log)
        }};
    }
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // A file or a journal would keep the codes of the colours.
        .with_ansi(form == Form::ColouredText)
        .with_writer(move || OneLine::new(to(), form));
    match form {
        // The innermost span has the request's id.
        Form::Json => with_traces!(
            log.json()
                .flatten_event(true)
                .with_current_span(true)
                .with_span_list(false)
                .finish()
        ),
        Form::Text | Form::ColouredText => with_traces!(log.finish()),
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
    use serde_json::Value;
    use test_kit::Log;

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

    /// TM25
    #[test]
    fn an_event_in_json_has_its_fields_and_its_request() {
        let log = Log::default();
        let to = log.clone();
        let subscriber = subscriber(
            Form::Json,
            EnvFilter::new("info"),
            move || to.clone(),
            #[cfg(feature = "otel")]
            None,
        );
        tracing::subscriber::with_default(subscriber, || {
            let _request = tracing::info_span!("request", request_id = "abc").entered();
            tracing::info!(event = "order.limited", order = "a\nb\u{2028}c", "a text");
            tracing::debug!(event = "order.limited", "below the level");
        });
        let text = String::from_utf8(log.bytes()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let event: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(event["event"], "order.limited");
        assert_eq!(event["order"], "a\nb\u{2028}c");
        assert_eq!(event["level"], "INFO");
        assert_eq!(event["message"], "a text");
        assert_eq!(event["span"]["request_id"], "abc");
    }
}
