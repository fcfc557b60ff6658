//! A step of a plan, done in a transaction.

use super::differences::terms;
use super::keys::{renewal, sorted_roles};
use super::step::{Act, Object, Step};
use crate::domain::audit::event::Event;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::label::LabelEdit;
use crate::domain::keys::rules::Rules;
use crate::domain::keys::token::{Prefix, Token};
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::provisioning::manifest::{Bindings, KeyEntry, KeyPath, Manifest};
use crate::domain::random::{Random, RandomError};
use crate::domain::secrets::provider::Provider;
use crate::domain::secrets::secret::{SecretName, Subject};
use crate::domain::time::{Expiry, Timestamp};
use crate::domain::trusts::terms::{Terms, TrustName};
use crate::ops::change::Done;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::keys::edit::{Edit, ScopeEdit, edit_in, edit_scopes_in};
use crate::ops::keys::pending;
use crate::ops::keys::revoke::revoke_in;
use crate::ops::keys::{mint, rotate};
use crate::ops::owners::{owner, role};
use crate::ops::secrets::bind::{self, Target};
use crate::ops::stores::rules;
use crate::ops::trusts;
use crate::store::{BindingLookup as _, Lookup as _, TrustLookup as _, Tx};

/// What is random in a step, drawn before the transaction.
pub(super) enum Fresh {
    None,
    Mint(mint::Fresh),
    Rotate(rotate::Fresh),
}

impl Fresh {
    /// Draws what a step needs; `prefix` is that of a new token.
    pub(super) fn draw(step: &Step, prefix: &Prefix, random: &mut dyn Random) -> Result<Self, RandomError> {
        match (&step.object, step.act) {
            (Object::Key(_), Act::Create) | (Object::Trust(_), Act::Create | Act::Replace) => {
                mint::Fresh::draw(prefix, random).map(Self::Mint)
            }
            (Object::Key(_), Act::Rotate) => rotate::Fresh::draw(prefix, random).map(Self::Rotate),
            _ => Ok(Self::None),
        }
    }

    /// The token that is to be delivered.
    pub(super) fn token(&self) -> Option<&Token> {
        match self {
            Self::None => None,
            Self::Mint(fresh) => Some(fresh.token()),
            Self::Rotate(fresh) => Some(fresh.token()),
        }
    }
}

/// Does steps in their order, new keys that follow each other together. Of each the key, where its token is to be delivered.
pub(super) fn work_all(
    tx: &mut Tx<'_>,
    manifest: &Manifest,
    steps: &[(&Step, &Fresh)],
    events: &mut Vec<Event>,
) -> Result<Vec<Option<Key>>> {
    let mut keys = Vec::with_capacity(steps.len());
    let is_new = |step: &Step| match (&step.object, step.act) {
        (Object::Key(path), Act::Create) => manifest.keys[path].parent.is_none(),
        _ => false,
    };
    for steps in steps.chunk_by(|(one, _), (next, _)| is_new(one) && is_new(next)) {
        if steps.len() > 1
            && let Some(made) = make(tx, manifest, steps)?
        {
            keys.extend(made.record_in(events).into_iter().map(Some));
            continue;
        }
        for (step, fresh) in steps {
            keys.push(work(tx, manifest, step, fresh, events)?);
        }
    }
    Ok(keys)
}

/// New keys, together; `None` where that cannot be.
fn make(tx: &mut Tx<'_>, manifest: &Manifest, steps: &[(&Step, &Fresh)]) -> Result<Option<Done<Vec<Key>>>> {
    let requests = steps.iter().filter_map(|(step, fresh)| match (&step.object, fresh) {
        (Object::Key(path), Fresh::Mint(fresh)) => {
            Some((request(&path.owner, Some(&path.name), &manifest.keys[path]), fresh))
        }
        _ => None,
    });
    let made = pending::mint_many_in(tx, &requests.collect::<Vec<_>>())?;
    for key in made.iter().flat_map(|made| &made.result) {
        tx.insert_provisioned(key.id, manifest.name.value.as_str());
    }
    Ok(made)
}

/// Does one step. The key, where its token is to be delivered.
fn work(
    tx: &mut Tx<'_>,
    manifest: &Manifest,
    step: &Step,
    fresh: &Fresh,
    events: &mut Vec<Event>,
) -> Result<Option<Key>> {
    match (&step.object, step.act, fresh) {
        (Object::Policy, _, _) => {
            let wanted = |before: &Rules| {
                manifest.policy.as_ref().map_or_else(|| before.clone(), |policy| policy.over(before))
            };
            rules::set_in(tx, wanted).record_in(events);
        }
        (Object::Role(name), Act::Create | Act::Change, _) => {
            let scopes = &manifest.roles[name].scopes.value;
            role::set_in(tx, name, scopes)?.record_in(events);
        }
        (Object::Owner(name), Act::Rename, _) => {
            let was = manifest.owners[name].was.as_ref().map(|was| was.value.clone());
            owner::rename_in(tx, &was.unwrap_or_else(|| name.clone()), name)?.record_in(events);
        }
        (Object::Owner(name), act @ (Act::Create | Act::Change), _) => {
            set_owner(tx, manifest, name, act, events)?;
        }
        (Object::Key(path), Act::Create, Fresh::Mint(fresh)) => {
            let request = request(&path.owner, Some(&path.name), &manifest.keys[path]);
            let planned = pending::mint_in(tx, &request, fresh)?.record_in(events);
            tx.insert_provisioned(planned.key.id, manifest.name.value.as_str());
            return Ok(Some(planned.key));
        }
        (Object::Key(path), Act::Rotate, Fresh::Rotate(fresh)) => {
            let expiry =
                manifest.keys[path].expires.as_ref().and_then(|expiry| renewal(expiry.value, tx.now()));
            return pending::begin_in(tx, &named(path), fresh, expiry)
                .map(|done| Some(done.record_in(events)));
        }
        (Object::Key(path), Act::Rename, _) => {
            let was = manifest.keys[path].was.as_ref().map(|was| was.value.clone());
            let before =
                KeyPath { owner: path.owner.clone(), name: was.unwrap_or_else(|| path.name.clone()) };
            let edit = Edit { name: Some(path.name.clone()), ..Edit::default() };
            edit_in(tx, &named(&before), &edit)?.record_in(events);
        }
        (Object::Key(path), Act::Change, _) => change(tx, path, &manifest.keys[path], step, events)?,
        (Object::Key(path), Act::Revoke, _) => {
            let reason = format!("declared no more by the manifest {}", manifest.name.value);
            revoke_in(tx, &[named(path)], Some(reason.as_str()))?.record_in(events);
        }
        (object, Act::Bind, _) => bind(tx, manifest, object, step, events)?,
        (Object::Trust(name), act, Fresh::Mint(fresh)) => set_trust(tx, manifest, name, act, fresh, events)?,
        (object, act, _) => unreachable!("no plan has a step to {} {object}", act.as_str()),
    }
    Ok(None)
}

pub(super) fn named(path: &KeyPath) -> KeyRef {
    KeyRef::Named(path.owner.clone(), path.name.clone())
}

fn request(owner: &Owner, name: Option<&KeyName>, entry: &KeyEntry) -> mint::Request {
    mint::Request {
        owner: owner.clone(),
        subject: None,
        name: name.cloned(),
        scopes: entry.scopes.value.clone(),
        roles: sorted_roles(entry),
        parent: entry.parent.as_ref().map(|parent| named(&parent.value)),
        allow_all: entry.allow_all,
        expiry: entry.expires.as_ref().map(|expiry| expiry.value),
        not_before: entry.not_before.as_ref().map(|start| start.value.0),
        prefix: None,
        rate: entry.rate.as_ref().map(|rate| rate.value),
        quota: entry.quota.as_ref().map(|quota| quota.value),
        networks: entry.allow_ip.value.clone(),
        labels: entry.labels.0.clone(),
        allow_jwt: entry.allow_jwt,
        note: entry.note.as_ref().and_then(|note| note.value.0.clone()),
        made_by: None,
        if_absent: false,
        canary: false,
    }
}

/// A new owner may be there already by a key that was made in the same change.
fn set_owner(
    tx: &mut Tx<'_>,
    manifest: &Manifest,
    name: &Owner,
    act: Act,
    events: &mut Vec<Event>,
) -> Result<()> {
    let entry = &manifest.owners[name];
    let subject = entry.subject.as_ref().map(|subject| subject.value.clone());
    if act == Act::Create {
        owner::add_in(tx, name, subject.as_ref(), true)?.record_in(events);
    }
    let edit = owner::Edit { subject, quota: entry.quota.as_ref().map(|quota| Some(quota.value)) };
    owner::set_in(tx, name, &edit)?.record_in(events);
    Ok(())
}

/// Only what the plan says is changed.
fn change(
    tx: &mut Tx<'_>,
    path: &KeyPath,
    entry: &KeyEntry,
    step: &Step,
    events: &mut Vec<Event>,
) -> Result<()> {
    let key = named(path);
    let changes = |name: &str| step.differences.iter().any(|difference| difference.name == name);
    let old = tx.live_key_by_name(&path.owner, &path.name)?;
    let gone =
        old.iter().flat_map(|key| key.labels.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>());
    let removed = gone
        .filter(|name| !entry.labels.0.iter().any(|(declared, _)| declared == name))
        .map(LabelEdit::Remove);
    let set = entry.labels.0.iter().map(|(name, value)| LabelEdit::Set(name.to_owned(), value.to_owned()));
    let edit = Edit {
        name: None,
        expiry: entry.expires.as_ref().map(|expiry| expiry.value).filter(|_| changes("expires_at")),
        not_before: changes("not_before").then(|| entry.not_before.as_ref().map(|start| start.value.0)),
        rate: changes("rate").then(|| entry.rate.as_ref().map(|rate| rate.value)),
        quota: changes("quota").then(|| entry.quota.as_ref().map(|quota| quota.value)),
        networks: changes("allow_ip").then(|| entry.allow_ip.value.clone()),
        labels: if changes("labels") { removed.chain(set).collect() } else { Vec::new() },
        roles: changes("roles").then(|| sorted_roles(entry)),
        allow_jwt: changes("allow_jwt").then_some(entry.allow_jwt),
        note: changes("note").then(|| entry.note.as_ref().and_then(|note| note.value.0.clone())),
    };
    // What it gets comes before what it loses: in between it would have neither scope nor role, which a policy may forbid.
    let loses_all = entry.scopes.value.is_empty();
    if changes("scopes") && !loses_all {
        edit_scopes_in(tx, &key, &ScopeEdit::Set(entry.scopes.value.clone()))?.record_in(events);
    }
    if edit != Edit::default() {
        edit_in(tx, &key, &edit)?.record_in(events);
    }
    if changes("scopes") && loses_all {
        edit_scopes_in(tx, &key, &ScopeEdit::Set(entry.scopes.value.clone()))?.record_in(events);
    }
    Ok(())
}

fn bind(
    tx: &mut Tx<'_>,
    manifest: &Manifest,
    object: &Object,
    step: &Step,
    events: &mut Vec<Event>,
) -> Result<()> {
    let none = Bindings::new();
    let (wanted, target) = match object {
        Object::Key(path) => (&manifest.keys[path].bind, Target::Named(named(path))),
        Object::Owner(name) => (&manifest.owners[name].bind, Target::Named(KeyRef::Sole(name.clone()))),
        Object::Store => (&manifest.bind, Target::Store),
        Object::Policy | Object::Role(_) | Object::Trust(_) => (&none, Target::Store),
    };
    let to_bind: Vec<(&Provider, Option<&SecretName>)> = wanted
        .iter()
        .filter(|(provider, _)| {
            step.differences.iter().any(|difference| difference.name == provider.as_str())
        })
        .map(|(provider, name)| (provider, name.as_ref().map(|name| &name.value)))
        .collect();
    for (provider, name) in to_bind {
        if let Some(name) = name {
            bind::bind_in(tx, name, &target)?.record_in(events);
            continue;
        }
        let bound = match object {
            Object::Key(path) => match tx.live_key_by_name(&path.owner, &path.name)? {
                Some(key) => tx.bound_secret(&Subject::Key(key.id), provider)?,
                None => None,
            },
            Object::Owner(name) => tx.bound_secret(&Subject::Owner(name.clone()), provider)?,
            _ => tx.bound_secret(&Subject::Store, provider)?,
        };
        if let Some(secret) = bound {
            bind::unbind_in(tx, &secret.name, &target)?.record_in(events);
        }
    }
    Ok(())
}

fn set_trust(
    tx: &mut Tx<'_>,
    manifest: &Manifest,
    name: &TrustName,
    act: Act,
    fresh: &mint::Fresh,
    events: &mut Vec<Event>,
) -> Result<()> {
    let entry = &manifest.trusts[name];
    let mut terms = terms(name, entry).map_err(|fault| Error::Invalid {
        message: fault.to_string(),
        hint: "see docs/provisioning.md".to_owned(),
    })?;
    if act == Act::Replace {
        let before = tx.trust(name)?.map(|trust| trust.terms.keys);
        terms = Terms { keys: before.flatten(), ..terms };
        trusts::delete::delete_in(tx, name)?.record_in(events);
    }
    // The trust's name is its key's.
    let key = KeyEntry {
        scopes: entry.scopes.clone(),
        roles: entry.roles.clone(),
        allow_all: entry.allow_all,
        expires: entry.expires.clone(),
        ..KeyEntry::default()
    };
    let key = request(&entry.owner.value, None, &key);
    let request = trusts::add::Request { name: name.clone(), terms, key };
    trusts::add::add_in(tx, &request, fresh)?.record_in(events);
    Ok(())
}

/// Refuses a plan whose objects are others by now; `more` says what that came to.
pub(super) fn changed_since(object: &str, more: &str) -> Error {
    let message = format!("{object} is another one since the plan was made{more}");
    Conflict::new(message, "plan again: keyctl plan -f FILE").into()
}

/// What a rotation by the policy, or the first delivery, makes of a key's end.
pub(super) fn confirmed_expiry(entry: &KeyEntry, key: &Key, now: Timestamp) -> Option<Expiry> {
    // A new key's began as it was made.
    key.token.as_ref()?;
    entry.expires.as_ref().and_then(|expiry| renewal(expiry.value, now))
}
