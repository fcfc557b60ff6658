//! A connection on which many statements travel at once, on the runtime of whoever asks.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{future, io};

use futures_util::future::try_join_all;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_postgres::types::Type;
use tokio_postgres::{CancelToken, Client, Row, Statement};

use super::connect::{Driven, connect};
use super::dsn::Dsn;
use super::examine::{EXAMINE, judge};
use super::session::{CHANGED, Mapping, Parameter};
use crate::store::error::Result;

const WHO_ANSWERS: &str = "SELECT CAST(pg_catalog.pg_backend_pid() AS BIGINT)";

/// A client and the task that drives it, which ends with this.
pub(crate) struct SharedClient {
    client: Client,
    task: AbortHandle,
    location: String,
    /// Kept at the server under a name; none behind a pooler.
    prepared: Vec<(&'static str, Statement)>,
    is_direct: bool,
}

impl SharedClient {
    /// `heard` is told where a change is announced.
    pub(crate) async fn connect(dsn: &Dsn, heard: Option<Arc<Notify>>) -> Result<Self> {
        let Driven { client, task, .. } = connect(dsn, heard).await?;
        Ok(Self { client, task, location: dsn.to_string(), prepared: Vec::new(), is_direct: false })
    }

    /// Makes sure that the server may be believed, and finds out whether a pooler stands before it.
    pub(crate) async fn examine(&mut self) -> Result<()> {
        judge(&self.query(EXAMINE, &[]).await?, &self.location)?;
        let told = process_id(&self.client.cancel_token()).await;
        let rows = self.query(WHO_ANSWERS, &[]).await?;
        let answers: Option<i64> = rows.first().and_then(|row| row.try_get(0).ok());
        self.is_direct = told.is_some() && told.map(i64::from) == answers;
        Ok(())
    }

    /// Whether this connection is the server's own, and its session ours alone: a pooler cannot give the number of the
    /// server's process to a client, who may end by it what runs there.
    #[cfg(feature = "internals")]
    pub(crate) fn is_direct(&self) -> bool {
        self.is_direct
    }

    /// Has these statements, of one text each, kept at the server with their plans, where that is possible. Behind a
    /// pooler a name may be that of another client's statement.
    pub(crate) async fn prepare(&mut self, statements: &[&'static str]) -> Result<()> {
        if self.is_direct {
            let prepared = statements.iter().map(|sql| self.client.prepare_typed(sql, &[Type::TEXT]));
            let prepared = try_join_all(prepared).await.map_err(|error| self.mapping().of(&error))?;
            self.prepared = statements.iter().copied().zip(prepared).collect();
        }
        Ok(())
    }

    /// Has changes announced on this connection, where they would be.
    pub(crate) async fn listen(&self) -> Result<()> {
        if self.is_direct {
            let listen = format!("LISTEN {CHANGED}");
            self.client.batch_execute(&listen).await.map_err(|error| self.mapping().of(&error))?;
        }
        Ok(())
    }

    /// Asks for a row by a text.
    pub(crate) async fn row_of(&self, sql: &'static str, text: &str) -> Result<Option<Row>> {
        let kept = self.prepared.iter().find(|(kept, _)| std::ptr::eq(*kept, sql));
        match kept {
            Some((_, statement)) => {
                let asked = self.client.query_opt(statement, &[&text]).await;
                asked.map_err(|error| self.mapping().of(&error))
            }
            None => Ok(self.query(sql, &[(&text, Type::TEXT)]).await?.pop()),
        }
    }

    /// Asks for rows by a number.
    pub(crate) async fn rows_of(&self, sql: &str, number: i64) -> Result<Vec<Row>> {
        self.query(sql, &[(&number, Type::INT8)]).await
    }

    pub(crate) async fn query(&self, sql: &str, values: &[Parameter<'_>]) -> Result<Vec<Row>> {
        self.client.query_typed(sql, values).await.map_err(|error| self.mapping().of(&error))
    }

    /// Whether nothing can be asked any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    fn mapping(&self) -> Mapping<'_> {
        Mapping { location: &self.location, lock_wait: std::time::Duration::ZERO }
    }
}

impl Drop for SharedClient {
    /// A server that hangs would keep the task as long as it does.
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The number of the server's process as the client was told it, which the library shows nobody: it is in what would
/// be sent to end a statement (PostgreSQL's manual, 55.7: `CancelRequest`).
async fn process_id(token: &CancelToken) -> Option<i32> {
    let mut written = Vec::new();
    token.cancel_query_raw(Caught { written: &mut written }, Untouched).await.ok()?;
    // Behind a request for TLS, where the connection has it.
    let request: [u8; 16] = written.last_chunk().copied()?;
    let [length, code, process] =
        [0, 4, 8].map(|at| i32::from_be_bytes(std::array::from_fn(|index| request[at + index])));
    (length == 16 && code == CANCEL_REQUEST).then_some(process)
}

const CANCEL_REQUEST: i32 = 80_877_102;

/// Keeps what is written, and says yes to everything.
struct Caught<'w> {
    written: &'w mut Vec<u8>,
}

impl AsyncRead for Caught<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buffer.put_slice(b"S");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Caught<'_> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.written.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for Caught<'_> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

/// Instead of TLS.
struct Untouched;

impl<'w> TlsConnect<Caught<'w>> for Untouched {
    type Stream = Caught<'w>;
    type Error = io::Error;
    type Future = future::Ready<io::Result<Caught<'w>>>;

    fn connect(self, stream: Caught<'w>) -> Self::Future {
        future::ready(Ok(stream))
    }
}
