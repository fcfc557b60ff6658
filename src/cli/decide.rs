//! From any error to the one that leaves the program: the only place that looks into what `anyhow`
//! carried up here.
//!
//! Each error of ours is decided variant by variant and without a rest, so that one that is added does
//! not compile before it has its exit code. An error of none of these types is a defect.

use std::error::Error;
use std::io;

use super::error::{CliError, Kind};
use super::outputs::sinks::SinkFailure;
use crate::config::{ActorError, ConfigError, PlaceError, SinkError};
use crate::domain::audit::anchor::Mismatch;
use crate::ops;
use crate::ops::stores::backup::BackupError;
use crate::render::Unwritten;
#[cfg(feature = "serve")]
use crate::runtime;
#[cfg(feature = "serve")]
use crate::server;
use crate::store::{self, LocationError};

impl CliError {
    /// What the user is told of an error, whichever it is.
    pub(super) fn of(error: impl Into<anyhow::Error>) -> Self {
        type Attempt = fn(anyhow::Error) -> anyhow::Result<CliError>;
        const KNOWN: &[Attempt] = &[
            anyhow::Error::downcast::<CliError>,
            decided::<ops::Error>,
            decided::<store::Error>,
            decided::<LocationError>,
            decided::<ConfigError>,
            decided::<PlaceError>,
            decided::<SinkError>,
            decided::<SinkFailure>,
            decided::<ActorError>,
            decided::<Unwritten>,
            #[cfg(feature = "serve")]
            decided::<runtime::Unavailable>,
            #[cfg(feature = "serve")]
            decided::<server::StartError>,
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

trait Decided: Error + Send + Sync + 'static {
    /// Its type and exit code.
    fn kind(&self) -> Kind;

    fn advice(&self) -> Option<String>;

    fn message(&self) -> String {
        self.to_string()
    }
}

impl Decided for ops::Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Invalid { .. } => Kind::InvalidInput,
            Self::NotFound { .. } => Kind::NotFound,
            Self::Conflict(conflict) if conflict.is_policy => Kind::Forbidden,
            Self::Conflict(_) | Self::Anchor(Mismatch::OtherStore { .. }) => Kind::Conflict,
            Self::Busy { .. } => Kind::Busy,
            Self::Denied { .. } => Kind::Unauthorized,
            Self::KeyUnavailable { .. } => Kind::KeyUnavailable,
            Self::Undelivered(_) => Kind::Output,
            Self::Partly { error, .. } | Self::Unstored { error, .. } => error.kind(),
            Self::Audit(_)
            | Self::Anchor(Mismatch::Shorter { .. } | Mismatch::Replaced(_) | Mismatch::Rewritten(_)) => {
                Kind::Damaged
            }
            Self::Store(error) => error.kind(),
            Self::Backup(error) => of_backup(error),
            // Without memory nothing is known of a token: no denial.
            Self::TokenUncertain(_) | Self::Memory(_) => Kind::Store,
            Self::Random(_) | Self::Scratch(_) => Kind::Internal,
        }
    }

    fn advice(&self) -> Option<String> {
        self.hint()
    }
}

fn of_backup(error: &BackupError) -> Kind {
    match error {
        BackupError::Foreign | BackupError::Read(_) => Kind::InvalidInput,
        BackupError::Version(_) => Kind::Store,
        BackupError::Short | BackupError::Altered(_) | BackupError::Unauthentic => Kind::Damaged,
        BackupError::NoKey(_) | BackupError::OtherKind(_) | BackupError::WrongKey(_) => Kind::KeyUnavailable,
        BackupError::Write(_) => Kind::Output,
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
            | Self::Moved(_)
            | Self::Unfinished(_)
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
        Some(self.hint())
    }
}

impl Decided for SinkFailure {
    fn kind(&self) -> Kind {
        if self.is_refusal { Kind::InvalidInput } else { Kind::Output }
    }

    fn advice(&self) -> Option<String> {
        Some(self.hint.clone())
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
            #[cfg(feature = "serve")]
            Self::Place { .. } | Self::Unserved { .. } => Kind::InvalidInput,
            Self::Refused { .. } | Self::Line { .. } | Self::Variable { .. } | Self::NoProfile { .. } => {
                Kind::InvalidInput
            }
        }
    }

    fn advice(&self) -> Option<String> {
        Some(self.hint().to_owned())
    }
}

#[cfg(feature = "serve")]
impl Decided for runtime::Unavailable {
    fn kind(&self) -> Kind {
        Kind::Store
    }

    fn advice(&self) -> Option<String> {
        Some("keyctl store status says what is wrong with it".to_owned())
    }

    fn message(&self) -> String {
        self.message.clone()
    }
}

#[cfg(feature = "serve")]
impl Decided for server::StartError {
    fn kind(&self) -> Kind {
        match self {
            Self::Listen { error, .. } if error.kind() == io::ErrorKind::AddrInUse => Kind::Busy,
            Self::Listen { .. } | Self::Thread(_) => Kind::Internal,
            Self::Tls(_) | Self::Rustls(_) => Kind::InvalidInput,
        }
    }

    fn advice(&self) -> Option<String> {
        let hint = match self {
            Self::Listen { error, .. } if error.kind() == io::ErrorKind::AddrInUse => {
                "end what listens there, or name another address with --listen"
            }
            Self::Listen { .. } => "name an address of this machine with --listen, as in 127.0.0.1:8711=all",
            Self::Tls(_) | Self::Rustls(_) => "name a certificate and its key, both as PEM, in [tls]",
            Self::Thread(_) => return None,
        };
        Some(hint.to_owned())
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::crypto::chain::Break;
    use crate::domain::random::RandomError;

    const TOKEN: &str = "sks_000000000000_0000000000000000000000000000000000000000000ZZZZZZ";

    fn code(error: impl Into<anyhow::Error>) -> (&'static str, u8) {
        let error = CliError::of(error);
        (error.kind.as_str(), error.exit_code())
    }

    fn text() -> String {
        "text".to_owned()
    }

    #[test]
    fn every_error_of_the_store_has_its_code() {
        use store::Error;
        let unavailable = [
            Error::Missing("place".into()),
            Error::Refused { what: "text".into(), hint: text() },
            Error::Newer { found: 2, known: 1 },
            Error::Older { found: 1, known: 2 },
            Error::Connect { location: text(), why: "text".into(), hint: text(), slow: true, refused: false },
            Error::Unknown("text".into()),
            Error::Waiting,
            Error::Clock,
            Error::Transient("text".into()),
            Error::Views("text".into()),
            Error::Slow("text".into()),
            Error::Lost("text".into()),
            Error::Database("text".into()),
        ];
        for error in unavailable {
            let shown = error.to_string();
            assert_eq!(code(error), ("STORE_UNAVAILABLE", 7), "{shown}");
        }
        assert_eq!(code(Error::Exists(text())), ("CONFLICT", 4));
        assert_eq!(code(Error::Busy(Duration::ZERO)), ("BUSY", 6));
        assert_eq!(code(Error::Held(Duration::ZERO)), ("BUSY", 6));
        let cell = Error::Corrupt { table: "key", column: text(), row: text() };
        assert_eq!(code(cell), ("STORE_DAMAGED", 7));
    }

    #[test]
    fn every_error_of_a_use_case_has_its_code() {
        use ops::Error;
        let invalid = || Error::Invalid { message: text(), hint: text() };
        let uuid = uuid::Uuid::nil();
        for (error, expected) in [
            (invalid(), ("INVALID_INPUT", 2)),
            (Error::NotFound { message: text(), hint: text() }, ("NOT_FOUND", 3)),
            (Error::Anchor(Mismatch::OtherStore { anchor: uuid, store: uuid }), ("CONFLICT", 4)),
            (Error::Anchor(Mismatch::Shorter { seq: 2, last: 1 }), ("STORE_DAMAGED", 7)),
            (Error::Anchor(Mismatch::Replaced(uuid)), ("STORE_DAMAGED", 7)),
            (Error::Anchor(Mismatch::Rewritten(1)), ("STORE_DAMAGED", 7)),
            (Error::Audit(Break::Altered(1)), ("STORE_DAMAGED", 7)),
            (Error::Busy { message: text(), hint: text() }, ("BUSY", 6)),
            (Error::Denied { message: text(), hint: text() }, ("UNAUTHORIZED", 5)),
            (Error::KeyUnavailable { message: text(), hint: text() }, ("KEY_UNAVAILABLE", 8)),
            (Error::Undelivered(ops::delivery::DeliveryError::Nowhere), ("OUTPUT_FAILED", 9)),
            (Error::TokenUncertain(store::Error::Waiting), ("STORE_UNAVAILABLE", 7)),
            (Error::Store(store::Error::Busy(Duration::ZERO)), ("BUSY", 6)),
            (Error::Random(RandomError), ("INTERNAL", 1)),
            (Error::Scratch(io::ErrorKind::StorageFull.into()), ("INTERNAL", 1)),
            (
                Error::Unstored {
                    name: "ci".parse().expect("a name"),
                    error: Box::new(Error::Store(store::Error::Busy(Duration::ZERO))),
                },
                ("BUSY", 6),
            ),
            (
                Error::Partly { done: 1, what: "key", then: "", error: Box::new(invalid()) },
                ("INVALID_INPUT", 2),
            ),
        ] {
            let shown = error.to_string();
            assert_eq!(code(error), expected, "{shown}");
        }
    }

    #[test]
    fn every_other_error_has_its_code() {
        assert_eq!(code(PlaceError::NoHome), ("STORE_UNAVAILABLE", 7));
        assert_eq!(code(SinkError::Encoding), ("INVALID_INPUT", 2));
        assert_eq!(code(ConfigError::NoProfile { what: text(), hint: text() }), ("INVALID_INPUT", 2));
        assert_eq!(code(store::Location::parse("").expect_err("empty")), ("INVALID_INPUT", 2));
        assert_eq!(code(Unwritten(io::ErrorKind::StorageFull.into())), ("OUTPUT_FAILED", 9));
        assert_eq!(CliError::of(Unwritten(io::ErrorKind::BrokenPipe.into())).exit_code(), 0);
        assert_eq!(code(CliError::invalid("text", "").with_exit(126)), ("INVALID_INPUT", 126));
    }

    #[test]
    fn an_error_that_nobody_decided_is_a_defect_and_shows_no_secret() {
        let unknown =
            anyhow::Error::from(io::Error::other(format!("it was {TOKEN}"))).context("a read failed");
        let error = CliError::of(unknown);
        assert_eq!((error.kind, error.exit_code()), (Kind::Internal, 1));
        assert!(
            error.message.contains("defect")
                && error.hint.as_deref().is_some_and(|hint| hint.contains("report"))
        );
        assert_eq!(error.causes(), ["a read failed", "(not shown: it may be a secret)"]);
    }

    #[test]
    fn a_cause_is_told_only_where_it_adds_something() {
        let refused = store::Error::Database("it failed".into());
        assert_eq!(CliError::of(ops::Error::Store(refused)).causes(), Vec::<String>::new());
        let cause = io::Error::other("a disk is gone");
        let why = format!("a temporary file failed: {cause}");
        let error = CliError::of(ops::Error::Scratch(cause));
        assert_eq!((error.message.clone(), error.causes()), (why, Vec::new()));
    }
}
