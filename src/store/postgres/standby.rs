//! A commit that waits for a synchronous standby.
//!
//! The server answers a commit only when the standby has it, too. Until then the change is made on the
//! primary, seen by nobody, and holds its locks; nothing takes it back, also not the end of the
//! connection. What the server waits for is asked over a second connection, since the first one waits.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::sleep;
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

use super::connect::connect;
use super::session::{PostgresSession, Running};
use crate::store::Listen;
use crate::store::error::{Error, Result};
use crate::store::session::Session;

const WAITS: &str = "SELECT 1 FROM pg_catalog.pg_stat_activity
    WHERE pid = $1 AND CAST(EXTRACT(EPOCH FROM xact_start) * 1000000 AS BIGINT) = $2 AND wait_event = 'SyncRep'";

/// A commit takes milliseconds, and seconds where a disk is slow: then the server is asked what for.
const PATIENCE: Duration = Duration::from_secs(2);

/// On top of that; a standby that is only restarted is back by then.
const PATIENCE_WITH_STANDBY: Duration = Duration::from_secs(2);

/// What the question may take.
const ASKING: Duration = Duration::from_millis(1500);

/// How far apart it is looked whether somebody wants no more waiting.
const LOOK: Duration = Duration::from_millis(50);

enum Waited<T> {
    Done(T),
    Long,
    Interrupted,
}

/// Commits. [`Error::Waiting`] where that waits for a standby, [`Error::Slow`] or [`Error::Lost`] where
/// nothing is known.
pub(super) fn commit(session: &mut PostgresSession) -> Result<()> {
    if session.broken.get() {
        return session.script("COMMIT");
    }
    let session = &*session;
    let listening = (session.options.listen)();
    let listening = listening.as_ref();
    let mut commit = pin!(session.client.batch_execute("COMMIT"));
    let mut asking = None;
    for (patience, last) in [(PATIENCE, false), (PATIENCE_WITH_STANDBY, true)] {
        match wait(session, listening, commit.as_mut(), patience) {
            Waited::Done(done) => return done.map_err(|error| session.map_error(&error)),
            waited => {
                let is_interrupted = matches!(waited, Waited::Interrupted);
                let waits = waits_for_standby(session, &mut asking);
                if waits && (last || is_interrupted) {
                    session.broken.set(true);
                    return Err(Error::Waiting);
                }
                if is_interrupted {
                    session.broken.set(true);
                    return Err(Error::Slow("interrupted before the server answered".into()));
                }
                if !waits {
                    break;
                }
            }
        }
    }
    match wait(session, listening, commit, session.answer) {
        Waited::Done(done) => done.map_err(|error| session.map_error(&error)),
        waited => {
            session.broken.set(true);
            if waits_for_standby(session, &mut asking) {
                return Err(Error::Waiting);
            }
            let why = match waited {
                Waited::Interrupted => "interrupted before the server answered".to_owned(),
                _ => format!("{} did not answer within {} s", session.location, session.answer.as_secs()),
            };
            Err(Error::Slow(why.into()))
        }
    }
}

/// Waits for a future on the session's runtime, which also drives its connection.
fn wait<T>(
    session: &PostgresSession,
    listening: &dyn Listen,
    mut work: Pin<&mut impl Future<Output = T>>,
    most: Duration,
) -> Waited<T> {
    let mut left = most;
    loop {
        let slice = LOOK.min(left);
        let done = session.runtime.block_on(async {
            match select(work.as_mut(), pin!(sleep(slice))).await {
                Either::Left((done, _)) => Some(done),
                Either::Right(_) => None,
            }
        });
        left -= slice;
        match done {
            Some(done) => return Waited::Done(done),
            None if listening.interrupted() => return Waited::Interrupted,
            None if left.is_zero() => return Waited::Long,
            None => {}
        }
    }
}

/// Whether the server says that the transaction waits for a standby. Where it cannot be asked, it
/// says nothing.
fn waits_for_standby(session: &PostgresSession, asking: &mut Option<Client>) -> bool {
    let Some(Running { pid, began }) = session.running.get() else { return false };
    if asking.is_none() {
        *asking = session.runtime.block_on(connect(&session.dsn, None)).ok().map(|driven| driven.client);
    }
    let Some(client) = asking else { return false };
    let values: [(&(dyn ToSql + Sync), Type); 2] = [(&pid, Type::INT8), (&began, Type::INT8)];
    let asked = async { tokio::time::timeout(ASKING, client.query_typed(WAITS, &values)).await };
    matches!(session.runtime.block_on(asked), Ok(Ok(rows)) if !rows.is_empty())
}

/// Sessions in this database that wait for a standby for a second or more; those of other roles may
/// not be seen.
const OTHERS_WAIT: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_catalog.pg_stat_activity
    WHERE datname = pg_catalog.current_database() AND wait_event = 'SyncRep'
        AND query_start < pg_catalog.clock_timestamp() - INTERVAL '1 second'";

/// What holds the lock, where it is a change that waits for a standby.
pub(super) fn why_locked(session: &mut PostgresSession, error: Error) -> Error {
    let Error::Busy(waited) = error else { return error };
    let mut waiting = 0;
    let asked = session.query(OTHERS_WAIT.into(), &[], &mut |row| {
        waiting = row.of("pg_stat_activity").int(0)?;
        Ok(())
    });
    if asked.is_ok() && waiting > 0 { Error::Held(waited) } else { error }
}
