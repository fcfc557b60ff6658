//! Whether what decides in the store is what the log says: who writes the database behind
//! keyctl's back writes no record of it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use serde_json::{Value, json};

use super::replay::{Batch, Kind, Replay, Thing, binding_id};
use crate::crypto::es256::PublicKey;
use crate::domain::audit::event::Record;
use crate::domain::federation::federated::Federated;
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::secrets::secret::{Binding, Secret, SecretKind};
use crate::domain::time::{Span, Timestamp};
use crate::ops::apollo::audit as apollo;
use crate::ops::error::Result;
use crate::ops::stores::rules;
use crate::ops::trusts::add::attributes as trust_attributes;
use crate::store::{
    CanaryLookup as _, Finding, Lookup as _, SecretFilter, SigningKeyLookup as _, Store, TrustLookup as _,
};

/// Canaries that are read at once.
const CANARIES: i64 = 500;

/// Differences that are listed: more would not be read.
const MOST: usize = 500;

/// Compares a store with its log, fed record by record and then key by key, newest first.
pub(in crate::ops) struct Comparison {
    pub(super) replay: Replay,
    now: Timestamp,
    batches: Open,
    findings: Vec<Finding>,
    /// Those that are only counted.
    more: u64,
}

impl Comparison {
    pub(in crate::ops) fn new(now: Timestamp) -> Result<Self> {
        let (replay, batches) = (Replay::new()?, Open::default());
        Ok(Self { replay, now, batches, findings: Vec::new(), more: 0 })
    }

    pub(in crate::ops) fn record(&mut self, record: &Record) -> Result<()> {
        self.replay.apply(record)
    }

    /// The log ends here, and the keys begin.
    pub(in crate::ops) fn end_of_log(&mut self) {
        self.batches = Open::new(std::mem::take(&mut self.replay.batches));
    }

    /// The next key, and its version; ids go down.
    pub(in crate::ops) fn key(&mut self, key: &Key, version: i64) -> Result<()> {
        let Some(mut said) = self.replay.take(Kind::Key, &key.id.to_string())? else {
            if !self.batches.admits(key) {
                self.found("key", format!(
                    "key {} ({}) is in no record of the audit log: keyctl did not make it; if nobody else \
                     did on purpose: keyctl revoke {}",
                    key.id, key.path(), key.id
                ));
            }
            return Ok(());
        };
        // Only changes of it are recorded where it came in a batch.
        let in_batch = !said.0.contains_key("owner");
        if in_batch {
            self.batches.admits(key);
            said.0.entry("pending_tokens".to_owned()).or_insert_with(|| (json!([]), 0));
        }
        self.without_deleted_roles(&mut said)?;
        self.with_owner_of_today(&mut said);
        self.version(key, version, &said)?;
        self.previous_token(key, &mut said);
        let subject = format!("key {} ({})", key.id, key.path());
        for (name, actual) in attributes(key) {
            self.compare("key", &subject, name, &actual, &said, &what_to_do(key, name, &said));
        }
        Ok(())
    }

    /// What is left to compare behind the last key.
    pub(in crate::ops) fn finish(mut self, store: &mut Store) -> Result<Vec<Finding>> {
        self.left(Kind::Key, |this, id, said| {
            let seq = said.0.values().map(|(_, seq)| *seq).max().unwrap_or_default();
            this.found("key", format!("key {id} is missing, and record {seq} of the audit log is about it"));
            Ok(())
        })?;
        for (seq, missing) in self.batches.missing() {
            self.found(
                "key",
                format!("{missing} keys of the import in record {seq} of the audit log are missing"),
            );
        }
        self.secrets(store)?;
        self.credentials(store)?;
        self.bindings(store)?;
        self.owners_and_roles(store)?;
        self.signing_keys(store)?;
        self.trusts(store)?;
        self.federations(store)?;
        self.canaries(store)?;
        self.portal(store)?;
        self.mcp(store)?;
        self.settings(store)?;
        if self.more > 0 {
            let message = format!("{} more differences from the audit log are not listed", self.more);
            self.findings.push(Finding { kind: "audit", message });
        }
        Ok(self.findings)
    }

    /// What the log has and the store has not.
    pub(super) fn left(
        &mut self,
        kind: Kind,
        mut each: impl FnMut(&mut Self, &str, &Thing) -> Result<()>,
    ) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = self.replay.left(kind, &after)?;
            for (id, said) in &page {
                each(self, id, said)?;
            }
            let Some((last, _)) = page.into_iter().next_back() else { return Ok(()) };
            after = last;
        }
    }

    pub(super) fn found(&mut self, kind: &'static str, message: String) {
        if self.findings.len() < MOST {
            self.findings.push(Finding { kind, message });
        } else {
            self.more += 1;
        }
    }

    /// One attribute; what the log does not say is not compared.
    pub(super) fn compare(
        &mut self,
        kind: &'static str,
        subject: &str,
        name: &str,
        actual: &Value,
        said: &Thing,
        hint: &str,
    ) {
        let Some((expected, seq)) = said.0.get(name) else { return };
        if sorted(expected) != sorted(actual) {
            self.found(
                kind,
                format!(
                    "{subject}: {name} is {actual}, and record {seq} of the audit log says {expected}; {hint}"
                ),
            );
        }
    }

    /// An owner that was renamed since is meant by its new name.
    pub(super) fn with_owner_of_today(&self, said: &mut Thing) {
        if let Some((Value::String(owner), seq)) = said.0.get_mut("owner") {
            *owner = self.replay.called_now(owner, *seq).to_owned();
        }
    }

    /// A role that was deleted was taken from all its keys.
    fn without_deleted_roles(&self, said: &mut Thing) -> Result<()> {
        let Some((Value::Array(roles), seq)) = said.0.get_mut("roles") else { return Ok(()) };
        let mut kept = Vec::new();
        for role in roles.drain(..) {
            if self.replay.ended(Kind::Role, role.as_str().unwrap_or_default())? <= *seq {
                kept.push(role);
            }
        }
        *roles = kept;
        Ok(())
    }

    /// That an old token works, and until when, is compared; that it works no more is not.
    fn previous_token(&mut self, key: &Key, said: &mut Thing) {
        let (Some(previous), Some((expected, seq))) = (&key.previous_token, said.0.remove("previous_token"))
        else {
            return;
        };
        let actual = json!({ "token": previous.prefix, "ends": previous.expires_at });
        if actual != expected && previous.expires_at.is_none_or(|end| end > self.now) {
            self.found("token", format!(
                "key {} ({}): its old token {} works until {}, and record {seq} of the audit log says otherwise; \
                 end it: keyctl rotate {} --grace 0",
                key.id, key.path(), previous.prefix, actual["ends"], key.id
            ));
        }
    }

    /// One that is higher ends short-lived tokens too early, and is borne.
    fn version(&mut self, key: &Key, version: i64, said: &Thing) -> Result<()> {
        let least = self.replay.least_version(key, said)?;
        if u64::try_from(version).is_ok_and(|version| version >= least) {
            return Ok(());
        }
        self.found("key", format!(
            "key {} ({}): its version is {version}, and by the audit log {least} at least: short-lived tokens of before may \
             work; raise it: keyctl suspend {}, keyctl resume {}",
            key.id, key.path(), key.id, key.id
        ));
        Ok(())
    }

    fn secrets(&mut self, store: &mut Store) -> Result<()> {
        let filter = SecretFilter { deleted: true, ..SecretFilter::default() };
        let federated: HashMap<_, _> = store.all_federated()?.into_iter().collect();
        let mut last: Option<Secret> = None;
        loop {
            let secrets = store.secrets(&filter, last.as_ref())?;
            for secret in &secrets {
                self.secret(secret, federated.get(&secret.id))?;
            }
            match secrets.into_iter().next_back() {
                Some(secret) => last = Some(secret),
                None => break,
            }
        }
        self.left(Kind::Secret, |this, id, said| {
            let seq = said.since("version");
            this.found(
                "secret",
                format!("secret {id} is missing, and record {seq} of the audit log says that it is there"),
            );
            Ok(())
        })
    }

    fn secret(&mut self, secret: &Secret, federated: Option<&Federated>) -> Result<()> {
        let (id, name) = (secret.id.to_string(), &secret.name);
        let subject = format!("secret {name} ({id})");
        let Some(said) = self.replay.take(Kind::Secret, &id)? else {
            let message = format!(
                "{subject} is in no record of the audit log: keyctl did not make it; see who uses it: keyctl secret show {name}"
            );
            self.found("secret", message);
            return Ok(());
        };
        if let Some((version, seq)) =
            said.0.get("version").filter(|(version, _)| *version != json!(secret.version))
        {
            let back = match secret.kind {
                SecretKind::Static => {
                    format!("put that one back: keyctl secret rollback {name} --to {version}")
                }
                SecretKind::OAuth => {
                    format!(
                        "sign in again: keyctl oauth login {name} --replace, or keyctl oauth replace {name}"
                    )
                }
                SecretKind::Federated => {
                    format!("set it again: keyctl secret set {} {name} --federation NAME", secret.provider)
                }
            };
            self.found("secret", format!(
                "{subject}: version {} is in force, and record {seq} of the audit log says version {version}; if \
                 nobody can say why, {back}",
                secret.version
            ));
        }
        let attributes = [
            ("name", json!(name)),
            ("provider", json!(secret.provider)),
            ("deleted_at", json!(secret.deleted_at)),
            ("expires_at", json!(secret.expires_at)),
            ("federation", json!(federated.map(|federated| &federated.federation))),
            ("subject", json!(federated.map(|federated| &federated.subject))),
        ];
        let again = match secret.kind {
            SecretKind::Static => format!("keyctl secret set {} {name}", secret.provider),
            SecretKind::OAuth => {
                format!("keyctl oauth login {name} --replace, or keyctl oauth replace {name}")
            }
            SecretKind::Federated => {
                format!("keyctl secret set {} {name} --federation NAME", secret.provider)
            }
        };
        let hint = format!("see keyctl audit list, and set it again: {again}");
        let same_version =
            said.0.get("version").is_some_and(|(version, _)| *version == json!(secret.version));
        for (name, actual) in attributes.iter().filter(|(name, _)| *name != "expires_at" || same_version) {
            self.compare("secret", &subject, name, actual, &said, &hint);
        }
        Ok(())
    }

    /// Which secret a subject is bound to, as the log says: ended by the end of either.
    fn bound(&self, id: &str, said: &Thing) -> Result<Option<(String, u64)>> {
        let Some((Value::String(secret), seq)) = said.0.get("secret") else { return Ok(None) };
        let mut ended = self.replay.ended(Kind::Secret, secret)?;
        if let Some(owner) = id.strip_prefix("owner ").and_then(|rest| rest.split(' ').next()) {
            ended = ended.max(self.replay.ended(Kind::Owner, owner)?);
        }
        Ok((ended < *seq).then(|| (secret.clone(), *seq)))
    }

    fn bindings(&mut self, store: &mut Store) -> Result<()> {
        let mut last: Option<Binding> = None;
        loop {
            let bindings = store.bindings(last.as_ref())?;
            for binding in &bindings {
                self.binding(binding)?;
            }
            match bindings.into_iter().next_back() {
                Some(binding) => last = Some(binding),
                None => break,
            }
        }
        self.left(Kind::Binding, |this, id, said| {
            if let Some((secret, seq)) = this.bound(id, said)? {
                this.found("secret", format!(
                    "{} is bound to nothing, and record {seq} of the audit log says to {secret}; bind it again: \
                     keyctl secret bind",
                    shown(id)
                ));
            }
            Ok(())
        })
    }

    fn binding(&mut self, binding: &Binding) -> Result<()> {
        let subject = &binding.subject;
        let id = binding_id(subject.kind(), &subject.id(), binding.provider.as_str());
        let said = self.replay.take(Kind::Binding, &id)?.unwrap_or_default();
        let bound = self.bound(&id, &said)?;
        let actual = binding.secret.to_string();
        if bound.as_ref().is_some_and(|(secret, _)| *secret == actual) {
            return Ok(());
        }
        let says = match bound {
            Some((secret, seq)) => format!("record {seq} of the audit log says to {secret}"),
            None => "no record of the audit log says so".to_owned(),
        };
        self.found(
            "secret",
            format!(
                "{} is bound to {} ({actual}), and {says}; if nobody can say why: keyctl secret unbind {}",
                shown(&id),
                binding.name,
                binding.name
            ),
        );
        Ok(())
    }

    fn owners_and_roles(&mut self, store: &mut Store) -> Result<()> {
        let mut after = None;
        loop {
            let owners = store.owners(after.as_ref())?;
            for owner in &owners {
                let Some(said) = self.replay.take(Kind::Owner, owner.name.as_str())? else { continue };
                let (subject, disabled_at) = (format!("owner {}", owner.name), json!(owner.disabled_at));
                let stopped = said.0.get("disabled_at").is_some_and(|(at, _)| !at.is_null());
                let verb = if stopped { "disable" } else { "enable" };
                let hint = format!("put it right: keyctl owner {verb} {}", owner.name);
                self.compare("key", &subject, "disabled_at", &disabled_at, &said, &hint);
                let was = said.0.get("subject").and_then(|(subject, _)| subject.as_str()).unwrap_or_default();
                let hint = format!("put it right: keyctl owner set {} --subject '{was}'", owner.name);
                self.compare("key", &subject, "subject", &json!(owner.subject), &said, &hint);
                let was = said.0.get("quota").and_then(|(quota, _)| quota.as_str()).unwrap_or("none");
                let hint = format!("put it right: keyctl owner set {} --quota {was}", owner.name);
                let quota = json!(owner.quota.map(|quota| quota.to_string()));
                self.compare("key", &subject, "quota", &quota, &said, &hint);
            }
            match owners.into_iter().next_back() {
                Some(owner) => after = Some(owner.name),
                None => break,
            }
        }
        for role in store.roles()? {
            let subject = format!("role {}", role.name);
            let hint = format!(
                "see keyctl audit list --action role.set, and set it again: keyctl role set {}",
                role.name
            );
            match self.replay.take(Kind::Role, role.name.as_str())? {
                Some(said) => self.compare("key", &subject, "scopes", &json!(role.scopes), &said, &hint),
                None => self.found("key", format!("{subject} is in no record of the audit log; {hint}")),
            }
        }
        self.left(Kind::Role, |this, name, said| {
            let hint = format!("set it again: keyctl role set {name}");
            this.compare("key", &format!("role {name}"), "scopes", &Value::Null, said, &hint);
            Ok(())
        })
    }

    /// Whoever adds a public key of their own to the store signs tokens that its verifiers take.
    fn signing_keys(&mut self, store: &mut Store) -> Result<()> {
        for key in store.signing_keys()? {
            let kid = &key.public.kid;
            let (subject, hint) =
                (format!("signing key {kid}"), format!("take it out: keyctl signing-key revoke {kid}"));
            if PublicKey::of(&key.public).is_err() {
                self.found("key", format!("{subject} is another one than its id says; {hint}"));
            }
            let Some(said) = self.replay.take(Kind::SigningKey, kid.as_str())? else {
                self.found(
                    "key",
                    format!("{subject} is in no record of the audit log: keyctl did not make it; {hint}"),
                );
                continue;
            };
            for (name, actual) in [
                ("published_at", Some(key.published_at)),
                ("signs_from", key.signs_from),
                ("signs_until", key.signs_until),
                ("revoked_at", key.revoked_at),
            ] {
                self.compare("key", &subject, name, &json!(actual), &said, &hint);
            }
        }
        self.left(Kind::SigningKey, |this, kid, said| {
            let seq = said.since("published_at");
            this.found(
                "key",
                format!(
                    "signing key {kid} is missing, and record {seq} of the audit log says that it is there"
                ),
            );
            Ok(())
        })
    }

    /// Whoever adds a trust, or widens one, gets tokens with a CI of their own.
    fn trusts(&mut self, store: &mut Store) -> Result<()> {
        for trust in store.trusts()? {
            let (subject, hint) = (
                format!("trust {}", trust.name),
                format!("if nobody can say why: keyctl trust delete {}", trust.name),
            );
            let Some(said) = self.replay.take(Kind::Trust, trust.name.as_str())? else {
                let message =
                    format!("{subject} is in no record of the audit log: keyctl did not make it; {hint}");
                self.found("key", message);
                continue;
            };
            for (name, actual) in trust_attributes(&trust) {
                self.compare("key", &subject, name, &actual, &said, &hint);
            }
        }
        self.left(Kind::Trust, |this, name, said| {
            let seq = said.since("key");
            this.found(
                "key",
                format!("trust {name} is missing, and record {seq} of the audit log says that it is there"),
            );
            Ok(())
        })
    }

    /// Whoever takes one out is not heard of where it appears.
    fn canaries(&mut self, store: &mut Store) -> Result<()> {
        let mut after = None;
        loop {
            let canaries = store.canaries(after, CANARIES)?;
            for key in &canaries {
                if self.replay.take(Kind::Canary, &key.to_string())?.is_none() {
                    let message = format!("key {key} is a canary, and no record of the audit log says so");
                    self.found("key", message);
                }
            }
            match canaries.into_iter().next_back() {
                Some(key) => after = Some(key),
                None => break,
            }
        }
        self.left(Kind::Canary, |this, key, said| {
            let seq = said.since("canary");
            this.found("key", format!(
                "key {key} is no canary, and record {seq} of the audit log says that it is one: where it appears, nobody hears \
                 of it; make another one: keyctl mint OWNER --canary"
            ));
            Ok(())
        })
    }

    fn settings(&mut self, store: &mut Store) -> Result<()> {
        if let Some(said) = self.replay.take(Kind::View, "")? {
            let scope = apollo::scope_now(store)?;
            self.compare("object", apollo::CALLED, "scope", &scope, &said, apollo::HINT);
        }
        if let Some(said) = self.replay.take(Kind::Store, "")? {
            let head = store.head()?;
            let hint = "it is for new keys only; name what you want with keyctl mint";
            let expiry = json!(head.default_expiry.map(Span::as_secs));
            self.compare("key", "the store", "prefix", &json!(head.default_prefix), &said, hint);
            self.compare("key", "the store", "expiry_seconds", &expiry, &said, hint);
            let hint =
                "short-lived tokens say it; put it right: keyctl store set issuer, keyctl store set audience";
            self.compare("key", "the store", "issuer", &json!(head.issuer), &said, hint);
            self.compare("key", "the store", "audiences", &json!(head.audiences), &said, hint);
            let hint = "links of invitations lead there; put it right: keyctl store set portal";
            self.compare("key", "the store", "portal", &json!(head.portal), &said, hint);
            let hint = "every new key is held to it; put it right: keyctl policy set, keyctl policy unset";
            for (name, actual) in rules::attributes(&head.rules) {
                self.compare("key", "the store's policy", name, &actual, &said, hint);
            }
        }
        Ok(())
    }
}

/// What decides of a key, as records spell it.
pub(in crate::ops) fn attributes(key: &Key) -> [(&'static str, Value); 18] {
    let pending: Vec<_> = key.pending_tokens.iter().map(|token| &token.prefix).collect();
    [
        ("pending_tokens", json!(pending)),
        ("owner", json!(key.owner)),
        ("name", json!(key.name)),
        ("token", json!(key.token_prefix())),
        ("scopes", json!(key.scopes)),
        ("roles", json!(key.roles)),
        ("parent", json!(key.parent)),
        ("expires_at", json!(key.expires_at)),
        ("not_before", json!(key.not_before)),
        ("rate", json!(key.rate.map(|rate| rate.to_string()))),
        ("quota", json!(key.quota.map(|quota| quota.to_string()))),
        ("allow_ip", json!(key.networks)),
        ("labels", json!(key.labels)),
        ("suspended_at", json!(key.suspended_at)),
        ("suspended_until", json!(key.suspended_until)),
        ("revoked_at", json!(key.revoked_at)),
        ("allow_jwt", json!(key.allow_jwt)),
        ("made_by", json!(key.made_by)),
    ]
}

/// What undoes a difference, whoever made it.
fn what_to_do(key: &Key, name: &str, said: &Thing) -> String {
    let was_set = said.0.get(name).is_some_and(|(value, _)| !value.is_null());
    match name {
        "revoked_at" if was_set => format!("end it: keyctl revoke {}", key.id),
        "suspended_at" | "suspended_until" if was_set => format!("stop it: keyctl suspend {}", key.id),
        "token" | "pending_tokens" => format!("replace it: keyctl rotate {} --grace 0", key.id),
        _ => format!("if nobody can say why: keyctl revoke {}", key.id),
    }
}

/// Lists that are sets, in one order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let mut items = items.clone();
            items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            Value::Array(items)
        }
        other => other.clone(),
    }
}

/// `key key_…`, `owner alice`, `the store`, and for whom.
pub(super) fn shown(id: &str) -> String {
    match id.split(' ').collect::<Vec<_>>().as_slice() {
        ["store", _, provider] => format!("the store's default for {provider}"),
        [kind, id, provider] => format!("{kind} {id} for {provider}"),
        _ => id.to_owned(),
    }
}

/// Imports of many keys, each with the number that it may still have, as the keys go down.
#[derive(Default)]
struct Open {
    /// By their highest ids, the highest last.
    ahead: Vec<Batch>,
    /// Those that the next key can be of; of these, the one that begins last takes it.
    possible: BinaryHeap<(KeyId, Reverse<u64>, u64)>,
    missing: Vec<(u64, u64)>,
}

impl Open {
    fn new(mut batches: Vec<Batch>) -> Self {
        batches.sort_by_key(|batch| batch.last);
        Self { ahead: batches, ..Self::default() }
    }

    /// Whether a key can be one of them; then it is counted.
    fn admits(&mut self, key: &Key) -> bool {
        while let Some(batch) = self.ahead.pop_if(|batch| batch.last >= key.id) {
            self.possible.push((batch.first, Reverse(batch.seq), batch.count));
        }
        while let Some((first, Reverse(seq), count)) = self.possible.pop() {
            if first > key.id || count == 0 {
                self.missing.extend((count > 0).then_some((seq, count)));
                continue;
            }
            self.possible.push((first, Reverse(seq), count - 1));
            return true;
        }
        false
    }

    /// The records of imports of which keys are missing, and how many.
    fn missing(&mut self) -> Vec<(u64, u64)> {
        let ahead = self.ahead.drain(..).map(|batch| (batch.seq, batch.count));
        let open = self.possible.drain().map(|(_, Reverse(seq), count)| (seq, count));
        let mut missing: Vec<(u64, u64)> = ahead.chain(open).filter(|(_, count)| *count > 0).collect();
        missing.append(&mut self.missing);
        missing.sort_unstable();
        missing
    }
}
