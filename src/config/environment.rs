//! The variables of the process's environment that keyctl looks at, read once.

use std::ffi::OsString;
use std::path::PathBuf;

/// What the environment says. Empty values count as unset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `XDG_DATA_HOME`; a relative path is ignored (XDG Base Directory Specification 0.8).
    pub xdg_data_home: Option<PathBuf>,
    /// `KEYCTL_ACTOR`: who asks, for the audit log.
    pub actor: Option<OsString>,
    /// Whether `NO_COLOR` is set.
    pub no_color: bool,
    /// Whether `TERM` is `dumb`.
    pub dumb_terminal: bool,
}

impl Environment {
    /// Reads this process's environment.
    pub fn of_process() -> Self {
        let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let path = |name: &str| value(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            home: path("HOME"),
            xdg_data_home: path("XDG_DATA_HOME"),
            actor: value("KEYCTL_ACTOR"),
            no_color: value("NO_COLOR").is_some(),
            dumb_terminal: value("TERM").is_some_and(|term| term == "dumb"),
        }
    }
}
