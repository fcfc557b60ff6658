//! Changes of one key, and of its tokens.

use std::collections::BTreeSet;
use std::rc::Rc;

use keyctl::domain::keys::key::Key;
use keyctl::domain::keys::network::Networks;
use keyctl::domain::keys::scope::Scopes;
use keyctl::domain::keys::token::Token;
use keyctl::domain::time::Timestamp;
use keyctl::ops::env::Env;
use keyctl::ops::keys::edit::{Edit, ScopeEdit, edit, edit_scopes};
use keyctl::ops::keys::mint::{Request, mint};
use keyctl::ops::keys::rotate::{self, rotate};

use super::model::{FAR, MKey, MToken, Names, covers};
use super::walker::{Did, Expected, NAMES, OWNERS, ROLES, SCOPES, Walker, judge};
use crate::support::library::{Accept, request};

pub fn scopes(names: &Names) -> Scopes {
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
    MToken {
        id: key.token_prefix().expect("a token").token_id().as_str().to_owned(),
        text: Rc::new(token),
        grace_ends_at: None,
    }
}

fn millis(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::as_millis)
}

impl Walker {
    /// Whether the parent allows everything that is given.
    pub fn is_within<'n>(&self, mut given: impl Iterator<Item = &'n String>, parent: usize) -> bool {
        let held = self.model.given(parent);
        given.all(|scope| held.iter().any(|held| covers(held, scope)))
    }

    pub fn mint(&mut self, env: &mut Env) -> Did {
        let mut roles = self.some_of(&ROLES, 2);
        if !self.one_in(6) {
            roles.retain(|role| self.model.roles.contains_key(role));
        }
        // What somebody may anyhow, no role changes.
        let most = if !roles.is_empty() && self.one_in(2) { 0 } else { 3 };
        let given = self.some_of(&SCOPES, most);
        let parent = (!self.model.keys.is_empty() && self.one_in(4)).then(|| self.a_key());
        self.mint_with(env, given, roles, parent)
    }

    /// A child that its parent allows, most often one that has a role.
    pub fn mint_child(&mut self, env: &mut Env) -> Did {
        let now = Self::now(env);
        let model = &self.model;
        let fit: Vec<usize> = (0..model.keys.len())
            .filter(|key| model.keys[*key].parent.is_none() && model.state(*key, None, now) == "active")
            .collect();
        let with_role: Vec<usize> =
            fit.iter().copied().filter(|key| !model.keys[*key].roles.is_empty()).collect();
        let parent = self.a_key_of(if with_role.is_empty() { &fit } else { &with_role });
        // What a parent may by its roles alone, a child can lose by a role's change.
        let by_role = self.model.of_roles(parent);
        let within: Vec<&str> = SCOPES[..6]
            .iter()
            .copied()
            .filter(|scope| self.is_within([(*scope).to_owned()].iter(), parent))
            .collect();
        let by_role: Vec<&str> =
            within.iter().copied().filter(|scope| by_role.iter().any(|held| covers(held, scope))).collect();
        let from = if by_role.is_empty() { &within } else { &by_role };
        let given = if from.is_empty() { Names::new() } else { self.some_of(from, 3) };
        let mut roles = self.some_of(&ROLES, 1);
        roles.retain(|role| {
            self.model.roles.get(role).is_some_and(|scopes| self.is_within(scopes.iter(), parent))
        });
        self.mint_with(env, given, roles, Some(parent))
    }

    fn mint_with(&mut self, env: &mut Env, given: Names, roles: Names, parent: Option<usize>) -> Did {
        let (owner, name) = (self.one_of(&OWNERS), self.one_of(&NAMES));
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
    pub fn family(&self, key: usize) -> BTreeSet<usize> {
        self.model.live_children(key).into_iter().chain([key]).collect()
    }

    pub fn edit(&mut self, env: &mut Env) -> Did {
        let parents = self.parents();
        let key = self.a_key_of(&parents);
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

    pub fn edit_scopes(&mut self, env: &mut Env) -> Did {
        let parents = self.parents();
        let (key, how) = (self.a_key_of(&parents), self.below(3));
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

    pub fn rotate(&mut self, env: &mut Env) -> Did {
        let now = Self::now(env);
        let in_grace: Vec<usize> =
            (0..self.model.keys.len()).filter(|key| self.model.grace(*key, now).is_some()).collect();
        let parents = self.parents();
        let aimed = if self.one_in(2) { in_grace } else { parents };
        let (key, renew) = (self.a_key_of(&aimed), self.one_in(3));
        let grace = self.one_of(&["0", "12h", "12h"]);
        self.last = format!("rotate {key} with a grace of {grace}, renewed: {renew}");
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
}
