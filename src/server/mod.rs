//! `keyctl serve`: HTTP for gateways and servers that take no code. It answers from the reader behind
//! [`runtime`](crate::runtime), and decides nothing by itself: what a credential may do, the domain says.
//!
//! | File | Holds |
//! |---|---|
//! | `doors`, `listen`, `tls`, `worker`, `connection`, `drain` | where it listens, threads, connections, and their end |
//! | `answering` | who answers what comes over them: all above is the same for `keyctl portal` |
//! | `framing` | what may reach the HTTP library at all |
//! | `request` | the routes, and what is noted of each request |
//! | `credential`, `address`, `dialects/`, `identity` | what a request presents, who sends it, how gateways ask and are told |
//! | `upstream`, `opened_keys` | the key of its own that a server behind a gateway gets |
//! | `auth`, `validate`, `introspect`, `resolve`, `lease`, `revoke`, `token`, `feed`, `metadata`, `issuer`, `health` | one route each |
//! | `offered` | the socket of `keyctl exec --oauth`, which serves leases alone |
//! | `client`, `form` | how clients of OAuth ask |
//! | `broker/` | tokens that are got for those who present a key, and the threads that wait for them |
//! | `revocations` | the thread that ends keys at the wish of their holders |
//! | `rate`, `failed`, `ledger`, `spending`, `uses` | what is counted of keys and addresses, and written down |
//! | `portal/` | the pages of `keyctl portal`, a process of its own |
//! | `leaks/` | the intake of `keyctl leaks serve`, another one |
//! | `refusal`, `answers` | statuses, problems and challenges; bodies |

mod address;
mod answering;
mod answers;
mod app;
mod auth;
mod beside;
mod bounds;
mod broker;
mod canaries;
mod ci;
mod client;
mod connection;
mod credential;
mod dialects;
mod door;
mod doors;
mod drain;
mod failed;
mod feed;
mod form;
mod framing;
mod heads;
mod health;
mod identity;
mod introspect;
mod issuer;
mod issuers;
pub(crate) mod leaks;
mod lease;
mod ledger;
mod listen;
mod log;
mod metadata;
mod metrics;
mod offered;
mod opened_keys;
pub(crate) mod portal;
mod rate;
mod refusal;
mod request;
mod request_id;
mod resolve;
mod revocations;
mod revoke;
mod spending;
mod tls;
mod token;
mod upstream;
mod uses;
mod validate;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use app::App;
pub(crate) use app::Rules;
pub(crate) use bounds::{Sizes, Times};
use broker::Broker;
#[cfg(feature = "internals")]
pub use broker::measured::KeptTokens;
use canaries::Lookout;
use doors::Doors;
pub(crate) use doors::{StartError, check_tls};
use drain::Drain;
use issuers::Issuers;
use log::Event;
pub(crate) use log::Log;
pub(crate) use offered::{Named, Offered, Offers};
use revocations::Revocations;
pub(crate) use uses::Uses;
use uses::Writing;

use crate::config::serve::listener::Listener;
use crate::config::serve::serve_file::{LogLevel, Tls as TlsFiles};
use crate::domain::leaks::canary::{Count, Spot};
use crate::domain::texts::text::counted;
use crate::ops::desk::{Desk, Opening};
use crate::ops::outbound::Outbound;
use crate::ops::usage::writer::UseWriter;
use crate::runtime::Unavailable;
use crate::runtime::serving::{Callers, Signing};

/// How long a provider's answer, and then the store for it, is waited for at the end.
const UNDER_WAY: Duration = Duration::from_secs(40);

/// A server that runs.
pub(crate) struct Serving {
    app: Arc<App>,
    doors: Doors,
    /// What writes down what was answered.
    writing: Option<Writing>,
}

impl Serving {
    /// Listens, with so many threads. Until [`begin`](Self::begin) it says that it is not ready.
    pub(crate) fn start(
        rules: Rules,
        listeners: &[Listener],
        tls: Option<&TlsFiles>,
        workers: usize,
        log: Log,
        uses: Uses,
    ) -> Result<Self, StartError> {
        let drain = Drain::default();
        let app = Arc::new(App::new(rules, log, drain.clone(), uses));
        let doors = Doors::open(&app, drain, listeners, tls, workers)?;
        Ok(Self { app, doors, writing: None })
    }

    /// Answers from this store from now on.
    pub(crate) fn begin(&self, callers: Callers) {
        if let Some(warning) = callers.reader().warning() {
            self.app.log.say(LogLevel::Warn, warning);
        }
        self.app.begin(callers);
        self.doors.say_where(&self.app.log);
    }

    /// Issues short-lived tokens from now on, with the key that signs: read at an address that may. `outbound` asks CIs
    /// for their keys.
    pub(crate) fn issue(&self, signing: Signing, outbound: Box<dyn Outbound>) -> Result<(), StartError> {
        let app = Arc::downgrade(&self.app);
        let say = move |text: &str| {
            if let Some(app) = app.upgrade() {
                app.log.say(LogLevel::Warn, text);
            }
        };
        self.app.begin_asking(Issuers::new(outbound, say));
        let app = Arc::clone(&self.app);
        let say = move |text: &str| app.log.say(LogLevel::Error, text);
        self.app.begin_issuing(signing, say).map_err(StartError::Thread)
    }

    /// Where this server is reached by programs of this machine, if by no others: where tokens are from if the store says
    /// nothing.
    pub(crate) fn own_url(&self) -> Option<String> {
        let scheme = if self.doors.has_tls() { "https" } else { "http" };
        self.doors.own_address().map(|address| format!("{scheme}://{address}"))
    }

    /// The store was never read, and is tried again.
    pub(crate) fn not_yet(&self, why: &Unavailable) {
        let event = Event {
            message: format!("the store cannot be read yet, and is tried again: {}", why.message).into(),
            reason: Some(why.fault.as_str()),
            ..Event::default()
        };
        self.app.log.event(LogLevel::Error, &event);
    }

    /// Reads the certificate again.
    pub(crate) fn reload(&self) {
        self.doors.reload(&self.app.log);
    }

    /// Writes down what is answered from now on, as this instance.
    pub(crate) fn record(&mut self, writer: UseWriter, instance: String) -> Result<(), StartError> {
        let app = Arc::clone(&self.app);
        let say = move |level, text: &str| app.log.say(level, text);
        let lookout = self.lookout(true);
        let writing = self.app.uses.start(writer, instance, lookout, say);
        self.writing = Some(writing.map_err(StartError::Thread)?);
        Ok(())
    }

    /// What looks for canaries, and says of each that it was seen.
    fn lookout(&self, writes: bool) -> Lookout {
        let app = Arc::clone(&self.app);
        let alarm = move |spot: &Spot, count: &Count| {
            let path = if spot.path.is_empty() { "many paths" } else { &spot.path };
            let times = counted(count.times, "time");
            let event = Event {
                message: format!("a canary was seen: {times}, at {path}").into(),
                reason: Some("canary"),
                key: Some(spot.key.to_string()),
                token_id: Some(spot.token.as_str()),
                client: Some(spot.address.clone()).filter(|address| !address.is_empty()),
                ..Event::default()
            };
            app.log.event(LogLevel::Error, &event);
        };
        let app = Arc::clone(&self.app);
        let say = move |level, text: &str| app.log.say(level, text);
        Lookout::new(writes, Box::new(alarm), say)
    }

    /// Ends keys at the wish of whoever holds a token of theirs, in a store that is opened for it.
    pub(crate) fn revoke(&self, opening: Opening) -> Result<(), StartError> {
        let app = Arc::clone(&self.app);
        let say = move |level, text: &str| app.log.say(level, text);
        self.app.begin_revoking(Revocations::start(opening, say).map_err(StartError::Thread)?);
        Ok(())
    }

    /// Hands out tokens of credentials and by federations, from a store that is opened for it.
    pub(crate) fn lease(&self, desk: Desk) -> Result<(), StartError> {
        let app = Arc::downgrade(&self.app);
        let say = move |level, text: &str| {
            if let Some(app) = app.upgrade() {
                app.log.say(level, text);
            }
        };
        self.app.begin_leasing(Broker::start(desk, say).map_err(StartError::Thread)?);
        Ok(())
    }

    /// Says once that nothing is written down, and what follows of that. That a canary was seen is said here alone.
    pub(crate) fn records_nothing(&mut self, reader: UseWriter) -> Result<(), StartError> {
        let said = "nothing is recorded, and keys with a quota are refused: it is read-only; that a canary was seen stands \
            in this log alone";
        self.app.log.say(LogLevel::Warn, said);
        let watching = self.app.uses.watch(reader, self.lookout(false));
        self.writing = Some(watching.map_err(StartError::Thread)?);
        Ok(())
    }

    /// Takes no more connections, answers what is under way, and ends.
    pub(crate) fn stop(self) {
        self.doors.close(&self.app.log);
        if let Ok(broker) = self.app.broker() {
            broker.finish(UNDER_WAY);
        }
        if let Some(writing) = self.writing {
            writing.end();
        }
        self.app.log.say(LogLevel::Info, "stopped");
    }
}
