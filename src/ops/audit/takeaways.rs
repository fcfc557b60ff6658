//! What a log says was taken away since a state of the store: to be taken away again where that state was put back.
//!
//! The log is applied record by record, from its first on, and then what it says of each thing in the end is compared
//! with what the store holds. What was given is not given again; what cannot be had again, as a token that was handed
//! out since, is told.

use serde_json::{Value, json};

use super::compare::shown;
use super::replay::{Kind, Replay, Thing, binding_id};
use crate::domain::audit::event::Record;
use crate::domain::federation::settings::FederationName;
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::limit::Quota;
use crate::domain::keys::narrower;
use crate::domain::keys::network::Networks;
use crate::domain::keys::scope::Scopes;
use crate::domain::mcp::ids::RegisteredId;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::role::RoleName;
use crate::domain::secrets::secret::{Binding, Secret, SecretName};
use crate::domain::time::Timestamp;
use crate::domain::tokens::kid::Kid;
use crate::domain::trusts::terms::TrustName;
use crate::ops::error::Result;
use crate::ops::keys::suspend::Until;
use crate::ops::trusts::add::attributes as trust_attributes;
use crate::store::{
    ClientLookup as _, Cursor, FederationLookup as _, Lookup as _, Page, SecretFilter, SigningKeyLookup as _,
    Store, TrustLookup as _,
};

/// Something to do, and the number of the record that says so.
#[derive(Debug)]
pub(in crate::ops) struct Takeaway {
    pub record: u64,
    pub what: What,
}

#[derive(Debug)]
pub(in crate::ops) enum What {
    Revoke(Key),
    /// Until when, and why in words.
    Suspend(Key, Until, &'static str),
    /// It has another token, which nobody can bring back: it is suspended, and those of the backup are ended.
    Replaced(Key),
    /// Its previous token ends.
    Cut(Key),
    /// It may do no more than this.
    Narrow(Box<Key>),
    Disable(Owner),
    DeleteOwner(Owner),
    OwnerQuota(Owner, Quota),
    RoleScopes(RoleName, Scopes),
    DeleteRole(RoleName),
    DeleteSecret(SecretName),
    Unbind(Binding),
    DeleteTrust(TrustName),
    DeleteClient(RegisteredId),
    RevokeSigningKey(Kid),
    DeleteFederation(FederationName),
    /// Nothing can be done about it here: what it is, its name, and what to do.
    Lost {
        kind: &'static str,
        id: String,
        name: String,
        hint: &'static str,
    },
}

/// Keys read at once.
const PAGE: u32 = 500;

/// Records that take away what nobody can take away from here without being asked.
const BY_HAND: [(&str, &str); 4] = [
    ("apollo.hide", "do it again: keyctl store compat apollo --remove"),
    ("policy.set", "see what it set, and do it again: keyctl policy set"),
    ("store.set", "see what it set, and do it again: keyctl store set"),
    ("federation.activate", "rotate its key again: keyctl federation rotate"),
];

/// A log that is read behind the state that a store has.
pub(in crate::ops) struct Behind {
    replay: Replay,
    /// The last record that the store has.
    head: u64,
    by_hand: Vec<Takeaway>,
}

impl Behind {
    pub(in crate::ops) fn new(head: u64) -> Result<Self> {
        Ok(Self { replay: Replay::new()?, head, by_hand: Vec::new() })
    }

    /// The next record, the store's own and those behind them alike.
    pub(in crate::ops) fn record(&mut self, record: &Record) -> Result<()> {
        if record.seq > self.head {
            let body: Value = serde_json::from_str(&record.body).unwrap_or_default();
            let action = body["action"].as_str().unwrap_or_default();
            let known = BY_HAND.iter().find(|(name, _)| *name == action && body["outcome"] == "done");
            if let Some((name, hint)) = known {
                let id = record.seq.to_string();
                let what = What::Lost { kind: "record", id, name: (*name).to_owned(), hint };
                self.by_hand.push(Takeaway { record: record.seq, what });
            }
        }
        self.replay.apply(record)
    }

    /// All that is to be done to the store, in the order in which it is done.
    pub(in crate::ops) fn takeaways(mut self, store: &mut Store, now: Timestamp) -> Result<Vec<Takeaway>> {
        let mut all = std::mem::take(&mut self.by_hand);
        self.trusts(store, &mut all)?;
        self.clients(store, &mut all)?;
        self.keys(store, now, &mut all)?;
        self.owners(store, &mut all)?;
        self.roles(store, &mut all)?;
        self.bindings(store, &mut all)?;
        self.secrets(store, &mut all)?;
        self.signing_keys(store, &mut all)?;
        self.federations(store, &mut all)?;
        Ok(all)
    }

    /// What is said of this since the store's last record.
    fn since<'t>(&self, said: &'t Thing, name: &str) -> Option<(&'t Value, u64)> {
        said.0.get(name).filter(|(_, seq)| *seq > self.head).map(|(value, seq)| (value, *seq))
    }

    /// The same, where it is a time or another value that stands for an end.
    fn ended(&self, said: &Thing, name: &str) -> Option<u64> {
        self.since(said, name).filter(|(value, _)| !value.is_null()).map(|(_, seq)| seq)
    }

    fn keys(&mut self, store: &mut Store, now: Timestamp, all: &mut Vec<Takeaway>) -> Result<()> {
        let mut page = Page { all: true, limit: PAGE, ..Page::default() };
        loop {
            let keys = store.keys(&page)?;
            for key in &keys {
                let said = self.replay.take(Kind::Key, &key.id.to_string())?.unwrap_or_default();
                if key.revoked_at.is_none() {
                    self.key(key, &said, now, all);
                }
            }
            match keys.last() {
                Some(last) if keys.len() == PAGE as usize => page.after = Some(Cursor::from(last)),
                _ => break,
            }
        }
        self.lost_keys(all)
    }

    fn key(&self, key: &Key, said: &Thing, now: Timestamp, all: &mut Vec<Takeaway>) {
        let mut push = |record, what| all.push(Takeaway { record, what });
        if let Some(record) = self.ended(said, "revoked_at") {
            return push(record, What::Revoke(key.clone()));
        }
        let shown = json!(key.token_prefix());
        if let Some((_, record)) = self.since(said, "token").filter(|(token, _)| **token != shown) {
            return push(record, What::Replaced(key.clone()));
        }
        let (narrowed, record, none_left) = self.narrowed(key, said, now);
        if none_left {
            return push(
                record,
                What::Suspend(key.clone(), Until::Resumed, "what it was left may do nothing"),
            );
        }
        if record > 0 && narrowed != *key {
            push(record, What::Narrow(Box::new(narrowed)));
        }
        if let Some((record, until)) = self.suspended(key, said, now) {
            push(record, What::Suspend(key.clone(), until, "it was suspended"));
        }
        if let Some((_, record)) = self.since(said, "previous_token")
            && key.token_in_grace(now).is_some()
        {
            push(record, What::Cut(key.clone()));
        }
    }

    /// Until when it was suspended since, if that is still to come and longer than it is suspended now.
    fn suspended(&self, key: &Key, said: &Thing, now: Timestamp) -> Option<(u64, Until)> {
        let record = self.ended(said, "suspended_at")?;
        let end = said.0.get("suspended_until").and_then(|(until, _)| time(until));
        let lasts = end.is_none_or(|end| end > now);
        let is_longer = match key.suspension(now) {
            None => true,
            Some((_, None)) => false,
            Some((_, Some(before))) => end.is_none_or(|end| end > before),
        };
        (lasts && is_longer).then(|| (record, end.map_or(Until::Resumed, Until::At)))
    }

    /// The key with what is left to it, the last record that says so, and whether that is nothing.
    fn narrowed(&self, key: &Key, said: &Thing, now: Timestamp) -> (Key, u64, bool) {
        let (mut narrowed, mut record, mut none_left) = (key.clone(), 0, false);
        let mut with = |name: &str, narrow: &mut dyn FnMut(&mut Key, &Value) -> bool| {
            let Some((value, seq)) = self.since(said, name) else { return };
            record = record.max(seq);
            none_left |= !narrow(&mut narrowed, value);
        };
        with("scopes", &mut |key, value| {
            let new = Scopes::from_json(&value.to_string());
            key.scopes = new.map_or_else(Scopes::default, |new| key.scopes.meet(&new));
            true
        });
        with("roles", &mut |key, value| {
            let has = |role: &RoleName| {
                value.as_array().is_some_and(|all| all.iter().any(|one| *one == json!(role)))
            };
            key.roles.retain(has);
            true
        });
        with("expires_at", &mut |key, value| {
            let Some(end) = time(value) else { return true };
            key.expires_at = Some(key.expires_at.map_or(end, |before| before.min(end)));
            key.expires_at.is_none_or(|end| end > now)
        });
        with("not_before", &mut |key, value| {
            key.not_before = key.not_before.max(time(value));
            true
        });
        with("allow_ip", &mut |key, value| {
            let both = Networks::from_json(&value.to_string())
                .and_then(|new| narrower::networks(&key.networks, &new));
            let any = both.is_some();
            key.networks = both.unwrap_or_else(|| key.networks.clone());
            any
        });
        with("rate", &mut |key, value| {
            key.rate = narrower::rate(key.rate, value.as_str().and_then(|text| text.parse().ok()));
            true
        });
        with("quota", &mut |key, value| {
            key.quota = narrower::quota(key.quota, value.as_str().and_then(|text| text.parse().ok()));
            true
        });
        with("allow_jwt", &mut |key, value| {
            key.allow_jwt &= *value == json!(true);
            true
        });
        (narrowed, record, none_left)
    }

    /// Keys that were made since: they are gone, and nobody is let in by them.
    fn lost_keys(&mut self, all: &mut Vec<Takeaway>) -> Result<()> {
        const HINT: &str = "its token works no more: mint another key for whoever had it";
        self.each_left(Kind::Key, all, |this, id, said, all| {
            let Some((owner, record)) = this.since(said, "owner") else { return };
            let is_live = said.0.get("revoked_at").is_none_or(|(at, _)| at.is_null());
            if let (true, Ok(_)) = (is_live, id.parse::<KeyId>()) {
                let owner = this.replay.called_now(owner.as_str().unwrap_or_default(), record).to_owned();
                let name = said.0.get("name").and_then(|(name, _)| name.as_str()).unwrap_or_default();
                let name = format!("{owner}/{name}");
                all.push(Takeaway {
                    record,
                    what: What::Lost { kind: "key", id: id.to_owned(), name, hint: HINT },
                });
            }
        })?;
        self.each_left(Kind::Canary, all, |this, id, said, all| {
            let Some((_, record)) = this.since(said, "canary") else { return };
            let hint =
                "where its token appears nobody hears of it: make another one, keyctl mint OWNER --canary";
            let (id, name) = (id.to_owned(), "canary".to_owned());
            all.push(Takeaway { record, what: What::Lost { kind: "canary", id, name, hint } });
        })?;
        for batch in self.replay.batches.iter().filter(|batch| batch.seq > self.head) {
            let (id, name) = (batch.seq.to_string(), format!("{} keys", batch.count));
            let hint = "import them again: no record has their hashes";
            all.push(Takeaway { record: batch.seq, what: What::Lost { kind: "import", id, name, hint } });
        }
        Ok(())
    }

    fn each_left(
        &mut self,
        kind: Kind,
        all: &mut Vec<Takeaway>,
        mut each: impl FnMut(&Self, &str, &Thing, &mut Vec<Takeaway>),
    ) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = self.replay.left(kind, &after)?;
            for (id, said) in &page {
                each(self, id, said, all);
            }
            let Some((last, _)) = page.into_iter().next_back() else { return Ok(()) };
            after = last;
        }
    }

    fn owners(&mut self, store: &mut Store, all: &mut Vec<Takeaway>) -> Result<()> {
        let mut after = None;
        loop {
            let owners = store.owners(after.as_ref())?;
            for owner in &owners {
                let called = self.replay.called_now(owner.name.as_str(), self.head).to_owned();
                let Some(said) = self.replay.get(Kind::Owner, &called)? else { continue };
                let mut push = |record, what| all.push(Takeaway { record, what });
                if let Some(record) = self.ended(&said, "deleted_at") {
                    push(record, What::DeleteOwner(owner.name.clone()));
                } else if let Some(record) = self.ended(&said, "disabled_at") {
                    push(record, What::Disable(owner.name.clone()));
                }
                let quota = self
                    .since(&said, "quota")
                    .and_then(|(quota, seq)| Some((quota.as_str()?.parse().ok(), seq)));
                if let Some((quota, record)) = quota
                    && let narrower = narrower::quota(owner.quota, quota)
                    && narrower != owner.quota
                    && let Some(quota) = narrower
                {
                    push(record, What::OwnerQuota(owner.name.clone(), quota));
                }
            }
            match owners.into_iter().next_back() {
                Some(owner) => after = Some(owner.name),
                None => return Ok(()),
            }
        }
    }

    fn roles(&mut self, store: &mut Store, all: &mut Vec<Takeaway>) -> Result<()> {
        for role in store.roles()? {
            let name = role.name.as_str();
            let ended = self.replay.ended(Kind::Role, name)?;
            if ended > self.head {
                all.push(Takeaway { record: ended, what: What::DeleteRole(role.name) });
                continue;
            }
            let said = self.replay.get(Kind::Role, name)?.unwrap_or_default();
            let Some((new, record)) = self.since(&said, "scopes") else { continue };
            let left = Scopes::from_json(&new.to_string()).unwrap_or_default().meet(&role.scopes);
            if left != role.scopes {
                all.push(Takeaway { record, what: What::RoleScopes(role.name, left) });
            }
        }
        Ok(())
    }

    fn bindings(&mut self, store: &mut Store, all: &mut Vec<Takeaway>) -> Result<()> {
        let mut last: Option<Binding> = None;
        loop {
            let bindings = store.bindings(last.as_ref())?;
            for binding in &bindings {
                let (kind, id) = (binding.subject.kind(), binding.subject.id());
                let id = if kind == "owner" { self.replay.called_now(&id, self.head).to_owned() } else { id };
                let place = binding_id(kind, &id, binding.provider.as_str());
                let said = self.replay.get(Kind::Binding, &place)?.unwrap_or_default();
                let bound = said.0.get("secret");
                if bound.is_some_and(|(secret, _)| *secret == json!(binding.secret)) {
                    continue;
                }
                let record = bound.map_or(self.head + 1, |(_, seq)| *seq);
                if let Some((other, _)) = bound {
                    let (id, name) = (other.as_str().unwrap_or_default().to_owned(), shown(&place));
                    let hint = "it was bound to another secret since: bind it again with keyctl secret bind";
                    all.push(Takeaway { record, what: What::Lost { kind: "binding", id, name, hint } });
                }
                all.push(Takeaway { record, what: What::Unbind(binding.clone()) });
            }
            match bindings.into_iter().next_back() {
                Some(binding) => last = Some(binding),
                None => return Ok(()),
            }
        }
    }

    fn secrets(&mut self, store: &mut Store, all: &mut Vec<Takeaway>) -> Result<()> {
        let mut last: Option<Secret> = None;
        loop {
            let secrets = store.secrets(&SecretFilter::default(), last.as_ref())?;
            for secret in &secrets {
                let id = secret.id.to_string();
                let ended = self.replay.ended(Kind::Secret, &id)?;
                let said = self.replay.get(Kind::Secret, &id)?;
                let is_deleted = said.as_ref().is_none_or(|said| self.ended(said, "deleted_at").is_some());
                if ended > self.head && is_deleted {
                    all.push(Takeaway { record: ended, what: What::DeleteSecret(secret.name.clone()) });
                    continue;
                }
                let version = said.as_ref().and_then(|said| self.since(said, "version"));
                if let Some((_, record)) = version.filter(|(version, _)| **version != json!(secret.version)) {
                    let hint = "its value is an older one: set the one in force again with keyctl secret set";
                    let name = secret.name.to_string();
                    all.push(Takeaway { record, what: What::Lost { kind: "secret", id, name, hint } });
                }
            }
            match secrets.into_iter().next_back() {
                Some(secret) => last = Some(secret),
                None => return Ok(()),
            }
        }
    }

    /// One that was ended and made again is another one.
    fn trusts(&mut self, store: &mut Store, all: &mut Vec<Takeaway>) -> Result<()> {
        for trust in store.trusts()? {
            let said = self.replay.get(Kind::Trust, trust.name.as_str())?;
            let same = said.as_ref().is_some_and(|said| {
                let is =
                    |(name, value): &(&str, Value)| said.0.get(*name).is_none_or(|(said, _)| said == value);
                trust_attributes(&trust).iter().all(is)
            });
            if !same {
                let record = said.map_or(self.head + 1, |said| said.since("key"));
                all.push(Takeaway { record, what: What::DeleteTrust(trust.name) });
            }
        }
        Ok(())
    }

    fn clients(&mut self, store: &mut Store, all: &mut Vec<Takeaway>) -> Result<()> {
        for client in store.mcp_clients()? {
            if self.replay.get(Kind::Client, &client.id.to_string())?.is_none() {
                all.push(Takeaway { record: self.head + 1, what: What::DeleteClient(client.id) });
            }
        }
        Ok(())
    }

    fn signing_keys(&mut self, store: &mut Store, all: &mut Vec<Takeaway>) -> Result<()> {
        for key in store.signing_keys()?.into_iter().filter(|key| key.revoked_at.is_none()) {
            let said = self.replay.get(Kind::SigningKey, key.public.kid.as_str())?.unwrap_or_default();
            if let Some(record) = self.ended(&said, "revoked_at") {
                all.push(Takeaway { record, what: What::RevokeSigningKey(key.public.kid) });
            }
        }
        Ok(())
    }

    fn federations(&mut self, store: &mut Store, all: &mut Vec<Takeaway>) -> Result<()> {
        for federation in store.federations()? {
            if self.replay.get(Kind::Federation, federation.name.as_str())?.is_none() {
                all.push(Takeaway { record: self.head + 1, what: What::DeleteFederation(federation.name) });
            }
        }
        Ok(())
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(|text| Timestamp::parse(text).ok())
}
