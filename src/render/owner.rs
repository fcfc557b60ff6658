//! Owners.

use serde::Serialize;

use super::key::moment;
use super::{Field, Screen, Tone, View};
use crate::domain::keys::limit::Quota;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::row::OwnerRow;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::Timestamp;

#[derive(Serialize)]
struct OwnerJson<'o> {
    name: &'o Owner,
    state: &'static str,
    created_at: Timestamp,
    disabled_at: Option<Timestamp>,
    live_keys: u64,
    revoked_keys: u64,
    subject: &'o OwnerSubject,
    quota: Option<Quota>,
}

fn state(owner: &OwnerRow) -> &'static str {
    if owner.disabled_at.is_some() { "disabled" } else { "enabled" }
}

impl View for OwnerRow {
    fn json(&self) -> impl Serialize {
        OwnerJson {
            name: &self.name,
            state: state(self),
            created_at: self.created_at,
            disabled_at: self.disabled_at,
            live_keys: self.live_keys,
            revoked_keys: self.revoked_keys,
            subject: &self.subject,
            quota: self.quota,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let tone = if self.disabled_at.is_some() { Tone::Warn } else { Tone::Good };
        vec![
            Field::new("owner", self.name.as_str()),
            Field::new("state", state(self)).tone(tone),
            Field::new("live_keys", self.live_keys.to_string()),
            Field::new("revoked_keys", self.revoked_keys.to_string()).extra(),
            moment("created_at", Some(self.created_at), "", screen).extra(),
            moment("disabled_at", self.disabled_at, "", screen).extra(),
            Field::new("subject", self.subject.as_str()),
            Field::new("quota", self.quota.map(|quota| quota.to_string()).unwrap_or_default()).extra(),
        ]
    }
}
