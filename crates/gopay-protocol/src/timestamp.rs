//! `X-TIMESTAMP` and the other moments of BI-SNAP.

use jiff::{Timestamp, tz::Offset};

/// Jakarta's offset (WIB): Indonesia keeps no summer time.
const WIB: Offset = Offset::constant(7);

/// The documented form: ISO 8601, whole seconds, Jakarta's offset,
/// `2023-07-31T07:10:00+07:00` `[bi-snap-security-architecture]`.
pub fn jakarta(at: Timestamp) -> String {
    let seconds = Timestamp::from_second(at.as_second()).unwrap_or(at);
    seconds.display_with_offset(WIB).to_string()
}

/// Reads any ISO 8601 moment that names its offset: GoPay's own libraries send UTC with
/// fractions.
pub fn parse(text: &str) -> Result<Timestamp, jiff::Error> {
    text.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_jakarta_time() {
        let at = parse("2023-07-31T00:10:00.987654Z").unwrap();
        assert_eq!(jakarta(at), "2023-07-31T07:10:00+07:00");
        assert_eq!(parse(&jakarta(at)).unwrap().as_second(), at.as_second());
    }

    #[test]
    fn a_moment_without_offset_is_none() {
        for wrong in ["", "2023-07-31", "2023-07-31T07:10:00", "yesterday"] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
