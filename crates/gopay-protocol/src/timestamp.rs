//! `X-TIMESTAMP` and the other timestamps of BI-SNAP, and those of Snap and the Core API.

use jiff::{Timestamp, civil::DateTime, fmt::strtime, tz::Offset};

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

/// Formats as the Core API does, in Jakarta: `2016-06-28 09:42:20` `[get-transaction-status]`.
pub fn format_midtrans(at: Timestamp) -> String {
    let at = WIB.to_datetime(at);
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Formats as Snap's `expiry.start_time` is: `2020-04-13 18:11:08 +0700`
/// `[expire-a-snap-session]`.
pub fn format_midtrans_with_zone(at: Timestamp) -> String {
    format!("{} +0700", format_midtrans(at))
}

/// Reads both forms; a time without an offset is Jakarta's.
///
/// # Errors
///
/// [`jiff::Error`] for any other text.
pub fn parse_midtrans(text: &str) -> Result<Timestamp, jiff::Error> {
    let text = text.trim();
    strtime::parse("%Y-%m-%d %H:%M:%S %z", text)
        .and_then(|parts| parts.to_timestamp())
        .or_else(|_| WIB.to_timestamp(DateTime::strptime("%Y-%m-%d %H:%M:%S", text)?))
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

    #[test]
    fn a_time_of_the_core_api_is_jakartas() {
        let at = parse("2020-04-13T11:11:08Z").unwrap();
        assert_eq!(format_midtrans(at), "2020-04-13 18:11:08");
        assert_eq!(format_midtrans_with_zone(at), "2020-04-13 18:11:08 +0700");
        for written in [
            "2020-04-13 18:11:08",
            "2020-04-13 18:11:08 +0700",
            "2020-04-13 11:11:08 +0000",
        ] {
            assert_eq!(parse_midtrans(written).unwrap(), at, "{written}");
        }
        for wrong in ["", "2020-04-13", "2020-13-13 18:11:08", "1586776268"] {
            assert!(parse_midtrans(wrong).is_err(), "{wrong}");
        }
    }
}
