//! All that is listened on, and the threads that answer there.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::answering::Answering;
use super::drain::Drain;
use super::listen::Bound;
use super::log::Log;
use super::tls::{Tls, TlsError};
use super::worker;
use crate::config::serve::listener::{Listener, Serves};
use crate::config::serve::serve_file::{LogLevel, Tls as TlsFiles};

/// Why it does not begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// A place that cannot be listened on.
    #[error("cannot listen on {place}: {error}")]
    Listen {
        place: String,
        #[source]
        error: io::Error,
    },
    #[error("TLS cannot be used: {0}")]
    Tls(#[from] TlsError),
    #[error("TLS cannot be used: {0}")]
    Rustls(#[from] rustls::Error),
    #[error("a thread cannot be started: {0}")]
    Thread(#[source] io::Error),
}

/// Whether a certificate and its key can be used.
pub(crate) fn check_tls(files: &TlsFiles) -> Result<(), StartError> {
    Tls::read(files)?.acceptor()?;
    Ok(())
}

/// Open until they are closed.
pub(super) struct Doors {
    tls: Option<Tls>,
    drain: Drain,
    workers: Vec<JoinHandle<io::Result<()>>>,
    /// Kept while it runs: a socket's file goes with it.
    bound: Vec<Bound>,
}

impl Doors {
    /// Listens, with so many threads, and has what comes answered. `drain` is the end that those know who answer.
    pub(super) fn open<A: Answering>(
        answering: &Arc<A>,
        drain: Drain,
        listeners: &[Listener],
        tls: Option<&TlsFiles>,
        workers: usize,
    ) -> Result<Self, StartError> {
        let bind = |listener: &Listener| {
            let place = listener.to_string();
            Bound::bind(listener).map_err(|error| StartError::Listen { place, error })
        };
        let tls = tls.map(Tls::read).transpose()?;
        let bound = listeners.iter().map(bind).collect::<Result<Vec<_>, _>>()?;
        let mut doors = Self { tls, drain, workers: Vec::new(), bound };
        for number in 0..workers.max(1) {
            let acceptor = doors.tls.as_ref().map(Tls::acceptor).transpose()?;
            let entrances: io::Result<Vec<_>> = doors.bound.iter().map(Bound::entrance).collect();
            let entrances = entrances.map_err(StartError::Thread)?;
            let (answering, drain) = (Arc::clone(answering), doors.drain.clone());
            let worker = worker::start(number, answering, entrances, acceptor, drain);
            doors.workers.push(worker.map_err(StartError::Thread)?);
        }
        Ok(doors)
    }

    /// Says in the log where it listens.
    pub(super) fn say_where(&self, log: &Log) {
        for bound in &self.bound {
            log.say(LogLevel::Info, &format!("listening on {}", bound.shown));
        }
    }

    pub(super) fn has_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// The first address that is not for gateways alone; `None` where others than programs of this machine reach one.
    pub(super) fn own_address(&self) -> Option<SocketAddr> {
        if self.bound.iter().any(|bound| bound.is_beyond_loopback) {
            return None;
        }
        let mut addresses = self.bound.iter().filter(|bound| bound.surface != Serves::Internal);
        addresses.find_map(|bound| bound.tcp)
    }

    /// Reads the certificate again.
    pub(super) fn reload(&self, log: &Log) {
        let Some(tls) = &self.tls else { return };
        match tls.reload() {
            Ok(()) => log.say(LogLevel::Info, "the certificate was read again"),
            Err(error) => {
                let kept = format!("the certificate in use stays: {error}");
                log.say(LogLevel::Error, &kept);
            }
        }
    }

    /// Takes no more connections, and answers what is under way.
    pub(super) fn close(self, log: &Log) {
        log.say(LogLevel::Info, "draining");
        self.drain.begin();
        // The system would take connections that nobody answers.
        drop(self.bound);
        for worker in self.workers {
            if !matches!(worker.join(), Ok(Ok(()))) {
                log.say(LogLevel::Error, "a thread ended early");
            }
        }
    }
}
