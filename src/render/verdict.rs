//! What a verification answered.

use serde::Serialize;

use super::key::moment;
use super::{Field, Screen, Tone, View};
use crate::domain::id::KeyId;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::TokenId;
use crate::domain::keys::verdict::{Reason, Verdict};
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::Timestamp;

/// One verdict among several: every one has the same fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged<'v>(pub &'v Verdict);

impl View for Judged<'_> {
    fn json(&self) -> impl Serialize {
        self.0.json()
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let found = self.0.fields(screen);
        let names = ["allowed", "type", "reason", "key", "token_id", "scopes", "expires_at"];
        let field = |name| found.iter().find(|field| field.name == name).cloned();
        names.into_iter().map(|name| field(name).unwrap_or_else(|| Field::new(name, ""))).collect()
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum VerdictJson<'v> {
    Allowed {
        allowed: bool,
        principal: &'v OwnerSubject,
        key_id: KeyId,
        key_name: &'v KeyName,
        token_id: &'v TokenId,
        scopes: &'v Scopes,
        expires_at: Option<Timestamp>,
        owner: &'v Owner,
    },
    Denied {
        allowed: bool,
        r#type: &'static str,
        reason: Reason,
    },
}

impl View for Verdict {
    fn json(&self) -> impl Serialize {
        match self {
            Self::Allowed(grant) => VerdictJson::Allowed {
                allowed: true,
                principal: &grant.principal,
                key_id: grant.key_id,
                key_name: &grant.key_name,
                token_id: &grant.token_id,
                scopes: &grant.scopes,
                expires_at: grant.expires_at,
                owner: &grant.owner,
            },
            Self::Denied(reason) => {
                VerdictJson::Denied { allowed: false, r#type: reason.denial().as_str(), reason: *reason }
            }
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        match self {
            Self::Allowed(grant) => {
                let scopes: Vec<&str> =
                    grant.scopes.iter().map(crate::domain::keys::scope::Scope::as_str).collect();
                vec![
                    Field::new("allowed", "true").human("yes").tone(Tone::Good),
                    Field::new("principal", grant.principal.as_str()),
                    Field::new("key", format!("{}/{}", grant.owner, grant.key_name)),
                    Field::new("key_id", grant.key_id.to_string()),
                    Field::new("token_id", grant.token_id.as_str()),
                    Field::new("scopes", scopes.join(",")),
                    moment("expires_at", grant.expires_at, "never", screen),
                ]
            }
            Self::Denied(reason) => vec![
                Field::new("allowed", "false").human("no").tone(Tone::Bad),
                Field::new("type", reason.denial().as_str()),
                Field::new("reason", reason.as_str()),
            ],
        }
    }
}
