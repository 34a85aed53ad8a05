//! Bytes, as a file describes them.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use std::{collections::BTreeMap, io::Write};

/// A text, several in a row, or one that is made of another. In a text, `{name}` stands for the value of
/// this name.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Text {
    Plain(String),
    Joined(Vec<Text>),
    Made(Box<Made>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Made {
    /// So many times; `{n}` is the number of each.
    Repeat(Text, usize),
    Hex(String),
    /// base64, with the alphabet of URLs.
    UrlAlphabet(Text),
    /// base64 with another last bit.
    FlipBit(Text),
    Base64(Text),
    Gzip(Text),
    Brotli(Text),
    Utf16(Text),
    /// The chunks of a chunked body, with their end.
    Chunked(Text),
}

/// A value, or `false` where there is none.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum OrFalse<T> {
    Absent(#[expect(dead_code, reason = "TOML has no null")] bool),
    Value(T),
}

/// What the names in a text stand for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values(BTreeMap<&'static str, Vec<u8>>);

impl Values {
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<Vec<u8>>) {
        self.0.insert(name, value.into());
    }

    fn fill(&self, text: &str) -> Vec<u8> {
        let mut filled = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            filled.extend_from_slice(&rest.as_bytes()[..at]);
            rest = &rest[at..];
            let named = rest[1..].split_once('}');
            match named.and_then(|(name, after)| Some((self.0.get(name)?, after))) {
                Some((value, after)) => {
                    filled.extend_from_slice(value);
                    rest = after;
                }
                None => {
                    filled.push(b'{');
                    rest = &rest[1..];
                }
            }
        }
        filled.extend_from_slice(rest.as_bytes());
        filled
    }
}

impl Text {
    pub(crate) fn bytes(&self, values: &Values) -> Vec<u8> {
        match self {
            Self::Plain(text) => values.fill(text),
            Self::Joined(texts) => texts.iter().flat_map(|text| text.bytes(values)).collect(),
            Self::Made(made) => made.bytes(values),
        }
    }

    /// # Panics
    ///
    /// Where it is no UTF-8.
    pub(crate) fn string(&self, values: &Values) -> String {
        String::from_utf8(self.bytes(values)).unwrap()
    }
}

impl Made {
    fn bytes(&self, values: &Values) -> Vec<u8> {
        match self {
            Self::Repeat(text, times) => {
                let once = text.bytes(values);
                if !once.windows(3).any(|three| three == b"{n}") {
                    return once.repeat(*times);
                }
                let mut values = values.clone();
                let mut all = Vec::new();
                for number in 0..*times {
                    values.set("n", number.to_string());
                    all.extend(text.bytes(&values));
                }
                all
            }
            Self::Hex(digits) => hex::decode(digits.replace(' ', "")).unwrap(),
            Self::Base64(text) => STANDARD.encode(text.bytes(values)).into_bytes(),
            Self::UrlAlphabet(text) => {
                let text = text.string(values).replace('+', "-").replace('/', "_");
                text.into_bytes()
            }
            Self::FlipBit(text) => {
                let mut bytes = STANDARD.decode(text.bytes(values)).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                STANDARD.encode(bytes).into_bytes()
            }
            Self::Gzip(text) => {
                let mut packed =
                    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
                packed.write_all(&text.bytes(values)).unwrap();
                packed.finish().unwrap()
            }
            Self::Brotli(text) => {
                let mut packed = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
                packed.write_all(&text.bytes(values)).unwrap();
                packed.into_inner()
            }
            Self::Utf16(text) => {
                let text = text.string(values);
                text.encode_utf16().flat_map(u16::to_be_bytes).collect()
            }
            Self::Chunked(text) => {
                let mut all = Vec::new();
                for chunk in text.bytes(values).chunks(64 * 1024) {
                    all.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
                    all.extend(chunk);
                    all.extend(b"\r\n");
                }
                all.extend(b"0\r\n\r\n");
                all
            }
        }
    }
}
