//! The steps of a plan.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::keys::label::LabelMatch;
use crate::domain::keys::token::Prefix;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::role::RoleName;
use crate::domain::provisioning::manifest::{Fault, KeyPath};
use crate::domain::trusts::terms::TrustName;
use crate::ops::error::Error;

/// What of a manifest is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Only the keys with this label, and nothing else.
    pub select: Option<LabelMatch>,
    /// How many keys that the manifest made, and does not declare any more, may be revoked; `None` for none of them.
    pub prune: Option<usize>,
    /// Whether keys that were revoked are made again.
    pub replace_revoked: bool,
}

/// What a step is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Object {
    /// What the store asks of all its keys.
    Policy,
    Role(RoleName),
    Owner(Owner),
    Key(KeyPath),
    Trust(TrustName),
    /// What everybody uses.
    Store,
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy => f.write_str("the store's policy"),
            Self::Role(name) => write!(f, "role {name}"),
            Self::Owner(name) => write!(f, "owner {name}"),
            Self::Key(path) => write!(f, "key {path}"),
            Self::Trust(name) => write!(f, "trust {name}"),
            Self::Store => f.write_str("the store"),
        }
    }
}

/// What is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    Create,
    Change,
    Rename,
    /// The key gets another token, which is delivered.
    Rotate,
    Bind,
    /// It ends, and another is made in its place.
    Replace,
    Revoke,
}

impl Act {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Rename => "rename",
            Self::Rotate => "rotate",
            Self::Bind => "bind",
            Self::Replace => "replace",
            Self::Revoke => "revoke",
        }
    }
}

/// One attribute, as it is and as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub name: String,
    pub old: Value,
    pub new: Value,
}

impl Difference {
    pub(super) fn of(name: impl Into<String>, old: Value, new: Value) -> Self {
        Self { name: name.into(), old, new }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub object: Object,
    pub act: Act,
    pub differences: Vec<Difference>,
    /// Why, where no difference says it.
    pub why: Option<String>,
    /// Where a token is delivered to.
    pub sinks: Vec<String>,
    /// What a token that takes another's place starts with.
    pub(super) prefix: Option<Prefix>,
}

impl Step {
    /// The key that it is about.
    pub(super) fn key(&self) -> Option<&KeyPath> {
        if let Object::Key(path) = &self.object { Some(path) } else { None }
    }

    pub(super) fn new(object: Object, act: Act, differences: Vec<Difference>) -> Self {
        Self { object, act, differences, why: None, sinks: Vec::new(), prefix: None }
    }
}

/// What is not done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeldBack {
    pub object: Object,
    pub why: String,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    /// Of what the manifest says, where it says it.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// What the store's policy forbids, each where the manifest says it; none is missing, and there is one at least.
    #[error("the store's policy forbids it")]
    Forbidden(Vec<Fault>),
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<crate::store::Error> for PlanError {
    fn from(error: crate::store::Error) -> Self {
        Self::Other(error.into())
    }
}

/// How many steps of each kind there are.
pub(crate) fn tally(steps: &[Step]) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for step in steps {
        *counts.entry(step.act.as_str()).or_default() += 1;
    }
    counts
}
