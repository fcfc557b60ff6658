//! Where the configuration file is, and whether what it says may be trusted.
//!
//! Whoever can write it chooses the store that keys are minted into, so a file that somebody
//! else could have written is refused.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use super::environment::Environment;
use super::error::ConfigError;
use crate::domain::texts::misplaced;

/// Longer files are no configuration.
const LONGEST: u64 = 1024 * 1024;

/// The text of a configuration file that nobody else could have written.
pub(crate) struct Source {
    /// Where it is, as it was named.
    pub path: PathBuf,
    pub text: String,
    /// Whether nobody else may read it, so that a password may stand in it.
    pub is_private: bool,
}

/// `KEYCTL_CONFIG`, else `$XDG_CONFIG_HOME/keyctl/config.toml`, else the same below
/// `~/.config`; `None` where the user has no folder.
pub(crate) fn path(environment: &Environment) -> Option<PathBuf> {
    let home = environment.home.as_deref().filter(|home| *home != Path::new("/"));
    let folder = || environment.xdg_config_home.clone().or_else(|| home.map(|home| home.join(".config")));
    environment.config.clone().or_else(|| folder().map(|folder| folder.join("keyctl/config.toml")))
}

/// Reads the file; `None` if there is none and none was named. A file that is not there costs
/// one system call.
pub(crate) fn read(environment: &Environment) -> Result<Option<Source>, ConfigError> {
    let Some(path) = path(environment) else { return Ok(None) };
    if environment.config.is_some() && path.to_str().is_some_and(misplaced::is_no_path) {
        let what = "has the form of a key or password, and is not shown";
        return Err(ConfigError::refused(
            Path::new("(KEYCTL_CONFIG)"),
            what,
            "name a file with KEYCTL_CONFIG",
        ));
    }
    match fs::symlink_metadata(&path) {
        Ok(found) => check_kind(&path, &found)?,
        Err(error) if is_missing(&error) && environment.config.is_none() => return Ok(None),
        Err(error) if is_missing(&error) => {
            return Err(ConfigError::refused(&path, "does not exist", "make it, or unset KEYCTL_CONFIG"));
        }
        Err(error) => return Err(unreadable(&path, &error, VARIABLE)),
    }
    check_folder(&path)?;
    // Whatever has the name by now: no link is followed, and no pipe waited for.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::open(&path, flags, Mode::empty()).map(File::from);
    let file = file.map_err(|error| unreadable(&path, &error.into(), VARIABLE))?;
    let found = file.metadata().map_err(|error| unreadable(&path, &error, VARIABLE))?;
    check_kind(&path, &found)?;
    check_trust(&path, Trust::of(&found), VARIABLE)?;
    let text = text(&path, &file, VARIABLE)?;
    Ok(Some(Source { path, text, is_private: found.mode().trailing_zeros() >= 6 }))
}

/// What names the file of all commands.
const VARIABLE: &str = "KEYCTL_CONFIG";
/// What names that of `keyctl serve`.
#[cfg(feature = "serve")]
const SERVE: &str = "--config";

/// Reads the file of `keyctl serve`, also through links: a volume of Kubernetes is made of them.
#[cfg(feature = "serve")]
pub(crate) fn read_for_serve(path: &Path) -> Result<Source, ConfigError> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty()).map(File::from).map_err(io::Error::from);
    let file = file.map_err(|error| match error {
        error if is_missing(&error) => {
            ConfigError::refused(path, "does not exist", "name the right file with --config")
        }
        error => unreadable(path, &error, SERVE),
    })?;
    let found = file.metadata().map_err(|error| unreadable(path, &error, SERVE))?;
    if !found.is_file() {
        return Err(ConfigError::refused(path, "is no file", "name the right file with --config"));
    }
    check_trust(path, Trust::of(&found), SERVE)?;
    let text = text(path, &file, SERVE)?;
    Ok(Source { path: path.to_owned(), text, is_private: found.mode().trailing_zeros() >= 6 })
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn unreadable(path: &Path, error: &io::Error, by: &str) -> ConfigError {
    let hint = format!("check who owns it and its folder, or name another with {by}");
    ConfigError::refused(path, format!("cannot be read: {error}"), hint)
}

fn check_kind(path: &Path, found: &Metadata) -> Result<(), ConfigError> {
    let kind = found.file_type();
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_symlink() {
        let hint = format!(
            "put the file itself there: cp --remove-destination \"$(readlink -f {0})\" {0}; or name it with KEYCTL_CONFIG",
            path.display()
        );
        return Err(ConfigError::refused(path, "is a symbolic link", hint));
    } else if kind.is_dir() {
        "is a directory"
    } else if kind.is_fifo() {
        "is a pipe"
    } else {
        "is a device or socket"
    };
    Err(ConfigError::refused(path, what, "name the file itself with KEYCTL_CONFIG"))
}

/// Whoever may write to the folder can put another file into the place of this one; with the
/// sticky bit only its owner can.
fn check_folder(path: &Path) -> Result<(), ConfigError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = fs::metadata(folder).map_err(|error| unreadable(path, &error, VARIABLE))?.mode();
    if mode & 0o1002 == 0o002 {
        let what = format!("lies in a folder that everybody can write to (mode {:04o})", mode & 0o7777);
        return Err(ConfigError::refused(path, what, format!("run: chmod o-w {}", folder.display())));
    }
    Ok(())
}

/// What decides whether an ordinary file is trusted.
#[derive(Clone, Copy)]
struct Trust {
    mode: u32,
    owner: u32,
    user: u32,
    bytes: u64,
}

impl Trust {
    fn of(found: &Metadata) -> Self {
        let user = rustix::process::geteuid().as_raw();
        Self { mode: found.mode(), owner: found.uid(), user, bytes: found.len() }
    }
}

fn check_trust(path: &Path, file: Trust, by: &str) -> Result<(), ConfigError> {
    let Trust { mode, owner, user, bytes } = file;
    if mode & 0o022 != 0 {
        let what = format!("can be written by others (mode {:04o})", mode & 0o7777);
        return Err(ConfigError::refused(path, what, format!("run: chmod go-w {}", path.display())));
    }
    if owner != user && owner != 0 {
        let hint = format!("copy it and name the copy with {by}, or run keyctl as that user");
        return Err(ConfigError::refused(path, format!("belongs to another user (uid {owner})"), hint));
    }
    if bytes > LONGEST {
        return Err(too_long(path, by));
    }
    Ok(())
}

fn too_long(path: &Path, by: &str) -> ConfigError {
    ConfigError::refused(path, "is longer than 1 MiB", format!("name the right file with {by}"))
}

fn text(path: &Path, file: &File, by: &str) -> Result<String, ConfigError> {
    let mut bytes = Vec::new();
    // One byte more than is allowed: it may have grown since.
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error, by))?;
    if bytes.len() as u64 > LONGEST {
        return Err(too_long(path, by));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        ConfigError::line(path, line, "this line is not UTF-8", "write the file in UTF-8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_in_the_users_own_configuration_folder() {
        let home = |path: &str| Environment { home: Some(path.into()), ..Environment::default() };
        assert_eq!(path(&home("/home/alice")), Some("/home/alice/.config/keyctl/config.toml".into()));
        let xdg = Environment { xdg_config_home: Some("/etc/xdg".into()), ..home("/home/alice") };
        assert_eq!(path(&xdg), Some("/etc/xdg/keyctl/config.toml".into()));
        let named = Environment { config: Some("my.toml".into()), ..xdg };
        assert_eq!(path(&named), Some("my.toml".into()));
        assert_eq!(path(&home("/")), None);
        assert_eq!(path(&Environment::default()), None);
    }

    #[test]
    fn a_file_is_trusted_that_only_its_user_or_root_can_have_written() {
        let trust = |mode, owner, user, bytes| {
            check_trust(Path::new("c"), Trust { mode, owner, user, bytes }, VARIABLE)
                .map_err(|error| error.to_string())
        };
        for (mode, owner) in [(0o100_600, 7), (0o100_644, 7), (0o100_444, 0), (0o100_755, 0)] {
            assert_eq!(trust(mode, owner, 7, 100), Ok(()), "{mode:o} {owner}");
        }
        for (mode, owner, bytes, says) in [
            (0o100_660, 7, 1, "written by others (mode 0660)"),
            (0o100_602, 0, 1, "written by others (mode 0602)"),
            (0o100_600, 8, 1, "another user (uid 8)"),
            (0o100_600, 7, LONGEST + 1, "longer than 1 MiB"),
        ] {
            let refused = trust(mode, owner, 7, bytes).expect_err(says);
            assert!(refused.contains(says), "{refused}");
        }
    }
}
