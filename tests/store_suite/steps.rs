//! Random changes, each done to the store and to the model, and what each must come to.

use std::collections::BTreeSet;
use std::rc::Rc;

use keyctl::domain::key::Key;
use keyctl::domain::key_ref::KeyRef;
use keyctl::domain::network::Networks;
use keyctl::domain::scope::Scopes;
use keyctl::domain::time::Timestamp;
use keyctl::domain::token::Token;
use keyctl::ops::edit::{Edit, ScopeEdit, edit, edit_scopes};
use keyctl::ops::env::Env;
use keyctl::ops::mint::{Request, mint};
use keyctl::ops::revoke::revoke;
use keyctl::ops::rotate::{self, rotate};
use keyctl::ops::suspend::{resume, suspend};
use keyctl::ops::{Error, owner, role};

use super::model::{FAR, MKey, MToken, Model, Names, covers};
use super::{Accept, request};
use crate::support::store::Place;

const OWNERS: [&str; 3] = ["alice", "bob", "carol"];
const NAMES: [&str; 4] = ["default", "ci", "laptop", "spare"];
const ROLES: [&str; 3] = ["reader", "writer", "admin"];
const SCOPES: [&str; 7] = ["*", "memories", "memories:read", "files:*", "files:a", "notes", "keyctl:resolve"];
const NETWORKS: [&str; 2] = ["10.0.0.0/8", "192.0.2.0/24"];

/// What a step came to.
#[derive(Debug)]
pub enum Did {
    /// Nothing, without a trace.
    Nothing,
    /// It was refused, and that was recorded.
    Refused,
    /// It was done and recorded, and no key is affected.
    Silent,
    /// It was done, and affects these keys, each live before or after it.
    Changed(BTreeSet<usize>),
}

/// What an operation should come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Done,
    Invalid,
    NotFound,
    Conflict,
}

pub struct Walker {
    pub model: Model,
    /// The last step, in words.
    pub last: String,
    /// Every kind of step with each of its outcomes.
    pub seen: BTreeSet<String>,
    random: u64,
}

/// Compares what an operation came to with what it should have.
fn judge<T>(wanted: Expected, came: Result<T, Error>, last: &str) -> Result<T, Did> {
    let found = match &came {
        Ok(_) => Expected::Done,
        Err(Error::Invalid { .. }) => Expected::Invalid,
        Err(Error::NotFound { .. }) => Expected::NotFound,
        Err(Error::Conflict(_)) => Expected::Conflict,
        Err(other) => panic!("{last}: {other}"),
    };
    let told = came.as_ref().err().map(ToString::to_string).unwrap_or_default();
    assert_eq!(found, wanted, "{last}: {told}");
    came.map_err(|_| if wanted == Expected::Conflict { Did::Refused } else { Did::Nothing })
}

fn scopes(names: &Names) -> Scopes {
    if names.is_empty() {
        Scopes::default()
    } else {
        Scopes::parse_lists(names.iter().map(String::as_str)).expect("scopes")
    }
}

fn networks(names: &[String]) -> Networks {
    if names.is_empty() {
        Networks::default()
    } else {
        Networks::parse_lists(names.iter().map(String::as_str)).expect("networks")
    }
}

fn token(key: &Key, token: Token) -> MToken {
    MToken { id: key.token.prefix.token_id().as_str().to_owned(), text: Rc::new(token), grace_ends_at: None }
}

fn millis(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::as_millis)
}

impl Walker {
    pub fn new(seed: u64) -> Self {
        Self { model: Model::default(), last: String::new(), seen: BTreeSet::new(), random: seed }
    }

    /// SplitMix64.
    fn below(&mut self, most: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % most as u64) as usize
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn one_of(&mut self, names: &[&str]) -> String {
        names[self.below(names.len())].to_owned()
    }

    fn some_of(&mut self, names: &[&str], most: usize) -> Names {
        (0..self.below(most + 1)).map(|_| self.one_of(names)).collect()
    }

    fn some_networks(&mut self) -> Vec<String> {
        if self.one_in(3) { vec![self.one_of(&NETWORKS)] } else { Vec::new() }
    }

    /// A key, most often a live one.
    fn a_key(&mut self) -> usize {
        let live: Vec<usize> = (0..self.model.keys.len()).filter(|key| self.model.live(*key)).collect();
        if live.is_empty() || self.one_in(8) {
            return self.below(self.model.keys.len());
        }
        live[self.below(live.len())]
    }

    fn reference(&self, key: usize) -> KeyRef {
        KeyRef::Id(self.model.keys[key].id)
    }

    /// One random change.
    pub fn step(&mut self, env: &mut Env, place: &Place) -> Did {
        let kind = if self.model.keys.len() < 3 { 0 } else { self.below(22) };
        let did = match kind {
            0..=4 => self.mint(env),
            5..=7 => self.edit(env),
            8..=9 => self.edit_scopes(env),
            10..=11 => self.suspend(env),
            12..=13 => self.resume(env),
            14 => self.revoke(env),
            15 => self.rotate(env),
            16..=17 => self.set_role(env),
            18 => self.delete_role(env),
            19 => self.switch_owner(env),
            20 => {
                if self.one_in(3) {
                    self.delete_owner(env)
                } else {
                    self.switch_owner(env)
                }
            }
            _ => self.let_expire(place),
        };
        let (verb, outcome) = (self.last.split(' ').next().unwrap_or_default(), format!("{did:?}"));
        self.seen.insert(format!("{verb} {}", outcome.split('(').next().unwrap_or_default()));
        did
    }

    fn now(env: &mut Env) -> i64 {
        env.store.now().expect("now").as_millis()
    }

    /// Whether the parent allows everything that is given.
    fn is_within<'n>(&self, mut given: impl Iterator<Item = &'n String>, parent: usize) -> bool {
        let held = self.model.given(parent);
        given.all(|scope| held.iter().any(|held| covers(held, scope)))
    }

    fn mint(&mut self, env: &mut Env) -> Did {
        let (owner, name) = (self.one_of(&OWNERS), self.one_of(&NAMES));
        let (given, roles) = (self.some_of(&SCOPES, 3), self.some_of(&ROLES, 2));
        let parent = (!self.model.keys.is_empty() && self.one_in(2)).then(|| self.a_key());
        let (networks_of, later) = (self.some_networks(), self.one_in(10));
        self.last = format!("mint {owner}/{name} {given:?} {roles:?} below {parent:?}");
        let now = Self::now(env);
        let unknown = roles.iter().any(|role| !self.model.roles.contains_key(role));
        let orphaned = parent.is_some_and(|parent| {
            let state = self.model.state(parent, None, now);
            self.model.keys[parent].parent.is_some() || !["active", "not_yet_valid"].contains(&state)
        });
        let wanted = if parent.is_some() && given.contains("keyctl:resolve") {
            Expected::Invalid
        } else if unknown {
            Expected::NotFound
        } else if orphaned
            || self.model.live_named(&owner, &name).is_some()
            || self.model.owners.get(&owner) == Some(&true)
            || parent.is_some_and(|parent| {
                let of_roles = roles.iter().flat_map(|role| &self.model.roles[role]);
                !self.is_within(given.iter().chain(of_roles), parent)
            })
        {
            Expected::Conflict
        } else {
            Expected::Done
        };
        let wish = Request {
            name: name.parse().ok(),
            scopes: scopes(&given),
            roles: roles.iter().map(|role| role.parse().expect("role")).collect(),
            parent: parent.map(|parent| self.reference(parent)),
            allow_all: true,
            expiry: if later || self.one_in(2) { "never" } else { "90d" }.parse().ok(),
            not_before: later.then(|| Timestamp::from_millis(FAR).expect("time")),
            networks: networks(&networks_of),
            ..request(&owner)
        };
        let minted = match judge(wanted, mint(env, &wish, &mut Accept), &self.last) {
            Ok(minted) => minted,
            Err(did) => return did,
        };
        let key = minted.key;
        self.model.owners.entry(owner.clone()).or_insert(false);
        self.model.keys.push(MKey {
            id: key.id,
            owner,
            name,
            scopes: given,
            roles,
            parent,
            networks: networks_of,
            not_before: millis(key.not_before),
            expires_at: millis(key.expires_at),
            suspended: false,
            revoked: false,
            tokens: vec![token(&key, minted.token.expect("a token"))],
        });
        Did::Changed([self.model.keys.len() - 1].into())
    }

    /// The key and its live children.
    fn family(&self, key: usize) -> BTreeSet<usize> {
        self.model.live_children(key).into_iter().chain([key]).collect()
    }

    fn edit(&mut self, env: &mut Env) -> Did {
        let key = self.a_key();
        let old = self.model.keys[key].clone();
        let name = self.one_in(3).then(|| self.one_of(&NAMES));
        let networks_of = self.one_in(3).then(|| self.some_networks());
        let roles = self.one_in(3).then(|| self.some_of(&ROLES, 2));
        let expiry = self.one_in(4).then(|| self.one_of(&["never", "90d"]));
        let start = self.one_in(5).then(|| self.one_in(2).then_some(FAR));
        self.last = format!("edit {key}: {name:?} {networks_of:?} {roles:?} {expiry:?} {start:?}");
        let now = Self::now(env);
        let taken = name.as_ref().and_then(|name| self.model.live_named(&old.owner, name));
        let ends = expiry.as_ref().map_or(old.expires_at.is_some(), |expiry| expiry != "never");
        let starts_late = start.unwrap_or(old.not_before).is_some();
        let more: Vec<String> =
            roles.iter().flatten().filter(|role| !old.roles.contains(*role)).cloned().collect();
        let known = |role: &String| self.model.roles.contains_key(role);
        let wanted = if old.revoked
            || taken.is_some_and(|taken| taken != key)
            || (expiry.is_some() && self.model.is_expired(key, now))
        {
            Expected::Conflict
        } else if ends && starts_late {
            Expected::Invalid
        } else if !roles.iter().flatten().all(known) {
            Expected::NotFound
        } else if old.parent.is_some_and(|parent| {
            !self.is_within(more.iter().flat_map(|role| &self.model.roles[role]), parent)
        }) {
            Expected::Conflict
        } else {
            Expected::Done
        };
        let wish = Edit {
            name: name.as_ref().map(|name| name.parse().expect("name")),
            expiry: expiry.as_ref().map(|expiry| expiry.parse().expect("expiry")),
            not_before: start.map(|start| start.and_then(Timestamp::from_millis)),
            networks: networks_of.as_deref().map(networks),
            roles: roles.as_ref().map(|roles| roles.iter().map(|role| role.parse().expect("role")).collect()),
            ..Edit::default()
        };
        let done = match judge(wanted, edit(env, &self.reference(key), &wish), &self.last) {
            Ok(done) => done,
            Err(did) => return did,
        };
        let new = &mut self.model.keys[key];
        new.name = name.unwrap_or(old.name);
        new.networks = networks_of.unwrap_or(old.networks);
        new.roles = roles.unwrap_or(old.roles);
        new.expires_at = millis(done.key.expires_at);
        new.not_before = start.unwrap_or(old.not_before);
        if done.changes.is_empty() { Did::Nothing } else { Did::Changed(self.family(key)) }
    }

    fn edit_scopes(&mut self, env: &mut Env) -> Did {
        let (key, how) = (self.a_key(), self.below(3));
        let mut named = self.some_of(&SCOPES, 2);
        if how < 2 && named.is_empty() {
            named.insert("notes".to_owned());
        }
        let old = self.model.keys[key].clone();
        self.last = format!("scope {key}: {} {named:?}", ["add", "remove", "set"][how]);
        let kept = |scope: &String| !old.scopes.contains(scope) && self.model.may(key, scope);
        let new: Names = match how {
            0 => &old.scopes | &named,
            1 => &old.scopes - &named,
            _ => named.clone(),
        };
        let added = &new - &old.scopes;
        let wanted = if old.revoked || (how == 1 && named.iter().any(kept)) {
            Expected::Conflict
        } else if old.parent.is_some() && added.contains("keyctl:resolve") {
            Expected::Invalid
        } else if old.parent.is_some_and(|parent| !self.is_within(added.iter(), parent)) {
            Expected::Conflict
        } else {
            Expected::Done
        };
        let wish = match how {
            0 => ScopeEdit::Add(scopes(&named)),
            1 => ScopeEdit::Remove(scopes(&named)),
            _ => ScopeEdit::Set(scopes(&named)),
        };
        let done = match judge(wanted, edit_scopes(env, &self.reference(key), &wish, true), &self.last) {
            Ok(done) => done,
            Err(did) => return did,
        };
        self.model.keys[key].scopes = new;
        if done.changes.is_empty() { Did::Nothing } else { Did::Changed(self.family(key)) }
    }

    /// Two keys, which may be one and the same, or parent and child.
    fn two_keys(&mut self) -> [usize; 2] {
        [self.a_key(), self.a_key()]
    }

    fn changed(affected: BTreeSet<usize>) -> Did {
        if affected.is_empty() { Did::Nothing } else { Did::Changed(affected) }
    }

    fn suspend(&mut self, env: &mut Env) -> Did {
        let keys = self.two_keys();
        self.last = format!("suspend {keys:?}");
        suspend(env, &keys.map(|key| self.reference(key)), None).expect("suspended");
        let mut affected = BTreeSet::new();
        for key in keys {
            if self.model.live(key) && !self.model.keys[key].suspended {
                self.model.keys[key].suspended = true;
                affected.extend(self.family(key));
            }
        }
        Self::changed(affected)
    }

    fn resume(&mut self, env: &mut Env) -> Did {
        let keys = self.two_keys();
        self.last = format!("resume {keys:?}");
        let wanted =
            if keys.iter().all(|key| self.model.live(*key)) { Expected::Done } else { Expected::Conflict };
        if let Err(did) = judge(wanted, resume(env, &keys.map(|key| self.reference(key))), &self.last) {
            return did;
        }
        let mut affected = BTreeSet::new();
        for key in keys {
            if std::mem::take(&mut self.model.keys[key].suspended) {
                affected.extend(self.family(key));
            }
        }
        Self::changed(affected)
    }

    /// Revokes keys with their children in the model; returns those that were live.
    fn end(&mut self, keys: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut ended = BTreeSet::new();
        for key in keys.into_iter().filter(|key| self.model.live(*key)).collect::<Vec<_>>() {
            ended.extend(self.family(key));
        }
        for key in &ended {
            self.model.keys[*key].revoked = true;
        }
        ended
    }

    fn revoke(&mut self, env: &mut Env) -> Did {
        let keys = self.two_keys();
        self.last = format!("revoke {keys:?}");
        revoke(env, &keys.map(|key| self.reference(key)), None).expect("revoked");
        Self::changed(self.end(keys))
    }

    fn rotate(&mut self, env: &mut Env) -> Did {
        let (key, renew) = (self.a_key(), self.one_in(3));
        let grace = self.one_of(&["0", "12h"]);
        self.last = format!("rotate {key} with a grace of {grace}, renewed: {renew}");
        let now = Self::now(env);
        let wanted = if self.model.keys[key].revoked || (self.model.is_expired(key, now) && !renew) {
            Expected::Conflict
        } else if renew && self.model.keys[key].not_before.is_some() {
            Expected::Invalid
        } else {
            Expected::Done
        };
        let wish = rotate::Request {
            key: self.reference(key),
            grace: grace.parse().expect("grace"),
            expiry: renew.then(|| "90d".parse().expect("expiry")),
            prefix: None,
        };
        let rotated = match judge(wanted, rotate(env, &wish, &mut Accept), &self.last) {
            Ok(rotated) => rotated,
            Err(did) => return did,
        };
        let new = &mut self.model.keys[key];
        for old in &mut new.tokens {
            old.grace_ends_at = Some(0);
        }
        if let (Some(last), Some(previous)) = (new.tokens.last_mut(), &rotated.key.previous_token) {
            last.grace_ends_at = millis(previous.expires_at);
        }
        new.tokens.push(token(&rotated.key, rotated.token));
        let renewed =
            std::mem::replace(&mut new.expires_at, millis(rotated.key.expires_at)) != new.expires_at;
        // What ends a parent ends its children; another token of it is nothing to them.
        Did::Changed(if renewed { self.family(key) } else { [key].into() })
    }

    fn set_role(&mut self, env: &mut Env) -> Did {
        let name = self.one_of(&ROLES);
        let mut given = self.some_of(&SCOPES[..6], 3);
        if self.one_in(12) {
            given.insert("keyctl:resolve".to_owned());
        }
        self.last = format!("role.set {name} {given:?}");
        let wanted = if given.contains("keyctl:resolve") { Expected::Invalid } else { Expected::Done };
        let parsed = name.parse().expect("role");
        let done = match judge(wanted, role::set(env, &parsed, &scopes(&given), true), &self.last) {
            Ok(done) => done,
            Err(did) => return did,
        };
        let before = self.model.roles.insert(name.clone(), given.clone());
        if before.as_ref() == Some(&given) {
            return Did::Nothing;
        }
        let reached = self.model.reached_by_role(&name);
        assert!(done.refreshed >= reached.len() as u64, "{}", self.last);
        if done.refreshed == 0 { Did::Silent } else { Did::Changed(reached) }
    }

    fn delete_role(&mut self, env: &mut Env) -> Did {
        let (name, from_keys) = (self.one_of(&ROLES), self.one_in(2));
        self.last = format!("role.delete {name}, from keys: {from_keys}");
        let has = |key: &MKey| key.roles.contains(&name);
        let wanted = if !self.model.roles.contains_key(&name) {
            Expected::NotFound
        } else if !from_keys && self.model.keys.iter().any(|key| has(key) && !key.revoked) {
            Expected::Conflict
        } else {
            Expected::Done
        };
        let parsed = name.parse().expect("role");
        if let Err(did) = judge(wanted, role::delete(env, &parsed, from_keys), &self.last) {
            return did;
        }
        let reached = self.model.reached_by_role(&name);
        let had_any = self.model.keys.iter().any(has);
        for key in &mut self.model.keys {
            key.roles.remove(&name);
        }
        self.model.roles.remove(&name);
        if had_any { Did::Changed(reached) } else { Did::Silent }
    }

    fn switch_owner(&mut self, env: &mut Env) -> Did {
        let (name, off) = (self.one_of(&OWNERS), self.one_in(2));
        self.last = format!("owner.switch {name}, off: {off}");
        let parsed = name.parse().expect("owner");
        let was = self.model.owners.get(&name).copied();
        let wanted = if was.is_some() { Expected::Done } else { Expected::NotFound };
        let came = if off { owner::disable(env, &parsed, None) } else { owner::enable(env, &parsed) };
        if let Err(did) = judge(wanted, came, &self.last) {
            return did;
        }
        if was == Some(off) {
            return Did::Nothing;
        }
        self.model.owners.insert(name.clone(), off);
        let of_owner: Vec<usize> =
            (0..self.model.keys.len()).filter(|key| self.model.keys[*key].owner == name).collect();
        let mut affected: BTreeSet<usize> = self.model.live_of(&name).into_iter().collect();
        affected.extend(of_owner.into_iter().flat_map(|key| self.model.live_children(key)));
        if affected.is_empty() { Did::Silent } else { Did::Changed(affected) }
    }

    fn delete_owner(&mut self, env: &mut Env) -> Did {
        let (name, with_keys) = (self.one_of(&OWNERS), self.one_in(2));
        self.last = format!("owner.delete {name}, with keys: {with_keys}");
        let parsed = name.parse().expect("owner");
        let live = self.model.live_of(&name);
        let wanted = if !self.model.owners.contains_key(&name) {
            Expected::NotFound
        } else if !live.is_empty() && !with_keys {
            Expected::Conflict
        } else {
            Expected::Done
        };
        if let Err(did) = judge(wanted, owner::delete(env, &parsed, with_keys, None), &self.last) {
            return did;
        }
        let ended = self.end(live);
        self.model.owners.remove(&name);
        if ended.is_empty() { Did::Silent } else { Did::Changed(ended) }
    }

    /// As if time had passed: nothing but the end of a key is another one.
    fn let_expire(&mut self, place: &Place) -> Did {
        let key = self.a_key();
        self.last = format!("expire {key}");
        if self.model.keys[key].not_before.is_some() || !self.model.live(key) {
            return Did::Nothing;
        }
        let (id, end) = (self.model.keys[key].id, 1_700_000_000_000_i64);
        place
            .sql(&format!(
                "UPDATE key SET expires_at = {end} WHERE id = '{id}';
                 UPDATE token SET expires_at = {end} WHERE key_id = '{id}';
                 UPDATE token SET parent_expires_at = {end} WHERE key_id IN (SELECT id FROM key WHERE parent = '{id}')"
            ))
            .expect("expired");
        self.model.keys[key].expires_at = Some(end);
        Did::Nothing
    }
}
