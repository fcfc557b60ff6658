//! What the store knows of its master keys, and which of them are at hand.

use super::Ring;
use crate::ops::error::Result;
use crate::store::{MasterKeyLookup as _, MasterKeyRow, Store};

/// As what a master key is at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoadedAs {
    /// It seals.
    Current,
    /// It opens what was sealed before.
    Previous,
}

impl LoadedAs {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Previous => "previous",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub row: MasterKeyRow,
    /// As what it is at hand, if it is.
    pub loaded: Option<LoadedAs>,
}

/// Every master key of the store, the oldest first. One at hand whose check value is another
/// than the store's is an error.
pub(crate) fn status(store: &mut Store, ring: Option<&Ring>) -> Result<Vec<Known>> {
    let rows = store.master_keys()?;
    let mut known = Vec::with_capacity(rows.len());
    for row in &rows {
        let loaded = match ring {
            Some(ring) if row.id == ring.current() => Some((ring.keys().current(), LoadedAs::Current)),
            Some(ring) => {
                ring.keys().previous().filter(|key| key.id == row.id).map(|key| (key, LoadedAs::Previous))
            }
            None => None,
        };
        if let Some((key, _)) = loaded {
            Ring::known(&rows, key)?;
        }
        known.push(Known { row: row.clone(), loaded: loaded.map(|(_, loaded)| loaded) });
    }
    Ok(known)
}
