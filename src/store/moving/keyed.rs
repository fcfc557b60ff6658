//! A part of a table in the order of its primary key, which is the same in both databases.

use std::cmp::Ordering;

use super::row::{Cell, Cells};
use super::{Part, Which};
use crate::store::column::Column;
use crate::store::error::{Error, Result};
use crate::store::session::{Session, Value};

/// A part with the columns that are carried, and those of them that are its primary key.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    pub part: Part,
    pub columns: Vec<Column>,
    /// Where the key's columns stand among them.
    key: Vec<usize>,
}

impl Keyed {
    pub(super) fn of(session: &mut dyn Session, part: Part, columns: Vec<Column>) -> Result<Self> {
        let names = session.primary_key(part.table)?;
        let at = |name: &String| columns.iter().position(|column| column.name == *name);
        let key: Option<Vec<usize>> = names.iter().map(at).collect();
        let key = key.filter(|key| !key.is_empty());
        let none = || Error::Database(format!("the table {} has no primary key", part.table).into());
        Ok(Self { part, key: key.ok_or_else(none)?, columns })
    }

    fn key_names(&self) -> Vec<&str> {
        self.key.iter().map(|at| self.columns[*at].name.as_str()).collect()
    }

    /// `(a, b) > ($1, $2)` in SQL, where something was read before.
    fn behind(&self) -> String {
        let places: Vec<String> = (1..=self.key.len()).map(|number| format!("${number}")).collect();
        format!("({}) > ({})", self.key_names().join(", "), places.join(", "))
    }

    /// All rows of it, or those behind a key.
    pub(super) fn select(&self, is_behind: bool) -> String {
        // Not a bare column: that would be found by its index, and sorted in memory.
        let of_part = match self.part.which {
            Which::All | Which::BySeq => None,
            Which::WithoutParent => Some("parent || '' IS NULL".to_owned()),
            Which::WithParent => Some("parent || '' IS NOT NULL".to_owned()),
        };
        let conditions: Vec<String> = of_part.into_iter().chain(is_behind.then(|| self.behind())).collect();
        let conditions = if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", conditions.join(" AND "))
        };
        format!(
            "SELECT {} FROM keyctl.{}{conditions} ORDER BY {}",
            Column::names(&self.columns),
            self.part.table,
            self.key_names().join(", ")
        )
    }

    /// What makes an insertion overwrite a row that has the same key.
    pub(super) fn or_update(&self) -> String {
        let others = self.columns.iter().enumerate().filter(|(at, _)| !self.key.contains(at));
        let set: Vec<String> = others.map(|(_, column)| format!("{0} = excluded.{0}", column.name)).collect();
        let action =
            if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", set.join(", ")) };
        format!(" ON CONFLICT ({}) DO {action}", self.key_names().join(", "))
    }

    pub(super) fn delete(&self) -> String {
        let same: Vec<String> =
            (1..).zip(self.key_names()).map(|(number, name)| format!("{name} = ${number}")).collect();
        format!("DELETE FROM keyctl.{} WHERE {}", self.part.table, same.join(" AND "))
    }

    fn cells<'b>(&self, row: &'b [u8]) -> Result<Vec<Cell<'b>>> {
        let unfit = || Error::Database(format!("a row of {} cannot be read", self.part.table).into());
        let cells: Vec<Cell<'b>> = Cells(row).collect::<Result<_, _>>().map_err(|_| unfit())?;
        self.key.iter().map(|at| cells.get(*at).copied().ok_or_else(unfit)).collect()
    }

    /// A row's key, as statements take it.
    pub(super) fn values(&self, row: &[u8]) -> Result<Vec<Value>> {
        let value = |cell: Cell<'_>| match cell {
            Cell::Null => Value::Int(None),
            Cell::Int(number) => number.into(),
            Cell::Text(text) => text.into(),
            Cell::Blob(bytes) => bytes.into(),
        };
        Ok(self.cells(row)?.into_iter().map(value).collect())
    }

    /// Which of two rows comes first: both databases compare texts byte by byte.
    pub(super) fn compare(&self, one: &[u8], other: &[u8]) -> Result<Ordering> {
        let (one, other) = (self.cells(one)?, self.cells(other)?);
        let orders = one.iter().zip(&other).map(|pair| match pair {
            (Cell::Int(one), Cell::Int(other)) => one.cmp(other),
            (Cell::Text(one), Cell::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
            (Cell::Blob(one), Cell::Blob(other)) => one.cmp(other),
            _ => Ordering::Equal,
        });
        Ok(orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
    }
}
