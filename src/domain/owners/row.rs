//! What a store knows of an owner.

use super::owner::Owner;
use super::subject::OwnerSubject;
use crate::domain::time::Timestamp;

/// What is known of an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerRow {
    /// Its name.
    pub name: Owner,
    /// The id that services get.
    pub subject: OwnerSubject,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When all its keys were stopped for a while.
    pub disabled_at: Option<Timestamp>,
    /// Its keys that are not revoked.
    pub live_keys: u64,
    /// Its keys that are.
    pub revoked_keys: u64,
}

/// The owner that has a word as its name or its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerHolder {
    /// Its name.
    pub name: Owner,
    /// Its subject.
    pub subject: OwnerSubject,
    /// `None` if it was deleted.
    pub state: Option<OwnerState>,
}

/// Whether an owner's keys may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerState {
    /// They may.
    Enabled,
    /// All were stopped at this time.
    Disabled(Timestamp),
}
