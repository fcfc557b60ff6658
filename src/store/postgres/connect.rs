//! From a DSN to a connection, and what to say when there is none.

use std::future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use nix::unistd::geteuid;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, NoTls};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, SimpleQueryMessage, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::cause::Cause;
use super::dsn::{Dsn, NoUser, Target};
use super::tls;
use crate::domain::stores::address::Tls;
use crate::store::caused::Caused;
use crate::store::error::{Error, Result};
use crate::store::names;

/// All hosts together, each with TLS and authentication, unless the DSN has its own
/// `connect_timeout`, which counts for each host as in libpq.
const CONNECT: Duration = Duration::from_millis(1500);
const SHORTEST: Duration = Duration::from_millis(500);

/// A client, how its connection is encrypted, and the task that drives it, whenever the runtime runs
/// that it was made on.
pub(super) struct Driven {
    pub(super) client: Client,
    pub(super) tls: Tls,
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server alone needs it"))]
    pub(super) task: AbortHandle,
}

/// Connects to the first host that will have us and, where several are named, is no standby. `heard` is told of what is
/// announced on the connection. The error has each host's reason.
pub(super) async fn connect(dsn: &Dsn, heard: Option<Arc<Notify>>) -> Result<Driven> {
    let targets = dsn.targets().map_err(|NoUser| no_user(dsn))?;
    let hosts = u32::try_from(targets.len()).unwrap_or(u32::MAX).max(1);
    let within = dsn.patience().unwrap_or((CONNECT / hosts).max(SHORTEST));
    let mut failures = Vec::new();
    for target in targets {
        match connect_to(dsn, &target, within, hosts > 1, heard.clone()).await {
            Ok((client, task)) => return Ok(Driven { client, tls: target.tls, task }),
            Err(failure) => failures.push((target.name, failure)),
        }
    }
    Err(explain(dsn, &failures))
}

fn no_user(dsn: &Dsn) -> Error {
    Error::Connect {
        location: dsn.to_string(),
        why: format!("the address names no user, and the system has no name for uid {}", geteuid()).into(),
        hint: "write it before the host: postgres://USER@HOST:PORT/DATABASE".to_owned(),
        slow: false,
        refused: true,
    }
}

async fn connect_to(
    dsn: &Dsn,
    target: &Target,
    within: Duration,
    is_one_of_several: bool,
    heard: Option<Arc<Notify>>,
) -> Result<(Client, AbortHandle), Failure> {
    let mut config = target.config.clone();
    config.connect_timeout(within);
    let attempt = async {
        let config = resolved(config).await?;
        let driven = if target.tls == Tls::Disable {
            drive(&config, NoTls, heard).await?
        } else {
            let tls = tls::client_config(dsn, target.tls).map_err(Failure::Tls)?;
            drive(&config, MakeRustlsConnect::new(tls), heard).await?
        };
        // Of a single host this is asked with the first statement, at no cost.
        if is_one_of_several && is_standby(&driven.0).await? { Err(Failure::Standby) } else { Ok(driven) }
    };
    tokio::time::timeout(within, attempt).await.unwrap_or(Err(Failure::Slow(within)))
}

/// With the addresses of its host, where they are not for the C library to find out.
async fn resolved(mut config: Config) -> Result<Config, Failure> {
    let host = match config.get_hosts() {
        [Host::Tcp(host)] if config.get_hostaddrs().is_empty() && host.parse::<IpAddr>().is_err() => {
            host.clone()
        }
        _ => return Ok(config),
    };
    let Some(sources) = names::other_hosts() else { return Ok(config) };
    let asked = host.clone();
    let found = tokio::task::spawn_blocking(move || sources.addresses(&asked)).await;
    let Ok(Some(addresses)) = found else { return Ok(config) };
    if addresses.is_empty() {
        return Err(Failure::NoSuchHost);
    }
    for (number, address) in addresses.into_iter().enumerate() {
        // Each address belongs to a host of its own.
        if number > 0 {
            config.host(&host);
        }
        config.hostaddr(address);
    }
    Ok(config)
}

async fn is_standby(client: &Client) -> Result<bool, Failure> {
    let answer = client.simple_query("SELECT pg_catalog.pg_is_in_recovery()").await;
    let rows = answer.map_err(Failure::Postgres)?;
    Ok(rows.iter().any(|row| matches!(row, SimpleQueryMessage::Row(row) if row.get(0) == Some("t"))))
}

async fn drive<T>(
    config: &Config,
    tls: T,
    heard: Option<Arc<Notify>>,
) -> Result<(Client, AbortHandle), Failure>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect(tls).await.map_err(Failure::Postgres)?;
    let task = match heard {
        None => tokio::spawn(connection).abort_handle(),
        Some(heard) => tokio::spawn(pass_on(connection, heard)).abort_handle(),
    };
    Ok((client, task))
}

/// Drives a connection and tells of what is announced on it.
async fn pass_on<S, T>(mut connection: Connection<S, T>, heard: Arc<Notify>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = future::poll_fn(|context| connection.poll_message(context)).await {
        if matches!(message, AsyncMessage::Notification(_)) {
            heard.notify_one();
        }
    }
}

enum Failure {
    NoSuchHost,
    Tls(String),
    Postgres(tokio_postgres::Error),
    Slow(Duration),
    Standby,
}

impl Failure {
    fn why(&self) -> String {
        match self {
            // As the C library has it.
            Self::NoSuchHost => "failed to lookup address information: Name or service not known".to_owned(),
            Self::Tls(why) => why.clone(),
            Self::Postgres(error) => innermost(error),
            Self::Slow(within) => format!("no answer within {:.1} s", within.as_secs_f64()),
            Self::Standby => "it is a standby".to_owned(),
        }
    }

    fn cause(&self) -> Option<Cause> {
        match self {
            Self::Postgres(error) => Some(Cause::of(error)),
            Self::NoSuchHost | Self::Tls(_) | Self::Slow(_) | Self::Standby => None,
        }
    }

    fn hint(&self, dsn: &Dsn) -> &'static str {
        match self {
            Self::NoSuchHost => "check that the server runs, and the host and port in the store's address",
            Self::Tls(_) => "check sslmode and sslrootcert in the store's address",
            Self::Postgres(error) => hint(error, dsn),
            Self::Slow(_) => {
                "check that the server runs and can be reached; connect_timeout=SECONDS in the address waits longer"
            }
            Self::Standby => "promote one of them, or add the primary to the address",
        }
    }

    /// Whether another password might have helped.
    fn is_of_the_password(&self) -> bool {
        let Self::Postgres(error) = self else { return false };
        error.code() == Some(&SqlState::INVALID_PASSWORD) || innermost(error).contains("password missing")
    }

    /// Whether that will not change by itself, as where a server starts up.
    fn is_final(&self) -> bool {
        let passing = [SqlState::CANNOT_CONNECT_NOW, SqlState::TOO_MANY_CONNECTIONS];
        self.is_an_answer()
            && !matches!(self, Self::Postgres(error) if error.code().is_some_and(|code| passing.contains(code)))
    }

    /// Whether a server said no: then what to do about that one comes first.
    fn is_an_answer(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.as_db_error().is_some())
    }
}

fn explain(dsn: &Dsn, failures: &[(String, Failure)]) -> Error {
    let why = match failures {
        [(_, only)] => only.why(),
        all => {
            let each: Vec<String> = all.iter().map(|(host, one)| format!("{host}: {}", one.why())).collect();
            each.join("; ")
        }
    };
    let telling = failures.iter().find(|(_, one)| one.is_an_answer()).or(failures.first());
    let hint = telling.map_or("", |(_, one)| one.hint(dsn)).to_owned();
    let of_password = failures.iter().any(|(_, one)| one.is_of_the_password());
    let (why, hint) = match dsn.passed_over().filter(|_| of_password) {
        Some(file) => (format!("{why}; {}", file.what), file.hint),
        None => (why, hint),
    };
    let slow = failures.last().is_some_and(|(_, last)| matches!(last, Failure::Slow(_)));
    // Of several servers, the cause is that of the one that the hint is about.
    let cause = telling.and_then(|(_, one)| one.cause());
    let why = cause.map_or_else(|| why.clone().into(), |cause| Caused::by(why.clone(), cause));
    let refused = failures.iter().any(|(_, one)| one.is_final());
    Error::Connect { location: dsn.to_string(), why, hint, slow, refused }
}

/// The last cause of an error in its own words, with the whole chain behind it.
pub(super) fn caused(error: &tokio_postgres::Error) -> Caused {
    Caused::by(innermost(error), Cause::of(error))
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

fn hint(error: &tokio_postgres::Error, dsn: &Dsn) -> &'static str {
    let Some(code) = error.code() else { return hint_of_text(&innermost(error), dsn) };
    match *code {
        SqlState::INVALID_PASSWORD => {
            "check the user in the address, and the password in PGPASSWORD, the password file or KEYCTL_STORE"
        }
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => hint_of_refusal(error),
        SqlState::INVALID_CATALOG_NAME => "create the database first, with createdb",
        SqlState::TOO_MANY_CONNECTIONS => {
            "the server has no connection left: try again, or raise its max_connections"
        }
        _ => "check the store's address and the server's log",
    }
}

fn hint_of_text(text: &str, dsn: &Dsn) -> &'static str {
    if text.contains("channel binding") {
        "the server must ask for scram-sha-256 over TLS; or take channel_binding=require out of the address"
    } else if text.contains("UnknownIssuer") || text.contains("certificate") {
        "the server's certificate does not fit: check the host's name, and name its authority with sslrootcert=FILE"
    } else if dsn.is_direct() && (text.contains("tls") || text.contains("eof") || text.contains("reset")) {
        "sslnegotiation=direct needs PostgreSQL 17 or later on the other side: take it out of the address"
    } else if text.contains("TLS") || text.contains("tls") {
        "the server offers no TLS: enable it there; sslmode=disable is for this machine only"
    } else if text.contains("password missing") {
        "give the password in PGPASSWORD, a password file or KEYCTL_STORE"
    } else {
        "check that the server runs, and the host and port in the store's address"
    }
}

/// The code and, in another language, the message are the same for an unknown role and for a line
/// that lacks in `pg_hba.conf`; the name of the server's function tells them apart.
fn hint_of_refusal(error: &tokio_postgres::Error) -> &'static str {
    match error.as_db_error().and_then(|from_server| from_server.routine()) {
        Some("ClientAuthentication") => {
            "the server lets this user in from elsewhere, or with TLS only: see its pg_hba.conf"
        }
        Some("InitializeSessionUserId") => {
            "name a role of the server that may log in: postgres://ROLE@HOST:PORT/DATABASE; createuser makes one"
        }
        _ => {
            "check the user in the address: the server lets in only whom the system or a certificate names so"
        }
    }
}
