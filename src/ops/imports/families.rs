//! Children among the rows that are imported: each comes behind its parent, which is in the store or in the file.

use std::collections::HashMap;
use std::fs::File;
use std::io;

use super::fields::Row;
use super::spool::Spool;
use super::whose::Names;
use crate::domain::imports::faults::Faults;
use crate::domain::keys::token::TokenHash;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::ops::error::{Error, Result};
use crate::store::BulkLookup;

/// Children that are new, and which of their parents are not in the store.
pub(super) struct Children {
    rows: Spool,
    /// With the first line that names each.
    wanted: HashMap<(Owner, KeyName), u64>,
}

impl Children {
    pub(super) fn new(file: File) -> Self {
        Self { rows: Spool::new(file), wanted: HashMap::new() }
    }

    /// Takes the children out of some rows.
    pub(super) fn take(&mut self, store: &mut impl BulkLookup, rows: &mut Vec<Row>) -> Result<()> {
        let parent = |row: &Row| row.more.as_ref().and_then(|more| more.parent.clone());
        if rows.iter().all(|row| parent(row).is_none()) {
            return Ok(());
        }
        let (children, others): (Vec<Row>, Vec<Row>) =
            std::mem::take(rows).into_iter().partition(|row| parent(row).is_some());
        *rows = others;
        for row in children {
            let Some((owner, name)) = parent(&row) else { continue };
            let found = store.live_key_by_name(&owner, &name)?;
            if found.is_none_or(|found| found.parent.is_some()) {
                self.wanted.entry((owner, name)).or_insert(row.line);
            }
            self.rows.push(&row).map_err(Error::Scratch)?;
        }
        Ok(())
    }

    /// Puts them behind the others; says which of their parents are nowhere.
    pub(super) fn join(&mut self, new: &mut Spool, names: &Names, conflicts: &mut Faults) -> io::Result<()> {
        if self.rows.rows() == 0 {
            return Ok(());
        }
        let wanted = &mut self.wanted;
        new.each(|mut row| {
            names.give(&mut row);
            if let Some(name) = row.name {
                wanted.remove(&(row.owner, name));
            }
        })?;
        for line in self.wanted.values() {
            conflicts.push(
                *line,
                "parent",
                "there is no such live key, in the store or among the others here",
            );
        }
        let mut pushed = Ok(());
        self.rows.each(|row| {
            if pushed.is_ok() {
                pushed = new.push(&row);
            }
        })?;
        pushed
    }
}

/// Says which tokens that are in their grace are in the store, of keys that are new.
pub(super) fn refuse_known(store: &mut impl BulkLookup, rows: &[Row], conflicts: &mut Faults) -> Result<()> {
    let old = |row: &Row| row.more.as_ref().and_then(|more| Some(more.previous.as_ref()?.hash.clone()));
    let lines: HashMap<String, u64> =
        rows.iter().filter_map(|row| Some((old(row)?.as_str().to_owned(), row.line))).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let hashes: Vec<TokenHash> = rows.iter().filter_map(old).collect();
    for known in store.known_tokens(hashes.iter())? {
        if let (Some(line), Some(key)) = (lines.get(&known.hash), store.key_by_id(known.key)?) {
            let why = format!(
                "it is there already, of {} ({}): was it replaced elsewhere since?",
                key.path(),
                key.id
            );
            conflicts.push(*line, "previous_hash", why);
        }
    }
    Ok(())
}
