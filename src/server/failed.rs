//! Whoever tries many tokens from one address is told to stop.
//!
//! Only tokens that are refused count, each of them once, and only a refusal becomes another one: whoever has a good
//! key is let in from the same address all the while. The address must be one that somebody trusted said, or all clients
//! of a gateway would be one.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// Seconds in which they are counted.
const SPAN: f64 = 60.0;

/// Addresses that are remembered at most; then those of before are forgotten.
const MOST: usize = 10_000;

/// What was tried from where.
pub(super) struct Failed {
    /// Tokens in a span of a minute.
    most: usize,
    hasher: RandomState,
    tried: Mutex<HashMap<IpAddr, Tried>>,
}

struct Tried {
    since: f64,
    /// A hash of each token that nobody outside can compute.
    tokens: HashSet<u64>,
}

impl Failed {
    pub(super) fn new(most: usize) -> Self {
        Self { most, hasher: RandomState::new(), tried: Mutex::default() }
    }

    /// Seconds until an address may try others, if it tried too many.
    pub(super) fn over(&self, address: IpAddr, now: f64) -> Option<u64> {
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let of =
            tried.get(&network(address)).filter(|of| now - of.since < SPAN && of.tokens.len() > self.most)?;
        Some(crate::server::rate::seconds(of.since + SPAN - now))
    }

    /// Whether something of an address was refused in this minute.
    pub(super) fn has(&self, address: IpAddr, now: f64) -> bool {
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        tried.get(&network(address)).is_some_and(|of| now - of.since < SPAN)
    }

    /// Counts a refused token of an address; seconds until it may try others, if these are too many. `now` is in seconds
    /// since the server began.
    pub(super) fn count(&self, address: IpAddr, token: &str, now: f64) -> Option<u64> {
        let token = self.hasher.hash_one(token);
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let address = network(address);
        if tried.len() >= MOST && !tried.contains_key(&address) {
            tried.retain(|_, tried| now - tried.since < SPAN);
            if tried.len() >= MOST {
                tried.clear();
            }
        }
        let of = tried.entry(address).or_insert_with(|| Tried { since: now, tokens: HashSet::new() });
        if now - of.since >= SPAN {
            *of = Tried { since: now, tokens: HashSet::new() };
        }
        if of.tokens.len() <= self.most {
            of.tokens.insert(token);
        }
        if of.tokens.len() <= self.most {
            return None;
        }
        Some(crate::server::rate::seconds(of.since + SPAN - now))
    }
}

/// A client has as many addresses of IPv6 as it likes, all in one network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let bits = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(bits))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn distinct_tokens_of_an_address_are_counted_for_a_minute() {
        let failed = Failed::new(3);
        for _ in 0..100 {
            assert_eq!(failed.count(at("192.0.2.1"), "one", 0.0), None, "one client with one wrong key");
        }
        assert_eq!(failed.count(at("192.0.2.1"), "two", 1.0), None);
        assert_eq!(failed.count(at("192.0.2.1"), "three", 2.0), None);
        assert_eq!(failed.count(at("192.0.2.1"), "four", 3.0), Some(57));
        assert_eq!(failed.count(at("192.0.2.1"), "one", 50.5), Some(10));
        assert_eq!(failed.count(at("192.0.2.2"), "four", 3.0), None, "another address");
        assert_eq!(failed.count(at("192.0.2.1"), "five", 60.0), None, "the minute is over");
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let failed = Failed::new(1);
        assert_eq!(failed.count(at("2001:db8::1"), "one", 0.0), None);
        assert_eq!(failed.count(at("2001:db8::2"), "two", 0.0), Some(60));
        assert_eq!(failed.count(at("2001:db8:0:1::2"), "two", 0.0), None);
    }

    #[test]
    fn a_flood_of_addresses_takes_bounded_room() {
        let failed = Failed::new(30);
        for number in 0..50_000_u32 {
            let _ = failed.count(IpAddr::from(number.to_be_bytes()), "one", 0.0);
        }
        assert!(failed.tried.lock().expect("lock").len() <= MOST);
    }
}
