//! What of two limits lets less through, where one of them is known from elsewhere.

use super::limit::{Quota, Rate};
use super::network::Networks;

/// What both let through; `None` where that is nothing.
pub(crate) fn networks(one: &Networks, other: &Networks) -> Option<Networks> {
    let everywhere = Networks::default();
    if *one == everywhere || one == other {
        return Some(other.clone());
    }
    if *other == everywhere {
        return Some(one.clone());
    }
    let within = |inner: &Networks, outer: &Networks| -> Vec<String> {
        let inner = inner.iter().filter(|net| outer.iter().any(|wider| wider.contains(*net)));
        inner.map(ToString::to_string).collect()
    };
    let mut both = within(one, other);
    both.extend(within(other, one));
    let lists: Vec<&str> = both.iter().map(String::as_str).collect();
    if lists.is_empty() { None } else { Networks::parse_lists(lists).ok() }
}

/// The rate that lets fewer through.
pub(crate) fn rate(one: Option<Rate>, other: Option<Rate>) -> Option<Rate> {
    let each_hour = |rate: Rate| u64::from(rate.limit) * u64::from(3600 / rate.per_seconds.max(1));
    match (one, other) {
        (Some(one), Some(other)) => Some(if each_hour(other) < each_hour(one) { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// The quota that lets fewer through; of two for other periods, the other one, which was set later.
pub(crate) fn quota(one: Option<Quota>, other: Option<Quota>) -> Option<Quota> {
    match (one, other) {
        (Some(one), Some(other)) if one.period == other.period && one.limit <= other.limit => Some(one),
        (one, other) => other.or(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrower_one_is_taken() {
        let of = |list: &str| Networks::parse_lists((!list.is_empty()).then_some(list)).expect(list);
        for (one, other, both) in [
            ("", "", Some("")),
            ("", "10.0.0.0/8", Some("10.0.0.0/8")),
            ("10.0.0.0/8", "", Some("10.0.0.0/8")),
            ("10.0.0.0/8", "10.1.0.0/16,192.0.2.0/24", Some("10.1.0.0/16")),
            ("10.1.0.0/16,192.0.2.7", "10.0.0.0/8,192.0.2.0/24", Some("10.1.0.0/16,192.0.2.7")),
            ("10.0.0.0/8", "192.0.2.0/24", None),
        ] {
            assert_eq!(networks(&of(one), &of(other)), both.map(of), "{one} and {other}");
        }
        let rates =
            |one: &str, other: &str| rate(one.parse().ok(), other.parse().ok()).map(|rate| rate.to_string());
        assert_eq!(rates("600/m", "9/s").as_deref(), Some("9/s"));
        assert_eq!(rates("600/m", "11/s").as_deref(), Some("600/m"));
        assert_eq!(rates("", "11/s").as_deref(), Some("11/s"));
        let quotas = |one: &str, other: &str| {
            quota(one.parse().ok(), other.parse().ok()).map(|quota| quota.to_string())
        };
        assert_eq!(quotas("10/day", "5/day").as_deref(), Some("5/day"));
        assert_eq!(quotas("10/day", "50/day").as_deref(), Some("10/day"));
        assert_eq!(quotas("10/day", "50/month").as_deref(), Some("50/month"));
        assert_eq!(quotas("10/day", "").as_deref(), Some("10/day"));
    }
}
