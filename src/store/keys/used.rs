//! When services last saw keys.
//!
//! Services write this table, so nothing that changes a key reads it, and what cannot be read of
//! it, or is no time, is not known: never an error, and never waited for.

use std::collections::HashMap;

use crate::domain::id::KeyId;
use crate::domain::keys::key::LastUse;
use crate::domain::time::Timestamp;
use crate::store::session::{Cells, Sql};
use crate::store::{Store, many};

/// The last use of the key `k`, as the last column of a list.
pub(in crate::store) const COLUMN: &str =
    "(SELECT u.last_used_at FROM keyctl.key_use u WHERE u.key_id = k.id) AS last_used_at";

/// What counts as a time in `u`: 1970 to 9999.
pub(super) const IS_TIME: &str = "u.last_used_at >= 0 AND u.last_used_at <= 253402300799999";

/// The condition that no service has seen the key `k` since the time of this number.
pub(in crate::store) fn not_since(at: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM keyctl.key_use u WHERE u.key_id = k.id AND u.last_used_at >= {at} AND {IS_TIME})"
    )
}

/// What a service wrote into this cell.
pub(in crate::store) fn read(cells: &Cells<'_>, column: usize) -> LastUse {
    match cells.opt_int(column) {
        Ok(None) => LastUse::Never,
        Ok(Some(millis)) => Timestamp::from_millis(millis).map_or(LastUse::Unknown, LastUse::At),
        Err(_) => LastUse::Unknown,
    }
}

impl Store {
    /// When these keys were last used, as far as that can be told at once.
    pub fn last_used(&mut self, keys: &[KeyId]) -> HashMap<KeyId, LastUse> {
        let mut found: HashMap<KeyId, LastUse> = HashMap::new();
        for page in keys.chunks(many::LOOKED_UP) {
            let ids = many::groups(1, page.len());
            let sql = Sql::Built(format!(
                "SELECT u.key_id, u.last_used_at FROM keyctl.key_use u WHERE u.key_id IN {ids}"
            ));
            let values: Vec<_> = page.iter().map(|id| id.to_string().into()).collect();
            let mut read_page = HashMap::new();
            let read = self.session().glance(sql, &values, &mut |row| {
                let cells = row.of("key_use");
                if let Ok(id) = cells.parsed(0, |text| text.parse().ok()) {
                    read_page.insert(id, read(&cells, 1));
                }
                Ok(())
            });
            // What cannot be read now is not tried again for each page.
            if read.is_err() {
                break;
            }
            found.extend(page.iter().map(|id| (*id, LastUse::Never)));
            found.extend(read_page);
        }
        found
    }
}
