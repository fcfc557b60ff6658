//! Whose the tokens are that were found, and whether they work.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::collect::{Collector, Sighting};
use crate::crypto::{digest, legacy};
use crate::domain::id::KeyId;
use crate::domain::keys::foreign::ForeignToken;
use crate::domain::keys::key::{LastUse, State};
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::{FOREIGN_PREFIX, TokenHash};
use crate::domain::leaks::place::Place;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::secrets::secret::Binding;
use crate::domain::time::Timestamp;
use crate::ops::error::{Error, Result};
use crate::store::{BindingLookup as _, FoundTokens as _, HashedToken, Lookup as _, Store};

/// What a store says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No store was asked.
    Unasked,
    /// It is of no key of this store: of another one, or of a key that was purged.
    Unknown,
    /// Another token has taken its place, and its grace is over.
    Replaced,
    Known(State),
}

impl Standing {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unasked => "unchecked",
            Self::Unknown => "unknown",
            Self::Replaced => "replaced",
            Self::Known(state) => state.as_str(),
        }
    }

    /// Whether it works, or will again by itself or when somebody lets it.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Unasked | Self::Unknown | Self::Replaced => false,
            Self::Known(state) => !matches!(state, State::Revoked | State::Expired),
        }
    }

    /// Whether it has to be taken for one that works: also where nobody was asked.
    pub const fn may_be_live(self) -> bool {
        self.is_live() || matches!(self, Self::Unasked)
    }
}

/// The key that a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub key: KeyId,
    pub owner: Owner,
    pub name: KeyName,
    /// What it may do.
    pub scopes: Scopes,
    pub expires_at: Option<Timestamp>,
    pub last_used: LastUse,
    /// The bindings that say which providers' secrets it could get.
    pub secrets: Vec<Binding>,
    /// Whether it is there to be found.
    pub is_canary: bool,
}

/// A token that was found, with all that is known of it.
#[derive(Debug)]
pub struct Judged {
    pub hash: TokenHash,
    /// Prefix and id.
    pub public: String,
    pub standing: Standing,
    pub holder: Option<Holder>,
    /// In their order.
    pub places: Vec<Place>,
    /// How many more places there are.
    pub more: u64,
}

/// Looks all tokens up that were found, in as few statements as it takes. Without a store, none is.
pub fn judge(store: Option<&mut Store>, collected: Collector) -> Result<Vec<Judged>> {
    let sightings = collected.into_sightings();
    let Some(store) = store else {
        return Ok(sightings.into_iter().map(|one| judged(one, Standing::Unasked, None)).collect());
    };
    let hashes: Vec<TokenHash> = sightings.iter().map(|one| one.hash.clone()).collect();
    let (found, now) = store.tokens_by_hash(&hashes)?;
    let ids: Vec<KeyId> = found.iter().map(|token| token.known.key_id).collect();
    let used = store.last_used(&ids);
    let canaries = store.canaries_among(&ids);
    let mut reach: HashMap<KeyId, Vec<Binding>> = HashMap::new();
    for HashedToken { known, .. } in &found {
        if let Entry::Vacant(place) = reach.entry(known.key_id) {
            place.insert(store.bindings_in_reach(known.key_id, &known.owner)?);
        }
    }
    let mut by_hash: HashMap<[u8; 32], HashedToken> =
        found.into_iter().map(|token| (token.hash.digest(), token)).collect();
    let mut all = Vec::with_capacity(sightings.len());
    for sighting in sightings {
        let (Some(token), Some(now)) = (by_hash.remove(&sighting.hash.digest()), now) else {
            all.push(judged(sighting, Standing::Unknown, None));
            continue;
        };
        let standing = standing(&token, now);
        let known = token.known;
        let public = format!("{FOREIGN_PREFIX}_{}", known.token_id);
        let holder = Holder {
            key: known.key_id,
            owner: known.owner,
            name: known.key_name,
            scopes: known.scopes,
            expires_at: known.lifetime.expires_at,
            last_used: used.get(&known.key_id).copied().unwrap_or_default(),
            secrets: reach.get(&known.key_id).cloned().unwrap_or_default(),
            is_canary: canaries.contains(&known.key_id),
        };
        let sighting = Sighting { public: sighting.public.or(Some(public)), ..sighting };
        all.push(judged(sighting, standing, Some(holder)));
    }
    Ok(all)
}

/// What is so of a token that was found by its hash.
pub(super) fn standing(token: &HashedToken, now: Timestamp) -> Standing {
    match token.known.lifetime.state(now) {
        State::Revoked => Standing::Known(State::Revoked),
        _ if token.is_replaced => Standing::Replaced,
        state => Standing::Known(state),
    }
}

fn judged(sighting: Sighting, standing: Standing, holder: Option<Holder>) -> Judged {
    let Sighting { hash, public, places, more } = sighting;
    Judged { hash, public: public.unwrap_or_default(), standing, holder, places, more }
}

/// Words that somebody names, each with its place, looked up by both of their hashes. The slow one takes about 0.2 seconds
/// a word, and is left out where the store has none. Returns those that are tokens of the store.
pub fn look_up_words<'w>(
    store: &mut Store,
    words: &[(Place, &'w str)],
    into: &mut Collector,
) -> Result<Vec<&'w str>> {
    let salt = store.foreign_salt()?;
    let mut known = Vec::new();
    for (place, word) in words {
        // What is no token of any kind is none of the store's.
        let Ok(token) = ForeignToken::parse(word) else { continue };
        let mut hashes = vec![digest::hash_foreign(&token)];
        if let (Some(salt), false) = (salt, token.is_strong()) {
            hashes.push(legacy::hash_weak(&token, &salt).map_err(Error::from)?);
        }
        let (found, _) = store.tokens_by_hash(&hashes)?;
        if let Some(found) = found.first() {
            into.add(found.hash.digest(), None, place.clone());
            known.push(*word);
        }
    }
    Ok(known)
}
