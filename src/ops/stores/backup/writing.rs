//! A store into a file.

use std::collections::BTreeMap;
use std::io::Write;

use super::frame::{ABOUT, ROW, TABLE, Writer};
use super::{About, BackupKey, EndJson, Sealed, TableJson, frame};
use crate::domain::random::Random;
use crate::ops::error::{Error, Result};
use crate::store::{self, Store};

/// A backup that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backup {
    pub about: About,
    pub sealed: Sealed,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    pub bytes: u64,
}

/// Writes all rows of one state of the store, while others write. Memory stays flat; `progress` is called with the rows
/// done so far.
pub(crate) fn write(
    store: &mut Store,
    key: Option<&BackupKey>,
    random: &mut dyn Random,
    out: &mut dyn Write,
    progress: impl FnMut(u64),
) -> Result<Backup> {
    store.snapshot(|store| write_in_transaction(store, key, random, out, progress))
}

/// The same in the transaction that the caller has.
pub(crate) fn write_in_transaction(
    store: &mut Store,
    key: Option<&BackupKey>,
    random: &mut dyn Random,
    out: &mut dyn Write,
    mut progress: impl FnMut(u64),
) -> Result<Backup> {
    let (end, counter) = store.end()?;
    let about = About {
        end,
        counter,
        schema: store.schema(),
        made_at: store.now()?,
        database: store.product().to_owned(),
    };
    let sealed = match key {
        None => Sealed::No,
        Some(key) if key.is_passphrase() => Sealed::ByPassphrase,
        Some(_) => Sealed::ByKey,
    };
    let mut writer = Writer::new(out, key, random)?;
    // Strings and numbers, here and below: serializing them cannot fail.
    writer.entry(ABOUT, &serde_json::to_vec(&about.to_json()).unwrap_or_default())?;
    let mut rows = BTreeMap::new();
    let mut done = 0;
    for (part, columns) in store.parts()? {
        let table = TableJson {
            table: part.table.to_owned(),
            columns: columns.iter().map(|column| column.name.clone()).collect(),
        };
        writer.entry(TABLE, &serde_json::to_vec(&table).unwrap_or_default())?;
        let count = rows.entry(table.table).or_insert(0);
        let mut failed = None;
        let read = store.each_row(&part, &columns, &mut |row| {
            *count += 1;
            done += 1;
            progress(done);
            writer.entry(ROW, row).map_err(|error| {
                failed = Some(error);
                store::Error::Database("the backup could not be written".into())
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        read.map_err(Error::from)?;
    }
    let bytes = writer.finish(|digest| {
        let end = EndJson { rows: rows.clone(), sha256: frame::hex(&digest) };
        serde_json::to_vec(&end).unwrap_or_default()
    })?;
    Ok(Backup { about, sealed, rows, bytes })
}
