//! Keys that move in as hashes, any number of them, from CSV or JSONL.
//!
//! Everything is checked before anything is written. What is written is cut into transactions by
//! time, so that no other change waits behind an import; a small import is one transaction. One
//! that was killed goes on when it is run again: what is there already is counted.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::fields::{End, Row};
use super::first_pass::{Checked, check, sift};
use super::more::More;
use super::reader::Import;
use super::spool::Spooled;
use super::whose::Names;
use super::{Report, Source, against_policy, forbidden, invalid};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::id::KeyId;
use crate::domain::imports::faults::Faults;
use crate::domain::keys::draft::Draft;
use crate::domain::keys::foreign::{self, HashAlg};
use crate::domain::keys::key::{IssuedToken, Key};
use crate::domain::keys::token::TokenHash;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::{Permissions, Role, RoleName};
use crate::domain::random::{Random, RandomError};
use crate::domain::time::{Grace, Timestamp};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, GOES_ON, Result};
use crate::ops::keys::{allowed, family};
use crate::store::{LOOKED_UP, Lookup as _, Tx};

/// How long the write lock is held, about: from the lock to the end of the commit.
const HELD: Duration = Duration::from_millis(200);

/// How long it is left to others then.
const PAUSE: Duration = Duration::from_millis(5);

/// Rows of the first transaction, and at least of every other.
const AT_LEAST: usize = 1000;

/// And at most: they are held in memory.
const AT_MOST: usize = 5000;

/// Imports the rows. If one of them is at fault, nothing is written; `progress` is told how many
/// rows were read, and then how many were written.
pub fn import(env: &mut Env, mut import: Import<'_>, progress: &mut dyn FnMut(u64)) -> Result<Report> {
    let seen = env.store.head()?.audit_seq;
    let now = env.store.now()?;
    let Checked { new, names, present, faults, conflicts, broken, .. } =
        check(&mut env.store, &mut import, progress)?;
    if !faults.is_empty() {
        return Err(invalid(&faults));
    }
    if !conflicts.is_empty() {
        let refused: Result<()> = env.change(Action::Import, |_| Err(forbidden(&conflicts)));
        refused?;
    }
    if !broken.is_empty() {
        let refused: Result<()> = env.change(Action::Import, |_| Err(against_policy(&broken)));
        refused?;
    }
    let mut report = Report { present, named: names.named.clone(), ..Report::new(import.source, now) };
    if env.rehearse || new.rows() == 0 {
        report.new = new.rows();
        return Ok(report);
    }
    let mut rows = new.read().map_err(Error::Scratch)?;
    env.make()?;
    env.store.begin_bulk()?;
    let (mut seen, mut size) = (seen, AT_LEAST);
    let mut released = None;
    loop {
        let what = (import.source, import.let_in.any_name);
        let batch = match write(env, &mut rows, &names, what, (seen, size), released) {
            Ok(batch) => batch,
            Err(error) if report.new > 0 => {
                return Err(Error::Partly {
                    done: report.new,
                    what: "key",
                    then: GOES_ON,
                    error: Box::new(error),
                });
            }
            Err(error) => return Err(error),
        };
        rows.seek(batch.end).map_err(Error::Scratch)?;
        (seen, size) = (batch.seen, batch.next_size(size));
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
        released = Some(moment());
    }
}

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
    /// How long the lock was held.
    held: Duration,
}

impl Batch {
    /// As many rows as keep the lock for [`HELD`], going by this transaction of `size` rows; no
    /// more than four times as many.
    fn next_size(&self, size: usize) -> usize {
        let fitting = size as u128 * HELD.as_micros() / self.held.as_micros().max(1);
        usize::try_from(fitting).unwrap_or(AT_MOST).min(4 * size).clamp(AT_LEAST, AT_MOST)
    }
}

/// Writes rows for as long as the lock may be held. `seen` is the last audit record as of the
/// check: while nothing was recorded since, nothing has to be checked again.
///
/// The rows are read while others may have the lock, which the transaction before left at `released`.
fn write(
    env: &mut Env,
    spooled: &mut Spooled,
    names: &Names,
    (source, any_name): (Source, bool),
    (seen, size): (u64, usize),
    released: Option<Instant>,
) -> Result<Batch> {
    let start = spooled.place();
    let mut locked = None;
    let drawn = Drawn::draw(size, env.random.as_mut())?;
    let mut read = Some(Read::next(spooled, names, size)?);
    if let Some(released) = released {
        thread::sleep(PAUSE.saturating_sub(released.elapsed()));
    }
    let batch = env.change(Action::Import, |tx| {
        locked = Some(moment());
        let read = if let Some(read) = read.take() {
            read
        } else {
            // The database gave up the attempt that had them.
            spooled.seek(start).map_err(Error::Scratch)?;
            Read::next(spooled, names, size)?
        };
        let untouched = seen == tx.head().audit_seq;
        let writer = Writer { tx, random: drawn.replay(), untouched, roles: HashMap::new() };
        let batch = writer.write(read, any_name)?;
        let events = if batch.new > 0 { vec![event(source, &batch)] } else { Vec::new() };
        let batch = Batch { seen: batch.seen + events.len() as u64, ..batch };
        Ok(Done { result: batch, events })
    })?;
    Ok(Batch { held: locked.map(|locked| locked.elapsed()).unwrap_or_default(), ..batch })
}

#[expect(clippy::disallowed_methods, reason = "how long the lock is held is bounded in monotonic time")]
fn moment() -> Instant {
    Instant::now()
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
    Event::done(Action::Import, details)
}

/// Rows of one transaction.
struct Read {
    rows: Vec<Row>,
    /// Where the rows go on.
    end: u64,
    done: bool,
}

impl Read {
    fn next(spooled: &mut Spooled, names: &Names, size: usize) -> Result<Self> {
        let mut rows = Vec::with_capacity(size);
        while rows.len() < size
            && let Some(mut row) = spooled.next().map_err(Error::Scratch)?
        {
            names.give(&mut row);
            rows.push(row);
        }
        Ok(Self { rows, end: spooled.place(), done: spooled.is_at_end().map_err(Error::Scratch)? })
    }
}

struct Writer<'w, 's> {
    tx: &'w mut Tx<'s>,
    random: Replay<'w>,
    untouched: bool,
    /// The roles of these names, as they are in this transaction.
    roles: HashMap<Vec<RoleName>, Vec<Role>>,
}

impl Writer<'_, '_> {
    fn write(mut self, Read { rows, end, done }: Read, any_name: bool) -> Result<Batch> {
        let lines = rows.iter().map(|row| row.line);
        let lines = lines.clone().min().zip(lines.max());
        let (rows, present) = self.sift(rows, any_name)?;
        let default = self.default_end()?;
        let mut keys = Vec::with_capacity(rows.len());
        let mut more = Vec::new();
        for (count, mut row) in (0..).zip(rows) {
            let (line, rest) = (row.line, row.more.take());
            keys.push(self.key(row, rest.as_deref(), count, default)?);
            more.extend(rest.map(|more| (keys.len() - 1, line, more)));
        }
        // Children stand behind all others.
        let children = more.iter().filter(|(_, _, more)| more.parent.is_some());
        let first_child = children.map(|(place, ..)| *place).min().unwrap_or(keys.len());
        let allowed = allowed::allow_new(self.tx, keys[..first_child].iter().map(|(key, _)| key))?;
        let hashes = keys.iter().map(|(_, hash)| hash);
        self.tx.insert_keys(&allowed.into_iter().zip(hashes).collect::<Vec<_>>())?;
        for (place, line, more) in more {
            let (key, hash) = &mut keys[place];
            if let Some(parent) = &more.parent {
                self.insert_child((key, hash), parent, line)?;
            }
            let previous = more.previous.as_ref();
            let longest = self.tx.now().after(Grace::LONGEST);
            // As a rotation would have granted it, whatever the file says.
            let latest = || [longest, key.expires_at].into_iter().flatten();
            let previous = previous.map(|old| (&old.hash, latest().fold(old.until, Timestamp::min)));
            self.tx.insert_rest(key, previous);
        }
        Ok(Batch {
            new: keys.len() as u64,
            present,
            first: keys.first().map(|(key, _)| key.id),
            last: keys.last().map(|(key, _)| key.id),
            lines,
            at: self.tx.now(),
            end,
            done,
            seen: self.tx.head().audit_seq,
            held: Duration::ZERO,
        })
    }

    /// Checks rows again if somebody else has changed something since; returns those that are
    /// still new, and how many are not.
    fn sift(&mut self, mut rows: Vec<Row>, any_name: bool) -> Result<(Vec<Row>, u64)> {
        if self.untouched {
            return Ok((rows, 0));
        }
        let mut conflicts = Faults::default();
        let (mut new, mut present) = (Vec::with_capacity(rows.len()), 0);
        while !rows.is_empty() {
            let mut some: Vec<Row> = rows.drain(..rows.len().min(LOOKED_UP)).collect();
            present += sift(self.tx, &mut some, any_name, &mut conflicts)?;
            new.append(&mut some);
        }
        if conflicts.is_empty() { Ok((new, present)) } else { Err(forbidden(&conflicts)) }
    }

    /// A child, whose parent is in the store by now.
    fn insert_child(
        &mut self,
        (key, hash): (&mut Key, &TokenHash),
        (owner, name): &(Owner, KeyName),
        line: u64,
    ) -> Result<()> {
        let Some(parent) = self.tx.live_key_by_name(owner, name)?.filter(|parent| parent.parent.is_none())
        else {
            let mut conflicts = Faults::default();
            conflicts.push(line, "parent", "it ended meanwhile");
            return Err(forbidden(&conflicts));
        };
        let roles = family::roles(self.tx, &key.roles)?;
        let permissions = Permissions { scopes: &key.scopes, roles: &roles };
        key.effective_scopes = permissions.effective(Some(&parent.effective_scopes));
        (key.parent, key.parent_lifetime) = (Some(parent.id), parent.as_parent());
        let allowed = allowed::allow(self.tx, key, None)?;
        self.tx.insert_key(allowed, hash);
        Ok(())
    }

    fn default_end(&self) -> Result<Option<Timestamp>> {
        let head = self.tx.head();
        head.rules.default_expiry(head.default_expiry).resolve(self.tx.now()).map_err(|error| {
            Error::Invalid {
                message: error.to_string(),
                hint: "name the end of each key in the column expires_at".to_owned(),
            }
        })
    }

    fn key(
        &mut self,
        row: Row,
        more: Option<&More>,
        count: u32,
        default: Option<Timestamp>,
    ) -> Result<(Key, TokenHash)> {
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
            subject: row.subject,
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
        let mut key = draft.key(now);
        if let Some(more) = more {
            more.give(&mut key);
            if more.previous.is_some() {
                key.generation += 1;
                let prefix = foreign::display_prefix(&mut self.random)?;
                key.previous_token = Some(IssuedToken::fresh(prefix, now));
            }
        }
        Ok((key, row.hash))
    }
}

/// Random bytes for the rows of one transaction, drawn before it and all at once: a system call for each of a
/// million ids takes longer than all else about them.
struct Drawn(Vec<u8>);

/// For a row: 7 bytes of an id, 64 for what is shown of each of two tokens, and twice 16 for a name, whose second half one row in
/// five needs; so that of [`AT_LEAST`] rows or more something is always left.
const ROW: usize = 7 + 2 * 64 + 2 * 16;

impl Drawn {
    fn draw(rows: usize, random: &mut dyn Random) -> Result<Self, RandomError> {
        let mut bytes = vec![0; rows * ROW];
        random.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// From the beginning, in each attempt.
    fn replay(&self) -> Replay<'_> {
        Replay(&self.0)
    }
}

/// What is left. More than was drawn fails, as the system's generator would.
struct Replay<'d>(&'d [u8]);

impl Random for Replay<'_> {
    fn fill(&mut self, into: &mut [u8]) -> Result<(), RandomError> {
        let (bytes, left) = self.0.split_at_checked(into.len()).ok_or(RandomError)?;
        into.copy_from_slice(bytes);
        self.0 = left;
        Ok(())
    }
}
