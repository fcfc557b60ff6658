//! The master keys of a service: given in its code, or named by its environment.

use std::process::{Command, Stdio};

use crate::config::master_key::{self, KeySource, LONGEST, NamedSource, SecretText};
use crate::crypto::master_key::MasterKey;

/// The key that new secrets are sealed under and, while it is rotated, the one before it.
#[derive(Debug)]
pub struct MasterKeys {
    pub(super) current: MasterKey,
    pub(super) previous: Option<MasterKey>,
}

/// There is no key that could be used. Nothing of it is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the master key ({origin}) cannot be used: {why}")]
pub struct MasterKeysError {
    /// What named it.
    pub origin: String,
    /// What is wrong.
    pub why: String,
}

impl MasterKeys {
    /// Of texts as `keyctl master init` prints them.
    pub fn parse(current: &[u8], previous: Option<&[u8]>) -> Result<Self, MasterKeysError> {
        let previous = previous.map(|text| key(text, "the previous one")).transpose()?;
        Ok(Self { current: key(current, "the current one")?, previous })
    }

    /// Of `KEYCTL_MASTER_KEY`, `KEYCTL_MASTER_KEY_FILE` or `KEYCTL_MASTER_KEY_CMD`, and
    /// `KEYCTL_MASTER_KEY_PREVIOUS`; `None` where the environment names none.
    pub fn from_environment() -> Result<Option<Self>, MasterKeysError> {
        let two = |error: master_key::TwoSources| MasterKeysError {
            origin: "environment".to_owned(),
            why: error.to_string(),
        };
        let sources = master_key::sources(None).map_err(two)?;
        let folder = sources.secrets_dir.as_deref();
        let read = |named: &NamedSource| read(named, folder);
        let Some(current) = sources.current.as_ref().map(read).transpose()? else { return Ok(None) };
        Ok(Some(Self { current, previous: sources.previous.as_ref().map(read).transpose()? }))
    }
}

fn key(text: &[u8], origin: &str) -> Result<MasterKey, MasterKeysError> {
    MasterKey::parse(text)
        .map_err(|error| MasterKeysError { origin: origin.to_owned(), why: error.to_string() })
}

fn read(named: &NamedSource, folder: Option<&std::path::Path>) -> Result<MasterKey, MasterKeysError> {
    let NamedSource { source, origin } = named;
    let wrong = |why: String| MasterKeysError { origin: origin.clone(), why };
    match source {
        KeySource::Key(text) => key(text.expose(), origin),
        KeySource::File(path) => {
            let file = master_key::read_file(path, folder).map_err(|error| wrong(error.to_string()))?;
            key(file.text.expose(), origin)
        }
        KeySource::Command(command) => {
            let text =
                printed_by(command).map_err(|why| wrong(format!("the command for it failed: {why}")))?;
            key(text.expose(), origin)
        }
        KeySource::Passphrase(_) => Err(wrong("a passphrase is for the command line only".to_owned())),
    }
}

/// What a command of the operator's prints, without one line end; its errors show where the
/// service's do.
fn printed_by(command: &str) -> Result<SecretText, String> {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).stdin(Stdio::null()).stderr(Stdio::inherit());
    let done = shell.output().map_err(|error| error.to_string())?;
    let text = SecretText::new(done.stdout);
    match done.status.success() {
        true if text.expose().len() <= LONGEST => Ok(text.without_line_end()),
        true => Err(format!("it printed more than {LONGEST} bytes")),
        false => Err(format!("it ended with {}", done.status)),
    }
}
