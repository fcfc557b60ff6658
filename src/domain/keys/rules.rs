//! What a store asks of every key that is made or changed in it: its policy.
//!
//! The store writes a key only for an [`Allowed`], and nothing but these rules makes one. So a new way of making keys cannot
//! forget them.

use std::fmt;

use super::foreign::is_foreign;
use super::key::{IssuedToken, Key, State};
use super::token::Prefix;
use crate::domain::time::{Expiry, Span, Timestamp};

/// The rules of a store; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// A key that is made, or given another end, ends within this.
    pub max_expiry: Option<Span>,
    /// A key has a scope or a role.
    pub require_scope: bool,
    /// A key ends.
    pub require_expiry: bool,
    /// Keys of one owner that are neither revoked nor expired. Children do not count.
    pub max_live_keys: Option<u32>,
    /// What new tokens may begin with, in the order in which they were named; any where there are none. Tokens that
    /// were imported have the form that they have.
    pub prefixes: Vec<Prefix>,
}

/// A key that may be written as it is.
#[derive(Clone, Copy, Debug)]
#[must_use = "it is made to be written"]
pub struct Allowed<'k>(&'k Key);

impl<'k> Allowed<'k> {
    pub(crate) fn key(self) -> &'k Key {
        self.0
    }

    /// A key that another program's backup or log narrowed: what takes away is never refused, since it would go on with
    /// what it had.
    pub(crate) fn narrowed(key: &'k Key) -> Self {
        Self(key)
    }
}

/// A rule, by the name that it is set by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    MaxExpiry,
    RequireScope,
    RequireExpiry,
    MaxLiveKeys,
    Prefixes,
}

impl Rule {
    pub const ALL: [Self; 5] =
        [Self::MaxExpiry, Self::RequireScope, Self::RequireExpiry, Self::MaxLiveKeys, Self::Prefixes];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MaxExpiry => "max-expiry",
            Self::RequireScope => "require-scope",
            Self::RequireExpiry => "require-expiry",
            Self::MaxLiveKeys => "max-live-keys-per-owner",
            Self::Prefixes => "prefixes",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which rule a key would break, with what the rule says and what to type instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Broken {
    pub rule: Rule,
    pub message: String,
    pub hint: String,
}

impl Rules {
    /// Whether the key may be written. Only what a change makes worse is judged: a key that was there before a rule was set
    /// can still be renamed, limited or rotated. `others` counts the live keys of its owner, as [`Self::counts`] does.
    pub fn allow<'k>(
        &self,
        key: &'k Key,
        before: Option<&Key>,
        now: Timestamp,
        others: u64,
    ) -> Result<Allowed<'k>, Broken> {
        self.check_end_of(key, before, now)?;
        self.check_scopes_of(key, before)?;
        if Self::adds(key, before, now) {
            self.check_number(key.owner.as_str(), others)?;
        }
        for token in tokens(key).filter(|token| !before.is_some_and(|before| has(before, token))) {
            self.check_prefix(&token.prefix.token_prefix())?;
        }
        Ok(Allowed(key))
    }

    /// Whether an end that is another than before is one that the key may be given.
    pub(crate) fn check_end_of(&self, key: &Key, before: Option<&Key>, now: Timestamp) -> Result<(), Broken> {
        if before.is_none_or(|before| before.expires_at != key.expires_at) {
            self.check_end(key.expires_at, now)?;
        }
        Ok(())
    }

    /// Whether a key may have no scope nor role, where it had one before.
    pub(crate) fn check_scopes_of(&self, key: &Key, before: Option<&Key>) -> Result<(), Broken> {
        let is_bare = |key: &Key| key.scopes.is_empty() && key.roles.is_empty();
        if is_bare(key) && !before.is_some_and(is_bare) {
            self.check_scope(&key.path())?;
        }
        Ok(())
    }

    /// Whether there is one more of its owner's keys by it.
    pub(crate) fn adds(key: &Key, before: Option<&Key>, now: Timestamp) -> bool {
        Self::counts(key, now) && !before.is_some_and(|before| Self::counts(before, now))
    }

    /// The same without a rule.
    pub(crate) fn without(self, rule: Rule) -> Self {
        match rule {
            Rule::MaxExpiry => Self { max_expiry: None, ..self },
            Rule::RequireScope => Self { require_scope: false, ..self },
            Rule::RequireExpiry => Self { require_expiry: false, ..self },
            Rule::MaxLiveKeys => Self { max_live_keys: None, ..self },
            Rule::Prefixes => Self { prefixes: Vec::new(), ..self },
        }
    }

    /// Whether it is among those of which an owner may have so many.
    pub fn counts(key: &Key, now: Timestamp) -> bool {
        let is_over = matches!(key.lifetime().state(now), State::Revoked | State::Expired);
        key.parent.is_none() && !is_over
    }

    /// Whether an end is one that a key may be given.
    pub fn check_end(&self, end: Option<Timestamp>, now: Timestamp) -> Result<(), Broken> {
        let latest = self.max_expiry.and_then(|span| now.after(span));
        match (self.max_expiry, end) {
            (Some(most), None) => Err(broken(
                Rule::MaxExpiry,
                &format!("lets a key live {most} at most, and this one would never end"),
                format!("say when it ends: --expires {most}, or sooner"),
            )),
            (Some(most), Some(end)) if latest.is_some_and(|latest| end > latest) => Err(broken(
                Rule::MaxExpiry,
                &format!("lets a key live {most} at most, and this one would end {end}"),
                format!("say an earlier end: --expires {most}, or sooner"),
            )),
            (None, None) if self.require_expiry => Err(broken(
                Rule::RequireExpiry,
                "wants every key to end, and this one would not",
                "say when it ends, as in --expires 90d".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    /// Whether something of this name may have neither a scope nor a role.
    pub(crate) fn check_scope(&self, named: &str) -> Result<(), Broken> {
        if !self.require_scope {
            return Ok(());
        }
        Err(broken(
            Rule::RequireScope,
            &format!("wants every key to have a scope or a role, and {named} would have none"),
            "say what it may do, as in --scope memories; a key that may do nothing more: keyctl suspend"
                .to_owned(),
        ))
    }

    /// Whether an owner with so many live keys may have one more.
    pub(crate) fn check_number(&self, owner: &str, others: u64) -> Result<(), Broken> {
        match self.max_live_keys {
            Some(most) if others >= u64::from(most) => Err(broken(
                Rule::MaxLiveKeys,
                &format!("lets an owner have {most} live keys, and {owner} has {others}"),
                format!("revoke one that is not used any more: keyctl list {owner} --unused 30d"),
            )),
            _ => Ok(()),
        }
    }

    pub(crate) fn check_prefix(&self, prefix: &Prefix) -> Result<(), Broken> {
        if self.allows_prefix(prefix) || is_foreign(prefix) {
            return Ok(());
        }
        let all: Vec<&str> = self.prefixes.iter().map(Prefix::as_str).collect();
        Err(broken(
            Rule::Prefixes,
            &format!(
                "lets tokens begin with {} alone, and this one would begin with {}",
                all.join(", "),
                prefix.as_str()
            ),
            format!("name one of them: --prefix {}", all.first().copied().unwrap_or_default()),
        ))
    }

    fn allows_prefix(&self, prefix: &Prefix) -> bool {
        self.prefixes.is_empty() || self.prefixes.contains(prefix)
    }

    /// This prefix, which nobody asked for, where it is allowed; else the first one that is.
    pub(crate) fn prefix_or_allowed(&self, prefix: &Prefix) -> Prefix {
        if self.allows_prefix(prefix) { prefix } else { self.prefixes.first().unwrap_or(prefix) }.clone()
    }

    /// The store's default for new keys, no longer than it may be.
    pub(crate) fn default_expiry(&self, default: Option<Span>) -> Expiry {
        default.into_iter().chain(self.max_expiry).min().map_or(Expiry::Never, Expiry::After)
    }

    /// The most that a key may live, and its end by that, where this end, which nobody asked for, is later.
    pub(crate) fn shortened_end(&self, end: Timestamp, now: Timestamp) -> Option<(Span, Timestamp)> {
        let most = self.max_expiry?;
        now.after(most).filter(|latest| end > *latest).map(|latest| (most, latest))
    }

    /// The most by which a default that nobody asked for was shortened; `None` if it was not.
    pub(crate) fn shortens(&self, default: Option<Span>) -> Option<Span> {
        self.max_expiry.filter(|most| default.is_none_or(|default| default > *most))
    }
}

fn broken(rule: Rule, message: &str, hint: String) -> Broken {
    Broken { rule, message: format!("the store's policy forbids it: {rule} {message}"), hint }
}

fn tokens(key: &Key) -> impl Iterator<Item = &IssuedToken> {
    key.token.iter().chain(&key.pending_tokens)
}

/// A pending token that becomes the key's own is no new one.
fn has(key: &Key, token: &IssuedToken) -> bool {
    tokens(key).any(|one| one.prefix == token.prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::draft::Draft;
    use crate::domain::keys::foreign::HashAlg;
    use crate::domain::keys::label::Labels;
    use crate::domain::keys::scope::Scopes;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-30T12:00:00Z").expect("a time")
    }

    /// A key that breaks no rule of [`strict`].
    fn key() -> Key {
        let draft = Draft {
            id: "key_01h455vb4pex5vsknk084sn02q".parse().expect("an id"),
            owner: "alice".parse().expect("an owner"),
            subject: "alice".parse().expect("a subject"),
            name: "default".parse().expect("a name"),
            scopes: Scopes::from_json(r#"["memories"]"#).expect("scopes"),
            roles: &[],
            labels: Labels::default(),
            not_before: None,
            expires_at: now().after(Span::days(90)),
            prefix: "acme_4fTq9ZkPw2Xa".parse().expect("a prefix"),
            hash_alg: HashAlg::Sha256,
        };
        draft.key(now())
    }

    fn strict() -> Rules {
        Rules {
            max_expiry: Some(Span::days(365)),
            require_scope: true,
            require_expiry: true,
            max_live_keys: Some(2),
            prefixes: vec!["acme".parse().expect("a prefix")],
        }
    }

    fn broken_by(rules: &Rules, key: &Key, before: Option<&Key>, others: u64) -> Option<Rule> {
        rules.allow(key, before, now(), others).err().map(|broken| broken.rule)
    }

    #[test]
    fn a_new_key_is_held_to_each_rule() {
        let rules = strict();
        assert_eq!(broken_by(&rules, &key(), None, 1), None);
        let at_the_limit = Key { expires_at: now().after(Span::days(365)), ..key() };
        assert_eq!(broken_by(&rules, &at_the_limit, None, 1), None);
        for (other, others, rule) in [
            (Key { expires_at: None, ..key() }, 0, Rule::MaxExpiry),
            (Key { expires_at: now().after(Span::days(366)), ..key() }, 0, Rule::MaxExpiry),
            (Key { scopes: Scopes::default(), ..key() }, 0, Rule::RequireScope),
            (key(), 2, Rule::MaxLiveKeys),
        ] {
            assert_eq!(broken_by(&rules, &other, None, others), Some(rule), "{other:?}");
        }
        let mut other = key();
        other.token.as_mut().expect("a token").prefix = "sks_4fTq9ZkPw2Xa".parse().expect("a prefix");
        assert_eq!(broken_by(&rules, &other, None, 0), Some(Rule::Prefixes));
        let endless = Rules { max_expiry: None, ..strict() };
        assert_eq!(
            broken_by(&endless, &Key { expires_at: None, ..key() }, None, 0),
            Some(Rule::RequireExpiry)
        );
        assert_eq!(broken_by(&Rules::default(), &Key { expires_at: None, ..key() }, None, 99), None);
    }

    #[test]
    fn a_child_does_not_count_and_is_never_one_too_many() {
        let parent = "key_01h455vb4pex5vsknk084sn02r".parse().ok();
        assert_eq!(broken_by(&strict(), &Key { parent, ..key() }, None, 9), None);
        assert!(!Rules::counts(&Key { parent, ..key() }, now()));
    }

    #[test]
    fn a_key_from_before_a_rule_is_held_only_to_what_is_changed() {
        let mut old = Key { expires_at: None, scopes: Scopes::default(), ..key() };
        old.token.as_mut().expect("a token").prefix = "sks_4fTq9ZkPw2Xa".parse().expect("a prefix");
        let renamed = Key { name: "other".parse().expect("a name"), ..old.clone() };
        assert_eq!(broken_by(&strict(), &renamed, Some(&old), 9), None);
        let longer = Key { expires_at: now().after(Span::days(400)), ..old.clone() };
        assert_eq!(broken_by(&strict(), &longer, Some(&old), 9), Some(Rule::MaxExpiry));
        let bare = Key { scopes: Scopes::default(), ..key() };
        assert_eq!(broken_by(&strict(), &bare, Some(&key()), 9), Some(Rule::RequireScope));
    }

    #[test]
    fn an_expired_key_that_is_renewed_counts_again() {
        let expired = Key { expires_at: Some(now()), ..key() };
        assert_eq!(broken_by(&strict(), &key(), Some(&expired), 2), Some(Rule::MaxLiveKeys));
        assert_eq!(broken_by(&strict(), &key(), Some(&expired), 1), None);
    }

    #[test]
    fn what_nobody_asked_for_is_made_to_fit() {
        let rules = strict();
        let span = |days| Some(Span::days(days));
        assert_eq!(rules.default_expiry(span(400)), Expiry::After(Span::days(365)));
        assert_eq!(rules.default_expiry(None), Expiry::After(Span::days(365)));
        assert_eq!(rules.default_expiry(span(90)), Expiry::After(Span::days(90)));
        assert_eq!((rules.shortens(span(400)), rules.shortens(span(90))), (span(365), None));
        assert_eq!(Rules::default().default_expiry(None), Expiry::Never);
        assert_eq!(rules.prefix_or_allowed(&Prefix::default()).as_str(), "acme");
        assert_eq!(Rules::default().prefix_or_allowed(&Prefix::default()), Prefix::default());
    }
}
