//! One connection to the server.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use futures_util::future::{join3, join4};
use tokio::runtime::Runtime;
use tokio_postgres::Client;
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::{ToSql, Type};

use super::cancel::cancel;
use super::cause::Cause;
use super::connect::{caused, innermost};
use super::dsn::Dsn;
use crate::domain::stores::address::Tls;
use crate::store::caused::Caused;
use crate::store::error::{Error, Result};
use crate::store::older::Older;
use crate::store::session::{Session as _, Value};
use crate::store::{Options, Peer};

/// A statement that takes longer is given up: the server hangs.
pub(super) const ANSWER: Duration = Duration::from_secs(30);

/// A client that stops or vanishes in a change holds the write lock no longer than this.
/// Delivering a token takes at most two seconds.
const IDLE_IN_CHANGE: Duration = Duration::from_secs(10);

/// What is compiled here takes longer to compile than to run: 90 ms for a key with children, where
/// nothing is known yet of how many there are.
pub(super) const UNCOMPILED: &str = "SET LOCAL jit = off";

/// What nobody waits for long: see [`glance`](crate::store::session::Session::glance).
pub(super) const GLANCE: &str = "SET LOCAL statement_timeout = 2000";
pub(super) const GLANCE_WAITS: Duration = Duration::from_millis(300);

/// What is written of use: it is put off rather than waited for, and a client that hangs in it is thrown out.
pub(super) const USE: &str = "SET LOCAL statement_timeout = 5000; SET LOCAL idle_in_transaction_session_timeout = 5000; SET LOCAL synchronous_commit = local";
pub(super) const USE_WAITS: Duration = Duration::from_secs(1);

/// The same with the way there and back.
pub(super) const GLANCED: Duration = Duration::from_secs(4);

/// Where changes are announced. A listener must listen on it, and reads the mark.
#[cfg(feature = "serve")]
pub(super) const CHANGED: &str = "keyctl_changed";

/// At opening it was no standby.
const FROZEN: &str = "the database is frozen: it takes no changes (default_transaction_read_only is on, or it became a standby)";
const THAWED: &str = "nothing was changed; ask who froze it, as one does before a move";

/// What to do where a server may not be written.
pub(super) const PRIMARY: &str = "name the primary in the address; of several hosts in it (HOST1,HOST2) the first that is up \
    and no standby is used";

const SCHEMA: &str = "SELECT MAX(version) FROM keyctl.schema_migration";

/// What a function of the store says where that moved (migration 30).
const MOVED: &str = "KM001";

/// Takes the store's write lock; the row says who does.
pub(super) const LOCK: &str = "SELECT CAST(pg_catalog.pg_backend_pid() AS BIGINT),
        CAST(EXTRACT(EPOCH FROM pg_catalog.now()) * 1000000 AS BIGINT)
    FROM keyctl.head WHERE id = 1 FOR UPDATE";

/// The server's process that runs a transaction, and when that began, in microseconds: through a pooler
/// another one runs the next. A role may see what its own sessions do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    pub(super) pid: i64,
    pub(super) began: i64,
}

impl Running {
    /// From the row of [`LOCK`].
    pub(super) fn of(row: &tokio_postgres::Row) -> Option<Self> {
        Some(Self { pid: row.try_get(0).ok()?, began: row.try_get(1).ok()? })
    }
}

/// What comes on top of the server's wait for a lock: the way there and back.
pub(super) const ON_THE_WAY: Duration = Duration::from_secs(5);

pub(crate) struct PostgresSession {
    pub(super) runtime: Runtime,
    pub(super) client: Client,
    pub(super) options: Options,
    /// A statement that takes longer is given up.
    pub(super) answer: Duration,
    /// Whether a single statement is given bounds, in a transaction of its own.
    pub(super) bounds_each: bool,
    pub(super) in_transaction: bool,
    /// How long what was asked last waits for a lock.
    pub(super) lock_wait: Cell<Duration>,
    /// The server did not answer in time: nothing more is asked of this connection.
    pub(super) broken: Cell<bool>,
    /// For a second connection, where this one waits or is given up.
    pub(super) dsn: Box<Dsn>,
    /// How this connection is encrypted.
    pub(super) tls: Tls,
    /// Who runs the change at the server.
    pub(super) running: Cell<Option<Running>>,
    pub(super) location: String,
    pub(super) older: Older,
    pub(super) peer: Peer,
    /// The schema's version as it was read with the first statement, until it is asked for.
    pub(super) first_seen: Option<i64>,
}

pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

pub(super) fn parameters(values: &[Value]) -> Vec<Parameter<'_>> {
    values.iter().map(parameter).collect()
}

fn parameter(value: &Value) -> Parameter<'_> {
    match value {
        Value::Int(number) => (number, Type::INT8),
        Value::Text(text) => (text, Type::TEXT),
        Value::Blob(bytes) => (bytes, Type::BYTEA),
    }
}

impl PostgresSession {
    /// Whether nothing can be asked of this connection any more.
    #[cfg(feature = "cli")]
    pub(crate) fn is_gone(&self) -> bool {
        self.broken.get() || self.client.is_closed()
    }

    /// Runs a future on this session's runtime, which also drives the connection.
    pub(super) fn run<T>(&self, work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T> {
        self.run_within(self.answer, work)
    }

    pub(super) fn run_within<T>(
        &self,
        within: Duration,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        if self.broken.get() {
            return Err(Error::Slow(format!("{} did not answer before", self.location).into()));
        }
        let bounded = async { tokio::time::timeout(within, work).await };
        if let Ok(done) = self.runtime.block_on(bounded) {
            done.map_err(|error| self.map_error(&error))
        } else {
            self.broken.set(true);
            cancel(&self.runtime, &self.dsn, self.tls, &self.client.cancel_token());
            let waited = within.as_secs();
            Err(Error::Slow(format!("{} did not answer within {waited} s", self.location).into()))
        }
    }

    pub(super) fn map_error(&self, error: &tokio_postgres::Error) -> Error {
        Mapping { location: &self.location, lock_wait: self.lock_wait.get() }.of(error)
    }

    /// How long a change waits for a lock, and others for this client.
    pub(super) fn bounds(&self) -> String {
        let idle = IDLE_IN_CHANGE.as_millis();
        format!("{}; SET LOCAL idle_in_transaction_session_timeout = {idle}", self.lock_bound())
    }

    /// How long a transaction waits for a lock.
    pub(super) fn lock_bound(&self) -> String {
        self.waiting(self.options.lock_timeout)
    }

    /// The same of one that has its own way to wait.
    pub(super) fn waiting(&self, wait: Duration) -> String {
        self.lock_wait.set(wait);
        format!("SET LOCAL lock_timeout = {}", wait.as_millis().max(1))
    }

    /// Begins a transaction in which the schema is made or changed; `lock` is its first statement.
    pub(super) fn begin_making(&mut self, lock: &str) -> Result<()> {
        self.in_transaction = true;
        self.script(&format!("BEGIN; {}; SET LOCAL synchronous_commit = on; {lock}", self.bounds()))
    }

    /// Begins a transaction for a look at the objects of ours, to be rolled back.
    pub(super) fn begin_looking(&mut self, settings: &str) -> Result<()> {
        self.in_transaction = true;
        self.script(&format!("BEGIN READ WRITE; {}; {settings}", self.lock_bound()))
    }

    /// Runs one statement in a transaction of its own that only reads: what bounds it can be set
    /// only there, since a setting of the session would stay with a pooler's connection. All of it
    /// travels at once.
    pub(super) fn query_bounded(
        &self,
        bounds: &str,
        within: Duration,
        sql: &str,
        values: &[Value],
    ) -> Result<Vec<tokio_postgres::Row>> {
        let begin = format!("BEGIN READ ONLY; {bounds}");
        let parameters = parameters(values);
        let all = join3(
            self.client.batch_execute(&begin),
            self.client.query_typed(sql, &parameters),
            self.client.batch_execute("ROLLBACK"),
        );
        self.run_within(within, async {
            let (started, rows, ended) = all.await;
            started.and(rows).and_then(|rows| ended.map(|()| rows))
        })
    }

    /// Asks the first statement of all. The schema's version is read on the same way, since every
    /// command asks for it next; where it cannot be, [`Self::schema`] says why.
    pub(super) fn first_query(&mut self, sql: &str) -> Result<Vec<tokio_postgres::Row>> {
        if !self.bounds_each {
            return self.run(self.client.query_typed(sql, &[]));
        }
        let begin = format!("BEGIN READ ONLY; {}; {UNCOMPILED}", self.lock_bound());
        let all = join4(
            self.client.batch_execute(&begin),
            self.client.query_typed(sql, &[]),
            self.client.query_typed(SCHEMA, &[]),
            self.client.batch_execute("ROLLBACK"),
        );
        let within = self.answer.max(self.options.lock_timeout + ON_THE_WAY);
        let (rows, schema) = self.run_within(within, async {
            let (started, rows, schema, ended) = all.await;
            started?;
            let rows = rows?;
            let schema = match schema {
                Ok(rows) => rows.first().and_then(|row| row.try_get(0).ok()),
                Err(error) if is_no_store(&error) => None,
                Err(error) => return Err(error),
            };
            ended.map(|()| (rows, schema))
        })?;
        self.first_seen = schema;
        Ok(rows)
    }

    /// How this connection is encrypted: as the address asks for, or it was not made.
    pub(super) fn encryption(&self) -> &'static str {
        match self.tls {
            Tls::Disable => "none",
            Tls::Require => "require",
            Tls::VerifyCa => "verify-ca",
            Tls::VerifyFull => "verify-full",
        }
    }

    /// Queries from now on are of a store of this schema.
    pub(crate) fn read_as(&mut self, older: Older) {
        self.older = older;
    }

    /// The schema's version; [`Error::Missing`] if there is no store.
    pub(crate) fn schema(&mut self) -> Result<i64> {
        if let Some(seen) = self.first_seen.take().filter(|_| !self.in_transaction) {
            return Ok(seen);
        }
        let mut found = None;
        let read = self.query(SCHEMA.into(), &[], &mut |row| {
            found = row.of("schema_migration").opt_int(0)?;
            Ok(())
        });
        match read {
            Err(Error::Missing(place)) => return Err(self.missing_or_closed(place)),
            other => other?,
        }
        #[cfg(feature = "cli")]
        if found.is_none() && self.is_unfinished()? {
            return Err(Error::Unfinished(self.location.clone()));
        }
        found.ok_or_else(|| Error::Missing(self.location.as_str().into()))
    }
}

impl PostgresSession {
    /// What the role may not use, it may not be told of.
    fn missing_or_closed(&mut self, place: Caused) -> Error {
        let mut closed = false;
        let sql = "SELECT 1::bigint FROM pg_catalog.pg_namespace
            WHERE nspname = 'keyctl' AND NOT pg_catalog.has_schema_privilege(oid, 'USAGE')";
        let asked = self.query(sql.into(), &[], &mut |_| {
            closed = true;
            Ok(())
        });
        match asked {
            Ok(()) if closed => refused_privilege("permission denied for schema keyctl", None),
            _ => Error::Missing(place),
        }
    }
}

/// What the client's errors mean, of a connection to this place.
#[derive(Clone, Copy)]
pub(super) struct Mapping<'l> {
    pub(super) location: &'l str,
    /// How long it waits for locks.
    pub(super) lock_wait: Duration,
}

impl Mapping<'_> {
    pub(super) fn of(self, error: &tokio_postgres::Error) -> Error {
        let Some(code) = error.code() else {
            // A server that is stopped or crashes says why in a notice only (57P02).
            let ended = "the server ended it: it was stopped, or crashed";
            let why = if error.is_closed() { ended.to_owned() } else { innermost(error) };
            return Error::Lost(Caused::by(why, Cause::of(error)));
        };
        let ended = error
            .as_db_error()
            .is_some_and(|from| matches!(from.parsed_severity(), Some(Severity::Fatal | Severity::Panic)));
        if ended {
            return Error::Lost(caused(error));
        }
        match *code {
            SqlState::QUERY_CANCELED => Error::Slow(caused(error)),
            SqlState::LOCK_NOT_AVAILABLE => Error::Busy(self.lock_wait),
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
                Error::Transient(caused(error))
            }
            SqlState::UNDEFINED_TABLE | SqlState::INVALID_SCHEMA_NAME => {
                Error::Missing(Caused::by(self.location.to_owned(), Cause::of(error)))
            }
            SqlState::INSUFFICIENT_PRIVILEGE => refused_privilege(&innermost(error), Some(Cause::of(error))),
            SqlState::READ_ONLY_SQL_TRANSACTION => Error::Refused {
                what: Caused::by(FROZEN, Cause::of(error)),
                hint: format!("{THAWED}; of a standby: {PRIMARY}"),
            },
            SqlState::FEATURE_NOT_SUPPORTED | SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE
                if is_of_a_standby(error) =>
            {
                Error::Refused {
                    what: Caused::by("the server is a standby", Cause::of(error)),
                    hint: PRIMARY.to_owned(),
                }
            }
            _ if code.code() == MOVED => Error::Moved(innermost(error)),
            _ => {
                let why = format!("{} ({})", innermost(error), code.code());
                Error::Database(Caused::by(why, Cause::of(error)))
            }
        }
    }
}

/// There are no tables of a store, or none that this role may read.
fn is_no_store(error: &tokio_postgres::Error) -> bool {
    let codes = [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME, SqlState::INSUFFICIENT_PRIVILEGE];
    error.code().is_some_and(|code| codes.contains(code))
}

/// Whether a standby answered so to a transaction that may write, or to being asked for the log's
/// end: by the place in the server that raised it, since its messages may be in any language
/// (PostgreSQL 15: 0A000 from `call_bool_check_hook`, 55000 from `pg_current_wal_lsn`).
fn is_of_a_standby(error: &tokio_postgres::Error) -> bool {
    let routine = error.as_db_error().and_then(|from| from.routine()).unwrap_or_default();
    routine == "call_bool_check_hook"
        || routine.starts_with("pg_current_wal_")
        || innermost(error).contains("recovery")
}

fn refused_privilege(why: &str, cause: Option<Cause>) -> Error {
    let what = format!("the database refuses: {why}");
    Error::Refused {
        what: match cause {
            Some(cause) => Caused::by(what, cause),
            None => what.into(),
        },
        hint: "connect as the role that owns the store, or have it grant what is missing".to_owned(),
    }
}
