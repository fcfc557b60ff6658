//! What is other with keys than a manifest declares, and which of them are due for another token.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::known::{Known, chosen, current};
use super::step::{Act, Choice, Difference, HeldBack, Object, Step};
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::limit::{Quota, Rate};
use crate::domain::keys::token::{DisplayPrefix, TokenId};
use crate::domain::owners::role::RoleName;
use crate::domain::provisioning::manifest::{Fault, KeyEntry, KeyPath, Manifest};
use crate::domain::provisioning::written::Written;
use crate::domain::time::{Expiry, Timestamp};
use crate::ops::keys::family::check_reserved;
use crate::ops::keys::mint::check_everything;
use crate::ops::keys::pending;

pub(super) struct Steps {
    pub keys: Vec<Step>,
    pub held_back: Vec<HeldBack>,
}

/// Keys before their children, each with what is done to it in the order in which that can be done.
pub(super) fn differences(
    manifest: &Manifest,
    choice: &Choice,
    known: &Known,
    at: Timestamp,
) -> Result<Steps, Fault> {
    let mut steps = Steps { keys: Vec::new(), held_back: Vec::new() };
    let paths = chosen(manifest, choice);
    let (children, parents): (Vec<&KeyPath>, Vec<&KeyPath>) =
        paths.into_iter().partition(|path| manifest.keys[*path].parent.is_some());
    for path in parents.into_iter().chain(children) {
        let entry = &manifest.keys[path];
        check(manifest, known, path, entry)?;
        if choice.select.is_some() {
            check_selected(manifest, known, path, entry)?;
        }
        if let Some(key) = current(manifest, known, path) {
            there(manifest, path, key, known, at, &mut steps)?;
        } else {
            missing(path, entry, known, choice, &mut steps)?;
        }
    }
    Ok(steps)
}

fn check(manifest: &Manifest, known: &Known, path: &KeyPath, entry: &KeyEntry) -> Result<(), Fault> {
    check_roles("keys", path, &entry.roles, known, manifest)?;
    check_everything(&entry.scopes.value, entry.allow_all)
        .map_err(|error| Fault::at("keys", path, format!("{error}; if that is meant: allow_all: true")))?;
    let Some(parent) = &entry.parent else { return Ok(()) };
    check_reserved(&entry.scopes.value).map_err(|error| Fault::at("keys", path, error.to_string()))?;
    if manifest.keys.contains_key(&parent.value) || current(manifest, known, &parent.value).is_some() {
        return Ok(());
    }
    Err(Fault::at("keys", path, format!("its parent {} is neither declared nor in the store", parent.value)))
}

/// Where only keys are made, what they need must be there as it is declared.
fn check_selected(manifest: &Manifest, known: &Known, path: &KeyPath, entry: &KeyEntry) -> Result<(), Fault> {
    let lacks = |what: String| Err(Fault::at("keys", path, format!("{what}; apply without --select first")));
    if let Some(owner) = manifest.owners.get(&path.owner) {
        let subject = known.owners.get(&path.owner).map(|found| &found.subject);
        let wanted = owner.subject.as_ref().map(|subject| &subject.value);
        if subject.is_none() || wanted.is_some_and(|wanted| Some(wanted) != subject) {
            return lacks(format!("the owner {} is not in the store as it is declared", path.owner));
        }
    }
    if let Some(role) = entry.roles.iter().find(|role| !known.roles.contains_key(&role.value)) {
        return lacks(format!("the role {} is not in the store", role.value));
    }
    match entry.parent.as_ref().filter(|parent| current(manifest, known, &parent.value).is_none()) {
        Some(parent) => lacks(format!("its parent {} is not in the store", parent.value)),
        None => Ok(()),
    }
}

/// Roles are declared, or there.
pub(super) fn check_roles(
    section: &'static str,
    entry: &impl ToString,
    roles: &[Written<RoleName>],
    known: &Known,
    manifest: &Manifest,
) -> Result<(), Fault> {
    let missing = roles
        .iter()
        .find(|role| !manifest.roles.contains_key(&role.value) && !known.roles.contains_key(&role.value));
    match missing {
        None => Ok(()),
        Some(role) => Err(Fault::at(
            section,
            entry.to_string(),
            format!("the role {} is neither declared nor in the store", role.value),
        )),
    }
}

fn missing(
    path: &KeyPath,
    entry: &KeyEntry,
    known: &Known,
    choice: &Choice,
    steps: &mut Steps,
) -> Result<(), Fault> {
    let object = Object::Key(path.clone());
    if let Some(at) = known.revoked.get(path).filter(|_| !choice.replace_revoked) {
        let why = format!(
            "it was revoked at {at}, and is not made again by itself: take it out of the manifest, or --replace-revoked"
        );
        steps.held_back.push(HeldBack { object, why });
        return Ok(());
    }
    if entry.sinks.is_empty() {
        let problem = "it is new, and has no sink: nobody would get its token; name one, as in sinks: [{file: tokens/NAME}]";
        return Err(Fault::at("keys", path, problem));
    }
    let mut differences = Vec::new();
    for (name, value) in declared(entry) {
        if !(value.is_null() || value == json!([]) || value == json!({}) || value == json!(false)) {
            differences.push(Difference::of(name, Value::Null, value));
        }
    }
    let step = Step::new(object, Act::Create, differences);
    steps.keys.push(Step { sinks: entry.sinks.iter().map(ToString::to_string).collect(), ..step });
    Ok(())
}

/// What an entry declares, under the names that keys have in JSON.
fn declared(entry: &KeyEntry) -> [(&'static str, Value); 11] {
    [
        ("scopes", json!(entry.scopes.value)),
        ("roles", json!(sorted_roles(entry))),
        ("parent", json!(entry.parent.as_ref().map(Written::text))),
        ("expires_at", json!(entry.expires.as_ref().map(Written::text))),
        ("not_before", json!(entry.not_before.as_ref().map(|start| start.value.0))),
        ("rate", json!(entry.rate.as_ref().map(|rate| rate.value.to_string()))),
        ("quota", json!(entry.quota.as_ref().map(|quota| quota.value.to_string()))),
        ("allow_ip", json!(entry.allow_ip.value)),
        ("labels", json!(entry.labels.0)),
        ("allow_jwt", json!(entry.allow_jwt)),
        ("note", json!(entry.note.as_ref().map(|note| &note.value.0))),
    ]
}

pub(super) fn sorted_roles(entry: &KeyEntry) -> Vec<RoleName> {
    let roles: BTreeSet<_> = entry.roles.iter().map(|role| role.value.clone()).collect();
    roles.into_iter().collect()
}

fn there(
    manifest: &Manifest,
    path: &KeyPath,
    key: &Key,
    known: &Known,
    at: Timestamp,
    steps: &mut Steps,
) -> Result<(), Fault> {
    let (object, entry) = (|| Object::Key(path.clone()), &manifest.keys[path]);
    if let Some(other) = known.makers.get(&key.id).filter(|maker| *maker != manifest.name.value.as_str())
        && !entry.sinks.is_empty()
    {
        let problem = format!(
            "the manifest {other} made it: of two that declare a key, each would undo what the other does"
        );
        return Err(Fault::at("keys", path, problem));
    }
    if key.name != path.name {
        let difference = Difference::of("name", json!(key.name), json!(path.name));
        steps.keys.push(Step::new(object(), Act::Rename, vec![difference]));
    }
    let parent = entry.parent.as_ref().and_then(|parent| current(manifest, known, &parent.value));
    if key.parent != parent.map(|parent| parent.id) {
        let problem = "its parent is another one than declared, and a key keeps its parent: declare it under another name";
        return Err(Fault::at("keys", path, problem));
    }
    let differences = changed(entry, key, at);
    if !differences.is_empty() {
        steps.keys.push(Step::new(object(), Act::Change, differences));
    }
    let Some(why) = due(entry, key, known, at) else { return Ok(()) };
    if key.pending_tokens.len() >= pending::MOST {
        let why = format!(
            "{} tokens of it were not delivered to all that wait for them, and each works. Mend the sink; then end them, and the one \
             in force with them: keyctl rotate {path} --grace 0; and apply at once",
            pending::MOST
        );
        steps.held_back.push(HeldBack { object: object(), why });
        return Ok(());
    }
    if let Some(old) = key.token_in_grace(at).filter(|_| is_served(entry, key, known)) {
        let ends = old.expires_at.map(|end| end.to_string()).unwrap_or_default();
        let why =
            format!("{why}; its old token {} works until {ends}, and another one would end it", old.prefix);
        steps.held_back.push(HeldBack { object: object(), why });
        return Ok(());
    }
    let step = Step::new(object(), Act::Rotate, Vec::new());
    let sinks = entry.sinks.iter().map(ToString::to_string).collect();
    let prefix = key.token_prefix().map(DisplayPrefix::token_prefix);
    steps.keys.push(Step { why: Some(why), sinks, prefix, ..step });
    Ok(())
}

/// The attributes that are others than declared.
fn changed(entry: &KeyEntry, key: &Key, at: Timestamp) -> Vec<Difference> {
    let mut differences = Vec::new();
    // Most keys are as declared: what is shown of a difference is made where there is one.
    let mut compare = |name: &str, is_same: bool, old_and_new: &dyn Fn() -> (Value, Value)| {
        if !is_same {
            let (old, new) = old_and_new();
            differences.push(Difference::of(name, old, new));
        }
    };
    let scopes = &entry.scopes.value;
    compare("scopes", key.scopes == *scopes, &|| (json!(key.scopes), json!(scopes)));
    let roles = sorted_roles(entry);
    compare("roles", key.roles == roles, &|| (json!(key.roles), json!(roles)));
    let rate = entry.rate.as_ref().map(|rate| rate.value);
    let shown = |rate: Option<Rate>| json!(rate.map(|rate| rate.to_string()));
    compare("rate", key.rate == rate, &|| (shown(key.rate), shown(rate)));
    let quota = entry.quota.as_ref().map(|quota| quota.value);
    let shown = |quota: Option<Quota>| json!(quota.map(|quota| quota.to_string()));
    compare("quota", key.quota == quota, &|| (shown(key.quota), shown(quota)));
    let networks = &entry.allow_ip.value;
    compare("allow_ip", key.networks == *networks, &|| (json!(key.networks), json!(networks)));
    let labels = &entry.labels.0;
    compare("labels", key.labels == *labels, &|| (json!(key.labels), json!(labels)));
    let allow_jwt = entry.allow_jwt;
    compare("allow_jwt", key.allow_jwt == allow_jwt, &|| (json!(key.allow_jwt), json!(allow_jwt)));
    if let Some(start) = &entry.not_before {
        let (old, new) = (key.not_before, start.value.0);
        compare("not_before", old == Some(new), &|| (json!(old), json!(new)));
    }
    if let Some(note) = entry.note.as_ref().map(|note| &note.value.0) {
        compare("note", key.note == *note, &|| (json!(key.note), json!(note)));
    }
    if let Some(expiry) = entry.expires.as_ref().filter(|expiry| !expiry.value.may_be(key.expires_at))
        && key.state(at) != State::Expired
    {
        differences.push(Difference::of("expires_at", json!(key.expires_at), json!(expiry.text())));
    }
    differences
}

/// Whether a sink holds a token that works, as far as is known: whoever reads it can wait for another one.
fn is_served(entry: &KeyEntry, key: &Key, known: &Known) -> bool {
    let there = known.deliveries.get(&key.id).map(Vec::as_slice).unwrap_or_default();
    let works = |id: &TokenId| {
        let mut tokens = key.token.iter().chain(&key.previous_token);
        tokens.any(|token| token.prefix.token_id() == *id)
    };
    key.pending_tokens.is_empty()
        && entry.sinks.iter().any(|sink| {
            let sink = sink.to_string();
            there.iter().any(|(place, token)| *place == sink && works(token))
        })
}

/// Why a key is to get another token.
fn due(entry: &KeyEntry, key: &Key, known: &Known, at: Timestamp) -> Option<String> {
    if entry.sinks.is_empty() || matches!(key.state(at), State::Suspended | State::OwnerDisabled) {
        return None;
    }
    if key.state(at) == State::Expired {
        let renews = entry.expires.as_ref().is_some_and(|expiry| renewal(expiry.value, at).is_some());
        return renews.then(|| "it has expired".to_owned());
    }
    let Some(token) = key.token.as_ref().filter(|_| key.pending_tokens.is_empty()) else {
        return Some("its token was not delivered to all that wait for it".to_owned());
    };
    let id = token.prefix.token_id();
    let there = known.deliveries.get(&key.id).map(Vec::as_slice).unwrap_or_default();
    let lacking = entry
        .sinks
        .iter()
        .map(ToString::to_string)
        .find(|sink| !there.iter().any(|(place, token)| place == sink && *token == id));
    if let Some(sink) = lacking {
        return Some(format!("its token does not stand in {sink}"));
    }
    let age = entry.rotate_after.as_ref()?;
    let is_old = token.created_at.after(age.value.0).is_some_and(|due| due <= at);
    is_old.then(|| format!("its token of {} is older than {}", token.created_at, age.text()))
}

/// The expiry that a rotation gives a key: one that is written as a duration begins anew.
pub(super) fn renewal(expiry: Expiry, now: Timestamp) -> Option<Expiry> {
    match expiry {
        Expiry::At(end) | Expiry::EndOfDay(end) => (end > now).then_some(expiry),
        Expiry::After(_) | Expiry::Never => Some(expiry),
    }
}
