//! What a use case works with: the store, randomness, and who is asking.

use rand::TryRng as _;
use serde_json::Value;

use super::audit::sink::Sink;
use super::error::{Conflict, Error, Result};
use crate::crypto::chain;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::{Actor, Body, Event, Linked, Outcome};
use crate::domain::random::{Random, RandomError};
use crate::store::{self, Store, Tx};

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
    /// The open store.
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
    /// Runs one change: `work` in a transaction with the audit records that it returns,
    /// then the commit. A change that a conflict forbids leaves a record of that
    /// and nothing else.
    pub(super) fn change<T>(
        &mut self,
        action: Action,
        work: impl FnMut(&mut Tx<'_>, &mut dyn Random) -> Result<(T, Vec<Event>)>,
    ) -> Result<T> {
        self.change_and_deliver(action, work, |_| Ok(()))
    }

    /// The same; before the commit, `deliver` hands out what nobody gets a second time. Its error takes
    /// everything back.
    pub(super) fn change_and_deliver<T>(
        &mut self,
        action: Action,
        mut work: impl FnMut(&mut Tx<'_>, &mut dyn Random) -> Result<(T, Vec<Event>)>,
        deliver: impl FnOnce(&T) -> Result<()>,
    ) -> Result<T> {
        if self.unmade.is_some() {
            let random = self.random.as_mut();
            self.store.rehearse(|tx| work(tx, random).map(drop))?;
            self.make()?;
        }
        let nonce = nonce(self.random.as_mut())?;
        let actor = self.actor_seen();
        let random = self.random.as_mut();
        let mut linked = Vec::new();
        let recorded = |tx: &mut Tx<'_>| {
            let (done, events) = work(tx, random)?;
            // Not those of an attempt that the database gave up.
            linked = events.iter().map(|event| append(tx, &actor, event)).collect();
            Ok(done)
        };
        if self.rehearse {
            return self.store.rehearse(recorded);
        }
        let changed = self.store.change(&nonce, recorded, deliver);
        self.pass_on(&changed, &linked);
        match changed {
            Err(Error::Conflict(conflict)) => Err(self.refuse(action, conflict)),
            other => other,
        }
    }

    /// Makes the store if it is not there yet.
    pub(super) fn make(&mut self) -> Result<()> {
        if let Some(unmade) = self.unmade.take() {
            (self.store, self.sink) = unmade.make(self.sink.take())?;
        }
        Ok(())
    }

    /// The refusal stands also where it cannot be recorded; then it says so.
    fn refuse(&mut self, action: Action, mut conflict: Box<Conflict>) -> Error {
        if let Err(error) = self.record_refusal(action, &conflict) {
            conflict.message = format!("{} (not recorded in the audit log: {error})", conflict.message);
        }
        Error::Conflict(conflict)
    }

    fn record_refusal(&mut self, action: Action, conflict: &Conflict) -> Result<()> {
        let event = Event {
            action,
            outcome: Outcome::Refused { message: conflict.message.clone() },
            key: conflict.key.clone(),
            owner: conflict.owner.clone(),
            details: Value::Null,
        };
        let nonce = nonce(self.random.as_mut())?;
        let actor = self.actor_seen();
        let mut linked = Vec::new();
        let recorded = |tx: &mut Tx<'_>| {
            linked = vec![append(tx, &actor, &event)];
            Ok(())
        };
        let changed = self.store.change(&nonce, recorded, |()| Ok(()));
        self.pass_on(&changed, &linked);
        changed
    }

    /// Hands the records of a change to the sink, if they are committed.
    fn pass_on<T>(&mut self, changed: &Result<T>, linked: &[Linked]) {
        let (Some(sink), Some(first)) = (&mut self.sink, linked.first()) else { return };
        match changed {
            Ok(_) => sink.send(linked),
            Err(Error::Store(store::Error::Unknown(_) | store::Error::Waiting)) => {
                sink.unsure(first.record.seq);
            }
            Err(_) => {}
        }
    }

    /// The actor, with what the database itself knows of the connection.
    fn actor_seen(&self) -> Actor {
        let (session_user, client_address) = self.store.peer();
        Actor { session_user, client_address, ..self.actor.clone() }
    }
}

/// The change mark's random half: 16 hex digits.
pub(super) fn nonce(random: &mut dyn Random) -> Result<String, RandomError> {
    let mut bytes = [0; 8];
    random.fill(&mut bytes)?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}

/// Links an event into the chain as the transaction's next record.
fn append(tx: &mut Tx<'_>, actor: &Actor, event: &Event) -> Linked {
    let (store, previous) = (tx.head().store_uuid, tx.head().audit_hash);
    let body = body(actor, event, tx.now());
    let hash = chain::link(&store, tx.head().audit_seq + 1, &previous, &body);
    Linked { store, previous, record: tx.append_audit(body, hash) }
}

/// The bytes that are stored and hashed.
pub(super) fn body(actor: &Actor, event: &Event, at: crate::domain::time::Timestamp) -> String {
    // Strings, numbers and maps with string keys: serializing them cannot fail.
    serde_json::to_string(&Body::new(event, actor, at)).unwrap_or_default()
}
