//! Keys for elsewhere, in the columns that an import reads.

use serde::Serialize;

use super::{Field, Screen, View};
use crate::domain::id::KeyId;
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::label::Labels;
use crate::domain::keys::network::Networks;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::DisplayPrefix;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::RoleName;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::Timestamp;
use crate::ops::keys::export::Leaving;

/// A key as it is at a moment; with its hashes, where it has some.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeavingView<'k> {
    pub leaving: &'k Leaving<'k>,
    pub now: Timestamp,
}

#[derive(Serialize)]
struct LeavingJson<'k> {
    hash: Option<&'k str>,
    owner: &'k Owner,
    name: &'k KeyName,
    scopes: &'k Scopes,
    roles: &'k [RoleName],
    not_before: Option<Timestamp>,
    expires_at: String,
    labels: &'k Labels,
    subject: &'k OwnerSubject,
    rate: Option<String>,
    quota: Option<String>,
    allow_ip: &'k Networks,
    suspended_at: Option<Timestamp>,
    allow_jwt: bool,
    parent: Option<&'k str>,
    previous_hash: Option<&'k str>,
    previous_expires_at: Option<Timestamp>,
    id: KeyId,
    state: State,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    token_prefix: Option<&'k DisplayPrefix>,
}

impl LeavingView<'_> {
    fn key(&self) -> &Key {
        self.leaving.key
    }

    fn end(&self) -> String {
        self.key().expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string())
    }

    /// The end of the grace, where the hash is there that it is about.
    fn grace(&self) -> Option<Timestamp> {
        self.leaving.previous.as_ref().and(self.key().previous_token.as_ref())?.expires_at
    }
}

impl View for LeavingView<'_> {
    fn json(&self) -> impl Serialize {
        let key = self.key();
        LeavingJson {
            hash: self.leaving.hash.as_deref(),
            owner: &key.owner,
            name: &key.name,
            scopes: &key.scopes,
            roles: &key.roles,
            not_before: key.not_before,
            expires_at: self.end(),
            labels: &key.labels,
            subject: &key.subject,
            rate: key.rate.map(|rate| rate.to_string()),
            quota: key.quota.map(|quota| quota.to_string()),
            allow_ip: &key.networks,
            suspended_at: key.suspended_at,
            allow_jwt: key.allow_jwt,
            parent: self.leaving.parent.as_deref(),
            previous_hash: self.leaving.previous.as_deref(),
            previous_expires_at: self.grace(),
            id: key.id,
            state: key.state(self.now),
            created_at: key.created_at,
            last_used_at: key.last_used.at(),
            token_prefix: key.token_prefix(),
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let key = self.key();
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let list = |words: Vec<String>| words.join(",");
        let subject = Field::new("subject", key.subject.as_str());
        let labels: Vec<String> = key.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        // What parts labels may stand in one; then they are written as JSON.
        let is_plain = labels.iter().all(|label| !label.contains(';') && label.trim() == label);
        vec![
            Field::new("hash", self.leaving.hash.as_deref().unwrap_or_default()),
            Field::new("owner", key.owner.as_str()),
            Field::new("name", key.name.as_str()),
            Field::new("scopes", list(key.scopes.iter().map(ToString::to_string).collect())),
            Field::new("roles", list(key.roles.iter().map(ToString::to_string).collect())),
            Field::new("not_before", time(key.not_before)),
            Field::new("expires_at", self.end()),
            Field::new("labels", if is_plain { labels.join(";") } else { key.labels.to_json() }),
            // Of a file that is read back, every byte counts.
            if self.leaving.hash.is_some() { subject.exact() } else { subject },
            Field::new("rate", key.rate.map(|rate| rate.to_string()).unwrap_or_default()),
            Field::new("quota", key.quota.map(|quota| quota.to_string()).unwrap_or_default()),
            Field::new("allow_ip", list(key.networks.iter().map(ToString::to_string).collect())),
            Field::new("suspended_at", time(key.suspended_at)),
            Field::new("allow_jwt", if key.allow_jwt { "true" } else { "" }),
            Field::new("parent", self.leaving.parent.as_deref().unwrap_or_default()),
            Field::new("previous_hash", self.leaving.previous.as_deref().unwrap_or_default()),
            Field::new("previous_expires_at", time(self.grace())),
            Field::new("id", key.id.to_string()),
            Field::new("state", key.state(self.now).as_str()),
            Field::new("created_at", key.created_at.to_string()),
            Field::new("last_used_at", time(key.last_used.at())),
            Field::new("token_prefix", key.token_prefix().map(ToString::to_string).unwrap_or_default()),
        ]
    }
}
