//! Keys for elsewhere: what another store needs to take them over, or a list of them.

use std::collections::HashMap;

use serde_json::json;

use super::list::list;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::id::KeyId;
use crate::domain::keys::foreign::HashAlg;
use crate::domain::keys::key::{IssuedToken, Key};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::store::{BulkLookup as _, Lookup as _, Page, Store};

/// A key on its way out.
#[derive(Debug)]
pub(crate) struct Leaving<'k> {
    pub key: &'k Key,
    /// The key whose child it is, as `owner/name`.
    pub parent: Option<String>,
    /// The hash of its token, and of the one before that is in its grace.
    pub hash: Option<String>,
    pub previous: Option<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Left {
    pub keys: u64,
    /// Keys without a token.
    pub tokenless: u64,
    /// Keys whose token may be guessed: its hash means nothing without this store's salt.
    pub weak: u64,
    /// Keys that are suspended there, since their owner is disabled here.
    pub stopped: u64,
}

/// Keys looked at together.
const TOGETHER: usize = 500;

/// Writes down that hashes leave the store: before they do.
pub(crate) fn record(env: &mut Env, owner: Option<&str>, filtered: bool) -> Result<()> {
    let details = json!({ "owner": owner, "filtered": filtered });
    env.change(Action::Export, |_| Ok(Done::with((), Event::done(Action::Export, details.clone()))))
}

/// Calls `each` for every key of the page, in one snapshot and in flat memory. With `hashes`, those are left out that
/// another store could not take over.
pub(crate) fn export<E: From<Error> + From<crate::store::Error>>(
    store: &mut Store,
    page: Page,
    hashes: bool,
    mut each: impl FnMut(&Leaving<'_>) -> Result<(), E>,
) -> Result<Left, E> {
    store.snapshot(|store| {
        let (mut left, mut next) = (Left::default(), page);
        loop {
            let mut keys = Vec::with_capacity(TOGETHER);
            let most = u32::try_from(TOGETHER).unwrap_or(u32::MAX);
            let more = list(store, next.clone(), Some(most), |key| {
                keys.push(key.clone());
                Ok::<(), E>(())
            })?;
            next.after = keys.last().map(Into::into);
            write(store, keys, hashes, &mut left, &mut each)?;
            if !more {
                return Ok(left);
            }
        }
    })
}

fn write<E: From<Error> + From<crate::store::Error>>(
    store: &mut Store,
    mut keys: Vec<Key>,
    hashes: bool,
    left: &mut Left,
    each: &mut impl FnMut(&Leaving<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut known: HashMap<(KeyId, i64), String> = HashMap::new();
    if hashes {
        keys.retain(|key| has_hash(key, left));
        let tokens = store.tokens_of(keys.iter().map(|key| key.id)).map_err(Error::from)?;
        known.extend(tokens.into_iter().map(|token| ((token.key, token.generation), token.hash)));
    }
    let now = store.now().map_err(Error::from)?;
    let mut parents: HashMap<KeyId, Option<String>> = HashMap::new();
    for key in &mut keys {
        // One that ended by itself is none.
        key.suspended_at = key.suspension(now).map(|(since, _)| since);
        if let Some(id) = key.parent
            && !parents.contains_key(&id)
        {
            parents.insert(id, store.key_by_id(id).map_err(Error::from)?.map(|parent| parent.path()));
        }
        let parent = key.parent.and_then(|id| parents.get(&id).cloned().flatten());
        if hashes && key.suspended_at.is_none() && key.owner_disabled_at.is_some() {
            left.stopped += 1;
            key.suspended_at = key.owner_disabled_at;
        }
        left.keys += 1;
        let hash = known.remove(&(key.id, key.generation));
        let grace = key.previous_token.as_ref().and(known.remove(&(key.id, key.generation - 1)));
        each(&Leaving { key, parent, hash, previous: grace })?;
    }
    Ok(())
}

fn has_hash(key: &Key, left: &mut Left) -> bool {
    match key.token {
        None => left.tokenless += 1,
        Some(IssuedToken { hash_alg: HashAlg::Argon2id, .. }) => left.weak += 1,
        Some(_) => return true,
    }
    false
}
