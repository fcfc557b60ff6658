//! What a plan was made of, in short: whoever carries it out later finds out whether it is still so.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::known::Known;
use crate::crypto::digest;
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::token::TokenHash;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::ops::audit::compare::attributes;
use crate::ops::stores::rules;
use crate::ops::trusts::add::attributes as trust_attributes;
use crate::store::Deliveries;

/// The objects that a plan read, each with the first 16 bytes of the SHA-256 of its state, in hex.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Seen(BTreeMap<String, String>);

impl Seen {
    pub(super) fn of(known: &Known) -> Self {
        let mut seen = BTreeMap::new();
        for (path, key) in &known.keys {
            seen.insert(format!("key {path}"), key_state(key, &known.deliveries));
        }
        for (name, owner) in &known.owners {
            let state = json!([owner.subject, owner.quota.map(|quota| quota.to_string()), owner.disabled_at]);
            seen.insert(format!("owner {name}"), short(&state));
        }
        for (name, role) in &known.roles {
            seen.insert(format!("role {name}"), short(&json!(role.scopes)));
        }
        for (name, (trust, key)) in &known.trusts {
            let key = key.as_ref().map(attributes);
            seen.insert(format!("trust {name}"), short(&json!([trust_attributes(trust), key])));
        }
        for (path, at) in &known.revoked {
            seen.insert(format!("key {path}"), format!("{REVOKED}{}", at.as_millis()));
        }
        // What keys are held to, and get where nobody says it.
        seen.insert("the store's policy".to_owned(), short(&json!(rules::attributes(&known.rules))));
        let made: Vec<String> = known.made.iter().map(|path| known.keys[path].id.to_string()).collect();
        seen.insert("the keys that the manifest made".to_owned(), short(&json!(made)));
        Self(seen)
    }

    /// The first of these keys that is another one now, or is there or gone.
    pub(super) fn first_other_of(
        &self,
        names: &[(&Owner, &KeyName)],
        now: &HashMap<String, String>,
    ) -> Option<String> {
        let names = names.iter().map(|(owner, name)| format!("key {owner}/{name}"));
        // One that was revoked is not looked for here: it was not there, or its name is free.
        let then = |name: &String| self.0.get(name).filter(|state| !state.starts_with(REVOKED));
        names.into_iter().find(|name| then(name) != now.get(name))
    }

    /// The first object that is another one now: changed, made or gone.
    pub(super) fn first_other<'s>(&'s self, now: &'s Self) -> Option<&'s str> {
        let names = self.0.keys().chain(now.0.keys());
        names.map(String::as_str).find(|name| self.0.get(*name) != now.0.get(*name))
    }
}

const REVOKED: &str = "revoked ";

fn key_state(key: &Key, deliveries: &Deliveries) -> String {
    let mut sinks = deliveries.get(&key.id).cloned().unwrap_or_default();
    sinks.sort();
    let sinks: Vec<_> = sinks.iter().map(|(sink, token)| (sink, token.as_str())).collect();
    // Not its old token: that ends by itself, and whoever ends it sooner gives the key another one.
    short(&json!([key.id, attributes(key), sinks]))
}

/// The states of keys, by what they are called in [`Seen`].
pub(super) fn key_states(
    keys: &[Key],
    deliveries: impl FnOnce(&[KeyId]) -> crate::store::Result<Deliveries>,
) -> crate::store::Result<HashMap<String, String>> {
    let deliveries = deliveries(&keys.iter().map(|key| key.id).collect::<Vec<_>>())?;
    Ok(keys.iter().map(|key| (format!("key {}", key.path()), key_state(key, &deliveries))).collect())
}

fn short(state: &serde_json::Value) -> String {
    let digest = digest::fingerprint(&state.to_string());
    TokenHash::from_digest(&digest).as_str()[..32].to_owned()
}
