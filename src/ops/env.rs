//! What a use case works with: the store, randomness, and who is asking.

use rand::TryRng as _;

use super::audit::sink::Sink;
use super::error::Result;
use crate::domain::audit::event::Actor;
use crate::domain::random::{Random, RandomError};
use crate::store::Store;

/// A store that is not there yet. What is asked of it meanwhile, a store in memory answers, so that
/// none is left behind by what is refused.
pub trait Unmade {
    /// Makes the store and opens it; its records go to `sink`, too.
    fn make(self: Box<Self>, sink: Option<Box<dyn Sink>>) -> Result<Made>;
}

/// An open store, and who gets its records.
pub type Made = (Store, Option<Box<dyn Sink>>);

/// The operating system's generator (`getrandom(2)` on Linux).
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        rand::rngs::SysRng.try_fill_bytes(bytes).map_err(|_| RandomError)
    }
}

/// What every change needs.
pub struct Env {
    pub store: Store,
    /// Where ids, tokens and nonces come from.
    pub random: Box<dyn Random>,
    /// Who asks, as far as this process knows.
    pub actor: Actor,
    /// Whether changes are tried and taken back (`--dry-run`).
    pub rehearse: bool,
    /// Who gets each record after its commit, besides the store.
    pub sink: Option<Box<dyn Sink>>,
    /// Makes the store, which so far is one in memory, for the first change that it would take.
    pub unmade: Option<Box<dyn Unmade>>,
}

impl Env {
    /// Makes the store if it is not there yet.
    pub(super) fn make(&mut self) -> Result<()> {
        if let Some(unmade) = self.unmade.take() {
            (self.store, self.sink) = unmade.make(self.sink.take())?;
        }
        Ok(())
    }
}
