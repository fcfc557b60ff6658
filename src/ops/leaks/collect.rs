//! What was found in the texts that were looked at: tokens by their hashes, never as they are.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::crypto::digest;
use crate::domain::keys::token::TokenHash;
use crate::domain::leaks::place::{Place, public_part};
use crate::domain::leaks::{encoded, tokens, words};
use crate::ops::error::Result;
use crate::store::Store;

/// Places that are kept of one token; more are counted.
const PLACES: usize = 100;
/// Tokens that are kept; what is more is counted.
const TOKENS: usize = 100_000;

/// The hashes of all tokens of a store that were made elsewhere, but for those that can be guessed.
#[derive(Debug, Default)]
pub struct Foreign(HashSet<[u8; 32]>);

impl Foreign {
    pub fn of(store: &mut Store) -> Result<Self> {
        let mut found = HashSet::new();
        store.each_foreign_hash(&mut |hash| {
            found.insert(hash.digest());
        })?;
        Ok(Self(found))
    }

    pub(super) fn new(found: impl Iterator<Item = [u8; 32]>) -> Self {
        Self(found.collect())
    }

    pub(super) fn has(&self, hash: &[u8; 32]) -> bool {
        self.0.contains(hash)
    }
}

/// One token, and where it stands.
#[derive(Debug)]
pub struct Sighting {
    pub hash: TokenHash,
    /// Prefix and id; `None` of one that was made elsewhere.
    pub public: Option<String>,
    /// The first places, in no order.
    pub places: Vec<Place>,
    /// How many more there are.
    pub more: u64,
}

impl Sighting {
    fn add(&mut self, place: Place) {
        if self.places.len() < PLACES {
            self.places.push(place);
        } else {
            self.more += 1;
        }
    }
}

/// Gathers tokens. Memory is bounded, however many there are.
#[derive(Debug, Default)]
pub struct Collector {
    foreign: Option<Arc<Foreign>>,
    found: HashMap<[u8; 32], Sighting>,
    /// How often a token was found that is not kept.
    pub left_out: u64,
    hits: Vec<Hit>,
    encoded: encoded::Finder,
}

/// Where something begins, its hash, and its public part, if it has one.
type Hit = (usize, [u8; 32], Option<String>);

impl Collector {
    /// With `foreign`, words that have one of these hashes are looked for, too.
    pub fn new(foreign: Option<Arc<Foreign>>) -> Self {
        Self { foreign, ..Self::default() }
    }

    /// Looks at a piece of a text, of which `seen` bytes at its beginning were the end of the piece before; `is_last` if
    /// nothing follows. `place` says where what begins at an offset stands; offsets only grow.
    pub fn look(&mut self, text: &[u8], seen: usize, is_last: bool, mut place: impl FnMut(usize) -> Place) {
        let hits = &mut self.hits;
        hits.clear();
        tokens::find(text, |found| {
            if found.end > seen {
                hits.push(hit(found.start, &text[found]));
            }
        });
        let in_order = hits.len();
        self.encoded.find(text, seen > 0, |found, token| {
            if found.end > seen {
                hits.push(hit(found.start, token));
            }
        });
        if let Some(foreign) = &self.foreign {
            words::find(text, |word| {
                // One that reaches the end may go on there, and is whole in the next piece.
                let is_whole = is_last || word.end < text.len();
                // That of the piece before which reached its end was not looked at.
                if is_whole && (seen == 0 || word.end >= seen) {
                    let hash = digest::fingerprint_of(&text[word.clone()]);
                    if foreign.0.contains(&hash) {
                        hits.push((word.start, hash, None));
                    }
                }
            });
        }
        if hits.len() > in_order {
            hits.sort_unstable_by_key(|(start, ..)| *start);
        }
        let mut hits = std::mem::take(hits);
        for (start, hash, public) in hits.drain(..) {
            self.add(hash, public, place(start));
        }
        self.hits = hits;
    }

    /// Looks at the name of something.
    pub fn look_at_name(&mut self, name: &str, place: &Place) {
        let name = name.as_bytes();
        tokens::find(name, |found| {
            let (_, hash, public) = hit(found.start, &name[found]);
            self.add(hash, public, place.clone());
        });
        let Some(foreign) = self.foreign.clone() else { return };
        words::find_in_name(name, |word| {
            let hash = digest::fingerprint_of(&name[word]);
            let is_known = foreign.has(&hash);
            if is_known {
                self.add(hash, None, place.clone());
            }
            is_known
        });
    }

    /// Adds one that was found in another way.
    pub fn add(&mut self, hash: [u8; 32], public: Option<String>, place: Place) {
        if let Some(sighting) = self.found.get_mut(&hash) {
            sighting.add(place);
        } else if self.found.len() < TOKENS {
            let sighting =
                Sighting { hash: TokenHash::from_digest(&hash), public, places: vec![place], more: 0 };
            self.found.insert(hash, sighting);
        } else {
            self.left_out += 1;
        }
    }

    /// Adds what another one gathered.
    pub fn merge(&mut self, other: Self) {
        self.left_out += other.left_out;
        for (hash, sighting) in other.found {
            let more = sighting.more;
            for place in sighting.places {
                self.add(hash, sighting.public.clone(), place);
            }
            if let Some(kept) = self.found.get_mut(&hash) {
                kept.more += more;
            }
        }
    }

    /// All of it, in the order of the first places.
    pub fn into_sightings(self) -> Vec<Sighting> {
        let mut all: Vec<Sighting> = self.found.into_values().collect();
        for sighting in &mut all {
            sighting.places.sort_unstable();
        }
        all.sort_unstable_by(|one, other| one.places.cmp(&other.places));
        all
    }
}

fn hit(start: usize, token: &[u8]) -> Hit {
    (start, digest::fingerprint_of(token), Some(public_part(token)))
}
