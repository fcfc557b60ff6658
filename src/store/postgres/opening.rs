//! Connecting to a server, and making sure that it may be believed.

use super::connect::{Driven, connect};
use super::dsn::Dsn;
use super::examine::examine;
use super::session::{ANSWER, PostgresSession};
use crate::store::Options;
use crate::store::caused::Caused;
use crate::store::error::{Error, Result};
use crate::store::older::Older;
#[cfg(feature = "cli")]
use crate::store::session::Session as _;
use std::cell::Cell;
use std::time::Duration;

/// Connects and makes sure that the server may be written.
pub(crate) fn open(dsn: &Dsn, options: Options) -> Result<PostgresSession> {
    open_with(dsn, options, ANSWER, true)
}

/// The same for a reader: a statement may take so long, whatever the server waits for, and is
/// asked as it is.
pub(crate) fn open_reader(dsn: &Dsn, options: Options, answer: Duration) -> Result<PostgresSession> {
    open_with(dsn, options, answer, false)
}

fn open_with(dsn: &Dsn, options: Options, answer: Duration, bounds_each: bool) -> Result<PostgresSession> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build().map_err(|error| {
            Error::Database(Caused::by(format!("cannot start the client: {error}"), error))
        })?;
    let Driven { client, tls, .. } = runtime.block_on(connect(dsn, None))?;
    let mut session = PostgresSession {
        runtime,
        client,
        options,
        answer,
        bounds_each,
        in_transaction: false,
        lock_wait: Cell::new(options.lock_timeout),
        broken: Cell::new(false),
        dsn: Box::new(dsn.clone()),
        tls,
        running: Cell::new(None),
        location: dsn.to_string(),
        older: Older::default(),
        peer: (None, None),
        first_seen: None,
    };
    session.peer = examine(&mut session)?;
    Ok(session)
}

impl PostgresSession {
    /// Another connection to where this one was.
    #[cfg(feature = "cli")]
    pub(crate) fn again(&self) -> Result<Self> {
        open(&self.dsn, self.options)
    }

    /// Whether each transaction may run in another process of the server's: then something stands between that has
    /// fewer connections to it than clients. Two clients are seen in one process, or one in two, only there.
    #[cfg(feature = "cli")]
    pub(crate) fn is_pooled_by_transaction(&mut self) -> Result<bool> {
        let mut other = self.again()?;
        let own = process(self)?;
        Ok(process(&mut other)? == own || process(self)? != own)
    }
}

/// The server's process that runs a statement.
#[cfg(feature = "cli")]
fn process(session: &mut PostgresSession) -> Result<i64> {
    let mut pid = 0;
    let sql = "SELECT CAST(pg_catalog.pg_backend_pid() AS BIGINT)";
    session.query(sql.into(), &[], &mut |row| {
        pid = row.of("session").int(0)?;
        Ok(())
    })?;
    Ok(pid)
}
