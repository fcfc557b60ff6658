//! Where a fresh token goes: one entry of a manifest's `sinks`.
//!
//! ```yaml
//! - file: tokens/alice
//! - dotenv: {path: app/.env, name: ALICE_KEY}
//! - github_output: {name: alice_key}
//! - gitlab_dotenv: {path: build.env, name: ALICE_KEY}
//! - kubernetes: {path: secret.yaml, name: alice-key, namespace: prod, key: token}
//! - mem0: {path: api_keys.json, user: alice}
//! - command: bao
//! ```
//!
//! Nothing in a sink is secret, and no error repeats what stands in one where that may be.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::domain::owners::subject::OwnerSubject;
use crate::domain::texts::text::{CodePoint, is_hidden};
use crate::domain::texts::{leak, misplaced};

/// Where a fresh token goes.
///
/// Its `Display` is its identity: what is remembered of a key as "delivered to", the same for the
/// same place however the manifest spells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sink {
    /// A file that holds the token and nothing else.
    File(SinkPath),
    /// One variable of an `.env` file.
    Dotenv { path: SinkPath, name: VariableName },
    /// An output of the step of a GitHub workflow that runs keyctl.
    GithubOutput { name: OutputName },
    /// One variable of the file that a GitLab job hands on as `artifacts:reports:dotenv`.
    GitlabDotenv { path: SinkPath, name: VariableName },
    /// One key of a Kubernetes Secret's manifest.
    Kubernetes { path: SinkPath, name: ObjectName, namespace: Option<NamespaceName>, key: DataKey },
    /// One user's key in Mem0's `API_KEYS`.
    Mem0 { path: SinkPath, user: OwnerSubject },
    /// A command that the configuration file names; it reads the token from standard input.
    Command(CommandName),
}

/// A kind of sink as it is written, with its fields: those that must be there, and those that may.
pub struct Kind {
    pub name: &'static str,
    /// None where a text follows, and no fields.
    pub fields: &'static [&'static str],
    pub optional: &'static [&'static str],
}

/// Every kind, in the order of the documentation.
pub const KINDS: [Kind; 7] = [
    Kind { name: "file", fields: &[], optional: &[] },
    Kind { name: "dotenv", fields: &["path", "name"], optional: &[] },
    Kind { name: "github_output", fields: &["name"], optional: &[] },
    Kind { name: "gitlab_dotenv", fields: &["path", "name"], optional: &[] },
    Kind { name: "kubernetes", fields: &["path", "name", "key"], optional: &["namespace"] },
    Kind { name: "mem0", fields: &["path", "user"], optional: &[] },
    Kind { name: "command", fields: &[], optional: &[] },
];

/// One of [`KINDS`], with its fields.
#[cfg(feature = "internals")]
impl schemars::JsonSchema for Sink {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Sink".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let text = serde_json::json!({ "type": "string" });
        let kinds = KINDS.iter().map(|kind| {
            let fields = kind.fields.iter().chain(kind.optional);
            let fields: serde_json::Map<_, _> = fields.map(|field| ((*field).to_owned(), text.clone())).collect();
            let value = if fields.is_empty() {
                text.clone()
            } else {
                serde_json::json!({
                    "type": "object", "properties": fields, "required": kind.fields, "additionalProperties": false
                })
            };
            serde_json::json!({
                "type": "object", "properties": { kind.name: value }, "required": [kind.name],
                "additionalProperties": false
            })
        });
        let kinds: Vec<_> = kinds.collect();
        schemars::json_schema!({ "description": "Where a token goes.", "oneOf": kinds })
    }
}

impl Sink {
    /// How its kind is written.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Dotenv { .. } => "dotenv",
            Self::GithubOutput { .. } => "github_output",
            Self::GitlabDotenv { .. } => "gitlab_dotenv",
            Self::Kubernetes { .. } => "kubernetes",
            Self::Mem0 { .. } => "mem0",
            Self::Command(_) => "command",
        }
    }

    /// The file below the root, where it is one.
    pub fn path(&self) -> Option<&SinkPath> {
        match self {
            Self::File(path)
            | Self::Dotenv { path, .. }
            | Self::GitlabDotenv { path, .. }
            | Self::Kubernetes { path, .. }
            | Self::Mem0 { path, .. } => Some(path),
            Self::GithubOutput { .. } | Self::Command(_) => None,
        }
    }

    /// Whether two keys cannot have these two: what one is given would take the place of the other's.
    /// A command may be many keys': it is told whose token it gets.
    pub fn clashes_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Command(_), Self::Command(_)) => false,
            (Self::Kubernetes { path, name, namespace, key }, Self::Kubernetes { .. }) => match other {
                // One file holds one Secret.
                Self::Kubernetes { path: at, name: n, namespace: s, key: k } => {
                    path == at && (key == k || name != n || namespace != s)
                }
                _ => false,
            },
            (Self::Mem0 { path, .. }, Self::Dotenv { path: at, name })
            | (Self::Dotenv { path: at, name }, Self::Mem0 { path, .. }) => {
                path == at && name.as_str() == crate::domain::imports::mem0::VARIABLE
            }
            _ if self.kind() == other.kind() => self == other,
            _ => self.path().is_some() && self.path() == other.path(),
        }
    }
}

/// Its identity.
impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.kind())?;
        match self {
            Self::File(path) => write!(f, "{path}"),
            Self::Dotenv { path, name } | Self::GitlabDotenv { path, name } => write!(f, "{path}#{name}"),
            Self::GithubOutput { name } => write!(f, "{name}"),
            Self::Kubernetes { path, name, namespace: None, key } => write!(f, "{path}#{name}/{key}"),
            Self::Kubernetes { path, name, namespace: Some(namespace), key } => {
                write!(f, "{path}#{namespace}/{name}/{key}")
            }
            Self::Mem0 { path, user } => write!(f, "{path}#{}", user.as_str()),
            Self::Command(name) => write!(f, "{name}"),
        }
    }
}

/// As a manifest has it.
impl Serialize for Sink {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields: Vec<(&str, &str)> = match self {
            Self::File(path) => return one(serializer, self.kind(), path.as_str()),
            Self::Command(name) => return one(serializer, self.kind(), name.as_str()),
            Self::Dotenv { path, name } | Self::GitlabDotenv { path, name } => {
                vec![("path", path.as_str()), ("name", name.as_str())]
            }
            Self::GithubOutput { name } => vec![("name", name.as_str())],
            Self::Kubernetes { path, name, namespace, key } => {
                let mut fields = vec![("path", path.as_str()), ("name", name.as_str())];
                fields.extend(namespace.iter().map(|namespace| ("namespace", namespace.as_str())));
                fields.push(("key", key.as_str()));
                fields
            }
            Self::Mem0 { path, user } => vec![("path", path.as_str()), ("user", user.as_str())],
        };
        one(serializer, self.kind(), &Fields(fields))
    }
}

fn one<S: Serializer>(
    serializer: S,
    kind: &str,
    value: &(impl Serialize + ?Sized),
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(kind, value)?;
    map.end()
}

/// In their order.
struct Fields<'s>(Vec<(&'s str, &'s str)>);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// A file below `--sink-root`: relative, and never above it. `./` and doubled `/` are left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SinkPath(String);

/// Why a text is no path of a sink. None repeats it: it may be a token in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinkPathError {
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {LONGEST_PATH} bytes")]
    TooLong,
    #[error("it is absolute: write it as it is below --sink-root")]
    Absolute,
    #[error("it has .. in it, which could lead out of --sink-root")]
    Above,
    #[error("it begins with ~, which stands for nothing here: write it as it is below --sink-root")]
    Home,
    #[error("it ends with /: name a file, not a folder")]
    Folder,
    #[error("it contains {0}")]
    Character(CodePoint),
    #[error("it has the form of a key or password, which has no place in a manifest")]
    Secret,
}

const LONGEST_PATH: usize = 1024;

impl SinkPath {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn as_path(&self) -> &Path {
        Path::new(&self.0)
    }

    /// The folders that lead to it, from the root on.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.rsplit_once('/').map(|(folders, _)| folders.split('/')).into_iter().flatten()
    }

    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name)
    }
}

impl FromStr for SinkPath {
    type Err = SinkPathError;

    fn from_str(text: &str) -> Result<Self, SinkPathError> {
        if text.is_empty() {
            return Err(SinkPathError::Empty);
        }
        if misplaced::is_no_path(text) || leak::secret_in(text).is_some() {
            return Err(SinkPathError::Secret);
        }
        if text.len() > LONGEST_PATH {
            return Err(SinkPathError::TooLong);
        }
        // A # parts path and name in an identity.
        if let Some(odd) = text.chars().find(|c| is_hidden(*c) || *c == '#') {
            return Err(SinkPathError::Character(CodePoint(odd)));
        }
        if text.starts_with('/') {
            return Err(SinkPathError::Absolute);
        }
        if text.starts_with('~') {
            return Err(SinkPathError::Home);
        }
        if text.ends_with('/') {
            return Err(SinkPathError::Folder);
        }
        let parts: Vec<&str> = text.split('/').filter(|part| !["", "."].contains(part)).collect();
        if parts.contains(&"..") {
            return Err(SinkPathError::Above);
        }
        if text.ends_with("/.") || parts.is_empty() {
            return Err(SinkPathError::Folder);
        }
        Ok(Self(parts.join("/")))
    }
}

impl fmt::Display for SinkPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes a name: a text of one form, which is said where it is not kept.
macro_rules! name {
    ($(#[$meta:meta])* $name:ident, $what:literal, $is:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let is: fn(&str) -> bool = $is;
                // A secret is not kept under any name, though it may have the form of one.
                if leak::secret_in(text).is_some() {
                    return Err(NameError::Secret);
                }
                if is(text) { Ok(Self(text.to_owned())) } else { Err(NameError::Form($what)) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// Why a text is not the name that is wanted. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("allowed are {0}")]
    Form(&'static str),
    #[error("it has the form of a key or password, which has no place in a manifest")]
    Secret,
}

/// Letters, digits and the other characters, between 1 and so many.
fn is_made_of(text: &str, others: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

fn begins_with(text: &str, may: impl Fn(u8) -> bool) -> bool {
    text.bytes().next().is_some_and(may)
}

/// RFC 1123: what Kubernetes takes for one label of a name.
fn is_label(text: &str) -> bool {
    let outer = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    is_made_of(text, "-", 63)
        && !text.bytes().any(|byte| byte.is_ascii_uppercase())
        && outer(text.bytes().next())
        && outer(text.bytes().last())
}

name!(
    /// What every shell and every reader of `.env` files takes for a variable's name.
    VariableName,
    "1 to 128 of A-Z a-z 0-9 and _, first no digit, as in ALICE_KEY",
    |text| is_made_of(text, "_", 128) && !begins_with(text, |byte| byte.is_ascii_digit())
);

name!(
    /// An output of a step: what `steps.ID.outputs.NAME` can name.
    OutputName,
    "1 to 128 of A-Z a-z 0-9 _ and -, first a letter or _, as in alice_key",
    |text| is_made_of(text, "_-", 128)
        && begins_with(text, |byte| byte.is_ascii_alphabetic() || byte == b'_')
);

name!(
    /// The name of a Secret: a DNS subdomain (RFC 1123), as Kubernetes demands.
    ObjectName,
    "1 to 253 of a-z 0-9 - and ., first and last a letter or digit, as in alice-key",
    |text| text.len() <= 253 && text.split('.').all(is_label)
);

name!(
    /// A namespace: a DNS label (RFC 1123).
    NamespaceName,
    "1 to 63 of a-z 0-9 and -, first and last a letter or digit, as in prod",
    is_label
);

name!(
    /// A key of a Secret's data, which may become a file's name.
    DataKey,
    "1 to 253 of A-Z a-z 0-9 - _ and ., and neither . nor .., as in token",
    |text| is_made_of(text, "-_.", 253) && text != "." && !text.starts_with("..")
);

name!(
    /// A command as the configuration file names it.
    CommandName,
    "1 to 64 of A-Z a-z 0-9 . _ and -, first a letter or digit, as in bao",
    |text| is_made_of(text, "._-", 64) && begins_with(text, |byte| byte.is_ascii_alphanumeric())
);
