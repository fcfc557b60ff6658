//! What can be wrong with the configuration file and the choice of a profile.

use std::fmt::Display;
use std::path::Path;

/// Why there are no settings. No value of the file is ever repeated: it may be a secret in the
/// wrong place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be trusted or read; nothing in it was looked at.
    #[error("the configuration file {path} {what}")]
    Refused { path: String, what: String, hint: String },
    /// A line of the file is wrong.
    #[error("{path}:{line}: {what}")]
    Line {
        path: String,
        /// Counted from 1.
        line: usize,
        what: String,
        hint: String,
    },
    /// A place in the file is wrong.
    #[cfg(feature = "serve")]
    #[error("{path}:{line}:{column}: {what}")]
    Place {
        path: String,
        /// Counted from 1.
        line: usize,
        /// Characters, counted from 1.
        column: usize,
        what: String,
        hint: String,
    },
    /// What was said, taken together, cannot be served.
    #[cfg(feature = "serve")]
    #[error("{what}")]
    Unserved { what: String, hint: String },
    /// A variable is wrong. Its value is not repeated either.
    #[error("{name}: {what}")]
    Variable { name: &'static str, what: String, hint: String },
    #[error("{what}")]
    NoProfile {
        /// Which one, and where it was looked for.
        what: String,
        hint: String,
    },
}

impl ConfigError {
    pub(super) fn refused(path: &Path, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { path: path.display().to_string(), what: what.into(), hint: hint.into() }
    }

    pub(super) fn line(path: &Path, line: usize, what: impl Display, hint: impl Into<String>) -> Self {
        Self::Line { path: path.display().to_string(), line, what: what.to_string(), hint: hint.into() }
    }

    pub(crate) fn hint(&self) -> &str {
        match self {
            #[cfg(feature = "serve")]
            Self::Place { hint, .. } | Self::Unserved { hint, .. } => hint,
            Self::Refused { hint, .. }
            | Self::Line { hint, .. }
            | Self::Variable { hint, .. }
            | Self::NoProfile { hint, .. } => hint,
        }
    }
}
