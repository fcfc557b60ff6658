//! What backups are sealed with, read where a command needs it.

use zeroize::Zeroizing;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::inputs::input::given_up;
use crate::cli::terminal::line;
use crate::cli::terminal::prompt::unreadable;
use crate::cli::terminal::ui::{self, Ui};
use crate::config::backup_key;
use crate::config::master_key::OneSource;
use crate::ops::master_keys::Material;
use crate::ops::stores::backup::BackupKey;

/// What to do where there is none.
const HOW: &str = "set KEYCTL_BACKUP_PASSPHRASE or KEYCTL_BACKUP_KEY, or one with _FILE or _CMD behind it";

impl Context {
    /// For a new backup: a passphrase is asked for twice where nothing names one, and must be a good one.
    pub(in crate::cli) fn new_backup_key(&self) -> Result<BackupKey, CliError> {
        if let Some(key) = self.named_backup_key(true)? {
            return Ok(key);
        }
        if !Ui::can_ask() {
            return Err(CliError::invalid(
                "a backup is sealed, and nothing says with what; nothing was written",
                format!("{HOW}; whoever may read the file gets all hashes and envelopes with --no-encrypt"),
            ));
        }
        loop {
            let first = ask("Passphrase of the backup: ")?;
            if let Err(error) = Material::passphrase(&first) {
                ui::ask(&format!("{error}\n"));
                continue;
            }
            if *ask("The same again: ")? == *first {
                return Ok(BackupKey::passphrase(&first));
            }
            ui::ask("these are two passphrases\n");
        }
    }

    /// For a backup that there is: a passphrase is asked for where nothing names one, if that is what opens it.
    pub(in crate::cli) fn backup_key(&self, is_passphrase: bool) -> Result<Option<BackupKey>, CliError> {
        let named = self.named_backup_key(false)?;
        if named.is_some() || !is_passphrase || !Ui::can_ask() {
            return Ok(named);
        }
        Ok(Some(BackupKey::passphrase(&ask("Passphrase of the backup: ")?)))
    }

    fn named_backup_key(&self, is_new: bool) -> Result<Option<BackupKey>, CliError> {
        let found = backup_key::source()
            .map_err(|error| CliError::new(Kind::KeyUnavailable, error.to_string(), error.hint()))?;
        let is_passphrase = backup_key::is_passphrase(&found);
        let OneSource { source: Some(named), secrets_dir } = &found else { return Ok(None) };
        self.ui.explain(&format!("key of backups: {}", named.origin));
        let wrong = |what: String, hint: &str| {
            let message = format!("the key of backups ({}) cannot be used: {what}", named.origin);
            CliError::new(Kind::KeyUnavailable, message, hint)
        };
        let key = self.with_key_text(&named.source, secrets_dir.as_deref(), &wrong, |text| {
            if !is_passphrase {
                return BackupKey::key(text).map_err(|error| wrong(error.to_string(), error.hint()));
            }
            match Material::passphrase(text) {
                Err(error) if is_new => {
                    Err(wrong(error.to_string(), "take several random words, as from a password manager"))
                }
                _ => Ok(BackupKey::passphrase(text)),
            }
        })?;
        Ok(Some(key))
    }
}

fn ask(question: &str) -> Result<Zeroizing<Vec<u8>>, CliError> {
    line::ask(question, false).map_err(|error| unreadable(&error))?.ok_or_else(given_up)
}
