//! Imported tokens in the names of what was searched: they have no form to know them by, so the store is asked before a
//! name is shown.

use std::collections::HashSet;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::collect::Foreign;
use crate::crypto::digest;
use crate::domain::keys::token::TokenHash;
use crate::domain::leaks::place::{masked, without};
use crate::domain::leaks::words;
use crate::ops::error::Result;
use crate::store::{FoundTokens as _, Store};

/// Words that are looked up one by one. For more, all hashes of the store are read at once.
const LOOKED_UP: usize = 10_000;

/// What is cut out of names.
#[derive(Default)]
pub struct Hidden {
    known: Option<Arc<Foreign>>,
    /// Tokens that can be guessed, which somebody named.
    named: Vec<Zeroizing<String>>,
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hidden").field("named", &self.named.len()).finish_non_exhaustive()
    }
}

impl Hidden {
    /// With `known`, nothing more is looked up.
    pub fn new(known: Option<Arc<Foreign>>, named: Vec<Zeroizing<String>>) -> Self {
        Self { known, named }
    }

    /// Looks up which words of these names are tokens.
    pub fn look_up<'n>(&mut self, store: &mut Store, names: impl Iterator<Item = &'n str>) -> Result<()> {
        if self.known.is_some() {
            return Ok(());
        }
        let mut hashes = HashSet::new();
        for name in names.collect::<HashSet<_>>() {
            words::find_in_name(name.as_bytes(), |word| {
                hashes.insert(digest::fingerprint_of(&name.as_bytes()[word]));
                hashes.len() > LOOKED_UP
            });
            if hashes.len() > LOOKED_UP {
                self.known = Some(Arc::new(Foreign::of(store)?));
                return Ok(());
            }
        }
        let hashes: Vec<TokenHash> = hashes.iter().map(TokenHash::from_digest).collect();
        let (found, _) = store.tokens_by_hash(&hashes)?;
        self.known = Some(Arc::new(Foreign::new(found.iter().map(|token| token.hash.digest()))));
        Ok(())
    }

    /// A name as it is shown.
    pub fn shown(&self, name: &str) -> String {
        let mut shown = masked(name);
        for word in &self.named {
            shown = shown.replace(word.as_str(), "…");
        }
        match &self.known {
            Some(known) => without(&shown, |word| known.has(&digest::fingerprint_of(word))),
            None => shown,
        }
    }
}
