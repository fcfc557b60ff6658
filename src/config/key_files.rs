//! The files that keys are read from.

use std::path::PathBuf;

use super::{apollo, backup_key};

/// The files that variables name as a key's: the master key's, that of backups, or another program's.
pub(crate) fn named() -> impl Iterator<Item = PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "secrets are read only where they are needed")]
    let variable = |name: &str| std::env::var_os(name);
    let variables = ["KEYCTL_MASTER_KEY_FILE", apollo::FILE].into_iter().chain(backup_key::FILES);
    let named = variables.filter_map(variable);
    named.filter(|path| !path.is_empty()).map(PathBuf::from)
}
