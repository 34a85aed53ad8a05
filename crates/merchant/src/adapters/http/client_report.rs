//! What phones could not do: `POST /api/seen`, from the page's own script where the app has not
//! started or has stopped, and from browsers whose policy stopped something. Both are counted; the log gets
//! a line a minute of each kind, at most.
//!
//! Invariant: nothing of the buyer is read, kept or logged, and no address but its origin. Invariant:
//! any client may send any body here, so memory and log are bounded, and the answer is empty.

use super::{
    Context, api_document::ReportProblems, api_error::ApiError, counted_log::CountedLog,
    rate_limit::ReportPermit,
};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::IntoResponse,
};
use contract::ProblemCode;
use governor::Quota;
use serde_json::Value;
use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
};

/// No report of ours is this long; a browser's has the whole policy in it.
pub(super) const MAX_BODY: usize = 8 * 1024;

/// How many different reports are counted apart at a time; further ones count as [`OTHERS`].
const MAX_REPORTS: usize = 256;

/// Longest text that is kept of a report.
const MAX_TEXT: usize = 80;

const OTHERS: &str = "others";

const LINES: Quota = Quota::per_minute(NonZeroU32::MIN);

/// Faces of the page that says that the app is not there; see `src/boot.js`.
const KINDS: [&str; 4] = ["old", "load", "crash", "trap"];

const ENGINES: [&str; 3] = ["chrome", "ios", "other"];

/// Directives that a browser names when the page's policy has stopped something.
pub(super) const DIRECTIVES: [&str; 20] = [
    "default-src",
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "style-src",
    "style-src-elem",
    "style-src-attr",
    "img-src",
    "font-src",
    "connect-src",
    "frame-src",
    "worker-src",
    "object-src",
    "media-src",
    "manifest-src",
    "base-uri",
    "form-action",
    "frame-ancestors",
    "require-trusted-types-for",
    "trusted-types",
];

/// What went wrong, as far as it is counted apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Report {
    kind: &'static str,
    /// The place in the source, or the origin that the policy stopped.
    what: String,
    engine: &'static str,
    major: u16,
    /// Which bundle, by the name of its file.
    build: String,
}

#[cfg(feature = "fuzz")]
impl Report {
    pub(super) fn into_texts(self) -> [String; 4] {
        [
            self.kind.to_owned(),
            self.what,
            self.engine.to_owned(),
            self.build,
        ]
    }
}

/// The log of each.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    logs: Mutex<HashMap<Report, CountedLog>>,
}

impl Reports {
    /// Counts it. The lines that may now be logged: how often which report has come since its last line.
    fn count(&self, report: Report) -> Vec<(u64, Report)> {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = logs.contains_key(&report);
        let mut lines = Vec::new();
        if !is_known && logs.len() >= MAX_REPORTS {
            // What has not come since its last line, a minute ago or more, is forgotten.
            logs.retain(|report, log| match log.take() {
                Some(0) => false,
                Some(count) => {
                    lines.push((count, report.clone()));
                    true
                }
                None => true,
            });
        }
        let report = if is_known || logs.len() < MAX_REPORTS {
            report
        } else {
            Report {
                what: OTHERS.to_owned(),
                engine: "other",
                major: 0,
                build: String::new(),
                ..report
            }
        };
        let log = logs
            .entry(report.clone())
            .or_insert_with(|| CountedLog::new(LINES));
        lines.extend(log.count().map(|count| (count, report)));
        lines
    }
}

/// Without it a package's beacon counts as failed, although it has arrived.
const CROSS_ORIGIN: (HeaderName, &str) = (
    HeaderName::from_static("cross-origin-resource-policy"),
    "cross-origin",
);

/// `POST /api/seen`: nothing comes back.
#[utoipa::path(
    post,
    path = "/seen",
    summary = "Reports what a phone could not do",
    description = "From the page's own script, or from a browser whose policy stopped something. Of any other content \
        nothing is counted. Whatever the content type says, the body is read as JSON. At most 8 KiB.",
    request_body(content(
        (Value = "application/json"),
        (Value = "application/csp-report"),
        (Value = "application/reports+json"),
    )),
    responses((status = 204, description = "The report arrived."), ReportProblems),
    security(()),
)]
pub(super) async fn receive(
    State(context): State<Context>,
    headers: HeaderMap,
    _: ReportPermit,
    body: Result<Bytes, BytesRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let body = body.map_err(|_| ApiError::new(ProblemCode::TooLarge))?;
    let body: Value =
        serde_json::from_slice(&body).map_err(|_| ApiError::invalid("the body is not JSON"))?;
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|it| it.to_str().ok());
    for report in read(&body, agent.unwrap_or_default()) {
        for (count, report) in context.reports.count(report) {
            tracing::warn!(
                event = "phone.report",
                mini_app = context.service.mini_app.id.as_str(),
                kind = report.kind,
                what = report.what,
                engine = report.engine,
                major = report.major,
                build = report.build,
                count,
                "something did not work on a phone"
            );
        }
    }
    Ok((StatusCode::NO_CONTENT, [CROSS_ORIGIN]))
}

/// The reports in a body: one of ours, or of a browser in either of its two forms.
pub(super) fn read(body: &Value, agent: &str) -> Vec<Report> {
    if let Value::Array(reports) = body {
        return (reports.iter().take(8))
            .filter(|report| report["type"] == "csp-violation")
            .filter_map(|report| {
                let body = &report["body"];
                stopped(&body["effectiveDirective"], &body["blockedURL"], agent)
            })
            .collect();
    }
    let report = &body["csp-report"];
    if report.is_object() {
        let directive = match &report["effective-directive"] {
            Value::Null => &report["violated-directive"],
            directive => directive,
        };
        return stopped(directive, &report["blocked-uri"], agent)
            .into_iter()
            .collect();
    }
    failed(body).into_iter().collect()
}

/// What `src/boot.js` says.
fn failed(body: &Value) -> Option<Report> {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    Some(Report {
        kind: one_of(&KINDS, text("kind"))?,
        what: plain(tail(text("at"))),
        engine: one_of(&ENGINES, text("engine")).unwrap_or("other"),
        major: body["major"]
            .as_u64()
            .and_then(|it| it.try_into().ok())
            .unwrap_or_default(),
        build: build(text("build")),
    })
}

/// What the policy stopped.
fn stopped(directive: &Value, blocked: &Value, agent: &str) -> Option<Report> {
    let directive = directive.as_str()?.split(' ').next()?;
    let (engine, major) = engine(agent);
    let what = plain(origin(blocked.as_str().unwrap_or_default()));
    // Chromium 88 reports the WebAssembly that `'unsafe-eval'` allows; see `assets/csp_keyword.rs`.
    if what == "eval" && engine == "chrome" && major < 97 {
        return None;
    }
    Some(Report {
        kind: one_of(&DIRECTIVES, directive)?,
        what,
        engine,
        major,
        build: String::new(),
    })
}

fn one_of(known: &[&'static str], name: &str) -> Option<&'static str> {
    known.iter().copied().find(|it| *it == name)
}

fn build(name: &str) -> String {
    let is_hash = name.len() == 16 && name.bytes().all(|it| it.is_ascii_hexdigit());
    if is_hash {
        name.to_owned()
    } else {
        String::new()
    }
}

/// Scheme and host of an address; of `inline` and the like the word.
fn origin(address: &str) -> &str {
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address[host..].find(['/', '?', '#']);
    let origin = end.map_or(address, |end| &address[..host + end]);
    // What follows `data:` and a bridge's scheme may be anything.
    match origin.split_once(':') {
        Some((scheme, rest)) if !rest.starts_with("//") => scheme,
        _ => origin,
    }
}

/// The end of a path says more than its beginning.
fn tail(text: &str) -> &str {
    let start = (text.char_indices().rev()).nth(MAX_TEXT - 1);
    start.map_or(text, |(at, _)| &text[at..])
}

/// Nothing that a log or a terminal could take for more than a name.
fn plain(text: &str) -> String {
    let known = |it: &char| it.is_ascii_alphanumeric() || ".:/_-".contains(*it);
    text.chars().filter(known).take(MAX_TEXT).collect()
}

/// Which engine, of which version: no more of what a browser says of itself.
fn engine(agent: &str) -> (&'static str, u16) {
    let version = |after: &str| {
        let (_, rest) = agent.split_once(after)?;
        let end = rest
            .find(|it: char| !it.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..end].parse().ok()
    };
    if let Some(major) = version("Chrome/") {
        ("chrome", major)
    } else if let Some(major) = version("iPhone OS ").or_else(|| version("CPU OS ")) {
        ("ios", major)
    } else {
        ("other", 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; Budi) Chrome/96.0.4664.104 Mobile";

    #[test]
    fn a_failure_is_read_without_anything_of_the_buyer() {
        let body = json!({
            "kind": "old", "engine": "chrome", "major": 88, "build": "0123456789abcdef",
            "at": "", "buyer": "Budi", "order": "4f6c2b1e",
        });
        let reports = read(&body, ANDROID);
        assert_eq!(reports.len(), 1);
        assert_eq!((reports[0].kind, reports[0].major), ("old", 88));
        let shown = format!("{reports:?}");
        assert!(
            !shown.contains("Budi") && !shown.contains("4f6c2b1e"),
            "{shown}"
        );
    }

    #[test]
    fn a_policy_report_is_read_in_both_forms_and_keeps_the_origin_only() {
        let old = json!({"csp-report": {
            "violated-directive": "frame-src 'none'",
            "blocked-uri": "gopay-bridge://call/42?token=secret",
        }});
        let new = json!([{"type": "csp-violation", "body": {
            "effectiveDirective": "connect-src",
            "blockedURL": "https://api.example:8443/v1/orders/4f6c2b1e?token=secret",
        }}]);
        let [old] = &read(&old, ANDROID)[..] else {
            panic!()
        };
        assert_eq!((old.kind, &*old.what), ("frame-src", "gopay-bridge://call"));
        assert_eq!((old.engine, old.major), ("chrome", 96));
        let [new] = &read(
            &new,
            "Mozilla/5.0 (iPhone; CPU iPhone OS 15_8 like Mac OS X)",
        )[..] else {
            panic!()
        };
        assert_eq!(
            (new.kind, &*new.what),
            ("connect-src", "https://api.example:8443")
        );
        assert_eq!((new.engine, new.major), ("ios", 15));
        for (blocked, what) in [
            ("inline", "inline"),
            ("data:text/html,secret", "data"),
            ("wvjbscheme:secret", "wvjbscheme"),
            ("https://a.example?x", "https://a.example"),
        ] {
            assert_eq!(origin(blocked), what);
        }
    }

    #[test]
    fn an_old_chromium_reports_webassembly_that_is_allowed_for_nothing() {
        let report = json!({"csp-report": {
            "violated-directive": "script-src",
            "blocked-uri": "eval",
        }});
        assert_eq!(read(&report, ANDROID), []);
        let current = ANDROID.replace("Chrome/96", "Chrome/156");
        assert_eq!(read(&report, &current).len(), 1);
    }

    #[test]
    fn a_body_that_is_no_report_is_ignored() {
        for body in [
            json!(null),
            json!(7),
            json!({}),
            json!({"kind": "paid"}),
            json!([1, {"type": "deprecation"}]),
            json!({"csp-report": {"effective-directive": "x"}}),
        ] {
            assert_eq!(read(&body, ""), [], "{body}");
        }
    }

    #[test]
    fn a_report_cannot_write_a_log_line_of_its_own() {
        let body = json!({"kind": "crash", "at": "src/a.rs:1\n\u{1b}[31mFAKE", "build": "../x"});
        let [report] = &read(&body, "")[..] else {
            panic!()
        };
        assert_eq!(report.what, "src/a.rs:131mFAKE");
        assert_eq!(report.build, "");
        let long = json!({"kind": "crash", "at": format!("{}/z.rs:9", "é".repeat(900))});
        let [report] = &read(&long, "")[..] else {
            panic!()
        };
        assert_eq!(report.what, "/z.rs:9");
    }

    fn loaded(number: usize) -> Report {
        Report {
            kind: "load",
            what: String::new(),
            engine: "chrome",
            major: 96,
            build: format!("{number:016x}"),
        }
    }

    #[test]
    fn reports_that_come_no_more_give_way_and_what_waits_is_logged() {
        let logs = (0..MAX_REPORTS)
            .map(|number| {
                let waiting = if number == 0 { 7 } else { 0 };
                (loaded(number), CountedLog::of_a_while_ago(LINES, waiting))
            })
            .collect();
        let reports = Reports {
            logs: Mutex::new(logs),
        };
        let new = loaded(MAX_REPORTS);
        let lines = reports.count(new.clone());
        assert_eq!(lines, [(7, loaded(0)), (1, new)]);
        assert_eq!(reports.logs.lock().unwrap().len(), 2);
    }

    #[test]
    fn the_api_document_says_how_long_a_report_may_be() {
        let operation = <__path_receive as utoipa::Path>::operation();
        let said = operation.description.unwrap();
        let limit = format!("At most {} KiB.", MAX_BODY / 1024);
        assert!(said.ends_with(&limit), "{said}");
    }

    #[test]
    fn however_many_reports_come_memory_is_bounded_and_none_is_lost() {
        let reports = Reports::default();
        let logged: u64 = (0..MAX_REPORTS * 4)
            .flat_map(|number| reports.count(loaded(number)))
            .map(|(count, _)| count)
            .sum();
        let again = reports.count(loaded(0));
        assert_eq!(again, [], "one line a minute");
        let logs = reports.logs.lock().unwrap();
        assert_eq!(logs[&loaded(0)].waiting(), 1, "what is known is told apart");
        assert_eq!(logs.len(), MAX_REPORTS + 1);
        let waiting: u64 = logs.values().map(CountedLog::waiting).sum();
        assert_eq!(logged + waiting, (MAX_REPORTS * 4 + 1) as u64);
    }
}
