//! The one place that transacts: it opens, records, delivers, commits, and runs again what the
//! database gave up.
//!
//! A use case decides on the transaction that it is given and opens none: `mint_in(tx, &request,
//! &fresh)` returns what it did, with the records that say so. So several can be one change; the first
//! conflict takes all of them back. What is random in it (`Fresh`: tokens, ids, names) is drawn before, so that an
//! attempt that is run again makes the same. Only what seals draws in the transaction, by
//! [`Env::change_sealing`]: a nonce is for one attempt, since one that was given up may have sent what it sealed.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::env::Env;
use super::error::{Conflict, Error, Result};
use crate::crypto::chain;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::{Actor, Body, Event, KeySubject, Linked, Outcome, VersionRaised};
use crate::domain::id::KeyId;
use crate::domain::points;
use crate::domain::random::{Random, RandomError};
use crate::domain::secrets::secret::SecretId;
use crate::domain::time::Timestamp;
use crate::store::{self, DisclosureRow, Raised, SightingsRow, Tx};

/// What a use case did in a transaction, and the records that say so: none where nothing was changed.
#[derive(Debug)]
#[must_use = "the records of a change belong to it"]
pub struct Done<T> {
    pub result: T,
    /// In the order in which they are linked into the audit log.
    pub events: Vec<Event>,
}

impl<T> Done<T> {
    pub fn unchanged(result: T) -> Self {
        Self { result, events: Vec::new() }
    }

    pub fn with(result: T, event: Event) -> Self {
        Self { result, events: vec![event] }
    }

    /// The result, of a use case that is a part of another; its records go to that one's.
    pub fn record_in(self, events: &mut Vec<Event>) -> T {
        events.extend(self.events);
        self.result
    }
}

impl Env {
    /// Runs one change: `work` in a transaction with the audit records that it returns,
    /// then the commit. A change that a conflict forbids leaves a record of that, as `action`,
    /// and nothing else.
    pub fn change<T>(
        &mut self,
        action: Action,
        work: impl FnMut(&mut Tx<'_>) -> Result<Done<T>>,
    ) -> Result<T> {
        self.change_and_deliver(action, work, |_| Ok(()))
    }

    /// The same for what seals values: its nonces are drawn anew in each attempt.
    pub(super) fn change_sealing<T>(
        &mut self,
        action: Action,
        mut work: impl FnMut(&mut Tx<'_>, &mut dyn Random) -> Result<Done<T>>,
    ) -> Result<T> {
        self.run(action, |tx, random| work(tx, random), |_| Ok(()))
    }

    /// The same as [`Self::change`]; before the commit, `deliver` hands out what nobody gets a second time. Its
    /// error takes everything back.
    pub(super) fn change_and_deliver<T>(
        &mut self,
        action: Action,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<Done<T>>,
        deliver: impl FnOnce(&T) -> Result<()>,
    ) -> Result<T> {
        self.run(action, |tx, _| work(tx), deliver)
    }

    fn run<T>(
        &mut self,
        action: Action,
        mut work: impl FnMut(&mut Tx<'_>, &mut dyn Random) -> Result<Done<T>>,
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
            let Done { result, events } = work(tx, random)?;
            // Not those of an attempt that the database gave up.
            linked = events.iter().map(|event| append(tx, &actor, event)).collect();
            Ok(result)
        };
        if self.rehearse {
            return self.store.rehearse(recorded);
        }
        let changed = self.store.change(&nonce, recorded, deliver);
        self.pass_on(&changed, &linked);
        match changed {
            Err(Error::Conflict(conflict)) => Err(self.refuse(action, conflict)),
            Ok(done) => {
                // By itself, once in a process: nothing that stands there holds a change up, or makes it fail.
                if self.store.is_first_look_at_disclosures() {
                    if self.store.has_disclosures() {
                        let _ = self.record_disclosures();
                    }
                    if self.store.has_sightings() {
                        let _ = self.record_sightings();
                    }
                }
                Ok(done)
            }
            other => other,
        }
    }

    /// Records the secrets that a server handed out since that was done last, up to 100 of them, and forgets instances
    /// that ended. Returns how many there were.
    pub fn record_disclosures(&mut self) -> Result<usize> {
        let nonce = nonce(self.random.as_mut())?;
        let actor = self.actor_seen();
        let mut linked = Vec::new();
        let recorded = |tx: &mut Tx<'_>| {
            tx.remove_ended_claims()?;
            let taken = tx.take_disclosures()?;
            // What was counted may have been given back.
            let events: Vec<Event> = taken.iter().filter(|row| row.count != Some(0)).map(disclosed).collect();
            linked = events.iter().map(|event| append(tx, &actor, event)).collect();
            Ok(linked.len())
        };
        let changed = self.store.change(&nonce, recorded, |_| Ok(()));
        self.pass_on(&changed, &linked);
        changed
    }

    /// Records where canaries were seen since that was done last, up to 100 places of them. Returns how many there were.
    pub fn record_sightings(&mut self) -> Result<usize> {
        let nonce = nonce(self.random.as_mut())?;
        let actor = self.actor_seen();
        let mut linked = Vec::new();
        let recorded = |tx: &mut Tx<'_>| {
            let events: Vec<Event> = tx.take_sightings()?.iter().map(seen).collect();
            linked = events.iter().map(|event| append(tx, &actor, event)).collect();
            Ok(linked.len())
        };
        let changed = self.store.change(&nonce, recorded, |_| Ok(()));
        self.pass_on(&changed, &linked);
        changed
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
            raised: None,
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
            Ok(_) => {
                points::reached("before the sink of the audit log");
                sink.send(linked);
                points::reached("behind the sink of the audit log");
            }
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

/// What a server handed out, in one record for all times that the same key asked for the same: a secret, or a token for
/// that of a CI. What leases handed out was for no key: the secret stands in its place.
fn disclosed(row: &DisclosureRow) -> Event {
    let time = |millis: Option<i64>| millis.and_then(Timestamp::from_millis);
    let (name, provider) =
        row.named.as_ref().map(|(name, provider)| (name.as_str(), provider.as_str())).unzip();
    let (first_at, last_at) = (time(row.first_at), time(row.last_at));
    let is_lease = SecretId::parse(&row.secret).is_some();
    let (action, details) = if row.secret == row.key && is_lease {
        let details = json!({
            "secret": row.secret,
            "name": name,
            "provider": provider,
            "version": row.version,
            "count": row.count,
            "first_at": first_at,
            "last_at": last_at,
        });
        (Action::LeaseAcquire, details)
    } else if row.secret == row.key {
        let details = json!({
            "trust": row.trust,
            "key": row.key,
            "count": row.count,
            "first_at": first_at,
            "last_at": last_at,
        });
        (Action::TrustExchange, details)
    } else {
        let details = json!({
            "secret": row.secret,
            "name": name,
            "provider": provider,
            "version": row.version,
            "key": row.key,
            "asked_by": row.asked_by,
            "count": row.count,
            "first_at": first_at,
            "last_at": last_at,
        });
        (Action::SecretResolve, details)
    };
    about(Event::done(action, details), row.key.parse().ok(), row.key_named.as_ref())
}

/// Where a canary was seen, in one record for all times in an hour that no record has yet.
fn seen(row: &SightingsRow) -> Event {
    let details = json!({
        "token": row.token,
        "address": row.address,
        "path": row.path,
        "count": row.unrecorded,
        "first_at": row.first,
        "last_at": row.last,
    });
    about(Event::done(Action::CanarySeen, details), Some(row.key), row.named.as_ref())
}

/// An event about the key of this id, as its row calls it.
fn about(event: Event, key: Option<KeyId>, named: Option<&(String, String)>) -> Event {
    let (owner, name) = named.map(|(owner, name)| (owner.parse(), name.parse())).unzip();
    let named = name.and_then(std::result::Result::ok).zip(key);
    let key = named.map(|(name, id)| KeySubject { id, name });
    Event { key, owner: owner.and_then(std::result::Result::ok), ..event }
}

/// The change mark's random half: 16 hex digits.
pub(crate) fn nonce(random: &mut dyn Random) -> Result<String, RandomError> {
    let mut bytes = [0; 8];
    random.fill(&mut bytes)?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}

/// Links an event into the chain as the transaction's next record.
fn append(tx: &mut Tx<'_>, actor: &Actor, event: &Event) -> Linked {
    points::reached("before an audit record");
    let (store, previous) = (tx.head().store_uuid, tx.head().audit_hash);
    let body = body(actor, &with_versions(tx, event), tx.now());
    let hash = chain::link(&store, tx.head().audit_seq + 1, &previous, &body);
    Linked { store, previous, record: tx.append_audit(body, hash) }
}

/// With what the change raised of what it is about, by the number of the change: so the log says which version a key has.
fn with_versions<'e>(tx: &Tx<'_>, event: &'e Event) -> Cow<'e, Event> {
    let (change, raised) = tx.raised();
    let is_key = |id: &KeyId| event.key.as_ref().is_some_and(|key| key.id == *id);
    let about = raised.iter().filter(|raised| match raised {
        Raised::Own(id) | Raised::Family(id) => is_key(id),
        Raised::Owner(owner) => event.key.is_none() && event.owner.as_ref() == Some(owner),
        Raised::Role(role) => event.key.is_none() && event.details["role"] == role.as_str(),
    });
    match about.map(|raised| !matches!(raised, Raised::Own(_))).max() {
        None => Cow::Borrowed(event),
        Some(children) => {
            Cow::Owned(Event { raised: Some(VersionRaised { change, children }), ..event.clone() })
        }
    }
}

/// The bytes that are stored and hashed.
pub(super) fn body(actor: &Actor, event: &Event, at: Timestamp) -> String {
    // Strings, numbers and maps with string keys: serializing them cannot fail.
    serde_json::to_string(&Body::new(event, actor, at)).unwrap_or_default()
}
