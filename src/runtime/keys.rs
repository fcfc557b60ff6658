//! The master keys of a service: given in its code, or named by its environment.

use std::io::{self, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::config::config_file::MasterKeySource;
use crate::config::master_key::{self, KeySource, LONGEST, NamedSource, SecretText};
use crate::config::settings::Setting;
use crate::config::shell_errors::{SHELL_NAME, pass_on};
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
        Self::configured(None)
    }

    /// The same, and where the environment names none, of what a configuration file does.
    pub(crate) fn configured(
        file: Option<&Setting<MasterKeySource>>,
    ) -> Result<Option<Self>, MasterKeysError> {
        let two = |error: master_key::SourceError| MasterKeysError {
            origin: "environment".to_owned(),
            why: error.to_string(),
        };
        let sources = master_key::sources(file).map_err(two)?;
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
            let shown = master_key::shown(path);
            let file =
                master_key::read_file(path, folder).map_err(|error| wrong(format!("{shown}: {error}")))?;
            MasterKey::parse(file.text.expose()).map_err(|error| wrong(format!("{shown}: {error}")))
        }
        KeySource::Command(command) => {
            let text =
                printed_by(command).map_err(|why| wrong(format!("the command for it failed: {why}")))?;
            key(text.expose(), origin)
        }
        KeySource::Passphrase(_) => Err(wrong("a passphrase is for the command line only".to_owned())),
    }
}

/// A secrets manager may have to ask a service.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long more of its errors may be in coming when it has ended.
const QUIET: Duration = Duration::from_millis(300);

const NAP: Duration = Duration::from_millis(5);

/// What a command of the operator's prints, without one line end; its errors show where the
/// service's do, but for the shell's own, which may repeat it. It gets no master key itself, and is ended if it takes too long.
fn printed_by(command: &str) -> Result<SecretText, String> {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", command, SHELL_NAME])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in master_key::VARIABLES {
        shell.env_remove(name);
    }
    let mut child = shell.spawn().map_err(|error| error.to_string())?;
    let output = child.stdout.take();
    let errors = child.stderr.take();
    let passing = thread::spawn(move || errors.map(pass_on));
    let reading = thread::spawn(move || {
        let mut bytes = Vec::with_capacity(LONGEST + 1);
        let most = LONGEST as u64 + 1;
        let read = output.map(|output| output.take(most).read_to_end(&mut bytes));
        read.transpose().map(|_| SecretText::new(bytes))
    });
    let status = end_of(&mut child).map_err(|error| error.to_string())?;
    let Some(status) = status else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("it did not end within {} s", PATIENCE.as_secs()));
    };
    if !status.success() {
        // What it left running may hold this end open.
        let mut naps = 0;
        while !passing.is_finished() && NAP * naps < QUIET {
            thread::sleep(NAP);
            naps += 1;
        }
        return Err(format!("it ended with {status}"));
    }
    let text = reading.join().map_err(|_| "it could not be read".to_owned())?;
    let text = text.map_err(|error| error.to_string())?;
    if text.expose().len() > LONGEST {
        return Err(format!("it printed more than {LONGEST} bytes"));
    }
    Ok(text.without_line_end())
}

/// How it ended; `None` if it did not in time.
#[expect(clippy::disallowed_methods, reason = "measures a wait, here where it is bounded")]
fn end_of(child: &mut Child) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(NAP);
    }
    Ok(None)
}
