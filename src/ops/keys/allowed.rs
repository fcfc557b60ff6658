//! Whether the store's policy lets a key be written. All that makes or changes keys comes here.

use std::collections::HashMap;

use crate::domain::keys::key::Key;
use crate::domain::keys::rules::{Allowed, Broken, Rules};
use crate::domain::owners::owner::Owner;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::{RulesLookup as _, Tx};

/// The key as it may be written, of one that is new or was `before`.
pub(in crate::ops) fn allow<'k>(tx: &mut Tx<'_>, key: &'k Key, before: Option<&Key>) -> Result<Allowed<'k>> {
    let others = others(tx, key)?;
    tx.head().rules.allow(key, before, tx.now(), others).map_err(|broken| refused(broken, key))
}

/// The same of many new keys, each with those before it.
pub(in crate::ops) fn allow_new<'k>(
    tx: &mut Tx<'_>,
    keys: impl Iterator<Item = &'k Key>,
) -> Result<Vec<Allowed<'k>>> {
    let mut counts: HashMap<&'k Owner, u64> = HashMap::new();
    let mut allowed = Vec::with_capacity(keys.size_hint().0);
    for key in keys {
        let others = match counts.get(&key.owner) {
            Some(count) => *count,
            None => others(tx, key)?,
        };
        let one = tx.head().rules.allow(key, None, tx.now(), others);
        allowed.push(one.map_err(|broken| refused(broken, key))?);
        if tx.head().rules.max_live_keys.is_some() {
            counts.insert(&key.owner, others + u64::from(Rules::counts(key, tx.now())));
        }
    }
    Ok(allowed)
}

/// How many live keys its owner has, where a rule asks for that.
fn others(tx: &mut Tx<'_>, key: &Key) -> Result<u64> {
    if tx.head().rules.max_live_keys.is_none() {
        Ok(0)
    } else {
        Ok(tx.count_live_keys(&key.owner, tx.now())?)
    }
}

fn refused(broken: Broken, key: &Key) -> Error {
    // A new key has no row that a record could be about.
    Conflict::by_policy(broken).of(&key.owner).into()
}
