//! What is written down of a change.

use serde::Serialize;
use serde_json::Value;

use super::action::Action;
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::time::Timestamp;

/// What was done or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub action: Action,
    pub outcome: Outcome,
    pub key: Option<KeySubject>,
    pub owner: Option<Owner>,
    /// What else is worth knowing: old and new values, the reason. Never a secret.
    pub details: Value,
    pub raised: Option<VersionRaised>,
}

/// That the change raised the version of the key that it is about, or of all keys of the owner or with the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct VersionRaised {
    /// Its number, as in the view of changes: a version is raised once in each.
    pub change: i64,
    /// Also of their children.
    pub children: bool,
}

impl Event {
    pub fn done(action: Action, details: Value) -> Self {
        Self { action, outcome: Outcome::Done, key: None, owner: None, details, raised: None }
    }

    /// About a key, and so about its owner.
    #[must_use]
    pub fn on(self, key: &Key) -> Self {
        let subject = KeySubject { id: key.id, name: key.name.clone() };
        Self { key: Some(subject), owner: Some(key.owner.clone()), ..self }
    }

    #[must_use]
    pub fn of(self, owner: &Owner) -> Self {
        Self { owner: Some(owner.clone()), ..self }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySubject {
    pub id: KeyId,
    /// What it was called then.
    pub name: KeyName,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is committed together with its record.
    Done,
    /// The state of something that exists forbade it.
    Refused { message: String },
}

/// Who asked for it. Everything here is *claimed* by the process that wrote it, but for the
/// two fields of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// `KEYCTL_ACTOR`.
    pub claimed: Option<String>,
    pub os_user: Option<String>,
    pub host: Option<String>,
    /// PostgreSQL's `session_user`.
    pub session_user: Option<String>,
    /// The address that PostgreSQL sees.
    pub client_address: Option<String>,
}

/// The body of a record, as it is serialized and hashed. Fields are only ever added.
#[derive(Debug, Serialize)]
pub struct Body<'a> {
    at: Timestamp,
    action: &'a str,
    outcome: &'a str,
    message: Option<&'a str>,
    owner: Option<&'a Owner>,
    key: Option<KeyId>,
    key_name: Option<&'a KeyName>,
    actor: &'a Actor,
    details: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    raised: Option<VersionRaised>,
}

impl<'a> Body<'a> {
    pub fn new(event: &'a Event, actor: &'a Actor, at: Timestamp) -> Self {
        let (outcome, message) = match &event.outcome {
            Outcome::Done => ("done", None),
            Outcome::Refused { message } => ("refused", Some(message.as_str())),
        };
        Self {
            at,
            action: event.action.as_str(),
            outcome,
            message,
            owner: event.owner.as_ref(),
            key: event.key.as_ref().map(|key| key.id),
            key_name: event.key.as_ref().map(|key| &key.name),
            actor,
            details: &event.details,
            raised: event.raised,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// 1, 2, 3 … without gaps.
    pub seq: u64,
    /// The serialized [`Body`], byte for byte as hashed.
    pub body: String,
    /// The hash of the chain up to and including this record.
    pub hash: [u8; 32],
}

/// A record with all that its hash was made over, so that it can be checked by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    pub store: uuid::Uuid,
    /// The hash of the record before, zeros before the first.
    pub previous: [u8; 32],
    pub record: Record,
}
