//! Under which id services know an owner, and which name an owner gets of such an id.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::owner::Owner;
use crate::domain::texts::text::CodePoint;

/// The id that services get as principal, and that a user's data stand under: `auth0|5f7c…`,
/// `user_2abC`, `Alice`; the owner's name unless it was set.
///
/// 1 to 255 visible ASCII characters (`!` to `~`), whose case counts. It is no other owner's name or
/// subject. (Whom a provider's secret is bound to is another thing: `domain::secrets::secret::Subject`.)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerSubject(Arc<str>);

/// Why a text is no subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// Nothing.
    #[error("it is empty")]
    Empty,
    /// Too many characters.
    #[error("it has {0} characters, at most {LONGEST} are allowed")]
    TooLong(usize),
    /// A blank, or anything outside ASCII.
    #[error("it contains {0}: allowed are the visible characters of ASCII")]
    Alphabet(CodePoint),
}

const LONGEST: usize = 255;

impl OwnerSubject {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What has to be kept of it beside the name: nothing where it is the name.
    pub(crate) fn beside(&self, name: &Owner) -> Option<&str> {
        (self != name).then_some(&*self.0)
    }
}

impl Serialize for OwnerSubject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl FromStr for OwnerSubject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        if text.is_empty() {
            return Err(SubjectError::Empty);
        }
        if let Some(odd) = text.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(SubjectError::Alphabet(CodePoint(odd)));
        }
        if text.len() > LONGEST {
            return Err(SubjectError::TooLong(text.len()));
        }
        Ok(Self(text.into()))
    }
}

/// Every name is a subject, too.
impl From<&Owner> for OwnerSubject {
    fn from(name: &Owner) -> Self {
        Self(name.shared())
    }
}

impl PartialEq<Owner> for OwnerSubject {
    fn eq(&self, name: &Owner) -> bool {
        *self.0 == *name.as_str()
    }
}

impl fmt::Display for OwnerSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a name is made of where the id has no letter and no digit.
const NAMELESS: &str = "owner";

/// Characters of a name, and of one with a number behind it.
const LONGEST_NAME: usize = 64;
const LONGEST_BASE: usize = LONGEST_NAME - 1 - 8;

/// The name that an owner gets who is known elsewhere under this id: the id itself where it can be a
/// name, else in lower case with `-` for all that no name has, cut to 64 characters. `None` where
/// nothing is left of it.
pub fn name_of(id: &str) -> Option<Owner> {
    let lower = id.to_lowercase();
    lower.parse().ok().or_else(|| slug(&lower, LONGEST_NAME).parse().ok())
}

/// The same with eight hex digits of the id's SHA-256 behind it, for an id whose plain name is
/// another owner's. It follows from the id alone, so that an import comes to the same again.
pub fn numbered_name_of(id: &str, digest: [u8; 32]) -> Option<Owner> {
    let base = slug(&id.to_lowercase(), LONGEST_BASE);
    let base = if base.is_empty() { NAMELESS } else { &base };
    let [a, b, c, d, ..] = digest;
    format!("{base}-{:08x}", u32::from_be_bytes([a, b, c, d])).parse().ok()
}

pub(in crate::domain) fn slug(lower: &str, longest: usize) -> String {
    const MARKS: [char; 3] = ['-', '.', '_'];
    let mut slug = String::new();
    for c in lower.chars() {
        if c.is_ascii_alphanumeric() || c == '.' || c == '_' {
            slug.push(c);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_matches(MARKS).chars().take(longest).collect();
    let slug = slug.trim_end_matches(MARKS);
    // Names that begin so are kept for the ids of keys.
    slug.strip_prefix("key_").map_or_else(|| slug.to_owned(), |rest| format!("key-{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_visible_ascii_and_keeps_its_case() {
        let longest = "x".repeat(255);
        for text in
            ["alice", "Alice", "auth0|5f7c8ec7c33c6c004bbafe82", "user_2abC", "!", "~", "a/b:c", &longest]
        {
            assert_eq!(text.parse::<OwnerSubject>().expect(text).as_str(), text);
        }
        let error = |text: &str| text.parse::<OwnerSubject>().expect_err(text);
        assert_eq!(error(""), SubjectError::Empty);
        assert_eq!(error(&"x".repeat(256)), SubjectError::TooLong(256));
        for (text, odd) in
            [("a b", ' '), (" a", ' '), ("a\n", '\n'), ("zo\u{eb}", '\u{eb}'), ("a\u{7f}", '\u{7f}')]
        {
            assert_eq!(error(text), SubjectError::Alphabet(CodePoint(odd)), "{text:?}");
        }
    }

    #[test]
    fn a_name_follows_from_the_id() {
        let long = "A".repeat(100);
        for (id, name) in [
            ("alice", Some("alice")),
            ("Alice", Some("alice")),
            ("Alice@Example.org", Some("alice@example.org")),
            ("user_2abC", Some("user_2abc")),
            ("auth0|5f7C", Some("auth0-5f7c")),
            ("google-oauth2|1078|x", Some("google-oauth2-1078-x")),
            ("key_1", Some("key-1")),
            ("KEY_key_1", Some("key-key_1")),
            ("_A.", Some("a")),
            ("  \u{dc}n\u{ef}code / x ", Some("n-code-x")),
            (&long, Some(&*"a".repeat(64))),
            ("|||", None),
            ("", None),
        ] {
            assert_eq!(name_of(id).map(|name| name.to_string()).as_deref(), name, "{id:?}");
        }
    }

    #[test]
    fn a_numbered_name_is_a_name_whatever_the_id() {
        let numbered = |id: &str| numbered_name_of(id, [0xab; 32]).expect(id).to_string();
        assert_eq!(numbered("Alice"), "alice-abababab");
        assert_eq!(numbered("Alice@Example.org"), "alice-example.org-abababab");
        assert_eq!(numbered("|||"), "owner-abababab");
        assert_eq!(numbered(&"K".repeat(255)).len(), 64);
    }

    proptest::proptest! {
        #[test]
        fn every_subject_gives_a_name(id in "[!-~]{1,255}") {
            proptest::prop_assert!(numbered_name_of(&id, [7; 32]).is_some(), "{}", id);
        }
    }
}
