//! A request as a command line.

use crate::exchanges::Sent;

/// Headers that curl sets itself.
const OWN_HEADERS: [&str; 4] = ["host", "content-length", "accept-encoding", "connection"];

pub(super) fn command(sent: &Sent, apply: impl Fn(&str) -> String) -> String {
    let mut command = format!("curl -X {} {}", sent.method, quoted(&apply(&sent.url)));
    for (name, value) in &sent.headers {
        if !OWN_HEADERS.contains(&name.as_str()) {
            command += " \\\n  -H ";
            command += &quoted(&format!("{name}: {}", apply(value)));
        }
    }
    match sent.body.whole() {
        Some([]) => {}
        Some(body) => {
            command += " \\\n  --data-binary ";
            command += &quoted(&apply(&String::from_utf8_lossy(body)));
        }
        None => command += " \\\n  --data-binary @body.json",
    }
    command
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{KeptBody, Line};

    #[test]
    fn a_request_is_a_command_line_for_a_shell() {
        let sent = Sent {
            line: Line::BiSnap,
            host: None,
            method: "POST".to_owned(),
            url: "http://localhost:9090/a?b=c&d=e".to_owned(),
            headers: vec![
                ("host".to_owned(), "localhost:9090".to_owned()),
                ("x-partner-id".to_owned(), "G1".to_owned()),
            ],
            body: KeptBody::of(br#"{"name":"it's"}"#),
        };
        assert_eq!(
            command(&sent, str::to_owned),
            "curl -X POST 'http://localhost:9090/a?b=c&d=e' \\\n  -H 'x-partner-id: G1' \\\n  \
             --data-binary '{\"name\":\"it'\\''s\"}'"
        );
    }
}
