//! A JSON body as libraries write it again after reading it: the same keys in the same order,
//! with other escapes and other spellings of numbers.
//!
//! A signature is computed over bytes, and some back ends sign other bytes than they send
//! (Midtrans' PHP client: `\/` on the wire, `/` under the signature). Each style below is what
//! one family of libraries makes of the same body.

/// What a style escapes beyond what JSON asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// Nothing: `JSON.stringify`, Jackson, PHP with both `JSON_UNESCAPED` flags.
    Needed,
    /// `\/` and all beyond ASCII: PHP's `json_encode`.
    SlashAndUnicode,
    /// `\/`: PHP with `JSON_UNESCAPED_UNICODE`.
    Slash,
    /// All beyond ASCII: PHP with `JSON_UNESCAPED_SLASHES`, Python with compact separators.
    Unicode,
    /// `<`, `>`, `&` and the line separators: Go's `json.Marshal`.
    Html,
    /// The same, `=` and `'`: Gson.
    HtmlAndEquals,
}

/// One way to write a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    escapes: Escapes,
    /// `1.0` becomes `1`, as in JavaScript.
    shortens_numbers: bool,
}

impl Style {
    /// All of them; the first two add no escape.
    pub(crate) const ALL: [Self; 12] = [
        Self::new(Escapes::Needed, false),
        Self::new(Escapes::Needed, true),
        Self::new(Escapes::SlashAndUnicode, false),
        Self::new(Escapes::SlashAndUnicode, true),
        Self::new(Escapes::Slash, false),
        Self::new(Escapes::Slash, true),
        Self::new(Escapes::Unicode, false),
        Self::new(Escapes::Unicode, true),
        Self::new(Escapes::Html, false),
        Self::new(Escapes::Html, true),
        Self::new(Escapes::HtmlAndEquals, false),
        Self::new(Escapes::HtmlAndEquals, true),
    ];

    const fn new(escapes: Escapes, shortens_numbers: bool) -> Self {
        Self {
            escapes,
            shortens_numbers,
        }
    }

    /// Whether it writes only the escapes that JSON asks for.
    pub(crate) fn is_plain(self) -> bool {
        self.escapes == Escapes::Needed
    }

    fn escapes(self, character: char) -> bool {
        let slash = character == '/';
        let beyond_ascii = !character.is_ascii();
        let html = matches!(character, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
        match self.escapes {
            Escapes::Needed => false,
            Escapes::SlashAndUnicode => slash || beyond_ascii,
            Escapes::Slash => slash,
            Escapes::Unicode => beyond_ascii,
            Escapes::Html => html,
            Escapes::HtmlAndEquals => html || matches!(character, '=' | '\''),
        }
    }
}

/// Writes a minified body anew; `None` where it is not JSON text.
pub(crate) fn rewrite(minified: &[u8], style: Style) -> Option<String> {
    let mut rest = std::str::from_utf8(minified).ok()?.chars().peekable();
    let mut written = String::with_capacity(minified.len());
    while let Some(character) = rest.next() {
        match character {
            '"' => {
                written.push('"');
                loop {
                    match rest.next()? {
                        '"' => break,
                        '\\' => write(unescape(&mut rest)?, style, &mut written),
                        plain => write(plain, style, &mut written),
                    }
                }
                written.push('"');
            }
            '-' | '0'..='9' => {
                let mut number = String::from(character);
                while let Some(next) =
                    rest.next_if(|next| matches!(next, '0'..='9' | '.' | '+' | '-' | 'e' | 'E'))
                {
                    number.push(next);
                }
                written.push_str(match style.shortens_numbers {
                    true => shorten(&number),
                    false => &number,
                });
            }
            other => written.push(other),
        }
    }
    Some(written)
}

/// The character behind a backslash.
fn unescape(rest: &mut impl Iterator<Item = char>) -> Option<char> {
    Some(match rest.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let first = code_unit(rest)?;
            if !(0xd800..0xdc00).contains(&first) {
                return char::from_u32(first);
            }
            (rest.next()? == '\\' && rest.next()? == 'u').then_some(())?;
            let second = code_unit(rest)?
                .checked_sub(0xdc00)
                .filter(|it| *it < 0x400)?;
            char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)?
        }
        escaped @ ('"' | '\\' | '/') => escaped,
        _ => return None,
    })
}

fn code_unit(rest: &mut impl Iterator<Item = char>) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| Some(unit * 16 + rest.next()?.to_digit(16)?))
}

fn write(character: char, style: Style, written: &mut String) {
    let short = match character {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '/' if style.escapes('/') => "\\/",
        _ if character < ' ' || style.escapes(character) => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                written.push_str(&format!("\\u{unit:04x}"));
            }
            return;
        }
        _ => return written.push(character),
    };
    written.push_str(short);
}

/// Without a fraction's trailing zeros.
fn shorten(number: &str) -> &str {
    if !number.contains('.') || number.contains(['e', 'E']) {
        return number;
    }
    number.trim_end_matches('0').trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(body: &str, escapes: Escapes, shortens_numbers: bool) -> String {
        rewrite(body.as_bytes(), Style::new(escapes, shortens_numbers)).unwrap()
    }

    #[test]
    fn each_style_writes_the_body_as_its_library_does() {
        let body = r#"{"u":"https:\/\/a/b","n":"caf\u00e9 \ud83d\ude00 <a>&=\"'","x":[1.0,2.50,1e3,-0.5]}"#;
        for (escapes, written) in [
            (
                Escapes::Needed,
                r#"{"u":"https://a/b","n":"café 😀 <a>&=\"'","x":[1.0,2.50,1e3,-0.5]}"#,
            ),
            (
                Escapes::SlashAndUnicode,
                r#"{"u":"https:\/\/a\/b","n":"caf\u00e9 \ud83d\ude00 <a>&=\"'","x":[1.0,2.50,1e3,-0.5]}"#,
            ),
            (
                Escapes::Slash,
                r#"{"u":"https:\/\/a\/b","n":"café 😀 <a>&=\"'","x":[1.0,2.50,1e3,-0.5]}"#,
            ),
            (
                Escapes::Unicode,
                r#"{"u":"https://a/b","n":"caf\u00e9 \ud83d\ude00 <a>&=\"'","x":[1.0,2.50,1e3,-0.5]}"#,
            ),
            (
                Escapes::Html,
                r#"{"u":"https://a/b","n":"café 😀 \u003ca\u003e\u0026=\"'","x":[1.0,2.50,1e3,-0.5]}"#,
            ),
            (
                Escapes::HtmlAndEquals,
                r#"{"u":"https://a/b","n":"café 😀 \u003ca\u003e\u0026\u003d\"\u0027","x":[1.0,2.50,1e3,-0.5]}"#,
            ),
        ] {
            assert_eq!(rewritten(body, escapes, false), written);
            let shorter = written.replace("1.0,2.50", "1,2.5");
            assert_eq!(rewritten(body, escapes, true), shorter);
        }
    }

    #[test]
    fn control_characters_are_written_as_everywhere() {
        let body = r#""\u0008\u000c\u000a\u000d\u0009\u001f\u007f""#;
        assert_eq!(
            rewritten(body, Escapes::Needed, false),
            "\"\\b\\f\\n\\r\\t\\u001f\u{7f}\""
        );
    }

    #[test]
    fn text_that_is_no_json_has_no_other_form() {
        for body in [
            &b"\"open"[..],
            b"\"\\x\"",
            b"\"\\ud800\"",
            b"\"\\ud800\\u0041\"",
            b"\"\\u12\"",
            b"\xff",
        ] {
            assert_eq!(rewrite(body, Style::ALL[0]), None, "{body:?}");
        }
    }
}
