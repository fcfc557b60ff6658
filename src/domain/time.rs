//! Points in time, spans, and when a key expires.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// From 1970 to 9999-12-30T22:00:00Z, the last whole second that has an RFC 3339 form
/// in every zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const LAST_MILLIS: i64 = 253_402_207_200_000;

/// Why a text is not a point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Not an RFC 3339 date and time.
    #[error("not a date and time as in 2027-01-31T12:00:00Z")]
    Syntax,
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
    pub const fn before(self, span: Span) -> Self {
        let millis = self.0 - span.0 * 1000;
        if millis < 0 { Self(0) } else { Self(millis) }
    }

    /// The point `span` later; `None` past the year 9999.
    pub fn after(self, span: Span) -> Option<Self> {
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
            Err(_) if text.parse::<jiff::civil::DateTime>().is_ok() => Err(TimestampError::NoZone),
            Err(_) if text.starts_with(|c: char| c.is_ascii_digit()) && text.find('-') > Some(4) => {
                Err(TimestampError::Range)
            }
            Err(_) => Err(TimestampError::Syntax),
        }
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2027-01-31T12:00:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = jiff::Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        write!(f, "{t:.3}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A length of time: whole seconds, 0 to 100 years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(i64);

const SECONDS: [(char, i64); 6] =
    [('y', 31_536_000), ('w', 604_800), ('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];
const LONGEST_SECONDS: i64 = 100 * 31_536_000;

/// Why a text is not a span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// Not a whole number and one unit; also what is ambiguous (`1M`, `1h30`).
    #[error("not a duration: write a whole number and one unit, as in 90s 15m 12h 30d 2w 1y")]
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

    /// `90s`, `15m`, `12h`, `30d`, `2w`, `1y` (365 days), and a bare `0`.
    fn from_str(text: &str) -> Result<Self, SpanError> {
        if text == "0" {
            return Ok(Self(0));
        }
        let unit = text.chars().next_back().ok_or(SpanError::Syntax)?;
        let (_, seconds) = SECONDS.iter().find(|(letter, _)| *letter == unit).ok_or(SpanError::Syntax)?;
        let number = &text[..text.len() - 1];
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SpanError::Syntax);
        }
        let total = number.parse::<i64>().ok().and_then(|n| n.checked_mul(*seconds));
        total.and_then(Self::from_secs).ok_or(SpanError::TooLong)
    }
}

impl fmt::Display for Span {
    /// In the largest unit that divides it: `90s`, `24h`, `90d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = SECONDS.iter().filter(|(unit, _)| !"yw".contains(*unit));
        for (unit, seconds) in units {
            if self.0 != 0 && self.0 % seconds == 0 && !(*unit == 'd' && self.0 == 86_400) {
                return write!(f, "{}{unit}", self.0 / seconds);
            }
        }
        write!(f, "{}s", self.0)
    }
}

/// When a key stops working, as asked for: a span from now, a point in time, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It does not expire.
    Never,
    /// So long after the moment of the change.
    After(Span),
    /// At this moment; the end is exclusive.
    At(Timestamp),
}

/// Why an expiry cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryError {
    /// Neither a span, nor RFC 3339, nor `never`.
    #[error("{0}; or a time such as 2027-01-31T12:00:00Z, or never")]
    Span(SpanError),
    /// It looks like a point in time and is not one.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    /// A span of zero.
    #[error("an expiry of zero would never let the key work")]
    Zero,
    /// A moment that has passed.
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
            Self::At(at) if at <= now => Err(ExpiryError::Past),
            Self::At(at) => Ok(Some(at)),
        }
    }
}

impl FromStr for Expiry {
    type Err = ExpiryError;

    fn from_str(text: &str) -> Result<Self, ExpiryError> {
        if text == "never" {
            return Ok(Self::Never);
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

/// Why a grace cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraceError {
    /// Not a span.
    #[error(transparent)]
    Span(#[from] SpanError),
    /// Over 30 days.
    #[error("the grace is longer than 30 days")]
    TooLong,
}

impl Grace {
    /// 24 hours.
    pub const DEFAULT: Self = Self(Span::days(1));
    const LONGEST: Span = Span::days(30);

    /// The span itself.
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
        assert_eq!(Timestamp(LAST_MILLIS).to_string(), "9999-12-30T22:00:00.000Z");
    }

    #[test]
    fn each_fault_of_a_time_has_its_own_error() {
        for (text, error) in [
            ("2027-01-31T12:00:00", TimestampError::NoZone),
            ("2027-01-31", TimestampError::NoZone),
            ("2027-01-31T12:00:60Z", TimestampError::LeapSecond),
            ("10000-01-01T00:00:00Z", TimestampError::Range),
            ("1969-12-31T23:59:59Z", TimestampError::Range),
            ("2027-02-30T12:00:00Z", TimestampError::Syntax),
            ("2027-13-01T12:00:00Z", TimestampError::Syntax),
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
            ("1y", 31_536_000),
            ("0", 0),
        ] {
            assert_eq!(text.parse::<Span>().map(Span::as_secs), Ok(seconds), "{text}");
        }
        for text in ["", "1M", "1h30", "1e309", "NaN", "-1d", "+1d", "d", "1 d", "1.5h", "１d", "30"] {
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
