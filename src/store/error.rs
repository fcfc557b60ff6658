//! What goes wrong between the statements and a database.

use std::time::Duration;

use super::caused::Caused;
use crate::domain::texts::text;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is none where it was looked for.
    #[error("there is no keyctl store at {0}")]
    Missing(#[source] Caused),
    /// There is one already, or something else.
    #[error("{0}")]
    Exists(String),
    /// What is there is not used, for safety's sake. It is left as it was.
    #[error("{what}")]
    Refused {
        #[source]
        what: Caused,
        hint: String,
    },
    /// Written by a newer keyctl. It is left as it was.
    #[error("the store has schema {found}, this keyctl knows schemas up to {known}")]
    Newer {
        found: i64,
        /// The newest known.
        known: i64,
    },
    /// Written by an older keyctl, and not migrated by itself.
    #[error("the store has schema {found}, this keyctl needs schema {known}")]
    Older {
        found: i64,
        /// The one needed.
        known: i64,
    },
    /// It went elsewhere, or is on its way: nothing is changed here, and, once it has, nobody answered.
    #[error("{0}")]
    Moved(String),
    /// What stands there is a store that was not carried to its end.
    #[error("{0} holds an unfinished copy of a store, which is used for nothing")]
    Unfinished(String),
    /// No connection to the database.
    #[error("cannot connect to {location}: {why}")]
    Connect {
        /// Where, without password.
        location: String,
        #[source]
        why: Caused,
        hint: String,
        /// Whether nobody answered in time.
        slow: bool,
        /// Whether a server answered and will not have us: waiting changes nothing.
        refused: bool,
    },
    /// Another process held the write lock all the time.
    #[error("the store is locked by another process{}", waited(*.0))]
    Busy(Duration),
    /// A cell that no keyctl wrote.
    #[error("the store is damaged: table {table}, column {column}, row {row}")]
    Corrupt {
        table: &'static str,
        column: String,
        /// The row's first column.
        row: String,
    },
    /// The commit failed in a way that leaves its fate open.
    #[error("the commit failed, and the change may or may not have happened: {0}")]
    Unknown(#[source] Caused),
    /// The change is made on the primary, and seen by nobody before its standby has it, too.
    #[error(
        "the change is made on the primary and waits for the standby that must have it, too: it is not in force yet"
    )]
    Waiting,
    /// Another change is in that state and holds the write lock.
    #[error(
        "a change by another process is made on the primary and waits for the standby that must have it, too, and \
         holds the write lock{}", waited(*.0)
    )]
    Held(Duration),
    /// The system's clock is before 2024 or cannot be read: what expired cannot be told.
    #[error("the system's clock is wrong: it is before 2024 or after 9999")]
    Clock,
    /// The database gave the transaction up; it may be run again.
    #[error("the transaction was given up by the database: {0}")]
    Transient(#[source] Caused),
    /// It has no views, or not the ones that are known.
    #[error("the store has no views that a service of this version can read: {0}")]
    Views(#[source] Caused),
    #[error("the connection was lost: {0}")]
    Slow(#[source] Caused),
    #[error("the connection was lost: {0}")]
    Lost(#[source] Caused),
    /// The database failed or refused in another way.
    #[error("the database failed: {0}")]
    Database(#[source] Caused),
}

/// The wait, where it is known: SQLite waits by itself for readers.
fn waited(time: Duration) -> String {
    if time.is_zero() { String::new() } else { format!(" (waited {:.1} s)", time.as_secs_f64()) }
}

const STANDBY_IS_BACK: &str =
    "the standby is back, or the primary's synchronous_standby_names does not name it any more";

impl Error {
    pub fn hint(&self) -> String {
        match self {
            Self::Missing(place) => {
                let place = text::shell_word(place.as_str());
                format!(
                    "name another in KEYCTL_STORE or --store, or create it: keyctl store init --store {place}"
                )
            }
            Self::Exists(_) => "use it as it is, or name another place".to_owned(),
            Self::Refused { hint, .. } | Self::Connect { hint, .. } => hint.clone(),
            Self::Newer { .. } => "use a newer keyctl; the store was left as it is".to_owned(),
            Self::Moved(_) => {
                "nothing was changed; name the place where it is now in KEYCTL_STORE or --store; keyctl store reopen is the way back"
                    .to_owned()
            }
            Self::Unfinished(_) => {
                "run the same keyctl store copy again, which goes on; or remove what is there".to_owned()
            }
            Self::Older { .. } | Self::Views(_) => "run: keyctl store migrate".to_owned(),
            Self::Busy(_) => {
                "nothing was changed; try again, or wait longer with --lock-timeout 30s".to_owned()
            }
            Self::Corrupt { .. } => "run: keyctl store check; then restore a backup".to_owned(),
            Self::Unknown(_) => "look with keyctl show and keyctl audit list before trying again".to_owned(),
            Self::Waiting => format!(
                "do not do it again: it comes into force when {STANDBY_IS_BACK}, and is lost if another server is \
                 promoted that does not have it"
            ),
            Self::Held(_) => format!("nothing was changed; no change is possible until {STANDBY_IS_BACK}"),
            Self::Clock => "set the clock; until then no token is good".to_owned(),
            Self::Transient(_) => "nothing was changed; try again".to_owned(),
            Self::Lost(_) | Self::Slow(_) => {
                "nothing was changed; check the server and the network, then try again".to_owned()
            }
            Self::Database(_) => {
                "nothing was changed; look into the database's own log, and run keyctl store check".to_owned()
            }
        }
    }
}
