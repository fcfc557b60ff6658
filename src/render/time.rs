//! Times as people say them.

use crate::domain::time::Timestamp;

/// Each unit, and how many seconds of the next one it gives way to.
const UNITS: [(i64, i64, &str); 4] =
    [(1, 60, "s"), (60, 3600, "m"), (3600, 86_400, "h"), (86_400, i64::MAX, "d")];

/// `in 90d`, `3h ago`, `now`; rounded to the nearest.
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> String {
    let millis = at.as_millis() - now.as_millis();
    let seconds = (millis.abs() + 500) / 1000;
    let rounded = |unit: i64| (seconds + unit / 2) / unit;
    let fits = |(unit, next, _): &&(i64, i64, &str)| rounded(*unit) * unit < *next;
    let (unit, _, name) = UNITS.iter().find(fits).unwrap_or(&UNITS[3]);
    let count = rounded(*unit);
    match count {
        0 => "now".to_owned(),
        _ if millis > 0 => format!("in {count}{name}"),
        _ => format!("{count}{name} ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_told_in_the_largest_unit() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000).expect("in range");
        let now = at(1_000_000);
        for (seconds, said) in [
            (0, "now"),
            (59, "in 59s"),
            (-60, "1m ago"),
            (7200, "in 2h"),
            (-200_000, "2d ago"),
            (7_775_999, "in 90d"),
            (43_199, "in 12h"),
            (3590, "in 1h"),
            (86_399, "in 1d"),
        ] {
            assert_eq!(relative(at(1_000_000 + seconds), now), said);
        }
    }
}
