//! Random changes, each done to the store and to the model, and what each must come to.

use std::collections::BTreeSet;

use keyctl::domain::key_ref::KeyRef;
use keyctl::ops::Error;
use keyctl::ops::env::Env;

use super::model::{Model, Names};
use crate::support::store::Place;

pub const OWNERS: [&str; 3] = ["alice", "bob", "carol"];
pub const NAMES: [&str; 4] = ["default", "ci", "laptop", "spare"];
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
    /// Every kind of step with each of its outcomes.
    pub seen: BTreeSet<String>,
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
        Self { model: Model::default(), last: String::new(), seen: BTreeSet::new(), random: seed }
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

    pub fn reference(&self, key: usize) -> KeyRef {
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

    pub fn now(env: &mut Env) -> i64 {
        env.store.now().expect("now").as_millis()
    }
}
