//! What the log says the store holds: every record applied, in their order.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::domain::audit::event::Record;
use crate::domain::id::KeyId;
use crate::domain::keys::rules::Rules;
use crate::ops::apollo::audit as apollo;
use crate::ops::error::Result;
use crate::ops::stores::rules;
use crate::store::Scratch;

/// A value, and the number of the record that said so last.
pub(super) type Said = (Value, u64);

/// What the log says of one thing, attribute by attribute. What no record has said is not here.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Thing(pub BTreeMap<String, Said>);

impl Thing {
    pub(super) fn say(&mut self, name: &str, value: Value, seq: u64) {
        self.0.insert(name.to_owned(), (value, seq));
    }

    /// The number of the record that said this last; 0 for none.
    pub(super) fn since(&self, name: &str) -> u64 {
        self.0.get(name).map_or(0, |(_, seq)| *seq)
    }
}

/// What is told apart in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Key,
    Owner,
    Role,
    Secret,
    Binding,
    /// The one view for another program.
    View,
    /// What a secret is as an OAuth credential.
    Credential,
    /// A key that signs short-lived tokens.
    SigningKey,
    /// Who gets short-lived tokens without a key.
    Trust,
    /// What is agreed with a provider.
    Federation,
    /// A key that signs for one.
    FederationKey,
    /// A key that is there to be found.
    Canary,
    /// Somebody who was invited to the portal.
    Claim,
    /// Somebody who signed in there.
    Session,
    /// A client that speaks MCP, which an operator registered.
    Client,
    /// What a key lets such a client do.
    Grant,
    /// One time that somebody let it in.
    SignIn,
    /// The store's own defaults.
    Store,
    /// Which changes raised the version of a key, of an owner's keys, or of those with a role.
    Raised,
    /// Owners, secrets and roles at their ends: what was bound to them, or had them, has not since.
    End,
}

impl Kind {
    /// What the names of its things begin with.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Key => "key ",
            Self::Owner => "owner ",
            Self::Role => "role ",
            Self::Secret => "secret ",
            Self::Binding => "binding ",
            Self::View => "view ",
            Self::Credential => "credential ",
            Self::SigningKey => "signing-key ",
            Self::Trust => "trust ",
            Self::Federation => "federation ",
            Self::FederationKey => "federation-key ",
            Self::Canary => "canary ",
            Self::Claim => "claim ",
            Self::Session => "session ",
            Self::Client => "client ",
            Self::Grant => "grant ",
            Self::SignIn => "sign-in ",
            Self::Store => "store ",
            Self::Raised => "raised ",
            Self::End => "end ",
        }
    }
}

/// Keys that were made together, of which the log has only the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    /// The lowest id.
    pub first: KeyId,
    /// The highest: ids of one transaction ascend.
    pub last: KeyId,
    pub count: u64,
    pub seq: u64,
}

/// A body, as far as it is looked at.
#[derive(Deserialize)]
pub(super) struct Body {
    pub(super) at: String,
    pub(super) action: String,
    outcome: String,
    pub(super) owner: Option<String>,
    pub(super) key: Option<String>,
    key_name: Option<String>,
    #[serde(default)]
    pub(super) details: Value,
    pub(super) raised: Option<Raised>,
}

/// That versions were raised.
#[derive(Deserialize)]
pub(super) struct Raised {
    pub(super) change: u64,
    pub(super) children: bool,
}

/// What is said of a key when it is made, and stands in its row.
const OF_KEY: [&str; 10] =
    ["token", "scopes", "roles", "parent", "expires_at", "not_before", "rate", "quota", "allow_ip", "labels"];

/// What is agreed with a provider.
pub(super) const OF_FEDERATION: [&str; 7] =
    ["kind", "token_endpoint", "audience", "issuer", "typ", "present", "parameters"];

/// The state of a store as its log tells it, on disk.
pub(super) struct Replay {
    things: Scratch,
    pub(super) batches: Vec<Batch>,
    /// Each owner that was renamed: by which record, and what it was called then.
    renames: HashMap<String, Vec<(u64, String)>>,
}

impl Replay {
    pub(super) fn new() -> Result<Self> {
        Ok(Self { things: Scratch::new()?, batches: Vec::new(), renames: HashMap::new() })
    }

    /// What an owner is called in the end that a record of this number calls so.
    pub(super) fn called_now<'n>(&'n self, name: &'n str, seq: u64) -> &'n str {
        let (mut name, mut seq) = (name, seq);
        while let Some((at, new)) =
            self.renames.get(name).and_then(|all| all.iter().find(|(at, _)| *at > seq))
        {
            (name, seq) = (new, *at);
        }
        name
    }

    /// What is said of a thing, which is then forgotten.
    pub(super) fn take(&mut self, kind: Kind, id: &str) -> Result<Option<Thing>> {
        Ok(self.things.take(&name(kind, id))?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    pub(super) fn get(&self, kind: Kind, id: &str) -> Result<Option<Thing>> {
        Ok(self.things.get(&name(kind, id))?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Since which record a thing that ended has not been the same; 0 if it never ended.
    pub(super) fn ended(&self, kind: Kind, id: &str) -> Result<u64> {
        Ok(self.get(Kind::End, &name(kind, id))?.map_or(0, |end| end.since("end")))
    }

    fn end(&mut self, kind: Kind, id: &str, seq: u64) -> Result<()> {
        self.change(Kind::End, &name(kind, id), |end| end.say("end", Value::Null, seq))
    }

    /// Some of the things that were not taken, behind this one.
    pub(super) fn left(&self, kind: Kind, after: &str) -> Result<Vec<(String, Thing)>> {
        let prefix = kind.prefix();
        let page = self.things.beginning(prefix, &name(kind, after))?;
        let left = page.into_iter().map(|(name, text)| {
            let id = name.strip_prefix(prefix).unwrap_or_default().to_owned();
            (id, serde_json::from_str(&text).unwrap_or_default())
        });
        Ok(left.collect())
    }

    /// Applies a record. One of a form that is not known says nothing: whether the log is whole
    /// is another question.
    pub(super) fn apply(&mut self, record: &Record) -> Result<()> {
        let Ok(body) = serde_json::from_str::<Body>(&record.body) else { return Ok(()) };
        if body.outcome != "done" {
            return Ok(());
        }
        let seq = record.seq;
        self.raised(&body, seq)?;
        match body.action.as_str() {
            "store.init" => self.change(Kind::Store, "", |store| {
                copy(&body.details, &["prefix", "expiry_seconds"], store, seq);
                store.say("issuer", Value::Null, seq);
                store.say("audiences", json!([]), seq);
                store.say("portal", Value::Null, seq);
                for (name, none) in rules::attributes(&Rules::default()) {
                    store.say(name, none, seq);
                }
            }),
            "policy.set" => self.change(Kind::Store, "", |store| {
                for (name, _) in rules::attributes(&Rules::default()) {
                    if let Some(new) = body.details[name].get(1) {
                        store.say(name, new.clone(), seq);
                    }
                }
            }),
            "store.set" => self.change(Kind::Store, "", |store| {
                for name in ["issuer", "audiences", "portal"] {
                    if let Some(new) = body.details[name].get(1) {
                        store.say(name, new.clone(), seq);
                    }
                }
            }),
            "signing-key.rotate" | "signing-key.revoke" => self.signing_keys(&body, seq),
            "trust.add" | "trust.delete" => self.trust(&body, seq),
            "federation.add" | "federation.rotate" | "federation.activate" | "federation.delete" => {
                self.federation(&body, seq)
            }
            "mint" | "import" => self.made(&body, seq),
            "edit" | "scope.add" | "scope.remove" | "scope.set" => self.edited(&body, seq),
            "rotate.begin" => self.of_key(&body, |key| {
                let mut pending = key.0.get("pending_tokens").map_or_else(|| json!([]), |(said, _)| said.clone());
                if let Some(tokens) = pending.as_array_mut() {
                    tokens.push(body.details["token"].clone());
                }
                key.say("pending_tokens", pending, seq);
            }),
            "rotate" | "rotate.confirm" => self.of_key(&body, |key| {
                copy(&body.details, &["token", "expires_at", "pending_tokens"], key, seq);
                let previous = json!({ "token": body.details["old_token"], "ends": body.details["old_token_expires_at"] });
                key.say("previous_token", previous, seq);
            }),
            "rotate.finish" => self.of_key(&body, |key| {
                let previous = json!({ "token": body.details["old_token"], "ends": body.at });
                key.say("previous_token", previous, seq);
            }),
            "revoke" => self.of_key(&body, |key| key.say("revoked_at", body.at.clone().into(), seq)),
            "suspend" => self.of_key(&body, |key| {
                // Another end of one that there was leaves its beginning.
                let since = body.details["suspended_at"].as_str().unwrap_or(&body.at);
                key.say("suspended_at", since.into(), seq);
                key.say("suspended_until", body.details["suspended_until"].clone(), seq);
            }),
            "resume" => self.of_key(&body, |key| {
                key.say("suspended_at", Value::Null, seq);
                key.say("suspended_until", Value::Null, seq);
            }),
            "owner.add" | "owner.enable" => self.of_owner(&body, |owner| {
                owner.say("deleted_at", Value::Null, seq);
                owner.say("disabled_at", Value::Null, seq);
                if body.action == "owner.add" {
                    say_subject(&body, owner, seq);
                    // One that was deleted comes back without.
                    owner.say("quota", Value::Null, seq);
                }
            }),
            "owner.set" => self.of_owner(&body, |owner| {
                for name in ["subject", "quota"] {
                    if let Some(new) = body.details[name].get(1) {
                        owner.say(name, new.clone(), seq);
                    }
                }
            }),
            "owner.rename" => self.renamed(&body, seq),
            "owner.disable" => {
                self.of_owner(&body, |owner| owner.say("disabled_at", body.at.clone().into(), seq))
            }
            "owner.delete" => {
                self.end(Kind::Owner, body.owner.as_deref().unwrap_or_default(), seq)?;
                self.of_owner(&body, |owner| {
                    owner.say("deleted_at", body.at.clone().into(), seq);
                    owner.say("disabled_at", Value::Null, seq);
                    owner.say("quota", Value::Null, seq);
                })
            }
            "role.set" | "role.delete" => self.role(&body, seq),
            action if action.starts_with("claim.") || action.starts_with("session.") => self.portal(&body, seq),
            action if action.starts_with("client.") => self.mcp(&body, seq),
            action if action.starts_with("secret.") => self.secret(&body, seq),
            "oauth.add" | "oauth.replace" | "oauth.refresh" | "oauth.needs-reauth" => self.credential(&body, seq),
            action => match apollo::scope_after(action, &body.details) {
                Some(scope) => self.change(Kind::View, "", |view| view.say("scope", scope, seq)),
                None => Ok(()),
            },
        }
    }

    pub(super) fn change(&mut self, kind: Kind, id: &str, change: impl FnOnce(&mut Thing)) -> Result<()> {
        let mut thing = self.get(kind, id)?.unwrap_or_default();
        change(&mut thing);
        // Strings and numbers: serializing them cannot fail.
        Ok(self.things.put(&name(kind, id), &serde_json::to_string(&thing).unwrap_or_default())?)
    }

    fn of_key(&mut self, body: &Body, change: impl FnOnce(&mut Thing)) -> Result<()> {
        let Some(key) = &body.key else { return Ok(()) };
        self.change(Kind::Key, key, change)
    }

    fn of_owner(&mut self, body: &Body, change: impl FnOnce(&mut Thing)) -> Result<()> {
        let Some(owner) = &body.owner else { return Ok(()) };
        self.change(Kind::Owner, owner, change)
    }

    fn made(&mut self, body: &Body, seq: u64) -> Result<()> {
        if body.key.is_none() {
            self.batches.extend(batch(&body.details, seq));
            return Ok(());
        }
        self.of_key(body, |key| {
            copy(&body.details, &OF_KEY, key, seq);
            key.say("owner", json!(body.owner), seq);
            key.say("name", json!(body.key_name), seq);
            key.say("allow_jwt", json!(body.details["allow_jwt"] == true), seq);
            key.say("made_by", body.details["made_by"].clone(), seq);
            for without in ["suspended_at", "suspended_until", "revoked_at", "previous_token"] {
                key.say(without, Value::Null, seq);
            }
            // Of a key that was made before there were any, the record says nothing.
            key.say(
                "pending_tokens",
                body.details.get("pending_tokens").cloned().unwrap_or_else(|| json!([])),
                seq,
            );
        })?;
        if let (Some(key), true) = (&body.key, body.details["canary"] == true) {
            self.change(Kind::Canary, key, |canary| canary.say("canary", json!(true), seq))?;
        }
        // An owner that was deleted, or not there, is there from now on.
        let known = body.owner.as_deref().map(|owner| self.get(Kind::Owner, owner)).transpose()?.flatten();
        if known.as_ref().is_none_or(|owner| !owner.0.contains_key("subject")) {
            self.of_owner(body, |owner| say_subject(body, owner, seq))?;
        }
        if known.is_some_and(|owner| owner.0.get("deleted_at").is_none_or(|(at, _)| at.is_null())) {
            return Ok(());
        }
        self.of_owner(body, |owner| {
            owner.say("deleted_at", Value::Null, seq);
            owner.say("disabled_at", Value::Null, seq);
        })
    }

    /// All that is said of an owner is said of its new name from now on. Its keys are many, and keep
    /// what was said of them: see [`Replay::called_now`].
    fn renamed(&mut self, body: &Body, seq: u64) -> Result<()> {
        let names = body.details["name"].get(0).zip(body.details["name"].get(1));
        let Some((old, new)) = names.and_then(|(old, new)| old.as_str().zip(new.as_str())) else {
            return Ok(());
        };
        let owner = self.take(Kind::Owner, old)?;
        self.change(Kind::Owner, new, |now| {
            *now = owner.unwrap_or_default();
            now.say("subject", body.details["subject"].clone(), seq);
        })?;
        if let Some(end) = self.take(Kind::End, &name(Kind::Owner, old))? {
            self.change(Kind::End, &name(Kind::Owner, new), |now| *now = end)?;
        }
        self.raised_of_renamed(old, new)?;
        // The space ends the name: that of no other owner begins so.
        let of_old = format!("owner {old} ");
        let bindings = self.things.beginning(&name(Kind::Binding, &of_old), "")?;
        for (id, _) in bindings {
            let Some(provider) = id.strip_prefix(&name(Kind::Binding, &of_old)) else { continue };
            if let Some(binding) = self.take(Kind::Binding, &format!("{of_old}{provider}"))? {
                self.change(Kind::Binding, &binding_id("owner", new, provider), |now| *now = binding)?;
            }
        }
        self.renames.entry(old.to_owned()).or_default().push((seq, new.to_owned()));
        Ok(())
    }

    fn edited(&mut self, body: &Body, seq: u64) -> Result<()> {
        let Some(changes) = body.details.as_object() else { return Ok(()) };
        self.of_key(body, |key| {
            for (name, change) in changes {
                if let Some(new) = change.get(1) {
                    key.say(name, new.clone(), seq);
                }
            }
        })
    }

    /// What a rotation or a revocation left: one key that signs, and the next.
    fn signing_keys(&mut self, body: &Body, seq: u64) -> Result<()> {
        let (at, details) = (json!(body.at), &body.details);
        for name in ["signs", "next"] {
            let Some(kid) = details[name].as_str() else { continue };
            self.change(Kind::SigningKey, kid, |key| {
                if key.0.is_empty() {
                    key.say("published_at", at.clone(), seq);
                    for without in ["signs_from", "signs_until", "revoked_at"] {
                        key.say(without, Value::Null, seq);
                    }
                }
                if name == "signs" && key.0.get("signs_from").is_none_or(|(from, _)| from.is_null()) {
                    key.say("signs_from", at.clone(), seq);
                }
            })?;
        }
        for (name, end) in [("before", "signs_until"), ("kid", "revoked_at")] {
            let Some(kid) = details[name].as_str() else { continue };
            self.change(Kind::SigningKey, kid, |key| key.say(end, at.clone(), seq))?;
        }
        Ok(())
    }

    fn trust(&mut self, body: &Body, seq: u64) -> Result<()> {
        let Some(trust) = body.details["trust"].as_str() else { return Ok(()) };
        if body.action == "trust.delete" {
            return self.take(Kind::Trust, trust).map(drop);
        }
        let names = ["issuer", "audience", "claims", "any_ref", "ttl_seconds", "jwks_sha256", "key"];
        self.change(Kind::Trust, trust, |trust| copy(&body.details, &names, trust, seq))
    }

    fn federation(&mut self, body: &Body, seq: u64) -> Result<()> {
        let (at, details) = (json!(body.at), &body.details);
        let Some(name) = details["federation"].as_str() else { return Ok(()) };
        if body.action == "federation.add" {
            self.change(Kind::Federation, name, |federation| copy(details, &OF_FEDERATION, federation, seq))?;
        }
        if let Some(next) = details["next"].as_str() {
            self.change(Kind::FederationKey, next, |key| {
                key.say("federation", json!(name), seq);
                key.say("activated_at", Value::Null, seq);
                key.say("retired_at", Value::Null, seq);
            })?;
        }
        if body.action == "federation.activate" {
            for (name, what) in [("signs", "activated_at"), ("before", "retired_at")] {
                let Some(kid) = details[name].as_str() else { continue };
                self.change(Kind::FederationKey, kid, |key| key.say(what, at.clone(), seq))?;
            }
        }
        if body.action == "federation.delete" {
            self.take(Kind::Federation, name)?;
            for kid in details["keys"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                self.take(Kind::FederationKey, kid)?;
            }
        }
        Ok(())
    }

    fn role(&mut self, body: &Body, seq: u64) -> Result<()> {
        let Some(role) = body.details["role"].as_str() else { return Ok(()) };
        if body.action == "role.set" {
            return self.change(Kind::Role, role, |role| copy(&body.details, &["scopes"], role, seq));
        }
        self.take(Kind::Role, role)?;
        self.end(Kind::Role, role, seq)
    }

    /// Also one that is deleted gets what its provider answered: that it is deleted stays.
    fn credential(&mut self, body: &Body, seq: u64) -> Result<()> {
        let Some(id) = body.details["secret"].as_str() else { return Ok(()) };
        self.change(Kind::Secret, id, |secret| {
            copy(&body.details, &["name", "provider", "version", "expires_at"], secret, seq);
            if body.action == "oauth.add" {
                secret.say("deleted_at", Value::Null, seq);
            }
        })?;
        self.change(Kind::Credential, id, |credential| copy(&body.details, &OF_CREDENTIAL, credential, seq))
    }

    fn secret(&mut self, body: &Body, seq: u64) -> Result<()> {
        let Some(id) = body.details["secret"].as_str() else { return Ok(()) };
        let details = &body.details;
        match body.action.as_str() {
            "secret.set" | "secret.rotate" => self.change(Kind::Secret, id, |secret| {
                copy(details, &["name", "provider", "version", "expires_at"], secret, seq);
                secret.say("deleted_at", Value::Null, seq);
                // Of one that has a value, there are none.
                for name in ["federation", "subject"] {
                    secret.say(name, details[name].clone(), seq);
                }
            }),
            "secret.rollback" => self.change(Kind::Secret, id, |secret| {
                copy(details, &["name", "provider", "version"], secret, seq);
                // That of the version, which this record does not say.
                secret.0.remove("expires_at");
                secret.say("deleted_at", Value::Null, seq);
            }),
            "secret.delete" => {
                self.end(Kind::Secret, id, seq)?;
                let at = body.at.clone();
                self.change(Kind::Secret, id, |secret| secret.say("deleted_at", at.into(), seq))
            }
            "secret.purge" if details["version"].is_null() => {
                self.take(Kind::Secret, id)?;
                self.take(Kind::Credential, id)?;
                self.end(Kind::Secret, id, seq)
            }
            "secret.bind" => {
                let Some(whom) = bound_thing(body) else { return Ok(()) };
                self.change(Kind::Binding, &whom, |binding| binding.say("secret", json!(id), seq))
            }
            "secret.unbind" => {
                let Some(whom) = bound_thing(body) else { return Ok(()) };
                self.take(Kind::Binding, &whom).map(drop)
            }
            _ => Ok(()),
        }
    }
}

/// What decides where the parts of a credential are sent, and whether they are.
pub(super) const OF_CREDENTIAL: [&str; 7] =
    ["token_endpoint", "client_id", "client_auth", "issuer", "scopes", "refresh_invalidates", "state"];

/// The subject that a record says, or that an owner had when there were none: its name.
fn say_subject(body: &Body, owner: &mut Thing, seq: u64) {
    let subject = match &body.details["subject"] {
        Value::Null => json!(body.owner),
        said => said.clone(),
    };
    owner.say("subject", subject, seq);
}

fn name(kind: Kind, id: &str) -> String {
    format!("{}{id}", kind.prefix())
}

/// What a binding is told apart by: whose it is, and for which provider.
pub(super) fn binding_id(kind: &str, id: &str, provider: &str) -> String {
    format!("{kind} {id} {provider}")
}

fn bound_thing(body: &Body) -> Option<String> {
    let kind = body.details["subject"].as_str()?;
    let id = match kind {
        "key" => body.key.as_deref()?,
        "owner" => body.owner.as_deref()?,
        _ => "",
    };
    Some(binding_id(kind, id, body.details["provider"].as_str()?))
}

pub(super) fn copy(details: &Value, names: &[&str], thing: &mut Thing, seq: u64) {
    let none = Map::new();
    let details = details.as_object().unwrap_or(&none);
    for name in names {
        if let Some(value) = details.get(*name) {
            thing.say(name, value.clone(), seq);
        }
    }
}

fn batch(details: &Value, seq: u64) -> Option<Batch> {
    let id = |name: &str| -> Option<KeyId> { details[name].as_str()?.parse().ok() };
    let (a, b) = (id("first_key")?, id("last_key")?);
    Some(Batch { first: a.min(b), last: a.max(b), count: details["count"].as_u64()?, seq })
}
