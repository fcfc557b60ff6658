//! What a store holds of what a manifest is about, read for a plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::step::Choice;
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::label::LabelMatch;
use crate::domain::keys::rules::Rules;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::{Role, RoleName};
use crate::domain::owners::row::OwnerRow;
use crate::domain::provisioning::manifest::{KeyPath, Manifest};
use crate::domain::time::{Span, Timestamp};
use crate::domain::trusts::terms::{Trust, TrustName};
use crate::ops::error::Result;
use crate::store::{Deliveries, Lookup, ProvisionLookup as _, RulesLookup as _, TrustLookup as _};

/// What a store holds of what a manifest is about.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Each in a place of its own: a tree moves what stands in it.
    pub keys: BTreeMap<KeyPath, Box<Key>>,
    pub deliveries: Deliveries,
    /// Names whose keys are revoked, all of them.
    pub revoked: BTreeMap<KeyPath, Timestamp>,
    /// Every role of the store.
    pub roles: BTreeMap<RoleName, Role>,
    pub owners: BTreeMap<Owner, OwnerRow>,
    /// What owners are called in the store that the manifest renames.
    pub renamed: BTreeMap<Owner, Owner>,
    pub trusts: BTreeMap<TrustName, (Trust, Option<Key>)>,
    /// Which manifest made a key that this one did not make.
    pub makers: HashMap<KeyId, String>,
    /// The live keys that the manifest made, all of them among `keys`.
    pub made: BTreeSet<KeyPath>,
    /// The store's policy.
    pub rules: Rules,
    /// The same as the manifest wants it, which is what its keys are held to.
    pub wanted_rules: Rules,
    /// How long new keys live of which nobody says that; `None` for ever.
    pub default_expiry: Option<Span>,
}

/// The key that an entry is about: of its name, else of the name that it, or its owner, had.
pub(super) fn current<'k>(manifest: &Manifest, known: &'k Known, path: &KeyPath) -> Option<&'k Key> {
    let found = known
        .keys
        .get(path)
        .or_else(|| called(manifest, &known.renamed, path).find_map(|path| known.keys.get(&path)));
    found.map(|key| &**key)
}

/// What the key of an entry may be called in the store.
pub(super) fn called<'m>(
    manifest: &'m Manifest,
    renamed: &'m BTreeMap<Owner, Owner>,
    path: &'m KeyPath,
) -> impl Iterator<Item = KeyPath> + 'm {
    let was = manifest.keys.get(path).and_then(|entry| entry.was.as_ref()).map(|was| &was.value);
    let owners = [Some(&path.owner), renamed.get(&path.owner)].into_iter().flatten();
    owners.flat_map(move |owner| {
        let names = [Some(&path.name), was].into_iter().flatten();
        names.map(move |name| KeyPath { owner: owner.clone(), name: name.clone() })
    })
}

/// Whether a key is there by the name that it is declared by, and cannot be by another one.
fn is_as_declared(manifest: &Manifest, known: &Known, path: &KeyPath) -> bool {
    !may_be_called_otherwise(manifest, known, path) && known.keys.contains_key(path)
}

/// Whether the store may have another name for it than the manifest.
pub(super) fn may_be_called_otherwise(manifest: &Manifest, known: &Known, path: &KeyPath) -> bool {
    known.renamed.contains_key(&path.owner)
        || manifest.keys.get(path).is_some_and(|entry| entry.was.is_some())
}

/// Reads all that a plan is made of, in few statements.
pub(super) fn known(store: &mut impl Lookup, manifest: &Manifest, choice: &Choice) -> Result<Known> {
    let (rules, default_expiry) = store.rules_and_default()?;
    // Where only keys are made, the policy stays.
    let wanted = manifest.policy.as_ref().filter(|_| choice.select.is_none());
    let wanted_rules = wanted.map_or_else(|| rules.clone(), |wanted| wanted.over(&rules));
    let mut known = Known { rules, wanted_rules, default_expiry, ..Known::default() };
    for (name, entry) in &manifest.owners {
        for name in entry.was.iter().map(|was| &was.value).chain([name]) {
            if let Some(found) = store.owner(name)? {
                known.owners.insert(name.clone(), found);
            }
        }
        let was = entry.was.as_ref().map(|was| &was.value);
        if let Some(was) =
            was.filter(|was| known.owners.contains_key(was) && !known.owners.contains_key(name))
        {
            known.renamed.insert(name.clone(), was.clone());
        }
    }
    // Most of what a manifest declares it made, and that is found at once.
    let manifest_name = manifest.name.value.as_str();
    store.each_provisioned(manifest_name, &mut |key| {
        let path = KeyPath::of(&key);
        known.made.insert(path.clone());
        known.keys.insert(path, Box::new(key));
    })?;
    let mut missing: BTreeSet<KeyPath> = BTreeSet::new();
    for path in chosen(manifest, choice) {
        let parent = manifest.keys[path].parent.as_ref().map(|parent| &parent.value);
        for path in parent.into_iter().chain([path]).filter(|path| !is_as_declared(manifest, &known, path)) {
            let paths = called(manifest, &known.renamed, path);
            missing.extend(paths.filter(|path| !known.keys.contains_key(path)));
        }
    }
    let others = store.keys_named(&names(&missing))?;
    let ids: Vec<_> = others.iter().map(|key| key.id).collect();
    known.makers.extend(store.makers(&ids)?);
    known.keys.extend(others.into_iter().map(|key| (KeyPath::of(&key), Box::new(key))));
    known.deliveries = store.deliveries_of(manifest_name)?;
    known.deliveries.extend(store.deliveries(&ids)?);
    missing.retain(|path| !known.keys.contains_key(path));
    for ((owner, name), at) in store.revoked_names(&names(&missing))? {
        known.revoked.insert(KeyPath { owner, name }, at);
    }
    for role in store.roles()? {
        known.roles.insert(role.name.clone(), role);
    }
    if choice.select.is_none() {
        for name in manifest.trusts.keys() {
            if let Some(trust) = store.trust(name)? {
                let key = store.key_by_id(trust.key)?;
                known.trusts.insert(name.clone(), (trust, key));
            }
        }
    }
    Ok(known)
}

fn names(paths: &BTreeSet<KeyPath>) -> Vec<(&Owner, &KeyName)> {
    paths.iter().map(|path| (&path.owner, &path.name)).collect()
}

/// The keys that are looked at.
pub(super) fn chosen<'m>(manifest: &'m Manifest, choice: &Choice) -> Vec<&'m KeyPath> {
    let is_chosen = |label: &LabelMatch, path: &KeyPath| {
        manifest.keys[path].labels.0.iter().any(|(name, value)| {
            name == label.name && label.value.as_ref().is_none_or(|wanted| wanted == value)
        })
    };
    let keys = manifest.keys.keys();
    keys.filter(|path| choice.select.as_ref().is_none_or(|label| is_chosen(label, path))).collect()
}
