//! Whom an assertion is about.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::domain::owners::owner::Owner;
use crate::domain::secrets::secret::SecretName;
use crate::domain::texts::text::CodePoint;

/// `keyctl:{store}:{secret}`: what stands in `sub`, of which a provider's rule says what it admits.
///
/// Rules match prefixes, too: `agents:alice*` admits `agents:alice-evil`. So an owner, whose name others choose, stands
/// between delimiters that no name has: `agents:{owner}:`, for which the rule is `agents:alice:*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubjectTemplate(Box<str>);

/// Why a text is no template of a subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SubjectError {
    #[error("a subject is not empty")]
    Empty,
    #[error("a subject has at most {LONGEST} characters")]
    TooLong,
    #[error("a subject has letters, digits and . _ - + @ = : / alone, and {0} is none of them")]
    Character(CodePoint),
    #[error(
        "in a subject {{store}}, {{secret}} and {{owner}} are filled in, and nothing else stands in braces"
    )]
    Placeholder,
    /// `agents:{owner}` of alice would begin as that of alice-evil does.
    #[error(
        "{{owner}} stands between : or / on both sides, as in agents:{{owner}}: since a provider that matches prefixes \
         would take alice-evil for alice"
    )]
    Unfenced,
}

const LONGEST: usize = 128;
const OWNER: &str = "{owner}";

/// What a subject is filled in with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    /// The store's UUID.
    pub store: &'a str,
    pub secret: &'a SecretName,
    pub owner: &'a Owner,
}

impl SubjectTemplate {
    /// What it is where nobody says otherwise.
    pub(crate) const DEFAULT: &str = "keyctl:{store}:{secret}";

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// None of the values has a brace, so that none is filled in itself.
    pub(crate) fn filled(&self, about: &About<'_>) -> String {
        self.0
            .replace("{store}", about.store)
            .replace("{secret}", about.secret.as_str())
            .replace(OWNER, about.owner.as_str())
    }
}

impl Default for SubjectTemplate {
    fn default() -> Self {
        Self(Self::DEFAULT.into())
    }
}

impl FromStr for SubjectTemplate {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        if text.is_empty() {
            return Err(SubjectError::Empty);
        }
        if text.len() > LONGEST {
            return Err(SubjectError::TooLong);
        }
        let mut rest = text;
        let mut before = None;
        while let Some(c) = rest.chars().next() {
            let length = if c == '{' {
                let (length, is_owner) = placeholder(rest)?;
                let fenced = [before, rest[length..].chars().next()];
                if is_owner && !fenced.iter().all(|c| matches!(c, Some(':' | '/'))) {
                    return Err(SubjectError::Unfenced);
                }
                length
            } else if c == '}' {
                return Err(SubjectError::Placeholder);
            } else if c.is_ascii_alphanumeric() || "._-+@=:/".contains(c) {
                1
            } else {
                return Err(SubjectError::Character(CodePoint(c)));
            };
            before = rest[..length].chars().next_back();
            rest = &rest[length..];
        }
        Ok(Self(text.into()))
    }
}

/// How long the placeholder is that a text begins with, and whether it is the owner.
fn placeholder(text: &str) -> Result<(usize, bool), SubjectError> {
    let known = ["{store}", "{secret}", OWNER].into_iter().find(|known| text.starts_with(known));
    known.map(|known| (known.len(), known == OWNER)).ok_or(SubjectError::Placeholder)
}

impl fmt::Display for SubjectTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for SubjectTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, owner: &str) -> String {
        let secret = "claude".parse().expect("a name");
        let owner = owner.parse().expect("an owner");
        let about = About { store: "3f2a", secret: &secret, owner: &owner };
        template.parse::<SubjectTemplate>().expect(template).filled(&about)
    }

    #[test]
    fn a_template_is_filled_in_once() {
        assert_eq!(filled(SubjectTemplate::DEFAULT, "alice"), "keyctl:3f2a:claude");
        assert_eq!(filled("agents/{owner}/{secret}", "alice@a.example"), "agents/alice@a.example/claude");
        assert_eq!(filled("spiffe://a.example/ci", "alice"), "spiffe://a.example/ci");
    }

    #[test]
    fn no_owner_s_subject_begins_as_another_s_does() {
        for template in ["agents:{owner}:", "a/{owner}/b", "{store}:{owner}:{secret}"] {
            let (alice, evil) = (filled(template, "alice"), filled(template, "alice-evil"));
            let until_owner = &alice[..=alice.find("alice").expect("an owner") + "alice".len()];
            assert!(alice.starts_with(until_owner) && !evil.starts_with(until_owner), "{template}");
        }
    }

    #[test]
    fn each_fault_has_its_own_error() {
        for (template, error) in [
            ("", SubjectError::Empty),
            ("{owner}", SubjectError::Unfenced),
            ("agents:{owner}", SubjectError::Unfenced),
            ("{owner}:a", SubjectError::Unfenced),
            ("agents:{owner}-x", SubjectError::Unfenced),
            ("agents-{owner}:", SubjectError::Unfenced),
            ("a:{owner}{secret}", SubjectError::Unfenced),
            ("a:{secret}{owner}:", SubjectError::Unfenced),
            ("a:{key}", SubjectError::Placeholder),
            ("a:{owner", SubjectError::Placeholder),
            ("a:}", SubjectError::Placeholder),
            ("a:{{owner}}:", SubjectError::Placeholder),
            ("alice*", SubjectError::Character(CodePoint('*'))),
            ("a b", SubjectError::Character(CodePoint(' '))),
            ("a\"", SubjectError::Character(CodePoint('"'))),
            ("é", SubjectError::Character(CodePoint('é'))),
        ] {
            assert_eq!(template.parse::<SubjectTemplate>(), Err(error), "{template}");
        }
        assert_eq!("a".repeat(LONGEST + 1).parse::<SubjectTemplate>(), Err(SubjectError::TooLong));
    }
}
