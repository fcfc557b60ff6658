//! How often somebody may try to sign in: of one address, and of all together.
//!
//! A code or a token has so many bits that nobody guesses one. What is bounded is the load, and how much of a list of old tokens
//! can be tried. Whoever is signed in goes on all the while.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::server::failed::Failed;

/// Wrong codes and tokens in a minute.
const OF_ONE: usize = 10;
const OF_ALL: usize = 300;

/// All together, as if they were one address.
const EVERYBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

pub(super) struct Attempts {
    of_one: Failed,
    of_all: Failed,
    /// Tells those apart that count each time.
    number: AtomicU64,
}

impl Attempts {
    pub(super) fn new() -> Self {
        Self { of_one: Failed::new(OF_ONE), of_all: Failed::new(OF_ALL), number: AtomicU64::new(0) }
    }

    /// Seconds until an address may try, if that is not now. `now` in seconds since the process began. Too many of all hold
    /// up those alone that were refused themselves, and who has no address: or whoever has many could keep everybody out.
    pub(super) fn wait(&self, client: Option<IpAddr>, now: f64) -> Option<u64> {
        let of_one = client.and_then(|client| self.of_one.over(client, now));
        let is_among_them = client.is_none_or(|client| self.of_one.has(client, now));
        of_one.or_else(|| self.of_all.over(EVERYBODY, now).filter(|_| is_among_them))
    }

    /// One was refused. The same one again counts only where each time leaves a record: or whoever has one that was used
    /// would fill the log with it.
    pub(super) fn refused(&self, client: Option<IpAddr>, presented: &str, is_recorded: bool, now: f64) {
        let each =
            if is_recorded { self.number.fetch_add(1, Ordering::Relaxed).to_string() } else { String::new() };
        let presented = [presented, &each].concat();
        let presented = presented.as_str();
        if let Some(client) = client {
            let _ = self.of_one.count(client, presented, now);
        }
        let _ = self.of_all.count(EVERYBODY, presented, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address; there are more than are looked at.
    fn at(number: usize) -> Option<IpAddr> {
        number.checked_rem(250)?.to_le_bytes().first().map(|last| IpAddr::from([192, 0, 2, *last]))
    }

    #[test]
    fn an_address_that_tried_too_many_waits_and_others_do_not() {
        let attempts = Attempts::new();
        for number in 0..=OF_ONE {
            assert_eq!(attempts.wait(at(1), 0.0), None, "{number}");
            attempts.refused(at(1), &number.to_string(), false, 0.0);
        }
        assert_eq!(attempts.wait(at(1), 5.0), Some(55));
        assert_eq!(attempts.wait(at(2), 5.0), None);
        assert_eq!(attempts.wait(at(1), 60.0), None);
    }

    #[test]
    fn one_wrong_key_tried_again_and_again_is_one() {
        let attempts = Attempts::new();
        for _ in 0..100 {
            attempts.refused(at(1), "the same", false, 0.0);
        }
        assert_eq!(attempts.wait(at(1), 0.0), None);
    }

    #[test]
    fn one_that_leaves_a_record_each_time_counts_each_time() {
        let attempts = Attempts::new();
        for _ in 0..=OF_ONE {
            assert_eq!(attempts.wait(at(1), 0.0), None);
            attempts.refused(at(1), "the same", true, 0.0);
        }
        assert_eq!(attempts.wait(at(1), 0.0), Some(60));
    }

    #[test]
    fn all_addresses_together_are_bounded_too() {
        let attempts = Attempts::new();
        for number in 0..=OF_ALL {
            attempts.refused(at(number), &number.to_string(), false, 0.0);
        }
        assert_eq!(attempts.wait(at(0), 0.0), Some(60));
        assert_eq!(attempts.wait(None, 0.0), Some(60));
        assert_eq!(
            attempts.wait(Some(IpAddr::from([192, 0, 2, 251])), 0.0),
            None,
            "nothing of it was refused"
        );
    }
}
