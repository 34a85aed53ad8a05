//! `X-TIMESTAMP` and the other timestamps of BI-SNAP.

use jiff::{Timestamp, tz::Offset};

/// Jakarta's offset (WIB): Indonesia keeps no summer time.
const WIB: Offset = Offset::constant(7);

/// Formats in the documented form: ISO 8601, whole seconds, Jakarta's offset,
/// `2023-07-31T07:10:00+07:00` `[bi-snap-security-architecture]`.
pub fn format_wib(at: Timestamp) -> String {
    let seconds = Timestamp::from_second(at.as_second()).unwrap_or(at);
    seconds.display_with_offset(WIB).to_string()
}

/// Reads ISO 8601 with an offset, and the seconds or milliseconds since 1970 that other SNAP back
/// ends send. GoPay's own libraries send UTC with fractions.
///
/// # Errors
///
/// [`jiff::Error`] for any other text, one without an offset included.
pub fn parse(text: &str) -> Result<Timestamp, jiff::Error> {
    let text = text.trim();
    match text.parse::<i64>() {
        Ok(milliseconds) if text.len() >= 12 => Timestamp::from_millisecond(milliseconds),
        Ok(seconds) if text.len() >= 9 => Timestamp::from_second(seconds),
        _ => text.parse(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_jakarta_time() {
        let at = parse("2023-07-31T00:10:00.987654Z").unwrap();
        assert_eq!(format_wib(at), "2023-07-31T07:10:00+07:00");
        assert_eq!(parse(&format_wib(at)).unwrap().as_second(), at.as_second());
    }

    #[test]
    fn every_spelling_of_a_moment_is_read() {
        let at = parse("2025-09-16T12:11:54+07:00").unwrap();
        for text in [
            "2025-09-16T12:11:54.761+07:00",
            "2025-09-16T12:11:54+0700",
            "2025-09-16 12:11:54+07:00",
            "2025-09-16T05:11:54Z",
            "2025-09-16T05:11:54.761000Z",
            "1757999514",
            "1757999514761",
            " 1757999514761 ",
        ] {
            assert_eq!(parse(text).unwrap().as_second(), at.as_second(), "{text}");
        }
    }

    #[test]
    fn a_moment_without_offset_is_none() {
        for wrong in ["", "2023-07-31", "2023-07-31T07:10:00", "yesterday"] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
