//! A draft becomes a store: a new one, or all rows of one that there is.

use super::{PARTS, Part, row};
use crate::store::column::Column;
use crate::store::error::{Error, Result};
use crate::store::head::Head;
use crate::store::session::Session;
use crate::store::{Location, Options, Store, head, postgres, sqlite};

/// Rows written by one statement.
const AT_ONCE: usize = 500;

impl Store {
    /// Makes a store with the rows of this one, where there is none.
    pub(crate) fn put_down(&mut self, location: &Location, options: Options, nonce: &str) -> Result<()> {
        match location {
            Location::Sqlite(file) => {
                sqlite::create_with(file, nonce, options, |session| self.copy_into(session))
            }
            Location::Postgres(dsn) => postgres::create_with(dsn, options, |session| self.copy_into(session)),
        }
    }

    /// Puts the rows of `with` in the place of all there are, in one transaction under the write lock. Before the first
    /// of them is removed, `before` looks at the store as it is; its error leaves everything as it was.
    pub(crate) fn replace_all<E: From<Error>>(
        &mut self,
        with: &mut Store,
        before: impl FnOnce(&mut Self, &Head) -> Result<(), E>,
    ) -> Result<(), E> {
        self.session().begin_change()?;
        let replaced = self.replace_locked(with, before);
        if replaced.is_err() {
            self.session().rollback();
        }
        replaced?;
        self.session().commit()?;
        Ok(())
    }

    fn replace_locked<E: From<Error>>(
        &mut self,
        with: &mut Store,
        before: impl FnOnce(&mut Self, &Head) -> Result<(), E>,
    ) -> Result<(), E> {
        let (head, _) = head::read(self.session())?;
        if let Some(moved) = &head.moved {
            return Err(moved.error().into());
        }
        let mut tables: Vec<&str> = Vec::new();
        for Part { table, .. } in PARTS {
            if !tables.contains(&table) {
                tables.push(table);
            }
        }
        self.session().begin_replacing(&tables)?;
        before(self, &head)?;
        for table in tables.into_iter().rev() {
            self.session().remove_rows(table)?;
        }
        with.copy_into(self.session())?;
        if let Some(announcement) = self.session().announcement() {
            self.session().query(announcement.into(), &[], &mut |_| Ok(()))?;
        }
        Ok(())
    }

    /// Writes all rows of this store, which is of today's schema, into an empty one.
    fn copy_into(&mut self, into: &mut dyn Session) -> Result<()> {
        for (part, columns) in self.parts()? {
            let columns = same(into, &part, &columns)?;
            let mut rows: Vec<Vec<u8>> = Vec::with_capacity(AT_ONCE);
            self.each_row(&part, &columns, &mut |bytes| {
                rows.push(bytes.to_vec());
                if rows.len() < AT_ONCE {
                    return Ok(());
                }
                into.insert_rows(part.table, &columns, &std::mem::take(&mut rows), "")
            })?;
            into.insert_rows(part.table, &columns, &rows, "")?;
        }
        Ok(())
    }
}

/// The columns, if the other database has the same.
pub(super) fn same(into: &mut dyn Session, part: &Part, columns: &[Column]) -> Result<Vec<Column>> {
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let there = into.columns(part.table)?;
    row::found(&there, &names)
        .filter(|found| found.len() == there.len())
        .ok_or_else(|| Error::Database("the two databases have other columns".into()))
}
