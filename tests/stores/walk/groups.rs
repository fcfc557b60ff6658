//! Changes that reach several keys: selections, roles, owners, and time.

use std::collections::BTreeSet;

use keyctl::ops::env::Env;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::keys::suspend::{resume, suspend};
use keyctl::ops::owners::{owner, role};

use super::keys::scopes;
use super::model::MKey;
use super::walker::{Did, Expected, OWNERS, ROLES, SCOPES, Walker, judge};
use crate::support::store::Place;

impl Walker {
    /// Two keys, which may be one and the same, or parent and child.
    pub fn two_keys(&mut self) -> [usize; 2] {
        let parents = self.parents();
        [self.a_key_of(&parents), self.a_key()]
    }

    /// The owners of keys that have live children of other owners.
    fn owners_of_foreign_children(&self) -> Vec<String> {
        let of = |key: usize| &self.model.keys[key].owner;
        let foreign = |key: &usize| self.model.live_children(*key).iter().any(|child| of(*child) != of(*key));
        self.parents().into_iter().filter(foreign).map(|key| of(key).clone()).collect()
    }

    /// The roles of parents whose live children have not got them themselves.
    fn roles_above_children(&self) -> Vec<String> {
        let mut roles = Vec::new();
        for parent in self.parents() {
            let children = self.model.live_children(parent);
            let lacks =
                |role: &&String| children.iter().any(|child| !self.model.keys[*child].roles.contains(*role));
            roles.extend(self.model.keys[parent].roles.iter().filter(lacks).cloned());
        }
        roles
    }

    /// One of those wanted, if there are any, more often than not.
    fn a_name_of(&mut self, wanted: &[String], all: &[&str]) -> String {
        if wanted.is_empty() || self.one_in(3) {
            self.one_of(all)
        } else {
            wanted[self.below(wanted.len())].clone()
        }
    }

    pub fn changed(affected: BTreeSet<usize>) -> Did {
        if affected.is_empty() { Did::Nothing } else { Did::Changed(affected) }
    }

    pub fn suspend(&mut self, env: &mut Env) -> Did {
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

    pub fn resume(&mut self, env: &mut Env) -> Did {
        let suspended: Vec<usize> = (0..self.model.keys.len())
            .filter(|key| self.model.live(*key) && self.model.keys[*key].suspended)
            .collect();
        let keys = [self.a_key_of(&suspended), self.a_key_of(&suspended)];
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
    pub fn end(&mut self, keys: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut ended = BTreeSet::new();
        for key in keys.into_iter().filter(|key| self.model.live(*key)).collect::<Vec<_>>() {
            ended.extend(self.family(key));
        }
        for key in &ended {
            self.model.keys[*key].revoked = true;
        }
        ended
    }

    pub fn revoke(&mut self, env: &mut Env) -> Did {
        let keys = self.two_keys();
        self.last = format!("revoke {keys:?}");
        revoke(env, &keys.map(|key| self.reference(key)), None).expect("revoked");
        Self::changed(self.end(keys))
    }

    pub fn set_role(&mut self, env: &mut Env) -> Did {
        let aimed = self.roles_above_children();
        let name = self.a_name_of(&aimed, &ROLES);
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

    pub fn delete_role(&mut self, env: &mut Env) -> Did {
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

    pub fn switch_owner(&mut self, env: &mut Env) -> Did {
        let disabled: Vec<String> =
            self.model.owners.iter().filter(|(_, off)| **off).map(|(name, _)| name.clone()).collect();
        let aimed = if disabled.is_empty() { self.owners_of_foreign_children() } else { disabled };
        let name = self.a_name_of(&aimed, &OWNERS);
        let off = (self.model.owners.get(&name) != Some(&true)) != self.one_in(5);
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

    pub fn delete_owner(&mut self, env: &mut Env) -> Did {
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
    pub fn let_expire(&mut self, place: &Place) -> Did {
        let parents = self.parents();
        let key = self.a_key_of(&parents);
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
