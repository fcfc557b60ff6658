//! The one error that leaves the program: type, message, hint, exit code.

use std::error::Error;

use crate::domain::keys::verdict::Denial;
use crate::domain::texts::text::Shown;

/// What kind of failure it is, and the exit code that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something else went wrong: 1.
    Internal,
    /// Wrong usage or input: 2.
    InvalidInput,
    /// Somebody at the terminal said no, or nothing: 2, and no failure of anybody.
    Declined,
    /// A command is missing, and the help was shown: 2.
    Helped,
    /// Not there: 3.
    NotFound,
    /// Exists, ambiguous, or in the wrong state: 4.
    Conflict,
    /// A credential was rejected, or may not do this: 5. The verdict itself is on stdout.
    Denied(Denial),
    /// What was shown at standard input does not allow it: 5.
    Unauthorized,
    /// The store's policy forbids it: 5.
    Forbidden,
    /// Somebody else holds the lock: 6.
    Busy,
    /// The store cannot be used: 7.
    Store,
    /// It went back behind what was seen of it: 7.
    RolledBack,
    /// The store can be used and is not as it should be: 7.
    Damaged,
    /// A provider's secret cannot be had, or the master key: 8.
    KeyUnavailable,
    /// Output could not be written: 9.
    Output,
    /// The reader of a pipe went away: no failure.
    BrokenPipe,
    /// The command that was run ended with this code, which says all there is to say.
    Ended(u8),
}

impl Kind {
    /// The type in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal | Self::Ended(_) => "INTERNAL",
            Self::InvalidInput | Self::Declined | Self::Helped => "INVALID_INPUT",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::Denied(denial) => denial.as_str(),
            Self::Unauthorized => Denial::Unauthorized.as_str(),
            Self::Forbidden => Denial::Forbidden.as_str(),
            Self::Busy => "BUSY",
            Self::Store | Self::RolledBack => "STORE_UNAVAILABLE",
            Self::Damaged => "STORE_DAMAGED",
            Self::KeyUnavailable => "KEY_UNAVAILABLE",
            Self::Output | Self::BrokenPipe => "OUTPUT_FAILED",
        }
    }

    pub fn exit_code(self) -> u8 {
        match self {
            Self::BrokenPipe => 0,
            Self::Internal => 1,
            Self::InvalidInput | Self::Declined | Self::Helped => 2,
            Self::NotFound => 3,
            Self::Conflict => 4,
            Self::Denied(_) | Self::Unauthorized | Self::Forbidden => 5,
            Self::Busy => 6,
            Self::Store | Self::RolledBack | Self::Damaged => 7,
            Self::KeyUnavailable => 8,
            Self::Output => 9,
            Self::Ended(code) => code,
        }
    }

    /// What of its type it is, in JSON, where programs tell that apart.
    pub fn reason(self) -> Option<&'static str> {
        matches!(self, Self::RolledBack).then_some("rolled_back")
    }

    /// Whether everything has been said on stdout already.
    pub fn is_silent(self) -> bool {
        matches!(self, Self::Denied(_) | Self::Helped | Self::BrokenPipe | Self::Ended(_))
    }
}

/// A failure as the user sees it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CliError {
    pub kind: Kind,
    pub message: String,
    pub hint: Option<String>,
    /// The exit code, where it is not the kind's.
    pub exit: Option<u8>,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// The exit code of what fails before another command runs in keyctl's place. The codes below
/// are that command's own: what env, nice and timeout do, too (POSIX.1-2024, env).
pub(super) const NOT_RUN: u8 = 125;

impl CliError {
    pub fn new(kind: Kind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: Some(hint.into()).filter(|hint: &String| !hint.is_empty()),
            exit: None,
            cause: None,
        }
    }

    /// With the error that it was made of, for `--verbose`.
    #[must_use]
    pub(super) fn because(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    /// What led to it, the nearest first and each on one line, where that says more than the message
    /// and the cause before it. None holds a secret; what looks like one is not shown all the same.
    pub(super) fn causes(&self) -> Vec<String> {
        let mut said = vec![self.message.clone()];
        let mut next = self.source();
        while let Some(cause) = next {
            let text = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
            if !text.is_empty() && !said.iter().any(|before| before.contains(&text)) {
                said.push(text);
            }
            next = cause.source();
        }
        said.iter().skip(1).map(|text| Shown(text).to_string()).collect()
    }

    pub fn exit_code(&self) -> u8 {
        self.exit.unwrap_or_else(|| self.kind.exit_code())
    }

    /// With another way out, behind the hint.
    #[must_use]
    pub(super) fn or(self, another: &str) -> Self {
        let hint = self.hint.map_or_else(|| another.to_owned(), |hint| format!("{hint}; {another}"));
        Self { hint: Some(hint), ..self }
    }

    #[must_use]
    pub fn with_exit(self, code: u8) -> Self {
        Self { exit: Some(code), ..self }
    }

    /// A failure of keyctl where another command was to be run.
    #[must_use]
    pub(super) fn instead_of_command(self) -> Self {
        if self.exit.is_some() || self.kind.is_silent() { self } else { self.with_exit(NOT_RUN) }
    }

    /// A command that was run ended with this code.
    pub(super) fn ended(code: u8) -> Self {
        Self::new(Kind::Ended(code), "the command ended", "")
    }

    pub fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Kind::InvalidInput, message, hint)
    }

    /// After a change that did happen.
    #[must_use]
    pub fn after(self, what: &str) -> Self {
        Self { message: format!("{}; but {what}", self.message), ..self }
    }

    /// A denied verification: the verdict was printed.
    pub fn denied(denial: Denial) -> Self {
        Self::new(Kind::Denied(denial), "denied", "")
    }
}
