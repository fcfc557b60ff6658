//! What stands around a file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::domain::texts::text;

pub(super) fn shell_word(path: &Path) -> String {
    text::shell_word(&path.display().to_string()).into_owned()
}

/// The folder that holds `path`.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The path with something appended to its last part.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}
