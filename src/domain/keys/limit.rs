//! How often a key may be used: a rate and a quota. Stored and shown here; the service
//! enforces them.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// So many requests in each second, minute or hour: `600/m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// Requests, 1 to 1,000,000,000.
    pub limit: u32,
    /// The window in seconds: 1, 60 or 3600.
    pub per_seconds: u32,
}

/// So many requests in each UTC day or month, or ever: `10000/day`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// Requests, 1 to 1,000,000,000,000.
    pub limit: u64,
    /// What the count starts anew with.
    pub period: Period,
}

/// The span of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// A calendar day in UTC.
    Day,
    /// A calendar month in UTC.
    Month,
    /// The whole life of the key.
    Total,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// Not `NUMBER/UNIT` with a unit of a rate.
    #[error("a rate is a number and s, m or h, as in 600/m")]
    Rate,
    /// Not `NUMBER/PERIOD` with a period of a quota.
    #[error("a quota is a number and day, month or total, as in 10000/day")]
    Quota,
    #[error("a limit of zero would never let the key work: suspend or revoke it instead")]
    Zero,
    #[error("the limit is too large")]
    TooLarge,
}

const LARGEST_RATE: u64 = 1_000_000_000;
const LARGEST_QUOTA: u64 = 1_000_000_000_000;
const WINDOWS: [(&str, u32); 3] = [("s", 1), ("m", 60), ("h", 3600)];
const PERIODS: [(&str, Period); 3] =
    [("day", Period::Day), ("month", Period::Month), ("total", Period::Total)];

fn parse_limit(number: &str, largest: u64, syntax: LimitError) -> Result<u64, LimitError> {
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(syntax);
    }
    match number.parse() {
        Ok(0) => Err(LimitError::Zero),
        Ok(limit) if limit <= largest => Ok(limit),
        _ => Err(LimitError::TooLarge),
    }
}

impl FromStr for Rate {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let (number, unit) = text.split_once('/').ok_or(LimitError::Rate)?;
        let (_, per_seconds) = *WINDOWS.iter().find(|(name, _)| *name == unit).ok_or(LimitError::Rate)?;
        let limit = parse_limit(number, LARGEST_RATE, LimitError::Rate)?;
        Ok(Self { limit: u32::try_from(limit).map_err(|_| LimitError::TooLarge)?, per_seconds })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = WINDOWS.iter().find(|(_, s)| *s == self.per_seconds).map_or("?", |(name, _)| name);
        write!(f, "{}/{unit}", self.limit)
    }
}

impl FromStr for Quota {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let (number, name) = text.split_once('/').ok_or(LimitError::Quota)?;
        let (_, period) = *PERIODS.iter().find(|(p, _)| *p == name).ok_or(LimitError::Quota)?;
        Ok(Self { limit: parse_limit(number, LARGEST_QUOTA, LimitError::Quota)?, period })
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = PERIODS.iter().find(|(_, p)| *p == self.period).map_or("?", |(name, _)| name);
        write!(f, "{}/{name}", self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_print_as_they_are_written() {
        for text in ["1/s", "600/m", "1000000000/h"] {
            assert_eq!(text.parse::<Rate>().expect(text).to_string(), text);
        }
        for text in ["1/day", "10000/month", "1000000000000/total"] {
            assert_eq!(text.parse::<Quota>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn each_fault_of_a_limit_has_its_own_error() {
        for (text, error) in [
            ("600", LimitError::Rate),
            ("600/d", LimitError::Rate),
            ("-1/m", LimitError::Rate),
            ("/m", LimitError::Rate),
            ("0/m", LimitError::Zero),
            ("1000000001/m", LimitError::TooLarge),
            ("99999999999999999999/m", LimitError::TooLarge),
        ] {
            assert_eq!(text.parse::<Rate>(), Err(error), "{text}");
        }
        assert_eq!("1/year".parse::<Quota>(), Err(LimitError::Quota));
        assert_eq!("0/day".parse::<Quota>(), Err(LimitError::Zero));
    }
}
