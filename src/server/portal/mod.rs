//! `keyctl portal`: the pages where people get their own keys. It decides nothing by itself: each page is what a use case of
//! `ops::portal` said, and each change is one of them.
//!
//! | File | Holds |
//! |---|---|
//! | `request` | the routes, and what is noted of each request |
//! | `guard`, `attempts`, `refusals` | what each request is held against: whose site it is, where forms come from, sessions, how often somebody tries, and is refused |
//! | `at_provider`, `provider` | signing in at an OpenID provider: there and back; what is kept of it, and who asks it |
//! | `signing_in`, `mine`, `everybody` | what is done: signing in and out, one's own keys, all keys |
//! | `clients/` | programs that people let in: what they ask for, and the tokens that they get |
//! | `pages/`, `assets`, `links` | what is shown, and where |
//! | `ask`, `answers`, `stop` | a request that may be answered, the answer, and why there is none |
//! | `site`, `jobs` | what all requests are answered from; the threads that ask the store |

mod answers;
mod ask;
mod assets;
mod at_provider;
mod attempts;
mod clients;
mod everybody;
mod guard;
mod jobs;
mod links;
mod mine;
mod not_signed_in;
mod pages;
mod provider;
mod refusals;
mod request;
mod signing_in;
mod site;
mod stop;

use std::sync::Arc;

pub(crate) use clients::Issuing;
use clients::issuing::AtIssuer;
use provider::AtProvider;
pub(crate) use provider::Oidc;
pub(crate) use site::Rules;
use site::Site;

use super::doors::{Doors, StartError};
use super::drain::Drain;
use super::log::Log;
use crate::config::serve::listener::Listener;
use crate::config::serve::serve_file::{LogLevel, Tls as TlsFiles};
use crate::ops::desk::Opening;

/// Pages are few and small: threads that answer.
const WORKERS: usize = 2;

/// Pages that are served.
pub(crate) struct Portal {
    site: Arc<Site>,
    doors: Doors,
}

impl Portal {
    /// Listens. Until [`begin`](Self::begin) it says that it is not ready.
    pub(crate) fn start(
        rules: Rules,
        oidc: Option<Oidc>,
        issuing: Option<Issuing>,
        listeners: &[Listener],
        tls: Option<&TlsFiles>,
        log: Log,
    ) -> Result<Self, StartError> {
        let drain = Drain::default();
        let provider = oidc.map(|oidc| AtProvider::new(oidc, &rules.origin));
        let site = Arc::new(Site::new(rules, provider, issuing.map(AtIssuer::new), log, drain.clone()));
        let doors = Doors::open(&site, drain, listeners, tls, WORKERS)?;
        Ok(Self { site, doors })
    }

    /// Answers from the store that is opened so.
    pub(crate) fn begin(&self, opening: Opening) -> Result<(), StartError> {
        self.site.begin(opening).map_err(StartError::Thread)?;
        self.doors.say_where(&self.site.log);
        self.site.log.say(LogLevel::Info, &format!("the pages are at {}", self.site.rules.origin));
        Ok(())
    }

    /// Reads the certificate again.
    pub(crate) fn reload(&self) {
        self.doors.reload(&self.site.log);
    }

    /// Takes no more connections, answers what is under way, and ends.
    pub(crate) fn stop(self) {
        self.doors.close(&self.site.log);
        self.site.end();
        self.site.log.say(LogLevel::Info, "stopped");
    }
}
