//! New files, and older ones brought up to date.

use std::path::{Path, PathBuf};

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use super::error::map_error;
use super::file::{self, File};
use super::opening::{APPLICATION_ID, connect};
use super::session::{SqliteSession, translated};
use crate::store::Options;
use crate::store::error::{Error, Result};
use crate::store::head::FirstHead;
use crate::store::migrations::{self, LATEST};
use crate::store::session::{Session as _, Statement};

/// Backups kept beside the database when it is migrated.
const BACKUPS_KEPT: usize = 3;

/// Creates a store with all migrations applied. [`Error::Exists`] if the name is taken.
pub(crate) fn create(file: &File, first: &FirstHead) -> Result<()> {
    file::create(file, &first.nonce, |draft| fill(draft, first))
}

/// The draft is private, so it is written as one plain transaction; write-ahead mode comes
/// last and stays in the file.
fn fill(draft: &Path, first: &FirstHead) -> Result<()> {
    let connection = connect(draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch("PRAGMA synchronous = FULL; BEGIN IMMEDIATE").map_err(map_error)?;
    lay_out(&connection, first)?;
    connection.execute_batch("COMMIT; PRAGMA journal_mode = WAL").map_err(map_error)?;
    connection.close().map_err(|(_, error)| map_error(error))
}

pub(crate) fn imagine(options: Options, first: &FirstHead) -> Result<SqliteSession> {
    let connection = Connection::open_in_memory().map_err(map_error)?;
    lay_out(&connection, first)?;
    SqliteSession::in_memory(connection, options)
}

/// Creates a store of today's schema whose rows `write` writes in one transaction.
#[cfg(feature = "cli")]
pub(crate) fn create_with(
    file: &File,
    nonce: &str,
    options: Options,
    write: impl FnOnce(&mut SqliteSession) -> Result<()>,
) -> Result<()> {
    file::create(file, nonce, |draft| {
        let connection = connect(draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.execute_batch("PRAGMA synchronous = FULL").map_err(map_error)?;
        make_tables(&connection, LATEST)?;
        let mut session = SqliteSession::in_memory(connection, options)?;
        session.script("BEGIN IMMEDIATE")?;
        session.begin_replacing(&[])?;
        write(&mut session)?;
        session.script("COMMIT; PRAGMA journal_mode = WAL")
    })
}

/// An empty database on disk of this schema, which has no name and is gone with the value; a transaction has begun in
/// which rows are put into it, in any order.
#[cfg(feature = "cli")]
pub(crate) fn draft(schema: i64, options: Options) -> Result<SqliteSession> {
    let connection = Connection::open("").map_err(map_error)?;
    make_tables(&connection, schema)?;
    let mut session = SqliteSession::in_memory(connection, options)?;
    session.script(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192; PRAGMA foreign_keys = OFF; BEGIN",
    )?;
    Ok(session)
}

/// All rows are in it: what refers to something must find it. Then it is brought up to today's schema.
#[cfg(feature = "cli")]
pub(crate) fn finish_draft(session: &mut SqliteSession, schema: i64) -> Result<()> {
    session.script("COMMIT; BEGIN")?;
    let mut orphans = None;
    session.scan("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1", &mut |row| {
        orphans = Some(row.of("foreign_key_check").text(0)?.to_owned());
        Ok(())
    })?;
    if let Some(table) = orphans {
        return Err(Error::Database(format!("a row of {table} refers to nothing").into()));
    }
    for migration in migrations::after(schema) {
        session.script(migration.sqlite)?;
    }
    session.script(&format!(
        "PRAGMA user_version = {LATEST}; COMMIT; PRAGMA journal_mode = MEMORY; PRAGMA foreign_keys = ON"
    ))
}

/// Makes the tables of a schema.
pub(super) fn make_tables(connection: &Connection, schema: i64) -> Result<()> {
    for migration in migrations::after(0).filter(|migration| migration.version <= schema) {
        connection.execute_batch(migration.sqlite).map_err(map_error)?;
    }
    let identity = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {schema}");
    connection.execute_batch(&identity).map_err(map_error)
}

/// Makes the tables, and the first row.
fn lay_out(connection: &Connection, first: &FirstHead) -> Result<()> {
    make_tables(connection, LATEST)?;
    for Statement { sql, values, .. } in first.insert() {
        connection.execute(&translated(sql), rusqlite::params_from_iter(&values)).map_err(map_error)?;
    }
    Ok(())
}

/// Brings an older schema up to date after a backup beside it; returns the backup's path, or
/// `None` if there was nothing to do. Killed at any moment, it leaves the old schema or the
/// new one.
pub(crate) fn migrate(session: &mut SqliteSession) -> Result<Option<PathBuf>> {
    session.begin_change()?;
    let migrated = migrate_locked(session);
    match migrated {
        Ok(Some(_)) => {
            session.commit()?;
            file::prune_backups(&session.path, BACKUPS_KEPT);
        }
        _ => session.rollback(),
    }
    migrated
}

fn migrate_locked(session: &mut SqliteSession) -> Result<Option<PathBuf>> {
    let found = version(&session.connection)?;
    if found >= LATEST {
        return Ok(None);
    }
    let backup = back_up(session, found)?;
    for migration in migrations::after(found) {
        session.script(migration.sqlite)?;
    }
    session.script(&format!("PRAGMA user_version = {LATEST}"))?;
    Ok(Some(backup))
}

/// The same without the backup, taken back.
pub(crate) fn rehearse_migrate(session: &mut SqliteSession) -> Result<()> {
    session.begin_change()?;
    let found = version(&session.connection);
    let migrated = found.and_then(|found| {
        migrations::after(found).try_for_each(|migration| session.script(migration.sqlite))
    });
    session.rollback();
    migrated
}

/// Copies the last committed state through a connection of its own, while this one holds the
/// write lock.
fn back_up(session: &mut SqliteSession, schema: i64) -> Result<PathBuf> {
    let mut now = None;
    session.query("SELECT keyctl.now_ms()".into(), &[], &mut |row| {
        now = Some(row.of("head").int(0)?);
        Ok(())
    })?;
    let suffix = file::backup_suffix(now.unwrap_or_default(), schema);
    let path = super::path::beside(&session.path, &suffix);
    file::create_private(&path)?;
    let source = connect(&session.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut target = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let copied = Backup::new(&source, &mut target)
        .and_then(|backup| backup.run_to_completion(1000, std::time::Duration::ZERO, None));
    if let Err(error) = copied {
        let _ = std::fs::remove_file(&path);
        return Err(map_error(error));
    }
    Ok(path)
}

pub(super) fn version(connection: &Connection) -> Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(map_error)
}
