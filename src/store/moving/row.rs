//! One row as bytes: the same for both databases.
//!
//! A cell is a byte that says what it is, and its value: `0` NULL; `1` a number of 64 bits, big-endian; `2` a text and
//! `3` bytes, each behind its length of 32 bits, big-endian.

use crate::store::column::{Column, ColumnKind};
use crate::store::error::{Error, Result};
use crate::store::session::Row;

const NULL: u8 = 0;
const INT: u8 = 1;
const TEXT: u8 = 2;
const BLOB: u8 = 3;

/// One cell of a row that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell<'b> {
    Null,
    Int(i64),
    Text(&'b str),
    Blob(&'b [u8]),
}

/// Bytes are no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row in it cannot be read")]
pub(crate) struct RowError;

/// Writes a row behind what is there.
pub(super) fn encode(
    table: &'static str,
    row: &Row<'_>,
    columns: &[Column],
    bytes: &mut Vec<u8>,
) -> Result<()> {
    let cells = row.of(table);
    let sized = |bytes: &mut Vec<u8>, kind: u8, value: &[u8], column: usize| {
        let length = u32::try_from(value.len()).map_err(|_| cells.corrupt(column))?;
        bytes.push(kind);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(value);
        Ok::<(), Error>(())
    };
    for (at, column) in columns.iter().enumerate() {
        match column.kind {
            ColumnKind::Int => match cells.opt_int(at)? {
                None => bytes.push(NULL),
                Some(number) => {
                    bytes.push(INT);
                    bytes.extend_from_slice(&number.to_be_bytes());
                }
            },
            ColumnKind::Text => match cells.opt_text(at)? {
                None => bytes.push(NULL),
                Some(text) => sized(bytes, TEXT, text.as_bytes(), at)?,
            },
            ColumnKind::Blob => match cells.opt_blob(at)? {
                None => bytes.push(NULL),
                Some(blob) => sized(bytes, BLOB, blob, at)?,
            },
        }
    }
    Ok(())
}

/// Reads the cells of a row.
#[derive(Clone, Debug)]
pub(crate) struct Cells<'b>(pub(crate) &'b [u8]);

impl<'b> Cells<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], RowError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(RowError)?;
        self.0 = rest;
        Ok(taken)
    }

    fn sized(&mut self) -> Result<&'b [u8], RowError> {
        let length = self.take(4)?.first_chunk().copied().ok_or(RowError)?;
        self.take(usize::try_from(u32::from_be_bytes(length)).map_err(|_| RowError)?)
    }
}

impl<'b> Iterator for Cells<'b> {
    type Item = Result<Cell<'b>, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, rest) = self.0.split_first()?;
        self.0 = rest;
        let cell = match *kind {
            NULL => Ok(Cell::Null),
            INT => self.take(8).and_then(|bytes| {
                let number = bytes.first_chunk().copied().ok_or(RowError)?;
                Ok(Cell::Int(i64::from_be_bytes(number)))
            }),
            TEXT => {
                self.sized().and_then(|bytes| str::from_utf8(bytes).map(Cell::Text).map_err(|_| RowError))
            }
            BLOB => self.sized().map(Cell::Blob),
            _ => Err(RowError),
        };
        if cell.is_err() {
            self.0 = &[];
        }
        Some(cell)
    }
}

/// Those of a table's columns that rows come with, in the rows' order; all of them must be there.
pub(super) fn found(columns: &[Column], wanted: &[String]) -> Option<Vec<Column>> {
    let found = |name: &String| columns.iter().find(|column| column.name == *name).cloned();
    let distinct = wanted.iter().enumerate().all(|(at, name)| !wanted[..at].contains(name));
    wanted.iter().map(found).collect::<Option<Vec<_>>>().filter(|found| distinct && !found.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_row_is_refused() {
        let cells = |bytes: &[u8]| Cells(bytes).collect::<Result<Vec<_>, _>>().map(|cells| cells.len());
        assert_eq!(cells(&[]), Ok(0));
        assert_eq!(cells(&[0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 2, 0, 0, 0, 1, b'a', 3, 0, 0, 0, 0]), Ok(4));
        for bytes in [
            &[4][..],
            &[1, 0, 0],
            &[2, 0, 0, 0],
            &[2, 0, 0, 0, 2, b'a'],
            &[2, 0, 0, 0, 1, 0xff],
            &[3, 0xff, 0xff, 0xff, 0xff, 0],
        ] {
            assert_eq!(cells(bytes), Err(RowError), "{bytes:?}");
        }
    }

    #[test]
    fn rows_come_with_columns_of_the_table_alone() {
        let columns = ["TEXT id", "bigint at"].map(|column| {
            let (kind, name) = column.split_once(' ').expect("two words");
            Column::described(name, kind).expect("a column")
        });
        let of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            found(&columns, &names).map(|found| found.len())
        };
        assert_eq!(of(&["at", "id"]), Some(2));
        assert_eq!(of(&["at"]), Some(1), "a column that came later has its default");
        for names in [&[][..], &["id", "id"], &["id", "at; DROP TABLE head"], &["other"]] {
            assert_eq!(of(names), None, "{names:?}");
        }
        assert!(Column::described("id\"", "TEXT").is_err() && Column::described("id", "REAL").is_err());
    }
}
