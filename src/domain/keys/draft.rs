//! A key as it begins: what is given to it, and what every new key has.

use super::foreign::HashAlg;
use super::key::{IssuedToken, Key, LastUse, ParentLifetime};
use super::label::Labels;
use super::network::Networks;
use super::scope::Scopes;
use super::token::DisplayPrefix;
use crate::domain::id::KeyId;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::{Permissions, Role};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::Timestamp;

/// What a new key is made of. What few have is added to the key: a parent, networks, limits.
#[derive(Debug)]
pub(crate) struct Draft<'d> {
    pub id: KeyId,
    pub owner: Owner,
    pub subject: OwnerSubject,
    pub name: KeyName,
    /// What it is given itself.
    pub scopes: Scopes,
    pub roles: &'d [Role],
    pub labels: Labels,
    pub not_before: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub prefix: DisplayPrefix,
    pub hash_alg: HashAlg,
}

impl Draft<'_> {
    pub(crate) fn key(self, now: Timestamp) -> Key {
        let effective_scopes = Permissions { scopes: &self.scopes, roles: self.roles }.effective(None);
        Key {
            id: self.id,
            owner: self.owner,
            subject: self.subject,
            name: self.name,
            scopes: self.scopes,
            roles: self.roles.iter().map(|role| role.name.clone()).collect(),
            effective_scopes,
            parent: None,
            networks: Networks::default(),
            labels: self.labels,
            rate: None,
            quota: None,
            created_at: now,
            not_before: self.not_before,
            expires_at: self.expires_at,
            suspended_at: None,
            suspended_until: None,
            lives_for: None,
            note: None,
            made_by: None,
            revoked_at: None,
            revoke_reason: None,
            owner_disabled_at: None,
            parent_lifetime: ParentLifetime::default(),
            last_used: LastUse::Never,
            generation: 1,
            token: Some(IssuedToken { hash_alg: self.hash_alg, ..IssuedToken::fresh(self.prefix, now) }),
            previous_token: None,
            pending_tokens: Vec::new(),
            allow_jwt: false,
        }
    }
}
