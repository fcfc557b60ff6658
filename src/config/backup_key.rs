//! Where the key of backups comes from: as the master key, one place, and nowhere on a command line.

use super::master_key::{OneSource, SourceError};

/// The ones that name a file.
pub(super) const FILES: [&str; 2] = [VARIABLES[1], VARIABLES[4]];

/// The variables, of which one may be set: the key itself, or a passphrase that it follows from.
pub(crate) const VARIABLES: [&str; 6] = [
    "KEYCTL_BACKUP_KEY",
    "KEYCTL_BACKUP_KEY_FILE",
    "KEYCTL_BACKUP_KEY_CMD",
    "KEYCTL_BACKUP_PASSPHRASE",
    "KEYCTL_BACKUP_PASSPHRASE_FILE",
    "KEYCTL_BACKUP_PASSPHRASE_CMD",
];

/// Decides where it comes from. A variable that is empty counts as unset.
pub(crate) fn source() -> Result<OneSource, SourceError> {
    OneSource::of_process(&VARIABLES)
}

/// Whether it is a passphrase, from wherever it comes.
pub(crate) fn is_passphrase(found: &OneSource) -> bool {
    found.source.as_ref().is_some_and(|source| source.origin.contains("PASSPHRASE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_is_taken_and_two_are_refused() {
        let decided = |set: &[(&str, &str)]| {
            OneSource::decide(&VARIABLES, |name| {
                set.iter().find(|(set, _)| *set == name).map(|(_, value)| value.into())
            })
            .map(|found| (is_passphrase(&found), found.source.map(|source| source.origin)))
        };
        assert_eq!(decided(&[]), Ok((false, None)));
        for name in VARIABLES {
            assert_eq!(decided(&[(name, "x")]), Ok((name.contains("PASSPHRASE"), Some(name.to_owned()))));
            assert_eq!(decided(&[(name, "")]), Ok((false, None)), "empty is unset");
            for other in VARIABLES.iter().filter(|other| **other != name) {
                assert!(decided(&[(name, "x"), (other, "y")]).is_err(), "{name} {other}");
            }
        }
    }
}
