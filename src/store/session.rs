//! The seam between the statements, written once, and the two databases.

use std::sync::LazyLock;

#[cfg(feature = "cli")]
use super::column::Column;
use super::error::{Error, Result};
use crate::domain::time::Timestamp;

/// A value handed to a statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// BIGINT, `None` for NULL.
    Int(Option<i64>),
    /// TEXT, `None` for NULL.
    Text(Option<String>),
    /// BLOB or BYTEA.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}

pub(crate) enum Sql {
    /// Written in the source; kept prepared by its address.
    Fixed(&'static str),
    /// Put together from fixed parts, as for a list's orders and filters.
    Built(String),
}

impl Sql {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Fixed(text) => text,
            Self::Built(text) => text,
        }
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::Fixed(text)
    }
}

impl From<String> for Sql {
    fn from(text: String) -> Self {
        Self::Built(text)
    }
}

/// A statement and its values, `$1` first.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value>,
    /// The same for [`ROWS`](super::many::ROWS) rows, where others of its kind stand beside it.
    pub(crate) many: Option<&'static LazyLock<String>>,
}

impl Statement {
    pub(crate) fn new(sql: &'static str, values: impl Into<Vec<Value>>) -> Self {
        Self { sql, values: values.into(), many: None }
    }

    /// One that writes a row, of which there may be many, each behind the other. SQLite runs it for each: a statement of many
    /// rows would first copy every page that it writes. PostgreSQL is sent `many`, which is parsed and planned once.
    pub(crate) fn row(
        sql: &'static str,
        many: &'static LazyLock<String>,
        values: impl Into<Vec<Value>>,
    ) -> Self {
        Self { sql, values: values.into(), many: Some(many) }
    }
}

/// A statement for many rows of texts, in the way that each database is fast at: SQLite runs a
/// small one again and again, PostgreSQL joins the table with a list.
#[derive(Clone, Copy)]
pub(crate) struct ForEach {
    /// `$n` is the text in column n of one row.
    pub(crate) one: &'static str,
    /// `$n` is the array of the texts in column n.
    pub(crate) all: &'static str,
}

/// A row as it is read; columns count from 0.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

/// Reads the columns of a row of one table, and names the cell that cannot be read.
pub(crate) struct Cells<'a> {
    row: &'a Row<'a>,
    table: &'static str,
}

impl<'a> Row<'a> {
    /// The row as one of `table`, whose first column tells the rows apart.
    pub(crate) fn of(&'a self, table: &'static str) -> Cells<'a> {
        Cells { row: self, table }
    }
}

impl Cells<'_> {
    pub(crate) fn opt_text(&self, column: usize) -> Result<Option<&str>> {
        let read = match self.row {
            Row::Sqlite(row) => row.get_ref(column).ok().and_then(|value| value.as_str_or_null().ok()),
            Row::Postgres(row) => row.try_get(column).ok(),
        };
        read.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str> {
        self.opt_text(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        let read = match self.row {
            Row::Sqlite(row) => row.get_ref(column).ok().and_then(|value| value.as_i64_or_null().ok()),
            Row::Postgres(row) => row.try_get(column).ok(),
        };
        read.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64> {
        self.opt_int(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn bytes<const N: usize>(&self, column: usize) -> Result<[u8; N]> {
        let read: Option<&[u8]> = match self.row {
            Row::Sqlite(row) => row.get_ref(column).ok().and_then(|value| value.as_blob().ok()),
            Row::Postgres(row) => row.try_get(column).ok(),
        };
        read.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn opt_bytes<const N: usize>(&self, column: usize) -> Result<Option<[u8; N]>> {
        let read: Option<Option<&[u8]>> = match self.row {
            Row::Sqlite(row) => row.get_ref(column).ok().and_then(|value| value.as_blob_or_null().ok()),
            Row::Postgres(row) => row.try_get(column).ok(),
        };
        let bytes = read.ok_or_else(|| self.corrupt(column))?;
        bytes.map(|bytes| bytes.try_into().map_err(|_| self.corrupt(column))).transpose()
    }

    pub(crate) fn blob(&self, column: usize) -> Result<&[u8]> {
        let read: Option<&[u8]> = match self.row {
            Row::Sqlite(row) => row.get_ref(column).ok().and_then(|value| value.as_blob().ok()),
            Row::Postgres(row) => row.try_get(column).ok(),
        };
        read.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn opt_blob(&self, column: usize) -> Result<Option<&[u8]>> {
        let read: Option<Option<&[u8]>> = match self.row {
            Row::Sqlite(row) => row.get_ref(column).ok().and_then(|value| value.as_blob_or_null().ok()),
            Row::Postgres(row) => row.try_get(column).ok(),
        };
        read.ok_or_else(|| self.corrupt(column))
    }

    /// A count, or another number that is never negative.
    pub(crate) fn count(&self, column: usize) -> Result<u64> {
        u64::try_from(self.int(column)?).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn opt_time(&self, column: usize) -> Result<Option<Timestamp>> {
        match self.opt_int(column)? {
            None => Ok(None),
            Some(millis) => Timestamp::from_millis(millis).map(Some).ok_or_else(|| self.corrupt(column)),
        }
    }

    pub(crate) fn time(&self, column: usize) -> Result<Timestamp> {
        self.opt_time(column)?.ok_or_else(|| self.corrupt(column))
    }

    /// A text form of the domain.
    pub(crate) fn parsed<T>(&self, column: usize, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        parse(self.text(column)?).ok_or_else(|| self.corrupt(column))
    }

    /// A nullable value of the domain, from a text.
    pub(crate) fn opt_parsed<T>(
        &self,
        column: usize,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        match self.opt_text(column)? {
            None => Ok(None),
            Some(text) => parse(text).map(Some).ok_or_else(|| self.corrupt(column)),
        }
    }

    pub(crate) fn corrupt(&self, column: usize) -> Error {
        let (name, row) = match self.row {
            Row::Sqlite(row) => (
                row.as_ref().column_name(column).ok().map(str::to_owned),
                row.get_ref(0).ok().and_then(|value| match value {
                    rusqlite::types::ValueRef::Integer(number) => Some(number.to_string()),
                    other => other.as_str().ok().map(str::to_owned),
                }),
            ),
            Row::Postgres(row) => (
                row.columns().get(column).map(|found| found.name().to_owned()),
                row.try_get::<_, String>(0)
                    .ok()
                    .or_else(|| row.try_get::<_, i64>(0).ok().map(|number| number.to_string())),
            ),
        };
        Error::Corrupt {
            table: self.table,
            column: name.unwrap_or_else(|| format!("#{column}")),
            row: row.unwrap_or_else(|| "?".to_owned()),
        }
    }
}

/// What became of removed rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Whether nothing of them is left in the database's own files.
    pub complete: bool,
    /// What is left and where, in words, the first what can be done about here.
    pub remains: Vec<String>,
}

/// Something that the database says of itself: a name and a value.
pub type Fact = (&'static str, FactValue);

/// The value of a [`Fact`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactValue {
    Text(String),
    /// A number, of bytes where the name says so.
    Number(i64),
    /// There is no such thing here: `null` in JSON, and not shown.
    Absent,
}

impl From<String> for FactValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Where the store is said to have moved, for whoever may read the head row, and for a reader of the views; in a schema
/// that knows of no moves there is no such column.
pub(crate) const HEAD: &str = "SELECT pg_catalog.to_jsonb(h) ->> 'moved_to' FROM keyctl.head AS h WHERE pg_catalog.to_jsonb(h) ->> 'moved_to' IS NOT NULL";
pub(crate) const STORE_SEEN: &str = "SELECT pg_catalog.to_jsonb(h) ->> 'moved_to' FROM public.keyctl_store_v1 AS h WHERE pg_catalog.to_jsonb(h) ->> 'moved_to' IS NOT NULL";

/// What is done with each row of an answer.
pub(crate) type EachRow<'f> = dyn FnMut(&Row<'_>) -> Result<()> + 'f;

/// One connection. Statements are written with `$1`, `$2` …, each at most once or more
/// often, in any order.
pub(crate) trait Session {
    /// Runs a statement that returns rows, calling `each` for every one.
    fn query(&mut self, sql: Sql, values: &[Value], each: &mut EachRow<'_>) -> Result<()>;

    /// The same for a statement that has one row at most, and is asked for no second one.
    fn query_one(&mut self, sql: Sql, values: &[Value], each: &mut EachRow<'_>) -> Result<()> {
        self.query(sql, values, each)
    }

    /// Runs changing statements in order; returns how many rows each one changed. Those that write a row each, and were sent
    /// together, count as one.
    fn execute(&mut self, statements: &[Statement]) -> Result<Vec<u64>>;

    /// Runs a changing statement for every row of these columns, in their order.
    fn execute_for_each(&mut self, sql: ForEach, columns: &[Vec<&str>]) -> Result<()>;

    /// Runs a query without values whose answer may be larger than memory, in the transaction that runs. Tables are
    /// meant as they are, also where they are older than today's.
    #[cfg(feature = "cli")]
    fn scan(&mut self, sql: &str, each: &mut EachRow<'_>) -> Result<()>;

    /// The columns of a table that are stored, in their order; none where there is no such table.
    #[cfg(feature = "cli")]
    fn columns(&mut self, table: &str) -> Result<Vec<Column>>;

    /// The columns of a table's primary key, in its order.
    #[cfg(feature = "cli")]
    fn primary_key(&mut self, table: &str) -> Result<Vec<String>>;

    /// Adds rows to a table as they were carried from another one, in the transaction that runs; `otherwise` says what is
    /// done with those whose key is there.
    #[cfg(feature = "cli")]
    fn insert_rows(
        &mut self,
        table: &str,
        columns: &[Column],
        rows: &[Vec<u8>],
        otherwise: &str,
    ) -> Result<()>;

    /// Begins a transaction in which rows are carried into what is no store yet. It ends by [`Self::commit_use`].
    #[cfg(feature = "cli")]
    fn begin_carrying(&mut self) -> Result<()> {
        self.begin_change()
    }

    /// Removes all rows of these tables, each named before those that it refers to.
    #[cfg(feature = "cli")]
    fn empty_tables(&mut self, tables: &[&str]) -> Result<()> {
        tables.iter().try_for_each(|table| self.remove_rows(table))
    }

    /// The transaction that follows is the last one: with it, all that was carried before is to be durable.
    #[cfg(feature = "cli")]
    fn begin_finishing(&mut self) -> Result<()> {
        Ok(())
    }

    /// It is committed: from here on everybody is to find a store.
    #[cfg(feature = "cli")]
    fn finished(&mut self) -> Result<()> {
        Ok(())
    }

    /// In the transaction that runs, takes away what says that it is no store yet.
    #[cfg(feature = "cli")]
    fn end_unfinished(&mut self) -> Result<()>;

    /// In this change, all rows of these tables are replaced: nobody else writes them meanwhile.
    #[cfg(feature = "cli")]
    fn begin_replacing(&mut self, tables: &[&str]) -> Result<()>;

    /// Removes all rows of a table.
    #[cfg(feature = "cli")]
    fn remove_rows(&mut self, table: &str) -> Result<()>;

    /// Runs a script of several statements without values.
    fn script(&mut self, sql: &str) -> Result<()>;

    /// Begins a transaction that reads one snapshot.
    fn begin_read(&mut self) -> Result<()>;

    /// Runs a query outside of any transaction that waits for nobody and takes a moment at most,
    /// for what is worth no more than that.
    fn glance(&mut self, sql: Sql, values: &[Value], each: &mut EachRow<'_>) -> Result<()>;

    /// Begins a transaction and takes the store's write lock.
    fn begin_change(&mut self) -> Result<()>;

    /// Begins a short transaction that takes none of a change's locks, where the database has more than one.
    fn begin_use(&mut self) -> Result<()> {
        self.begin_change()
    }

    /// Behind the last write of such a transaction, which holds off whoever moves the store from then on: an error if it
    /// has moved, or is about to. `head` is [`HEAD`] or [`STORE_SEEN`].
    fn refuse_moved(&mut self, _head: &'static str) -> Result<()> {
        Ok(())
    }

    /// Ends it. A few rows may be lost with the machine, where that is faster.
    fn commit_use(&mut self) -> Result<()> {
        self.commit()
    }

    /// Calls a function of the store's that is all of such a transaction: one way there and back, by plans that the server
    /// keeps. False where the database has no functions, and nothing was done.
    #[cfg(feature = "cli")]
    fn use_by_function(
        &mut self,
        _call: &'static str,
        _values: &[Value],
        _each: &mut EachRow<'_>,
    ) -> Result<bool> {
        Ok(false)
    }

    /// Behind a query of a change, which then passes over rows of this table that somebody else holds and keeps the
    /// others for itself.
    fn passing_over_locked(&self, _table: &str) -> String {
        String::new()
    }

    /// Makes the transaction durable. [`Error::Unknown`] if it cannot be told whether it is.
    fn commit(&mut self) -> Result<()>;

    /// Gives the transaction up; a session that is lost rolls back by itself.
    fn rollback(&mut self);

    /// Many large changes follow: the database may keep more in memory and tidy up less often.
    fn begin_bulk(&mut self) -> Result<()> {
        Ok(())
    }

    /// Rows are about to be removed that are to be wiped: should this process end before that, the next change
    /// does it.
    fn begin_erasing(&mut self) {}

    /// Wipes what the database itself keeps of removed rows, as far as it can.
    fn erase(&mut self) -> Result<Erased>;

    /// Whether a token's row lies where its hash says; else rows lie about as they came.
    fn keeps_tokens_by_hash(&self) -> bool {
        false
    }

    /// This change will touch many rows: the database may keep more in memory until it ends.
    fn begin_large(&mut self) -> Result<()> {
        Ok(())
    }

    /// A statement in a change that has those told of it who listen, once it is committed.
    fn announcement(&self) -> Option<&'static str> {
        None
    }

    /// What the database itself knows of who is connected: user and address.
    fn peer(&self) -> (Option<String>, Option<String>);

    /// What `store status` says of the connection and its database, by name.
    fn facts(&mut self) -> Result<Vec<Fact>>;

    /// Objects of ours that are not as the migrations made them, in words; empty if none.
    fn foreign_objects(&mut self) -> Result<Vec<String>>;

    /// Damage that the database itself finds, in words; empty if none.
    fn damage(&mut self) -> Result<Vec<String>>;
}
