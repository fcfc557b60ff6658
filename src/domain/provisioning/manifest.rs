//! What a manifest declares.
//!
//! An attribute that a key's entry does not name is none: what somebody gave the key by hand is taken away. Of an owner,
//! which several manifests may share, it is left as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::policy_entry::PolicyEntry;
use super::sink::Sink;
use super::values::{Age, Moment, NoteText, TrustTtl};
use super::written::{Written, by_name, once};
use crate::domain::keys::key::Key;
use crate::domain::keys::label::{LabelError, Labels};
use crate::domain::keys::limit::{Quota, Rate};
use crate::domain::keys::network::{NetworkError, Networks};
use crate::domain::keys::rules::Broken;
use crate::domain::keys::scope::{ScopeError, Scopes};
use crate::domain::keys::token::Prefix;
use crate::domain::owners::owner::{KeyName, NameError, Owner, check_name};
use crate::domain::owners::role::RoleName;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::secrets::provider::Provider;
use crate::domain::secrets::secret::SecretName;
use crate::domain::time::{Expiry, Grace};
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::domain::trusts::terms::TrustName;

/// The name of a manifest: 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct ManifestName(Box<str>);

impl ManifestName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ManifestName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_name(text)?;
        Ok(Self(text.into()))
    }
}

impl fmt::Display for ManifestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `owner/name`
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeyPath {
    pub owner: Owner,
    pub name: KeyName,
}

/// Why a text names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyPathError {
    #[error("a key is written as owner/name")]
    NoSlash,
    #[error("its owner: {0}")]
    Owner(NameError),
    #[error(transparent)]
    Name(#[from] NameError),
}

impl KeyPath {
    pub(crate) fn of(key: &Key) -> Self {
        Self { owner: key.owner.clone(), name: key.name.clone() }
    }
}

impl FromStr for KeyPath {
    type Err = KeyPathError;

    fn from_str(text: &str) -> Result<Self, KeyPathError> {
        let (owner, name) = text.split_once('/').ok_or(KeyPathError::NoSlash)?;
        Ok(Self { owner: owner.parse().map_err(KeyPathError::Owner)?, name: name.parse()? })
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// Which secret is used for a provider; `None` for none.
pub(crate) type Bindings = BTreeMap<Provider, Option<Written<SecretName>>>;

/// One manifest, of one file or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "internals", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// What the keys that it makes belong to.
    #[serde(rename = "manifest")]
    pub name: Written<ManifestName>,
    /// What the store asks of all its keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyEntry>,
    /// Whose key names are scopes.
    #[serde(
        default,
        deserialize_with = "once",
        serialize_with = "by_name",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    #[cfg_attr(feature = "internals", schemars(with = "BTreeMap<String, RoleEntry>"))]
    pub roles: BTreeMap<RoleName, RoleEntry>,
    #[serde(
        default,
        deserialize_with = "once",
        serialize_with = "by_name",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    #[cfg_attr(feature = "internals", schemars(with = "BTreeMap<String, OwnerEntry>"))]
    pub owners: BTreeMap<Owner, OwnerEntry>,
    #[serde(
        default,
        deserialize_with = "once",
        serialize_with = "by_name",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    #[cfg_attr(feature = "internals", schemars(with = "BTreeMap<String, KeyEntry>"))]
    pub keys: BTreeMap<KeyPath, KeyEntry>,
    #[serde(
        default,
        deserialize_with = "once",
        serialize_with = "by_name",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    #[cfg_attr(feature = "internals", schemars(with = "BTreeMap<String, TrustEntry>"))]
    pub trusts: BTreeMap<TrustName, TrustEntry>,
    /// What everybody uses who has no nearer binding.
    #[serde(
        default,
        deserialize_with = "once",
        serialize_with = "by_name",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    #[cfg_attr(feature = "internals", schemars(with = "BTreeMap<String, Option<String>>"))]
    pub bind: Bindings,
}

/// What the keys with a role may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "internals", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleEntry {
    pub scopes: ScopeList,
    /// Lets `*` stand among the scopes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub allow_all: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "internals", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnerEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Written<OwnerSubject>>,
    /// What all its keys may spend together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Written<Quota>>,
    #[serde(
        default,
        deserialize_with = "once",
        serialize_with = "by_name",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    #[cfg_attr(feature = "internals", schemars(with = "BTreeMap<String, Option<String>>"))]
    pub bind: Bindings,
    /// What it was called before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Written<Owner>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "internals", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyEntry {
    #[serde(default, skip_serializing_if = "ScopeList::is_empty")]
    pub scopes: ScopeList,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Written<RoleName>>,
    /// Lets `*` stand among the scopes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub allow_all: bool,
    /// A duration from its making, and from each rotation by the policy; a day, a time, or never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Written<Expiry>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Written<Moment>>,
    /// At which age a token is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotate_after: Option<Written<Age>>,
    /// How long the token before works then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<Written<Grace>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Written<Rate>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Written<Quota>>,
    #[serde(default, skip_serializing_if = "NetworkList::is_empty")]
    pub allow_ip: NetworkList,
    #[serde(default, skip_serializing_if = "LabelMap::is_empty")]
    pub labels: LabelMap,
    /// The key whose child it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Written<KeyPath>>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub allow_jwt: bool,
    /// For people, on one line; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Written<NoteText>>,
    /// What its tokens start with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Written<Prefix>>,
    #[serde(
        default,
        deserialize_with = "once",
        serialize_with = "by_name",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    #[cfg_attr(feature = "internals", schemars(with = "BTreeMap<String, Option<String>>"))]
    pub bind: Bindings,
    /// Where its tokens go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sinks: Vec<Sink>,
    /// What it was called before, of the same owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Written<KeyName>>,
}

/// Whose tokens of a CI get short-lived ones of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "internals", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustEntry {
    pub issuer: Written<Issuer>,
    pub audience: Written<Audience>,
    /// What such a token must say.
    #[serde(deserialize_with = "once")]
    #[cfg_attr(feature = "internals", schemars(with = "BTreeMap<String, String>"))]
    pub claims: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub any_ref: bool,
    pub owner: Written<Owner>,
    #[serde(default, skip_serializing_if = "ScopeList::is_empty")]
    pub scopes: ScopeList,
    /// Lets `*` stand among the scopes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub allow_all: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Written<RoleName>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Written<TrustTtl>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Written<Expiry>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A list of texts that are one value together.
macro_rules! list {
    ($(#[$doc:meta])* $name:ident, $value:ty, $error:ty, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "Vec<Written<String>>", into = "Vec<String>")]
        #[cfg_attr(feature = "internals", derive(schemars::JsonSchema), schemars(with = "Vec<String>", inline))]
        pub(crate) struct $name {
            pub value: $value,
            texts: Vec<String>,
        }

        impl $name {
            fn is_empty(&self) -> bool {
                self.texts.is_empty()
            }

            pub(crate) fn of(texts: Vec<String>) -> Result<Self, $error> {
                let parse: fn(&[String]) -> Result<$value, $error> = $parse;
                Ok(Self { value: parse(&texts)?, texts })
            }
        }

        impl TryFrom<Vec<Written<String>>> for $name {
            type Error = $error;

            fn try_from(texts: Vec<Written<String>>) -> Result<Self, $error> {
                Self::of(texts.into_iter().map(|text| text.value).collect())
            }
        }

        impl From<$name> for Vec<String> {
            fn from(list: $name) -> Self {
                list.texts
            }
        }
    };
}

list!(
    /// Scopes, as in `[memories, files:*]`.
    ScopeList, Scopes, ScopeError, |texts| Scopes::parse_lists(texts.iter().map(String::as_str))
);

list!(
    /// Networks and addresses.
    NetworkList, Networks, NetworkError, |texts| Networks::parse_lists(texts.iter().map(String::as_str))
);

/// Labels by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "LabelTexts", into = "BTreeMap<String, String>")]
#[cfg_attr(
    feature = "internals",
    derive(schemars::JsonSchema),
    schemars(with = "BTreeMap<String, String>", inline)
)]
pub(crate) struct LabelMap(pub Labels);

impl LabelMap {
    fn is_empty(&self) -> bool {
        self.0.iter().next().is_none()
    }
}

/// As they are written, each name once.
#[derive(Deserialize)]
#[serde(transparent)]
struct LabelTexts(#[serde(deserialize_with = "once")] BTreeMap<String, Written<String>>);

impl TryFrom<LabelTexts> for LabelMap {
    type Error = LabelError;

    fn try_from(LabelTexts(labels): LabelTexts) -> Result<Self, LabelError> {
        let texts: Vec<_> =
            labels.into_iter().map(|(name, value)| format!("{name}={}", value.value)).collect();
        Labels::parse_all(texts.iter().map(String::as_str)).map(Self)
    }
}

impl From<LabelMap> for BTreeMap<String, String> {
    fn from(labels: LabelMap) -> Self {
        labels.0.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// What of a manifest cannot be, whatever the store holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {problem}")]
pub(crate) struct Fault {
    /// Which entry: `keys`, and its name.
    pub section: &'static str,
    pub entry: String,
    what: String,
    problem: String,
    /// Whether it is the store's policy that it breaks: a manifest for another store.
    pub is_policy: bool,
}

impl Fault {
    /// What is wrong with an entry.
    pub(crate) fn at(section: &'static str, entry: impl fmt::Display, problem: impl Into<String>) -> Self {
        let what = match section {
            "roles" => format!("role {entry}"),
            "owners" => format!("owner {entry}"),
            "keys" => format!("key {entry}"),
            "trusts" => format!("trust {entry}"),
            _ => section.to_owned(),
        };
        Self { section, entry: entry.to_string(), what, problem: problem.into(), is_policy: false }
    }

    /// A key, of itself or of a trust, that the store's policy forbids.
    pub(crate) fn against_policy(section: &'static str, entry: impl fmt::Display, broken: &Broken) -> Self {
        Self { is_policy: true, ..Self::at(section, entry, broken.to_string()) }
    }

    fn of(path: &KeyPath, problem: impl Into<String>) -> Self {
        Self {
            section: "keys",
            entry: path.to_string(),
            what: format!("key {path}"),
            problem: problem.into(),
            is_policy: false,
        }
    }
}

impl Manifest {
    /// Adds the entries of another file of the same manifest.
    pub(crate) fn join(&mut self, other: Self) -> Result<(), Fault> {
        fn all<K: Ord + fmt::Display, V>(
            into: &mut BTreeMap<K, V>,
            from: BTreeMap<K, V>,
            section: &'static str,
        ) -> Result<(), Fault> {
            for (name, value) in from {
                if into.contains_key(&name) {
                    let (entry, what) = (name.to_string(), format!("{section}: {name}"));
                    return Err(Fault {
                        section,
                        entry,
                        what,
                        problem: "it stands in another file, too".into(),
                        is_policy: false,
                    });
                }
                into.insert(name, value);
            }
            Ok(())
        }
        if let Some(policy) = other.policy
            && self.policy.replace(policy).is_some()
        {
            return Err(Fault::at("policy", "policy", "it stands in another file, too"));
        }
        all(&mut self.roles, other.roles, "roles")?;
        all(&mut self.owners, other.owners, "owners")?;
        all(&mut self.keys, other.keys, "keys")?;
        all(&mut self.trusts, other.trusts, "trusts")?;
        all(&mut self.bind, other.bind, "bind")
    }

    /// Checks what one entry says of another.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let mut renamed: BTreeSet<&Owner> = BTreeSet::new();
        for (name, owner) in &self.owners {
            let Some(was) = owner.was.as_ref().map(|was| &was.value) else { continue };
            if self.owners.contains_key(was) {
                return Err(Fault::at("owners", name, format!("{was}, which it was, is declared as well")));
            }
            if !renamed.insert(was) {
                return Err(Fault::at("owners", name, format!("another owner was {was}, too")));
            }
        }
        let mut taken: BTreeSet<(&Owner, &KeyName)> = BTreeSet::new();
        for (path, key) in &self.keys {
            if let Some(was) = &key.was {
                let before = KeyPath { owner: path.owner.clone(), name: was.value.clone() };
                if self.keys.contains_key(&before) {
                    return Err(Fault::of(path, format!("{before}, which it was, is declared as well")));
                }
                if !taken.insert((&path.owner, &was.value)) {
                    return Err(Fault::of(path, format!("another key was {before}, too")));
                }
            }
            let Some(parent) = key.parent.as_ref().map(|parent| &parent.value) else { continue };
            if parent == path {
                return Err(Fault::of(path, "it is its own parent"));
            }
            if self.keys.get(parent).is_some_and(|parent| parent.parent.is_some()) {
                return Err(Fault::of(
                    path,
                    format!("its parent {parent} has a parent itself: keys have one level of children"),
                ));
            }
        }
        for (path, key) in &self.keys {
            if key.rotate_after.is_some() && key.sinks.is_empty() {
                return Err(Fault::of(path, "rotate_after without a sink: nobody would get the new token"));
            }
            if let Some(sink) = key
                .sinks
                .iter()
                .enumerate()
                .find_map(|(i, sink)| key.sinks[..i].contains(sink).then_some(sink))
            {
                return Err(Fault::of(path, format!("the sink {sink} stands there twice")));
            }
        }
        self.check_shared_sinks()
    }

    /// Two keys that go to one place would take turns there.
    fn check_shared_sinks(&self) -> Result<(), Fault> {
        let mut by_place: BTreeMap<&str, Vec<(&KeyPath, &Sink)>> = BTreeMap::new();
        for (path, key) in &self.keys {
            for sink in &key.sinks {
                let place = sink.path().map_or(sink.kind(), |path| path.as_str());
                let there = by_place.entry(place).or_default();
                // Commands are many keys', and clash with none.
                if sink.path().is_none() && sink.kind() == "command" {
                    continue;
                }
                let other = there.iter().find(|(owner, other)| *owner != path && sink.clashes_with(other));
                if let Some((other, _)) = other {
                    return Err(Fault::of(path, format!("the sink {sink} cannot be shared with {other}")));
                }
                there.push((path, sink));
            }
        }
        Ok(())
    }
}

/// The JSON Schema of manifests, for editors: of the types here.
#[cfg(feature = "internals")]
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(Manifest);
    schema.insert("title".to_owned(), "A manifest of keyctl".into());
    // Strings, numbers and maps with string keys: serializing them cannot fail.
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}
