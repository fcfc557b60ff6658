//! Claims, sessions, and what is remembered for people who come through the portal.

mod claims;
mod over;
mod sessions;
mod suspensions;

pub use claims::{ClaimFilter, ClaimLookup};
pub use sessions::{SessionFilter, SessionLookup};
pub use suspensions::SuspensionLookup;

use super::error::Result;
use super::session::{Row, Session, Sql, Value};
use crate::domain::owners::owner::Owner;

/// Rows read at once.
const PAGE: i64 = 500;

/// Reads up to [`PAGE`] rows of `columns`, whose table is `table` there: of one owner, behind an id, and for which `also` holds;
/// newest first.
fn newest(
    session: &mut dyn Session,
    (columns, table): (&str, char),
    (owner, after): (Option<&Owner>, Option<String>),
    also: Option<&str>,
    each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut values: Vec<Value> = Vec::new();
    let mut conditions = Vec::new();
    if let Some(owner) = owner {
        values.push(owner.as_str().into());
        conditions.push(format!("{table}.owner = ${}", values.len()));
    }
    if let Some(after) = after {
        values.push(after.into());
        conditions.push(format!("{table}.id < ${}", values.len()));
    }
    conditions.extend(also.map(str::to_owned));
    let conditions =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let sql = format!("{columns} {conditions} ORDER BY {table}.id DESC LIMIT {PAGE}");
    session.query(Sql::Built(sql), &values, each)
}

/// The one row of `columns` for which a condition on one value holds.
fn one<T>(
    session: &mut dyn Session,
    columns: &str,
    condition: &str,
    value: Value,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let mut found = None;
    session.query(Sql::Built(format!("{columns} {condition}")), &[value], &mut |row| {
        found = Some(read(row)?);
        Ok(())
    })?;
    Ok(found)
}
