//! The log: each event is one line, and a line is one event, whatever stands in an event's fields.
//!
//! Texts of GoPay's are in errors, and everything that can be sent to the merchant may come to be.

use std::io::{self, Write};

/// Writes each event to `to`, with what would begin a line or change a terminal written as an escape.
#[derive(Debug)]
pub struct OneLine<W> {
    to: W,
    form: Form,
}

/// How the formatter writes events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    /// With colours; the formatter escapes the escape characters of texts itself.
    ColouredText,
    /// Escapes are written as JSON has them.
    Json,
}

impl<W: Write> OneLine<W> {
    pub fn new(to: W, form: Form) -> Self {
        Self { to, form }
    }
}

impl<W: Write> Write for OneLine<W> {
    /// The formatter writes a whole event at once.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let may_stay =
            |c: char| !is_unsafe(c) || (self.form == Form::ColouredText && c == '\u{1b}');
        if line.chars().all(may_stay) {
            self.to.write_all(event)?;
        } else {
            let mut safe = String::with_capacity(text.len() + 16);
            for c in line.chars() {
                if may_stay(c) {
                    safe.push(c);
                } else if self.form == Form::Json {
                    let mut units = [0; 2];
                    for unit in c.encode_utf16(&mut units) {
                        let _ =
                            std::fmt::Write::write_fmt(&mut safe, format_args!("\\u{unit:04x}"));
                    }
                } else {
                    safe.extend(c.escape_default());
                }
            }
            safe.push('\n');
            self.to.write_all(safe.as_bytes())?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Control characters, line separators, and the marks that turn the direction of text around.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(event: &str, form: Form) -> String {
        let mut bytes = Vec::new();
        OneLine::new(&mut bytes, form)
            .write_all(event.as_bytes())
            .unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// TM25
    #[test]
    fn no_text_in_an_event_begins_another_line() {
        for (text, safe) in [
            (
                "paid\r\n2026-11-29 ERROR merchant: hacked",
                r"paid\r\n2026-11-29 ERROR merchant: hacked",
            ),
            ("a\0b\u{7f}\u{85}", r"a\u{0}b\u{7f}\u{85}"),
            ("\u{1b}[2J\u{9b}31m", r"\u{1b}[2J\u{9b}31m"),
            (
                "\u{202e}dlog\u{2066}\u{200f}\u{61c}\u{2028}",
                r"\u{202e}dlog\u{2066}\u{200f}\u{61c}\u{2028}",
            ),
            (
                "Kopi Susu — Rp25.000 ☕ قهوة",
                "Kopi Susu — Rp25.000 ☕ قهوة",
            ),
        ] {
            assert_eq!(
                written(&format!("{text}\n"), Form::Text),
                format!("{safe}\n")
            );
            assert_eq!(written(text, Form::Text).trim_end(), safe);
        }
    }

    #[test]
    fn the_formatters_own_colours_stay() {
        let coloured = "\u{1b}[32m INFO\u{1b}[0m started\n";
        assert_eq!(written(coloured, Form::ColouredText), coloured);
        assert_eq!(written("a\nb\n", Form::ColouredText), "a\\nb\n");
    }

    /// TM25
    #[test]
    fn an_event_in_json_stays_json() {
        let event = serde_json::json!({"error": "a\u{2028}b\u{202e}\u{7f}\u{85}\n"});
        let line = written(&format!("{event}\n"), Form::Json);
        assert!(line.is_ascii(), "{line}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&line).unwrap(),
            event
        );
    }
}
