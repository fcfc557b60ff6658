//! One thread that takes connections and answers what comes over them, all of it by itself: a request that goes from
//! thread to thread costs a third more.

use std::cell::Cell;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use futures_util::future::{Either, FutureExt as _, select};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::answering::Answering;
use super::connection;
use super::door::Door;
use super::drain::Drain;
use super::listen::{Accepted, Accepting, Entrance};
use crate::config::serve::listener::Serves;

/// How long what is under way may take when the server ends.
const LAST: Duration = Duration::from_secs(10);

/// How often it is looked whether it is done.
const LOOKED_AT: Duration = Duration::from_millis(20);

/// After the system gave no connection, as where no file may be opened any more.
const BREATH: Duration = Duration::from_millis(100);

/// A client that does not shake hands is not waited for.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What all connections of a worker have in common.
struct Common<A> {
    answering: Arc<A>,
    tls: Option<TlsAcceptor>,
    drain: Drain,
    open: Rc<Cell<usize>>,
    /// Those that are just told that there are too many.
    turned_away: Rc<Cell<usize>>,
}

impl<A> Clone for Common<A> {
    fn clone(&self) -> Self {
        Self {
            answering: Arc::clone(&self.answering),
            tls: self.tls.clone(),
            drain: self.drain.clone(),
            open: Rc::clone(&self.open),
            turned_away: Rc::clone(&self.turned_away),
        }
    }
}

/// Begins to work; ends some seconds after the drain began.
pub(super) fn start<A: Answering>(
    number: usize,
    answering: Arc<A>,
    entrances: Vec<Entrance>,
    tls: Option<TlsAcceptor>,
    drain: Drain,
) -> io::Result<JoinHandle<io::Result<()>>> {
    thread::Builder::new().name(format!("{}-{number}", A::NAME)).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let local = LocalSet::new();
        let worked = local.block_on(&runtime, work(answering, entrances, tls, drain));
        runtime.shutdown_timeout(Duration::ZERO);
        worked
    })
}

async fn work<A: Answering>(
    answering: Arc<A>,
    entrances: Vec<Entrance>,
    tls: Option<TlsAcceptor>,
    drain: Drain,
) -> io::Result<()> {
    let common =
        Common { answering, tls, drain: drain.clone(), open: Rc::default(), turned_away: Rc::default() };
    for entrance in entrances {
        let surface = entrance.surface;
        tokio::task::spawn_local(accept(common.clone(), entrance.accepting()?, surface));
    }
    drain.begun().await;
    let mut waited = Duration::ZERO;
    while common.open.get() > 0 && waited < LAST {
        tokio::time::sleep(LOOKED_AT).await;
        waited += LOOKED_AT;
    }
    Ok(())
}

async fn accept<A: Answering>(common: Common<A>, accepting: Accepting, surface: Serves) {
    loop {
        let accepted = {
            let (next, end) = (pin!(accepting.accept()), pin!(common.drain.begun()));
            match select(next, end).await {
                Either::Left((accepted, _)) => accepted,
                Either::Right(_) => break,
            }
        };
        match accepted {
            Ok(accepted) => {
                tokio::task::spawn_local(welcome(common.clone(), accepted, surface));
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
    // Whoever connected before is answered.
    while let Some(Ok(accepted)) = accepting.accept().now_or_never() {
        tokio::task::spawn_local(welcome(common.clone(), accepted, surface));
    }
}

/// Whether only whoever wanted to connect is gone.
fn is_of_the_client(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

/// Counts a connection while it is open.
struct Open<A: Answering>(Common<A>);

impl<A: Answering> Open<A> {
    fn new(common: &Common<A>) -> (Self, usize) {
        common.open.set(common.open.get() + 1);
        (Self(common.clone()), common.answering.connected())
    }
}

impl<A: Answering> Drop for Open<A> {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
        self.0.answering.disconnected();
    }
}

/// What is said where no more connections are taken.
const FULL: &[u8] =
    b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/problem+json\r\nretry-after: 1\r\n\
    connection: close\r\ncontent-length: 82\r\n\r\n\
    {\"title\":\"Too Many Requests\",\"status\":429,\"detail\":\"too many\",\"code\":\"OVERLOADED\"}";

/// How long somebody is told so, and how many at a time; more are just gone.
const TOLD: Duration = Duration::from_secs(1);
const MOST_TOLD: usize = 64;

/// Tells that there are too many. What was asked is read, or the answer would be lost with a connection that is reset.
async fn turn_away(mut stream: impl AsyncRead + AsyncWrite + Unpin, turned_away: &Cell<usize>) {
    if turned_away.get() >= MOST_TOLD {
        return;
    }
    turned_away.set(turned_away.get() + 1);
    let told = async {
        stream.write_all(FULL).await?;
        stream.shutdown().await?;
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        io::Result::Ok(())
    };
    let _ = tokio::time::timeout(TOLD, told).await;
    turned_away.set(turned_away.get() - 1);
}

/// Nothing was asked before that, so nothing is waited for when the server ends.
async fn shake_hands(tls: &TlsAcceptor, stream: TcpStream, drain: &Drain) -> Option<TlsStream<TcpStream>> {
    let shaking = pin!(tokio::time::timeout(HANDSHAKE, tls.accept(stream)));
    match select(shaking, pin!(drain.begun())).await {
        Either::Left((shaken, _)) => shaken.ok()?.ok(),
        Either::Right(_) => None,
    }
}

async fn welcome<A: Answering>(common: Common<A>, accepted: Accepted, surface: Serves) {
    let (open, before) = Open::new(&common);
    let Common { answering, tls, drain, turned_away, .. } = common;
    if before >= answering.most_connections() {
        drop(open);
        answering.shed();
        match accepted {
            Accepted::Tcp(stream, _) if tls.is_none() => turn_away(stream, &turned_away).await,
            Accepted::Unix(stream) => turn_away(stream, &turned_away).await,
            Accepted::Tcp(..) => {}
        }
        return;
    }
    match (accepted, tls) {
        (Accepted::Tcp(stream, peer), None) => {
            connection::serve(answering, Door { surface, peer: Some(peer), private: false }, stream, drain)
                .await;
        }
        (Accepted::Tcp(stream, peer), Some(tls)) => {
            let Some(stream) = shake_hands(&tls, stream, &drain).await else { return };
            connection::serve(answering, Door { surface, peer: Some(peer), private: true }, stream, drain)
                .await;
        }
        (Accepted::Unix(stream), _) => {
            connection::serve(answering, Door { surface, peer: None, private: true }, stream, drain).await;
        }
    }
}
