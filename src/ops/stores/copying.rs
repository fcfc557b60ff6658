//! A store into another place: all rows, as one state of the source has them, and the proof that they are there.
//!
//! The target is no store before its end. A run that was broken off is gone on with: both are read side by side, and what is
//! there already is not written again (`src/store/moving/copying.rs`).

use std::collections::BTreeMap;

use crate::crypto::backup::Digest;
use crate::crypto::chain::Walk;
use crate::domain::audit::anchor::Anchor;
use crate::domain::audit::event::Record;
use crate::ops::error::{Error, Result};
use crate::ops::stores::backup::BackupError;
use crate::store::{self, Cell, Cells, Gone, Keyed, Store, Unfinished};

/// What of a table was carried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TableCopied {
    pub rows: u64,
    /// Those that had to be written by this run.
    pub written: u64,
    /// Of all rows in the order of their keys, the same in both places.
    pub sha256: [u8; 32],
}

/// A copy that has all rows and is proven to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copied {
    /// The end of its audit log.
    pub end: Anchor,
    pub counter: i64,
    pub tables: BTreeMap<&'static str, TableCopied>,
    /// It goes on with one that was begun before.
    pub resumed: bool,
    /// What was there could not be made to fit, and was carried anew.
    pub restarted: bool,
}

impl Copied {
    pub(crate) fn rows(&self) -> u64 {
        self.tables.values().map(|table| table.rows).sum()
    }

    pub(crate) fn written(&self) -> u64 {
        self.tables.values().map(|table| table.written).sum()
    }
}

/// Copies one state of the source, while others change it, and makes the target a store. `progress` is called with the rows
/// done so far.
pub(crate) fn copy(source: &mut Store, target: Unfinished, progress: &mut dyn FnMut(u64)) -> Result<Copied> {
    let mut target = Some(target);
    let mut last = |source: &mut Store, target: &mut Option<Unfinished>| match target.take() {
        Some(target) => Ok(target.finish(source)?),
        None => Ok(()),
    };
    carry(source, &mut target, progress, &mut last)
}

/// Carries one state, and leaves the target unfinished.
pub(crate) fn carry_only(
    source: &mut Store,
    target: Unfinished,
    progress: &mut dyn FnMut(u64),
) -> Result<(Copied, Unfinished)> {
    let mut target = Some(target);
    let copied = carry(source, &mut target, progress, &mut |_, _| Ok(()))?;
    match target {
        Some(target) => Ok((copied, target)),
        None => Err(store::Error::Database("the copy is gone".into()).into()),
    }
}

type Last<'l> = &'l mut dyn FnMut(&mut Store, &mut Option<Unfinished>) -> Result<()>;

/// What was changed since an earlier run may not fit in between, as where two names were exchanged: then all is carried anew.
fn carry(
    source: &mut Store,
    target: &mut Option<Unfinished>,
    progress: &mut dyn FnMut(u64),
    last: Last<'_>,
) -> Result<Copied> {
    let carried = source.snapshot(|source| in_snapshot(source, target, progress, last));
    let begun = target.as_mut().filter(|target| target.resumed);
    let (Err(Error::Store(store::Error::Database(_))), Some(begun)) = (&carried, begun) else {
        return carried;
    };
    begun.empty()?;
    let carried = source.snapshot(|source| in_snapshot(source, target, progress, last));
    carried.map(|copied| Copied { restarted: true, ..copied })
}

fn in_snapshot(
    source: &mut Store,
    target: &mut Option<Unfinished>,
    progress: &mut dyn FnMut(u64),
    last: Last<'_>,
) -> Result<Copied> {
    let Some(into) = target else { return Err(store::Error::Database("the copy is gone".into()).into()) };
    let (end, counter) = source.end()?;
    let parts = source.keyed_parts()?;
    let (mut tables, mut gone) = (BTreeMap::<&'static str, TableCopied>::new(), Gone::default());
    let mut seen = Seen::new(Walk::new(end.store), progress);
    for keyed in &parts {
        let carried = into.carry(source, keyed, &mut gone, &mut |row| seen.row(keyed, row));
        let carried = carried.map_err(|error| seen.failed.take().unwrap_or(Error::Store(error)))?;
        let table = tables.entry(keyed.part.table).or_default();
        table.rows += carried.rows;
        table.written += carried.written;
    }
    into.remove(gone)?;
    let Seen { walk, digests, .. } = seen;
    walk.end(end.seq, &end.hash)?;
    for (name, digest) in digests {
        tables.entry(name).or_default().sha256 = digest.end();
    }
    compare(into, &parts, &tables)?;
    let resumed = std::mem::replace(&mut into.resumed, true);
    last(source, target)?;
    Ok(Copied { end, counter, tables, resumed, restarted: false })
}

/// What is seen of the source's rows on their way.
struct Seen<'p> {
    walk: Walk,
    digests: BTreeMap<&'static str, Digest>,
    done: u64,
    progress: &'p mut dyn FnMut(u64),
    failed: Option<Error>,
}

impl<'p> Seen<'p> {
    fn new(walk: Walk, progress: &'p mut dyn FnMut(u64)) -> Self {
        Self { walk, digests: BTreeMap::new(), done: 0, progress, failed: None }
    }

    fn row(&mut self, keyed: &Keyed, row: &[u8]) -> store::Result<()> {
        self.digests.entry(keyed.part.table).or_insert_with(Digest::new).update(row);
        self.done += 1;
        (self.progress)(self.done);
        if keyed.part.table != "audit" {
            return Ok(());
        }
        self.step(keyed, row).map_err(|error| {
            self.failed = Some(error);
            store::Error::Database("the audit log is broken".into())
        })
    }

    /// A log that is broken is not carried: its end would prove nothing any more.
    fn step(&mut self, keyed: &Keyed, row: &[u8]) -> Result<()> {
        let at = |name: &str| keyed.columns.iter().position(|column| column.name == name);
        let unreadable = || Error::from(BackupError::Altered("a record of the audit log cannot be read"));
        let cells: Vec<Cell<'_>> =
            Cells(row).collect::<std::result::Result<_, _>>().map_err(|_| unreadable())?;
        let cell = |name: &str| at(name).and_then(|at| cells.get(at));
        let (Some(Cell::Int(seq)), Some(Cell::Text(body)), Some(Cell::Blob(hash))) =
            (cell("seq"), cell("body"), cell("hash"))
        else {
            return Err(unreadable());
        };
        let (Ok(seq), Ok(hash)) = (u64::try_from(*seq), (*hash).try_into()) else { return Err(unreadable()) };
        Ok(self.walk.step(&Record { seq, body: (*body).to_owned(), hash })?)
    }
}

/// Reads the target again: as many rows of each table, and the same digest.
fn compare(
    target: &mut Unfinished,
    parts: &[Keyed],
    tables: &BTreeMap<&'static str, TableCopied>,
) -> Result<()> {
    let mut found = BTreeMap::<&'static str, (u64, Digest)>::new();
    for keyed in parts {
        let (rows, digest) = found.entry(keyed.part.table).or_insert_with(|| (0, Digest::new()));
        target.each_row(keyed, &mut |row| {
            *rows += 1;
            digest.update(row);
            Ok(())
        })?;
    }
    for (table, (rows, digest)) in found {
        let Some(wanted) = tables.get(table) else { continue };
        if wanted.rows != rows || rows > 0 && wanted.sha256 != digest.end() {
            let what = format!("the copy of the table {table} is not what was carried into it");
            return Err(store::Error::Database(what.into()).into());
        }
    }
    Ok(())
}
