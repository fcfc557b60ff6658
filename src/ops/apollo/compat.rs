//! The view that Apollo reads: made, given another scope, and taken away.

use serde_json::json;

use super::seal::check_key;
use super::{NAME, check_place, no_key};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::scope::Scope;
use crate::domain::random::Random;
use crate::domain::secrets::secret::SecretName;
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Result};
use crate::ops::master_keys::Ring;
use crate::store::{ApolloLookup as _, MasterKeyLookup as _, Relation, Tx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compat {
    /// The scope that a key must hold to be shown; `None` where the view is gone.
    pub scope: Option<Scope>,
    /// The scope before; `None` where there was no view.
    pub before: Option<Scope>,
    /// Versions of secrets that were sealed for Apollo.
    pub sealed: u64,
    /// Ciphertexts that were taken away.
    pub removed: u64,
    /// Versions that do not open under the master key, so Apollo cannot have them.
    pub unopened: Vec<(SecretName, u64)>,
    pub changed: bool,
    /// Whether a view was there to be removed, or is there now.
    pub had_view: bool,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'s> {
    pub scope: &'s Scope,
    /// Whether the ring's key for Apollo takes the place of the one before.
    pub new_key: bool,
}

/// Makes the view over the keys that hold this scope, or makes it anew. Every version of
/// a secret for Anthropic is sealed with the ring's key for Apollo, those alone that are not yet,
/// or all of them where the key is a new one. The view is never dropped: who could read it still can.
pub(crate) fn show(env: &mut Env, ring: &Ring, request: Request<'_>) -> Result<Compat> {
    check_place(&env.store)?;
    env.change_sealing(Action::ApolloShow, |tx, random| show_in(tx, random, ring, request))
}

fn show_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    request: Request<'_>,
) -> Result<Done<Compat>> {
    let Request { scope, new_key } = request;
    let key = ring
        .forms()
        .apollo
        .as_ref()
        .ok_or_else(|| no_key("secrets are sealed for Apollo under its own key"))?;
    let rows = tx.master_keys()?;
    ring.seals(&rows)?;
    let row = tx.apollo()?;
    if let Some(row) = row.as_ref().filter(|_| !new_key) {
        check_key(key, row, ring)?;
    }
    check_name(tx, row.is_some())?;
    let removed = if new_key { tx.forget_ciphertexts()? } else { 0 };
    let (sealed, unopened) = seal_all(tx, random, ring)?;
    let before = row.map(|row| row.scope);
    // Also where nothing seems to change: somebody may have altered the view.
    tx.show_to_apollo(scope, &key.check_value(ring.store()));
    let details = json!({ "scope": scope, "old_scope": before, "sealed": sealed,
            "unopened": unopened.len(), "new_key": new_key });
    let events = vec![Event::done(Action::ApolloShow, details)];
    let scope = Some(scope.clone());
    let (had_view, at) = (true, tx.now());
    Ok(Done {
        result: Compat { scope, before, sealed, removed, unopened, changed: true, had_view, at },
        events,
    })
}

/// Takes the view and all ciphertexts away. Where there is none, nothing is changed.
pub(crate) fn remove(env: &mut Env) -> Result<Compat> {
    check_place(&env.store)?;
    env.change(Action::ApolloHide, remove_in)
}

fn remove_in(tx: &mut Tx<'_>) -> Result<Done<Compat>> {
    let at = tx.now();
    let none = Compat {
        scope: None,
        before: None,
        sealed: 0,
        removed: 0,
        unopened: Vec::new(),
        changed: false,
        had_view: false,
        at,
    };
    let Some(row) = tx.apollo()? else { return Ok(Done::unchanged(none)) };
    let view = tx.public_relation(NAME)? == Some(Relation::View);
    let removed = tx.hide_from_apollo(view)?;
    let details = json!({ "old_scope": row.scope, "removed": removed });
    let done = Compat { before: Some(row.scope), removed, changed: true, had_view: view, ..none };
    Ok(Done::with(done, Event::done(Action::ApolloHide, details)))
}

/// Makes sure that the name is free or the view's.
fn check_name(tx: &mut Tx<'_>, ours: bool) -> Result<()> {
    match tx.public_relation(NAME)? {
        None => Ok(()),
        Some(Relation::View) if ours => Ok(()),
        Some(Relation::Table) => Err(Conflict::new(
            format!("there is a table public.{NAME}: Apollo's own"),
            "move its clients into the store first: keyctl import apollo",
        )
        .into()),
        Some(_) => Err(Conflict::new(
            format!("there is something else called public.{NAME}, which keyctl did not make"),
            "find out who made it, and rename or drop it",
        )
        .into()),
    }
}

/// Seals what is not sealed yet; returns how many versions were, and those that do not open.
fn seal_all(tx: &mut Tx<'_>, random: &mut dyn Random, ring: &Ring) -> Result<(u64, Vec<(SecretName, u64)>)> {
    let (mut sealed, mut unopened, mut after) = (0, Vec::new(), None);
    let Some(key) = ring.forms().apollo.as_ref() else { return Ok((sealed, unopened)) };
    loop {
        let versions = tx.unsealed_for_apollo(after)?;
        let Some(last) = versions.last() else { return Ok((sealed, unopened)) };
        after = Some((last.secret, last.version));
        for version in versions {
            match ring.open(&version) {
                Ok(value) => {
                    tx.insert_apollo_secret(version.secret, version.version, &key.seal(&value, random)?);
                    sealed += 1;
                }
                Err(_) => unopened.push((version.name, version.version)),
            }
        }
    }
}
