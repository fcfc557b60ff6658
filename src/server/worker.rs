//! One thread that takes connections and answers what comes over them, all of it by itself: a request that goes from
//! thread to thread costs a third more.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::io::AsyncWriteExt as _;
use tokio::task::LocalSet;
use tokio_rustls::TlsAcceptor;

use super::app::App;
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
#[derive(Clone)]
struct Common {
    app: Arc<App>,
    tls: Option<TlsAcceptor>,
    drain: Drain,
    open: Rc<Cell<usize>>,
}

/// Begins to work; ends some seconds after the drain began.
pub(super) fn start(
    number: usize,
    app: Arc<App>,
    entrances: Vec<Entrance>,
    tls: Option<TlsAcceptor>,
    drain: Drain,
) -> io::Result<JoinHandle<io::Result<()>>> {
    thread::Builder::new().name(format!("serve-{number}")).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let local = LocalSet::new();
        let worked = local.block_on(&runtime, work(app, entrances, tls, drain));
        runtime.shutdown_timeout(Duration::ZERO);
        worked
    })
}

async fn work(
    app: Arc<App>,
    entrances: Vec<Entrance>,
    tls: Option<TlsAcceptor>,
    drain: Drain,
) -> io::Result<()> {
    let common = Common { app, tls, drain: drain.clone(), open: Rc::default() };
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

async fn accept(common: Common, accepting: Accepting, surface: Serves) {
    loop {
        let accepted = {
            let (next, end) = (std::pin::pin!(accepting.accept()), std::pin::pin!(common.drain.begun()));
            match select(next, end).await {
                Either::Left((accepted, _)) => accepted,
                Either::Right(_) => return,
            }
        };
        match accepted {
            Ok(accepted) => {
                tokio::task::spawn_local(welcome(common.clone(), accepted, surface));
            }
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
}

/// Counts a connection while it is open.
struct Open(Common);

impl Open {
    fn new(common: &Common) -> (Self, usize) {
        common.open.set(common.open.get() + 1);
        let before = common.app.metrics.connected();
        (Self(common.clone()), usize::try_from(before).unwrap_or(usize::MAX))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
        self.0.app.metrics.disconnected();
    }
}

/// What is said where no more connections are taken.
const FULL: &[u8] =
    b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/problem+json\r\nretry-after: 1\r\n\
    connection: close\r\ncontent-length: 82\r\n\r\n\
    {\"title\":\"Too Many Requests\",\"status\":429,\"detail\":\"too many\",\"code\":\"OVERLOADED\"}";

async fn welcome(common: Common, accepted: Accepted, surface: Serves) {
    let (_open, before) = Open::new(&common);
    let Common { app, tls, drain, .. } = common;
    if before >= app.most_connections() {
        app.metrics.shed();
        match accepted {
            Accepted::Tcp(mut stream, _) if tls.is_none() => drop(stream.write_all(FULL).await),
            Accepted::Unix(mut stream) => drop(stream.write_all(FULL).await),
            Accepted::Tcp(..) => {}
        }
        return;
    }
    match (accepted, tls) {
        (Accepted::Tcp(stream, peer), None) => {
            connection::serve(app, Door { surface, peer: Some(peer), private: false }, stream, drain).await;
        }
        (Accepted::Tcp(stream, peer), Some(tls)) => {
            let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await else { return };
            connection::serve(app, Door { surface, peer: Some(peer), private: true }, stream, drain).await;
        }
        (Accepted::Unix(stream), _) => {
            connection::serve(app, Door { surface, peer: None, private: true }, stream, drain).await;
        }
    }
}
