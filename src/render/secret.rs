//! Provider secrets. Their values are in two views only, which are shown on demand.

use serde::Serialize;

use super::key::{join, moment};
use super::{Field, Screen, Tone, View};
use crate::domain::federation::settings::Present;
use crate::domain::id::KeyId;
use crate::domain::keys::label::Labels;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::TokenId;
use crate::domain::keys::verdict::Grant;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::secrets::sealed::MasterKeyId;
use crate::domain::secrets::secret::{
    Binding, Provider, Secret, SecretId, SecretKind, SecretName, SecretState, SecretValue, SecretVersion,
};
use crate::domain::time::Timestamp;
use crate::ops::secrets::bind::Bound;
use crate::ops::secrets::get::Got;
use crate::ops::secrets::show::Shown;

/// A secret as it is at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecretView<'s> {
    pub secret: &'s Secret,
    pub now: Timestamp,
}

#[derive(Serialize)]
struct SecretJson<'s> {
    id: SecretId,
    name: &'s SecretName,
    provider: &'s Provider,
    state: SecretState,
    version: u64,
    version_created_at: Timestamp,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    deleted_at: Option<Timestamp>,
    master_key: MasterKeyId,
    bindings: u64,
    labels: &'s Labels,
    kind: SecretKind,
}

impl<'s> SecretView<'s> {
    fn form(self) -> SecretJson<'s> {
        let secret = self.secret;
        SecretJson {
            id: secret.id,
            name: &secret.name,
            provider: &secret.provider,
            state: secret.state(self.now),
            version: secret.version,
            version_created_at: secret.version_created_at,
            created_at: secret.created_at,
            expires_at: ends_at(secret),
            deleted_at: secret.deleted_at,
            master_key: secret.master_key_id,
            bindings: secret.bindings,
            labels: &secret.labels,
            kind: secret.kind,
        }
    }
}

/// When the value ends. What is sealed of a federated secret has an end that means something to older readers alone.
fn ends_at(secret: &Secret) -> Option<Timestamp> {
    secret.expires_at.filter(|_| secret.kind != SecretKind::Federated)
}

fn state(state: SecretState) -> Field {
    let tone = match state {
        SecretState::Active => Tone::Good,
        SecretState::Expiring => Tone::Warn,
        SecretState::Expired | SecretState::Deleted => Tone::Bad,
    };
    Field::new("state", state.as_str()).tone(tone)
}

impl View for SecretView<'_> {
    fn json(&self) -> impl Serialize {
        self.form()
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let secret = self.secret;
        let labels = join(secret.labels.iter().map(|(name, value)| format!("{name}={value}")));
        vec![
            Field::new("name", secret.name.as_str()),
            Field::new("provider", secret.provider.as_str()),
            state(secret.state(self.now)),
            Field::new("version", secret.version.to_string()),
            moment("version_created_at", Some(secret.version_created_at), "", screen).extra(),
            moment("expires_at", ends_at(secret), "never", screen),
            Field::new("bindings", secret.bindings.to_string()),
            Field::new("labels", labels).extra(),
            Field::new("master_key", secret.master_key_id.to_string()).extra(),
            moment("created_at", Some(secret.created_at), "", screen).extra(),
            moment("deleted_at", secret.deleted_at, "", screen).extra(),
            Field::new("id", secret.id.to_string()).extra(),
            Field::new("kind", secret.kind.as_str()).extra(),
        ]
    }
}

#[derive(Serialize)]
struct VersionJson {
    version: u64,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    master_key: MasterKeyId,
    current: bool,
}

/// A binding, as a part of another view.
#[derive(Serialize)]
pub(super) struct BindingJson<'b> {
    subject_kind: &'static str,
    subject_id: String,
    provider: &'b Provider,
    secret_id: SecretId,
    name: &'b SecretName,
    created_at: Timestamp,
}

impl<'b> BindingJson<'b> {
    pub(super) fn of(binding: &'b Binding) -> Self {
        Self {
            subject_kind: binding.subject.kind(),
            subject_id: binding.subject.id(),
            provider: &binding.provider,
            secret_id: binding.secret,
            name: &binding.name,
            created_at: binding.created_at,
        }
    }
}

/// One secret with its versions and bindings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShownView<'s> {
    pub shown: &'s Shown,
    pub now: Timestamp,
}

#[derive(Serialize)]
struct ShownJson<'s> {
    #[serde(flatten)]
    secret: SecretJson<'s>,
    versions: Vec<VersionJson>,
    bound_to: Vec<BindingJson<'s>>,
}

impl View for ShownView<'_> {
    fn json(&self) -> impl Serialize {
        let Shown { secret, versions, bindings } = self.shown;
        let version = |version: &SecretVersion| VersionJson {
            version: version.version,
            created_at: version.created_at,
            expires_at: version.expires_at.filter(|_| secret.kind != SecretKind::Federated),
            master_key: version.master_key_id,
            current: version.version == secret.version,
        };
        ShownJson {
            secret: SecretView { secret, now: self.now }.form(),
            versions: versions.iter().map(version).collect(),
            bound_to: bindings.iter().map(BindingJson::of).collect(),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let Shown { secret, versions, bindings } = self.shown;
        let mut fields = SecretView { secret, now: self.now }.fields(screen);
        fields.push(Field::new("versions", join(versions.iter().map(|version| version.version))));
        fields.push(Field::new("bound_to", join(bindings.iter().map(|binding| &binding.subject))));
        fields
    }
}

#[derive(Serialize)]
struct BoundJson<'b> {
    subject_kind: &'static str,
    subject_id: String,
    provider: &'b Provider,
    secret_id: SecretId,
    name: &'b SecretName,
    old_name: Option<&'b SecretName>,
    changed: bool,
}

impl View for Bound {
    fn json(&self) -> impl Serialize {
        BoundJson {
            subject_kind: self.subject.kind(),
            subject_id: self.subject.id(),
            provider: &self.secret.provider,
            secret_id: self.secret.id,
            name: &self.secret.name,
            old_name: self.before.as_ref(),
            changed: self.changed,
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        vec![
            Field::new("subject", self.whom()),
            Field::new("provider", self.secret.provider.as_str()),
            Field::new("name", self.secret.name.as_str()),
            Field::new("old_name", self.before.as_ref().map(ToString::to_string).unwrap_or_default()).extra(),
            Field::new("changed", self.changed.to_string()).extra(),
        ]
    }
}

#[derive(Serialize)]
struct GotJson<'g> {
    id: SecretId,
    name: &'g SecretName,
    provider: &'g Provider,
    version: u64,
    value: &'g str,
}

/// With the value in the clear.
impl View for Got {
    fn json(&self) -> impl Serialize {
        GotJson {
            id: self.secret.id,
            name: &self.secret.name,
            provider: &self.secret.provider,
            version: self.version,
            value: self.value.expose(),
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        vec![
            Field::new("name", self.secret.name.as_str()),
            Field::new("provider", self.secret.provider.as_str()),
            Field::new("version", self.version.to_string()),
            Field::new("value", self.value.expose()).exact(),
        ]
    }
}

/// What a token led to, with the secret in the clear.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResolvedView<'r> {
    pub grant: &'r Grant,
    pub secret: &'r Secret,
    pub value: &'r SecretValue,
    /// How the provider is presented it, where that is said.
    pub value_present: Option<Present>,
    /// When a token ends that was got.
    pub value_expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct ResolvedJson<'r> {
    allowed: bool,
    principal: &'r OwnerSubject,
    key_id: KeyId,
    key_name: &'r KeyName,
    token_id: &'r TokenId,
    scopes: &'r Scopes,
    expires_at: Option<Timestamp>,
    provider: &'r Provider,
    secret_id: SecretId,
    secret_name: &'r SecretName,
    secret_version: u64,
    secret: &'r str,
    owner: &'r Owner,
    present: Option<Present>,
    secret_expires_at: Option<Timestamp>,
}

impl View for ResolvedView<'_> {
    fn json(&self) -> impl Serialize {
        let Grant { principal, owner, key_id, key_name, token_id, scopes, expires_at } = self.grant;
        let kept_until = ends_at(self.secret);
        ResolvedJson {
            allowed: true,
            principal,
            key_id: *key_id,
            key_name,
            token_id,
            scopes,
            expires_at: *expires_at,
            provider: &self.secret.provider,
            secret_id: self.secret.id,
            secret_name: &self.secret.name,
            secret_version: self.secret.version,
            secret: self.value.expose(),
            owner,
            present: self.value_present,
            secret_expires_at: self.value_expires_at.or(kept_until),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        vec![
            Field::new("principal", self.grant.principal.as_str()),
            Field::new("key", format!("{}/{}", self.grant.owner, self.grant.key_name)),
            Field::new("scopes", join(self.grant.scopes.iter())),
            moment("expires_at", self.grant.expires_at, "never", screen),
            Field::new("provider", self.secret.provider.as_str()),
            Field::new("secret_name", self.secret.name.as_str()),
            Field::new("secret_version", self.secret.version.to_string()),
            Field::new("secret", self.value.expose()).exact(),
        ]
    }
}
