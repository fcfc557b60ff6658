//! The master keys that the settings name, read where a command needs them.

use super::command;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::config::master_key::{self, KeySource, LONGEST, NamedSource};
use crate::ops::env::SystemRandom;
use crate::ops::master_keys::{Given, Material, Ring};
use crate::store::Store;

/// What to do where there is no key.
const HOW: &str = "set KEYCTL_MASTER_KEY, KEYCTL_MASTER_KEY_FILE or KEYCTL_MASTER_KEY_CMD; a new one is made by: \
     keyctl master init";

impl Context {
    /// The master keys as they are in this store. An error if none is named.
    pub(in crate::cli) fn ring(&self, store: &mut Store) -> anyhow::Result<Ring> {
        match self.ring_if_given(store)? {
            Some(ring) => Ok(ring),
            None => Err(CliError::new(Kind::KeyUnavailable, "there is no master key", HOW).into()),
        }
    }

    /// The same, or nothing where none is named.
    pub(in crate::cli) fn ring_if_given(&self, store: &mut Store) -> anyhow::Result<Option<Ring>> {
        let Some(given) = self.master_keys()? else { return Ok(None) };
        Ok(Some(Ring::new(store, given, &mut SystemRandom)?))
    }

    fn master_keys(&self) -> Result<Option<Given>, CliError> {
        let sources = master_key::sources(self.settings.master_key.as_ref())
            .map_err(|error| CliError::new(Kind::KeyUnavailable, error.to_string(), error.hint()))?;
        let secrets_dir = sources.secrets_dir.as_deref();
        let Some(current) = &sources.current else {
            return match sources.empty.first() {
                Some(name) => {
                    Err(CliError::new(Kind::KeyUnavailable, format!("{name} is set and empty"), HOW))
                }
                None => Ok(None),
            };
        };
        self.ui.explain(&format!("master key: {}", current.origin));
        let previous = sources.previous.as_ref().map(|previous| self.material(previous, secrets_dir));
        Ok(Some(Given { current: self.material(current, secrets_dir)?, previous: previous.transpose()? }))
    }

    fn material(
        &self,
        named: &NamedSource,
        secrets_dir: Option<&std::path::Path>,
    ) -> Result<Material, CliError> {
        let NamedSource { source, origin } = named;
        let wrong = |what: String, hint: &str| {
            let message = format!("the master key ({origin}) cannot be used: {what}");
            CliError::new(Kind::KeyUnavailable, message, hint)
        };
        if let KeySource::Passphrase(text) = source {
            return Material::passphrase(text.expose()).map_err(|error| {
                wrong(error.to_string(), "take several random words, as from a password manager")
            });
        }
        self.with_key_text(source, secrets_dir, &wrong, |text| {
            Material::key(text).map_err(|error| wrong(error.to_string(), error.hint()))
        })
    }

    /// Reads a key's text and hands it to `key`; `wrong` makes an error of what and a hint.
    pub(in crate::cli) fn with_key_text<T>(
        &self,
        source: &KeySource,
        secrets_dir: Option<&std::path::Path>,
        wrong: &dyn Fn(String, &str) -> CliError,
        key: impl FnOnce(&[u8]) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        match source {
            KeySource::Key(text) | KeySource::Passphrase(text) => key(text.expose()),
            KeySource::File(path) => {
                let file = master_key::read_file(path, secrets_dir).map_err(|error| {
                    wrong(format!("{}: {error}", master_key::shown(path)), &error.hint(path))
                })?;
                if let Some(warning) = &file.warning {
                    self.ui.warn(warning);
                }
                key(file.text.expose())
            }
            KeySource::Command(command) => {
                let text = command::secret_of(command, LONGEST).map_err(|error| {
                    wrong(
                        format!("the command for it failed: {error}"),
                        "run it by hand: it must print the key and nothing else",
                    )
                })?;
                key(text.expose())
            }
        }
    }
}
