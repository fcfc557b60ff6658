//! One connection to the file.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, ffi};

use super::file::{self, Access, File, Identity};
use super::inspect;
use super::patience::{self, Counted};
use crate::store::Options;
use crate::store::error::{Error, Result};
use crate::store::older::Older;
use crate::store::session::{EachRow, Erased, Fact, ForEach, Row, Session, Sql, Statement, Value};

/// `kctl` in ASCII: what `PRAGMA application_id` of every keyctl store says.
pub(super) const APPLICATION_ID: i32 = 0x6B63_746C;

const STATEMENTS_KEPT: usize = 64;

/// A log of this many bytes is moved into the file by the next change, even if readers must
/// be waited for a little: SQLite's own moving never waits, and under steady load never ends
/// (measured: 175 MB of log beside 27 MB of data).
const LARGE_LOG: u64 = 8 * 1024 * 1024;
const PATIENCE_WITH_READERS: Duration = Duration::from_millis(50);

/// Each change waits so long for a purge before it. Litestream reads all the time.
const PATIENCE_IN_WIPING: Duration = Duration::from_millis(10);

/// What the log may hold when a connection closes: the next process reads and checksums all of
/// it before it can do anything (measured: 1.6 ms for 3.2 MB).
const LOG_LEFT: u64 = 256 * 1024;

/// In bulk, pages are kept in memory, since rows go to pages all over the file; and the log is
/// moved into the file by 128 MiB, since most of its pages are written again and again.
const BULK: &str = "PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 32768";

/// In one change of many rows: a page that is written out before its end is written again.
const LARGE: &str = "PRAGMA cache_size = -32768";

/// After it, as SQLite has it by default.
const SMALL: &str = "PRAGMA cache_size = -2000";

const CLOCK: &str = "the system's clock is wrong";

pub(crate) struct SqliteSession {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    /// What stood under that name when it was opened.
    identity: Option<Identity>,
    /// The schema's version when it was opened.
    schema: i64,
    options: Options,
    writable: bool,
    bulk: bool,
    large: bool,
    /// `$n` statements as SQLite takes them, by the address of the text they came from.
    translated: HashMap<(usize, usize), Arc<str>>,
    older: Older,
    _counted: Counted,
}

/// Opens an existing store; the second value is a warning.
pub(crate) fn open(file: &File, access: Access, options: Options) -> Result<(SqliteSession, Option<String>)> {
    let (path, warning) = file::examine(file, access)?;
    // Before it is opened: where another one takes its place meanwhile, that shows.
    let identity = file::identity(&path);
    let (connection, schema) = {
        let own = path.clone();
        patience::in_time(&path, options, move || connected(&own, access, options))?
    };
    let counted = Counted::new();
    let writable = access == Access::Change && !connection.is_readonly("main").map_err(map_error)?;
    let session = SqliteSession {
        connection,
        identity,
        schema,
        path,
        options,
        writable,
        bulk: false,
        large: false,
        translated: HashMap::new(),
        older: Older::default(),
        _counted: counted,
    };
    Ok((session, warning))
}

/// A connection through which something was read: the schema's version. Only a change may write the file: whoever
/// looks at a copy leaves it byte for byte as it is.
fn connected(path: &Path, access: Access, options: Options) -> Result<(Connection, i64)> {
    identify(path)?;
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
    let what = |what: &str| format!("{} {what}", path.display());
    let schema = immutable(path).map_err(map_error).and_then(|connection| inspect::schema_of(&connection));
    match schema {
        Ok(Some(schema)) if id == 0 || id == APPLICATION_ID => Error::Refused {
            what: what("has lost its application_id and user_version, as a dump that was read back has"),
            hint: format!(
                "mend it: sqlite3 {} 'PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {schema}'; \
                 then: keyctl store check",
                file::shell_word(path)
            ),
        },
        _ => Error::Refused {
            what: what("is a database of another application"),
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
fn identify(path: &Path) -> Result<()> {
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

/// Opens the file as one that nobody changes: without a lock, a log or a file beside it.
fn immutable(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    Connection::open_with_flags(immutable_uri(path), flags)
}

/// SQLite reads the first page of the file for it and takes no lock.
fn application_id(path: &Path) -> rusqlite::Result<i32> {
    let probe = immutable(path)?;
    // A process killed while it moved the log leaves a page one that counts pages which only the
    // log has. That is no damage, and this turns off the one check that looks. Without a log, a
    // file that is too short is cut off.
    if file::length(&file::beside(path, "-wal")) > 0 {
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

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(Some(number)) => ValueRef::Integer(*number),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Int(None) | Self::Text(None) => ValueRef::Null,
        }))
    }
}

/// The text as SQLite takes it. `$n` becomes `?n`: SQLite numbers `$n` by order of appearance and
/// would silently swap values that stand out of order. Names lose their schema.
pub(crate) fn translated(sql: &str) -> String {
    sql.replace('$', "?").replace("keyctl.", "").replace("public.", "")
}

impl SqliteSession {
    /// The schema's version when the file was opened.
    pub(crate) fn schema(&self) -> i64 {
        self.schema
    }

    /// Whether the file that was opened still has its name.
    pub(crate) fn is_current(&self) -> bool {
        self.identity.is_some() && self.identity == file::identity(&self.path)
    }

    /// Queries from now on are of a store of this schema.
    pub(crate) fn read_as(&mut self, older: Older) {
        self.older = older;
        self.translated.clear();
    }

    fn translated(&mut self, sql: &Sql) -> Arc<str> {
        let older = self.older;
        let translate = |text| translated(&older.stand_in(text, "main")).into();
        match sql {
            Sql::Fixed(text) => {
                let place = (text.as_ptr() as usize, text.len());
                self.translated.entry(place).or_insert_with(|| translate(text)).clone()
            }
            Sql::Built(text) => translate(text),
        }
    }

    fn end_large(&mut self) {
        if std::mem::take(&mut self.large) {
            let _ = self.connection.execute_batch(if self.bulk { BULK } else { SMALL });
        }
    }

    /// The change is durable already, so nothing depends on this. A reader that stays makes it
    /// wait in vain, so only about every sixteenth change tries.
    fn shorten_log(&mut self) {
        let bytes = file::length(&file::beside(&self.path, "-wal"));
        if !self.bulk && bytes > LARGE_LOG && (bytes >> 16).is_multiple_of(16) {
            let _ = self.connection.busy_timeout(PATIENCE_WITH_READERS);
            let _ = self.connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()));
            let _ = self.connection.busy_timeout(self.options.lock_timeout);
        }
    }

    /// What a purge could not wipe, since somebody read an older state, is wiped by the next change after that.
    fn finish_erasing(&mut self) {
        if file::beside(&self.path, file::UNWIPED).exists() {
            let _ = self.connection.busy_timeout(PATIENCE_IN_WIPING);
            let _ = self.wipe();
            let _ = self.connection.busy_timeout(self.options.lock_timeout);
        }
    }

    /// Moves the whole log into the file, and empties it.
    fn wipe(&mut self) -> Result<Wiped> {
        let wiped = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                let (busy, pages, moved): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                // Where another process is at it, SQLite counts neither.
                Ok(Wiped { file: pages >= 0 && pages == moved, log: busy == 0 })
            })
            .map_err(map_error)?;
        if wiped.log {
            let _ = fs::remove_file(file::beside(&self.path, file::UNWIPED));
        }
        Ok(wiped)
    }
}

/// Whether nothing of removed rows is left.
struct Wiped {
    /// In the file. A row's old page stays there until the log is moved.
    file: bool,
    /// In the log, which has pages of before.
    log: bool,
}

/// Leaves a short log behind. Others may be at work, so nothing is waited for.
impl Drop for SqliteSession {
    fn drop(&mut self) {
        if self.writable && file::length(&file::beside(&self.path, "-wal")) > LOG_LEFT {
            self.rollback();
            let _ = self.connection.busy_timeout(Duration::ZERO);
            if self.bulk {
                // Others can write meanwhile; what is left for the next line is short.
                let _ = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            }
            let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
    }
}

impl Session for SqliteSession {
    fn query(&mut self, sql: Sql, values: &[Value], each: &mut EachRow<'_>) -> Result<()> {
        let sql = self.translated(&sql);
        let mut statement = self.connection.prepare_cached(&sql).map_err(map_error)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(map_error)?;
        while let Some(row) = rows.next().map_err(map_error)? {
            each(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    fn execute(&mut self, statements: &[Statement]) -> Result<Vec<u64>> {
        let mut changed = Vec::with_capacity(statements.len());
        for Statement { sql, values } in statements {
            let sql = self.translated(&Sql::Fixed(sql));
            let mut statement = self.connection.prepare_cached(&sql).map_err(map_error)?;
            let rows = statement.execute(rusqlite::params_from_iter(values)).map_err(map_error)?;
            changed.push(rows as u64);
        }
        Ok(changed)
    }

    fn execute_for_each(&mut self, sql: ForEach, columns: &[Vec<&str>]) -> Result<()> {
        let sql = self.translated(&Sql::Fixed(sql.one));
        let mut statement = self.connection.prepare_cached(&sql).map_err(map_error)?;
        let rows = columns.first().map_or(0, Vec::len);
        for row in 0..rows {
            let values = columns.iter().map(|column| column[row]);
            statement.execute(rusqlite::params_from_iter(values)).map_err(map_error)?;
        }
        Ok(())
    }

    fn script(&mut self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(map_error)
    }

    fn begin_read(&mut self) -> Result<()> {
        self.script("BEGIN")
    }

    /// No writer keeps a reader of the file waiting.
    fn glance(&mut self, sql: Sql, values: &[Value], each: &mut EachRow<'_>) -> Result<()> {
        self.query(sql, values, each)
    }

    /// Waits for the lock in short naps of random length: SQLite's own waiting grows to
    /// 100 ms and lets newcomers overtake.
    fn begin_change(&mut self) -> Result<()> {
        #[expect(clippy::disallowed_methods, reason = "the wait for the lock is bounded in monotonic time")]
        let start = Instant::now();
        self.connection.busy_timeout(Duration::ZERO).map_err(map_error)?;
        let mut nap = 0_u64;
        let begun = loop {
            match self.connection.execute_batch("BEGIN IMMEDIATE").map_err(map_error) {
                Err(Error::Busy(_)) if start.elapsed() < self.options.lock_timeout => {
                    nap = nap.wrapping_mul(5).wrapping_add(u64::from(start.elapsed().subsec_nanos()));
                    thread::sleep(Duration::from_micros(200 + nap % 1800));
                }
                Err(Error::Busy(_)) => break Err(Error::Busy(start.elapsed())),
                other => break other,
            }
        };
        self.connection.busy_timeout(self.options.lock_timeout).map_err(map_error)?;
        begun
    }

    fn commit(&mut self) -> Result<()> {
        self.script("COMMIT").map_err(|error| {
            self.rollback();
            // An error of the disk may come after the commit record reached it.
            Error::Unknown(error.to_string())
        })?;
        self.end_large();
        self.shorten_log();
        self.finish_erasing();
        Ok(())
    }

    fn rollback(&mut self) {
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        self.end_large();
    }

    fn begin_bulk(&mut self) -> Result<()> {
        self.bulk = true;
        self.script(BULK)
    }

    fn begin_erasing(&mut self) {
        // It may be there already; and where it cannot be made, nothing can be changed either.
        let _ = file::create_private(&file::beside(&self.path, file::UNWIPED));
    }

    /// Removed rows are overwritten by `secure_delete`, at first in the log; both hold them until the log is
    /// moved into the file, which a reader of an older state prevents.
    fn erase(&mut self) -> Result<Erased> {
        self.begin_erasing();
        let Wiped { file, log } = self.wipe()?;
        let mut remains = Vec::new();
        let remain = |path: &Path| {
            format!(
                "{}: a reader holds an older state open; the next change after that ended wipes it",
                path.display()
            )
        };
        if !file {
            remains.push(remain(&self.path));
        }
        if !log {
            remains.push(remain(&file::beside(&self.path, "-wal")));
        }
        remains.extend(file::backups(&self.path).into_iter().map(|path| path.display().to_string()));
        remains.push("copies and backups of the file, snapshots of its file system".to_owned());
        Ok(Erased { complete: file && log, remains })
    }

    fn keeps_tokens_by_hash(&self) -> bool {
        true
    }

    fn begin_large(&mut self) -> Result<()> {
        self.large = true;
        self.script(LARGE)
    }

    fn peer(&self) -> (Option<String>, Option<String>) {
        (None, None)
    }

    fn facts(&mut self) -> Result<Vec<Fact>> {
        inspect::facts(self)
    }

    fn foreign_objects(&mut self) -> Result<Vec<String>> {
        inspect::foreign_objects(self)
    }

    fn damage(&mut self) -> Result<Vec<String>> {
        inspect::damage(self)
    }
}

/// Says what SQLite reported in the store's own terms.
#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(super) fn map_error(error: rusqlite::Error) -> Error {
    let refused = |what: &str, hint: &str| Error::Refused { what: what.to_owned(), hint: hint.to_owned() };
    if matches!(&error, rusqlite::Error::SqliteFailure(_, Some(message)) if message.contains(CLOCK)) {
        return Error::Clock;
    }
    match error.sqlite_error_code() {
        // The last is what SQLite says when it tried for ten seconds to get at the index of the log.
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            Error::Busy(Duration::ZERO)
        }
        Some(ErrorCode::NotADatabase) => refused(
            "the file is not a SQLite database, or damaged",
            "name a keyctl store; it was left as it is",
        ),
        Some(ErrorCode::DatabaseCorrupt) => refused(
            "the database file is damaged or cut off",
            "restore a backup; keyctl store check says more",
        ),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            refused("the database file cannot be opened", "check the permissions of the file and its folder")
        }
        Some(ErrorCode::ReadOnly) => refused(
            "the database cannot be written by this user",
            "run the command as the store's owner; its folder must be writable, too",
        ),
        Some(ErrorCode::DiskFull) => refused("the disk is full", "free some space; nothing was changed"),
        // Also a reader's: it makes the index of the log anew where nobody had the store open.
        Some(ErrorCode::SystemIoFailure) if lacks_room(&error) => refused(
            "a file of the store could not be written: no space is left, a limit on file sizes is reached, or the disk fails",
            "free some space, or raise the limit (ulimit -f); nothing was changed",
        ),
        Some(ErrorCode::OutOfMemory) => {
            refused("there is not enough memory", "raise the process's memory limit; nothing was changed")
        }
        _ => Error::Database(error.to_string()),
    }
}

/// Whether it was a write that failed, and not a read.
fn lacks_room(error: &rusqlite::Error) -> bool {
    let writes = [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_IOERR_TRUNCATE];
    error.sqlite_error().is_some_and(|error| writes.contains(&error.extended_code))
}
