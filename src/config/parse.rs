//! From the text of a configuration file to what it says.
//!
//! Everything is checked, also profiles that are not in use. Values are never repeated in
//! errors.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::config_file::{ConfigFile, MasterKeySource, Named, Placed, Section};
use super::error::ConfigError;
use super::paths::{self, PathError};
use super::source::Source;
use crate::domain::keys::network::Networks;
use crate::domain::stores::store_text::StoreText;
use crate::domain::stores::text_error::Fault;
use crate::domain::texts::near::nearest_word;
use crate::domain::texts::text::{CodePoint, is_hidden};
use crate::domain::texts::{leak, misplaced};
use crate::domain::time::Expiry;

/// What may stand at the top and in a profile.
const KEYS: [&str; 11] = [
    "store",
    "prefix",
    "expires",
    "output",
    "color",
    "lock_timeout",
    "outbound_allow",
    "master_key_file",
    "master_key_command",
    "sinks",
    "notify",
];

/// What may stand at the top only.
const TOP_KEYS: [&str; 2] = ["default_profile", "profile"];

pub(super) type Key<'t> = Spanned<DeString<'t>>;
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// Reads a file; `home` is what `~/` stands for.
pub(crate) fn parse(source: &Source, home: Option<&Path>) -> Result<ConfigFile, ConfigError> {
    let reader = Reader::new(source, home);
    let document = DeTable::parse(&source.text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let what = error.message().lines().collect::<Vec<_>>().join("; ");
        reader.error(at, what, "see https://toml.io for the form of the file")
    })?;
    let mut file = ConfigFile {
        path: source.path.clone(),
        default_profile: None,
        top: Section { line: 1, ..Section::default() },
        profiles: BTreeMap::new(),
    };
    for (key, value) in document.get_ref() {
        match key.get_ref().as_ref() {
            "default_profile" => {
                file.default_profile =
                    Some(reader.parsed(key, value, |name| Ok::<_, &str>(name.to_owned()))?);
            }
            "profile" => {
                for (name, table) in reader.table(key, value)? {
                    file.profiles.insert(reader.profile_name(name)?, reader.profile(name, table)?);
                }
            }
            _ => reader.setting(&mut file.top, key, value, true)?,
        }
    }
    check_default(&file)?;
    Ok(file)
}

fn check_default(file: &ConfigFile) -> Result<(), ConfigError> {
    match &file.default_profile {
        Some(Placed { value, line }) if !file.profiles.contains_key(value) => {
            let what = format!("default_profile: there is no profile {}", Named(value));
            Err(ConfigError::line(&file.path, *line, what, file.profiles_hint(value)))
        }
        _ => Ok(()),
    }
}

pub(super) struct Reader<'s> {
    source: &'s Source,
    home: Option<&'s Path>,
    /// Where each line ends. Every setting has its line, so they are not counted anew for each.
    line_ends: Vec<usize>,
}

impl<'s> Reader<'s> {
    fn new(source: &'s Source, home: Option<&'s Path>) -> Self {
        let line_ends = source.text.match_indices('\n').map(|(at, _)| at).collect();
        Self { source, home, line_ends }
    }

    fn line(&self, at: usize) -> usize {
        1 + self.line_ends.partition_point(|end| *end < at)
    }

    pub(super) fn error(&self, at: usize, what: impl Display, hint: impl Into<String>) -> ConfigError {
        ConfigError::line(&self.source.path, self.line(at), what, hint)
    }

    pub(super) fn path(&self, path: &str) -> Result<PathBuf, PathError> {
        paths::expand(path.into(), self.folder(), self.home)
    }

    fn folder(&self) -> &Path {
        self.source.path.parent().unwrap_or(Path::new(""))
    }

    pub(super) fn table<'v, 't>(
        &self,
        key: &Key<'_>,
        value: &'v Value<'t>,
    ) -> Result<&'v DeTable<'t>, ConfigError> {
        value.get_ref().as_table().ok_or_else(|| {
            let what = format!("{} must be a table", Named(key.get_ref()));
            self.error(key.span().start, what, "write a table for each profile: [profile.NAME]")
        })
    }

    fn profile_name(&self, key: &Key<'_>) -> Result<String, ConfigError> {
        let name = key.get_ref();
        let known = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if (1..=64).contains(&name.len()) && name.chars().all(known) && !leak::looks_secret(name) {
            return Ok(name.to_string());
        }
        let hint = "a profile's name has 1 to 64 of a-z A-Z 0-9 . _ -";
        Err(self.error(key.span().start, "not the name of a profile", hint))
    }

    fn profile(&self, name: &Key<'_>, value: &Value<'_>) -> Result<Section, ConfigError> {
        let mut section = Section { line: self.line(name.span().start), ..Section::default() };
        for (key, value) in self.table(name, value)? {
            self.setting(&mut section, key, value, false)?;
        }
        Ok(section)
    }

    fn setting(
        &self,
        section: &mut Section,
        key: &Key<'_>,
        value: &Value<'_>,
        top: bool,
    ) -> Result<(), ConfigError> {
        match key.get_ref().as_ref() {
            "store" => section.store = Some(self.store(key, value)?),
            "prefix" => section.prefix = Some(self.parsed(key, value, str::parse)?),
            "expires" => section.expires = Some(self.parsed(key, value, span_or_never)?),
            "output" => section.output = Some(self.parsed(key, value, str::parse)?),
            "color" => section.color = Some(self.parsed(key, value, str::parse)?),
            "lock_timeout" => section.lock_timeout = Some(self.parsed(key, value, str::parse)?),
            "outbound_allow" => {
                section.outbound_allow = Some(self.parsed(key, value, |text| Networks::parse_lists([text]))?);
            }
            "master_key_file" => {
                let parse = |text: &str| self.key_file(text);
                self.master_key(section, key, self.parsed(key, value, parse)?)?;
            }
            "master_key_command" => {
                let parse = |text: &str| match text {
                    _ if misplaced::is_in_command(text) => {
                        Err("it has a key in it; write a command that prints it")
                    }
                    command => Ok(MasterKeySource::Command(command.to_owned())),
                };
                self.master_key(section, key, self.parsed(key, value, parse)?)?;
            }
            "notify" => {
                let line = self.line(key.span().start);
                section.notify = Some(Placed { value: self.notify(key, value)?, line });
            }
            "sinks" => section.sinks = self.sinks(key, value)?,
            _ => return Err(self.unknown(key, top)),
        }
        Ok(())
    }

    /// A text that is not empty and has nothing hidden in it; with the line of its key.
    fn text<'v>(&self, key: &Key<'_>, value: &'v Value<'_>) -> Result<Placed<&'v str>, ConfigError> {
        let (at, name) = (key.span().start, key.get_ref());
        let DeValue::String(text) = value.get_ref() else {
            let hint = format!("write it in quotes, as in {name} = \"{}\"", example(name));
            return Err(self.error(at, format!("{name} must be a text"), hint));
        };
        if text.trim().is_empty() {
            let hint = format!("as in {name} = \"{}\", or remove the line", example(name));
            return Err(self.error(at, format!("{name} is empty"), hint));
        }
        if let Some(c) = text.chars().find(|c| is_hidden(*c)) {
            let what = format!("{name} contains the hidden character {}", CodePoint(c));
            return Err(self.error(at, what, "write it anew, by hand"));
        }
        Ok(Placed { value: text, line: self.line(at) })
    }

    /// A value of the form that `parse` knows, with no secret in it.
    fn parsed<T, E: Display>(
        &self,
        key: &Key<'_>,
        value: &Value<'_>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Placed<T>, ConfigError> {
        let (at, name) = (key.span().start, key.get_ref());
        let Placed { value, line } = self.text(key, value)?;
        if leak::secret_in(value).is_some() {
            let hint = "take it out, and replace it where it is used: it may have been read already";
            return Err(self.error(at, format!("{name} has a secret in it"), hint));
        }
        let hint = || format!("as in {name} = \"{}\"", example(name));
        let value = parse(value).map_err(|error| self.error(at, format!("{name}: {error}"), hint()))?;
        Ok(Placed { value, line })
    }

    /// A store's address may hold a password if nobody else can read the file.
    fn store(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Placed<String>, ConfigError> {
        let Placed { value, line } = self.text(key, value)?;
        if let Err(error) = StoreText::parse(value)
            && error.fault == Fault::Secret
        {
            return Err(self.error(key.span().start, format!("store: {error}"), error.hint()));
        }
        if !self.source.is_private && crate::domain::texts::credentials::has_credentials(value) {
            let what = "store has a password in it, and others can read this file";
            let hint =
                format!("run: chmod 600 {}; or keep the password in ~/.pgpass", self.source.path.display());
            return Err(self.error(key.span().start, what, hint));
        }
        Ok(Placed { value: value.to_owned(), line })
    }

    pub(super) fn key_file(&self, text: &str) -> Result<MasterKeySource, String> {
        let is_random = leak::looks_secret(text) && !text.starts_with(['/', '~', '.']);
        if is_random || misplaced::is_no_path(text) {
            return Err("this looks like a key; name the file that holds it".to_owned());
        }
        self.path(text).map(MasterKeySource::File).map_err(|error| error.to_string())
    }

    /// Two sources in one place are a mistake; a profile's replaces the one at the top.
    fn master_key(
        &self,
        section: &mut Section,
        key: &Key<'_>,
        found: Placed<MasterKeySource>,
    ) -> Result<(), ConfigError> {
        if section.master_key.is_some() {
            let what = "master_key_file and master_key_command are both set";
            return Err(self.error(key.span().start, what, "keep one of them"));
        }
        section.master_key = Some(found);
        Ok(())
    }

    fn unknown(&self, key: &Key<'_>, top: bool) -> ConfigError {
        let (at, name) = (key.span().start, key.get_ref().as_ref());
        if ["master_key", "master_passphrase", "master_key_passphrase"].contains(&name) {
            let hint = "keep it in a file of mode 0600 of its own, and name that: master_key_file = \"PATH\"";
            return self.error(at, "the master key itself does not belong into this file", hint);
        }
        let known = KEYS.into_iter().chain(TOP_KEYS.into_iter().filter(|_| top));
        let what = format!("{} is not a setting", Named(name));
        if !top && TOP_KEYS.contains(&name) {
            return self.error(at, what, "it stands at the top of the file, before the first profile");
        }
        let mut sorted: Vec<&str> = known.clone().collect();
        sorted.sort_unstable();
        match nearest_word(name, sorted) {
            Some(near) => self.error(at, what, format!("did you mean {near}?")),
            None => self.error(at, what, format!("there are: {}", known.collect::<Vec<_>>().join(", "))),
        }
    }
}

fn example(name: &str) -> &'static str {
    match name {
        "store" => "postgres://keyctl@db.example.org/keys",
        "prefix" => "acme",
        "expires" => "30d",
        "output" => "json",
        "color" => "never",
        "lock_timeout" => "5s",
        "outbound_allow" => "10.20.0.0/16",
        "master_key_file" => "~/.config/keyctl/master.key",
        "master_key_command" => "pass show keyctl/master",
        _ => "prod",
    }
}

/// A default that is a moment would one day be in the past.
fn span_or_never(text: &str) -> Result<Expiry, String> {
    match Expiry::from_str(text) {
        Ok(Expiry::At(_) | Expiry::EndOfDay(_)) => {
            Err("write a duration or never: a fixed time would run out for all".to_owned())
        }
        Ok(expiry) => Ok(expiry),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::token::Prefix;

    fn file(text: &str) -> Result<ConfigFile, ConfigError> {
        let path = "/home/alice/.config/keyctl/config.toml".into();
        parse(&Source { path, text: text.to_owned(), is_private: true }, Some(Path::new("/home/alice")))
    }

    #[test]
    fn values_are_read_with_their_lines() {
        let read = file(
            "# mine\nexpires = \"30d\"\ndefault_profile = \"prod\"\n\n[profile.prod]\nstore = \"k.db\"\nprefix = \"acme\"\n",
        )
        .expect("a file");
        assert_eq!(read.default_profile, Some(Placed { value: "prod".to_owned(), line: 3 }));
        assert_eq!(read.top.expires.map(|placed| placed.line), Some(2));
        let prod = &read.profiles["prod"];
        assert_eq!(prod.line, 5);
        assert_eq!(prod.store, Some(Placed { value: "k.db".to_owned(), line: 6 }));
        assert_eq!(prod.prefix, Some(Placed { value: "acme".parse::<Prefix>().expect("a prefix"), line: 7 }));
        assert!(prod.expires.is_none() && read.top.store.is_none());
    }

    #[test]
    fn the_source_of_the_master_key_is_read_and_the_key_itself_refused() {
        let source = |text: &str| file(text).map(|read| read.top.master_key.map(|placed| placed.value));
        let key_file = |path: &str| Ok(Some(MasterKeySource::File(path.into())));
        assert_eq!(source("master_key_file = \"~/master.key\""), key_file("/home/alice/master.key"));
        assert_eq!(source("master_key_file = \"k\""), key_file("/home/alice/.config/keyctl/k"));
        let command = MasterKeySource::Command("pass show k".to_owned());
        assert_eq!(source("master_key_command = \"pass show k\""), Ok(Some(command)));
        for text in [
            "master_key = \"x\"",
            "master_key_file = \"/SVd3SkVIYnVvN2ZkMjh4RVdqS1FzaFdxZXhrUzZhNTM=\"",
            "master_key_file = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
            "master_key_file = \"a\"\nmaster_key_command = \"b\"",
            "master_key_command = \"Eb/Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=\"",
            "master_key_command = \"echo hex:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
        ] {
            assert!(source(text).is_err(), "{text}");
        }
    }

    /// toml's own messages must not quote the line either.
    #[test]
    fn no_error_repeats_a_secret_whatever_the_line_looks_like() {
        for secret in [
            "Eb/Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=",
            "hex:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "sk-ant-api03-Xk3Jq9ZkPw2XaT7vRb1LmN8cDfGh5yUe",
            "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA",
            "postgres://app:Sup3rSecretWord@db/keys",
        ] {
            for line in [
                "SECRET",
                "\"SECRET\"",
                "\"SECRET\" = \"x\"",
                "SECRET = \"x\"",
                "store = SECRET",
                "store = \"SECRET",
                "store = \"SECRET\" x",
                "master_key = SECRET",
                "master_key = \"SECRET\"",
                "master_key_file = \"SECRET\"",
                "master_key_command = \"SECRET\"",
                "prefix = \"SECRET\"",
                "expires = \"SECRET\"",
                "output = \"SECRET\"",
                "lock_timeout = \"SECRET\"",
                "default_profile = \"SECRET\"",
                "[profile.\"SECRET\"]\nstore = \"k.db\"",
                "[SECRET]",
                "[profile.p]\n\"SECRET\" = 1",
                "\"SECRET\" = 1\n\"SECRET\" = 2",
                "store = \"x\\SECRET\"",
            ] {
                let error = match file(&line.replace("SECRET", secret)) {
                    Err(error) => format!("{error} {}", error.hint()),
                    // A file that nobody else can read may hold an address with its password.
                    Ok(_) if secret.contains("://") => continue,
                    Ok(_) => panic!("{line} with {secret} is taken"),
                };
                let parts = secret.split(['/', '+', '=', ':', '@', '-']).filter(|part| part.len() > 8);
                for part in parts {
                    assert!(!error.contains(part), "{line}: {error}");
                }
            }
        }
    }

    #[test]
    fn a_secret_is_no_store() {
        for text in
            ["Eb/Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=", "sk-ant-api03-Xk3Jq9ZkPw2XaT7vRb1LmN8cDfGh5yUe"]
        {
            let error = file(&format!("[profile.p]\nstore = \"{text}\"")).err().expect(text);
            assert!(error.to_string().contains("store: ") && !error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn a_password_needs_a_file_that_nobody_else_can_read() {
        let open = |text: &str| {
            let text = format!("[profile.p]\nstore = \"{text}\"\n");
            parse(&Source { path: "c".into(), text, is_private: false }, None).is_err()
        };
        assert!(open("postgres://u:p@h/d") && open("postgres://h/d?user=u&password=p"));
        assert!(!open("postgres://u@h:5432/d") && !open("postgres://h:5432/d"));
        assert!(!open("/srv/password/k.db") && !open("sqlite:/a@b/k.db"));
    }
}
