//! Which prefixes tokens of a store have.

use crate::domain::keys::foreign::is_foreign;
use crate::domain::keys::token::Prefix;
use crate::ops::error::{Error, Result};
use crate::store::Store;

/// The prefix that new tokens get, those that the store's policy allows, and those of tokens that there are: each once, in
/// their order.
pub fn prefixes(store: &mut Store) -> Result<Vec<Prefix>> {
    let (head, used) =
        store.snapshot(|store| Ok::<_, Error>((store.head()?, store.prefixes_of_tokens()?)))?;
    let mut all: Vec<Prefix> = head.rules.prefixes;
    all.push(head.default_prefix);
    all.extend(used.into_iter().filter(|prefix| !is_foreign(prefix)));
    all.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    all.dedup();
    Ok(all)
}
