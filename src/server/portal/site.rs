//! What every request is answered from.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::attempts::Attempts;
use super::clients::issuing::AtIssuer;
use super::jobs::Jobs;
use super::provider::AtProvider;
use super::refusals::Refusals;
use super::stop::Stop;
use crate::domain::policies::proxies::Proxies;
use crate::domain::portal::origin::Origin;
use crate::ops::desk::Opening;
use crate::ops::env::Env;
use crate::ops::portal::Refused;
use crate::server::bounds::{Sizes, Times};
use crate::server::drain::Drain;
use crate::server::log::Log;

/// What the operator decided.
pub(crate) struct Rules {
    pub(crate) origin: Origin,
    /// Where keys are used, for the lines that show how; without a slash at its end.
    pub(crate) service: String,
    pub(crate) proxies: Proxies,
}

pub(super) const SIZES: Sizes = Sizes { head: 16 * 1024, body: 64 * 1024 };

pub(super) const TIMES: Times = Times {
    idle: Duration::from_secs(75),
    head: Duration::from_secs(5),
    rest: Duration::from_secs(10),
    answer: Duration::from_secs(30),
};

/// Open connections at most.
pub(super) const MOST_CONNECTIONS: usize = 1024;

pub(super) struct Site {
    pub(super) rules: Rules,
    pub(super) log: Log,
    pub(super) attempts: Attempts,
    pub(super) refusals: Arc<Refusals>,
    /// At whom people may sign in besides.
    pub(super) provider: Option<AtProvider>,
    /// Where programs are let in, if they are.
    pub(super) issuer: Option<AtIssuer>,
    /// Those of programs, which hold up nobody who signs in.
    pub(super) client_attempts: Attempts,
    /// Programs that ask for the codes of a device, whatever comes of it.
    pub(super) device_attempts: Attempts,
    drain: Drain,
    /// There once the store has been read.
    jobs: OnceLock<Jobs>,
    open: AtomicUsize,
    begun: Instant,
}

impl Site {
    pub(super) fn new(
        rules: Rules,
        provider: Option<AtProvider>,
        issuer: Option<AtIssuer>,
        log: Log,
        drain: Drain,
    ) -> Self {
        #[expect(clippy::disallowed_methods, reason = "attempts count from here")]
        let begun = Instant::now();
        let [attempts, client_attempts, device_attempts] = [(); 3].map(|()| Attempts::new());
        let refusals = Arc::default();
        let (jobs, open) = (OnceLock::new(), AtomicUsize::new(0));
        Self {
            rules,
            log,
            attempts,
            refusals,
            provider,
            issuer,
            client_attempts,
            device_attempts,
            drain,
            jobs,
            open,
            begun,
        }
    }

    /// Answers from the store that is opened so.
    pub(super) fn begin(&self, opening: Opening) -> io::Result<()> {
        let _ = self.jobs.set(Jobs::start(opening)?);
        Ok(())
    }

    /// Leaves the store.
    pub(super) fn end(&self) {
        if let Some(jobs) = self.jobs.get() {
            jobs.end();
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.jobs.get().is_some() && !self.is_draining()
    }

    pub(super) fn is_draining(&self) -> bool {
        self.drain.has_begun()
    }

    /// Since the process began.
    pub(super) fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// One more connection; returns how many there were.
    pub(super) fn connected(&self) -> usize {
        self.open.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn disconnected(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// Has something done in the store.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Env) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Stop> {
        let jobs = self.jobs.get().ok_or(Stop::Starting)?;
        jobs.run(job).await.map_err(Stop::Undone)?.map_err(|refused| Stop::Refused(Box::new(refused)))
    }
}
