//! Master keys: what is known of them, and what they open.

use serde::Serialize;

use super::key::moment;
use super::{Field, Screen, Tone, View};
use crate::domain::secrets::sealed::MasterKeyId;
use crate::domain::secrets::secret::{Provider, SecretName};
use crate::domain::time::Timestamp;
use crate::domain::tokens::kid::Kid;
use crate::ops::master_keys::check::{Checked, Finding, Sealed};
use crate::ops::master_keys::lost::Lost;
use crate::ops::master_keys::rotate::Rotated;
use crate::ops::master_keys::status::{Known, LoadedAs};

#[derive(Serialize)]
struct KnownJson {
    id: MasterKeyId,
    state: &'static str,
    loaded: Option<&'static str>,
    versions: u64,
    signing_keys: u64,
    encryptions: u64,
    from_passphrase: bool,
    registered_at: Timestamp,
    retired_at: Option<Timestamp>,
}

fn state(known: &Known) -> &'static str {
    if known.row.retired_at.is_some() { "retired" } else { "in_use" }
}

impl View for Known {
    fn json(&self) -> impl Serialize {
        KnownJson {
            id: self.row.id,
            state: state(self),
            loaded: self.loaded.map(LoadedAs::as_str),
            versions: self.row.versions,
            signing_keys: self.row.signing_keys,
            encryptions: self.row.encryptions,
            from_passphrase: self.row.derivation.is_some(),
            registered_at: self.row.registered_at,
            retired_at: self.row.retired_at,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let tone = if self.row.retired_at.is_some() { Tone::Dim } else { Tone::Good };
        let loaded = self.loaded.map(LoadedAs::as_str);
        vec![
            Field::new("master_key", self.row.id.to_string()),
            Field::new("state", state(self)).tone(tone),
            Field::new("loaded", loaded.unwrap_or_default()).human(loaded.unwrap_or("no")),
            Field::new("versions", self.row.versions.to_string()),
            Field::new("signing_keys", self.row.signing_keys.to_string()),
            Field::new("encryptions", self.row.encryptions.to_string()).extra(),
            moment("registered_at", Some(self.row.registered_at), "", screen).extra(),
            moment("retired_at", self.row.retired_at, "", screen).extra(),
            Field::new("from_passphrase", self.row.derivation.is_some().to_string()).extra(),
        ]
    }
}

#[derive(Serialize)]
struct CheckedJson<'c> {
    name: Option<&'c SecretName>,
    provider: Option<&'c Provider>,
    version: Option<u64>,
    master_key: MasterKeyId,
    result: &'static str,
    signing_key: Option<&'c Kid>,
    part: Option<&'static str>,
}

impl View for Checked {
    fn json(&self) -> impl Serialize {
        let (version, part, signing_key) = match &self.sealed {
            Sealed::Version { name, provider, version } => (Some((name, provider, *version)), None, None),
            Sealed::Part { name, provider, version, part } => {
                (Some((name, provider, *version)), Some(part.as_str()), None)
            }
            Sealed::SigningKey(kid) => (None, None, Some(kid)),
        };
        CheckedJson {
            name: version.map(|(name, ..)| name),
            provider: version.map(|(_, provider, _)| provider),
            version: version.map(|(.., version)| version),
            master_key: self.master_key_id,
            result: self.finding.as_str(),
            signing_key,
            part,
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let tone = if self.finding == Finding::Opens { Tone::Good } else { Tone::Bad };
        let (name, provider, version, signing_key) = match &self.sealed {
            Sealed::Version { name, provider, version } => {
                (name.to_string(), provider.as_str(), version.to_string(), "")
            }
            Sealed::Part { name, provider, version, part } => {
                (format!("{name} ({})", part.what()), provider.as_str(), version.to_string(), "")
            }
            Sealed::SigningKey(kid) => (String::new(), "", String::new(), kid.as_str()),
        };
        let shown = if name.is_empty() { "signing key".to_owned() } else { name.clone() };
        vec![
            Field::new("name", name).human(shown),
            Field::new("version", version),
            Field::new("result", self.finding.as_str()).tone(tone),
            Field::new("provider", provider),
            Field::new("master_key", self.master_key_id.to_string()).extra(),
            Field::new("signing_key", signing_key),
        ]
    }
}

#[derive(Serialize)]
struct LostJson {
    lost: MasterKeyId,
    to: MasterKeyId,
    versions: u64,
}

impl View for Lost {
    fn json(&self) -> impl Serialize {
        LostJson { lost: self.from, to: self.to, versions: self.versions }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        vec![
            Field::new("lost", self.from.to_string()),
            Field::new("to", self.to.to_string()),
            Field::new("versions", self.versions.to_string()),
        ]
    }
}

#[derive(Serialize)]
struct RotatedJson<'r> {
    from: MasterKeyId,
    to: MasterKeyId,
    resealed: u64,
    failed: &'r [String],
    retired_at: Option<Timestamp>,
}

impl View for Rotated {
    fn json(&self) -> impl Serialize {
        RotatedJson {
            from: self.from,
            to: self.to,
            resealed: self.resealed,
            failed: &self.failed,
            retired_at: self.retired_at,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        vec![
            Field::new("from", self.from.to_string()),
            Field::new("to", self.to.to_string()),
            Field::new("resealed", self.resealed.to_string()),
            Field::new("failed", self.failed.join(", ")),
            moment("retired_at", self.retired_at, "", screen),
        ]
    }
}
