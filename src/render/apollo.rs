//! What Apollo is shown, what it is not, and what its table became.

use serde::Serialize;

use super::{Field, Screen, Tone, View, key};
use crate::domain::apollo::{Candidate, LeftOut};
use crate::domain::id::KeyId;
use crate::domain::keys::scope::Scope;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::secrets::secret::SecretName;
use crate::domain::time::Timestamp;
use crate::ops::apollo::compat::Compat;
use crate::ops::imports::apollo::Client;

/// What came of making or removing the view; `dry_run` where nothing was changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CompatView<'c> {
    pub compat: &'c Compat,
    pub dry_run: bool,
}

#[derive(Serialize)]
struct CompatJson<'c> {
    dry_run: bool,
    changed: bool,
    scope: Option<&'c Scope>,
    old_scope: Option<&'c Scope>,
    sealed: u64,
    removed: u64,
    unopened: Vec<VersionJson<'c>>,
}

#[derive(Serialize)]
struct VersionJson<'c> {
    secret: &'c SecretName,
    version: u64,
}

impl View for CompatView<'_> {
    fn json(&self) -> impl Serialize {
        let Compat { scope, before, sealed, removed, unopened, changed, .. } = self.compat;
        CompatJson {
            dry_run: self.dry_run,
            changed: *changed,
            scope: scope.as_ref(),
            old_scope: before.as_ref(),
            sealed: *sealed,
            removed: *removed,
            unopened: unopened
                .iter()
                .map(|(secret, version)| VersionJson { secret, version: *version })
                .collect(),
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let Compat { scope, before, sealed, removed, unopened, .. } = self.compat;
        let text = |scope: &Option<Scope>| scope.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![
            Field::new("scope", text(scope)),
            Field::new("old_scope", text(before)),
            Field::new("sealed", sealed.to_string()),
            Field::new("removed", removed.to_string()),
            Field::new("unopened", unopened.len().to_string()),
        ]
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct LeftOutView<'k> {
    pub key: &'k Candidate,
    pub reason: LeftOut,
}

#[derive(Serialize)]
struct LeftOutJson<'k> {
    key_id: KeyId,
    owner: &'k Owner,
    name: &'k KeyName,
    reason: LeftOut,
    message: &'static str,
}

impl View for LeftOutView<'_> {
    fn json(&self) -> impl Serialize {
        let Candidate { id, owner, name, .. } = self.key;
        LeftOutJson { key_id: *id, owner, name, reason: self.reason, message: self.reason.why() }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        vec![
            Field::new("key", format!("{}/{}", self.key.owner, self.key.name)),
            Field::new("reason", self.reason.as_str()).tone(Tone::Warn),
            Field::new("id", self.key.id.to_string()).extra(),
            Field::new("message", self.reason.why()).open_end(),
        ]
    }
}

/// A row of Apollo's table and what became of it; `dry_run` where nothing was changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientView<'c> {
    pub client: &'c Client,
    pub dry_run: bool,
}

#[derive(Serialize)]
struct ClientJson<'c> {
    row: i64,
    client: Option<&'c str>,
    result: &'static str,
    dry_run: bool,
    key_id: Option<KeyId>,
    owner: Option<&'c Owner>,
    name: Option<&'c KeyName>,
    expires_at: Option<Timestamp>,
    secret: Option<&'c SecretName>,
    note: Option<&'c str>,
}

impl ClientView<'_> {
    fn result(&self) -> &'static str {
        if self.client.made.is_some() { "imported" } else { "skipped" }
    }
}

impl View for ClientView<'_> {
    fn json(&self) -> impl Serialize {
        let Client { row, name, made, note } = self.client;
        let made = made.as_ref();
        ClientJson {
            row: *row,
            client: name.as_deref(),
            result: self.result(),
            dry_run: self.dry_run,
            // Of a rehearsal nothing is there to be pointed at.
            key_id: made.map(|made| made.key).filter(|_| !self.dry_run),
            owner: made.map(|made| &made.owner),
            name: made.map(|made| &made.name),
            expires_at: made.and_then(|made| made.expires_at),
            secret: made.map(|made| &made.secret),
            note: note.as_deref(),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let Client { row, name, made, note } = self.client;
        let made = made.as_ref();
        let result = Field::new("result", self.result());
        vec![
            Field::new("row", row.to_string()),
            Field::new("client", name.as_deref().unwrap_or_default()),
            if made.is_some() { result } else { result.tone(Tone::Warn) },
            Field::new("key", made.map(|made| format!("{}/{}", made.owner, made.name)).unwrap_or_default()),
            Field::new("secret", made.map(|made| made.secret.to_string()).unwrap_or_default()),
            key::moment("expires_at", made.and_then(|made| made.expires_at), "", screen).extra(),
            Field::new("note", note.as_deref().unwrap_or_default()).open_end(),
        ]
    }
}
