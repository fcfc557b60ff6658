//! Whether something is allowed, and why.

use std::fmt;

use serde::Serialize;

use super::key::join;
use super::{Field, Screen, Tone, View};
use crate::domain::id::KeyId;
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::{RoleName, Source};
use crate::ops::keys::can::{Answer, Held, Rule};

impl fmt::Display for Answer {
    /// One line: the answer, and the rule that decides.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.as_ref().map_or_else(|| self.owner.to_string(), Key::path);
        let answer = if self.is_allowed() { "allowed" } else { "denied" };
        write!(f, "{answer}: {}", why(&self.rule, &self.scope, &key))
    }
}

/// The rule that decides, in words; `who` is the key, or the owner who has none.
pub(super) fn why(rule: &Rule, scope: &Scope, who: &str) -> String {
    match rule {
        Rule::Covered { by, source } => format!("{scope} is covered by {by}, from {} ({who})", From(source)),
        Rule::BeyondParent { parent } => {
            format!("{scope} was given to {who}, but its parent {parent} may not do it")
        }
        Rule::NotCovered { scopes } if scopes.is_empty() => {
            format!("no scope covers {scope}: {who} may do nothing")
        }
        Rule::NotCovered { scopes } => {
            format!("no scope covers {scope}: {who} may do {}", join(scopes.iter()))
        }
        Rule::Inactive(state) => inactive(*state, who),
        Rule::NoKey => format!("{who} has no live key"),
    }
}

pub(super) fn inactive(state: State, key: &str) -> String {
    match state {
        State::ParentDead => {
            format!("the parent of {key} is suspended, outside its time, or of a disabled owner")
        }
        state => format!("{key} is {}", state.as_str().replace('_', " ")),
    }
}

/// Where a scope comes from, in words.
struct From<'s>(&'s Source);

impl fmt::Display for From<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Source::Key => f.write_str("the key itself"),
            Source::Role(role) => write!(f, "role {role}"),
        }
    }
}

#[derive(Serialize)]
struct AnswerJson<'a> {
    allowed: bool,
    scope: &'a Scope,
    owner: &'a Owner,
    key_id: Option<KeyId>,
    key_name: Option<&'a KeyName>,
    rule: &'static str,
    covered_by: Option<&'a Scope>,
    role: Option<&'a RoleName>,
    explanation: String,
}

pub(super) fn rule(rule: &Rule) -> &'static str {
    match rule {
        Rule::Covered { source: Source::Key, .. } => "key_scope",
        Rule::Covered { source: Source::Role(_), .. } => "role_scope",
        Rule::BeyondParent { .. } => "parent",
        Rule::NotCovered { .. } => "scope",
        Rule::Inactive(state) => state.as_str(),
        Rule::NoKey => "no_key",
    }
}

/// The scope that covers what was asked for, and the role that it comes from.
pub(super) fn covering(decided: &Rule) -> (Option<&Scope>, Option<&RoleName>) {
    match decided {
        Rule::Covered { by, source: Source::Role(role) } => (Some(by), Some(role)),
        Rule::Covered { by, source: Source::Key } => (Some(by), None),
        _ => (None, None),
    }
}

impl View for Answer {
    fn json(&self) -> impl Serialize {
        let (covered_by, role) = covering(&self.rule);
        AnswerJson {
            allowed: self.is_allowed(),
            scope: &self.scope,
            owner: &self.owner,
            key_id: self.key.as_ref().map(|key| key.id),
            key_name: self.key.as_ref().map(|key| &key.name),
            rule: rule(&self.rule),
            covered_by,
            role,
            explanation: self.to_string(),
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let allowed = Field::new("allowed", self.is_allowed().to_string());
        let allowed = if self.is_allowed() {
            allowed.human("yes").tone(Tone::Good)
        } else {
            allowed.human("no").tone(Tone::Bad)
        };
        vec![
            allowed,
            Field::new("scope", self.scope.as_str()),
            Field::new("rule", rule(&self.rule)),
            Field::new("explanation", self.to_string()),
        ]
    }
}

#[derive(Serialize)]
struct HeldJson<'h> {
    scope: &'h Scope,
    role: Option<&'h RoleName>,
    effective: &'h Scopes,
}

impl View for Held {
    fn json(&self) -> impl Serialize {
        let role = match &self.source {
            Source::Key => None,
            Source::Role(role) => Some(role),
        };
        HeldJson { scope: &self.scope, role, effective: &self.effective }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let effective = Field::new("effective", join(self.effective.iter()));
        let effective = if self.effective.is_empty() {
            effective.human("nothing: its parent may not do it").tone(Tone::Warn)
        } else {
            effective
        };
        vec![
            Field::new("scope", self.scope.as_str()),
            Field::new("source", From(&self.source).to_string()),
            effective,
        ]
    }
}
