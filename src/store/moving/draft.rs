//! A store on disk that has no name: rows are put together there, looked at and changed, before they are anybody's.

use super::PARTS;
use super::row::{self, Cells};
use crate::store::column::Column;
use crate::store::error::{Error, Result};
use crate::store::{Backend, Options, Store, migrations, sqlite};

/// Rows written by one statement.
const AT_ONCE: usize = 500;

/// Rows as they come, put into a database of their own schema.
pub(crate) struct Draft {
    store: Store,
    schema: i64,
    into: Option<Into>,
}

/// The table that rows are for now.
struct Into {
    table: &'static str,
    columns: Vec<Column>,
    rows: Vec<Vec<u8>>,
}

/// Rows that are none of this schema's, or are not as they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unfit(pub(crate) &'static str);

impl Draft {
    /// An empty one of a schema that is known. SQLite removes the file's name as soon as it has made it.
    pub(crate) fn new(schema: i64, options: Options) -> Result<Self> {
        if schema > migrations::LATEST {
            return Err(Error::Newer { found: schema, known: migrations::LATEST });
        }
        let session = sqlite::draft(schema, options)?;
        let store = Store::of(Backend::Sqlite(session), schema);
        Ok(Self { store, schema, into: None })
    }

    /// Rows of this table follow, with these columns.
    pub(crate) fn table(&mut self, name: &str, columns: &[String]) -> Result<Option<Unfit>> {
        self.flush()?;
        let Some(part) = PARTS.iter().find(|part| part.table == name) else {
            return Ok(Some(Unfit("it has a table that is not keyctl's")));
        };
        let known = self.store.session().columns(part.table)?;
        let Some(columns) = row::found(&known, columns) else {
            return Ok(Some(Unfit("it has a column that its schema has not")));
        };
        self.into = Some(Into { table: part.table, columns, rows: Vec::with_capacity(AT_ONCE) });
        Ok(None)
    }

    /// The next row of the table.
    pub(crate) fn row(&mut self, bytes: &[u8]) -> Result<Option<Unfit>> {
        let Some(into) = &mut self.into else { return Ok(Some(Unfit("it has a row of no table"))) };
        let mut cells = 0;
        for cell in Cells(bytes) {
            if cell.is_err() {
                return Ok(Some(Unfit("a row in it cannot be read")));
            }
            cells += 1;
        }
        if cells != into.columns.len() {
            return Ok(Some(Unfit("a row in it has other columns than its table")));
        }
        into.rows.push(bytes.to_vec());
        if into.rows.len() == AT_ONCE { self.flush().map(|()| None) } else { Ok(None) }
    }

    fn flush(&mut self) -> Result<()> {
        let Some(into) = &mut self.into else { return Ok(()) };
        let rows = std::mem::take(&mut into.rows);
        self.store.session().insert_rows(into.table, &into.columns, &rows, "")
    }

    /// All rows are there: whatever refers to something must find it, and what its schema lacks of today's is done.
    pub(crate) fn finish(mut self) -> Result<Store> {
        self.flush()?;
        let Self { mut store, schema, .. } = self;
        if let Backend::Sqlite(session) = &mut store.backend {
            sqlite::finish_draft(session, schema)?;
        }
        store.read_as(migrations::LATEST);
        Ok(store)
    }
}
