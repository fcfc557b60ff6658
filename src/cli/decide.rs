//! From any error to the one that leaves the program: the only place that looks into what `anyhow`
//! carried up here.
//!
//! Each error of ours is decided variant by variant and without a rest, so that one that is added does
//! not compile before it has its exit code. An error of none of these types is a defect.

use std::error::Error;
use std::io;

use super::error::{CliError, Kind};
use crate::config::{ActorError, ConfigError, PlaceError, SinkError};
use crate::domain::audit::anchor::Mismatch;
use crate::ops;
use crate::render::Unwritten;
use crate::store::{self, LocationError};

impl CliError {
    /// What the user is told of an error, whichever it is.
    pub(super) fn of(error: impl Into<anyhow::Error>) -> Self {
        type Attempt = fn(anyhow::Error) -> anyhow::Result<CliError>;
        const KNOWN: [Attempt; 9] = [
            anyhow::Error::downcast::<CliError>,
            decided::<ops::Error>,
            decided::<store::Error>,
            decided::<LocationError>,
            decided::<ConfigError>,
            decided::<PlaceError>,
            decided::<SinkError>,
            decided::<ActorError>,
            decided::<Unwritten>,
        ];
        let unknown = KNOWN.iter().try_fold(error.into(), |error, known| match known(error) {
            Ok(found) => Err(found),
            Err(error) => Ok(error),
        });
        unknown.map_or_else(|found| found, defect)
    }
}

/// Nobody decided what this means. Its text is left to `--verbose`, where it is masked.
fn defect(error: anyhow::Error) -> CliError {
    let message = "keyctl has a defect: it met an error that it has no words for";
    let hint = "please report it with what you did, and with what --verbose adds";
    CliError::new(Kind::Internal, message, hint).because(error)
}

fn decided<E: Decided>(error: anyhow::Error) -> anyhow::Result<CliError> {
    error.downcast::<E>().map(|error| {
        CliError::new(error.kind(), error.message(), error.advice().unwrap_or_default()).because(error)
    })
}

/// An error that is decided.
trait Decided: Error + Send + Sync + 'static {
    /// Its type and exit code.
    fn kind(&self) -> Kind;

    /// What to do about it.
    fn advice(&self) -> Option<String>;

    /// What happened.
    fn message(&self) -> String {
        self.to_string()
    }
}

impl Decided for ops::Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Invalid { .. } => Kind::InvalidInput,
            Self::NotFound { .. } => Kind::NotFound,
            Self::Conflict(_) | Self::Anchor(Mismatch::OtherStore { .. }) => Kind::Conflict,
            Self::KeyUnavailable { .. } => Kind::KeyUnavailable,
            Self::Undelivered(_) => Kind::Output,
            Self::Partly { error, .. } => error.kind(),
            Self::Audit(_)
            | Self::Anchor(Mismatch::Shorter { .. } | Mismatch::Replaced(_) | Mismatch::Rewritten(_)) => {
                Kind::Damaged
            }
            Self::Store(error) => error.kind(),
            // Without memory nothing is known of a token: no denial.
            Self::TokenUncertain(_) | Self::Memory(_) => Kind::Store,
            Self::Random(_) | Self::Scratch(_) => Kind::Internal,
        }
    }

    fn advice(&self) -> Option<String> {
        self.hint()
    }
}

impl Decided for store::Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Exists(_) => Kind::Conflict,
            Self::Busy(_) | Self::Held(_) => Kind::Busy,
            Self::Corrupt { .. } => Kind::Damaged,
            Self::Missing(_)
            | Self::Refused { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Connect { .. }
            | Self::Unknown(_)
            | Self::Waiting
            | Self::Clock
            | Self::Transient(_)
            | Self::Views(_)
            | Self::Slow(_)
            | Self::Lost(_)
            | Self::Database(_) => Kind::Store,
        }
    }

    fn advice(&self) -> Option<String> {
        self.hint()
    }
}

impl Decided for LocationError {
    fn kind(&self) -> Kind {
        Kind::InvalidInput
    }

    fn advice(&self) -> Option<String> {
        Some(self.hint().to_owned())
    }
}

impl Decided for ConfigError {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused { .. } | Self::Line { .. } | Self::NoProfile { .. } => Kind::InvalidInput,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(self.hint().to_owned())
    }
}

impl Decided for PlaceError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoHome => Kind::Store,
        }
    }

    fn advice(&self) -> Option<String> {
        Some("name the store with --store PATH or KEYCTL_STORE, or set HOME".to_owned())
    }
}

impl Decided for SinkError {
    fn kind(&self) -> Kind {
        match self {
            Self::Encoding
            | Self::Control
            | Self::Kind
            | Self::Empty
            | Self::Relative
            | Self::Secret
            | Self::Folder => Kind::InvalidInput,
        }
    }

    fn advice(&self) -> Option<String> {
        Some("write file:/path/to/log or cmd:/path/to/program ARGUMENT …, or unset it".to_owned())
    }

    fn message(&self) -> String {
        format!("KEYCTL_AUDIT_SINK cannot be used: {self}; nothing was changed")
    }
}

impl Decided for ActorError {
    fn kind(&self) -> Kind {
        Kind::InvalidInput
    }

    fn advice(&self) -> Option<String> {
        Some("set it to a plain name, or unset it".to_owned())
    }
}

impl Decided for Unwritten {
    /// A reader of a pipe that went away has seen what it wanted.
    fn kind(&self) -> Kind {
        match self.0.kind() {
            io::ErrorKind::BrokenPipe => Kind::BrokenPipe,
            _ => Kind::Output,
        }
    }

    fn advice(&self) -> Option<String> {
        Some("let something with free space read standard output".to_owned())
    }
}
