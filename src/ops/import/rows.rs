//! Keys that move in as hashes, any number of them, from CSV or JSONL.
//!
//! Everything is checked before anything is written. What is written is cut into transactions by
//! time, so that no other change waits behind an import; a small import is one transaction. One
//! that was killed goes on when it is run again: what is there already is counted.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::check::{Checked, check, sift};
use super::fields::{End, Row};
use super::spool::Spooled;
use super::{Draft, Report, Source, forbidden, invalid};
use crate::domain::audit::{Event, Outcome};
use crate::domain::fault::Faults;
use crate::domain::foreign::{self, HashAlg};
use crate::domain::id::KeyId;
use crate::domain::key::Key;
use crate::domain::owner::KeyName;
use crate::domain::random::{Random, RandomError};
use crate::domain::role::{Role, RoleName};
use crate::domain::time::{Expiry, Timestamp};
use crate::domain::token::TokenHash;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::family;
use crate::store::Tx;

pub use super::fields::COLUMNS;

/// How long the write lock is held, but for the commit.
const HELD: Duration = Duration::from_millis(200);

/// How long it is left to others then.
const PAUSE: Duration = Duration::from_millis(5);

/// An import of no more than this is one transaction, whatever it takes.
const AT_LEAST: u32 = 1000;

/// And none is larger: its ids are one series, and the last chunk comes on top.
const MOST: u32 = KeyId::SERIES / 2;

/// Rows written between two looks at the clock.
const CHUNK: usize = 500;

/// What is imported, and with what.
pub struct Import<'i> {
    /// CSV or JSONL.
    pub source: Source,
    /// The file.
    pub input: Box<dyn Read>,
    /// Whether `*` may be among the scopes.
    pub allow_all: bool,
    /// Opens a temporary file that nobody else has.
    pub scratch: &'i dyn Fn() -> io::Result<File>,
}

impl Import<'_> {
    pub(super) fn temporary(&self) -> Result<File> {
        (self.scratch)().map_err(Error::Scratch)
    }
}

/// Imports the rows. If one of them is at fault, nothing is written; `progress` is told how many
/// rows were read, and then how many were written.
pub fn import(env: &mut Env, mut import: Import<'_>, progress: &mut dyn FnMut(u64)) -> Result<Report> {
    let seen = env.store.head()?.audit_seq;
    let now = env.store.now()?;
    let Checked { new, present, faults, conflicts } = check(&mut env.store, &mut import, progress)?;
    if !faults.is_empty() {
        return Err(invalid(&faults));
    }
    if !conflicts.is_empty() {
        let refused: Result<()> = env.change("import", |_, _| Err(forbidden(&conflicts)), |()| Ok(()));
        refused?;
    }
    let mut report = Report { present, ..Report::new(import.source, now) };
    if env.rehearse || new.rows() == 0 {
        report.new = new.rows();
        return Ok(report);
    }
    let mut rows = new.read().map_err(Error::Scratch)?;
    let mut seen = Some(seen);
    loop {
        let batch = match write(env, &mut rows, import.source, seen) {
            Ok(batch) => batch,
            Err(error) if report.new > 0 => {
                return Err(Error::Partial { imported: report.new, error: Box::new(error) });
            }
            Err(error) => return Err(error),
        };
        rows.seek(batch.end).map_err(Error::Scratch)?;
        seen = Some(batch.seen);
        report.new += batch.new;
        report.present += batch.present;
        report.transactions += 1;
        report.first = report.first.or(batch.first);
        report.last = batch.last.or(report.last);
        report.at = batch.at;
        progress(report.new);
        if batch.done {
            return Ok(report);
        }
        thread::sleep(PAUSE);
    }
}

/// What one transaction did.
struct Batch {
    new: u64,
    present: u64,
    first: Option<KeyId>,
    last: Option<KeyId>,
    /// The first and the last line of the file in it.
    lines: Option<(u64, u64)>,
    at: Timestamp,
    /// Where the rows go on.
    end: u64,
    done: bool,
    /// The last audit record after it.
    seen: u64,
}

/// Writes rows for as long as the lock may be held. `seen` is the last audit record as of the
/// check: while nothing was recorded since, nothing has to be checked again.
fn write(env: &mut Env, rows: &mut Spooled, source: Source, seen: Option<u64>) -> Result<Batch> {
    let start = rows.place();
    env.change(
        "import",
        |tx, random| {
            rows.seek(start).map_err(Error::Scratch)?;
            let untouched = seen == Some(tx.head().audit_seq);
            let batch =
                Writer { tx, random: Pool::new(random), untouched, roles: HashMap::new() }.fill(rows)?;
            let events = if batch.new > 0 { vec![event(source, &batch)] } else { Vec::new() };
            let batch = Batch { seen: batch.seen + events.len() as u64, ..batch };
            Ok((batch, events))
        },
        |_| Ok(()),
    )
}

fn event(source: Source, batch: &Batch) -> Event {
    let details = json!({
        "source": source.as_str(),
        "count": batch.new,
        "first_key": batch.first,
        "last_key": batch.last,
        "first_line": batch.lines.map(|lines| lines.0),
        "last_line": batch.lines.map(|lines| lines.1),
    });
    Event { action: "import", outcome: Outcome::Done, key: None, owner: None, details }
}

struct Writer<'w, 's> {
    tx: &'w mut Tx<'s>,
    random: Pool<'w>,
    untouched: bool,
    /// The roles of these names, as they are in this transaction.
    roles: HashMap<Vec<RoleName>, Vec<Role>>,
}

impl Writer<'_, '_> {
    fn fill(mut self, rows: &mut Spooled) -> Result<Batch> {
        #[expect(
            clippy::disallowed_methods,
            reason = "how long the lock is held is bounded in monotonic time"
        )]
        let began = Instant::now();
        let default = self.default_end()?;
        let mut batch = Batch {
            new: 0,
            present: 0,
            first: None,
            last: None,
            lines: None,
            at: self.tx.now(),
            end: rows.place(),
            done: false,
            seen: self.tx.head().audit_seq,
        };
        let mut made = 0;
        while !batch.done {
            let mut chunk = Vec::with_capacity(CHUNK);
            while chunk.len() < CHUNK && !batch.done {
                match rows.next().map_err(Error::Scratch)? {
                    Some(row) => chunk.push(row),
                    None => batch.done = true,
                }
            }
            if let (Some(first), Some(last)) = (chunk.first(), chunk.last()) {
                batch.lines = Some((batch.lines.map_or(first.line, |lines| lines.0), last.line));
            }
            batch.present += self.sift(&mut chunk)?;
            let mut keys = Vec::with_capacity(chunk.len());
            for row in chunk {
                keys.push(self.key(row, made, default)?);
                made += 1;
            }
            batch.first = batch.first.or(keys.first().map(|(key, _)| key.id));
            batch.last = keys.last().map(|(key, _)| key.id).or(batch.last);
            batch.new += keys.len() as u64;
            self.tx.insert_keys(&keys)?;
            batch.end = rows.place();
            let full = made >= AT_LEAST && began.elapsed() >= HELD;
            if full || made >= MOST {
                break;
            }
        }
        Ok(batch)
    }

    /// Checks rows again if somebody else has changed something since.
    fn sift(&mut self, rows: &mut Vec<Row>) -> Result<u64> {
        if self.untouched {
            return Ok(0);
        }
        let mut conflicts = Faults::default();
        let present = sift(self.tx, rows, &mut conflicts)?;
        if conflicts.is_empty() { Ok(present) } else { Err(forbidden(&conflicts)) }
    }

    fn default_end(&self) -> Result<Option<Timestamp>> {
        let default = self.tx.head().default_expiry.map_or(Expiry::Never, Expiry::After);
        default.resolve(self.tx.now()).map_err(|error| Error::Invalid {
            message: error.to_string(),
            hint: "name the end of each key in the column expires_at".to_owned(),
        })
    }

    fn key(&mut self, row: Row, count: u32, default: Option<Timestamp>) -> Result<(Key, TokenHash)> {
        let now = self.tx.now();
        if !self.roles.contains_key(&row.roles) {
            let roles = family::roles(self.tx, &row.roles)?;
            self.roles.insert(row.roles.clone(), roles);
        }
        let roles = self.roles.get(&row.roles).map(Vec::as_slice).unwrap_or_default();
        let name = match row.name {
            Some(name) => name,
            None => KeyName::generate_long(&mut self.random)?,
        };
        let draft = Draft {
            id: KeyId::in_series(now, count, &mut self.random)?,
            owner: row.owner,
            name,
            scopes: row.scopes,
            roles,
            labels: row.labels,
            not_before: row.not_before,
            expires_at: match row.end {
                End::Default => default,
                End::Never => None,
                End::At(end) => Some(end),
            },
            prefix: foreign::display_prefix(&mut self.random)?,
            hash_alg: HashAlg::Sha256,
        };
        Ok((draft.key(now), row.hash))
    }
}

/// Random bytes drawn many at once: a system call for each of a million ids takes longer than
/// all else about them.
struct Pool<'r> {
    source: &'r mut dyn Random,
    bytes: [u8; 4096],
    used: usize,
}

impl<'r> Pool<'r> {
    fn new(source: &'r mut dyn Random) -> Self {
        Self { source, bytes: [0; 4096], used: 4096 }
    }
}

impl Random for Pool<'_> {
    fn fill(&mut self, into: &mut [u8]) -> Result<(), RandomError> {
        if into.len() > self.bytes.len() {
            return self.source.fill(into);
        }
        if self.used + into.len() > self.bytes.len() {
            self.source.fill(&mut self.bytes)?;
            self.used = 0;
        }
        into.copy_from_slice(&self.bytes[self.used..][..into.len()]);
        self.used += into.len();
        Ok(())
    }
}
