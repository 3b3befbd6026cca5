//! Days and instants: the clock, and ISO 8601 in the proleptic Gregorian calendar, years 1 to 9999.

use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since 1970-01-01T00:00:00 UTC.
pub type Micros = i64;

/// Days since 1970-01-01.
pub type Day = i32;

/// Microseconds of a day.
pub const DAY_MICROS: Micros = 86_400_000_000;
/// Microseconds of a second.
pub const SECOND_MICROS: Micros = 1_000_000;
/// The instants of the years 1 to 9999, which ISO 8601 can write.
pub const YEARS: Range<Micros> = -62_135_596_800_000_000..253_402_300_800_000_000;

/// The current time; 0 if the clock stands before 1970.
#[must_use]
pub fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| {
        i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
    })
}

/// The current day in UTC.
#[must_use]
pub fn today() -> Day {
    day_of(now()).unwrap_or(Day::MAX)
}

/// The day in UTC of an instant.
#[must_use]
pub fn day_of(instant: Micros) -> Option<Day> {
    Day::try_from(instant.div_euclid(DAY_MICROS)).ok()
}

/// The first instant of a day in UTC.
#[must_use]
pub fn midnight(day: Day) -> Micros {
    i64::from(day) * DAY_MICROS
}

/// Reads `YYYY-MM-DD` as days since 1970-01-01; `None` if it is not a real date.
#[must_use]
pub fn parse_day(text: &str) -> Option<Day> {
    let (year, rest) = text.split_at_checked(4)?;
    let (month, day) = rest.strip_prefix('-')?.split_once('-')?;
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    real_day(year, month, day)
}

/// Days since 1970-01-01 of a date; `None` if there is no such day.
pub(crate) fn real_day(year: i64, month: i64, day: i64) -> Option<Day> {
    let real = year >= 1 && (1..=12).contains(&month) && day >= 1 && day <= month_days(year, month);
    real.then(|| civil_to_days(year, month, day))?
}

/// Reads an ISO 8601 date or datetime as microseconds since 1970 UTC.
///
/// `YYYY-MM-DD`, then optionally `T` or a space and `HH:MM[:SS[.f]]`, then optionally `Z`, `±HH`,
/// `±HHMM` or `±HH:MM`. Without an offset the time is UTC; a bare date is its midnight. Digits
/// below the microsecond are cut off.
#[must_use]
pub fn parse_instant(text: &str) -> Option<Micros> {
    let (date, rest) = text.split_at_checked(10)?;
    let midnight = midnight(parse_day(date)?);
    if rest.is_empty() {
        return Some(midnight);
    }
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, offset) = match clock.find(['Z', 'z', '+', '-']) {
        Some(at) => {
            let (clock, zone) = clock.split_at(at);
            (clock, parse_offset(zone)?)
        }
        None => (clock, 0),
    };
    Some(midnight + parse_clock(clock)? - offset)
}

/// A time as a caller writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When it is; UTC where no offset is written.
    pub instant: Micros,
    /// Seconds east of UTC, where they are written.
    pub offset: Option<i64>,
    /// The day that is written, which may not be that in UTC.
    pub day: Day,
}

/// Reads a time that a caller gives: what [`parse_instant`] reads, and the short forms of ISO 8601.
///
/// A date is `YYYY-MM-DD` or `YYYYMMDD`; `T` or a space; a time is `HH[:MM[:SS[.f]]]` or
/// `HH[MM[SS[.f]]]`, with a point or a comma; an offset is `Z` or such a time behind a sign. `None`
/// for an instant outside the years 1 to 9999.
#[must_use]
pub fn read_moment(text: &str) -> Option<Moment> {
    let extended = text.as_bytes().get(4) == Some(&b'-');
    let (date, rest) = text.split_at_checked(if extended { 10 } else { 8 })?;
    let day = if extended {
        parse_day(date)?
    } else {
        let (year, rest) = date.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        real_day(number(year, 4)?, number(month, 2)?, number(day, 2)?)?
    };
    let (mut clock, mut offset) = (0, None);
    if !rest.is_empty() {
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let (time, zone) = rest.split_at(rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len()));
        clock = read_clock(time)?;
        offset = match zone {
            "" => None,
            "Z" | "z" => Some(0),
            _ => {
                let length = read_clock(zone.get(1..)?)? / SECOND_MICROS;
                Some(if zone.starts_with('-') {
                    -length
                } else {
                    length
                })
            }
        };
    }
    let instant = midnight(day) + clock - offset.unwrap_or(0) * SECOND_MICROS;
    let moment = Moment {
        instant,
        offset,
        day,
    };
    YEARS.contains(&instant).then_some(moment)
}

/// Reads a day that a caller gives: as [`parse_day`], and with months and days of one digit.
#[must_use]
pub fn read_day(text: &str) -> Option<Day> {
    let mut parts = text.split('-');
    let mut next = |most: usize| {
        let digits = parts.next()?;
        number(digits, digits.len().clamp(1, most))
    };
    let (year, month, day) = (next(4)?, next(2)?, next(2)?);
    let whole = parts.next().is_none() && text.find('-') == Some(4);
    whole.then(|| real_day(year, month, day))?
}

/// `HH[:MM[:SS[.f]]]` or `HH[MM[SS[.f]]]` in microseconds.
fn read_clock(clock: &str) -> Option<Micros> {
    let (whole, fraction) = match clock.split_once(['.', ',']) {
        Some((whole, digits)) if whole.len() >= 6 => (whole, parse_fraction(digits)?),
        Some(_) => return None,
        None => (clock, 0),
    };
    let extended = whole.as_bytes().get(2) == Some(&b':');
    let parts: Vec<&str> = if extended {
        whole.split(':').collect()
    } else {
        let starts = (0..whole.len()).step_by(2);
        starts
            .map(|at| whole.get(at..at + 2))
            .collect::<Option<_>>()?
    };
    let [hour, minute, second] = match parts[..] {
        [hour] => [hour, "00", "00"],
        [hour, minute] => [hour, minute, "00"],
        [hour, minute, second] => [hour, minute, second],
        _ => return None,
    };
    let (hour, minute, second) = (number(hour, 2)?, number(minute, 2)?, number(second, 2)?);
    let real = hour < 24 && minute < 60 && second < 60;
    // A fraction belongs to seconds.
    let whole = parts.len() == 3 || fraction == 0;
    (real && whole).then_some((hour * 3600 + minute * 60 + second) * SECOND_MICROS + fraction)
}

/// Writes a day as `YYYY-MM-DD`.
#[must_use]
pub fn format_day(day: Day) -> String {
    let mut text = String::new();
    push_day(&mut text, day);
    text
}

fn push_day(text: &mut String, day: Day) {
    let (year, month, day) = days_to_civil(day);
    if !(0..=9999).contains(&year) {
        let far = format!("{year:04}-{month:02}-{day:02}");
        text.push_str(&far);
        return;
    }
    let mut written = *b"0000-00-00";
    digits(&mut written[..4], year);
    digits(&mut written[5..7], month);
    digits(&mut written[8..], day);
    push_ascii(text, &written);
}

fn push_ascii(text: &mut String, ascii: &[u8]) {
    // Digits and signs of a time are always text.
    *text += std::str::from_utf8(ascii).unwrap_or_default();
}

/// Year, month and day of days since 1970.
pub(crate) fn days_to_civil(day: Day) -> (i64, i64, i64) {
    // Days counted from 0000-03-01, so that the leap day ends the year; eras have 400 years.
    let shifted = i64::from(day) + 719_468;
    let (era, in_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * in_year + 2) / 153;
    let day_of_month = in_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_month)
}

/// Writes a number from 0 to 999,999 with leading zeros.
fn digits(slots: &mut [u8], number: i64) {
    // Divisions of 32 bits take half the time.
    let mut number = u32::try_from(number).unwrap_or_default();
    for digit in slots.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Writes an instant as `2026-11-23T06:51:00.123456+00:00`, always with six digits of fraction.
#[must_use]
pub fn format_instant(instant: Micros) -> String {
    let (day, micros) = (
        instant.div_euclid(DAY_MICROS),
        instant.rem_euclid(DAY_MICROS),
    );
    let (seconds, fraction) = (micros / SECOND_MICROS, micros % SECOND_MICROS);
    let mut clock = *b"T00:00:00.000000+00:00";
    digits(&mut clock[1..3], seconds / 3600);
    digits(&mut clock[4..6], seconds / 60 % 60);
    digits(&mut clock[7..9], seconds % 60);
    digits(&mut clock[10..16], fraction);
    let mut text = String::with_capacity(32);
    // Every i64 of microseconds lies within some 107 million days of 1970.
    push_day(&mut text, day as Day);
    push_ascii(&mut text, &clock);
    text
}

/// `HH:MM[:SS[.f]]` in microseconds.
fn parse_clock(clock: &str) -> Option<i64> {
    let (whole, fraction) = match clock.split_once('.') {
        Some((whole, digits)) if whole.len() == 8 => (whole, parse_fraction(digits)?),
        Some(_) => return None,
        None => (clock, 0),
    };
    let (hour, rest) = whole.split_once(':')?;
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "00"));
    let (hour, minute, second) = (number(hour, 2)?, number(minute, 2)?, number(second, 2)?);
    let real = hour < 24 && minute < 60 && second < 60;
    real.then_some((hour * 3600 + minute * 60 + second) * SECOND_MICROS + fraction)
}

/// The digits after the point in microseconds.
fn parse_fraction(digits: &str) -> Option<i64> {
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let padded = digits.bytes().chain(std::iter::repeat(b'0')).take(6);
    Some(padded.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

/// `Z`, `±HH`, `±HHMM` or `±HH:MM` in microseconds.
fn parse_offset(zone: &str) -> Option<i64> {
    if let "Z" | "z" = zone {
        return Some(0);
    }
    let (sign, length) = zone.split_at_checked(1)?;
    let (hour, minute) = match length.len() {
        2 => (length, "00"),
        4 => length.split_at_checked(2)?,
        _ => length.split_once(':')?,
    };
    let (hour, minute) = (number(hour, 2)?, number(minute, 2)?);
    if hour >= 24 || minute >= 60 {
        return None;
    }
    let length = (hour * 60 + minute) * 60 * SECOND_MICROS;
    match sign {
        "+" => Some(length),
        "-" => Some(-length),
        _ => None,
    }
}

/// A number of exactly this many ASCII digits.
fn number(digits: &str, count: usize) -> Option<i64> {
    let plain = digits.len() == count && digits.bytes().all(|digit| digit.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

fn month_days(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a real date; the reverse of [`format_day`].
fn civil_to_days(year: i64, month: i64, day: i64) -> Option<Day> {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = (month + 9) % 12;
    let in_year = (153 * from_march + 2) / 5 + day - 1;
    let in_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + in_year;
    Day::try_from(era * 146_097 + in_era - 719_468).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_every_form() {
        let noon = 1_717_243_200 * SECOND_MICROS;
        for (text, offset) in [
            ("2024-06-01T12:00:00", None),
            ("20240601T120000", None),
            ("2024-06-01 12", None),
            ("2024-06-01t12:00:00.000000Z", Some(0)),
            ("20240601T1200Z", Some(0)),
            ("2024-06-01T14:00:00,0+02:00", Some(7200)),
            ("2024-06-01T04:30-0730", Some(-27_000)),
            ("2024-06-01T12:00:30+00:00:30", Some(30)),
        ] {
            let moment = read_moment(text);
            let day = 19_875;
            let expected = Moment {
                instant: noon,
                offset,
                day,
            };
            assert_eq!(moment, Some(expected), "{text}");
        }
        let half = read_moment("20240601T120000.5").map(|moment| moment.instant);
        assert_eq!(half, Some(noon + SECOND_MICROS / 2));
        let date = read_moment("20240601").map(|moment| moment.instant);
        assert_eq!(date, Some(noon - DAY_MICROS / 2));
    }

    #[test]
    fn the_day_of_a_moment_is_the_one_written() {
        let written = read_moment("2024-06-01T23:30:00-08:00").map(|moment| moment.day);
        assert_eq!(written, parse_day("2024-06-01"));
    }

    #[test]
    fn text_that_is_not_a_time_is_not_read() {
        for text in [
            "",
            "2024",
            "2024-6-1",
            "2024-02-30",
            "20240230",
            "2024-06-01T",
            "2024-06-01T24:00",
            "2024-06-01T12:60",
            "2024-06-01T12:0",
            "2024-06-01T1",
            "2024-06-01T12.5",
            "2024-06-01T12:00.5",
            "2024-06-01T12:00:00.",
            "2024-06-01T12:00:00+",
            "2024-06-01T12:00:00 +02:00",
            "2024-06-01T12:00:00+25:00",
            "2024-06-01T12:0000",
            "2024-06-01é12:00",
            "2024é60112",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert_eq!(read_moment(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_read_with_and_without_leading_zeros() {
        assert_eq!(read_day("2024-06-01"), Some(19_875));
        assert_eq!(read_day("2024-6-1"), Some(19_875));
        for text in [
            "",
            "2024-06",
            "24-06-01",
            "2024-06-001",
            "2024-06-31",
            "2024-06-01T00:00",
        ] {
            assert_eq!(read_day(text), None, "{text}");
        }
    }
}
