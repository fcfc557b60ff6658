//! Rows as they are carried, out of the database and into it.

use std::time::Duration;

use tokio_postgres::types::{ToSql, Type};

use super::session::{Parameter, PostgresSession};
use crate::store::column::{Column, ColumnKind};
use crate::store::error::{Error, Result};
use crate::store::moving::row::{Cell, Cells};
use crate::store::session::{EachRow, Row, Session as _, Value};

/// Rows that travel together.
const AT_ONCE: u32 = 1000;

/// How long one statement of a change may take that replaces all rows: removing a million takes half a minute.
const REPLACING: Duration = Duration::from_hours(1);

const COLUMNS: &str = "
    SELECT a.attname::text, pg_catalog.format_type(a.atttypid, NULL)
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'keyctl' AND c.relname = $1 AND c.relkind = 'r'
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY a.attnum";

/// By a cursor, since an answer is kept whole in memory.
pub(super) fn scan(session: &mut PostgresSession, sql: &str, each: &mut EachRow<'_>) -> Result<()> {
    session.script(&format!("DECLARE keyctl_carried NO SCROLL CURSOR FOR {sql}"))?;
    let fetch = format!("FETCH FORWARD {AT_ONCE} FROM keyctl_carried");
    loop {
        let rows = session.run(session.client.query_typed(&fetch, &[]))?;
        if rows.is_empty() {
            return session.script("CLOSE keyctl_carried");
        }
        rows.iter().try_for_each(|row| each(&Row::Postgres(row)))?;
    }
}

/// Without those that are computed.
pub(super) fn columns(session: &mut PostgresSession, table: &str) -> Result<Vec<Column>> {
    let mut described = Vec::new();
    session.query(COLUMNS.into(), &[Value::from(table)], &mut |row| {
        let cells = row.of("pg_attribute");
        described.push(Column::described(cells.text(0)?, cells.text(1)?)?);
        Ok(())
    })?;
    Ok(described)
}

/// By their places in the key, which need not be their places in the table.
const KEY: &str = "
    SELECT a.attname::text
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE n.nspname = 'keyctl' AND c.relname = $1 AND i.indisprimary
    ORDER BY k.place";

pub(super) fn primary_key(session: &mut PostgresSession, table: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    session.query(KEY.into(), &[Value::from(table)], &mut |row| {
        names.push(row.of("pg_attribute").text(0)?.to_owned());
        Ok(())
    })?;
    Ok(names)
}

/// Readers go on; whoever writes waits, also those that take no lock of a change.
pub(super) fn lock(session: &mut PostgresSession, tables: &[&str]) -> Result<()> {
    let tables: Vec<String> = tables.iter().map(|table| format!("keyctl.{table}")).collect();
    session.answer = session.answer.max(REPLACING);
    session.script(&format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", tables.join(", ")))
}

/// The values of one column.
enum Values<'r> {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<&'r str>>),
    Blob(Vec<Option<&'r [u8]>>),
}

impl<'r> Values<'r> {
    fn of(kind: ColumnKind, rows: usize) -> Self {
        match kind {
            ColumnKind::Int => Self::Int(Vec::with_capacity(rows)),
            ColumnKind::Text => Self::Text(Vec::with_capacity(rows)),
            ColumnKind::Blob => Self::Blob(Vec::with_capacity(rows)),
        }
    }

    fn push(&mut self, cell: Cell<'r>) -> Option<()> {
        match (self, cell) {
            (Self::Int(values), Cell::Int(number)) => values.push(Some(number)),
            (Self::Text(values), Cell::Text(text)) => values.push(Some(text)),
            (Self::Blob(values), Cell::Blob(bytes)) => values.push(Some(bytes)),
            (Self::Int(values), Cell::Null) => values.push(None),
            (Self::Text(values), Cell::Null) => values.push(None),
            (Self::Blob(values), Cell::Null) => values.push(None),
            _ => return None,
        }
        Some(())
    }

    fn parameter(&self) -> Parameter<'_> {
        match self {
            Self::Int(values) => (values as &(dyn ToSql + Sync), Type::INT8_ARRAY),
            Self::Text(values) => (values as &(dyn ToSql + Sync), Type::TEXT_ARRAY),
            Self::Blob(values) => (values as &(dyn ToSql + Sync), Type::BYTEA_ARRAY),
        }
    }
}

/// One statement for all of them, with an array for each column.
pub(super) fn insert(
    session: &PostgresSession,
    table: &str,
    columns: &[Column],
    rows: &[Vec<u8>],
    otherwise: &str,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let unfit = || Error::Database(format!("a row of {table} has another form than its table").into());
    let mut values: Vec<Values<'_>> =
        columns.iter().map(|column| Values::of(column.kind, rows.len())).collect();
    for row in rows {
        let mut cells = Cells(row);
        for column in &mut values {
            let cell = cells.next().and_then(std::result::Result::ok).ok_or_else(unfit)?;
            column.push(cell).ok_or_else(unfit)?;
        }
    }
    let arrays: Vec<String> =
        (1..=columns.len()).map(|number| format!("pg_catalog.unnest(${number})")).collect();
    let sql = format!(
        "INSERT INTO keyctl.{table} ({}) SELECT * FROM ROWS FROM ({}){otherwise}",
        Column::names(columns),
        arrays.join(", ")
    );
    let parameters: Vec<Parameter<'_>> = values.iter().map(Values::parameter).collect();
    session.run(session.client.execute_typed(&sql, &parameters)).map(drop)
}
