//! Moments and spans as the buyer reads them. PURE: no function reads a clock.

use crate::locale::Locale;
use contract::UnixTime;

/// Western Indonesian Time has been UTC+7 without summer time since 1964.
const WIB_SECONDS: i64 = 7 * 3600;
const DAY_SECONDS: i64 = 24 * 3600;

const MONTHS_ID: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des",
];
const MONTHS_EN: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `22 Nov 2026 14.05 WIB`: the zone is written out because the phone may be in another.
pub fn wib(moment: UnixTime, locale: Locale) -> String {
    let local = moment.0.saturating_add(WIB_SECONDS);
    let (year, month, day) = date(local.div_euclid(DAY_SECONDS));
    let months = match locale {
        Locale::Id => &MONTHS_ID,
        Locale::En => &MONTHS_EN,
    };
    [
        &day.to_string(),
        " ",
        months.get(month).copied().unwrap_or_default(),
        " ",
        &year.to_string(),
        " ",
        &wib_clock(moment),
    ]
    .concat()
}

/// `14.05 WIB`.
pub fn wib_clock(moment: UnixTime) -> String {
    let local = moment.0.saturating_add(WIB_SECONDS);
    let minutes = local.rem_euclid(DAY_SECONDS) / 60;
    [
        &two_digits(minutes / 60),
        ".",
        &two_digits(minutes % 60),
        " WIB",
    ]
    .concat()
}

/// `4:05`, minutes and seconds.
pub fn clock(seconds: u64) -> String {
    let rest = i64::try_from(seconds % 60).unwrap_or_default();
    [&(seconds / 60).to_string(), ":", &two_digits(rest)].concat()
}

fn two_digits(number: i64) -> String {
    let zero = if number < 10 { "0" } else { "" };
    [zero, &number.to_string()].concat()
}

/// Year, month counted from 0 and day of the month, from days since 1970-01-01: the
/// proleptic Gregorian calendar in years that begin in March, so that the leap day is last.
fn date(days: i64) -> (i64, usize, i64) {
    const DAYS_PER_ERA: i64 = 146_097;
    let shifted = days + 719_468;
    let era = shifted.div_euclid(DAYS_PER_ERA);
    let day_of_era = shifted.rem_euclid(DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    (year, usize::try_from(month).unwrap_or_default(), day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_on_the_clock_of_jakarta() {
        for (moment, locale, text) in [
            (1_795_331_100, Locale::Id, "22 Nov 2026 14.05 WIB"),
            (0, Locale::Id, "1 Jan 1970 07.00 WIB"),
            (951_782_400, Locale::En, "29 Feb 2000 07.00 WIB"),
            // 17.00 UTC is already the next day there.
            (1_798_736_400, Locale::Id, "1 Jan 2027 00.00 WIB"),
            (1_786_244_700, Locale::En, "9 Aug 2026 10.05 WIB"),
            (1_786_244_700, Locale::Id, "9 Agu 2026 10.05 WIB"),
        ] {
            assert_eq!(wib(UnixTime(moment), locale), text);
        }
    }

    #[test]
    fn a_span_is_minutes_and_two_digits() {
        assert_eq!(clock(245), "4:05");
        assert_eq!(clock(59), "0:59");
        assert_eq!(clock(900), "15:00");
    }
}
