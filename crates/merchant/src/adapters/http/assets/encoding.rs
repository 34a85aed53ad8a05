//! The forms in which a page travels.

use axum::http::{HeaderMap, header};
use brotli::enc::{BrotliEncoderParams, backward_references::BrotliEncoderMode};
use flate2::{Compression, write::GzEncoder};
use std::io::{self, Write};

/// How an answer is packed, the smallest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Plain,
    Gzip,
    Brotli,
}

impl Encoding {
    /// The smallest that the asker takes.
    pub(super) fn best(asked: &HeaderMap) -> Self {
        [Self::Brotli, Self::Gzip]
            .into_iter()
            .find(|encoding| encoding.name().is_some_and(|name| takes(asked, name)))
            .unwrap_or(Self::Plain)
    }

    /// The value of `Content-Encoding`, where there is one.
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// As small as it gets, which takes tens of milliseconds.
    pub(super) fn pack(self, page: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain => Ok(page.to_vec()),
            Self::Gzip => {
                let mut packed = GzEncoder::new(Vec::new(), Compression::best());
                packed.write_all(page)?;
                packed.finish()
            }
            Self::Brotli => {
                let parameters = BrotliEncoderParams {
                    quality: 11,
                    mode: BrotliEncoderMode::BROTLI_MODE_TEXT,
                    size_hint: page.len(),
                    ..BrotliEncoderParams::default()
                };
                let mut packed = Vec::new();
                brotli::BrotliCompress(&mut &*page, &mut packed, &parameters)?;
                Ok(packed)
            }
        }
    }
}

/// Whether the encoding is named, and not with the weight that refuses it (RFC 9110, 12.5.3).
fn takes(asked: &HeaderMap, encoding: &str) -> bool {
    asked
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let (name, weight) = one.split_once(';').unwrap_or((one, ""));
            name.trim().eq_ignore_ascii_case(encoding) && !is_zero(weight)
        })
}

fn is_zero(weight: &str) -> bool {
    weight
        .split_once('=')
        .is_some_and(|(_, weight)| weight.trim().bytes().all(|b| matches!(b, b'0' | b'.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_smallest_form_that_is_taken_is_sent() {
        for (asked, encoding) in [
            ("", Encoding::Plain),
            ("identity", Encoding::Plain),
            ("gzip", Encoding::Gzip),
            ("gzip, deflate, br", Encoding::Brotli),
            ("BR;q=0.5, gzip;q=1", Encoding::Brotli),
            ("br;q=0, gzip", Encoding::Gzip),
            ("br ; q=0.000,gzip; q=0", Encoding::Plain),
            ("brr, xgzip", Encoding::Plain),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(asked));
            assert_eq!(Encoding::best(&headers), encoding, "{asked}");
        }
        assert_eq!(Encoding::best(&HeaderMap::new()), Encoding::Plain);
    }
}
