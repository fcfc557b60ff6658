//! What a configuration file says: settings for all, and profiles that override them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::choice::{Color, LockTimeout, Output};
use super::notify::NotifySetting;
use crate::domain::keys::network::Networks;
use crate::domain::keys::token::Prefix;
use crate::domain::provisioning::sink_command::SinkCommand;
use crate::domain::texts::near::nearest_word;
use crate::domain::texts::text::Shown;
use crate::domain::time::Expiry;

/// A value and the line it stands in, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed<T> {
    pub value: T,
    pub line: usize,
}

/// Where the master key comes from; the key itself never stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MasterKeySource {
    File(PathBuf),
    Command(String),
}

/// The settings at the top of the file, or those of one profile.
#[derive(Clone, Default)]
pub(crate) struct Section {
    /// Where it begins.
    pub line: usize,
    /// The store as it is written; it may hold a password.
    pub store: Option<Placed<String>>,
    /// What tokens start with.
    pub prefix: Option<Placed<Prefix>>,
    /// How long keys live: a span or never.
    pub expires: Option<Placed<Expiry>>,
    pub output: Option<Placed<Output>>,
    pub color: Option<Placed<Color>>,
    /// How long another process's change is waited for.
    pub lock_timeout: Option<Placed<LockTimeout>>,
    /// Private networks that requests of ours may reach.
    pub outbound_allow: Option<Placed<Networks>>,
    pub master_key: Option<Placed<MasterKeySource>>,
    /// Commands that sinks of manifests name.
    pub sinks: BTreeMap<String, SinkCommand>,
    /// Who is told of what ends soon.
    pub notify: Option<Placed<NotifySetting>>,
}

/// A configuration file, checked from its first line to its last.
pub(crate) struct ConfigFile {
    /// Where it is, as it was named.
    pub path: PathBuf,
    pub default_profile: Option<Placed<String>>,
    /// What holds where the profile says nothing.
    pub top: Section,
    pub profiles: BTreeMap<String, Section>,
}

/// A name as it is repeated in an error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a>(pub(super) &'a str);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST_SHOWN: usize = 64;
        if self.0.len() > LONGEST_SHOWN {
            return write!(f, "(not shown: {} bytes long)", self.0.len());
        }
        Shown(self.0).fmt(f)
    }
}

impl ConfigFile {
    /// What stands at the top, and every profile.
    pub(crate) fn sections(&self) -> impl Iterator<Item = &Section> {
        std::iter::once(&self.top).chain(self.profiles.values())
    }

    /// The profiles there are, for a hint about one that is not there.
    pub(super) fn profiles_hint(&self, wanted: &str) -> String {
        const MOST: usize = 20;
        if self.profiles.is_empty() {
            return "it has no profiles: a table [profile.NAME] makes one".to_owned();
        }
        let names = || self.profiles.keys().map(String::as_str);
        let near =
            nearest_word(wanted, names()).map(|near| format!("did you mean {near}? ")).unwrap_or_default();
        let more = if self.profiles.len() > MOST { " …" } else { "" };
        format!("{near}there are: {}{more}", names().take(MOST).collect::<Vec<_>>().join(", "))
    }
}
