//! Calendar days in UTC, and the periods that quotas are counted in.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::domain::keys::limit::Period;
use crate::domain::time::Timestamp;

const MILLIS: i64 = 86_400_000;

/// A day in UTC, from 1970-01-01 to 9999-12-31; `2027-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    pub fn of(at: Timestamp) -> Self {
        Self(at.as_millis() / MILLIS)
    }

    /// The day of this number, 0 for 1970-01-01; `None` outside the years 1970 to 9999.
    pub fn from_number(number: i64) -> Option<Self> {
        number.checked_mul(MILLIS).and_then(Timestamp::from_millis).map(Self::of)
    }

    pub fn number(self) -> i64 {
        self.0
    }

    /// So many days earlier, not before 1970.
    #[must_use]
    pub fn before(self, days: u16) -> Self {
        Self((self.0 - i64::from(days)).max(0))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = Timestamp::from_millis(self.0 * MILLIS).ok_or(fmt::Error)?.to_string();
        f.write_str(start.get(..10).unwrap_or_default())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One period of a quota: a day (`2027-01-31`), a month (`2027-01`), or `total`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeriodName(Box<str>);

impl PeriodName {
    /// The one that a moment is in.
    pub fn of(period: Period, at: Timestamp) -> Self {
        let day = Day::of(at).to_string();
        Self(match period {
            Period::Day => day.into(),
            Period::Month => day.get(..7).unwrap_or_default().into(),
            Period::Total => "total".into(),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The first moment of the period that a moment is in; `None` for one that has none.
#[cfg(feature = "serve")]
pub(crate) fn start_of_period(period: Period, at: Timestamp) -> Option<Timestamp> {
    let name = PeriodName::of(period, at);
    match period {
        Period::Total => None,
        Period::Day => Timestamp::parse(&format!("{}T00:00:00Z", name.as_str())).ok(),
        Period::Month => Timestamp::parse(&format!("{}-01T00:00:00Z", name.as_str())).ok(),
    }
}

/// The first moment after the period that a moment is in: then the count begins anew. `None` for one that has no end.
pub fn end_of_period(period: Period, at: Timestamp) -> Option<Timestamp> {
    let next = Day(Day::of(at).0 + 1);
    let start = match period {
        Period::Total => return None,
        Period::Day => next,
        Period::Month => {
            let month = |day: Day| {
                PeriodName::of(Period::Month, Timestamp::from_millis(day.0 * MILLIS).unwrap_or(at))
            };
            let now = PeriodName::of(Period::Month, at);
            // No month has more days.
            (0..31).map(|more| Day(next.0 + more)).find(|day| month(*day) != now)?
        }
    };
    Timestamp::from_millis(start.0 * MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    #[test]
    fn a_period_is_named_by_its_calendar_in_utc_and_ends_with_it() {
        for (moment, day, month, ends) in [
            ("2027-01-31T23:59:59.999Z", "2027-01-31", "2027-01", "2027-02-01"),
            ("2028-02-28T00:00:00Z", "2028-02-28", "2028-02", "2028-03-01"),
            ("2027-12-01T12:00:00+13:00", "2027-11-30", "2027-11", "2027-12-01"),
            ("1970-01-01T00:00:00Z", "1970-01-01", "1970-01", "1970-02-01"),
        ] {
            let moment = at(moment);
            assert_eq!(PeriodName::of(Period::Day, moment).as_str(), day);
            assert_eq!(PeriodName::of(Period::Month, moment).as_str(), month);
            assert_eq!(PeriodName::of(Period::Total, moment).as_str(), "total");
            assert_eq!(end_of_period(Period::Month, moment), Some(at(&format!("{ends}T00:00:00Z"))));
            let tomorrow = Day::from_number(Day::of(moment).number() + 1).expect("a day");
            assert_eq!(end_of_period(Period::Day, moment), Some(at(&format!("{tomorrow}T00:00:00Z"))));
            assert_eq!(end_of_period(Period::Total, moment), None);
        }
        assert_eq!(Day::from_number(-1), None);
        assert_eq!(Day::from_number(i64::MAX), None);
        assert_eq!(end_of_period(Period::Month, at("9999-12-31T00:00:00Z")), None);
    }
}
