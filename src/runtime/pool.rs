//! The connections of a reader: opened when they are needed, and no more than so many.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::clock::{Clock, Moment};
use super::fault::{StoreFault, Unavailable};
use crate::store::{self, Columns, Location, Views};

/// How long one look-up may take, and how long it may wait for a connection.
pub(super) const WITHIN: Duration = Duration::from_secs(2);

/// How often it is looked whether the opened file still has its name, in milliseconds.
const LOOKED_AT: i64 = 1_000;

pub(super) struct Pool {
    location: Location,
    /// The variable that named it, if one did.
    origin: Option<&'static str>,
    options: store::Options,
    columns: Columns,
    most: usize,
    clock: Clock,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    /// In use or idle.
    open: usize,
    /// Who waits for one. Waking nobody is a system call, too.
    waiting: usize,
}

struct Connection {
    views: Views,
    looked_at: Moment,
}

impl Connection {
    fn is_usable(&self, now: Moment) -> bool {
        now.since(self.looked_at) < LOOKED_AT || self.views.is_current()
    }
}

impl Pool {
    pub(super) fn new(
        location: Location,
        origin: Option<&'static str>,
        options: store::Options,
        columns: Columns,
        most: usize,
        clock: Clock,
    ) -> Self {
        let (state, freed) = (Mutex::default(), Condvar::new());
        Self { location, origin, options, columns, most: most.max(1), clock, state, freed }
    }

    /// Works with a connection; one that fails is not used again. Returns since when what was
    /// read counts as asked for: of a file, since it was last looked whether it has its name.
    pub(super) fn with<T: Send>(
        &self,
        work: impl Fn(&mut Views) -> store::Result<T> + Send,
    ) -> Result<(Moment, T), Unavailable> {
        self.with_somewhere(work).map_err(|error| error.of_store(&self.location, self.origin))
    }

    fn with_somewhere<T: Send>(
        &self,
        work: impl Fn(&mut Views) -> store::Result<T> + Send,
    ) -> Result<(Moment, T), Unavailable> {
        // A client of PostgreSQL waits on a runtime of its own, which must not be inside another.
        let inside_another = tokio::runtime::Handle::try_current().is_ok();
        if inside_another && matches!(self.location, Location::Postgres(_)) {
            return thread::scope(|scope| {
                let working = scope.spawn(|| self.with_here(work));
                let defect = || StoreFault::Unreachable.because("the client of the database has a defect");
                working.join().unwrap_or_else(|_| Err(defect()))
            });
        }
        self.with_here(work)
    }

    fn with_here<T>(
        &self,
        work: impl Fn(&mut Views) -> store::Result<T>,
    ) -> Result<(Moment, T), Unavailable> {
        let mut place = self.take()?;
        if let Some(connection) = place.connection.take() {
            match self.work_with(connection, &work) {
                // The server ended it while nobody looked, as at its restart.
                Err(store::Error::Lost(_)) => {}
                done => return Ok(place.give_back(done.map_err(|error| Unavailable::of(&error))?)),
            }
        }
        let done = self.work_with(self.connect()?, &work).map_err(|error| Unavailable::of(&error))?;
        Ok(place.give_back(done))
    }

    fn work_with<T>(
        &self,
        mut connection: Connection,
        work: &impl Fn(&mut Views) -> store::Result<T>,
    ) -> store::Result<(Connection, Moment, T)> {
        let sent = match self.location {
            Location::Sqlite(_) => connection.looked_at,
            Location::Postgres(_) => (self.clock)(),
        };
        let done = work(&mut connection.views)?;
        Ok((connection, sent, done))
    }

    /// A place among the connections, and the one that stands there, if it can be used.
    fn take(&self) -> Result<Place<'_>, Unavailable> {
        let full = |state: &mut State| state.idle.is_empty() && state.open >= self.most;
        let mut state = self.lock();
        if full(&mut state) {
            state.waiting += 1;
            let waited = self.freed.wait_timeout_while(state, WITHIN, full);
            let (mut freed, wait) = waited.unwrap_or_else(PoisonError::into_inner);
            freed.waiting -= 1;
            if wait.timed_out() && full(&mut freed) {
                let most = self.most;
                return Err(StoreFault::Pool.because(format!("all {most} connections are in use")));
            }
            state = freed;
        }
        let connection = state.idle.pop();
        state.open += usize::from(connection.is_none());
        drop(state);
        let now = (self.clock)();
        let connection = connection.filter(|connection| connection.is_usable(now)).map(|connection| {
            let looked_at =
                if now.since(connection.looked_at) < LOOKED_AT { connection.looked_at } else { now };
            Connection { looked_at, ..connection }
        });
        Ok(Place { pool: self, connection })
    }

    fn connect(&self) -> Result<Connection, Unavailable> {
        let looked_at = (self.clock)();
        let views = Views::open(&self.location, self.options, self.columns, WITHIN);
        Ok(Connection { views: views.map_err(|error| Unavailable::of(&error))?, looked_at })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is taken; when it is given back, so is the connection that stands there.
struct Place<'p> {
    pool: &'p Pool,
    connection: Option<Connection>,
}

impl Place<'_> {
    fn give_back<T>(mut self, (connection, sent, done): (Connection, Moment, T)) -> (Moment, T) {
        self.connection = Some(connection);
        (sent, done)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        match self.connection.take() {
            Some(connection) => state.idle.push(connection),
            None => state.open -= 1,
        }
        let is_awaited = state.waiting > 0;
        drop(state);
        if is_awaited {
            self.pool.freed.notify_one();
        }
    }
}

impl Drop for Pool {
    /// A client's runtime must not end inside another one.
    fn drop(&mut self) {
        let idle = std::mem::take(&mut self.lock().idle);
        if matches!(self.location, Location::Postgres(_)) && !idle.is_empty() {
            let _ = thread::spawn(move || drop(idle)).join();
        }
    }
}
