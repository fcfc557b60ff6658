//! Many keys, page by page.

use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::ops::error::{Error, Result};
use crate::store::{Cursor, Lookup as _, Page, Store};

/// Keys read at once.
const PAGE: u32 = 500;

/// Calls `each` for up to `limit` keys in the page's order, in flat memory; the page's own
/// limit is not used. Returns whether there are more.
pub fn list<E: From<Error>>(
    store: &mut Store,
    mut page: Page,
    limit: Option<u32>,
    mut each: impl FnMut(&Key) -> Result<(), E>,
) -> Result<bool, E> {
    let mut missing = limit.map_or(u64::MAX, u64::from);
    loop {
        // One more than wanted tells whether there are more.
        page.limit = u32::try_from(missing.saturating_add(1)).unwrap_or(PAGE).min(PAGE);
        let keys = store.keys_with_use(&page).map_err(Error::from)?;
        for key in &keys {
            if missing == 0 {
                return Ok(true);
            }
            each(key)?;
            missing -= 1;
        }
        match keys.last() {
            Some(last) if keys.len() == page.limit as usize => page.after = Some(Cursor::from(last)),
            _ => return Ok(false),
        }
    }
}

/// The place of a key in every list. [`Error::NotFound`] if there is no such key.
pub fn cursor(store: &mut Store, id: KeyId) -> Result<Cursor> {
    let key = store.key_by_id(id)?.ok_or_else(|| Error::NotFound {
        message: format!("the cursor {id} is no key of this store"),
        hint: "take the cursor from the list before, or leave it out".to_owned(),
    })?;
    Ok(Cursor::from(&key))
}
