//! A file becomes a connection: what it is, is looked at before anything could be written beside it.

use std::fs;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::thread;
use std::time::Duration;

use nix::libc::{O_CLOEXEC, O_NOFOLLOW, O_NONBLOCK};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::{CLOCK, map_error};
use super::file::{self, Access};
use super::inspect;
use super::patience;
use crate::store::Options;
use crate::store::error::{Error, Result};

/// `kctl` in ASCII: what `PRAGMA application_id` of every keyctl store says.
pub(super) const APPLICATION_ID: i32 = 0x6B63_746C;

/// `kcpy`: what that of a copy says before its end.
#[cfg(feature = "cli")]
pub(super) const UNFINISHED: i32 = 0x6B63_7079;

const STATEMENTS_KEPT: usize = 64;

/// Whether a file that begins with these bytes is a store (SQLite's file format, "1.3. The Database
/// Header": the application's id is at byte 68).
pub fn begins_a_store(bytes: &[u8]) -> bool {
    bytes.starts_with(b"SQLite format 3\0") && bytes.get(68..72) == Some(&APPLICATION_ID.to_be_bytes())
}

/// A connection through which something was read: the schema's version. Only a change may write the file: whoever
/// looks at a copy leaves it byte for byte as it is.
pub(super) fn connected(path: &Path, access: Access, options: Options) -> Result<(Connection, i64)> {
    identify(path, options)?;
    let open = |mode| -> Result<_> {
        let connection = match access {
            Access::Glance if !file::has_wal_files(path) => immutable(path).map_err(map_error)?,
            _ => connect(path, mode)?,
        };
        configure(&connection, options)?;
        let schema = connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
        Ok((connection, schema))
    };
    let (read, write) = (OpenFlags::SQLITE_OPEN_READ_ONLY, OpenFlags::SQLITE_OPEN_READ_WRITE);
    let (mut connection, mut schema) = open(if access == Access::Change { write } else { read })?;
    // A process was killed in a change, outside of write-ahead mode: before anything can be read, that is taken back.
    let is_half_written = |error: &rusqlite::Error| error.sqlite_error_code() == Some(ErrorCode::ReadOnly);
    if access == Access::Read && schema.as_ref().is_err_and(is_half_written) {
        (connection, schema) = open(write)?;
    }
    let schema = schema.map_err(map_error)?;
    if schema == 0 {
        return Err(unmarked(path, APPLICATION_ID));
    }
    if access == Access::Change {
        // Another tool may have left write-ahead mode, which readers of other users need.
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
                 PRAGMA journal_size_limit = 4194304",
            )
            .map_err(map_error)?;
    }
    if access == Access::Read && options.memory_map > 0 {
        let sql = format!("PRAGMA mmap_size = {}", options.memory_map);
        connection.execute_batch(&sql).map_err(map_error)?;
    }
    Ok((connection, schema))
}

/// A file that does not say that it is a store, or of which schema. With all of our tables it was one: a dump
/// has what stands in tables, and neither of these two.
fn unmarked(path: &Path, id: i32) -> Error {
    #[cfg(feature = "cli")]
    if id == UNFINISHED {
        return Error::Unfinished(path.display().to_string());
    }
    let what = |what: &str| format!("{} {what}", path.display());
    let schema = immutable(path).map_err(map_error).and_then(|connection| inspect::schema_of(&connection));
    match schema {
        Ok(Some(schema)) if id == 0 || id == APPLICATION_ID => Error::Refused {
            what: what("has lost its application_id and user_version, as a dump that was read back has")
                .into(),
            hint: format!(
                "mend it: sqlite3 {} 'PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {schema}'; \
                 then: keyctl store check",
                super::path::shell_word(path)
            ),
        },
        _ => Error::Refused {
            what: what("is a database of another application").into(),
            hint: "name a keyctl store, or create one elsewhere with keyctl store init".to_owned(),
        },
    }
}

pub(super) fn connect(path: &Path, mode: OpenFlags) -> Result<Connection> {
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    Connection::open_with_flags(path, flags).map_err(map_error)
}

/// How often, and how far apart, a file is looked at that seems to be cut off.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// Makes sure that the file is a keyctl store before anything could be written beside it.
///
/// It is read without a lock, so a log that another process moves into the file at this moment
/// may look like damage; only what stays is.
fn identify(path: &Path, options: Options) -> Result<()> {
    if patience::may_be_touched(options) && has_the_head_of_a_store(path) {
        return Ok(());
    }
    let mut looks = 1;
    let id = loop {
        match application_id(path) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) && looks < LOOKS => {
                looks += 1;
                thread::sleep(BETWEEN_LOOKS);
            }
            read => break read.map_err(map_error)?,
        }
    };
    if id == APPLICATION_ID { Ok(()) } else { Err(unmarked(path, id)) }
}

/// What SQLite makes sure of as it opens a whole file of ours (its file format, "1.3. The Database Header"), at a tenth
/// of the price. Of anything else SQLite says what it is.
fn has_the_head_of_a_store(path: &Path) -> bool {
    let Some((head, length)) = head(path) else { return false };
    let number =
        |at: usize| head[at..at + 4].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    // 1 stands for 65,536.
    let page = match u64::from(head[16]) << 8 | u64::from(head[17]) {
        1 => 65_536,
        size => size,
    };
    let (is_counted, pages) = (number(24) == number(92), number(28));
    begins_a_store(&head)
        && page.is_power_of_two()
        && page >= 512
        && (1..=2).contains(&head[18])
        && (1..=2).contains(&head[19])
        && head[20] == 0
        && head[21..24] == [64, 32, 32]
        && is_counted
        && pages > 0
        && pages * page <= length
}

/// The first bytes of a file that is no link, and its length. Only where it may be opened and closed beside SQLite.
pub(super) fn head(path: &Path) -> Option<([u8; 100], u64)> {
    let flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    let mut head = [0; 100];
    file.read_exact_at(&mut head, 0).ok()?;
    Some((head, file.metadata().ok()?.len()))
}

/// Opens the file as one that nobody changes: without a lock, a log or a file beside it.
fn immutable(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    Connection::open_with_flags(immutable_uri(path), flags)
}

/// SQLite reads the first page of the file for it and takes no lock.
pub(super) fn application_id(path: &Path) -> rusqlite::Result<i32> {
    let probe = immutable(path)?;
    // A process killed while it moved the log leaves a page one that counts pages which only the
    // log has. That is no damage, and this turns off the one check that looks. Without a log, a
    // file that is too short is cut off.
    if file::length(&super::path::beside(path, "-wal")) > 0 {
        probe.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
    }
    probe.query_row("PRAGMA application_id", [], |row| row.get(0))
}

fn immutable_uri(path: &Path) -> String {
    use std::fmt::Write as _;
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri + "?immutable=1"
}

pub(super) fn configure(connection: &Connection, options: Options) -> Result<()> {
    let apply = || {
        connection.busy_timeout(options.lock_timeout)?;
        connection.execute_batch("PRAGMA temp_store = MEMORY")?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        // Else statements are prepared again when their values change (a fifth of a mint).
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
        connection.create_scalar_function("now_ms", 0, flags, move |_| {
            let now = (options.clock)().ok_or_else(|| rusqlite::Error::UserFunctionError(CLOCK.into()))?;
            Ok(now.as_millis())
        })
    };
    apply().map_err(map_error)
}
