//! From a DSN to a connection, and what to say when there is none.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, NoTls};
use tokio_postgres::{Client, Config, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::dsn::{Dsn, Tls};
use super::tls;
use crate::store::error::{Error, Result};

/// All hosts together, each with TLS and authentication, unless the DSN has its own
/// `connect_timeout`, which counts for each host as in libpq.
const CONNECT: Duration = Duration::from_millis(1500);
const SHORTEST: Duration = Duration::from_millis(500);

/// Connects to the first host that will have us; the connection is driven by a task of
/// `runtime`, whenever that runs. The error is the last host's.
pub(super) fn connect(runtime: &Runtime, dsn: &Dsn) -> Result<Client> {
    let hosts = u32::try_from(dsn.targets.len()).unwrap_or(u32::MAX).max(1);
    let mut last = Failure::Tls("the address names no host".to_owned());
    for target in &dsn.targets {
        let within = target.get_connect_timeout().copied().unwrap_or((CONNECT / hosts).max(SHORTEST));
        match connect_to(runtime, dsn, target.clone(), within) {
            Ok(client) => return Ok(client),
            Err(failure) => last = failure,
        }
    }
    Err(last.explain(dsn))
}

fn connect_to(runtime: &Runtime, dsn: &Dsn, mut config: Config, within: Duration) -> Result<Client, Failure> {
    config.connect_timeout(within);
    if config.get_application_name().is_none() {
        config.application_name("keyctl");
    }
    runtime.block_on(async {
        let attempt = async {
            if dsn.tls == Tls::Disable {
                drive(&config, NoTls).await
            } else {
                let client = tls::client_config(dsn).map_err(Failure::Tls)?;
                drive(&config, MakeRustlsConnect::new(client)).await
            }
        };
        tokio::time::timeout(within, attempt).await.unwrap_or(Err(Failure::Slow(within)))
    })
}

async fn drive<T>(config: &Config, tls: T) -> Result<Client, Failure>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect(tls).await.map_err(Failure::Postgres)?;
    tokio::spawn(connection);
    Ok(client)
}

enum Failure {
    Tls(String),
    Postgres(tokio_postgres::Error),
    Slow(Duration),
}

impl Failure {
    fn explain(self, dsn: &Dsn) -> Error {
        let slow = matches!(self, Self::Slow(_));
        let (why, hint) = match self {
            Self::Tls(why) => (why, "check sslmode and sslrootcert in the store's address"),
            Self::Slow(within) => (
                format!("no answer within {:.1} s", within.as_secs_f64()),
                "check that the server runs and can be reached; connect_timeout=SECONDS in the address waits longer",
            ),
            Self::Postgres(error) => (innermost(&error), hint(&error)),
        };
        Error::Connect { location: dsn.to_string(), why, hint: hint.to_owned(), slow }
    }
}

/// The last cause in the chain: the operating system's, the server's or TLS's own words.
pub(super) fn innermost(error: &tokio_postgres::Error) -> String {
    if let Some(from_server) = error.as_db_error() {
        return from_server.message().to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn hint(error: &tokio_postgres::Error) -> &'static str {
    let Some(code) = error.code() else {
        let text = innermost(error);
        return if text.contains("UnknownIssuer") || text.contains("certificate") {
            "the server's certificate does not fit: check the host's name, and name its authority with sslrootcert=FILE"
        } else if text.contains("TLS") || text.contains("tls") {
            "the server offers no TLS: enable it there; sslmode=disable is for this machine only"
        } else if text.contains("password missing") {
            "give the password in PGPASSWORD, a password file or KEYCTL_STORE"
        } else {
            "check that the server runs, and the host and port in the store's address"
        };
    };
    match *code {
        SqlState::INVALID_PASSWORD => "check the password in PGPASSWORD, the password file or KEYCTL_STORE",
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "the server lets this user in from elsewhere, or with TLS only: see its pg_hba.conf"
        }
        SqlState::INVALID_CATALOG_NAME => "create the database first, with createdb",
        SqlState::TOO_MANY_CONNECTIONS => {
            "the server has no connection left: try again, or raise its max_connections"
        }
        _ => "check the store's address and the server's log",
    }
}
