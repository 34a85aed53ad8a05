//! Keys as text.

use base64::{Engine, engine::general_purpose::STANDARD};

/// The bytes of the first PEM block called `label`.
///
/// Keys that come through environment variables arrive with their line breaks written as
/// `\n`; that is read too.
pub(crate) fn decode(label: &str, text: &str) -> Option<Vec<u8>> {
    let text = text.replace("\\n", "\n");
    let body = text
        .split_once(&format!("-----BEGIN {label}-----"))?
        .1
        .split_once(&format!("-----END {label}-----"))?
        .0;
    let base64: String = body.split_whitespace().collect();
    STANDARD.decode(base64).ok()
}

/// A PEM block called `label`, 64 characters a line.
pub(crate) fn encode(label: &str, bytes: &[u8]) -> String {
    let base64 = STANDARD.encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}
