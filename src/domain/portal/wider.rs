//! In which way a key may do more than another one, where what both may do by their scopes is not asked.

use std::fmt;

use crate::domain::keys::key::Key;
use crate::domain::keys::limit::{Period, Quota, Rate};
use crate::domain::keys::network::Networks;

/// What a key has more of than what somebody signed in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wider {
    End,
    Networks,
    Rate,
    Quota,
    /// Short-lived tokens are issued for it although it has limits, which nobody holds then.
    Offline,
    /// Providers' secrets.
    Secrets,
}

impl fmt::Display for Wider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::End => "it works for longer",
            Self::Networks => "it may be used from more networks",
            Self::Rate => "its rate is higher, or none",
            Self::Quota => "its quota is higher, or none",
            Self::Offline => "short-lived tokens are issued for it",
            Self::Secrets => "it leads to other secrets of providers",
        })
    }
}

impl Wider {
    /// What of `key` is not within the limits of `own`; its end and its secrets are not compared. Two limits of which neither
    /// is the narrower one in each moment are not within each other.
    pub(crate) fn by_limits(key: &Key, own: &Key) -> Option<Self> {
        // A child is let in from its parent's networks alone.
        let is_child = key.parent == Some(own.id);
        if !is_child && !networks_within(&key.networks, &own.networks) {
            Some(Self::Networks)
        } else if !rate_within(key.rate, own.rate) {
            Some(Self::Rate)
        } else if !quota_within(key.quota, own.quota) {
            Some(Self::Quota)
        } else if key.allow_jwt && !own.allow_jwt {
            Some(Self::Offline)
        } else {
            None
        }
    }
}

fn networks_within(inner: &Networks, outer: &Networks) -> bool {
    let everywhere = Networks::default();
    *outer == everywhere
        || (*inner != everywhere && inner.iter().all(|net| outer.iter().any(|wider| wider.contains(net))))
}

/// As many at once, and as many in an hour.
fn rate_within(inner: Option<Rate>, outer: Option<Rate>) -> bool {
    let each_hour = |rate: Rate| u64::from(rate.limit) * u64::from(3600 / rate.per_seconds.max(1));
    match (inner, outer) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(outer)) => inner.limit <= outer.limit && each_hour(inner) <= each_hour(outer),
    }
}

/// As many in a period that is no shorter.
fn quota_within(inner: Option<Quota>, outer: Option<Quota>) -> bool {
    let length = |period: Period| match period {
        Period::Day => 0,
        Period::Month => 1,
        Period::Total => 2,
    };
    match (inner, outer) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(outer)) => {
            inner.limit <= outer.limit && length(inner.period) >= length(outer.period)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_within_another_where_it_is_in_each_moment() {
        let of = |list: &str| Networks::parse_lists((!list.is_empty()).then_some(list)).expect(list);
        for (inner, outer, within) in [
            ("", "", true),
            ("10.0.0.0/8", "", true),
            ("", "10.0.0.0/8", false),
            ("10.1.0.0/16,192.0.2.7", "10.0.0.0/8,192.0.2.0/24", true),
            ("10.0.0.0/8", "10.1.0.0/16", false),
            ("10.1.0.0/16,192.0.2.7", "10.0.0.0/8", false),
            ("2001:db8::/48", "10.0.0.0/8", false),
        ] {
            assert_eq!(networks_within(&of(inner), &of(outer)), within, "{inner} in {outer}");
        }
        for (inner, outer, within) in [
            ("", "", true),
            ("9/s", "", true),
            ("", "9/s", false),
            ("9/s", "600/m", true),
            ("11/s", "600/m", false),
            ("600/m", "10/s", false),
            ("10/m", "10/s", true),
        ] {
            assert_eq!(rate_within(inner.parse().ok(), outer.parse().ok()), within, "{inner} in {outer}");
        }
        for (inner, outer, within) in [
            ("", "", true),
            ("5/day", "", true),
            ("", "5/day", false),
            ("5/day", "5/day", true),
            ("6/day", "5/day", false),
            ("5/month", "5/day", true),
            ("5/day", "100/month", false),
            ("100/total", "100/month", true),
        ] {
            assert_eq!(quota_within(inner.parse().ok(), outer.parse().ok()), within, "{inner} in {outer}");
        }
    }
}
