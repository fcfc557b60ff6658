//! A connection to a server on which the look-ups of one worker travel together, on its own runtime; made when it is
//! needed, and anew where it was lost.

use std::hash::RandomState;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::timeout;

use super::Shared;
use super::clock::Moment;
use super::fault::{StoreFault, Unavailable};
use super::flight::Flights;
use super::lookup::Look;
use super::pool::WITHIN;
use super::rollback::{Earlier, Question, Read};
use crate::domain::keys::foreign::HashAlg;
use crate::domain::keys::token::TokenHash;
use crate::store::{self, Bound, Line, Sight};

/// After a failure nothing is tried for so long, in milliseconds, and after each further one for twice that.
const FIRST_PAUSE: i64 = 50;
const LONGEST_PAUSE: i64 = 1_000;

pub(super) struct Wire {
    state: Mutex<State>,
    connecting: Flights<(), Result<Arc<Line>, Unavailable>, RandomState>,
    /// Many look-ups see a mark that moved, and one of them asks what changed.
    asking: Flights<(usize, Question), Result<Arc<Earlier>, Unavailable>, RandomState>,
    /// Told where a change is announced.
    heard: Option<Arc<Notify>>,
}

#[derive(Default)]
struct State {
    line: Option<Arc<Line>>,
    failed: Option<Failed>,
}

struct Failed {
    at: Moment,
    pause: i64,
    why: Unavailable,
}

impl Wire {
    pub(super) fn new(heard: Option<Arc<Notify>>) -> Self {
        Self { state: Mutex::default(), connecting: Flights::new(), asking: Flights::new(), heard }
    }

    /// One read of the store, as [`Shared::look`] makes it; without a hash, of the mark alone.
    pub(super) async fn look(
        &self,
        shared: &Shared,
        hash: Option<&TokenHash>,
        by: HashAlg,
    ) -> Result<Look, Unavailable> {
        let read = self.read(shared, hash).await;
        let (sight, read) = read.map_err(|error| error.of_store(&shared.location, shared.origin))?;
        shared.believed(sight, Bound::Nothing, &read, by)
    }

    async fn read(&self, shared: &Shared, hash: Option<&TokenHash>) -> Result<(Sight, Read), Unavailable> {
        let mut read = self.read_once(shared, hash).await;
        if matches!(read, Err(store::Error::Lost(_))) {
            // The server ended it while nobody looked, as at its restart.
            read = self.read_once(shared, hash).await;
        }
        read.map_err(|error| Unavailable::of(&error))?
    }

    /// The inner error is one of connecting, which several may have waited for.
    async fn read_once(
        &self,
        shared: &Shared,
        hash: Option<&TokenHash>,
    ) -> store::Result<Result<(Sight, Read), Unavailable>> {
        let line = match self.line(shared).await {
            Ok(line) => line,
            Err(error) => return Ok(Err(error)),
        };
        let asked = timeout(WITHIN, self.read_on(&line, shared, hash)).await;
        let Ok(read) = asked else {
            self.lose(&line);
            let waited = WITHIN.as_secs();
            return Ok(Err(StoreFault::Timeout.because(format!("no answer within {waited} s"))));
        };
        if line.is_closed() || matches!(read, Err(store::Error::Lost(_))) {
            self.lose(&line);
        }
        read
    }

    async fn read_on(
        &self,
        line: &Arc<Line>,
        shared: &Shared,
        hash: Option<&TokenHash>,
    ) -> store::Result<Result<(Sight, Read), Unavailable>> {
        let sent = (shared.clock)();
        let sight = match hash {
            Some(hash) => line.token(hash).await?,
            None => line.mark().await?,
        };
        let received = (shared.clock)();
        let Some(question) = shared.cache.question(&sight.mark) else {
            return Ok(Ok((sight, Read { sent, received, earlier: None })));
        };
        let key = (Arc::as_ptr(line) as usize, question);
        let ask = async || {
            let nonce = line.nonce_of(question.known).await;
            let asked = match nonce {
                Ok(nonce) => line.changes_after(question.known).await.map(|rows| (nonce, rows)),
                Err(error) => Err(error),
            };
            let (nonce, rows) = asked.map_err(|error| Unavailable::of(&error))?;
            Ok(Arc::new(question.answered(nonce, rows)))
        };
        let earlier = self.asking.share_async(key, ask).await;
        Ok(earlier.map(|earlier| (sight, Read { sent, received, earlier: Some((*earlier).clone()) })))
    }

    /// The connection, made if there is none. Who comes while it is made waits with the others.
    async fn line(&self, shared: &Shared) -> Result<Arc<Line>, Unavailable> {
        if let Some(known) = self.known(shared) {
            return known;
        }
        let connect = async || {
            // Another one may have made it just now.
            if let Some(known) = self.known(shared) {
                return known;
            }
            let opened = Line::open(&shared.location, self.heard.clone(), WITHIN).await;
            let opened = opened.map(Arc::new).map_err(|error| Unavailable::of(&error));
            let mut state = self.state();
            match &opened {
                Ok(line) => *state = State { line: Some(Arc::clone(line)), failed: None },
                Err(why) => {
                    let before = state.failed.take().map_or(FIRST_PAUSE / 2, |failed| failed.pause);
                    let pause = (before * 2).min(LONGEST_PAUSE);
                    state.failed = Some(Failed { at: (shared.clock)(), pause, why: why.clone() });
                }
            }
            opened
        };
        self.connecting.share_async((), connect).await
    }

    /// The connection, or that it cannot be had now; `None` where it is time to try.
    fn known(&self, shared: &Shared) -> Option<Result<Arc<Line>, Unavailable>> {
        let state = self.state();
        if let Some(line) = state.line.as_ref().filter(|line| !line.is_closed()) {
            return Some(Ok(Arc::clone(line)));
        }
        let failed = state.failed.as_ref()?;
        let now = (shared.clock)();
        let since = now.since(failed.at);
        // Another worker may have read the store meanwhile: then nobody waits for it any more.
        let was_read = shared.cache.age(now) < since;
        (since < failed.pause && !was_read).then(|| Err(failed.why.clone()))
    }

    /// The next one who asks does so on another connection.
    fn lose(&self, lost: &Arc<Line>) {
        let mut state = self.state();
        if state.line.as_ref().is_some_and(|line| Arc::ptr_eq(line, lost)) {
            state.line = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
