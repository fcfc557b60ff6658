//! Owners: the principals that keys act for.

use serde_json::{Map, Value, json};

use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::Key;
use crate::domain::keys::limit::Quota;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::row::{OwnerHolder, OwnerRow, OwnerState};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::texts::leak;
use crate::domain::texts::text::{Shown, counted};
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::keys::family;
use crate::ops::keys::typed::{Typed, refuse_tokens};
use crate::ops::near;
use crate::store::{Lookup, Store, Tx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The owner as it is now, or was before it was deleted.
    pub owner: OwnerRow,
    pub changed: bool,
    pub at: Timestamp,
}

/// The owner of this name. [`Error::NotFound`] if there is none.
pub fn find(store: &mut impl Lookup, owner: &Owner) -> Result<OwnerRow> {
    match store.owner(owner)? {
        Some(found) => Ok(found),
        None => Err(unknown(store, owner)?),
    }
}

/// The owner of this name or this subject. [`Error::NotFound`] if there is none.
pub fn find_known_as(store: &mut impl Lookup, word: &OwnerSubject) -> Result<OwnerRow> {
    if let Some(holder) = store.owner_holder(word.as_str())? {
        return find(store, &holder.name);
    }
    match word.as_str().parse::<Owner>() {
        Ok(name) => Err(unknown(store, &name)?),
        Err(_) => Err(Error::NotFound {
            message: format!("no owner has the subject {}", Shown(word.as_str())),
            hint: "keyctl owner list shows all, with their subjects".to_owned(),
        }),
    }
}

/// Whether the keys of the owner of this name may work. [`Error::NotFound`] if there is none.
pub(in crate::ops) fn known(store: &mut impl Lookup, owner: &Owner) -> Result<OwnerState> {
    match store.owner_state(owner)? {
        Some(state) => Ok(state),
        None => Err(unknown(store, owner)?),
    }
}

/// [`Error::NotFound`] if there is no owner of this name.
pub(in crate::ops) fn check_known(store: &mut impl Lookup, owner: &Owner) -> Result<()> {
    known(store, owner).map(drop)
}

fn unknown(store: &mut impl Lookup, owner: &Owner) -> Result<Error> {
    let message = format!("there is no owner {}", Shown(owner.as_str()));
    Ok(near::not_found(message, near::owner_meant(store, owner)?, "keyctl owner list shows all"))
}

/// Makes an owner without keys. With `if_absent`, one that is there is fine as it is, if it has the
/// subject that is asked for.
pub fn add(env: &mut Env, owner: &Owner, subject: Option<&OwnerSubject>, if_absent: bool) -> Result<Changed> {
    refuse_token(env, subject)?;
    env.change(Action::OwnerAdd, |tx| add_in(tx, owner, subject, if_absent))
}

/// The same, as a part of a change; the subject is no token ([`refuse_token`]).
pub fn add_in(
    tx: &mut Tx<'_>,
    owner: &Owner,
    subject: Option<&OwnerSubject>,
    if_absent: bool,
) -> Result<Done<Changed>> {
    let at = tx.now();
    if let Some(found) = tx.owner(owner)? {
        if if_absent {
            settle(tx, owner, subject)?;
            return Ok(Done::unchanged(Changed { owner: found, changed: false, at }));
        }
        let message = format!("the owner {owner} exists already");
        return Err(Conflict::new(message, "with --if-absent that is fine").of(owner).into());
    }
    let Settled { subject, .. } = settle(tx, owner, subject)?;
    tx.ensure_owner(owner, &subject);
    let made = find(tx, owner)?;
    let details = json!({ "subject": subject });
    Ok(Done::with(
        Changed { owner: made, changed: true, at },
        Event::done(Action::OwnerAdd, details).of(owner),
    ))
}

/// A subject is kept and shown, so a token must not become one.
pub fn refuse_token(env: &mut Env, subject: Option<&OwnerSubject>) -> Result<()> {
    let typed = subject.map(|subject| Typed { what: "subject", text: subject.as_str() });
    match typed {
        Some(typed) if leak::secret_in(typed.text).is_some() => Err(Error::Invalid {
            message: "the subject contains a secret; nothing was changed".to_owned(),
            hint: "a subject is kept and shown: give the id that the user has elsewhere".to_owned(),
        }),
        typed => refuse_tokens(&mut env.store, &typed.into_iter().collect::<Vec<_>>()),
    }
}

/// As whom an owner is, or will be, known to services.
#[derive(Debug)]
pub(in crate::ops) struct Settled {
    pub(in crate::ops) subject: OwnerSubject,
    /// `None` if there is no such owner yet, or none any more.
    pub(in crate::ops) state: Option<OwnerState>,
    /// Whether the store has never heard of it: then it has no key either.
    pub(in crate::ops) is_new: bool,
}

/// The subject that goes with a name: the one of an owner that is there, a deleted one included; of
/// a new one the one asked for, else the name.
///
/// Names and subjects are one namespace over all owners: who compares names, as readers did before
/// there were subjects, must let nobody into another's data.
pub(in crate::ops) fn settle(
    store: &mut impl Lookup,
    owner: &Owner,
    wanted: Option<&OwnerSubject>,
) -> Result<Settled> {
    let holder = store.owner_holder(owner.as_str())?;
    settle_with(store, owner, wanted, holder)
}

/// The same where it was read who has the name as its name or its subject. Nothing more is read where no subject is asked for.
pub(in crate::ops) fn settle_with(
    store: &mut impl Lookup,
    owner: &Owner,
    wanted: Option<&OwnerSubject>,
    holder: Option<OwnerHolder>,
) -> Result<Settled> {
    if let Some(holder) = &holder {
        check_is(owner, owner, holder)?;
    }
    if let Some(OwnerHolder { subject, state, .. }) = holder {
        return match wanted.filter(|wanted| **wanted != subject) {
            None => Ok(Settled { subject, state, is_new: false }),
            Some(wanted) => {
                let deleted = if state.is_none() { "was deleted and " } else { "" };
                let anew =
                    if state.is_none() { format!("keyctl owner add {owner}, then ") } else { String::new() };
                let message = format!("the owner {owner} {deleted}has the subject {subject}, not {wanted}");
                let hint = format!("change it: {anew}keyctl owner set {owner} --subject {}", typed(wanted));
                Err(Conflict::new(message, hint).of(owner).into())
            }
        };
    }
    let subject = wanted.cloned().unwrap_or_else(|| owner.into());
    // The name was looked for.
    if subject != *owner {
        check_free(store, owner, &subject)?;
    }
    Ok(Settled { subject, state: None, is_new: true })
}

/// Refuses a subject that is another owner's, or another's name.
fn check_free(store: &mut impl Lookup, owner: &Owner, subject: &OwnerSubject) -> Result<()> {
    match store.owner_holder(subject.as_str())? {
        Some(holder) => check_is(owner, subject.as_str(), &holder),
        None => Ok(()),
    }
}

/// Refuses a word that is another owner's.
fn check_is(owner: &Owner, word: impl std::fmt::Display, holder: &OwnerHolder) -> Result<()> {
    if holder.name == *owner {
        return Ok(());
    }
    Err(Conflict::new(taken(&word.to_string(), holder), way_out(holder)).of(owner).into())
}

/// Whose a word is that somebody wants for another owner.
pub(in crate::ops) fn taken(word: &str, holder: &OwnerHolder) -> String {
    let what = if holder.name.as_str() == word { "name" } else { "subject" };
    let name = &holder.name;
    match holder.state {
        None => format!("{word} is the {what} of the owner {name}, which was deleted"),
        Some(_) => format!("{word} is the {what} of the owner {name}"),
    }
}

fn way_out(holder: &OwnerHolder) -> String {
    format!(
        "names and subjects are one namespace, so choose another; or look at that one: keyctl owner show {}",
        holder.name
    )
}

/// A subject as a shell takes it.
fn typed(subject: &OwnerSubject) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-@+/:,=%".contains(c);
    let text = subject.as_str();
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    pub owner: OwnerRow,
    /// As it was; `None` if nothing was changed.
    pub before: Option<OwnerRow>,
    pub at: Timestamp,
}

/// What of an owner is to be another; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// Tokens stay as they are, and services know their holder by the new id from now on.
    pub subject: Option<OwnerSubject>,
    /// What all its keys may spend together; `Some(None)` for no bound.
    pub quota: Option<Option<Quota>>,
}

/// Changes an owner.
pub fn set(env: &mut Env, owner: &Owner, edit: &Edit) -> Result<Edited> {
    refuse_token(env, edit.subject.as_ref())?;
    env.change(Action::OwnerSet, |tx| set_in(tx, owner, edit))
}

/// The same, as a part of a change; the subject is no token ([`refuse_token`]).
pub fn set_in(tx: &mut Tx<'_>, owner: &Owner, edit: &Edit) -> Result<Done<Edited>> {
    let (found, at) = (find(tx, owner)?, tx.now());
    let mut now = found.clone();
    let mut details = Map::new();
    if let Some(subject) = edit.subject.as_ref().filter(|subject| **subject != found.subject) {
        check_free(tx, owner, subject)?;
        // Short-lived tokens say the one before, which may become somebody else's.
        tx.raise_versions_of(owner);
        tx.set_owner_subject(owner, subject)?;
        details.insert("subject".to_owned(), json!([found.subject, subject]));
        now.subject = subject.clone();
    }
    if let Some(quota) = edit.quota.filter(|quota| *quota != found.quota) {
        if quota.is_some() {
            tx.raise_versions_of(owner);
        }
        tx.set_owner_quota(owner, quota)?;
        let text = |quota: Option<Quota>| quota.map(|quota| quota.to_string());
        details.insert("quota".to_owned(), json!([text(found.quota), text(quota)]));
        now.quota = quota;
    }
    if details.is_empty() {
        return Ok(Done::unchanged(Edited { owner: found, before: None, at }));
    }
    let event = Event::done(Action::OwnerSet, Value::Object(details)).of(owner);
    Ok(Done::with(Edited { owner: now, before: Some(found), at }, event))
}

/// Gives an owner another subject.
#[cfg(feature = "internals")]
pub fn set_subject(env: &mut Env, owner: &Owner, subject: &OwnerSubject) -> Result<Edited> {
    set(env, owner, &Edit { subject: Some(subject.clone()), ..Edit::default() })
}

/// Calls an owner otherwise. Its keys, tokens, bindings and its subject stay: services notice nothing
/// of it, but for those whose reader knows no subjects.
pub fn rename(env: &mut Env, old: &Owner, new: &Owner) -> Result<Edited> {
    env.change(Action::OwnerRename, |tx| rename_in(tx, old, new))
}

pub fn rename_in(tx: &mut Tx<'_>, old: &Owner, new: &Owner) -> Result<Done<Edited>> {
    let (found, at) = (find(tx, old)?, tx.now());
    if old == new {
        return Ok(Done::unchanged(Edited { owner: found, before: None, at }));
    }
    if let Some(holder) = tx.owner_holder(new.as_str())? {
        check_is(old, new, &holder)?;
    }
    tx.rename_owner(old, new, &found.subject)?;
    let keys = found.live_keys + found.revoked_keys;
    let details = json!({ "name": [old, new], "subject": found.subject, "keys": keys });
    let now = OwnerRow { name: new.clone(), ..found.clone() };
    // Under the name that it had: whoever looks for that one learns where it went.
    Ok(Done::with(
        Edited { owner: now, before: Some(found), at },
        Event::done(Action::OwnerRename, details).of(old),
    ))
}

/// Calls `each` for every owner, by name, in flat memory.
pub fn list<E: From<Error>>(
    store: &mut Store,
    mut each: impl FnMut(&OwnerRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<Owner> = None;
    loop {
        let owners = store.owners(after.as_ref()).map_err(Error::from)?;
        let Some(last) = owners.last() else { return Ok(()) };
        after = Some(last.name.clone());
        owners.iter().try_for_each(&mut each)?;
    }
}

/// Stops all keys of an owner at once, and their children. The first time stays.
pub fn disable(env: &mut Env, owner: &Owner, reason: Option<&str>) -> Result<Changed> {
    env.change(Action::OwnerDisable, |tx| disable_in(tx, owner, reason))
}

pub fn disable_in(tx: &mut Tx<'_>, owner: &Owner, reason: Option<&str>) -> Result<Done<Changed>> {
    switch_in(tx, Action::OwnerDisable, owner, true, json!({ "reason": reason }))
}

/// Brings all keys of an owner back in the state that they had.
pub fn enable(env: &mut Env, owner: &Owner) -> Result<Changed> {
    env.change(Action::OwnerEnable, |tx| enable_in(tx, owner))
}

pub fn enable_in(tx: &mut Tx<'_>, owner: &Owner) -> Result<Done<Changed>> {
    switch_in(tx, Action::OwnerEnable, owner, false, Value::Null)
}

fn switch_in(
    tx: &mut Tx<'_>,
    action: Action,
    owner: &Owner,
    disable: bool,
    details: Value,
) -> Result<Done<Changed>> {
    let (found, at) = (find(tx, owner)?, tx.now());
    if found.disabled_at.is_some() == disable {
        return Ok(Done::unchanged(Changed { owner: found, changed: false, at }));
    }
    let disabled_at = disable.then_some(at);
    if disable {
        tx.raise_versions_of(owner);
    }
    tx.set_owner_disabled(owner, disabled_at)?;
    let changed = Changed { owner: OwnerRow { disabled_at, ..found }, changed: true, at };
    Ok(Done::with(changed, Event::done(action, details).of(owner)))
}

/// Keys revoked with their owner at once.
const MOST: u64 = 500;

/// Takes an owner off the list. It must have no live key, unless `revoke_keys` revokes them,
/// with their children, in the same transaction.
pub fn delete(env: &mut Env, owner: &Owner, revoke_keys: bool, reason: Option<&str>) -> Result<Changed> {
    env.change(Action::OwnerDelete, |tx| delete_in(tx, owner, revoke_keys, reason))
}

pub fn delete_in(
    tx: &mut Tx<'_>,
    owner: &Owner,
    revoke_keys: bool,
    reason: Option<&str>,
) -> Result<Done<Changed>> {
    let found = find(tx, owner)?;
    if found.live_keys > 0 && !revoke_keys {
        let message = format!("{owner} has {}", counted(found.live_keys, "live key"));
        let hint = "revoke them first, or with it: add --revoke-keys".to_owned();
        return Err(Conflict::new(message, hint).of(owner).into());
    }
    if found.live_keys > MOST {
        let message =
            format!("{owner} has {} live keys, and at most {MOST} are revoked at once", found.live_keys);
        return Err(Conflict::new(message, format!("first: keyctl revoke --owner {owner}")).of(owner).into());
    }
    let mut events = Vec::new();
    let keys = tx.live_keys_of(owner)?;
    let goes_with_parent = |key: &Key| keys.iter().any(|parent| key.parent == Some(parent.id));
    for key in keys.iter().filter(|key| !goes_with_parent(key)) {
        family::revoke_family(tx, key, reason)?.record_in(&mut events);
    }
    tx.delete_owner(&found);
    events.push(
        Event::done(Action::OwnerDelete, json!({ "revoked": found.live_keys, "reason": reason })).of(owner),
    );
    let at = tx.now();
    Ok(Done { result: Changed { owner: found, changed: true, at }, events })
}

/// The refusal of what a disabled owner may not have.
pub(in crate::ops) fn check_enabled(name: &Owner, state: Option<OwnerState>) -> Result<()> {
    let Some(OwnerState::Disabled(at)) = state else { return Ok(()) };
    let message = format!("the owner {name} is disabled since {at}");
    Err(Conflict::new(message, format!("enable it: keyctl owner enable {name}")).of(name).into())
}
