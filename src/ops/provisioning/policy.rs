//! What of a plan the store's policy forbids. All of it is named before anything is changed, each as its change would be
//! refused; the changes themselves are held to the policy all the same, by what the store is then.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::keys::{renewal, sorted_roles};
use super::known::{Known, current};
use super::step::{Act, Object, PlanError, Step};
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::rules::{Broken, Rules};
use crate::domain::keys::token::Prefix;
use crate::domain::owners::owner::Owner;
use crate::domain::provisioning::manifest::{Fault, KeyEntry, KeyPath, Manifest};
use crate::domain::time::{Expiry, Timestamp};
use crate::domain::trusts::terms::TrustName;
use crate::store::{Lookup, RulesLookup as _};

/// The rules as a manifest says them.
pub(super) fn values(rules: &Rules) -> [(&'static str, Value); 5] {
    let prefixes: Vec<&str> = rules.prefixes.iter().map(Prefix::as_str).collect();
    [
        ("max_expiry", json!(rules.max_expiry.map(|most| most.to_string()))),
        ("require_scope", json!(rules.require_scope)),
        ("require_expiry", json!(rules.require_expiry)),
        ("max_live_keys_per_owner", json!(rules.max_live_keys)),
        ("prefixes", json!(prefixes)),
    ]
}

/// Holds the steps against the rules, in the order in which they are done.
pub(super) fn check(
    store: &mut impl Lookup,
    manifest: &Manifest,
    known: &Known,
    steps: &[Step],
    at: Timestamp,
) -> Result<(), PlanError> {
    if known.wanted_rules == Rules::default() {
        return Ok(());
    }
    let mut judge = Judge { manifest, known, at, counts: HashMap::new(), changed: HashMap::new() };
    let mut faults: Vec<Fault> = Vec::new();
    for step in steps {
        let found: Vec<Fault> = match (&step.object, step.act) {
            (Object::Key(path), act) => {
                let broken = judge.key(store, path, act, step)?;
                broken.iter().map(|broken| Fault::against_policy("keys", path, broken)).collect()
            }
            (Object::Trust(name), _) => {
                let broken = judge.trust(store, name)?;
                broken.iter().map(|broken| Fault::against_policy("trusts", name, broken)).collect()
            }
            _ => continue,
        };
        // What a change of a key breaks, its rotation would break once more.
        faults.extend(found.into_iter().filter(|fault| faults.last() != Some(fault)).collect::<Vec<_>>());
    }
    if faults.is_empty() { Ok(()) } else { Err(PlanError::Forbidden(faults)) }
}

struct Judge<'p> {
    manifest: &'p Manifest,
    known: &'p Known,
    at: Timestamp,
    /// The live keys of owners as of the steps so far, where that was asked.
    counts: HashMap<&'p Owner, u64>,
    /// Keys that an earlier step changed.
    changed: HashMap<KeyPath, Key>,
}

/// A key that is to be made, of itself or of a trust.
struct New<'p> {
    named: String,
    owner: &'p Owner,
    is_child: bool,
    is_bare: bool,
    end: Option<Timestamp>,
    prefix: Option<&'p Prefix>,
}

impl<'p> Judge<'p> {
    fn key(
        &mut self,
        store: &mut impl Lookup,
        path: &KeyPath,
        act: Act,
        step: &Step,
    ) -> Result<Vec<Broken>, PlanError> {
        // One that is declared no more is revoked, which nothing forbids.
        let Some((path, entry)) = self.manifest.keys.get_key_value(path) else { return Ok(Vec::new()) };
        if act == Act::Create {
            let new = New {
                named: path.to_string(),
                owner: &path.owner,
                is_child: entry.parent.is_some(),
                is_bare: entry.scopes.value.is_empty() && entry.roles.is_empty(),
                end: self.new_end(entry),
                prefix: entry.prefix.as_ref().map(|prefix| &prefix.value),
            };
            return self.new_key(store, &new);
        }
        let before = match self.changed.get(path) {
            Some(key) => Some(key.clone()),
            None => current(self.manifest, self.known, path).cloned(),
        };
        let Some(before) = before else { return Ok(Vec::new()) };
        let before = Key { owner: path.owner.clone(), name: path.name.clone(), ..before };
        match act {
            Act::Change => Ok(self.change(path, entry, step, &before)),
            Act::Rotate => self.rotation(store, path, entry, &before),
            _ => Ok(Vec::new()),
        }
    }

    fn change(&mut self, path: &KeyPath, entry: &KeyEntry, step: &Step, before: &Key) -> Vec<Broken> {
        let mut key = before.clone();
        for difference in &step.differences {
            match difference.name.as_str() {
                "scopes" => key.scopes = entry.scopes.value.clone(),
                "roles" => key.roles = sorted_roles(entry),
                "expires_at" => {
                    key.expires_at = self.resolved(entry.expires.as_ref().map(|expiry| expiry.value));
                }
                _ => {}
            }
        }
        let rules = &self.known.wanted_rules;
        let broken = [
            rules.check_end_of(&key, Some(before), self.at).err(),
            rules.check_scopes_of(&key, Some(before)).err(),
        ];
        self.changed.insert(path.clone(), key);
        broken.into_iter().flatten().collect()
    }

    fn rotation(
        &mut self,
        store: &mut impl Lookup,
        path: &'p KeyPath,
        entry: &KeyEntry,
        before: &Key,
    ) -> Result<Vec<Broken>, PlanError> {
        let rules = &self.known.wanted_rules;
        let renewed = entry.expires.as_ref().and_then(|expiry| renewal(expiry.value, self.at));
        let expires_at = renewed.map_or(before.expires_at, |expiry| self.resolved(Some(expiry)));
        let key = Key { expires_at, ..before.clone() };
        let mut broken: Vec<Broken> =
            rules.check_end_of(&key, Some(before), self.at).err().into_iter().collect();
        if let Some(prefix) = &entry.prefix {
            broken.extend(rules.check_prefix(&prefix.value).err());
        }
        if Rules::adds(&key, Some(before), self.at) {
            broken.extend(self.one_more(store, &path.owner)?);
        }
        Ok(broken)
    }

    fn trust(&mut self, store: &mut impl Lookup, name: &TrustName) -> Result<Vec<Broken>, PlanError> {
        let entry = &self.manifest.trusts[name];
        // Where it is replaced, its key is revoked before another is made.
        if let Some((_, Some(key))) = self.known.trusts.get(name)
            && Rules::counts(key, self.at)
            && key.owner == entry.owner.value
        {
            let count = self.count(store, &entry.owner.value)?;
            self.counts.insert(&entry.owner.value, count.saturating_sub(1));
        }
        let expiry = entry.expires.as_ref().map(|expiry| expiry.value);
        let new = New {
            named: format!("{}/{name}", entry.owner.value),
            owner: &entry.owner.value,
            is_child: false,
            is_bare: entry.scopes.value.is_empty() && entry.roles.is_empty(),
            end: self.resolved(Some(expiry.unwrap_or_else(|| self.default_expiry()))),
            prefix: None,
        };
        self.new_key(store, &new)
    }

    fn new_key(&mut self, store: &mut impl Lookup, new: &New<'p>) -> Result<Vec<Broken>, PlanError> {
        let rules = &self.known.wanted_rules;
        let mut broken: Vec<Broken> = rules.check_end(new.end, self.at).err().into_iter().collect();
        if new.is_bare {
            broken.extend(rules.check_scope(&new.named).err());
        }
        if let Some(prefix) = new.prefix {
            broken.extend(rules.check_prefix(prefix).err());
        }
        if !new.is_child {
            broken.extend(self.one_more(store, new.owner)?);
        }
        Ok(broken)
    }

    /// Counts one more key of an owner, which may be one too many.
    fn one_more(&mut self, store: &mut impl Lookup, owner: &'p Owner) -> Result<Option<Broken>, PlanError> {
        let rules = &self.known.wanted_rules;
        if rules.max_live_keys.is_none() {
            return Ok(None);
        }
        let count = self.count(store, owner)?;
        self.counts.insert(owner, count + 1);
        Ok(rules.check_number(owner.as_str(), count).err())
    }

    fn count(&mut self, store: &mut impl Lookup, owner: &Owner) -> Result<u64, PlanError> {
        if let Some(count) = self.counts.get(owner) {
            return Ok(*count);
        }
        // As the store calls it now.
        let called = self.known.renamed.get(owner).unwrap_or(owner);
        Ok(store.count_live_keys(called, self.at)?)
    }

    fn default_expiry(&self) -> Expiry {
        self.known.wanted_rules.default_expiry(self.known.default_expiry)
    }

    /// One that cannot be is told by what makes it.
    fn resolved(&self, expiry: Option<Expiry>) -> Option<Timestamp> {
        expiry.unwrap_or(Expiry::Never).resolve(self.at).unwrap_or(Some(self.at))
    }

    /// When a key ends that is made of an entry: without a word of that by the store's default, and not after its parent.
    fn new_end(&self, entry: &KeyEntry) -> Option<Timestamp> {
        if let Some(expiry) = &entry.expires {
            return self.resolved(Some(expiry.value));
        }
        let default = self.resolved(Some(self.default_expiry()));
        let parent = entry.parent.as_ref().and_then(|parent| self.end(&parent.value));
        [default, parent].into_iter().flatten().min()
    }

    /// When a key ends once the manifest is applied.
    fn end(&self, path: &KeyPath) -> Option<Timestamp> {
        let entry = self.manifest.keys.get(path);
        let Some(key) = current(self.manifest, self.known, path) else {
            return entry.and_then(|entry| self.new_end(entry));
        };
        let another = entry.and_then(|entry| entry.expires.as_ref()).map(|expiry| expiry.value);
        match another.filter(|expiry| !expiry.may_be(key.expires_at) && key.state(self.at) != State::Expired)
        {
            Some(expiry) => self.resolved(Some(expiry)),
            None => key.expires_at,
        }
    }
}
