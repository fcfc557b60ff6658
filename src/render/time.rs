//! Times as people say them.

use crate::domain::time::Timestamp;

const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];

/// `in 89d`, `3h ago`, `now`.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = (at.as_millis() - now.as_millis()) / 1000;
    let distance = seconds.abs();
    let Some((unit, name)) = UNITS.iter().find(|(unit, _)| distance >= *unit) else {
        return "now".to_owned();
    };
    let count = distance / unit;
    if seconds > 0 { format!("in {count}{name}") } else { format!("{count}{name} ago") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_told_in_the_largest_unit() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000).expect("in range");
        let now = at(1_000_000);
        for (seconds, said) in
            [(0, "now"), (59, "in 59s"), (-60, "1m ago"), (7200, "in 2h"), (-200_000, "2d ago")]
        {
            assert_eq!(relative(at(1_000_000 + seconds), now), said);
        }
    }
}
