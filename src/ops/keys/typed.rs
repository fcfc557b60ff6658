//! Free text, looked through for tokens before a change keeps it.

use crate::crypto::digest;
use crate::domain::keys::foreign::ForeignToken;
use crate::domain::keys::token::TokenHash;
use crate::domain::texts::leak;
use crate::ops::error::{Error, Result};
use crate::store::Lookup;

/// A text that a change may keep, and what it is called: `reason`, `name`, `label` …
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed<'a> {
    pub what: &'a str,
    /// The text itself; it may be a secret.
    pub text: &'a str,
}

/// [`Error::Invalid`], without an echo, where a word of a text is a token of the store by its
/// SHA-256, imported and dead ones included. Those that are stored under a slow hash are not
/// looked for: that would cost seconds for a sentence.
pub(crate) fn refuse_tokens(store: &mut impl Lookup, texts: &[Typed<'_>]) -> Result<()> {
    let hashes: Vec<Vec<TokenHash>> =
        texts.iter().map(|typed| hashes(typed.text).into_iter().map(|(_, hash)| hash).collect()).collect();
    if store.key_by_any_hash(&hashes.concat())?.is_none() {
        return Ok(());
    }
    for (typed, hashes) in texts.iter().zip(&hashes) {
        if let Some(id) = store.key_by_any_hash(hashes)? {
            let path = store.key_by_id(id)?.map_or_else(|| id.to_string(), |key| key.path());
            return Err(Error::Invalid {
                message: format!("a word of the {} is a token of {path}; nothing was changed", typed.what),
                hint: "texts are kept and shown, so name a token by its public prefix or its key; if this one was \
                       seen by others, revoke it"
                    .to_owned(),
            });
        }
    }
    Ok(())
}

/// All that may be a token in a text, with its hash.
pub(in crate::ops) fn hashes(text: &str) -> Vec<(&str, TokenHash)> {
    let candidates = leak::candidates(text).into_iter();
    candidates
        .filter_map(|word| Some((word, digest::hash_foreign(&ForeignToken::parse(word).ok()?))))
        .collect()
}
