//! Where keys appeared that are there to be found: counted by the hour, the address and the path, in bounded memory.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::place::masked;
use crate::domain::id::KeyId;
use crate::domain::keys::token::TokenId;
use crate::domain::time::Timestamp;

/// Milliseconds that are counted together.
pub(crate) const HOUR: i64 = 3_600_000;

/// Addresses and paths that are told apart of one key in an hour, and of all keys; more are counted in one place of the key.
pub(crate) const APART: usize = 32;
const ALL_APART: usize = 512;

/// Keys that are counted in an hour.
const MOST_KEYS: usize = 10_000;

/// A path, in bytes.
const LONGEST_PATH: usize = 200;

/// A key's place in an hour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub key: KeyId,
    pub token: TokenId,
    /// When the hour began, in milliseconds since 1970.
    pub hour: i64,
    /// Empty where it is not known, and where there were more than are told apart.
    pub address: String,
    /// Without its query; empty where there were more than are told apart.
    pub path: String,
}

impl Spot {
    pub(crate) fn new(
        key: KeyId,
        token: TokenId,
        at: Timestamp,
        address: Option<IpAddr>,
        path: &[u8],
    ) -> Self {
        let hour = at.as_millis().div_euclid(HOUR) * HOUR;
        let address = address.map(|address| address.to_canonical().to_string()).unwrap_or_default();
        Self { key, token, hour, address, path: shown(path) }
    }

    /// The place of the key where all is counted that is not told apart.
    pub(crate) fn elsewhere(self) -> Self {
        Self { address: String::new(), path: String::new(), ..self }
    }
}

/// A path as it may stand in a table and in a log: no query, no token, nothing that a terminal would obey.
fn shown(path: &[u8]) -> String {
    let end = path.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(path.len());
    let text = masked(&String::from_utf8_lossy(&path[..end]));
    let mut text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.truncate(text.floor_char_boundary(LONGEST_PATH));
    text
}

/// How often, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub times: u64,
    pub first: Timestamp,
    pub last: Timestamp,
}

/// What was seen and is not written yet. Where nothing can be written for long, counts grow and rows do not.
#[derive(Debug, Default)]
pub(crate) struct Sightings {
    hour: i64,
    /// What is told apart in this hour, also what was written already.
    apart: BTreeMap<KeyId, BTreeSet<(String, String)>>,
    apart_in_all: usize,
    waiting: BTreeMap<Spot, Count>,
}

/// Rows that wait at most; those of an hour that could not be written are given up for those of the next.
const MOST_WAITING: usize = 4 * (ALL_APART + MOST_KEYS);

impl Sightings {
    pub(crate) fn add(&mut self, spot: Spot, at: Timestamp) {
        if spot.hour != self.hour {
            (self.hour, self.apart_in_all) = (spot.hour, 0);
            self.apart.clear();
        }
        if self.apart.len() >= MOST_KEYS && !self.apart.contains_key(&spot.key) {
            return;
        }
        let of_key = self.apart.entry(spot.key).or_default();
        let place = (spot.address.clone(), spot.path.clone());
        let is_apart = of_key.contains(&place) || {
            let has_room = of_key.len() < APART && self.apart_in_all < ALL_APART;
            if has_room {
                of_key.insert(place);
                self.apart_in_all += 1;
            }
            has_room
        };
        let spot = if is_apart { spot } else { spot.elsewhere() };
        self.count(spot, Count { times: 1, first: at, last: at });
    }

    fn count(&mut self, spot: Spot, more: Count) {
        if self.waiting.len() >= MOST_WAITING && !self.waiting.contains_key(&spot) {
            self.waiting.pop_first();
        }
        let sum = self.waiting.entry(spot).or_insert(Count { times: 0, ..more });
        sum.times = sum.times.saturating_add(more.times);
        sum.first = sum.first.min(more.first);
        sum.last = sum.last.max(more.last);
    }

    /// Takes all out, to be written.
    pub(crate) fn take(&mut self) -> BTreeMap<Spot, Count> {
        std::mem::take(&mut self.waiting)
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What could not be written waits for the next time.
    pub(crate) fn put_back(&mut self, rows: BTreeMap<Spot, Count>) {
        for (spot, count) in rows {
            self.count(spot, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("a time")
    }

    fn spot(at: Timestamp, address: [u8; 4], path: &str) -> Spot {
        let key = "key_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
        Spot::new(
            key,
            "4fTq9ZkPw2Xa".parse().expect("an id"),
            at,
            Some(IpAddr::from(address)),
            path.as_bytes(),
        )
    }

    #[test]
    fn what_comes_from_one_place_in_an_hour_is_one_row() {
        let mut sightings = Sightings::default();
        for millis in [HOUR, HOUR + 5, 2 * HOUR - 1, 2 * HOUR] {
            sightings.add(spot(at(millis), [192, 0, 2, 7], "/v1/a?q=1"), at(millis));
        }
        let rows = sightings.take();
        let shown: Vec<_> = rows.iter().map(|(spot, count)| (spot.hour, &*spot.path, count.times)).collect();
        assert_eq!(shown, [(HOUR, "/v1/a", 3), (2 * HOUR, "/v1/a", 1)]);
        assert!(sightings.take().is_empty());
    }

    #[test]
    fn a_flood_of_addresses_and_paths_takes_no_more_rows() {
        let mut sightings = Sightings::default();
        let mut rows = BTreeMap::new();
        for number in 0..100_000u32 {
            let [_, a, b, c] = number.to_be_bytes();
            sightings.add(spot(at(HOUR), [10, a, b, c], &format!("/{number}")), at(HOUR));
            // Also where they are written meanwhile.
            if number % 1000 == 0 {
                rows.extend(sightings.take());
            }
        }
        rows.extend(sightings.take());
        assert_eq!(rows.len(), APART + 1);
        assert!(rows.keys().any(|spot| spot.path.is_empty() && spot.address.is_empty()));
    }

    #[test]
    fn what_was_not_written_is_added_to_what_comes_later() {
        let mut sightings = Sightings::default();
        sightings.add(spot(at(HOUR), [192, 0, 2, 7], "/"), at(HOUR));
        let rows = sightings.take();
        sightings.add(spot(at(HOUR + 9), [192, 0, 2, 7], "/"), at(HOUR + 9));
        sightings.put_back(rows);
        let count = Count { times: 2, first: at(HOUR), last: at(HOUR + 9) };
        assert_eq!(sightings.take().into_values().collect::<Vec<_>>(), [count]);
    }

    #[test]
    fn a_path_has_no_query_no_token_and_nothing_that_a_terminal_obeys() {
        let token = "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM";
        assert_eq!(shown(b"/a?token=b"), "/a");
        assert_eq!(shown(format!("/k/{token}/x").as_bytes()), "/k/sks_000000000000…/x");
        assert_eq!(shown(b"/\x1b[31m\xff"), "/[31m\u{fffd}");
        assert!(shown("é".repeat(500).as_bytes()).len() <= LONGEST_PATH);
    }
}
