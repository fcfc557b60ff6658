//! Rows as they are carried, out of the file and into it.

use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::error::map_error;
use crate::store::column::Column;
use crate::store::error::{Error, Result};
use crate::store::moving::row::{Cell, Cells};
use crate::store::session::{EachRow, Row};

pub(super) fn scan(connection: &Connection, sql: &str, each: &mut EachRow<'_>) -> Result<()> {
    let mut statement = connection.prepare(sql).map_err(map_error)?;
    let mut rows = statement.query([]).map_err(map_error)?;
    while let Some(row) = rows.next().map_err(map_error)? {
        each(&Row::Sqlite(row))?;
    }
    Ok(())
}

/// Without those that are computed.
pub(super) fn columns(connection: &Connection, table: &str) -> Result<Vec<Column>> {
    let mut described = Vec::new();
    let mut statement = connection
        .prepare_cached("SELECT name, type FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid")
        .map_err(map_error)?;
    let mut rows = statement.query([table]).map_err(map_error)?;
    while let Some(row) = rows.next().map_err(map_error)? {
        let (name, kind): (String, String) =
            row.get(0).and_then(|name| Ok((name, row.get(1)?))).map_err(map_error)?;
        described.push(Column::described(&name, &kind)?);
    }
    Ok(described)
}

pub(super) fn primary_key(connection: &Connection, table: &str) -> Result<Vec<String>> {
    let mut statement = connection
        .prepare_cached("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")
        .map_err(map_error)?;
    let names = statement.query_map([table], |row| row.get(0)).map_err(map_error)?;
    names.collect::<rusqlite::Result<_>>().map_err(map_error)
}

pub(super) fn insert(
    connection: &Connection,
    table: &str,
    columns: &[Column],
    rows: &[Vec<u8>],
    otherwise: &str,
) -> Result<()> {
    let values: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
    let sql =
        format!("INSERT INTO {table} ({}) VALUES ({}){otherwise}", Column::names(columns), values.join(", "));
    let mut statement = connection.prepare_cached(&sql).map_err(map_error)?;
    for row in rows {
        for (number, cell) in (1..).zip(Cells(row)) {
            let value = match cell.map_err(|error| Error::Database(error.to_string().into()))? {
                Cell::Null => ValueRef::Null,
                Cell::Int(number) => ValueRef::Integer(number),
                Cell::Text(text) => ValueRef::Text(text.as_bytes()),
                Cell::Blob(bytes) => ValueRef::Blob(bytes),
            };
            statement.raw_bind_parameter(number, ToSqlOutput::Borrowed(value)).map_err(map_error)?;
        }
        statement.raw_execute().map_err(map_error)?;
    }
    Ok(())
}
