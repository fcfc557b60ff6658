//! What the client gives up, the server is asked to give up, too: else it goes on, and holds its
//! locks, behind a pooler also its connection.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_postgres::tls::NoTls;
use tokio_postgres::{CancelToken, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::dsn::Dsn;
use super::tls;
use crate::domain::stores::address::Tls;

/// A server that does not answer may not answer this either.
const WITHIN: Duration = Duration::from_millis(500);

/// Asks once, over a connection of its own; whether it helped is not told.
pub(super) fn cancel(runtime: &Runtime, dsn: &Dsn, tls: Tls, token: &CancelToken) {
    let asked = runtime.block_on(async { tokio::time::timeout(WITHIN, ask(dsn, tls, token)).await });
    // There is nobody left to tell.
    drop(asked);
}

async fn ask(dsn: &Dsn, tls: Tls, token: &CancelToken) -> Result<(), Error> {
    if tls == Tls::Disable {
        return token.cancel_query(NoTls).await;
    }
    match tls::client_config(dsn, tls) {
        Ok(config) => token.cancel_query(MakeRustlsConnect::new(config)).await,
        Err(_) => Ok(()),
    }
}
