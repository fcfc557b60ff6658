//! Random changes, each done to the store and to the model, and what each must come to.

use std::collections::{BTreeMap, BTreeSet};

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::Error;
use keyctl::ops::env::Env;

use super::model::{Model, Names, Shown};
use crate::support::store::Place;

pub const OWNERS: [&str; 3] = ["alice", "bob", "carol"];
pub const NAMES: [&str; 5] = ["default", "ci", "laptop", "spare", "phone"];
pub const ROLES: [&str; 3] = ["reader", "writer", "admin"];
pub const SCOPES: [&str; 7] =
    ["*", "memories", "memories:read", "files:*", "files:a", "notes", "keyctl:resolve"];
pub const NETWORKS: [&str; 2] = ["10.0.0.0/8", "192.0.2.0/24"];

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
pub enum Expected {
    Done,
    Invalid,
    NotFound,
    Conflict,
}

pub struct Walker {
    pub model: Model,
    /// The last step, in words.
    pub last: String,
    /// How often each kind of step had each of its outcomes, and reached what.
    pub seen: BTreeMap<String, usize>,
    random: u64,
}

/// Compares what an operation came to with what it should have.
pub fn judge<T>(wanted: Expected, came: Result<T, Error>, last: &str) -> Result<T, Did> {
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

impl Walker {
    pub fn new(seed: u64) -> Self {
        Self { model: Model::default(), last: String::new(), seen: BTreeMap::new(), random: seed }
    }

    /// SplitMix64.
    pub fn below(&mut self, most: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % most as u64) as usize
    }

    pub fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub fn one_of(&mut self, names: &[&str]) -> String {
        names[self.below(names.len())].to_owned()
    }

    pub fn some_of(&mut self, names: &[&str], most: usize) -> Names {
        (0..self.below(most + 1)).map(|_| self.one_of(names)).collect()
    }

    pub fn some_networks(&mut self) -> Vec<String> {
        if self.one_in(3) { vec![self.one_of(&NETWORKS)] } else { Vec::new() }
    }

    /// A key, most often a live one.
    pub fn a_key(&mut self) -> usize {
        let live: Vec<usize> = (0..self.model.keys.len()).filter(|key| self.model.live(*key)).collect();
        if live.is_empty() || self.one_in(8) {
            return self.below(self.model.keys.len());
        }
        live[self.below(live.len())]
    }

    /// One of these, if there are any, more often than not; else any key.
    pub fn a_key_of(&mut self, wanted: &[usize]) -> usize {
        if wanted.is_empty() || self.one_in(4) { self.a_key() } else { wanted[self.below(wanted.len())] }
    }

    /// The live keys that have live children.
    pub fn parents(&self) -> Vec<usize> {
        let model = &self.model;
        (0..model.keys.len())
            .filter(|key| model.live(*key) && !model.live_children(*key).is_empty())
            .collect()
    }

    pub fn reference(&self, key: usize) -> KeyRef {
        KeyRef::Id(self.model.keys[key].id)
    }

    /// One random change.
    pub fn step(&mut self, env: &mut Env, place: &Place) -> Did {
        let kind = if self.model.keys.len() < 3 { 0 } else { self.below(27) };
        let before = self.model.shown(Self::now(env));
        let did = match kind {
            0..=2 => self.mint(env),
            3..=6 => self.mint_child(env),
            7..=9 => self.edit(env),
            10..=11 => self.edit_scopes(env),
            12..=13 => self.suspend(env),
            14..=16 => self.resume(env),
            17 => self.revoke(env),
            18..=19 => self.rotate(env),
            23 if self.one_in(2) => self.delete_role(env),
            20..=23 => self.set_role(env),
            24..=25 => self.switch_owner(env),
            _ if self.one_in(3) => self.delete_owner(env),
            _ => self.let_expire(place),
        };
        let after = self.model.shown(Self::now(env));
        self.note(&did, &before, &after);
        did
    }

    fn note(&mut self, did: &Did, before: &[Shown], after: &[Shown]) {
        let verb = self.last.split(' ').next().unwrap_or_default();
        let outcome = format!("{did:?}");
        let mut notes = vec![format!("{verb} {}", outcome.split('(').next().unwrap_or_default())];
        let changed = |(before, after): &(&Shown, &Shown)| {
            let same = before.rows.iter().zip(&after.rows).all(|(before, after)| before == after);
            !same || before.may != after.may
        };
        let reached: Vec<(&Shown, &Shown)> = before.iter().zip(after).filter(changed).collect();
        if reached.iter().any(|(before, after)| before.own == after.own && after.is_child) {
            notes.push(format!("{verb} reaches children"));
        }
        if reached.iter().any(|(before, _)| before.in_grace) {
            notes.push(format!("{verb} reaches a token in grace"));
        }
        for note in notes {
            *self.seen.entry(note).or_insert(0) += 1;
        }
    }

    pub fn now(env: &mut Env) -> i64 {
        env.store.now().expect("now").as_millis()
    }
}
