//! The store's policy: set, shown, and measured against the keys that there are.

use serde_json::{Value, json};

use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::rules::{Rule, Rules};
use crate::domain::keys::token::Prefix;
use crate::domain::time::{Span, Timestamp};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::Result;
use crate::ops::keys::mint::own_prefix;
use crate::store::{RulesLookup, Store, Tx};

pub(crate) use crate::store::Breaking;

/// What is wanted. A rule that is not among either stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    /// Those that are set here are set.
    pub set: Rules,
    /// And these are taken away.
    pub unset: Vec<Rule>,
}

impl Edit {
    fn of(&self, before: &Rules) -> Rules {
        let Self { set, unset } = self;
        let kept = unset.iter().fold(before.clone(), |rules, rule| rules.without(*rule));
        Rules {
            max_expiry: set.max_expiry.or(kept.max_expiry),
            require_scope: set.require_scope || kept.require_scope,
            require_expiry: set.require_expiry || kept.require_expiry,
            max_live_keys: set.max_live_keys.or(kept.max_live_keys),
            prefixes: if set.prefixes.is_empty() { kept.prefixes } else { set.prefixes.clone() },
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Edited {
    pub rules: Rules,
    pub before: Rules,
    pub at: Timestamp,
}

pub(crate) fn read(store: &mut Store) -> Result<Rules> {
    Ok(store.head()?.rules)
}

/// Sets rules for all that is made or changed from now on. The keys that there are stay as they are: [`measure`] tells
/// which of them would be refused today.
pub(crate) fn set(env: &mut Env, edit: &Edit) -> Result<Edited> {
    for prefix in &edit.set.prefixes {
        own_prefix(prefix)?;
    }
    env.change(Action::PolicySet, |tx| Ok(set_in(tx, |before| edit.of(before))))
}

/// Sets the rules that these become.
pub(crate) fn set_in(tx: &mut Tx<'_>, edited: impl FnOnce(&Rules) -> Rules) -> Done<Edited> {
    let before = tx.head().rules.clone();
    let (rules, at) = (edited(&before), tx.now());
    if rules == before {
        return Done::unchanged(Edited { rules, before, at });
    }
    tx.set_rules(&rules);
    let details: serde_json::Map<String, Value> = (attributes(&before).into_iter())
        .zip(attributes(&rules))
        .map(|((name, old), (_, new))| (name.to_owned(), json!([old, new])))
        .collect();
    Done::with(Edited { rules, before, at }, Event::done(Action::PolicySet, details.into()))
}

/// The rules, as records and `store check` spell them.
pub(in crate::ops) fn attributes(rules: &Rules) -> [(&'static str, Value); 5] {
    let prefixes: Vec<&str> = rules.prefixes.iter().map(Prefix::as_str).collect();
    [
        ("max_expiry_seconds", json!(rules.max_expiry.map(Span::as_secs))),
        ("require_scope", json!(rules.require_scope)),
        ("require_expiry", json!(rules.require_expiry)),
        ("max_live_keys_per_owner", json!(rules.max_live_keys)),
        ("prefixes", json!(prefixes)),
    ]
}

/// The keys, and the owners with too many of them, that there are in spite of each rule that is set, with the first
/// `most` names of each. Children are no more than their owner may have; what was imported begins with what it had.
pub(crate) fn measure(
    store: &mut impl RulesLookup,
    rules: &Rules,
    now: Timestamp,
    most: u32,
) -> Result<Vec<Breaking>> {
    let each = Rule::ALL.into_iter().map(|rule| store.breaking(rules, rule, now, most));
    let found: Vec<Option<Breaking>> = each.collect::<crate::store::Result<_>>()?;
    Ok(found.into_iter().flatten().collect())
}
