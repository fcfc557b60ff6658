//! What a manifest says of the store's policy.

use serde::{Deserialize, Deserializer, Serialize};

use super::values::{LiveKeys, Longest};
use super::written::Written;
use crate::domain::keys::rules::Rules;
use crate::domain::keys::token::Prefix;

/// Rules of the store for its keys. One that is not named stays as it is: a store may have several manifests.
#[expect(clippy::option_option, reason = "what does not stand there is another thing than null")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "internals", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyEntry {
    /// How long a key may live; null for as long as anybody says.
    #[serde(default, deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "internals", schemars(with = "Option<String>"))]
    pub max_expiry: Option<Option<Written<Longest>>>,
    /// Whether a key must have a scope or a role.
    #[serde(default, deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "internals", schemars(with = "bool"))]
    pub require_scope: Option<bool>,
    /// Whether a key must end.
    #[serde(default, deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "internals", schemars(with = "bool"))]
    pub require_expiry: Option<bool>,
    /// How many live keys an owner may have, but for children; null for any number.
    #[serde(default, deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "internals", schemars(with = "Option<u32>", range(min = 1, max = 1_000_000)))]
    pub max_live_keys_per_owner: Option<Option<LiveKeys>>,
    /// What new tokens may begin with, the first where nobody says which; none for anything.
    #[serde(default, deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "internals", schemars(with = "Vec<String>"))]
    pub prefixes: Option<Vec<Written<Prefix>>>,
}

/// What stands there, be it null: that takes a rule away, and what does not stand there leaves it.
fn named<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl PolicyEntry {
    /// The rules of a store once it is as this says.
    pub(crate) fn over(&self, before: &Rules) -> Rules {
        let mut rules = before.clone();
        if let Some(most) = &self.max_expiry {
            rules.max_expiry = most.as_ref().map(|most| most.value.0);
        }
        rules.require_scope = self.require_scope.unwrap_or(rules.require_scope);
        rules.require_expiry = self.require_expiry.unwrap_or(rules.require_expiry);
        if let Some(most) = self.max_live_keys_per_owner {
            rules.max_live_keys = most.map(|most| most.0);
        }
        if let Some(prefixes) = &self.prefixes {
            rules.prefixes.clear();
            for prefix in prefixes {
                if !rules.prefixes.contains(&prefix.value) {
                    rules.prefixes.push(prefix.value.clone());
                }
            }
        }
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Span;

    fn strict() -> Rules {
        Rules {
            max_expiry: Some(Span::days(365)),
            require_scope: true,
            require_expiry: true,
            max_live_keys: Some(20),
            prefixes: vec!["acme".parse().expect("a prefix")],
        }
    }

    #[test]
    fn what_is_named_is_set_or_taken_away_and_what_is_not_stays() {
        let read = |text: &str| serde_json::from_str::<PolicyEntry>(text).map_err(|error| error.to_string());
        assert_eq!(read("{}").expect("nothing").over(&strict()), strict());
        let none = r#"{"max_expiry":null,"require_scope":false,"require_expiry":false,"max_live_keys_per_owner":null,"prefixes":[]}"#;
        let none = read(none).expect("all of them");
        assert_eq!(none.over(&strict()), Rules::default());
        let text = serde_json::to_string(&none).expect("JSON");
        assert_eq!(read(&text).expect("what was written"), none);
        let all = r#"{"max_expiry":"365d","require_scope":true,"require_expiry":true,"max_live_keys_per_owner":20,"prefixes":["acme","acme"]}"#;
        assert_eq!(read(all).expect("all of them").over(&Rules::default()), strict());
        for (text, says) in [
            (r#"{"max_expiry":"0s"}"#, "would let no key be made"),
            (r#"{"max_live_keys_per_owner":0}"#, "from 1 to 1000000"),
            (r#"{"max_age":"1d"}"#, "unknown field"),
            (r#"{"prefixes":["Acme"]}"#, ""),
        ] {
            assert!(read(text).expect_err(text).contains(says), "{text}");
        }
    }
}
