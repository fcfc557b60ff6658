//! What a store should say, computed anew from what was done: slow, plain, and by other means
//! than the program's own.

use std::collections::{BTreeMap, BTreeSet};

use keyctl::domain::id::KeyId;
use keyctl::domain::keys::token::Token;

/// Names by which scopes are asked for; the scopes given are among them, or wider.
pub const PROBES: [&str; 9] = [
    "memories",
    "memories:read",
    "memories:write",
    "files",
    "files:a",
    "files:b",
    "notes",
    "other",
    "keyctl:resolve",
];

/// Where every verification comes from.
pub const ADDRESS: &str = "10.1.2.3";

/// A moment that no test lives to see.
pub const FAR: i64 = 7_226_582_400_000;

pub type Names = BTreeSet<String>;

#[derive(Default)]
pub struct Model {
    pub keys: Vec<MKey>,
    /// The owners that are not deleted, and whether they are disabled.
    pub owners: BTreeMap<String, bool>,
    pub roles: BTreeMap<String, Names>,
}

#[derive(Clone)]
pub struct MKey {
    pub id: KeyId,
    pub owner: String,
    pub name: String,
    pub scopes: Names,
    pub roles: Names,
    pub parent: Option<usize>,
    pub networks: Vec<String>,
    pub not_before: Option<i64>,
    pub expires_at: Option<i64>,
    pub suspended: bool,
    pub revoked: bool,
    pub tokens: Vec<MToken>,
}

#[derive(Clone)]
pub struct MToken {
    pub text: std::rc::Rc<Token>,
    /// The id, as the view has it.
    pub id: String,
    pub grace_ends_at: Option<i64>,
}

/// What can be seen of a key, and what is its own of that.
pub struct Shown {
    pub is_child: bool,
    pub in_grace: bool,
    /// Everything that is said of the key itself, as text.
    pub own: String,
    /// A row for each token, but for the scopes.
    pub rows: Vec<String>,
    /// Whether it may do what each probe asks for.
    pub may: Vec<bool>,
}

pub fn covers(held: &str, asked: &str) -> bool {
    if asked.starts_with("keyctl:") || held == asked {
        return held == asked;
    }
    match held.strip_suffix('*') {
        Some(stem) => asked.starts_with(stem) && asked != stem,
        None => asked.starts_with(&format!("{held}:")),
    }
}

impl Model {
    pub fn live(&self, key: usize) -> bool {
        !self.keys[key].revoked
    }

    pub fn live_named(&self, owner: &str, name: &str) -> Option<usize> {
        (0..self.keys.len())
            .find(|key| self.live(*key) && self.keys[*key].owner == owner && self.keys[*key].name == name)
    }

    pub fn live_children(&self, key: usize) -> Vec<usize> {
        (0..self.keys.len())
            .filter(|child| self.live(*child) && self.keys[*child].parent == Some(key))
            .collect()
    }

    pub fn live_of(&self, owner: &str) -> Vec<usize> {
        (0..self.keys.len()).filter(|key| self.live(*key) && self.keys[*key].owner == owner).collect()
    }

    /// The live keys with a role, and their live children.
    pub fn reached_by_role(&self, role: &str) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        for key in 0..self.keys.len() {
            if self.keys[key].roles.contains(role) {
                reached.extend(self.live_children(key));
                reached.extend(Some(key).filter(|key| self.live(*key)));
            }
        }
        reached
    }

    /// Everything that a key was given.
    pub fn given(&self, key: usize) -> Names {
        &self.keys[key].scopes | &self.of_roles(key)
    }

    /// What it was given by its roles.
    pub fn of_roles(&self, key: usize) -> Names {
        self.keys[key].roles.iter().flat_map(|role| &self.roles[role]).cloned().collect()
    }

    pub fn may(&self, key: usize, asked: &str) -> bool {
        let given = |key: usize| self.given(key).iter().any(|held| covers(held, asked));
        match self.keys[key].parent {
            None => given(key),
            Some(parent) => !asked.starts_with("keyctl:") && given(key) && given(parent),
        }
    }

    pub fn is_expired(&self, key: usize, now: i64) -> bool {
        self.keys[key].expires_at.is_some_and(|end| end <= now)
    }

    /// The state of the key itself, or of one of its tokens.
    pub fn state(&self, key: usize, token: Option<&MToken>, now: i64) -> &'static str {
        let this = &self.keys[key];
        let grace_over = token.and_then(|token| token.grace_ends_at).is_some_and(|end| end <= now);
        if this.revoked {
            "revoked"
        } else if self.is_expired(key, now) || grace_over {
            "expired"
        } else if this.not_before.is_some_and(|start| start > now) {
            "not_yet_valid"
        } else if this.suspended {
            "suspended"
        } else if self.owners[&this.owner] {
            "owner_disabled"
        } else if this.parent.is_some_and(|parent| self.state(parent, None, now) != "active") {
            "parent_dead"
        } else {
            "active"
        }
    }

    /// What can be seen of every key.
    pub fn shown(&self, now: i64) -> Vec<Shown> {
        let of_key = |(index, key): (usize, &MKey)| Shown {
            is_child: key.parent.is_some(),
            in_grace: self.grace(index, now).is_some(),
            own: format!(
                "{:?}",
                (
                    &key.name,
                    &key.scopes,
                    key.roles.iter().map(|role| &self.roles[role]).collect::<Vec<_>>(),
                    (&key.networks, key.not_before, key.expires_at, key.suspended, key.revoked),
                    self.owners.get(&key.owner),
                )
            ),
            rows: key.tokens.iter().map(|token| self.row(index, token, now)).collect(),
            may: PROBES.iter().map(|probe| self.may(index, probe)).collect(),
        };
        self.keys.iter().enumerate().map(of_key).collect()
    }

    /// The end of the grace of a live key's previous token, if it is not over.
    pub fn grace(&self, key: usize, now: i64) -> Option<i64> {
        let previous = self.keys[key].tokens.iter().rev().nth(1)?;
        previous.grace_ends_at.filter(|end| *end > now && self.live(key))
    }

    /// The lists that must all hold the address.
    fn networks(&self, key: usize) -> Vec<Vec<String>> {
        let parent = self.keys[key].parent.map(|parent| self.keys[parent].networks.clone());
        [Some(self.keys[key].networks.clone()), parent]
            .into_iter()
            .flatten()
            .filter(|list| !list.is_empty())
            .collect()
    }

    fn ends_at(&self, key: usize, token: &MToken) -> Option<i64> {
        let parent = self.keys[key].parent.and_then(|parent| self.keys[parent].expires_at);
        [self.keys[key].expires_at, token.grace_ends_at, parent].into_iter().flatten().min()
    }

    /// What a verification that asks for `probe` must answer.
    pub fn answer(&self, key: usize, token: &MToken, probe: &str, now: i64) -> &'static str {
        let state = self.state(key, Some(token), now);
        // Of the networks that the tests give, one holds the address.
        let admits = |list: &Vec<String>| list.iter().any(|network| network == "10.0.0.0/8");
        if state != "active" {
            state
        } else if !self.networks(key).iter().all(admits) {
            "network"
        } else if !self.may(key, probe) {
            "scope"
        } else {
            "allowed"
        }
    }

    /// A row of the view, without its scopes: these may be written in several ways.
    pub fn row(&self, key: usize, token: &MToken, now: i64) -> String {
        let this = &self.keys[key];
        let networks = serde_json::to_string(&self.networks(key)).expect("JSON");
        let (state, end) = (self.state(key, Some(token), now), self.ends_at(key, token));
        let start = this.not_before;
        let [start, end] = [start, end].map(|time| time.map_or(String::new(), |time| time.to_string()));
        format!("{}|{}|{}|{}|{networks}|{state}|{start}|{end}", token.id, this.id, this.name, this.owner)
    }
}
