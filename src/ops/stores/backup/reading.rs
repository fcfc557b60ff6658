//! A file back into rows, and whether it is what was written.

use std::collections::BTreeMap;

use super::frame::{ABOUT, END, ROW, Reader, TABLE};
use super::{About, AboutJson, BackupError, EndJson, Sealed, TableJson, frame};
use crate::crypto::chain::Walk;
use crate::domain::audit::event::Record;
use crate::ops::error::{Error, Result};
use crate::store::{self, Cell, Cells, LATEST_SCHEMA};

/// What is handed on while a backup is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'b> {
    /// What it is of, before all rows.
    About(&'b About),
    /// Rows of this table follow, with these columns.
    Table(&'b str, &'b [String]),
    Row(&'b [u8]),
}

/// What is in a backup that was read to its end and is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contents {
    pub about: About,
    pub sealed: Sealed,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    pub bytes: u64,
}

/// Reads a backup to its end: digest, counts, and the chain of the audit log up to its end. What `each` gets is not
/// proven before that. `progress` is called with the rows done so far.
pub(crate) fn read(
    mut reader: Reader<'_>,
    mut each: impl FnMut(Item<'_>) -> Result<()>,
    mut progress: impl FnMut(u64),
) -> Result<Contents> {
    let sealed = reader.sealed();
    let about = match reader.entry()? {
        (ABOUT, body) => about(body)?,
        _ => return Err(BackupError::Altered("it does not say what it is of").into()),
    };
    if about.schema > LATEST_SCHEMA {
        return Err(store::Error::Newer { found: about.schema, known: LATEST_SCHEMA }.into());
    }
    each(Item::About(&about))?;
    let mut counted =
        Counted { rows: BTreeMap::new(), table: None, log: None, walk: Walk::new(about.end.store) };
    let mut done = 0;
    let end: EndJson = loop {
        match reader.entry()? {
            (TABLE, body) => {
                let table: TableJson = json(body)?;
                each(Item::Table(&table.table, &table.columns))?;
                counted.table(table);
            }
            (ROW, body) => {
                counted.row(body)?;
                each(Item::Row(body))?;
                done += 1;
                progress(done);
            }
            (END, body) => break json(body)?,
            _ => return Err(BackupError::Altered("it has something that keyctl does not write").into()),
        }
    };
    let (digest, bytes) = reader.finish()?;
    if frame::unhex(&end.sha256) != Some(digest) {
        return Err(BackupError::Altered("its digest is another one").into());
    }
    let Counted { rows, walk, .. } = counted;
    if rows != end.rows {
        return Err(BackupError::Altered("it has other rows than it says").into());
    }
    walk.end(about.end.seq, &about.end.hash)?;
    Ok(Contents { about, sealed, rows, bytes })
}

fn json<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T> {
    Ok(serde_json::from_slice(body).map_err(|_| BackupError::Altered("an entry cannot be read"))?)
}

fn about(body: &[u8]) -> Result<About> {
    let json: AboutJson = json(body)?;
    Ok(About::of_json(json).ok_or(BackupError::Altered("it does not say what it is of"))?)
}

/// What was read so far.
struct Counted {
    rows: BTreeMap<String, u64>,
    /// Whose rows come now.
    table: Option<String>,
    /// Rows of the audit log come now: where number, body and hash stand.
    log: Option<[usize; 3]>,
    walk: Walk,
}

impl Counted {
    fn table(&mut self, table: TableJson) {
        let at = |name: &str| table.columns.iter().position(|column| column == name);
        let of_log = || Some([at("seq")?, at("body")?, at("hash")?]);
        self.log = if table.table == "audit" { of_log() } else { None };
        self.rows.entry(table.table.clone()).or_default();
        self.table = Some(table.table);
    }

    fn row(&mut self, body: &[u8]) -> Result<()> {
        let count = self.table.as_ref().and_then(|table| self.rows.get_mut(table));
        *count.ok_or(BackupError::Altered("it has a row of no table"))? += 1;
        let Some([seq, text, hash]) = self.log else { return Ok(()) };
        let unreadable = || Error::from(BackupError::Altered("a row in it cannot be read"));
        let cells: Vec<Cell<'_>> =
            Cells(body).collect::<std::result::Result<_, _>>().map_err(|_| unreadable())?;
        let (Some(Cell::Int(seq)), Some(Cell::Text(text)), Some(Cell::Blob(hash))) =
            (cells.get(seq), cells.get(text), cells.get(hash))
        else {
            return Err(unreadable());
        };
        let (Ok(seq), Ok(hash)) = (u64::try_from(*seq), (*hash).try_into()) else { return Err(unreadable()) };
        Ok(self.walk.step(&Record { seq, body: (*text).to_owned(), hash })?)
    }
}
