//! One named transaction: lock, work, audit record and change mark, delivery, commit.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::LazyLock;

use super::error::{Error, Result};
use super::head::{self, Head, Mark, Moved};
use super::session::{Session, Statement};
use super::{Store, audit, many};
use crate::domain::audit::event::Record;
use crate::domain::id::KeyId;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::role::{Role, RoleName};
use crate::domain::points;
use crate::domain::time::Timestamp;

/// Changes that readers can still ask for by key; one that fell further behind starts anew.
const CHANGES_KEPT: i64 = 10_000;

/// So many are forgotten at once: to forget one writes a page, and to forget its neighbours writes the same.
const FORGOTTEN_AT_ONCE: i64 = 64;

/// How far the counter is raised where a state is accepted that went back: nobody saw more changes
/// of the lost one than that.
pub const ABOVE_ALL_SEEN: i64 = 1 << 20;

/// A change of more keys than this is kept as one of all keys, so that the table of changes
/// stays small.
pub(super) const NAMED_AT_ONCE: usize = 1000;

/// Stands for every key in the table of changes.
const EVERY_KEY: &str = "*";

macro_rules! insert_changes {
    () => {
        "INSERT INTO keyctl.change (seq, key_id, at, nonce) VALUES ROWS ON CONFLICT (seq, key_id) DO NOTHING"
    };
}

static INSERT_CHANGE: LazyLock<String> =
    LazyLock::new(|| insert_changes!().replace("ROWS", &many::groups(1, 4)));

static INSERT_CHANGES: LazyLock<String> =
    LazyLock::new(|| insert_changes!().replace("ROWS", &many::groups(many::ROWS, 4)));

/// How often a transaction is run again that the database gave up.
const ATTEMPTS: u32 = 5;

/// Whose versions a change raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Raised {
    /// Of one key alone.
    Own(KeyId),
    /// Of a key and its children.
    Family(KeyId),
    /// Of an owner's keys, and their children.
    Owner(Owner),
    /// Of the keys with a role, and their children.
    Role(RoleName),
}

/// A running change. It holds the write lock; its statements are collected and sent together
/// with the audit record before the commit, or before the next read.
pub struct Tx<'s> {
    pub(super) session: &'s mut dyn Session,
    pub(super) pending: Vec<Statement>,
    pub(super) head: Head,
    now: Timestamp,
    /// Every role, once they were read; forgotten when one changes.
    pub(super) roles: Option<Rc<HashMap<RoleName, Role>>>,
    /// Scopes that were named by this change: keys that are made together have much the same ones.
    pub(super) named_scopes: BTreeSet<String>,
    /// No more than are named.
    touched: BTreeSet<KeyId>,
    touched_all: bool,
    /// What others saw of a lost state is to be forgotten, whose counter had come so far at least.
    accepts_rollback: Option<i64>,
    /// Whose versions were raised.
    pub(super) raised: Vec<Raised>,
    /// Where the store went is another now.
    moves: bool,
}

impl Tx<'_> {
    /// Says where the store went, or that it did not.
    pub(crate) fn set_moved(&mut self, moved: Option<Moved>) {
        self.head.moved = moved;
        self.moves = true;
    }

    /// The store's clock, read once after the lock was taken.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The head row as of this transaction.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Nothing is recorded of use any more once this is committed: whoever is at it is waited for.
    #[cfg(feature = "cli")]
    pub(crate) fn stop_use(&mut self) -> Result<()> {
        self.session.begin_replacing(&super::usage::TABLES)
    }

    /// Adds the next audit record and returns it. `hash` must be the chain's link for the body.
    pub fn append_audit(&mut self, body: String, hash: [u8; 32]) -> Record {
        let record = Record { seq: self.head.audit_seq + 1, body, hash };
        self.head.audit_seq = record.seq;
        self.head.audit_hash = hash;
        self.pending.push(audit::insert(&record));
        record
    }

    /// Gives the store the salt of its slow hashes; one that it has stays.
    pub fn set_foreign_salt(&mut self, salt: [u8; 16]) {
        if self.head.foreign_salt.is_none() {
            self.head.foreign_salt = Some(salt);
            self.pending.push(head::set_foreign_salt(&salt));
        }
    }

    /// The change mark's counter once this change is committed, if it names a key.
    pub(super) fn next_change(&self) -> i64 {
        self.head.mark.counter.saturating_add(1)
    }

    /// Names a key that this change affects, for readers that keep answers.
    pub fn touch(&mut self, key: KeyId) {
        self.touch_all([key]);
    }

    /// Says that this change may affect any key.
    pub fn touch_every_key(&mut self) {
        self.touched_all = true;
    }

    /// Raises the mark above every one that anybody may have seen of a state that was lost, and
    /// takes away by what they could tell: from now on this state is the store's.
    pub fn accept_rollback(&mut self) {
        self.accept_rollback_above(0);
    }

    /// The same where the counter is known that the lost state had, or had a little before its end.
    pub(crate) fn accept_rollback_above(&mut self, counter: i64) {
        self.accepts_rollback = Some(counter);
        self.touch_every_key();
    }

    pub(super) fn touch_all(&mut self, keys: impl IntoIterator<Item = KeyId>) {
        for key in keys {
            if self.touched.len() > NAMED_AT_ONCE {
                return;
            }
            self.touched.insert(key);
        }
    }

    /// Sends what is pending, so that a read sees it.
    pub(super) fn flush(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let statements = std::mem::take(&mut self.pending);
        self.session.execute(&statements).map(drop)
    }

    /// Moves the mark and writes the head row.
    fn finish(&mut self, nonce: &str) -> Result<()> {
        self.copy_versions();
        if self.touched_all || !self.touched.is_empty() {
            let counter = match self.accepts_rollback {
                Some(lost) => self.head.mark.counter.max(lost).saturating_add(ABOVE_ALL_SEEN + 1),
                None => self.head.mark.counter.saturating_add(1),
            };
            self.head.mark = Mark { counter, nonce: nonce.to_owned() };
            let seq = self.head.mark.counter;
            if self.accepts_rollback.is_some() {
                self.pending.push(Statement::new("DELETE FROM keyctl.change", []));
            }
            let touched = std::mem::take(&mut self.touched);
            let names: Vec<String> = if self.touched_all || touched.len() > NAMED_AT_ONCE {
                vec![EVERY_KEY.to_owned()]
            } else {
                touched.iter().map(ToString::to_string).collect()
            };
            for key in names {
                self.pending.push(Statement::row(
                    INSERT_CHANGE.as_str(),
                    &INSERT_CHANGES,
                    [seq.into(), key.into(), self.now.as_millis().into(), nonce.into()],
                ));
            }
            if seq > CHANGES_KEPT && seq % FORGOTTEN_AT_ONCE == 0 {
                self.pending.push(Statement::new(
                    "DELETE FROM keyctl.change WHERE seq <= $1",
                    [(seq - CHANGES_KEPT).into()],
                ));
            }
            if let Some(sql) = self.session.announcement() {
                self.pending.push(Statement::new(sql, []));
            }
        }
        self.pending.push(if self.moves { head::update_moved(&self.head) } else { head::update(&self.head) });
        self.flush()
    }
}

impl Store {
    /// Runs `work` in one transaction under the write lock, then `deliver`, then commits.
    ///
    /// `nonce` becomes the change mark's. `work` may run again when the database gives the
    /// transaction up; `deliver` runs at most once, after every statement has succeeded, and
    /// its error rolls everything back. [`Error::Unknown`] if the commit's fate is unknown.
    pub fn change<T, E: From<Error> + MaybeTransient>(
        &mut self,
        nonce: &str,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
        deliver: impl FnOnce(&T) -> Result<(), E>,
    ) -> Result<T, E> {
        let (given_up, moves) = (self.given_up, self.moves);
        let session = self.session();
        let done = run_until_stable(session, nonce, &mut work, given_up, moves)?;
        points::reached("before the delivery");
        if let Err(error) = deliver(&done) {
            session.rollback();
            return Err(error);
        }
        points::reached("behind the delivery");
        session.commit()?;
        Ok(done)
    }

    /// Runs `work` as [`Store::change`] would and takes everything back: what it returns is
    /// what would have been.
    pub fn rehearse<T, E: From<Error> + MaybeTransient>(
        &mut self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (given_up, moves) = (self.given_up, self.moves);
        let session = self.session();
        let done = run_until_stable(session, "", &mut work, given_up, moves);
        session.rollback();
        done
    }

    /// From now on the changes that follow are about the move itself, which is all that a store takes that moved.
    #[cfg(feature = "cli")]
    pub(crate) fn begin_moving(&mut self) {
        self.moves = true;
    }

    /// From now on the first attempt of each change is given up after its last statement, as a database does that
    /// cannot serialize it, and `told` is called: for tests.
    #[cfg(feature = "internals")]
    pub fn give_up_first_attempts(&mut self, told: fn()) {
        self.given_up = Some(told);
    }
}

/// Runs the transaction up to its commit, again if the database gave it up. After an error
/// nothing of it remains.
fn run_until_stable<T, E: From<Error> + MaybeTransient>(
    session: &mut dyn Session,
    nonce: &str,
    work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    mut given_up: Option<fn()>,
    moves: bool,
) -> Result<T, E> {
    let mut attempt = 1;
    loop {
        let mut done = run(session, nonce, work, moves);
        if let (Some(told), Ok(_)) = (given_up.take(), &done) {
            told();
            done = Err(Error::Transient("for a test".into()).into());
        }
        let Err(error) = &done else { return done };
        session.rollback();
        if !error.is_transient() || attempt == ATTEMPTS {
            return done;
        }
        attempt += 1;
    }
}

/// An error that may wrap [`Error::Transient`].
pub trait MaybeTransient {
    /// Whether running the transaction again may help.
    fn is_transient(&self) -> bool;
}

impl MaybeTransient for Error {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Transient(_))
    }
}

fn run<T, E: From<Error>>(
    session: &mut dyn Session,
    nonce: &str,
    work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    moves: bool,
) -> Result<T, E> {
    points::reached("before the beginning");
    session.begin_change()?;
    points::reached("behind the lock");
    let (head, now) = head::read(session)?;
    if let Some(moved) = head.moved.as_ref().filter(|_| !moves) {
        return Err(moved.error().into());
    }
    let (roles, touched) = (None, BTreeSet::new());
    let pending = Vec::new();
    let (touched_all, accepts_rollback, raised, moves) = (false, None, Vec::new(), false);
    let named_scopes = BTreeSet::new();
    let mut tx = Tx {
        session,
        pending,
        head,
        now,
        roles,
        named_scopes,
        touched,
        touched_all,
        accepts_rollback,
        raised,
        moves,
    };
    let done = work(&mut tx)?;
    tx.finish(nonce)?;
    Ok(done)
}

/// The store's clock.
pub(super) fn now(session: &mut dyn Session) -> Result<Timestamp> {
    let mut now = None;
    session.query("SELECT keyctl.now_ms()".into(), &[], &mut |row| {
        now = Timestamp::from_millis(row.of("clock").int(0)?);
        Ok(())
    })?;
    now.ok_or_else(|| Error::Database("the database's clock is outside the years 1970 to 9999".into()))
}
