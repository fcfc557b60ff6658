//! `keyctl leaks serve`: reports of leaked tokens, taken over HTTP. It decides nothing by itself: what becomes of a report, a use case of
//! `ops::leaks` says.
//!
//! | File | Holds |
//! |---|---|
//! | `request` | the routes, and what is noted of each request |
//! | `signed` | what GitHub sends, and who says that it did |
//! | `presented` | what comes with a key: reports of scanners, and the question whether a token works |
//! | `taken` | what is said of a report that was taken |
//! | `desk`, `jobs` | what all requests are answered from; the threads that ask the store |

mod desk;
mod jobs;
mod presented;
mod request;
mod signed;
mod taken;

use std::sync::Arc;

use desk::Desk;
pub(crate) use desk::{Keys, Rules};

use super::doors::{Doors, StartError};
use super::drain::Drain;
use super::log::Log;
use crate::config::serve::listener::Listener;
use crate::config::serve::serve_file::{LogLevel, Tls as TlsFiles};
use crate::ops::desk::Opening;

/// Reports are few: threads that answer.
const WORKERS: usize = 2;

/// Reports are taken.
pub(crate) struct Intake {
    desk: Arc<Desk>,
    doors: Doors,
}

impl Intake {
    /// Listens. Until [`begin`](Self::begin) it says that it is not ready.
    pub(crate) fn start(
        rules: Rules,
        listeners: &[Listener],
        tls: Option<&TlsFiles>,
        log: Log,
    ) -> Result<Self, StartError> {
        let drain = Drain::default();
        let desk = Arc::new(Desk::new(rules, log, drain.clone()));
        let doors = Doors::open(&Arc::new(Arc::clone(&desk)), drain, listeners, tls, WORKERS)?;
        Ok(Self { desk, doors })
    }

    /// Works in the store that is opened so.
    pub(crate) fn begin(&self, opening: Opening) -> Result<(), StartError> {
        self.desk.begin(opening).map_err(StartError::Thread)?;
        self.doors.say_where(&self.desk.log);
        Ok(())
    }

    /// Reads the certificate again.
    pub(crate) fn reload(&self) {
        self.doors.reload(&self.desk.log);
    }

    /// Takes no more connections, answers what is under way, and ends.
    pub(crate) fn stop(self) {
        self.doors.close(&self.desk.log);
        self.desk.log.say(LogLevel::Info, "stopped");
    }
}
