//! Keys, and fresh tokens with their keys.

use serde::Serialize;

use super::{Field, Screen, Tone, View, time};
use crate::domain::id::KeyId;
use crate::domain::keys::foreign::HashAlg;
use crate::domain::keys::key::{IssuedToken, Key, LastUse, State};
use crate::domain::keys::label::Labels;
use crate::domain::keys::limit::{Quota, Rate};
use crate::domain::keys::network::Networks;
use crate::domain::keys::note::Note;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::{DisplayPrefix, Token, TokenId};
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::RoleName;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::portal::made_by::MadeBy;
use crate::domain::time::Timestamp;

/// A key as it is at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyView<'k> {
    pub key: &'k Key,
    pub now: Timestamp,
}

#[derive(Serialize)]
struct KeyJson<'k> {
    id: KeyId,
    owner: &'k Owner,
    subject: &'k OwnerSubject,
    name: &'k KeyName,
    state: State,
    scopes: &'k Scopes,
    roles: &'k [RoleName],
    effective_scopes: &'k Scopes,
    created_at: Timestamp,
    not_before: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    suspended_at: Option<Timestamp>,
    suspended_until: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    revoke_reason: Option<&'k str>,
    last_used_at: Option<Timestamp>,
    rate: Option<Rate>,
    quota: Option<Quota>,
    allow_ip: &'k Networks,
    labels: &'k Labels,
    parent: Option<KeyId>,
    token: Option<TokenJson<'k>>,
    previous_token: Option<TokenJson<'k>>,
    allow_jwt: bool,
    /// Those that work and were not delivered to all that wait for them, the oldest first.
    pending_tokens: Vec<TokenJson<'k>>,
    note: Option<&'k Note>,
    made_by: Option<&'k MadeBy>,
}

#[derive(Serialize)]
struct TokenJson<'k> {
    id: TokenId,
    prefix: &'k DisplayPrefix,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    hash_alg: HashAlg,
}

impl<'k> KeyView<'k> {
    /// The JSON form, to be a part of another.
    pub(super) fn json_form(self) -> impl Serialize + use<'k> {
        self.as_json()
    }

    fn as_json(self) -> KeyJson<'k> {
        let key = self.key;
        let token = |token: &'k IssuedToken| TokenJson {
            id: token.prefix.token_id(),
            prefix: &token.prefix,
            created_at: token.created_at,
            expires_at: token.expires_at,
            hash_alg: token.hash_alg,
        };
        KeyJson {
            id: key.id,
            owner: &key.owner,
            subject: &key.subject,
            name: &key.name,
            state: key.state(self.now),
            scopes: &key.scopes,
            roles: &key.roles,
            effective_scopes: &key.effective_scopes,
            created_at: key.created_at,
            not_before: key.not_before,
            expires_at: key.expires_at,
            suspended_at: key.suspension(self.now).map(|(since, _)| since),
            suspended_until: key.suspension(self.now).and_then(|(_, until)| until),
            revoked_at: key.revoked_at,
            revoke_reason: key.revoke_reason.as_deref(),
            last_used_at: key.last_used.at(),
            rate: key.rate,
            quota: key.quota,
            allow_ip: &key.networks,
            labels: &key.labels,
            parent: key.parent,
            token: key.token.as_ref().map(token),
            previous_token: key.token_in_grace(self.now).map(token),
            allow_jwt: key.allow_jwt,
            pending_tokens: key.pending_tokens.iter().map(token).collect(),
            note: key.note.as_ref(),
            made_by: key.made_by.as_ref(),
        }
    }
}

impl View for KeyView<'_> {
    fn json(&self) -> impl Serialize {
        self.as_json()
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let key = self.key;
        let expires_at = moment("expires_at", key.expires_at, "never", screen);
        // A revoked key's expiry means nothing any more.
        let expires_at = if key.revoked_at.is_some() { expires_at.human("–") } else { expires_at };
        vec![
            Field::new("key", format!("{}/{}", key.owner, key.name)),
            marked_state(key, self.now),
            Field::new("scopes", join(key.effective_scopes.iter())),
            expires_at,
            token_prefix(key.token.as_ref()),
            Field::new("id", key.id.to_string()).tone(Tone::Dim).extra(),
            moment("created_at", Some(key.created_at), "", screen).extra(),
            moment("last_used_at", key.last_used.at(), unused(key.last_used), screen).extra(),
        ]
    }
}

/// What stands in the place of a time of use.
pub(super) fn unused(last: LastUse) -> &'static str {
    if last == LastUse::Unknown { "unknown" } else { "never" }
}

/// Every column of a key that can be asked for.
pub(crate) const COLUMNS: [&str; 30] = [
    "key",
    "owner",
    "name",
    "id",
    "state",
    "scopes",
    "granted_scopes",
    "roles",
    "parent",
    "expires_at",
    "not_before",
    "created_at",
    "last_used_at",
    "suspended_at",
    "revoked_at",
    "revoke_reason",
    "rate",
    "quota",
    "allow_ip",
    "labels",
    "token_prefix",
    "previous_token",
    "previous_token_expires_at",
    "subject",
    "allow_jwt",
    "pending_tokens",
    "suspended_until",
    "note",
    "other_tokens",
    "made_by",
];

#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyColumns<'k> {
    pub view: KeyView<'k>,
    /// Some of [`COLUMNS`].
    pub columns: &'k [&'static str],
}

impl View for KeyColumns<'_> {
    fn json(&self) -> impl Serialize {
        self.view.as_json()
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let key = self.view.key;
        let mut all = all_fields(&self.view, screen);
        all.push(Field::new("owner", key.owner.as_str()));
        all.push(Field::new("name", key.name.as_str()));
        all.push(other_tokens(key, self.view.now));
        let find = |name: &&str| all.iter().find(|field| field.name == *name).cloned();
        self.columns.iter().filter_map(find).collect()
    }
}

/// A key with everything that is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyDetails<'k>(pub KeyView<'k>);

impl View for KeyDetails<'_> {
    fn json(&self) -> impl Serialize {
        self.0.as_json()
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let mut fields = all_fields(&self.0, screen);
        // For people, what is not there is not shown.
        if screen.now.is_some() {
            fields.retain(|field| !field.for_people().is_empty());
        }
        fields
    }
}

fn all_fields(view: &KeyView<'_>, screen: &Screen) -> Vec<Field> {
    let KeyView { key, now } = *view;
    let previous = key.token_in_grace(now);
    let mut fields = view.fields(screen);
    fields.extend([
        Field::new("previous_token", previous.map(|old| old.prefix.to_string()).unwrap_or_default()),
        moment("previous_token_expires_at", previous.and_then(|old| old.expires_at), "", screen),
        Field::new("pending_tokens", join(key.pending_tokens.iter().map(|token| &token.prefix))),
        Field::new("granted_scopes", own_scopes(key)),
        Field::new("roles", join(key.roles.iter())),
        Field::new("parent", key.parent.map(|parent| parent.to_string()).unwrap_or_default()),
        moment("not_before", key.not_before, "", screen),
        moment("suspended_at", key.suspension(now).map(|(since, _)| since), "", screen),
        moment("suspended_until", key.suspension(now).and_then(|(_, until)| until), "", screen),
        moment("revoked_at", key.revoked_at, "", screen),
        Field::new("revoke_reason", key.revoke_reason.clone().unwrap_or_default()),
        Field::new("rate", key.rate.map(|rate| rate.to_string()).unwrap_or_default()),
        Field::new("quota", key.quota.map(|quota| quota.to_string()).unwrap_or_default()),
        Field::new("allow_ip", join(key.networks.iter())),
        Field::new("labels", join(key.labels.iter().map(|(name, value)| format!("{name}={value}")))),
        subject(key),
        allow_jwt(key),
        Field::new("note", key.note.as_ref().map(ToString::to_string).unwrap_or_default()),
        Field::new("made_by", key.made_by.as_ref().map(ToString::to_string).unwrap_or_default()),
    ]);
    fields
}

/// For people, only where it is another than the owner's name.
fn subject(key: &Key) -> Field {
    let field = Field::new("subject", key.subject.as_str());
    if key.subject == key.owner { field.human("") } else { field }
}

/// For people, only where it is so.
fn allow_jwt(key: &Key) -> Field {
    let field = Field::new("allow_jwt", key.allow_jwt.to_string());
    if key.allow_jwt { field } else { field.human("") }
}

/// Its own scopes, where they are not all that it may do.
fn own_scopes(key: &Key) -> String {
    if key.scopes == key.effective_scopes { String::new() } else { join(key.scopes.iter()) }
}

/// The answer of a mint or a rotation: the only place where a token is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minted<'k> {
    /// The fresh token, where this is where it is shown.
    pub token: Option<&'k Token>,
    /// Whether there is a new token at all, or an equal key was there already.
    pub created: bool,
    pub key: KeyView<'k>,
}

#[derive(Serialize)]
struct MintedJson<'k> {
    token: Option<&'k str>,
    created: bool,
    key: KeyJson<'k>,
}

impl View for Minted<'_> {
    fn json(&self) -> impl Serialize {
        let token = self.token.map(Token::expose);
        MintedJson { token, created: self.created, key: self.key.as_json() }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        self.key.fields(screen)
    }
}

/// A key of a list: what a table shows beside its state has a column for programs, behind all others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed<'k> {
    pub view: KeyView<'k>,
    pub in_table: bool,
}

impl View for Listed<'_> {
    fn json(&self) -> impl Serialize {
        self.view.as_json()
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let mut fields = self.view.fields(screen);
        if !self.in_table {
            fields.push(other_tokens(self.view.key, self.view.now));
        }
        fields
    }
}

/// Which tokens there are beside the current one.
fn others(key: &Key, now: Timestamp) -> Vec<&'static str> {
    let grace = key.token_in_grace(now).map(|_| "grace");
    let pending = (!key.pending_tokens.is_empty()).then_some("pending");
    grace.into_iter().chain(pending).collect()
}

fn other_tokens(key: &Key, now: Timestamp) -> Field {
    Field::new("other_tokens", others(key, now).join(","))
}

/// For people, with what else works of the key than its token, or when its suspension ends.
fn marked_state(key: &Key, now: Timestamp) -> Field {
    let field = state(key.state(now));
    match key.state(now) {
        State::Active => {}
        State::Suspended => {
            let end = key.suspended_until.map(|end| format!("suspended (ends {})", time::relative(end, now)));
            return match end {
                Some(marked) => field.human(marked),
                None => field,
            };
        }
        _ => return field,
    }
    match others(key, now) {
        marks if marks.is_empty() => field,
        marks => {
            let marked = format!("active ({})", marks.join(", "));
            let tone = if key.pending_tokens.is_empty() { Tone::Good } else { Tone::Warn };
            field.human(marked).tone(tone)
        }
    }
}

fn state(state: State) -> Field {
    let tone = match state {
        State::Active => Tone::Good,
        State::NotYetValid | State::Suspended | State::OwnerDisabled | State::ParentDead => Tone::Warn,
        State::Expired | State::Revoked => Tone::Bad,
    };
    Field::new("state", state.as_str()).tone(tone).human(state.as_str().replace('_', " "))
}

/// A guessable token is flagged for people; programs read `hash_alg`.
fn token_prefix(token: Option<&IssuedToken>) -> Field {
    let Some(token) = token else { return Field::new("token_prefix", "").human("–") };
    let field = Field::new("token_prefix", token.prefix.as_str()).whole();
    match token.hash_alg {
        HashAlg::Sha256 => field,
        HashAlg::Argon2id => field.human(format!("{} (weak)", token.prefix)).tone(Tone::Warn),
    }
}

pub(super) fn join<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(",")
}

/// A time: complete for programs, relative for people.
pub(super) fn moment(
    name: &'static str,
    at: Option<Timestamp>,
    none: &'static str,
    screen: &Screen,
) -> Field {
    let Some(at) = at else { return Field::new(name, "").human(none).whole() };
    let field = Field::new(name, at.to_string()).whole();
    match screen.now {
        Some(now) => field.human(time::relative(at, now)),
        None => field,
    }
}
