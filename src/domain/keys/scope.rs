//! Permissions: their grammar and which covers which.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::domain::texts::text::CodePoint;

/// A permission: words joined by colons, `memories`, `memories:read`, `files:*`, `*`.
///
/// Each word is `a-z 0-9 . _ -`, first a letter or digit; `*` stands alone or last. At most
/// 128 characters. Below `keyctl` stand the tool's own, each covered by itself alone and never a
/// wildcard: those that are not known here may be a later version's, so they are scopes, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Scope(Box<str>);

/// Why a text is not a scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Nothing between two commas or colons.
    #[error("a scope or a part of one is empty")]
    Empty,
    /// A character outside the alphabet.
    #[error("a scope contains {0}: allowed are a-z 0-9 . _ - between colons, and a final *")]
    Alphabet(CodePoint),
    /// A word that starts with `.`, `_` or `-`.
    #[error("a scope's words start with a letter or a digit")]
    Start,
    /// `*` elsewhere than as the last word.
    #[error("* stands alone or as the last word, as in files:*")]
    Wildcard,
    /// Over 128 characters.
    #[error("a scope is longer than {LONGEST} characters")]
    TooLong,
    /// Over 64 scopes.
    #[error("more than {MOST} scopes on one key")]
    TooMany,
    /// Over 1,700 bytes together.
    #[error("the scopes are longer than {LARGEST} bytes together: gateways bound the headers that name them")]
    TooLarge,
    /// `keyctl` alone, or a wildcard below it.
    #[error("under keyctl stand single scopes, such as keyctl:resolve, and no wildcard")]
    Reserved,
    /// One of a later keyctl's own, which this one does not give to anybody.
    #[error(
        "of its own scopes this keyctl gives only keyctl:resolve, keyctl:introspect, keyctl:lease, keyctl:self, keyctl:admin and keyctl:report"
    )]
    Unknown,
}

const LONGEST: usize = 128;
const MOST: usize = 64;
/// Bytes of all scopes of a key, with a blank between: with the owner's subject and the key's id, the headers that
/// `keyctl serve` hands to gateways stay below 2 kB.
const LARGEST: usize = 1700;
/// What every scope of the tool's own begins with.
const OWN: &str = "keyctl:";
/// Those that this version gives. A store may hold others, from a later one.
const KNOWN: [&str; 6] =
    ["keyctl:resolve", "keyctl:introspect", "keyctl:lease", "keyctl:self", "keyctl:admin", "keyctl:report"];

impl Scope {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `*`: everything but the tool's own scopes.
    pub fn is_everything(&self) -> bool {
        &*self.0 == "*"
    }

    /// Whether it is one of the tool's own (`keyctl:resolve` …).
    pub(crate) fn is_reserved(&self) -> bool {
        self.0.starts_with(OWN)
    }

    fn is_known(&self) -> bool {
        !self.is_reserved() || KNOWN.contains(&self.as_str())
    }

    /// Every scope that covers this one, itself among them: `a:b` is covered by `a:b`, `a`,
    /// `a:*` and `*`.
    pub(crate) fn coverers(&self) -> Vec<Scope> {
        if self.is_reserved() {
            return vec![self.clone()];
        }
        let mut found = vec![Self("*".into())];
        let ends = self.0.match_indices(':').map(|(at, _)| at);
        for end in ends {
            found.push(Self(self.0[..end].into()));
            found.push(Self(format!("{}:*", &self.0[..end]).into()));
        }
        found.push(self.clone());
        found.sort();
        found.dedup();
        found
    }

    /// Whether holding `self` allows what `asked` names.
    ///
    /// `memories` covers itself and `memories:read`; `files:*` covers `files:a` and
    /// `files:a:b` but not `files`; `*` covers all. The tool's own scopes are covered by
    /// themselves alone.
    pub fn covers(&self, asked: &Scope) -> bool {
        covers(&self.0, &asked.0)
    }
}

fn covers(held: &str, asked: &str) -> bool {
    if held.starts_with(OWN) || asked.starts_with(OWN) {
        return held == asked;
    }
    if held == "*" {
        return true;
    }
    match held.strip_suffix('*') {
        Some(stem) => asked.len() > stem.len() && asked.starts_with(stem),
        None => asked.strip_prefix(held).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')),
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    /// Most texts are words alone, and each verification reads some: that is looked for first.
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        if text.len() <= LONGEST && are_words(text) && text != "keyctl" {
            return Ok(Self(text.into()));
        }
        if text.len() > LONGEST {
            return Err(ScopeError::TooLong);
        }
        let mut words = text.split(':').peekable();
        while let Some(word) = words.next() {
            if word == "*" && words.peek().is_none() {
                break;
            }
            check_word(word)?;
        }
        if text == "keyctl" || (text.starts_with(OWN) && text.ends_with('*')) {
            return Err(ScopeError::Reserved);
        }
        Ok(Self(text.into()))
    }
}

/// Words joined by colons, none of them a wildcard.
fn are_words(text: &str) -> bool {
    let mut begins = true;
    for byte in text.bytes() {
        begins = match byte {
            b'a'..=b'z' | b'0'..=b'9' => false,
            b'.' | b'_' | b'-' if !begins => false,
            b':' if !begins => true,
            _ => return false,
        };
    }
    !begins
}

fn check_word(word: &str) -> Result<(), ScopeError> {
    let first = word.chars().next().ok_or(ScopeError::Empty)?;
    for c in word.chars() {
        if c == '*' {
            return Err(ScopeError::Wildcard);
        }
        if !(c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c)) {
            return Err(ScopeError::Alphabet(CodePoint(c)));
        }
    }
    if "._-".contains(first) { Err(ScopeError::Start) } else { Ok(()) }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A sorted set of scopes without repetition, at most 64.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Scopes(Box<[Scope]>);

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        let mut scopes: Vec<Scope> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes.into())
    }
}

impl Scopes {
    /// Parses comma-separated lists of what is to be given; `a,,b` and an empty list are errors,
    /// and so is a scope of the tool's own that is not known here.
    pub fn parse_lists<'a>(lists: impl IntoIterator<Item = &'a str>) -> Result<Self, ScopeError> {
        let scopes = Self::parse_held(lists)?;
        if scopes.0.iter().all(Scope::is_known) { Ok(scopes) } else { Err(ScopeError::Unknown) }
    }

    /// The same for what a key may have already, so as to take it away.
    pub fn parse_held<'a>(lists: impl IntoIterator<Item = &'a str>) -> Result<Self, ScopeError> {
        let scopes = lists.into_iter().flat_map(|list| list.split(',')).map(str::parse);
        scopes.collect::<Result<Self, _>>()?.check_size()
    }

    /// Whether any of them covers what is asked.
    pub fn cover(&self, asked: &Scope) -> bool {
        self.0.iter().any(|held| held.covers(asked))
    }

    /// This one alone.
    pub(crate) fn of(scope: &Scope) -> Self {
        Self(Box::new([scope.clone()]))
    }

    /// All of either.
    #[must_use]
    pub(crate) fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).cloned().collect()
    }

    /// What both allow. Of two scopes that overlap, one always covers the other: that other
    /// one is what both allow.
    #[must_use]
    pub(crate) fn meet(&self, other: &Self) -> Self {
        let narrower = |a: &Scope, b: &Scope| {
            if a.covers(b) {
                Some(b.clone())
            } else if b.covers(a) {
                Some(a.clone())
            } else {
                None
            }
        };
        self.0.iter().flat_map(|a| other.0.iter().filter_map(move |b| narrower(a, b))).collect()
    }

    /// Those that no scope of `wider` covers.
    pub(crate) fn beyond<'s>(&'s self, wider: &'s Self) -> impl Iterator<Item = &'s Scope> {
        self.0.iter().filter(|scope| !wider.cover(scope))
    }

    /// The tool's own among them (`keyctl:resolve` …).
    pub(crate) fn reserved(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter().filter(|scope| scope.is_reserved())
    }

    /// All but the tool's own.
    #[must_use]
    pub(crate) fn without_reserved(&self) -> Self {
        self.0.iter().filter(|scope| !scope.is_reserved()).cloned().collect()
    }

    /// Those that are in neither of the others: a set difference by text.
    #[must_use]
    pub(crate) fn minus(&self, other: &Self) -> Self {
        self.0.iter().filter(|scope| !other.contains(scope)).cloned().collect()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// [`ScopeError::TooMany`] and [`ScopeError::TooLarge`] for more than one key or role may be given.
    pub(crate) fn check_size(self) -> Result<Self, ScopeError> {
        if self.0.len() > MOST {
            return Err(ScopeError::TooMany);
        }
        if self.fit_headers() { Ok(self) } else { Err(ScopeError::TooLarge) }
    }

    /// Whether a gateway can hand all of them on.
    pub(crate) fn fit_headers(&self) -> bool {
        self.0.iter().map(|scope| scope.0.len() + 1).sum::<usize>() <= LARGEST
    }

    /// Whether this very scope is among them.
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.binary_search(scope).is_ok()
    }

    /// Whether `*` is among them.
    pub fn hold_everything(&self) -> bool {
        self.0.iter().any(Scope::is_everything)
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// True for a key that authenticates and may do nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As stored: a sorted JSON array of strings. The alphabet needs no escaping.
    pub(crate) fn to_json(&self) -> String {
        let mut json = String::from("[");
        for scope in &self.0 {
            if json.len() > 1 {
                json.push(',');
            }
            json.push('"');
            json.push_str(&scope.0);
            json.push('"');
        }
        json.push(']');
        json
    }

    /// From what is stored; `None` if it is not a JSON array of scopes.
    pub(crate) fn from_json(json: &str) -> Option<Self> {
        if json == "[]" {
            return Some(Self::default());
        }
        let words = json.strip_prefix("[\"")?.strip_suffix("\"]")?;
        if !words.contains('"') {
            return words.parse().ok().map(|scope| Self(Box::new([scope])));
        }
        words.split("\",\"").map(str::parse).collect::<Result<_, _>>().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    fn scope(text: &str) -> Scope {
        text.parse().expect(text)
    }

    #[test]
    fn a_scope_covers_what_lies_below_it() {
        for (held, asked, covered) in [
            ("memories", "memories", true),
            ("memories", "memories:read", true),
            ("memories", "memoriesx", false),
            ("memories:read", "memories", false),
            ("files:*", "files", false),
            ("files:*", "files:a", true),
            ("files:*", "files:a:b", true),
            ("files:*", "files:*", true),
            ("files", "files:*", true),
            ("*", "anything:at:all", true),
            ("*", "keyctl:resolve", false),
            ("keyctl:resolve", "keyctl:resolve", true),
            ("keyctl:resolve", "keyctl:introspect", false),
            ("keyctl:lease", "keyctl:lease", true),
            ("*", "keyctl:lease", false),
            ("keyctl:lease", "keyctl:lease:openai", false),
            ("keyctl:lease:openai", "keyctl:lease", false),
            ("keyctl:resolve", "keyctl:resolve:own", false),
        ] {
            assert_eq!(scope(held).covers(&scope(asked)), covered, "{held} {asked}");
        }
    }

    #[test]
    fn each_fault_of_a_scope_has_its_own_error() {
        for (text, error) in [
            ("", ScopeError::Empty),
            ("a::b", ScopeError::Empty),
            ("a:", ScopeError::Empty),
            ("Admin", ScopeError::Alphabet(CodePoint('A'))),
            ("a b", ScopeError::Alphabet(CodePoint(' '))),
            ("-a", ScopeError::Start),
            ("*:a", ScopeError::Wildcard),
            ("a*", ScopeError::Wildcard),
            ("keyctl", ScopeError::Reserved),
            ("keyctl:*", ScopeError::Reserved),
            ("keyctl:lease:*", ScopeError::Reserved),
            ("keyctl:", ScopeError::Empty),
            ("keyctl:Lease", ScopeError::Alphabet(CodePoint('L'))),
        ] {
            assert_eq!(text.parse::<Scope>(), Err(error), "{text}");
        }
        assert_eq!("a".repeat(129).parse::<Scope>(), Err(ScopeError::TooLong));
        assert_eq!(Scopes::parse_lists(["admin,,x"]), Err(ScopeError::Empty));
        assert_eq!(Scopes::parse_lists(["a,keyctl:owner"]), Err(ScopeError::Unknown));
        assert!(Scopes::parse_held(["a,keyctl:owner"]).is_ok_and(|held| held.len() == 2));
        let many: Vec<String> = (0..65).map(|n| format!("s{n}")).collect();
        assert_eq!(Scopes::parse_lists(many.iter().map(String::as_str)), Err(ScopeError::TooMany));
        let long: Vec<String> = (10..27).map(|n| format!("{n}{}", "x".repeat(97))).collect();
        let given = |count: usize| Scopes::parse_lists(long[..count].iter().map(String::as_str));
        assert!(given(17).is_ok_and(|scopes| scopes.fit_headers()));
        let larger = long.iter().map(String::as_str).chain(["y"]);
        assert_eq!(Scopes::parse_lists(larger), Err(ScopeError::TooLarge));
    }

    proptest! {
        #[test]
        fn stored_scopes_read_back_as_they_were(words in proptest::collection::btree_set("(keyctl:)?[a-z0-9][a-z0-9._-]{0,8}(:[a-z0-9]{1,4})?", 0..8)) {
            prop_assume!(!words.contains("keyctl"));
            let scopes: Scopes = words.iter().map(|w| scope(w)).collect();
            prop_assert_eq!(Scopes::from_json(&scopes.to_json()), Some(scopes.clone()));
            let read: Vec<String> = serde_json::from_str(&scopes.to_json()).expect("JSON");
            prop_assert_eq!(read.len(), words.len());
        }

        #[test]
        fn the_meet_allows_what_both_allow(
            a in proptest::collection::btree_set("[ab](:[ab*])?|\\*|keyctl:[ab](:a)?", 0..4),
            b in proptest::collection::btree_set("[ab](:[ab*])?|\\*|keyctl:[ab](:a)?", 0..4),
            asked in "[abc](:[ab*])?(:[ab])?|keyctl:[ab](:a)?",
        ) {
            let of = |texts: &BTreeSet<String>| texts.iter().map(|text| scope(text)).collect::<Scopes>();
            if let Ok(asked) = asked.parse::<Scope>() {
                let (a, b) = (of(&a), of(&b));
                prop_assert_eq!(a.meet(&b).cover(&asked), a.cover(&asked) && b.cover(&asked));
                prop_assert_eq!(a.union(&b).cover(&asked), a.cover(&asked) || b.cover(&asked));
            }
        }

        #[test]
        fn the_coverers_of_a_scope_are_those_that_cover_it(held in "[ab](:[ab])?(:[ab*])?|\\*|keyctl:[ab](:a)?", asked in "[ab](:[ab])?(:[ab*])?|\\*|keyctl:[ab](:a)?") {
            if let (Ok(held), Ok(asked)) = (held.parse::<Scope>(), asked.parse::<Scope>()) {
                prop_assert_eq!(asked.coverers().contains(&held), held.covers(&asked));
            }
        }

        #[test]
        fn covering_is_transitive(a in "[ab](:[ab*])?", b in "[ab](:[ab*])?(:[ab])?", c in "[ab](:[ab])?(:[ab])?") {
            if let (Ok(a), Ok(b), Ok(c)) = (a.parse::<Scope>(), b.parse::<Scope>(), c.parse::<Scope>())
                && a.covers(&b) && b.covers(&c)
            {
                prop_assert!(a.covers(&c));
            }
        }
    }
}
