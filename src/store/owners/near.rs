//! Names that stand beside one that is not there: what somebody who mistyped it may have meant.

use crate::domain::owners::owner::{KeyName, Owner};
use crate::store::error::Result;
use crate::store::reading::Reads;
use crate::store::session::{Session, Value};

/// Rows read on each side. Both sides are ranges of an index, whatever the store's size.
const BESIDE: u32 = 100;

const OWNERS: [&str; 2] = [
    "SELECT name FROM keyctl.owner WHERE name >= $1 AND name < $2 AND deleted_at IS NULL ORDER BY name LIMIT $3",
    "SELECT name FROM keyctl.owner WHERE name < $1 AND name >= $2 AND deleted_at IS NULL ORDER BY name DESC LIMIT $3",
];

const NAMES: [&str; 2] = [
    "SELECT name FROM keyctl.key WHERE owner = $4 AND revoked_at IS NULL AND name >= $1 AND name < $2
     ORDER BY name LIMIT $3",
    "SELECT name FROM keyctl.key WHERE owner = $4 AND revoked_at IS NULL AND name < $1 AND name >= $2
     ORDER BY name DESC LIMIT $3",
];

/// The owners next to this one in order that begin with the same character, at most 200.
pub fn owners_beside(store: &mut impl Reads, owner: &Owner) -> Result<Vec<Owner>> {
    let names = beside(store.reading()?.session(), &OWNERS, owner.as_str(), None)?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// The owner's live keys next to this name in order that begin with the same character, at
/// most 200.
pub fn names_beside(store: &mut impl Reads, owner: &Owner, name: &KeyName) -> Result<Vec<KeyName>> {
    let names = beside(store.reading()?.session(), &NAMES, name.as_str(), Some(owner))?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

fn beside(
    session: &mut dyn Session,
    statements: &[&'static str; 2],
    name: &str,
    owner: Option<&Owner>,
) -> Result<Vec<String>> {
    let mut found = Vec::new();
    // Names are ASCII, and compared byte by byte in both databases.
    let Some(first) = name.bytes().next() else { return Ok(found) };
    let bounds = [char::from(first + 1).to_string(), char::from(first).to_string()];
    for (statement, bound) in statements.iter().zip(bounds) {
        let mut values: Vec<Value> = vec![name.into(), bound.as_str().into(), i64::from(BESIDE).into()];
        values.extend(owner.map(|owner| Value::from(owner.as_str())));
        session.query((*statement).into(), &values, &mut |row| {
            found.push(row.of("owner").text(0)?.to_owned());
            Ok(())
        })?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrations;
    use crate::store::sqlite::translated;

    #[test]
    fn neighbours_are_found_by_an_index_and_unsorted() {
        let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
        for migration in migrations::after(0) {
            connection.execute_batch(migration.sqlite).expect("migrates");
        }
        for statement in OWNERS.iter().chain(&NAMES) {
            let sql = translated(&format!("EXPLAIN QUERY PLAN {statement}"));
            let mut statement = connection.prepare(&sql).expect("a statement");
            let values = ["b", "c", "100", "alice"];
            let values = &values[..statement.parameter_count()];
            let plan = statement
                .query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3))
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .expect("a plan")
                .join("\n");
            assert!(plan.starts_with("SEARCH") && plan.contains("name>? AND name<?"), "{sql}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
        }
    }
}
