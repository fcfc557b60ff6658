//! Whether a key may do something, and which rule decides: by the row and the decision that a
//! verification uses.

use super::family;
use super::find::resolve;
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::network::Networks;
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::keys::verdict::{Asked, KnownToken, Reason, Verdict, decide};
use crate::domain::owners::owner::Owner;
use crate::domain::owners::role::{Permissions, Role, Source};
use crate::domain::time::Timestamp;
use crate::ops::error::{Error, Result};
use crate::store::{Lookup as _, Store};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    Covered {
        by: Scope,
        source: Source,
    },
    /// It was given, but the parent may not do it.
    BeyondParent {
        parent: String,
    },
    NotCovered {
        scopes: Scopes,
    },
    /// The key does not work at all.
    Inactive(State),
    NoKey,
}

/// The answer, and the key that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub scope: Scope,
    pub owner: Owner,
    /// The key that decides; of several the first that is allowed, else the first.
    pub key: Option<Key>,
    pub rule: Rule,
}

impl Answer {
    pub fn is_allowed(&self) -> bool {
        matches!(self.rule, Rule::Covered { .. })
    }
}

/// Whether the key meant may do what `scope` names; where an owner is meant, whether any of its
/// live keys may. Networks are left out: they depend on the request.
pub fn can(store: &mut Store, reference: &KeyRef, scope: &Scope) -> Result<Answer> {
    // The explanation is read after the decision, and must be of the same state.
    store.snapshot(|store| answer(store, reference, scope))
}

fn answer(store: &mut Store, reference: &KeyRef, scope: &Scope) -> Result<Answer> {
    let (owner, keys) = if let KeyRef::Sole(owner) = reference {
        (owner.clone(), live_keys(store, owner, reference)?)
    } else {
        let key = resolve(store, reference)?;
        (key.owner.clone(), vec![key])
    };
    let mut first = None;
    for key in keys {
        let rule = rule(store, &key, scope)?;
        let answer = Answer { scope: scope.clone(), owner: owner.clone(), key: Some(key), rule };
        if answer.is_allowed() {
            return Ok(answer);
        }
        first.get_or_insert(answer);
    }
    Ok(first.unwrap_or(Answer { scope: scope.clone(), owner, key: None, rule: Rule::NoKey }))
}

fn live_keys(store: &mut Store, owner: &Owner, reference: &KeyRef) -> Result<Vec<Key>> {
    if store.owner_state(owner)?.is_none() {
        // Says that there is no such thing, in the words of every other command.
        return resolve(store, reference).map(|key| vec![key]);
    }
    Ok(store.live_keys_of(owner)?)
}

/// What a verification of the key's token would find, and the store's time.
pub(in crate::ops) fn token_of(store: &mut Store, key: &Key) -> Result<(KnownToken, Timestamp)> {
    store.current_token(key)?.ok_or_else(|| {
        Error::Store(crate::store::Error::Corrupt {
            table: "token",
            column: "key_id".to_owned(),
            row: key.id.to_string(),
        })
    })
}

fn rule(store: &mut Store, key: &Key, scope: &Scope) -> Result<Rule> {
    let (known, now) = token_of(store, key)?;
    let known = KnownToken { networks: Networks::default(), parent_networks: Networks::default(), ..known };
    let asked = Asked { scope: Some(scope.clone()), ..Asked::default() };
    match decide(Some(known), &asked, now) {
        Verdict::Denied(Reason::Inactive(state)) => Ok(Rule::Inactive(state)),
        Verdict::Allowed(_) => explain(store, key, scope, true),
        Verdict::Denied(_) => explain(store, key, scope, false),
    }
}

/// Finds the scope that was given, and what stands in its way.
pub(in crate::ops) fn explain(store: &mut Store, key: &Key, scope: &Scope, allowed: bool) -> Result<Rule> {
    let roles: Vec<Role> = family::roles(store, &key.roles)?;
    let given = Permissions { scopes: &key.scopes, roles: &roles };
    match (given.source_of(scope), allowed) {
        (Some((by, source)), true) => Ok(Rule::Covered { by: by.clone(), source }),
        (Some(_), false) => {
            let parent = key.parent.map(|parent| store.key_by_id(parent)).transpose()?.flatten();
            Ok(Rule::BeyondParent { parent: parent.map(|parent| parent.path()).unwrap_or_default() })
        }
        (None, _) => Ok(Rule::NotCovered { scopes: key.effective_scopes.clone() }),
    }
}

/// One scope of a key, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub scope: Scope,
    pub source: Source,
    /// What of it is in force: itself, or what the parent leaves of it.
    pub effective: Scopes,
}

/// Every scope that a key was given, its own first.
pub fn held(store: &mut Store, reference: &KeyRef) -> Result<(Key, Vec<Held>)> {
    let (key, roles) = store.snapshot(|store| {
        let key = resolve(store, reference)?;
        let roles = family::roles(store, &key.roles)?;
        Ok::<_, Error>((key, roles))
    })?;
    let own = key.scopes.iter().map(|scope| (scope.clone(), Source::Key));
    let of_roles = roles
        .iter()
        .flat_map(|role| role.scopes.iter().map(|scope| (scope.clone(), Source::Role(role.name.clone()))));
    let held = own
        .chain(of_roles)
        .map(|(scope, source)| {
            let effective = Scopes::of(&scope).meet(&key.effective_scopes);
            Held { scope, source, effective }
        })
        .collect();
    Ok((key, held))
}
