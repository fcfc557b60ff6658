//! A map on disk, for what is computed of a whole store and may not fit into memory.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::caused::Caused;
use super::error::{Error, Result};

/// Texts by their names, in a temporary file that has no name and is gone with the value.
pub struct Scratch(Connection);

/// Little memory: what does not fit goes to the file, and so to the system's own cache of it.
const SETTINGS: &str = "PRAGMA temp_store = FILE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
    PRAGMA cache_size = -512;
    CREATE TABLE entry (name TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
    BEGIN";

fn failed(error: rusqlite::Error) -> Error {
    let what = format!("the temporary file for the check cannot be used: {error}");
    Error::Database(Caused::by(what, error))
}

impl Scratch {
    /// An empty one. SQLite removes the file's name as soon as it has made it.
    pub fn new() -> Result<Self> {
        let connection = Connection::open("").map_err(failed)?;
        connection.execute_batch(SETTINGS).map_err(failed)?;
        Ok(Self(connection))
    }

    pub fn get(&self, name: &str) -> Result<Option<String>> {
        let mut statement =
            self.0.prepare_cached("SELECT text FROM entry WHERE name = ?1").map_err(failed)?;
        statement.query_row([name], |row| row.get(0)).optional().map_err(failed)
    }

    pub fn put(&mut self, name: &str, text: &str) -> Result<()> {
        let sql = "INSERT INTO entry VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET text = ?2";
        let mut statement = self.0.prepare_cached(sql).map_err(failed)?;
        statement.execute(params![name, text]).map(drop).map_err(failed)
    }

    /// Forgets this name, and returns its text.
    pub fn take(&mut self, name: &str) -> Result<Option<String>> {
        let mut statement =
            self.0.prepare_cached("DELETE FROM entry WHERE name = ?1 RETURNING text").map_err(failed)?;
        statement.query_row([name], |row| row.get(0)).optional().map_err(failed)
    }

    /// Up to 500 names that begin so, in their order behind `after`, and their texts.
    pub fn beginning(&self, start: &str, after: &str) -> Result<Vec<(String, String)>> {
        let end = format!("{start}\u{10ffff}");
        let sql = "SELECT name, text FROM entry WHERE name >= ?1 AND name < ?2 AND name > ?3 ORDER BY name LIMIT 500";
        let mut statement = self.0.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map([start, &end, after], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.and_then(Iterator::collect).map_err(failed)
    }
}
