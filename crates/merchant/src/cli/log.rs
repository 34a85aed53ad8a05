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
use tracing_subscriber::{
    filter::{LevelFilter, ParseError, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// What must live as long as the log.
#[derive(Debug)]
pub(super) struct LogGuard {
    #[cfg(feature = "otel")]
    _traces: Option<Traces>,
}

/// Begins to write. `format` is the configured one; without it people read text on a terminal, and programs read JSON
/// from a file, a pipe or a journal.
pub(super) fn begin(operations: &Operations) -> LogGuard {
    let chosen: Option<Result<Targets, ParseError>> =
        env::var("MERCHANT_LOG").ok().map(|text| text.parse());
    let (filter, unreadable) = match chosen {
        None => (default_filter(), None),
        Some(Ok(filter)) => (filter, None),
        Some(Err(error)) => (default_filter(), Some(error)),
    };
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
    if let Some(error) = unreadable {
        tracing::warn!(
            event = "config.warning",
            %error,
            "MERCHANT_LOG is no list of levels and of `target=level`, such as `merchant=debug,warn`: it is not used"
        );
    }
    #[cfg(feature = "otel")]
    if let Some(error) = failed {
        tracing::error!(event = "traces.failed", %error, "no traces are sent");
    }
    LogGuard {
        #[cfg(feature = "otel")]
        _traces: traces,
    }
}

/// This program's events from info on, those of others from warn on; but of connections to PostgreSQL that ended, of
/// which this program has events of its own.
fn default_filter() -> Targets {
    Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("sqlx", LevelFilter::OFF)
        .with_target("merchant", LevelFilter::INFO)
}

fn subscriber<W: Write + 'static>(
    form: Form,
    filter: Targets,
    to: impl Fn() -> W + Send + Sync + 'static,
    #[cfg(feature = "otel")] traces: Option<&Traces>,
) -> Box<dyn Subscriber + Send + Sync> {
    /// Each subscriber has a type of its own.
    macro_rules! with_traces {
        ($log:expr) => {{
            let log = $log.with(filter);
            #[cfg(feature = "otel")]
            let log = log.with(
                traces.map(|traces| tracing_opentelemetry::layer().with_tracer(traces.tracer())),
            );
            Box::new(log)
        }};
    }
    let log = tracing_subscriber::fmt()
        // The filter decides.
        .with_max_level(LevelFilter::TRACE)
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

    #[test]
    fn the_default_is_what_is_written_for_operators() {
        let written: Targets = "merchant=info,sqlx=off,warn".parse().unwrap();
        assert_eq!(default_filter(), written);
    }

    /// TM25
    #[test]
    fn an_event_in_json_has_its_fields_and_its_request() {
        let log = Log::default();
        let to = log.clone();
        let subscriber = subscriber(
            Form::Json,
            Targets::new().with_default(LevelFilter::INFO),
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
