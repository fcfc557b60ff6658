//! What `store status` and `store check` learn from the file itself.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use super::error::map_error;
use super::file;
use crate::store::error::Result;
use crate::store::migrations;
use crate::store::session::{Fact, FactValue};

pub(super) fn facts(connection: &Connection, path: &Path) -> Result<Vec<Fact>> {
    let bytes = |suffix: &str| {
        let length = file::length(&super::path::beside(path, suffix));
        FactValue::Number(i64::try_from(length).unwrap_or(i64::MAX))
    };
    let journal: String =
        connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(map_error)?;
    let mut facts = vec![
        ("product", format!("SQLite {}", rusqlite::version()).into()),
        ("location", path.display().to_string().into()),
        ("journal", journal.into()),
        ("bytes", bytes("")),
        ("wal_bytes", bytes("-wal")),
    ];
    let tables: Vec<String> = objects(connection)?.into_keys().filter(|name| is_litestreams(name)).collect();
    let tables = if tables.is_empty() { FactValue::Absent } else { tables.join(", ").into() };
    facts.push(("litestream", tables));
    Ok(facts)
}

/// Whether Litestream made it, which copies the log elsewhere and keeps tables of its own in each database.
/// Nothing of ours reads them, and a trigger or view of that name is anybody's.
fn is_litestreams(name: &str) -> bool {
    name.starts_with("table _litestream_")
}

/// Compares the schema with the one that the migrations make. SQLite's own statistics tables
/// are nobody's objects, nor are Litestream's.
pub(super) fn foreign_objects(connection: &Connection) -> Result<Vec<String>> {
    let ours = Connection::open_in_memory().map_err(map_error)?;
    for migration in migrations::after(0) {
        ours.execute_batch(migration.sqlite).map_err(map_error)?;
    }
    let expected = objects(&ours)?;
    let mut found = objects(connection)?;
    let mut differences = Vec::new();
    for (name, sql) in expected {
        match found.remove(&name) {
            None => differences.push(format!("{name} is missing")),
            Some(other) if other != sql => differences.push(format!("{name} is not as keyctl made it")),
            Some(_) => {}
        }
    }
    let foreign = found.into_keys().filter(|name| !is_litestreams(name));
    differences.extend(foreign.map(|name| format!("{name} is not keyctl's")));
    Ok(differences)
}

/// The newest schema of which all objects are there.
pub(super) fn schema_of(connection: &Connection) -> Result<Option<i64>> {
    let found = objects(connection)?;
    let ours = Connection::open_in_memory().map_err(map_error)?;
    let mut newest = None;
    for migration in migrations::after(0) {
        ours.execute_batch(migration.sqlite).map_err(map_error)?;
        if objects(&ours)?.iter().all(|(name, sql)| found.get(name) == Some(sql)) {
            newest = Some(migration.version);
        }
    }
    Ok(newest)
}

fn objects(connection: &Connection) -> Result<BTreeMap<String, String>> {
    let read = || {
        let mut statement = connection.prepare(
            "SELECT type || ' ' || name, COALESCE(sql, '') FROM sqlite_schema
             WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<BTreeMap<_, _>>>()
    };
    read().map_err(map_error)
}

pub(super) fn damage(connection: &Connection) -> Result<Vec<String>> {
    let read = |pragma: &str| {
        let mut statement = connection.prepare(pragma)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let mut found = read("PRAGMA integrity_check").map_err(map_error)?;
    found.retain(|line| line != "ok");
    let orphans = read("PRAGMA foreign_key_check").map_err(map_error)?;
    found.extend(orphans.into_iter().map(|table| format!("a row of {table} refers to nothing")));
    Ok(found)
}
