//! Rows straight from one database into another, which may have some of them already.
//!
//! Both are read in the order of the primary key, side by side, so that only what differs is written. So a copy that was
//! broken off goes on where it was, and what was changed since it was made is carried without the rest.

use std::cmp::Ordering;
use std::collections::VecDeque;

use super::keyed::Keyed;
use super::unfinished::Unfinished;
use super::{PARTS, row, same};
use crate::store::Store;
use crate::store::column::Column;
use crate::store::error::{Error, Result};
use crate::store::session::Session;

/// Rows that are read or written by one statement.
const AT_ONCE: usize = 1000;

/// Rows that become durable together.
const COMMITTED_AT_ONCE: usize = 20_000;

/// More rows that the source does not have are not remembered: then everything is carried anew.
const MOST_GONE: usize = 20_000;

/// What is not the copy's: whether a store has moved is said of the place.
const OF_THE_PLACE: [&str; 3] = ["moved_to", "moved_at", "moved_mark"];

/// What came of one part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    /// Rows of the source.
    pub rows: u64,
    /// Those that had to be written.
    pub written: u64,
}

/// Rows that the target has and the source has not.
#[derive(Default)]
pub(crate) struct Gone(Vec<(Keyed, Vec<u8>)>);

impl Store {
    /// All parts but the head row, in the order in which they are carried.
    pub(crate) fn keyed_parts(&mut self) -> Result<Vec<Keyed>> {
        let parts = self.parts()?;
        let parts = parts.into_iter().filter(|(part, _)| part.table != PARTS[0].table);
        parts.map(|(part, columns)| Keyed::of(self.session(), part, columns)).collect()
    }

    /// Reads the rows of a part in the order of its key, in the transaction that runs and in flat memory.
    pub(crate) fn each_in_order(
        &mut self,
        keyed: &Keyed,
        each: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut bytes = Vec::with_capacity(1024);
        self.session().scan(&keyed.select(false), &mut |row| {
            bytes.clear();
            row::encode(keyed.part.table, row, &keyed.columns, &mut bytes)?;
            each(&bytes)
        })
    }

    /// The head row as a copy has it.
    fn head_to_carry(&mut self) -> Result<(Vec<Column>, Vec<u8>)> {
        let mut columns = self.session().columns(PARTS[0].table)?;
        columns.retain(|column| !OF_THE_PLACE.contains(&column.name.as_str()));
        let mut bytes = Vec::new();
        let sql = format!("SELECT {} FROM keyctl.head", Column::names(&columns));
        self.session().scan(&sql, &mut |row| row::encode("head", row, &columns, &mut bytes))?;
        Ok((columns, bytes))
    }
}

impl Unfinished {
    /// Makes the rows of a part what they are in the source, whose rows `seen` is told of, in their order. What is gone there
    /// is kept for [`Self::remove`], since other rows may refer to it.
    pub(crate) fn carry(
        &mut self,
        source: &mut Store,
        keyed: &Keyed,
        gone: &mut Gone,
        seen: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<Carried> {
        let session = self.store.session();
        let theirs = same(session, &keyed.part, &keyed.columns)?;
        let theirs = Keyed::of(session, keyed.part, theirs)?;
        let mut carried = Carried::default();
        let mut there = There::new(&theirs);
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        self.begin()?;
        let mut unsaved = 0;
        source.each_in_order(keyed, &mut |bytes| {
            seen(bytes)?;
            carried.rows += 1;
            loop {
                let order = match there.next(self.store.session())? {
                    None => Ordering::Greater,
                    Some(row) => theirs.compare(row, bytes)?,
                };
                match order {
                    Ordering::Less => gone.add(&theirs, there.take())?,
                    Ordering::Greater => {
                        new.push(bytes.to_vec());
                        break;
                    }
                    Ordering::Equal => {
                        if there.take() != bytes {
                            changed.push(bytes.to_vec());
                        }
                        break;
                    }
                }
            }
            if new.len() + changed.len() < AT_ONCE {
                return Ok(());
            }
            unsaved += new.len() + changed.len();
            carried.written += self.write(&theirs, &mut new, &mut changed)?;
            if unsaved >= COMMITTED_AT_ONCE {
                unsaved = 0;
                self.commit()?;
                self.begin()?;
            }
            Ok(())
        })?;
        carried.written += self.write(&theirs, &mut new, &mut changed)?;
        while there.next(self.store.session())?.is_some() {
            gone.add(&theirs, there.take())?;
        }
        self.commit()?;
        Ok(carried)
    }

    fn write(&mut self, keyed: &Keyed, new: &mut Vec<Vec<u8>>, changed: &mut Vec<Vec<u8>>) -> Result<u64> {
        let (table, written) = (keyed.part.table, new.len() + changed.len());
        let session = self.store.session();
        session.insert_rows(table, &keyed.columns, new, "")?;
        if !changed.is_empty() {
            session.insert_rows(table, &keyed.columns, changed, &keyed.or_update())?;
        }
        new.clear();
        changed.clear();
        Ok(written as u64)
    }

    /// Removes what the source does not have, whatever refers to something first. Returns how many rows that were.
    pub(crate) fn remove(&mut self, gone: Gone) -> Result<u64> {
        let removed = gone.0.len() as u64;
        self.begin()?;
        for (keyed, row) in gone.0.into_iter().rev() {
            let values = keyed.values(&row)?;
            self.store.session().query(keyed.delete().into(), &values, &mut |_| Ok(()))?;
        }
        self.commit()?;
        Ok(removed)
    }

    /// Reads the rows of a part of the target, in their order and in one state.
    pub(crate) fn each_row(
        &mut self,
        keyed: &Keyed,
        each: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let theirs = same(self.store.session(), &keyed.part, &keyed.columns)?;
        let theirs = Keyed::of(self.store.session(), keyed.part, theirs)?;
        self.store.snapshot(|store| store.each_in_order(&theirs, each))
    }

    /// Removes all rows: what is there is no beginning of what is to be.
    pub(crate) fn empty(&mut self) -> Result<()> {
        self.store.session().rollback();
        let mut tables: Vec<&str> = PARTS.iter().skip(1).map(|part| part.table).collect();
        tables.dedup();
        tables.reverse();
        self.begin()?;
        self.store.session().empty_tables(&tables)?;
        self.commit()
    }

    /// All rows are there: with the head row, and without what marks it as unfinished, it is a store from here on.
    pub(crate) fn finish(mut self, source: &mut Store) -> Result<()> {
        let (columns, head) = source.head_to_carry()?;
        self.store.session().begin_finishing()?;
        self.begin()?;
        let session = self.store.session();
        session.insert_rows(PARTS[0].table, &columns, &[head], "")?;
        session.end_unfinished()?;
        self.store.session().commit()?;
        self.store.session().finished()
    }
}

impl Gone {
    fn add(&mut self, keyed: &Keyed, row: Vec<u8>) -> Result<()> {
        if self.0.len() == MOST_GONE {
            return Err(Error::Database("it has too many rows that are not in the source".into()));
        }
        self.0.push((keyed.clone(), row));
        Ok(())
    }
}

/// What the target has, page by page.
struct There<'k> {
    keyed: &'k Keyed,
    page: VecDeque<Vec<u8>>,
    last: Option<Vec<u8>>,
    is_at_end: bool,
}

impl<'k> There<'k> {
    fn new(keyed: &'k Keyed) -> Self {
        Self { keyed, page: VecDeque::new(), last: None, is_at_end: false }
    }

    /// The next row, which stays until it is taken.
    fn next(&mut self, session: &mut dyn Session) -> Result<Option<&[u8]>> {
        if self.page.is_empty() && !self.is_at_end {
            let keyed = self.keyed;
            let values = self.last.as_deref().map(|row| keyed.values(row)).transpose()?;
            let sql = format!("{} LIMIT {AT_ONCE}", keyed.select(values.is_some()));
            session.query(sql.into(), &values.unwrap_or_default(), &mut |row| {
                let mut bytes = Vec::new();
                row::encode(keyed.part.table, row, &keyed.columns, &mut bytes)?;
                self.page.push_back(bytes);
                Ok(())
            })?;
            self.is_at_end = self.page.len() < AT_ONCE;
            self.last = self.page.back().cloned();
        }
        Ok(self.page.front().map(Vec::as_slice))
    }

    fn take(&mut self) -> Vec<u8> {
        self.page.pop_front().unwrap_or_default()
    }
}
