//! Which version a key has by the log: one more than the changes that took something away from it.
//!
//! It may have more: of a role that it had once, and of keys that were imported together, the log does not say enough. A
//! version that is lower makes short-lived tokens good again that are not.

use std::collections::BTreeSet;

use serde_json::Value;

use super::replay::{Body, Kind, Replay, Thing};
use crate::domain::keys::key::Key;
use crate::ops::error::Result;

fn of_key(id: &str) -> String {
    format!("key {id}")
}

fn of_owner(name: &str) -> String {
    format!("owner {name}")
}

fn of_role(name: &str) -> String {
    format!("role {name}")
}

impl Replay {
    /// Remembers what a record's change raised.
    pub(super) fn raised(&mut self, body: &Body, seq: u64) -> Result<()> {
        let Some(raised) = &body.raised else { return Ok(()) };
        let whose = match (&body.key, body.details["role"].as_str(), &body.owner) {
            (Some(key), ..) => of_key(key),
            (None, Some(role), _) => of_role(role),
            (None, None, Some(owner)) => of_owner(owner),
            (None, None, None) => return Ok(()),
        };
        self.change(Kind::Raised, &whose, |all| {
            all.say(&raised.change.to_string(), raised.children.into(), seq);
        })
    }

    /// What was raised of an owner's keys was raised of those that it has by its new name.
    pub(super) fn raised_of_renamed(&mut self, old: &str, new: &str) -> Result<()> {
        let Some(raised) = self.take(Kind::Raised, &of_owner(old))? else { return Ok(()) };
        self.change(Kind::Raised, &of_owner(new), |all| all.0.extend(raised.0))
    }

    /// The lowest version that a key can have, of which `said` is said.
    pub(super) fn least_version(&self, key: &Key, said: &Thing) -> Result<u64> {
        let mut changes = BTreeSet::new();
        // From a key that was revoked, nothing more can be taken.
        let ends = said.0.get("revoked_at").filter(|(at, _)| !at.is_null()).map_or(u64::MAX, |(_, seq)| *seq);
        let mut count = |whose: &str, since: u64, with_own: bool| -> Result<()> {
            let all = self.get(Kind::Raised, whose)?.unwrap_or_default();
            let raised = all.0.into_iter().filter(|(_, (children, seq))| {
                (since..=ends).contains(seq) && (with_own || *children == Value::Bool(true))
            });
            changes.extend(raised.map(|(change, _)| change));
            Ok(())
        };
        count(&of_key(&key.id.to_string()), 0, true)?;
        for (whose, since) in self.above(said)? {
            count(&whose, since, true)?;
        }
        // Since when it is there is known of keys that were made one by one.
        let made = said.since("owner");
        if let (Some(parent), 1..) = (key.parent.map(|parent| parent.to_string()), made) {
            count(&of_key(&parent), made, false)?;
            // Ids go down, so the parent comes later, and what is said of it is still there.
            let of_parent = self.get(Kind::Key, &parent)?.unwrap_or_default();
            for (whose, since) in self.above(&of_parent)? {
                count(&whose, since.max(made), true)?;
            }
        }
        Ok(1 + changes.len() as u64)
    }

    /// What else gives to a key: its owner and its roles, each with the record since which they do.
    fn above(&self, said: &Thing) -> Result<Vec<(String, u64)>> {
        let mut above = Vec::new();
        if let Some((Value::String(owner), seq)) = said.0.get("owner") {
            above.push((of_owner(self.called_now(owner, *seq)), *seq));
        }
        if let Some((Value::Array(roles), seq)) = said.0.get("roles") {
            for role in roles.iter().filter_map(Value::as_str) {
                if self.ended(Kind::Role, role)? <= *seq {
                    above.push((of_role(role), *seq));
                }
            }
        }
        Ok(above)
    }
}
