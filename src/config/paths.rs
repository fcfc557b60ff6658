//! Paths as they are written in the configuration file.

use std::path::{Path, PathBuf};

/// Why a path in the file means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    /// `~/…` without a home.
    #[error("~ means nothing: HOME does not name a folder")]
    NoHome,
    /// `~alice/…`.
    #[error("only ~/ stands for a home folder: write another user's in full")]
    OtherHome,
}

/// The path meant: `~/…` below the home folder, a relative one below the file's own `folder`,
/// so that it is the same one wherever keyctl is started.
pub(crate) fn expand(path: PathBuf, folder: &Path, home: Option<&Path>) -> Result<PathBuf, PathError> {
    let below_home = if path.as_os_str() == "~" { Some(Path::new("")) } else { path.strip_prefix("~").ok() };
    if let Some(rest) = below_home {
        return home.map(|home| home.join(rest)).ok_or(PathError::NoHome);
    }
    if path.as_os_str().as_encoded_bytes().starts_with(b"~") {
        return Err(PathError::OtherHome);
    }
    Ok(folder.join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_below_the_home_or_the_file() {
        let folder = Path::new("/etc/keyctl");
        let expand = |path: &str, home| super::expand(path.into(), folder, home);
        let home = Some(Path::new("/home/alice"));
        for (path, meant) in [
            ("/a.db", "/a.db"),
            ("a.db", "/etc/keyctl/a.db"),
            ("../a.db", "/etc/keyctl/../a.db"),
            ("~/a.db", "/home/alice/a.db"),
            ("a/~/b", "/etc/keyctl/a/~/b"),
        ] {
            assert_eq!(expand(path, home), Ok(meant.into()), "{path}");
        }
        assert_eq!(expand("~/a.db", None), Err(PathError::NoHome));
        assert_eq!(expand("~bob/a.db", home), Err(PathError::OtherHome));
    }
}
