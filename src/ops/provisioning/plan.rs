//! What is to be changed so that a store is as a manifest declares it. Nothing is written.

use std::collections::BTreeSet;

use super::differences::differences;
use super::known::{Known, called, known, may_be_called_otherwise};
use super::seen::Seen;
use super::step::{Act, Choice, HeldBack, Object, PlanError, Step};
use crate::domain::provisioning::manifest::{KeyPath, Manifest, ManifestName};
use crate::domain::texts::text::counted;
use crate::domain::time::Timestamp;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::Lookup;

#[derive(Debug)]
pub(crate) struct Plan {
    pub manifest: ManifestName,
    /// The store that it is for.
    pub store: uuid::Uuid,
    /// As of when keys are due.
    pub at: Timestamp,
    /// In the order in which they are done.
    pub steps: Vec<Step>,
    pub held_back: Vec<HeldBack>,
    known: Known,
}

impl Plan {
    /// What was read for it.
    pub(crate) fn seen(&self) -> Seen {
        Seen::of(&self.known)
    }
}

/// Compares a store, in one state of it, with what is declared. `at` is the moment as of which keys are due.
pub(crate) fn plan(
    store: &mut impl Lookup,
    id: uuid::Uuid,
    manifest: &Manifest,
    choice: &Choice,
    at: Timestamp,
) -> Result<Plan, PlanError> {
    let known = known(store, manifest, choice)?;
    let (mut steps, mut held_back) = differences(store, manifest, choice, &known, at)?;
    prune(store, manifest, choice, &known, &mut steps, &mut held_back)?;
    Ok(Plan { manifest: manifest.name.value.clone(), store: id, at, steps, held_back, known })
}

/// The keys that the manifest made and does not declare any more.
fn prune(
    store: &mut impl Lookup,
    manifest: &Manifest,
    choice: &Choice,
    known: &Known,
    steps: &mut Vec<Step>,
    held_back: &mut Vec<HeldBack>,
) -> Result<(), Error> {
    if choice.select.is_some() {
        return Ok(());
    }
    // What the store calls a declared key otherwise, for a rename of it or of its owner.
    let before: BTreeSet<KeyPath> = (manifest.keys.keys())
        .filter(|path| may_be_called_otherwise(manifest, known, path))
        .flat_map(|path| called(manifest, &known.renamed, path).filter(move |called| called != path))
        .collect();
    let is_declared = |path: &KeyPath| manifest.keys.contains_key(path) || before.contains(path);
    let gone: Vec<&KeyPath> = known.made.iter().filter(|path| !is_declared(path)).collect();
    let Some(most) = choice.prune else {
        held_back.extend(gone.into_iter().map(|path| HeldBack {
            object: Object::Key(path.clone()),
            why: "this manifest made it and declares it no more; revoke it: --prune".to_owned(),
        }));
        return Ok(());
    };
    // A revocation takes children along.
    let mut children = 0;
    for path in &gone {
        let key = &known.keys[path];
        for child in store.live_children(key.id)? {
            let child = KeyPath::of(&child);
            if is_declared(&child) || !known.made.contains(&child) {
                let message =
                    format!("{path} is declared no more, and its child {child} would be revoked with it");
                let hint = format!("revoke it by hand, if that is meant: keyctl revoke {child}");
                return Err(Conflict::new(message, hint).on(key).into());
            }
            children += usize::from(!gone.contains(&&child));
        }
    }
    if gone.len() + children > most {
        let message = format!(
            "{} that this manifest made are declared no more, and {} may be revoked at once",
            counted(gone.len() as u64, "key"),
            most
        );
        let hint =
            format!("look at them without --prune; if that is meant: --prune --prune-max {}", gone.len());
        return Err(Conflict::new(message, hint).into());
    }
    steps.extend(gone.into_iter().map(|path| {
        let why = "declared no more".to_owned();
        Step { why: Some(why), ..Step::new(Object::Key(path.clone()), Act::Revoke, Vec::new()) }
    }));
    Ok(())
}
