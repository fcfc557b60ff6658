//! What [`Views`](super::Views) reads of a server, asked by many at once on one connection, on the runtime
//! of whoever asks: their statements travel together, and nobody has to wait for somebody else's answer
//! before asking.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use super::error::{Error, Result};
use super::location::Location;
use super::postgres::SharedClient;
use super::session::Row;
use super::sight::Sight;
use super::view_statements::{CHANGES_AFTER, Columns, MOST_CHANGES, NONCE_OF, POSTGRES, Shape};
use super::views::{Last, NO_HASH, no_row, of_views, read_known, read_sight};
use crate::domain::keys::token::TokenHash;

/// What is read of a token; a server needs all of it.
const COLUMNS: Columns = Columns::All;

/// A connection to a server.
pub struct Line {
    client: SharedClient,
    state: Mutex<State>,
}

struct State {
    /// Where nobody has looked, the whole.
    shape: Shape,
    /// The store as it was last read.
    last: Option<Last>,
}

impl Line {
    /// Connects to a server; then nothing waits longer than `within`. `heard` is told where a change is announced.
    pub async fn open(location: &Location, heard: Option<Arc<Notify>>, within: Duration) -> Result<Self> {
        let Location::Postgres(dsn) = location else {
            return Err(Error::Database("a file has no server".into()));
        };
        let listens = heard.is_some();
        let client = SharedClient::connect(dsn, heard).await?;
        match timeout(within, Self::begin(client, listens)).await {
            Ok(line) => line,
            Err(_) => Err(Error::Slow(format!("{dsn} did not answer within {} s", within.as_secs()).into())),
        }
    }

    async fn begin(mut client: SharedClient, listens: bool) -> Result<Self> {
        client.examine().await?;
        let shape = shape(&client).await?;
        let statements = POSTGRES.statements(&shape).of_token(COLUMNS);
        client.prepare(&[statements.known, statements.token]).await.map_err(of_views)?;
        if listens {
            client.listen().await?;
        }
        Ok(Self { client, state: Mutex::new(State { shape, last: None }) })
    }

    /// Whether the server keeps this connection's statements, and announces changes to it: not behind a pooler.
    #[cfg(feature = "internals")]
    pub fn is_direct(&self) -> bool {
        self.client.is_direct()
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Reads the mark, the store and the clock.
    pub async fn mark(&self) -> Result<Sight> {
        self.read(None).await
    }

    pub async fn token(&self, hash: &TokenHash) -> Result<Sight> {
        self.read(Some(hash)).await
    }

    /// Reads by the statements that the store has columns for, and again where it may have got others since, as
    /// [`Views`](super::Views) does.
    async fn read(&self, hash: Option<&TokenHash>) -> Result<Sight> {
        let seen = self.read_once(hash).await?;
        if !self.state().shape.may_have_grown(&seen.mark) {
            return Ok(seen);
        }
        let found = shape(&self.client).await?.at(&seen.mark);
        let is_as_before = {
            let mut state = self.state();
            let is_like = found.is_like(&state.shape);
            state.shape = found;
            is_like
        };
        if is_as_before { Ok(seen) } else { self.read_once(hash).await }
    }

    async fn read_once(&self, hash: Option<&TokenHash>) -> Result<Sight> {
        let (statements, last) = {
            let state = self.state();
            (POSTGRES.statements(&state.shape).of_token(COLUMNS), state.last.clone())
        };
        let hash = hash.map_or(NO_HASH, TokenHash::as_str);
        if let Some(last) = last.filter(|_| hash != NO_HASH)
            && let Some(row) = self.row_of(statements.known, hash).await?
            && let Some(sight) = read_known(&Row::Postgres(&row), &last, COLUMNS)?
        {
            return Ok(sight);
        }
        let row = self.row_of(statements.token, hash).await?.ok_or_else(no_row)?;
        let sight = read_sight(&Row::Postgres(&row), COLUMNS)?;
        self.state().last = Some(Last::of(&sight));
        Ok(sight)
    }

    /// The nonce of the mark that a change made, as [`Views::nonce_of`](super::Views::nonce_of) says.
    pub async fn nonce_of(&self, counter: i64) -> Result<Option<String>> {
        match self.rows_of(NONCE_OF, counter).await {
            Err(Error::Views(_)) => Ok(None),
            rows => {
                let rows = rows?;
                let Some(row) = rows.first() else { return Ok(None) };
                let row = Row::Postgres(row);
                Ok(row.of("keyctl_changes_v1").opt_text(0)?.map(str::to_owned))
            }
        }
    }

    /// The changes after one, as [`Views::changes_after`](super::Views::changes_after) says.
    pub async fn changes_after(&self, counter: i64) -> Result<Option<Vec<(i64, String)>>> {
        let rows = self.rows_of(CHANGES_AFTER, counter).await?;
        if rows.len() > MOST_CHANGES {
            return Ok(None);
        }
        let change = |row| {
            let row = Row::Postgres(row);
            let cells = row.of("keyctl_changes_v1");
            Ok((cells.int(0)?, cells.text(1)?.to_owned()))
        };
        rows.iter().map(change).collect::<Result<_>>().map(Some)
    }

    /// The row of a token. Answers come in the order in which was asked; should one ever be another's, it is nobody's.
    async fn row_of(&self, sql: &'static str, hash: &str) -> Result<Option<tokio_postgres::Row>> {
        let row = self.client.row_of(sql, hash).await.map_err(of_views)?;
        if let Some(row) = &row
            && Row::Postgres(row).of("keyctl_tokens_v1").opt_text(2)?.is_some_and(|found| found != hash)
        {
            return Err(Error::Lost("the server answered another question".into()));
        }
        Ok(row)
    }

    async fn rows_of(&self, sql: &str, number: i64) -> Result<Vec<tokio_postgres::Row>> {
        self.client.rows_of(sql, number).await.map_err(of_views)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What there is to be read.
async fn shape(client: &SharedClient) -> Result<Shape> {
    let rows = client.query(POSTGRES.probe, &[]).await.map_err(of_views)?;
    let found = rows.first().map(|row| Row::Postgres(row).of("keyctl_tokens_v1").int(0)).transpose()?;
    Ok(Shape::of(found, COLUMNS))
}
