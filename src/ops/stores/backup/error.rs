//! Why a backup could not be written, or is not read.

use std::io;

/// Sealed by the one or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// Anybody can read it.
    No,
    ByKey,
    ByPassphrase,
}

impl Sealed {
    /// The word in the file's head, and in JSON.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::No => "none",
            Self::ByKey => "key",
            Self::ByPassphrase => "passphrase",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("this is no backup that keyctl made")]
    Foreign,
    /// Made by a later keyctl.
    #[error("the backup is of version {0}, and this keyctl reads version 1")]
    Version(String),
    /// Its end is missing.
    #[error("the backup is cut short: its end is missing")]
    Short,
    /// It is whole for all that can be told, and not what was written.
    #[error("the backup was altered, or its medium lost something: {0}")]
    Altered(&'static str),
    /// It may be either.
    #[error("the backup is cut short or was altered: a part of it does not open")]
    Unauthentic,
    #[error("the backup is sealed by a {0}, and none was given")]
    NoKey(Sealed),
    #[error("the backup is sealed by a {0}, and another kind of secret was given")]
    OtherKind(Sealed),
    #[error("the backup does not open: this is not the {0} that it was sealed by, or its head was altered")]
    WrongKey(Sealed),
    #[error("the backup cannot be read: {0}")]
    Read(#[source] io::Error),
    #[error("the backup could not be written: {0}")]
    Write(#[source] io::Error),
}

impl std::fmt::Display for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl BackupError {
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Foreign => "name a file that keyctl store backup wrote",
            Self::Version(_) => "use a newer keyctl; nothing was changed",
            Self::Short | Self::Altered(_) | Self::Unauthentic => {
                "take another backup: this one proves nothing; look at others with keyctl store backup --verify"
            }
            Self::NoKey(Sealed::ByPassphrase) | Self::OtherKind(Sealed::ByPassphrase) => {
                "set KEYCTL_BACKUP_PASSPHRASE, KEYCTL_BACKUP_PASSPHRASE_FILE or KEYCTL_BACKUP_PASSPHRASE_CMD"
            }
            Self::NoKey(_) | Self::OtherKind(_) => {
                "set KEYCTL_BACKUP_KEY, KEYCTL_BACKUP_KEY_FILE or KEYCTL_BACKUP_KEY_CMD"
            }
            Self::WrongKey(_) => {
                "give the one that was in force when the backup was made; nothing was changed"
            }
            Self::Read(_) => "check the file and its medium; nothing was changed",
            Self::Write(_) => "name a new file in a folder that can be written and has free space",
        }
    }
}
