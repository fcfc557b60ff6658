//! One connection to the file.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, thread};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, ToSql};

#[cfg(feature = "cli")]
use super::carrying;
use super::error::map_error;
#[cfg(feature = "cli")]
use super::file::Seen;
use super::file::{self, Access, File, Identity};
use super::patience::{self, Counted};
use super::{inspect, opening};
use crate::domain::points;
use crate::store::Options;
use crate::store::caused::Caused;
#[cfg(feature = "cli")]
use crate::store::column::Column;
use crate::store::error::{Error, Result};
use crate::store::migrations::LATEST;
use crate::store::older::Older;
use crate::store::session::{EachRow, Erased, Fact, ForEach, Row, Session, Sql, Statement, Value};

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

/// For a few rows: the upper pages of the b-trees that they are found by. Each page more of memory is filled in by the
/// kernel, which takes longer than to read a page of the file once more.
const FEW: &str = "PRAGMA cache_size = 24";

pub(crate) struct SqliteSession {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    /// What stood under that name when it was opened.
    identity: Option<Identity>,
    /// How the file was named, for a look at it before the next job.
    #[cfg(feature = "cli")]
    pub(super) given: Option<File>,
    #[cfg(feature = "cli")]
    pub(super) seen: Option<Seen>,
    /// The schema's version when it was opened.
    schema: i64,
    options: Options,
    pub(super) writable: bool,
    bulk: bool,
    large: bool,
    /// `$n` statements as SQLite takes them, by the address of the text they came from.
    translated: HashMap<(usize, usize), String, BuildHasherDefault<Placed>>,
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
        patience::in_time(&path, options, move || opening::connected(&own, access, options))?
    };
    let counted = Counted::new();
    let writable = access == Access::Change && !connection.is_readonly("main").map_err(map_error)?;
    let session = SqliteSession {
        connection,
        identity,
        #[cfg(feature = "cli")]
        given: Some(file.clone()),
        #[cfg(feature = "cli")]
        seen: None,
        schema,
        path,
        options,
        writable,
        bulk: false,
        large: false,
        translated: HashMap::default(),
        older: Older::default(),
        _counted: counted,
    };
    Ok((session, warning))
}

/// The hash of a text's place in the program. Nobody from outside chooses one, so a product will do.
#[derive(Default)]
struct Placed(u64);

impl Hasher for Placed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = (self.0.rotate_left(5) ^ number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
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
    pub(super) fn in_memory(connection: Connection, options: Options) -> Result<Self> {
        opening::configure(&connection, options)?;
        Ok(Self {
            connection,
            path: PathBuf::new(),
            identity: None,
            #[cfg(feature = "cli")]
            given: None,
            #[cfg(feature = "cli")]
            seen: None,
            schema: LATEST,
            options,
            writable: false,
            bulk: false,
            large: false,
            translated: HashMap::default(),
            older: Older::default(),
            _counted: Counted::new(),
        })
    }

    /// A file that is no store yet.
    #[cfg(feature = "cli")]
    pub(super) fn of_file(connection: Connection, path: PathBuf, options: Options) -> Result<Self> {
        let mut session = Self::in_memory(connection, options)?;
        session.path = path;
        session.writable = true;
        Ok(session)
    }

    /// The schema's version when the file was opened.
    pub(crate) fn schema(&self) -> i64 {
        self.schema
    }

    /// Whether the file that was opened still has its name.
    pub(crate) fn is_current(&self) -> bool {
        self.identity.is_some() && self.identity == file::identity(&self.path)
    }

    /// Whether this is the file that was opened.
    #[cfg(feature = "cli")]
    pub(super) fn is_of(&self, identity: Identity) -> bool {
        self.identity == Some(identity)
    }

    /// Queries from now on are of a store of this schema.
    pub(crate) fn read_as(&mut self, older: Older) {
        self.older = older;
        self.translated.clear();
    }

    /// Where it is refused, it is as before.
    pub(crate) fn reads_few(&mut self) {
        let _ = self.connection.execute_batch(FEW);
    }

    /// A reader's locks end with its process. A writer's log is looked after as always.
    pub(crate) fn leave(self) {
        if !self.writable {
            std::mem::forget(self);
        }
    }

    fn prepared(&mut self, sql: &Sql) -> Result<CachedStatement<'_>> {
        let older = self.older;
        let translate = |text| translated(&older.stand_in(text, "main"));
        let prepared = match sql {
            Sql::Fixed(text) => {
                let place = (text.as_ptr() as usize, text.len());
                self.connection
                    .prepare_cached(self.translated.entry(place).or_insert_with(|| translate(text)))
            }
            Sql::Built(text) => self.connection.prepare_cached(&translate(text)),
        };
        prepared.map_err(map_error)
    }

    /// A statement without values or rows, kept prepared.
    fn run(&self, sql: &str) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql).map_err(map_error)?;
        statement.execute([]).map(drop).map_err(map_error)
    }

    /// Refuses where the store went elsewhere. In a schema that knows of no moves, none was made.
    fn moved(&self) -> Result<()> {
        let sql = "SELECT CASE WHEN moved_at IS NULL THEN 'is being moved' ELSE 'has moved' END || ' to ' || moved_to
            FROM head WHERE moved_to IS NOT NULL";
        let Ok(mut statement) = self.connection.prepare_cached(sql) else { return Ok(()) };
        let found = statement.query_row([], |row| row.get::<_, String>(0)).optional().map_err(map_error)?;
        found.map_or(Ok(()), |moved| Err(Error::Moved(format!("the store {moved}"))))
    }

    fn end_large(&mut self) {
        if std::mem::take(&mut self.large) {
            let _ = self.connection.execute_batch(if self.bulk { BULK } else { SMALL });
        }
    }

    /// The change is durable already, so nothing depends on this. A reader that stays makes it
    /// wait in vain, so only about every sixteenth change tries.
    fn shorten_log(&mut self) {
        let bytes = file::length(&super::path::beside(&self.path, "-wal"));
        if !self.bulk && bytes > LARGE_LOG && (bytes >> 16).is_multiple_of(16) {
            let _ = self.connection.busy_timeout(PATIENCE_WITH_READERS);
            let _ = self.connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()));
            let _ = self.connection.busy_timeout(self.options.lock_timeout);
        }
    }

    /// What a purge could not wipe, since somebody read an older state, is wiped by the next change after that.
    fn finish_erasing(&mut self) {
        if super::path::beside(&self.path, file::UNWIPED).exists() {
            let _ = self.connection.busy_timeout(PATIENCE_IN_WIPING);
            let _ = self.wipe();
            let _ = self.connection.busy_timeout(self.options.lock_timeout);
        }
    }

    /// Moves the log into the file, for whoever asked for that. [`Error::Busy`] where a reader keeps some of it.
    #[cfg(feature = "cli")]
    pub(crate) fn move_log(&mut self) -> Result<()> {
        if self.wipe()?.log { Ok(()) } else { Err(Error::Busy(Duration::ZERO)) }
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
            let _ = fs::remove_file(super::path::beside(&self.path, file::UNWIPED));
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
        if self.writable && file::length(&super::path::beside(&self.path, "-wal")) > LOG_LEFT {
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
        let mut statement = self.prepared(&sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(map_error)?;
        while let Some(row) = rows.next().map_err(map_error)? {
            each(&Row::Sqlite(row))?;
        }
        points::wrote(sql.text());
        Ok(())
    }

    fn query_one(&mut self, sql: Sql, values: &[Value], each: &mut EachRow<'_>) -> Result<()> {
        let mut statement = self.prepared(&sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(map_error)?;
        match rows.next().map_err(map_error)? {
            Some(row) => each(&Row::Sqlite(row)),
            None => Ok(()),
        }
    }

    fn execute(&mut self, statements: &[Statement]) -> Result<Vec<u64>> {
        let mut changed = Vec::with_capacity(statements.len());
        for alike in statements.chunk_by(|one, next| std::ptr::eq(one.sql, next.sql)) {
            let mut statement = self.prepared(&Sql::Fixed(alike[0].sql))?;
            for Statement { values, .. } in alike {
                let rows = statement.execute(rusqlite::params_from_iter(values)).map_err(map_error)?;
                changed.push(rows as u64);
            }
            points::wrote(alike[0].sql);
        }
        Ok(changed)
    }

    fn execute_for_each(&mut self, sql: ForEach, columns: &[Vec<&str>]) -> Result<()> {
        let mut statement = self.prepared(&Sql::Fixed(sql.one))?;
        let rows = columns.first().map_or(0, Vec::len);
        for row in 0..rows {
            let values = columns.iter().map(|column| column[row]);
            statement.execute(rusqlite::params_from_iter(values)).map_err(map_error)?;
        }
        points::wrote(sql.one);
        Ok(())
    }

    fn script(&mut self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(map_error)?;
        points::wrote(sql);
        Ok(())
    }

    #[cfg(feature = "cli")]
    fn scan(&mut self, sql: &str, each: &mut EachRow<'_>) -> Result<()> {
        carrying::scan(&self.connection, &translated(sql), each)
    }

    #[cfg(feature = "cli")]
    fn columns(&mut self, table: &str) -> Result<Vec<Column>> {
        carrying::columns(&self.connection, table)
    }

    #[cfg(feature = "cli")]
    fn insert_rows(
        &mut self,
        table: &str,
        columns: &[Column],
        rows: &[Vec<u8>],
        otherwise: &str,
    ) -> Result<()> {
        carrying::insert(&self.connection, table, columns, rows, otherwise)?;
        points::reached("behind carried rows");
        Ok(())
    }

    #[cfg(feature = "cli")]
    fn primary_key(&mut self, table: &str) -> Result<Vec<String>> {
        carrying::primary_key(&self.connection, table)
    }

    #[cfg(feature = "cli")]
    fn begin_finishing(&mut self) -> Result<()> {
        self.script("PRAGMA synchronous = FULL")
    }

    #[cfg(feature = "cli")]
    fn finished(&mut self) -> Result<()> {
        self.wipe().map(drop)
    }

    /// What refers to something must find it: that was not looked at before.
    #[cfg(feature = "cli")]
    fn end_unfinished(&mut self) -> Result<()> {
        let mut orphans = None;
        self.scan("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1", &mut |row| {
            orphans = Some(row.of("foreign_key_check").text(0)?.to_owned());
            Ok(())
        })?;
        if let Some(table) = orphans {
            return Err(Error::Database(format!("a row of {table} refers to nothing").into()));
        }
        let id = opening::APPLICATION_ID;
        self.script(&format!(
            "DROP TABLE copying; PRAGMA application_id = {id}; PRAGMA user_version = {LATEST}"
        ))
    }

    /// The write lock keeps everybody else off.
    #[cfg(feature = "cli")]
    fn begin_replacing(&mut self, _: &[&str]) -> Result<()> {
        self.begin_large()?;
        self.script("PRAGMA defer_foreign_keys = ON")
    }

    #[cfg(feature = "cli")]
    fn remove_rows(&mut self, table: &str) -> Result<()> {
        self.script(&format!("DELETE FROM {table}"))
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
            match self.run("BEGIN IMMEDIATE") {
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

    /// The lock is the same; a store that moved takes nothing of use either.
    fn begin_use(&mut self) -> Result<()> {
        self.begin_change()?;
        let moved = self.moved();
        if moved.is_err() {
            self.rollback();
        }
        moved
    }

    fn commit(&mut self) -> Result<()> {
        points::reached("before the commit");
        self.run("COMMIT").map_err(|error| {
            self.rollback();
            // An error of the disk may come after the commit record reached it.
            Error::Unknown(Caused::by(error.to_string(), error))
        })?;
        points::reached("behind the commit");
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
        let _ = file::create_private(&super::path::beside(&self.path, file::UNWIPED));
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
            remains.push(remain(&super::path::beside(&self.path, "-wal")));
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
        inspect::facts(&self.connection, &self.path)
    }

    fn foreign_objects(&mut self) -> Result<Vec<String>> {
        inspect::foreign_objects(&self.connection)
    }

    fn damage(&mut self) -> Result<Vec<String>> {
        inspect::damage(&self.connection)
    }
}
