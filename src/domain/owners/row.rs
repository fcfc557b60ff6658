//! What a store knows of an owner.

use super::owner::Owner;
use super::subject::OwnerSubject;
use crate::domain::keys::limit::Quota;
use crate::domain::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerRow {
    pub name: Owner,
    pub subject: OwnerSubject,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
    /// Its keys that are not revoked.
    pub live_keys: u64,
    pub revoked_keys: u64,
    /// What all its keys may spend together; `None` for no bound.
    pub quota: Option<Quota>,
}

/// The owner that has a word as its name or its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerHolder {
    pub name: Owner,
    pub subject: OwnerSubject,
    /// `None` if it was deleted.
    pub state: Option<OwnerState>,
}

/// Whether an owner's keys may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerState {
    Enabled,
    Disabled(Timestamp),
}
