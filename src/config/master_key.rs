//! Where the master key comes from: one place, and nowhere on a command line.
//!
//! The variables hold secrets, so they are read where a command needs the key, and not with the
//! rest of the environment.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use zeroize::Zeroizing;

use super::config_file::MasterKeySource;
use super::settings::Setting;
use crate::domain::texts::misplaced;

/// A secret text as it was given.
pub(crate) struct SecretText(Zeroizing<Vec<u8>>);

impl SecretText {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Without one line end at its end, as text files and commands have it.
    #[must_use]
    pub(crate) fn without_line_end(mut self) -> Self {
        if self.0.ends_with(b"\n") {
            self.0.pop();
            if self.0.ends_with(b"\r") {
                self.0.pop();
            }
        }
        self
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

/// Where a master key, or what it follows from, is to be had.
#[derive(Debug)]
pub(crate) enum KeySource {
    Key(SecretText),
    File(PathBuf),
    /// A command for the shell prints it.
    Command(String),
    /// A passphrase that it follows from.
    Passphrase(SecretText),
}

#[derive(Debug)]
pub(crate) struct NamedSource {
    pub source: KeySource,
    /// A variable, or a line of the configuration file.
    pub origin: String,
}

/// The one source of another key than the master key.
#[derive(Debug, Default)]
pub(crate) struct OneSource {
    /// Where it is to be had; `None` where nothing names it.
    pub source: Option<NamedSource>,
    /// Below it, the key's file may be readable by all: `KEYCTL_SECRETS_DIR`.
    pub secrets_dir: Option<PathBuf>,
}

impl OneSource {
    /// Decides by these variables, of which one may be set. One that is empty counts as unset.
    pub(super) fn of_process(variables: &[&'static str]) -> Result<Self, SourceError> {
        #[expect(clippy::disallowed_methods, reason = "secrets are read only where they are needed")]
        let variable = |name: &str| std::env::var_os(name);
        Self::decide(variables, variable)
    }

    pub(super) fn decide(
        variables: &[&'static str],
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SourceError> {
        let taken = |name: &&'static str| -> Option<Taken> {
            Some((*name, SecretText::new(variable(name)?.into_vec())))
        };
        Ok(Self {
            source: one(variables.iter().filter_map(taken))?,
            secrets_dir: variable("KEYCTL_SECRETS_DIR").filter(|path| !path.is_empty()).map(PathBuf::from),
        })
    }
}

/// The sources of the two keys; `None` where nothing names one.
#[derive(Debug, Default)]
pub(crate) struct KeySources {
    /// Of the key that seals.
    pub current: Option<NamedSource>,
    /// Of the one before it, while it is rotated.
    pub previous: Option<NamedSource>,
    /// Variables that are set and empty, which counts as unset.
    pub empty: Vec<&'static str>,
    /// Below it, a key's file may be readable by all: `KEYCTL_SECRETS_DIR`.
    pub secrets_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("{0} and {1} are both set, and only one may name the key")]
    Two(&'static str, &'static str),
    /// A key stands where a path is expected, whose error would show it.
    #[error(
        "{0} has the form of a key or password, where a path is expected; it is not shown, and was not used"
    )]
    NoPath(&'static str),
    /// A key stands where a command is expected, which the shell would show.
    #[error("{0} has the form of a key, where a command is expected; it is not shown, and was not run")]
    NoCommand(&'static str),
}

impl SourceError {
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::Two(..) => "unset the one that is not meant",
            Self::NoPath(_) => {
                "name the file that holds the key; the key itself goes into the variable without _FILE"
            }
            Self::NoCommand(_) => {
                "write a command that prints the key; the key itself goes into the variable without _CMD"
            }
        }
    }
}

const CURRENT: [&str; 4] =
    ["KEYCTL_MASTER_KEY", "KEYCTL_MASTER_KEY_FILE", "KEYCTL_MASTER_KEY_CMD", "KEYCTL_MASTER_PASSPHRASE"];

const PREVIOUS: [&str; 2] = ["KEYCTL_MASTER_KEY_PREVIOUS", "KEYCTL_MASTER_PASSPHRASE_PREVIOUS"];

/// Every variable that holds a key or says where one is.
pub(crate) const VARIABLES: [&str; 6] =
    [CURRENT[0], CURRENT[1], CURRENT[2], CURRENT[3], PREVIOUS[0], PREVIOUS[1]];

/// Decides where the keys come from: a variable, else the configuration file.
pub(crate) fn sources(configured: Option<&Setting<MasterKeySource>>) -> Result<KeySources, SourceError> {
    #[expect(clippy::disallowed_methods, reason = "secrets are read only where they are needed")]
    let variable = |name: &str| std::env::var_os(name);
    decide(variable, configured)
}

fn decide(
    variable: impl Fn(&str) -> Option<OsString>,
    configured: Option<&Setting<MasterKeySource>>,
) -> Result<KeySources, SourceError> {
    let of_file = |setting: &Setting<MasterKeySource>| NamedSource {
        source: match &setting.value {
            MasterKeySource::File(path) => KeySource::File(path.clone()),
            MasterKeySource::Command(command) => KeySource::Command(command.clone()),
        },
        origin: setting.origin.to_string(),
    };
    // Each is taken once, and what is not used is wiped.
    let taken = |name: &'static str| Some((name, SecretText::new(variable(name)?.into_vec())));
    let current: Vec<Taken> = CURRENT.into_iter().filter_map(taken).collect();
    let empty = current.iter().filter(|(_, text)| text.expose().is_empty()).map(|(name, _)| *name).collect();
    Ok(KeySources {
        empty,
        current: one(current)?.or_else(|| configured.map(of_file)),
        previous: one(PREVIOUS.into_iter().filter_map(taken))?,
        secrets_dir: variable("KEYCTL_SECRETS_DIR").filter(|path| !path.is_empty()).map(PathBuf::from),
    })
}

/// A variable that is set.
pub(super) type Taken = (&'static str, SecretText);

/// The one of these variables that is not empty.
pub(super) fn one(variables: impl IntoIterator<Item = Taken>) -> Result<Option<NamedSource>, SourceError> {
    let mut found: Option<Taken> = None;
    for (name, text) in variables.into_iter().filter(|(_, text)| !text.expose().is_empty()) {
        if let Some((other, _)) = found {
            return Err(SourceError::Two(other, name));
        }
        found = Some((name, text));
    }
    let Some((name, text)) = found else { return Ok(None) };
    Ok(Some(NamedSource { source: source(name, text)?, origin: name.to_owned() }))
}

fn source(name: &'static str, text: SecretText) -> Result<KeySource, SourceError> {
    let readable = Zeroizing::new(String::from_utf8_lossy(text.expose()).into_owned());
    Ok(if name.ends_with("_FILE") {
        if misplaced::is_no_path(&readable) {
            return Err(SourceError::NoPath(name));
        }
        KeySource::File(PathBuf::from(OsString::from_vec(text.expose().to_vec())))
    } else if name.ends_with("_CMD") {
        if misplaced::is_in_command(&readable) {
            return Err(SourceError::NoCommand(name));
        }
        KeySource::Command(readable.to_string())
    } else if name.contains("PASSPHRASE") {
        KeySource::Passphrase(text)
    } else {
        KeySource::Key(text)
    })
}

/// A key's file as errors name it. A passphrase has no form by which it could be told from a file's name.
pub(crate) fn shown(path: &Path) -> String {
    if path.has_root() || path.exists() {
        path.display().to_string()
    } else {
        "the file that it names (not shown, since it does not begin with /)".to_owned()
    }
}

/// Longer texts are no master key.
pub(crate) const LONGEST: usize = 4096;

/// Where secrets are mounted readable for all, by containers' runtimes.
const MOUNTED: &str = "/run/secrets";

/// What a key's file holds, and what is to be said of it.
#[derive(Debug)]
pub(crate) struct KeyFile {
    pub text: SecretText,
    pub warning: Option<String>,
}

/// Why a file is not read as a master key's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    /// The system's own reason.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A directory, a pipe, a device.
    #[error("it is not a plain file")]
    Kind,
    /// Another user's.
    #[error("it belongs to another user (uid {0})")]
    Owner(u32),
    #[error("others can write it (mode {0:04o})")]
    Writable(u32),
    #[error("all users can read it (mode {0:04o})")]
    Readable(u32),
    #[error("it is longer than {LONGEST} bytes")]
    TooLong,
}

impl KeyFileError {
    pub(crate) fn hint(&self, path: &Path) -> String {
        match self {
            Self::Writable(_) | Self::Readable(_) => format!("run: chmod 600 {}", path.display()),
            Self::Owner(_) => "copy it, or run keyctl as that user".to_owned(),
            _ => "name a file that holds one line, the key in base64".to_owned(),
        }
    }
}

/// Below it, files with secrets may be readable by all: `KEYCTL_SECRETS_DIR`.
#[cfg(feature = "serve")]
pub(crate) fn secrets_dir() -> Option<PathBuf> {
    OneSource::of_process(&[]).ok().and_then(|none| none.secrets_dir)
}

/// Reads a master key's file. It must be the user's own or root's, and nobody else may write it;
/// that all can read it is a warning where secrets are mounted, and refused elsewhere.
pub(crate) fn read_file(path: &Path, secrets_dir: Option<&Path>) -> Result<KeyFile, KeyFileError> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty()).map(File::from).map_err(io::Error::from)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(KeyFileError::Kind);
    }
    let warning = check(path, &found, secrets_dir)?;
    let mut bytes = Vec::with_capacity(LONGEST + 1);
    file.take(LONGEST as u64 + 1).read_to_end(&mut bytes)?;
    let text = SecretText::new(bytes);
    if text.expose().len() > LONGEST {
        return Err(KeyFileError::TooLong);
    }
    Ok(KeyFile { text: text.without_line_end(), warning })
}

fn check(path: &Path, found: &Metadata, secrets_dir: Option<&Path>) -> Result<Option<String>, KeyFileError> {
    let mode = found.mode() & 0o7777;
    let user = rustix::process::geteuid().as_raw();
    if found.uid() != user && found.uid() != 0 {
        return Err(KeyFileError::Owner(found.uid()));
    }
    if mode & 0o022 != 0 {
        return Err(KeyFileError::Writable(mode));
    }
    if mode & 0o004 == 0 {
        return Ok(None);
    }
    // A mounted secret is a link to a link; what counts is where it really is.
    let is_below = |folder: &Path| {
        let real = (fs::canonicalize(path), fs::canonicalize(folder));
        matches!(real, (Ok(file), Ok(folder)) if file.starts_with(&folder))
    };
    if is_below(Path::new(MOUNTED)) || secrets_dir.is_some_and(is_below) {
        return Ok(Some(format!(
            "all users can read the master key's file {} (mode {mode:04o})",
            path.display()
        )));
    }
    Err(KeyFileError::Readable(mode))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::Origin;

    fn decided(set: &[(&str, &str)], configured: bool) -> Result<KeySources, SourceError> {
        let variable = |name: &str| set.iter().find(|(set, _)| *set == name).map(|(_, value)| value.into());
        let value = MasterKeySource::Command("pass show keyctl".to_owned());
        let setting = Setting { value, origin: Origin::Default };
        decide(variable, configured.then_some(&setting))
    }

    #[test]
    fn one_source_is_taken_and_two_are_refused() {
        let origin = |set: &[(&str, &str)], configured| {
            decided(set, configured).map(|sources| sources.current.map(|current| current.origin))
        };
        assert_eq!(origin(&[], false), Ok(None));
        assert_eq!(origin(&[], true), Ok(Some("default".to_owned())));
        for name in CURRENT {
            assert_eq!(origin(&[(name, "x")], true), Ok(Some(name.to_owned())), "wins over the file");
            assert_eq!(origin(&[(name, "")], false), Ok(None), "empty is unset");
            for other in CURRENT.iter().filter(|other| **other != name) {
                assert!(origin(&[(name, "x"), (other, "y")], false).is_err(), "{name} {other}");
            }
        }
        let [key, passphrase] = PREVIOUS;
        assert!(decided(&[(key, "x"), (passphrase, "y")], false).is_err());
        let sources =
            decided(&[("KEYCTL_MASTER_KEY", "planted"), (key, "planted too")], false).expect("two keys");
        assert!(sources.previous.is_some());
        assert!(!format!("{sources:?}").contains("planted"));
        assert_eq!(decided(&[("KEYCTL_MASTER_KEY", "")], false).expect("none").empty, ["KEYCTL_MASTER_KEY"]);
    }

    #[test]
    fn each_variable_is_taken_once() {
        // Every look makes a copy.
        for set in [&["KEYCTL_MASTER_KEY"][..], &["KEYCTL_MASTER_KEY", "KEYCTL_MASTER_PASSPHRASE"]] {
            let looks = std::cell::RefCell::new(Vec::new());
            let variable = |name: &str| {
                looks.borrow_mut().push(name.to_owned());
                set.contains(&name).then(|| "x".into())
            };
            assert_eq!(decide(variable, None).is_ok(), set.len() == 1);
            let mut once = looks.borrow().clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), looks.borrow().len(), "{looks:?}");
        }
    }

    /// A file that is not there and a shell would both repeat it.
    #[test]
    fn a_key_is_neither_a_path_nor_a_command() {
        let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for key in [
            "Eb/Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=",
            "/b3Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=\n",
            "'Eb/Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA='",
            "Eb_Nq2tSyyY3cYJQ0-G1x9DlJX5vBzNjT8mHfQv0RkA",
            hex,
            &format!("hex:{hex}"),
            &hex.to_uppercase(),
            "sk-ant-api03-Xk3Jq9ZkPw2XaT7vRb1LmN8cDfGh5yUe",
        ] {
            for name in ["KEYCTL_MASTER_KEY_FILE", "KEYCTL_MASTER_KEY_CMD"] {
                let error = decided(&[(name, key)], true).expect_err(key).to_string();
                assert!(error.contains(name) && !error.contains(key.trim()), "{error}");
            }
        }
        for (name, value) in [
            ("KEYCTL_MASTER_KEY_FILE", "/run/secrets/keyctl-master-key-of-2027"),
            ("KEYCTL_MASTER_KEY_FILE", "master.key"),
            ("KEYCTL_MASTER_KEY_CMD", "pass show keyctl/master"),
            ("KEYCTL_MASTER_KEY_CMD", "vault kv get -field=key secret/keyctl | base64 -d"),
        ] {
            assert!(decided(&[(name, value)], true).is_ok(), "{value}");
        }
    }

    #[test]
    fn exactly_one_line_end_is_taken_off() {
        for (text, left) in
            [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a\r", "a\r"), ("", "")]
        {
            let text = SecretText::new(text.as_bytes().to_vec()).without_line_end();
            assert_eq!(text.expose(), left.as_bytes());
        }
    }
}
