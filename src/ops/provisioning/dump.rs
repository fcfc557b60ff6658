//! The manifest of what a store holds.

use std::collections::BTreeMap;

use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::rules::Rules;
use crate::domain::keys::scope::Scopes;
use crate::domain::owners::role::RoleName;
use crate::domain::provisioning::manifest::{
    Bindings, KeyEntry, KeyPath, LabelMap, Manifest, ManifestName, NetworkList, OwnerEntry, RoleEntry,
    ScopeList, TrustEntry,
};
use crate::domain::provisioning::policy_entry::PolicyEntry;
use crate::domain::provisioning::values::{LiveKeys, Moment};
use crate::domain::provisioning::written::Written;
use crate::domain::secrets::secret::{Binding, Subject};
use crate::domain::time::Timestamp;
use crate::domain::trusts::terms::{Trust, TrustName};
use crate::ops::error::{Error, Result};
use crate::store::{Lookup as _, Order, Page, SecretLookup as _, Store, TrustLookup as _};

/// Keys that are read at once.
const PAGE: u32 = 500;

/// Owners, roles, live keys, bindings and trusts, all of one state of the store.
pub(crate) fn dump(store: &mut Store, name: &ManifestName) -> Result<Manifest> {
    store.snapshot(|store| dumped(store, name))
}

fn dumped(store: &mut Store, name: &ManifestName) -> Result<Manifest> {
    let mut manifest = Manifest {
        name: written(name)?,
        policy: policy(&store.head()?.rules)?,
        roles: BTreeMap::new(),
        owners: BTreeMap::new(),
        keys: BTreeMap::new(),
        trusts: BTreeMap::new(),
        bind: Bindings::new(),
    };
    for role in store.roles()? {
        let entry = RoleEntry { allow_all: role.scopes.hold_everything(), scopes: scopes(&role.scopes)? };
        manifest.roles.insert(role.name, entry);
    }
    let mut last = None;
    loop {
        let owners = store.owners(last.as_ref())?;
        let Some(end) = owners.last() else { break };
        last = Some(end.name.clone());
        for owner in owners {
            let subject = owner.subject.beside(&owner.name).map(|_| &owner.subject);
            let entry = OwnerEntry {
                subject: subject.map(written).transpose()?,
                quota: owner.quota.as_ref().map(written).transpose()?,
                ..OwnerEntry::default()
            };
            manifest.owners.insert(owner.name, entry);
        }
    }
    let trusts = store.trusts()?;
    let mut paths: BTreeMap<KeyId, KeyPath> = BTreeMap::new();
    let mut children = Vec::new();
    let mut page = Page { order: Order::Name, limit: PAGE, ..Page::default() };
    loop {
        let keys = store.keys(&page)?;
        let Some(end) = keys.last() else { break };
        page.after = Some(end.into());
        for key in keys {
            if trusts.iter().any(|trust| trust.key == key.id) {
                continue;
            }
            let path = KeyPath::of(&key);
            let entry = entry(&key)?;
            children.extend(key.parent.map(|parent| (path.clone(), parent)));
            paths.insert(key.id, path.clone());
            manifest.keys.insert(path, entry);
        }
    }
    for (child, parent) in children {
        let parent = paths.get(&parent).map(written).transpose()?;
        if let Some(entry) = manifest.keys.get_mut(&child) {
            entry.parent = parent;
        }
    }
    bindings(store, &mut manifest, &paths)?;
    for trust in trusts {
        if let Some(key) = store.key_by_id(trust.key)? {
            let (name, entry) = trusted(&trust, &key)?;
            manifest.trusts.insert(name, entry);
        }
    }
    Ok(manifest)
}

fn bindings(store: &mut Store, manifest: &mut Manifest, paths: &BTreeMap<KeyId, KeyPath>) -> Result<()> {
    let mut last: Option<Binding> = None;
    loop {
        let page = store.bindings(last.as_ref())?;
        for binding in &page {
            // One whose secret is deleted is of no use, and cannot be made.
            if store.secret(&binding.name)?.is_none() {
                continue;
            }
            let bind = match &binding.subject {
                Subject::Store => Some(&mut manifest.bind),
                Subject::Owner(owner) => manifest.owners.get_mut(owner).map(|entry| &mut entry.bind),
                Subject::Key(id) => {
                    let path = paths.get(id);
                    path.and_then(|path| manifest.keys.get_mut(path)).map(|entry| &mut entry.bind)
                }
            };
            if let Some(bind) = bind {
                bind.insert(binding.provider.clone(), Some(written(&binding.name)?));
            }
        }
        match page.into_iter().next_back() {
            Some(binding) => last = Some(binding),
            None => return Ok(()),
        }
    }
}

/// The rules that are set; the others stay as they are where this is applied.
fn policy(rules: &Rules) -> Result<Option<PolicyEntry>> {
    let prefixes = rules.prefixes.iter().map(|prefix| written_as(prefix.as_str(), ()));
    let prefixes = prefixes.collect::<Result<Vec<_>>>()?;
    let entry = PolicyEntry {
        max_expiry: rules.max_expiry.map(|most| written_as(&most.to_string(), ()).map(Some)).transpose()?,
        require_scope: rules.require_scope.then_some(true),
        require_expiry: rules.require_expiry.then_some(true),
        max_live_keys_per_owner: rules.max_live_keys.map(|most| Some(LiveKeys(most))),
        prefixes: Some(prefixes).filter(|prefixes| !prefixes.is_empty()),
    };
    Ok(Some(entry).filter(|entry| *entry != PolicyEntry::default()))
}

fn entry(key: &Key) -> Result<KeyEntry> {
    Ok(KeyEntry {
        scopes: scopes(&key.scopes)?,
        roles: roles(&key.roles)?,
        allow_all: key.scopes.hold_everything(),
        expires: Some(end(key.expires_at)?),
        not_before: key.not_before.map(|start| written_as(&start.to_string(), Moment(start))).transpose()?,
        rate: key.rate.as_ref().map(written).transpose()?,
        quota: key.quota.as_ref().map(written).transpose()?,
        allow_ip: NetworkList::of(key.networks.iter().map(ToString::to_string).collect()).map_err(odd)?,
        labels: LabelMap(key.labels.clone()),
        allow_jwt: key.allow_jwt,
        note: key.note.as_ref().map(|note| written_as(&note.to_string(), ())).transpose()?,
        ..KeyEntry::default()
    })
}

fn trusted(trust: &Trust, key: &Key) -> Result<(TrustName, TrustEntry)> {
    let terms = &trust.terms;
    let entry = TrustEntry {
        issuer: written(&terms.issuer)?,
        audience: written(&terms.audience)?,
        claims: terms.claims.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        any_ref: terms.any_ref,
        owner: written(&key.owner)?,
        scopes: scopes(&key.scopes)?,
        allow_all: key.scopes.hold_everything(),
        roles: roles(&key.roles)?,
        ttl: Some(written_as(&terms.ttl.span().to_string(), ())?),
        expires: Some(end(key.expires_at)?),
    };
    Ok((trust.name.clone(), entry))
}

fn end(at: Option<Timestamp>) -> Result<Written<crate::domain::time::Expiry>> {
    written_as(&at.map_or("never".to_owned(), |at| at.to_string()), ())
}

fn scopes(scopes: &Scopes) -> Result<ScopeList> {
    ScopeList::of(scopes.iter().map(ToString::to_string).collect()).map_err(odd)
}

fn roles(roles: &[RoleName]) -> Result<Vec<Written<RoleName>>> {
    roles.iter().map(written).collect()
}

/// As it is written, and read again.
fn written<T: ToString + std::str::FromStr<Err: std::fmt::Display>>(value: &T) -> Result<Written<T>> {
    value.to_string().parse().map_err(odd)
}

fn written_as<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str, _: impl Sized) -> Result<Written<T>> {
    text.parse().map_err(odd)
}

/// What the store holds, and no text says.
fn odd(error: impl std::fmt::Display) -> Error {
    Error::Invalid {
        message: format!("what the store holds cannot be written as a manifest: {error}"),
        hint: "look at the store: keyctl store check".to_owned(),
    }
}
