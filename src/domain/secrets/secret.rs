//! Provider secrets: what they are called, what they are for, and who may have them.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

pub use super::provider::Provider;
use super::sealed::{LONGEST_VALUE, MasterKeyId};
use crate::domain::id::{self, IdSeed, KeyId};
use crate::domain::keys::label::Labels;
use crate::domain::owners::owner::{NameError, Owner, check_name};
use crate::domain::random::{Random, RandomError};
use crate::domain::texts::text::CodePoint;
use crate::domain::time::{Span, Timestamp};

/// The stable id of a secret: `sec_` and 26 characters, as a key's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretId(u128);

const PREFIX: &str = "sec_";

impl SecretId {
    pub fn generate(now: Timestamp, random: &mut dyn Random) -> Result<Self, RandomError> {
        Ok(Self::at(now, IdSeed::draw(random)?))
    }

    /// The id of a secret created at `now`, of what was drawn before.
    pub fn at(now: Timestamp, seed: IdSeed) -> Self {
        Self(seed.at(now))
    }

    /// Reads an id as it is written; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        id::from_base32(text.strip_prefix(PREFIX)?).ok().map(Self)
    }
}

impl fmt::Display for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        f.write_str(str::from_utf8(&id::base32(self.0)).unwrap_or_default())
    }
}

impl Serialize for SecretId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a secret is called: 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit; unique among
/// the secrets that are not deleted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SecretName(String);

impl SecretName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A secret may be named by its id wherever one is meant that is there: another may have its name by then.
impl From<SecretId> for SecretName {
    fn from(id: SecretId) -> Self {
        Self(id.to_string())
    }
}

impl FromStr for SecretName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_name(text).map(|()| Self(text.to_owned()))
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A provider's secret in the clear. It is wiped when dropped, has no `Clone`, `Display` or
/// `Serialize`, and its `Debug` shows nothing of it.
pub struct SecretValue(Zeroizing<String>);

/// Why a text is no secret's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretValueError {
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
    /// Longer than 64 KiB.
    #[error("it is longer than 64 KiB")]
    TooLong,
    /// Not UTF-8.
    #[error("it is not UTF-8 text")]
    Encoding,
    /// A line end inside.
    #[error("it has more than one line")]
    Lines,
    /// A control character that is no line end.
    #[error("it contains the control character {0}")]
    Control(CodePoint),
    /// A blank at an end, where it cannot be seen.
    #[error("it begins or ends with a blank")]
    Blank,
}

impl SecretValue {
    /// Takes a value as it is: nothing is trimmed. Line ends inside are refused unless they are
    /// expected (`lines`), as in a PEM file.
    pub fn from_bytes(bytes: &[u8], lines: bool) -> Result<Self, SecretValueError> {
        if bytes.is_empty() {
            return Err(SecretValueError::Empty);
        }
        if bytes.len() > LONGEST_VALUE {
            return Err(SecretValueError::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|_| SecretValueError::Encoding)?;
        let is_line_end = |c: char| matches!(c, '\n' | '\r');
        if !lines && text.contains(is_line_end) {
            return Err(SecretValueError::Lines);
        }
        let control = |c: &char| c.is_control() && !(lines && (is_line_end(*c) || *c == '\t'));
        if let Some(found) = text.chars().find(control) {
            return Err(SecretValueError::Control(CodePoint(found)));
        }
        if !lines && text.trim() != text || text.trim().is_empty() {
            return Err(SecretValueError::Blank);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// Takes back what was sealed once.
    pub(crate) fn from_opened(bytes: &[u8]) -> Result<Self, SecretValueError> {
        Self::from_bytes(bytes, true)
    }

    /// The same behind a word, as a header has it.
    pub(crate) fn joined(before: &str, value: &Self) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(before.len() + value.0.len()));
        text.push_str(before);
        text.push_str(&value.0);
        Self(text)
    }

    /// The value itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(…)")
    }
}

/// How long before its end a secret is warned about.
pub const WARNED_BEFORE: Span = Span::days(14);

/// Whether a secret can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretState {
    Active,
    /// It can, and ends within 14 days.
    Expiring,
    Expired,
    /// It was deleted; its versions are still there.
    Deleted,
}

impl SecretState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
        }
    }

    /// Whether the value may be handed out.
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Active | Self::Expiring)
    }
}

/// How a secret comes to a new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretKind {
    /// Somebody sets it.
    Static,
    /// It is an access token, and the provider gives another one.
    OAuth,
    /// It has none: a token is got for whoever asks, and what is sealed says how.
    Federated,
}

impl SecretKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::OAuth => "oauth",
            Self::Federated => "federated",
        }
    }

    /// Reads back what a query says.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Static, Self::OAuth, Self::Federated].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A secret without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    pub id: SecretId,
    /// Whom it is for; this never changes.
    pub provider: Provider,
    pub name: SecretName,
    /// This never changes either.
    pub kind: SecretKind,
    pub labels: Labels,
    pub created_at: Timestamp,
    /// When that version ends at the provider; exclusive. That of a federated one has ended when it is made, so that readers
    /// which know of none find a secret that cannot be had.
    pub expires_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    /// The version that is handed out.
    pub version: u64,
    pub version_created_at: Timestamp,
    pub master_key_id: MasterKeyId,
    /// How many keys, owners and stores it is bound to.
    pub bindings: u64,
}

impl Secret {
    pub fn state(&self, now: Timestamp) -> SecretState {
        let ends_by =
            |time: Option<Timestamp>| self.expires_at.is_some_and(|end| time.is_some_and(|time| end <= time));
        if self.deleted_at.is_some() {
            SecretState::Deleted
        } else if self.kind == SecretKind::Federated {
            SecretState::Active
        } else if ends_by(Some(now)) {
            SecretState::Expired
        } else if self.kind == SecretKind::Static && ends_by(now.after(WARNED_BEFORE)) {
            SecretState::Expiring
        } else {
            SecretState::Active
        }
    }
}

/// One value that a secret has or had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVersion {
    /// From 1, without gaps while nothing is purged.
    pub version: u64,
    pub created_at: Timestamp,
    pub master_key_id: MasterKeyId,
    /// When it ends at the provider; exclusive.
    pub expires_at: Option<Timestamp>,
}

/// Who uses a secret. The nearest one decides: the key, its owner, the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Key(KeyId),
    /// All keys of an owner that have no binding of their own.
    Owner(Owner),
    /// All others.
    Store,
}

impl Subject {
    /// What kind it is, as it is stored.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Owner(_) => "owner",
            Self::Store => "store",
        }
    }

    /// Which one; empty for the store.
    pub fn id(&self) -> String {
        match self {
            Self::Key(id) => id.to_string(),
            Self::Owner(owner) => owner.as_str().to_owned(),
            Self::Store => String::new(),
        }
    }

    /// Reads the two parts back; `None` if they are none.
    pub fn parse(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "key" => id.parse().ok().map(Self::Key),
            "owner" => id.parse().ok().map(Self::Owner),
            "store" if id.is_empty() => Some(Self::Store),
            _ => None,
        }
    }
}

/// `key key_…`, `owner alice`, `the store's default`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => write!(f, "key {id}"),
            Self::Owner(owner) => write!(f, "owner {owner}"),
            Self::Store => f.write_str("the store's default"),
        }
    }
}

/// That a subject uses a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub subject: Subject,
    pub provider: Provider,
    pub secret: SecretId,
    pub name: SecretName,
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_as_it_is_or_refused() {
        let taken = |bytes: &[u8], lines| {
            SecretValue::from_bytes(bytes, lines).map(|value| value.expose().to_owned())
        };
        assert_eq!(taken(b"sk-ant-api03-x", false).as_deref(), Ok("sk-ant-api03-x"));
        assert_eq!(taken("ключ".as_bytes(), false).as_deref(), Ok("ключ"));
        assert_eq!(taken(b"-----BEGIN\nx\n-----END\n", true).as_deref(), Ok("-----BEGIN\nx\n-----END\n"));
        for (bytes, lines, error) in [
            (&b""[..], false, SecretValueError::Empty),
            ("x".repeat(LONGEST_VALUE + 1).as_bytes(), false, SecretValueError::TooLong),
            (b"\xff", false, SecretValueError::Encoding),
            (b"a\nb", false, SecretValueError::Lines),
            (b"a\n", false, SecretValueError::Lines),
            (b"a\rb", false, SecretValueError::Lines),
            (b"a\0b", true, SecretValueError::Control(CodePoint('\0'))),
            (b"a\tb", false, SecretValueError::Control(CodePoint('\t'))),
            (b" a", false, SecretValueError::Blank),
            (b"\n\n", true, SecretValueError::Blank),
        ] {
            assert_eq!(taken(bytes, lines), Err(error), "{bytes:?}");
        }
        assert!(taken("x".repeat(LONGEST_VALUE).as_bytes(), false).is_ok());
        let value = SecretValue::from_bytes(b"sk-planted", false).expect("a value");
        assert!(!format!("{value:?}").contains("planted"));
    }

    #[test]
    fn a_subject_reads_back() {
        let key = "key_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
        for subject in [Subject::Key(key), Subject::Owner("alice".parse().expect("an owner")), Subject::Store]
        {
            assert_eq!(Subject::parse(subject.kind(), &subject.id()), Some(subject));
        }
        for (kind, id) in [("key", "alice"), ("owner", ""), ("store", "x"), ("role", "reader"), ("", "")] {
            assert_eq!(Subject::parse(kind, id), None, "{kind} {id}");
        }
    }
}
