//! When keys were last used, beside what decides about them: read before or after a change, never
//! in it.

use crate::domain::keys::key::Key;
use crate::store::Store;

/// Says of these keys when they were last used, as far as that can be told at once.
pub fn fill<'k>(store: &mut Store, keys: impl IntoIterator<Item = &'k mut Key>) {
    let keys: Vec<&mut Key> = keys.into_iter().collect();
    let ids: Vec<_> = keys.iter().map(|key| key.id).collect();
    let used = store.last_used(&ids);
    for key in keys {
        key.last_used = used.get(&key.id).copied().unwrap_or_default();
    }
}
