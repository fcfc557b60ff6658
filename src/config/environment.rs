//! The variables of the process's environment that keyctl looks at, read once.

use std::ffi::OsString;
use std::path::PathBuf;

/// `KEYCTL_COMPLETE`, by which a shell's script asks for candidates, and how it asks.
#[expect(clippy::disallowed_methods, reason = "with the rest of the environment")]
pub(crate) fn completion() -> Option<OsString> {
    std::env::var_os("KEYCTL_COMPLETE").filter(|value| !value.is_empty())
}

/// `PATH`, where other programs are looked for.
#[expect(clippy::disallowed_methods, reason = "with the rest of the environment")]
pub(crate) fn path() -> Option<OsString> {
    std::env::var_os("PATH")
}

/// `BROWSER`: commands that show an address, with `:` between.
#[expect(clippy::disallowed_methods, reason = "with the rest of the environment")]
pub(crate) fn browser() -> Option<String> {
    std::env::var("BROWSER").ok().filter(|value| !value.is_empty())
}

/// `KEYCTL_STORE` as it is; it may hold a password.
#[expect(clippy::disallowed_methods, reason = "with the rest of the environment")]
pub(crate) fn store() -> Option<OsString> {
    std::env::var_os("KEYCTL_STORE")
}

/// Whether there is a variable of this name, if only an empty one.
#[expect(clippy::disallowed_methods, reason = "with the rest of the environment")]
pub(crate) fn has(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

/// `GITHUB_OUTPUT`, the file that a runner of GitHub Actions reads when a step has ended; none where `GITHUB_ACTIONS` does not
/// say that there is one.
#[expect(clippy::disallowed_methods, reason = "with the rest of the environment")]
pub(crate) fn github_output() -> Option<PathBuf> {
    let runs = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    std::env::var_os("GITHUB_OUTPUT").filter(|path| runs && !path.is_empty()).map(PathBuf::from)
}

/// The value of a variable, where it is text.
#[expect(clippy::disallowed_methods, reason = "with the rest of the environment")]
pub(crate) fn text(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Where a folder of this process may stand: `XDG_RUNTIME_DIR`, which is the user's own, then the folder for temporary files.
#[expect(clippy::disallowed_methods, reason = "with the rest of the environment")]
pub(crate) fn runtime_places() -> Vec<PathBuf> {
    let own = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    own.into_iter().chain([std::env::temp_dir()]).collect()
}

/// The same for what is to stand on no disk, where the system has such a folder.
pub(crate) fn memory_places() -> Vec<PathBuf> {
    let mut places = runtime_places();
    places.insert(places.len() - 1, PathBuf::from("/dev/shm"));
    places
}

/// What the environment says. Empty values count as unset.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `XDG_DATA_HOME`; a relative path is ignored (XDG Base Directory Specification 0.8).
    pub xdg_data_home: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`; a relative path is ignored, too.
    pub xdg_config_home: Option<PathBuf>,
    /// `XDG_STATE_HOME`; the same.
    pub xdg_state_home: Option<PathBuf>,
    /// `KEYCTL_CONFIG`: the configuration file, which must exist.
    pub config: Option<PathBuf>,
    /// `KEYCTL_ACTOR`: who asks, for the audit log.
    pub actor: Option<OsString>,
    /// `KEYCTL_AUDIT_SINK`: where audit records go besides the store.
    pub audit_sink: Option<OsString>,
    /// `KEYCTL_OUTBOUND_ALLOW`: private networks that requests of ours may reach.
    pub outbound_allow: Option<OsString>,
    /// `PGPASSWORD`: the password of a PostgreSQL address that holds none.
    pub pg_password: Option<String>,
    /// `PGPASSFILE`, else `~/.pgpass`.
    pub pg_passfile: Option<PathBuf>,
    /// Whether `NO_COLOR` is set.
    pub no_color: bool,
    /// Whether `TERM` is `dumb`.
    pub dumb_terminal: bool,
}

impl Environment {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    pub(crate) fn of_process() -> Self {
        let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let path = |name: &str| value(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = path("HOME");
        Self {
            pg_password: value("PGPASSWORD").and_then(|password| password.into_string().ok()),
            pg_passfile: path("PGPASSFILE").or_else(|| home.as_ref().map(|home| home.join(".pgpass"))),
            home,
            xdg_data_home: path("XDG_DATA_HOME"),
            xdg_config_home: path("XDG_CONFIG_HOME"),
            xdg_state_home: path("XDG_STATE_HOME"),
            config: value("KEYCTL_CONFIG").map(PathBuf::from),
            actor: value("KEYCTL_ACTOR"),
            audit_sink: value("KEYCTL_AUDIT_SINK"),
            outbound_allow: value("KEYCTL_OUTBOUND_ALLOW"),
            no_color: value("NO_COLOR").is_some(),
            dumb_terminal: value("TERM").is_some_and(|term| term == "dumb"),
        }
    }
}
