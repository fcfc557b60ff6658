//! The store's policy, and what there is in spite of it.

use serde::Serialize;

use super::{Field, Screen, Tone, View};
use crate::domain::keys::rules::{Rule, Rules};
use crate::domain::keys::token::Prefix;
use crate::domain::time::Span;
use crate::ops::stores::rules::Breaking;

#[derive(Serialize)]
struct RulesJson<'r> {
    max_expiry_seconds: Option<i64>,
    require_scope: bool,
    require_expiry: bool,
    max_live_keys_per_owner: Option<u32>,
    prefixes: Vec<&'r str>,
}

impl View for Rules {
    fn json(&self) -> impl Serialize {
        RulesJson {
            max_expiry_seconds: self.max_expiry.map(Span::as_secs),
            require_scope: self.require_scope,
            require_expiry: self.require_expiry,
            max_live_keys_per_owner: self.max_live_keys,
            prefixes: self.prefixes.iter().map(Prefix::as_str).collect(),
        }
    }

    fn fields(&self, _screen: &Screen) -> Vec<Field> {
        let yes_or_no = |name, set: bool| {
            Field::new(name, if set { "yes" } else { "no" }).tone(if set { Tone::Normal } else { Tone::Dim })
        };
        let or_any = |name, set: Option<String>| match set {
            Some(set) => Field::new(name, set),
            None => Field::new(name, "").human("any").tone(Tone::Dim),
        };
        let prefixes: Vec<&str> = self.prefixes.iter().map(Prefix::as_str).collect();
        vec![
            or_any("max_expiry", self.max_expiry.map(|most| most.to_string())),
            yes_or_no("require_scope", self.require_scope),
            yes_or_no("require_expiry", self.require_expiry),
            or_any("max_live_keys_per_owner", self.max_live_keys.map(|most| most.to_string())),
            or_any("prefixes", Some(prefixes.join(",")).filter(|all| !all.is_empty())),
        ]
    }
}

#[derive(Serialize)]
struct BreakingJson<'b> {
    rule: &'static str,
    /// `key` or `owner`: what is counted and named.
    kind: &'static str,
    count: u64,
    first: &'b [String],
}

impl View for Breaking {
    fn json(&self) -> impl Serialize {
        BreakingJson {
            rule: self.rule.as_str(),
            kind: kind(self.rule),
            count: self.count,
            first: &self.first,
        }
    }

    fn fields(&self, _screen: &Screen) -> Vec<Field> {
        let tone = if self.count == 0 { Tone::Good } else { Tone::Warn };
        vec![
            Field::new("rule", self.rule.as_str()),
            Field::new("kind", kind(self.rule)),
            Field::new("count", self.count.to_string()).tone(tone),
            Field::new("first", self.first.join(" ")).open_end(),
        ]
    }
}

/// What breaks a rule: a key, or an owner with its keys.
fn kind(rule: Rule) -> &'static str {
    if rule == Rule::MaxLiveKeys { "owner" } else { "key" }
}
