//! A store that is opened for jobs, again and again, and where tokens are got for them.
//!
//! What is open is kept from one job to the next, since a connection to a server costs more than most of them, and opening a
//! file four times as much as to write to it. Another file may have the store's name by the next time: that is looked at first,
//! or the file is opened for each.

use super::env::Env;
use super::error::{Error, Result};
use super::master_keys::Ring;
use super::outbound::Outbound;

/// How the store is opened.
pub(crate) struct Opening {
    pub(crate) open: Box<dyn Fn() -> Result<Env> + Send + Sync>,
    /// Whether what is open is kept: whoever keeps a file closes it at the end, so that no long log is left behind.
    pub(crate) is_kept: bool,
}

/// The same with what opens and seals in it, and who is asked for tokens.
pub(crate) struct Desk {
    pub(crate) store: Opening,
    pub(crate) ring: Ring,
    pub(crate) outbound: Box<dyn Outbound>,
}

/// What one thread has open.
#[derive(Default)]
pub(crate) struct Open(Option<Env>);

impl Open {
    /// Does a job in the store. One that was lost since it was used last is made anew, and one that failed is not kept.
    pub(crate) fn with<T>(
        &mut self,
        opening: &Opening,
        job: impl FnOnce(&mut Env) -> Result<T>,
    ) -> Result<T> {
        let is_there = |mut env: Env| env.store.take_up().is_ok().then_some(env);
        let mut env = match self.0.take().and_then(is_there) {
            Some(env) => env,
            None => (opening.open)()?,
        };
        let actor = env.actor.clone();
        let done = job(&mut env);
        if opening.is_kept && !matches!(done, Err(Error::Store(_))) {
            env.actor = actor;
            env.store.put_aside();
            self.0 = Some(env);
        }
        done
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Nothing is to be done for a while.
    pub(crate) fn rest(&mut self) {
        self.0 = None;
    }
}
