//! A file that is no store yet: other programs of ours know it by its application id.

use rusqlite::OpenFlags;

use super::create::make_tables;
use super::error::map_error;
use super::file::{self, Access, File};
use super::opening::{APPLICATION_ID, UNFINISHED, application_id, connect};
use super::session::SqliteSession;
use crate::store::Options;
use crate::store::error::{Error, Result};
use crate::store::migrations::LATEST;
use crate::store::session::Session as _;

/// Makes one, where nothing is.
pub(crate) fn make_unfinished(
    file: &File,
    nonce: &str,
    options: Options,
    mark: impl FnOnce(&mut SqliteSession) -> Result<()>,
) -> Result<()> {
    file::create(file, nonce, |draft| {
        let connection = connect(draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let mut session = SqliteSession::in_memory(connection, options)?;
        session.script("PRAGMA synchronous = FULL; BEGIN IMMEDIATE")?;
        make_tables(&session.connection, LATEST)?;
        mark(&mut session)?;
        session.script(&format!("PRAGMA application_id = {UNFINISHED}; COMMIT; PRAGMA journal_mode = WAL"))
    })
}

/// Opens the one that is there. What refers to something is looked at in the end.
pub(crate) fn open_unfinished(file: &File, options: Options) -> Result<Option<SqliteSession>> {
    let path = match file::examine(file, Access::Change) {
        Err(Error::Missing(_)) => return Ok(None),
        examined => examined?.0,
    };
    if application_id(&path).map_err(map_error)? != UNFINISHED {
        return Err(Error::Exists(format!("{} exists already", path.display())));
    }
    let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let id: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(map_error)?;
    let mut session = SqliteSession::of_file(connection, path, options)?;
    if id == APPLICATION_ID {
        // Whoever finished it was killed before that stood in the file itself.
        session.finished()?;
        return Err(Error::Exists(format!("{} exists already", session.path.display())));
    }
    session.script("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = OFF")?;
    Ok(Some(session))
}
