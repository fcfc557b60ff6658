//! Many keys, page by page.

use super::error::Result;
use crate::domain::key::Key;
use crate::domain::time::Timestamp;
use crate::store::{Page, Store};

/// Keys read at once.
const PAGE: u32 = 500;

/// Calls `each` for up to `limit` keys in the page's order, in flat memory; the page's own
/// limit is not used. Returns whether there are more.
pub fn list<E: From<super::Error>>(
    store: &mut Store,
    mut page: Page,
    limit: Option<u32>,
    mut each: impl FnMut(&Key, Timestamp) -> std::result::Result<(), E>,
) -> std::result::Result<bool, E> {
    let now = store.now().map_err(super::Error::from)?;
    let mut missing = limit.map_or(u64::MAX, u64::from);
    loop {
        // One more than wanted tells whether there are more.
        page.limit = u32::try_from(missing.saturating_add(1)).unwrap_or(PAGE).min(PAGE);
        let keys = store.keys(&page).map_err(super::Error::from)?;
        for key in &keys {
            if missing == 0 {
                return Ok(true);
            }
            each(key, now)?;
            missing -= 1;
        }
        match keys.last() {
            Some(last) if keys.len() == page.limit as usize => page.after = Some(last.id),
            _ => return Ok(false),
        }
    }
}

/// Makes sure that a cursor is a key of the store.
pub fn check_cursor(store: &mut Store, page: &Page) -> Result<()> {
    use crate::store::Lookup as _;
    let Some(cursor) = page.after else { return Ok(()) };
    match store.key_by_id(cursor)? {
        Some(_) => Ok(()),
        None => Err(super::Error::NotFound {
            message: format!("the cursor {cursor} is no key of this store"),
            hint: "take the cursor from the list before, or leave it out".to_owned(),
        }),
    }
}
