//! Points in time, spans, and when a key expires.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::Pieces;
use serde::{Serialize, Serializer};

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// From 1970 to 9999-12-31T23:59:59.999Z, the last moment whose year has four digits in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const LAST_MILLIS: i64 = 253_402_300_799_999;

/// Why a text is not a point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Not an RFC 3339 date and time.
    #[error("not a date and time as in 2027-01-31T12:00:00Z")]
    Syntax,
    /// A day that no calendar has.
    #[error("there is no such date: {}", no_day(*.year, *.month, *.day))]
    NoDay {
        /// As written.
        year: u16,
        /// As written.
        month: u8,
        /// As written.
        day: u8,
    },
    /// A day alone.
    #[error("a day alone is no time: write its hour and zone, as in 2027-01-31T00:00:00Z")]
    Day,
    /// RFC 3339 without `Z` or an offset.
    #[error("a time needs its zone: end it with Z or an offset such as +02:00")]
    NoZone,
    /// RFC 3339 §5.7 allows `:60`; the times stored here have no leap seconds.
    #[error("leap seconds (:60) are not supported")]
    LeapSecond,
    /// Before 1970 or after 9999.
    #[error("the time is outside the years 1970 to 9999")]
    Range,
}

impl Timestamp {
    /// The last moment of the year 9999.
    #[cfg(feature = "cli")]
    pub(crate) const LATEST: Self = Self(LAST_MILLIS);

    /// From milliseconds since the Unix epoch; `None` outside the years 1970 to 9999.
    pub const fn from_millis(millis: i64) -> Option<Self> {
        if millis >= 0 && millis <= LAST_MILLIS { Some(Self(millis)) } else { None }
    }

    /// Milliseconds since the Unix epoch, never negative.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The point `span` earlier, not before 1970.
    #[must_use]
    pub(crate) const fn before(self, span: Span) -> Self {
        let millis = self.0 - span.0 * 1000;
        if millis < 0 { Self(0) } else { Self(millis) }
    }

    /// The point `span` later; `None` past the year 9999.
    pub(crate) fn after(self, span: Span) -> Option<Self> {
        span.0.checked_mul(1000).and_then(|ms| self.0.checked_add(ms)).and_then(Self::from_millis)
    }

    /// Parses RFC 3339 with a zone (RFC 3339 §5.6); sub-millisecond digits are cut off.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        if let Some(seconds) = text.get(16..19)
            && seconds == ":60"
        {
            return Err(TimestampError::LeapSecond);
        }
        match text.parse::<jiff::Timestamp>() {
            Ok(t) => Self::from_millis(t.as_millisecond()).ok_or(TimestampError::Range),
            Err(_) if is_day(text.trim_end_matches(['Z', 'z'])) => Err(TimestampError::Day),
            // First: a date and time alone is read past an offset.
            Err(_) if text.starts_with("9999-12-3") && has_offset(text) => Self::at_the_end_of_time(text),
            Err(_) if text.parse::<DateTime>().is_ok() => Err(TimestampError::NoZone),
            Err(_) if text.starts_with(|c: char| c.is_ascii_digit()) && text.find('-') > Some(4) => {
                Err(TimestampError::Range)
            }
            Err(_) => Err(no_such_day(text).unwrap_or(TimestampError::Syntax)),
        }
    }

    /// The last hours of the year 9999, which jiff keeps free so that every moment that it knows has
    /// a date in every zone.
    fn at_the_end_of_time(text: &str) -> Result<Self, TimestampError> {
        let pieces = Pieces::parse(text).map_err(|_| TimestampError::Syntax)?;
        let (Some(time), Some(offset)) = (pieces.time(), pieces.to_numeric_offset()) else {
            return Err(TimestampError::Syntax);
        };
        let since = pieces.date().to_datetime(time).duration_since(DateTime::from(EPOCH)).as_millis();
        let millis = since - i128::from(offset.seconds()) * 1000;
        i64::try_from(millis).ok().and_then(Self::from_millis).ok_or(TimestampError::Range)
    }

    /// The last moment of a day in UTC, written as in `2027-03-01`.
    fn end_of_day(text: &str) -> Result<Self, TimestampError> {
        let day: Date = text.parse().map_err(|_| no_such_day(text).unwrap_or(TimestampError::Syntax))?;
        let next = day.duration_since(EPOCH).as_millis() + 86_400_000;
        i64::try_from(next - 1).ok().and_then(Self::from_millis).ok_or(TimestampError::Range)
    }
}

/// What is wrong with the day that a text begins with, if no calendar has it.
fn no_such_day(text: &str) -> Option<TimestampError> {
    let date = text.get(..10).filter(|date| is_day(date))?;
    let (year, month, day) =
        (date.get(..4)?.parse().ok()?, date.get(5..7)?.parse().ok()?, date.get(8..)?.parse().ok()?);
    match date.parse::<Date>() {
        Ok(_) => None,
        Err(_) => Some(TimestampError::NoDay { year, month, day }),
    }
}

fn no_day(year: u16, month: u8, day: u8) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    match usize::from(month).checked_sub(1).and_then(|month| MONTHS.get(month)) {
        Some(month) => format!("{year} has no {day} {month}"),
        None => format!("a year has no month {month}"),
    }
}

const EPOCH: Date = Date::constant(1970, 1, 1);

fn has_offset(text: &str) -> bool {
    Pieces::parse(text).is_ok_and(|pieces| pieces.to_numeric_offset().is_some())
}

/// Whether a text has the form of a day, as `2027-03-01`.
fn is_day(text: &str) -> bool {
    let form =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(form)
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2027-01-31T12:00:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = SignedDuration::from_millis(self.0);
        let t = DateTime::from(EPOCH).checked_add(since).map_err(|_| fmt::Error)?;
        write!(f, "{t:.3}Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A length of time: whole seconds, 0 to 100 years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

/// A unit: how it is written first, its seconds, and its other words. A month is 30 days and a year
/// 365, whenever it begins.
struct Unit(&'static str, i64, &'static [&'static str]);

const UNITS: [Unit; 7] = [
    Unit("y", 31_536_000, &["year", "years"]),
    Unit("mo", 2_592_000, &["month", "months"]),
    Unit("w", 604_800, &["week", "weeks"]),
    Unit("d", 86_400, &["day", "days"]),
    Unit("h", 3600, &["hr", "hrs", "hour", "hours"]),
    Unit("m", 60, &["min", "mins", "minute", "minutes"]),
    Unit("s", 1, &["sec", "secs", "second", "seconds"]),
];
const LONGEST_SECONDS: i64 = 100 * 31_536_000;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// Not a whole number and one unit; also what is ambiguous (`1M`, `1h30`).
    #[error("not a duration: write a whole number and one unit, as in 90s 15m 12h 30d 2w 6mo 1y")]
    Syntax,
    /// More than 100 years.
    #[error("the duration is longer than 100 years")]
    TooLong,
}

impl Span {
    /// From whole seconds; `None` if negative or over 100 years.
    pub const fn from_secs(seconds: i64) -> Option<Self> {
        if seconds >= 0 && seconds <= LONGEST_SECONDS { Some(Self(seconds)) } else { None }
    }

    /// From whole days, for constants.
    pub const fn days(days: u16) -> Self {
        // A u16 of days may exceed 100 years; the constants used are far below.
        Self(days as i64 * 86_400)
    }

    /// From a few whole seconds, for constants.
    pub const fn seconds(seconds: u16) -> Self {
        Self(seconds as i64)
    }

    /// Whole seconds, never negative.
    pub const fn as_secs(self) -> i64 {
        self.0
    }

    /// True for `0s` and its kin.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl FromStr for Span {
    type Err = SpanError;

    /// `90s`, `15m`, `12h`, `30d`, `2w`, `6mo` (of 30 days), `1y` (of 365), their words as in `30days`,
    /// and a bare `0`.
    fn from_str(text: &str) -> Result<Self, SpanError> {
        if text == "0" {
            return Ok(Self(0));
        }
        let end = text.find(|c: char| !c.is_ascii_digit()).ok_or(SpanError::Syntax)?;
        let (number, word) = text.split_at(end);
        let is_meant = |Unit(short, _, words): &&Unit| *short == word || words.contains(&word);
        let Unit(_, seconds, _) = UNITS.iter().find(is_meant).ok_or(SpanError::Syntax)?;
        if number.is_empty() {
            return Err(SpanError::Syntax);
        }
        let total = number.parse::<i64>().ok().and_then(|n| n.checked_mul(*seconds));
        total.and_then(Self::from_secs).ok_or(SpanError::TooLong)
    }
}

impl fmt::Display for Span {
    /// In the largest unit that divides it: `90s`, `24h`, `90d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = UNITS.iter().filter(|unit| !["y", "mo", "w"].contains(&unit.0));
        for Unit(unit, seconds, _) in units {
            if self.0 != 0 && self.0 % seconds == 0 && !(*unit == "d" && self.0 == 86_400) {
                return write!(f, "{}{unit}", self.0 / seconds);
            }
        }
        write!(f, "{}s", self.0)
    }
}

/// When a key stops working, as asked for: a span from now, a point in time, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    Never,
    /// So long after the moment of the change.
    After(Span),
    /// At this moment; the end is exclusive.
    At(Timestamp),
    /// At the end of a day in UTC: its last millisecond, so that it is written as that day.
    EndOfDay(Timestamp),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryError {
    /// Neither a span, nor RFC 3339, nor `never`.
    #[error("{0}; or a day (2027-01-31), a time (2027-01-31T12:00:00Z), or never")]
    Span(SpanError),
    /// It looks like a point in time and is not one.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    #[error("an expiry of zero would never let the key work")]
    Zero,
    #[error("the expiry is in the past")]
    Past,
}

impl Expiry {
    /// The moment meant, `None` for never.
    pub fn resolve(self, now: Timestamp) -> Result<Option<Timestamp>, ExpiryError> {
        match self {
            Self::Never => Ok(None),
            Self::After(span) => {
                now.after(span).map(Some).ok_or(ExpiryError::Timestamp(TimestampError::Range))
            }
            Self::At(at) | Self::EndOfDay(at) if at <= now => Err(ExpiryError::Past),
            Self::At(at) | Self::EndOfDay(at) => Ok(Some(at)),
        }
    }

    /// Whether this may have been what a key with this end was made with. A span began with the
    /// making, so of that only is asked whether there is an end.
    pub fn may_be(self, end: Option<Timestamp>) -> bool {
        match self {
            Self::Never => end.is_none(),
            Self::After(_) => end.is_some(),
            Self::At(at) | Self::EndOfDay(at) => end == Some(at),
        }
    }
}

impl FromStr for Expiry {
    type Err = ExpiryError;

    fn from_str(text: &str) -> Result<Self, ExpiryError> {
        if text == "never" {
            return Ok(Self::Never);
        }
        if is_day(text) {
            return Ok(Self::EndOfDay(Timestamp::end_of_day(text)?));
        }
        if text.contains(['-', ':', 'T']) && text.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(Self::At(Timestamp::parse(text)?));
        }
        let span: Span = text.parse().map_err(ExpiryError::Span)?;
        if span.is_zero() { Err(ExpiryError::Zero) } else { Ok(Self::After(span)) }
    }
}

/// How long the previous token of a rotated key keeps working.
///
/// Unit: whole seconds, 0 (cut over at once) to 30 days. The end is exclusive: at
/// `rotated_at + grace` the old token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grace(Span);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraceError {
    #[error(transparent)]
    Span(#[from] SpanError),
    /// Over 30 days.
    #[error("the grace is longer than 30 days")]
    TooLong,
}

impl Grace {
    pub const DEFAULT: Self = Self(Span::days(1));
    /// The old token stops at once.
    pub const NONE: Self = Self(Span::seconds(0));
    pub(crate) const LONGEST: Span = Span::days(30);

    pub const fn span(self) -> Span {
        self.0
    }
}

impl FromStr for Grace {
    type Err = GraceError;

    fn from_str(text: &str) -> Result<Self, GraceError> {
        let span: Span = text.parse()?;
        if span > Self::LONGEST { Err(GraceError::TooLong) } else { Ok(Self(span)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    #[test]
    fn a_time_prints_as_rfc_3339_utc_with_milliseconds() {
        assert_eq!(at("2027-01-31T14:00:00+02:00").to_string(), "2027-01-31T12:00:00.000Z");
        assert_eq!(at("2027-01-31T12:00:00.1239Z").to_string(), "2027-01-31T12:00:00.123Z");
        assert_eq!(Timestamp(LAST_MILLIS).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn the_last_hours_of_all_are_times_too() {
        for (text, shown) in [
            ("9999-12-30T22:00:01Z", "9999-12-30T22:00:01.000Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"),
            ("9999-12-31T23:59:59.9999Z", "9999-12-31T23:59:59.999Z"),
            ("9999-12-31T23:59:59+02:00", "9999-12-31T21:59:59.000Z"),
            ("9999-12-31t23:59:59z", "9999-12-31T23:59:59.000Z"),
        ] {
            assert_eq!(at(text).to_string(), shown, "{text}");
        }
        for (text, error) in [
            ("9999-12-31T23:59:59-01:00", TimestampError::Range),
            ("9999-12-31T24:00:00Z", TimestampError::Syntax),
            ("9999-12-32T23:59:59Z", TimestampError::NoDay { year: 9999, month: 12, day: 32 }),
            ("9999-12-31T23:59:59Zjunk", TimestampError::Syntax),
            ("9999-12-31T23:59:59", TimestampError::NoZone),
            ("9999-12-31T23:59:60Z", TimestampError::LeapSecond),
        ] {
            assert_eq!(Timestamp::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn each_fault_of_a_time_has_its_own_error() {
        for (text, error) in [
            ("2027-01-31T12:00:00", TimestampError::NoZone),
            ("2027-01-31", TimestampError::Day),
            ("2027-01-31Z", TimestampError::Day),
            ("2027-01-31T12:00:60Z", TimestampError::LeapSecond),
            ("10000-01-01T00:00:00Z", TimestampError::Range),
            ("1969-12-31T23:59:59Z", TimestampError::Range),
            ("2027-02-30T12:00:00Z", TimestampError::NoDay { year: 2027, month: 2, day: 30 }),
            ("2027-13-01T12:00:00Z", TimestampError::NoDay { year: 2027, month: 13, day: 1 }),
            ("tomorrow", TimestampError::Syntax),
        ] {
            assert_eq!(Timestamp::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn spans_take_one_number_and_one_unit() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("12h", 43_200),
            ("30d", 2_592_000),
            ("2w", 1_209_600),
            ("6mo", 15_552_000),
            ("1y", 31_536_000),
            ("30days", 2_592_000),
            ("1day", 86_400),
            ("6months", 15_552_000),
            ("2weeks", 1_209_600),
            ("3hours", 10_800),
            ("5min", 300),
            ("90seconds", 90),
            ("0", 0),
        ] {
            assert_eq!(text.parse::<Span>().map(Span::as_secs), Ok(seconds), "{text}");
        }
        for text in [
            "",
            "1M",
            "1h30",
            "1e309",
            "NaN",
            "-1d",
            "+1d",
            "d",
            "1 d",
            "1.5h",
            "１d",
            "30",
            "30 days",
            "30Days",
            "1month6days",
        ] {
            assert_eq!(text.parse::<Span>(), Err(SpanError::Syntax), "{text}");
        }
        assert_eq!("99999999999d".parse::<Span>(), Err(SpanError::TooLong));
        assert_eq!("99999999999999999999y".parse::<Span>(), Err(SpanError::TooLong));
    }

    #[test]
    fn spans_print_in_the_unit_they_are_spoken_of() {
        for (text, shown) in
            [("90d", "90d"), ("24h", "24h"), ("1d", "24h"), ("90s", "90s"), ("120s", "2m"), ("0", "0s")]
        {
            assert_eq!(text.parse::<Span>().expect(text).to_string(), shown);
        }
    }

    #[test]
    fn an_expiry_must_lie_ahead() {
        let now = at("2027-01-01T00:00:00Z");
        assert_eq!("never".parse::<Expiry>().expect("never").resolve(now), Ok(None));
        assert_eq!("1d".parse::<Expiry>().expect("1d").resolve(now), Ok(Some(at("2027-01-02T00:00:00Z"))));
        let day: Expiry = "2027-03-01".parse().expect("a day");
        assert_eq!(day.resolve(now), Ok(Some(at("2027-03-01T23:59:59.999Z"))));
        let today: Expiry = "2027-01-01".parse().expect("a day");
        assert_eq!(today.resolve(now), Ok(Some(at("2027-01-01T23:59:59.999Z"))));
        let last: Expiry = "9999-12-31".parse().expect("a day");
        assert_eq!(last, Expiry::EndOfDay(Timestamp(LAST_MILLIS)));
        let before: Expiry = "2026-12-31".parse().expect("a day");
        assert_eq!(before.resolve(now), Err(ExpiryError::Past));
        for (text, error) in [
            ("2027-02-29", TimestampError::NoDay { year: 2027, month: 2, day: 29 }),
            ("1969-12-31", TimestampError::Range),
            ("2027-03-1", TimestampError::Syntax),
        ] {
            assert_eq!(text.parse::<Expiry>(), Err(ExpiryError::Timestamp(error)), "{text}");
        }
        assert_eq!(no_day(2027, 2, 29), "2027 has no 29 February");
        assert_eq!(no_day(2027, 13, 1), "a year has no month 13");
        let past: Expiry = "2026-12-31T23:59:59Z".parse().expect("a time");
        assert_eq!(past.resolve(now), Err(ExpiryError::Past));
        assert_eq!(Expiry::At(now).resolve(now), Err(ExpiryError::Past));
        assert_eq!("0".parse::<Expiry>(), Err(ExpiryError::Zero));
        assert_eq!("0d".parse::<Expiry>(), Err(ExpiryError::Zero));
    }

    #[test]
    fn a_grace_is_at_most_thirty_days() {
        assert_eq!("30d".parse::<Grace>().map(Grace::span), Ok(Span::days(30)));
        assert_eq!("31d".parse::<Grace>(), Err(GraceError::TooLong));
        assert!("0".parse::<Grace>().expect("zero").span().is_zero());
    }
}
