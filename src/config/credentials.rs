//! What a service's environment says of where tokens of credentials are handed out.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::master_key::{self, SecretText};
use crate::domain::texts::misplaced;

/// The Unix socket of `keyctl serve`, or of `keyctl exec --oauth`.
pub(crate) const SOCKET: &str = "KEYCTL_CREDENTIALS_SOCKET";

/// The file that holds the service's own key there.
pub(crate) const KEY_FILE: &str = "KEYCTL_CREDENTIALS_KEY_FILE";

/// The user of the socket, by number, where it is neither root nor the service's own.
pub(crate) const OWNER: &str = "KEYCTL_CREDENTIALS_OWNER";

#[expect(
    clippy::disallowed_methods,
    reason = "read when it is needed: it may be set after the reader was opened"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

pub(crate) fn socket() -> Option<PathBuf> {
    variable(SOCKET).map(PathBuf::from)
}

pub(crate) fn owner() -> Option<OsString> {
    variable(OWNER)
}

/// What the key's file holds; `None` where none is named. Else why it is not read, in words that repeat nothing of it.
pub(crate) fn key() -> Option<Result<SecretText, String>> {
    let path = variable(KEY_FILE)?;
    Some(if misplaced::is_no_path(&path.to_string_lossy()) {
        Err(format!("{KEY_FILE} has the form of a key or password, where a path is expected"))
    } else {
        read(Path::new(&path)).map_err(|why| format!("{KEY_FILE}: {why}"))
    })
}

/// By the rules of a master key's file.
fn read(path: &Path) -> Result<SecretText, String> {
    let folder = variable("KEYCTL_SECRETS_DIR").map(PathBuf::from);
    let shown = master_key::shown(path);
    let file = master_key::read_file(path, folder.as_deref()).map_err(|error| format!("{shown}: {error}"))?;
    Ok(file.text)
}
