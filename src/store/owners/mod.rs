//! Owners.

pub(super) mod near;
pub(super) mod roles;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::error::Result;
use super::reading::Reads as _;
use super::session::{Cells, Row, Session, Sql, Statement, Value};
use super::tx::{NAMED_AT_ONCE, Tx};
use super::{Store, many};
use crate::domain::keys::limit::Quota;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::row::{OwnerHolder, OwnerRow, OwnerState};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::Timestamp;

/// Owners read at once.
const PAGE: i64 = 500;

const COLUMNS: &str = "SELECT o.name, o.created_at, o.disabled_at, \
    (SELECT COUNT(*) FROM keyctl.key k WHERE k.owner = o.name AND k.revoked_at IS NULL), \
    (SELECT COUNT(*) FROM keyctl.key k WHERE k.owner = o.name AND k.revoked_at IS NOT NULL), \
    COALESCE(o.subject, o.name) AS subject, o.quota FROM keyctl.owner o";

/// Whose name a word is, or whose subject: of one that was deleted, too.
const HOLDER: &str = "SELECT name, COALESCE(subject, name) AS subject, disabled_at, deleted_at FROM keyctl.owner WHERE name = $1
     UNION ALL SELECT name, subject, disabled_at, deleted_at FROM keyctl.owner WHERE subject = $1";

macro_rules! insert {
    () => {
        "INSERT INTO keyctl.owner (name, created_at, subject) VALUES ROWS
         ON CONFLICT (name) DO UPDATE SET created_at = excluded.created_at, disabled_at = NULL, deleted_at = NULL
         WHERE owner.deleted_at IS NOT NULL"
    };
}

/// A new owner, or a deleted one that is back; one that is there stays as it is.
static INSERT: LazyLock<String> = LazyLock::new(|| insert!().replace("ROWS", &many::groups(1, 3)));

/// The same for many.
static INSERT_MANY: LazyLock<String> =
    LazyLock::new(|| insert!().replace("ROWS", &many::groups(many::ROWS, 3)));

const SET_QUOTA: &str = "UPDATE keyctl.owner SET quota = $2 WHERE name = $1";

const SET_SUBJECT: &str = "UPDATE keyctl.owner SET subject = $2 WHERE name = $1";

fn time(cells: &Cells<'_>, column: usize) -> Result<Option<Timestamp>> {
    match cells.opt_int(column)? {
        None => Ok(None),
        Some(millis) => Timestamp::from_millis(millis).map(Some).ok_or_else(|| cells.corrupt(column)),
    }
}

fn read(row: &Row<'_>) -> Result<OwnerRow> {
    let cells = row.of("owner");
    let count = |column| u64::try_from(cells.int(column)?).map_err(|_| cells.corrupt(column));
    Ok(OwnerRow {
        name: cells.parsed(0, |text| text.parse().ok())?,
        subject: cells.parsed(5, |text| text.parse().ok())?,
        created_at: time(&cells, 1)?.ok_or_else(|| cells.corrupt(1))?,
        disabled_at: time(&cells, 2)?,
        live_keys: count(3)?,
        revoked_keys: count(4)?,
        quota: cells.opt_parsed(6, |text| text.parse().ok())?,
    })
}

/// The owner of this name, unless it was deleted.
pub(super) fn find(session: &mut dyn Session, owner: &Owner) -> Result<Option<OwnerRow>> {
    let mut found = None;
    let sql = format!("{COLUMNS} WHERE o.name = $1 AND o.deleted_at IS NULL");
    session.query(Sql::Built(sql), &[owner.as_str().into()], &mut |row| {
        found = Some(read(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// The owner that has this word as its name or its subject: at most one does.
pub(super) fn holder(session: &mut dyn Session, word: &str) -> Result<Option<OwnerHolder>> {
    let mut found = None;
    session.query(HOLDER.into(), &[word.into()], &mut |row| {
        let holder = read_holder(row)?;
        found.get_or_insert(holder);
        Ok(())
    })?;
    Ok(found)
}

/// A row of name, subject, and when the owner was disabled and deleted.
pub(super) fn read_holder(row: &Row<'_>) -> Result<OwnerHolder> {
    let cells = row.of("owner");
    Ok(OwnerHolder {
        name: cells.parsed(0, |text| text.parse().ok())?,
        subject: cells.parsed(1, |text| text.parse().ok())?,
        state: match (time(&cells, 3)?, time(&cells, 2)?) {
            (Some(_), _) => None,
            (None, Some(at)) => Some(OwnerState::Disabled(at)),
            (None, None) => Some(OwnerState::Enabled),
        },
    })
}

/// What [`find`] says without the counts, which grow with the owner's keys.
pub(super) fn state(session: &mut dyn Session, owner: &Owner) -> Result<Option<OwnerState>> {
    let mut found = None;
    let sql = "SELECT name, disabled_at FROM keyctl.owner WHERE name = $1 AND deleted_at IS NULL";
    session.query(sql.into(), &[owner.as_str().into()], &mut |row| {
        found = Some(time(&row.of("owner"), 1)?.map_or(OwnerState::Enabled, OwnerState::Disabled));
        Ok(())
    })?;
    Ok(found)
}

/// Where the subject is the name, there is none beside it.
fn beside(subject: &OwnerSubject, name: &Owner) -> Value {
    subject.beside(name).map(str::to_owned).into()
}

/// The values of [`INSERT`].
fn new(owner: &Owner, subject: &OwnerSubject, now: Timestamp) -> [Value; 3] {
    [owner.as_str().into(), now.as_millis().into(), beside(subject, owner)]
}

impl Store {
    /// Reads up to 500 owners behind `after` by name; fewer than that mean the end. Deleted
    /// ones are left out.
    pub fn owners(&mut self, after: Option<&Owner>) -> Result<Vec<OwnerRow>> {
        let mut owners = Vec::new();
        let sql = format!("{COLUMNS} WHERE o.name > $1 AND o.deleted_at IS NULL ORDER BY o.name LIMIT $2");
        let values = [after.map_or("", Owner::as_str).into(), PAGE.into()];
        self.session().query(Sql::Built(sql), &values, &mut |row| {
            owners.push(read(row)?);
            Ok(())
        })?;
        Ok(owners)
    }

    /// The same of owners with this text in their name or subject, as many as are asked for; an empty text is in all.
    #[cfg(feature = "cli")]
    pub fn owners_with(&mut self, text: &str, limit: i64) -> Result<Vec<OwnerRow>> {
        let mut owners = Vec::new();
        // No pattern: `%` and `_` are texts here.
        let sql = format!(
            "{COLUMNS} WHERE o.deleted_at IS NULL AND ($2 = '' OR replace(o.name, $2, '') <> o.name
                OR replace(o.subject, $2, '') <> o.subject) ORDER BY o.name LIMIT $1"
        );
        let values = [limit.into(), text.into()];
        self.session().query(Sql::Built(sql), &values, &mut |row| {
            owners.push(read(row)?);
            Ok(())
        })?;
        Ok(owners)
    }

    /// What the owner of this name was called before, and up to which record of the audit log: the
    /// last one first.
    pub fn names_before(&mut self, owner: &Owner) -> Result<Vec<(Owner, u64)>> {
        let mut names = Vec::new();
        let sql = "SELECT name, until_seq FROM keyctl.owner_before WHERE owner = $1 ORDER BY until_seq DESC";
        self.session().query(sql.into(), &[owner.as_str().into()], &mut |row| {
            let cells = row.of("owner_before");
            names.push((cells.parsed(0, |text| text.parse().ok())?, cells.count(1)?));
            Ok(())
        })?;
        Ok(names)
    }
}

impl Tx<'_> {
    /// Makes the owner, or brings a deleted one back, with the subject that it had; one that is
    /// there stays as it is.
    pub fn ensure_owner(&mut self, owner: &Owner, subject: &OwnerSubject) {
        let values = new(owner, subject, self.now());
        self.pending.push(Statement::new(INSERT.as_str(), values));
    }

    /// The same for several, each of them once.
    pub(super) fn ensure_owners(&mut self, owners: BTreeMap<&Owner, &OwnerSubject>) {
        let now = self.now();
        let rows = owners
            .into_iter()
            .map(|(owner, subject)| Statement::row(INSERT.as_str(), &INSERT_MANY, new(owner, subject, now)));
        self.pending.extend(rows);
    }

    /// Gives the owner another subject. All its keys follow.
    pub fn set_owner_subject(&mut self, owner: &Owner, subject: &OwnerSubject) -> Result<()> {
        self.pending.push(Statement::new(SET_SUBJECT, [owner.as_str().into(), beside(subject, owner)]));
        self.rewrite_tokens_of(owner);
        self.touch_keys_of(owner)
    }

    /// Lets all keys of the owner together spend no more than this; `None` for no bound. All its keys follow.
    pub fn set_owner_quota(&mut self, owner: &Owner, quota: Option<Quota>) -> Result<()> {
        let quota = quota.map(|quota| quota.to_string());
        self.pending.push(Statement::new(SET_QUOTA, [owner.as_str().into(), quota.into()]));
        self.rewrite_tokens_of(owner);
        self.touch_keys_of(owner)
    }

    /// Calls the owner otherwise. All that holds its name follows; the subject stays.
    ///
    /// The new name gets a row of its own before the keys go over to it, since keys refer to a row
    /// that is there; only then has it the subject, which no two rows may have.
    pub fn rename_owner(&mut self, old: &Owner, new: &Owner, subject: &OwnerSubject) -> Result<()> {
        let names = [old.as_str().into(), new.as_str().into()];
        for sql in [
            "INSERT INTO keyctl.owner (name, created_at, disabled_at, quota)
             SELECT $2, created_at, disabled_at, quota FROM keyctl.owner WHERE name = $1",
            "UPDATE keyctl.key SET owner = $2 WHERE owner = $1",
            "UPDATE keyctl.claim SET owner = $2 WHERE owner = $1",
            "UPDATE keyctl.portal_session SET owner = $2 WHERE owner = $1",
            "DELETE FROM keyctl.owner WHERE name = $1 AND name <> $2",
            "UPDATE keyctl.binding SET subject_id = $2 WHERE subject_kind = 'owner' AND subject_id = $1",
            "UPDATE keyctl.owner_before SET owner = $2 WHERE owner = $1",
        ] {
            self.pending.push(Statement::new(sql, names.clone()));
        }
        let this_record = i64::try_from(self.head().audit_seq + 1).unwrap_or(i64::MAX);
        let [name, owner] = names;
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.owner_before (owner, name, until_seq) VALUES ($1, $2, $3)",
            [owner, name, this_record.into()],
        ));
        self.set_owner_subject(new, subject)
    }

    /// Names all keys of an owner as affected, or every key where they are many.
    fn touch_keys_of(&mut self, owner: &Owner) -> Result<()> {
        let mut affected = Vec::new();
        let most = i64::try_from(NAMED_AT_ONCE + 1).unwrap_or(i64::MAX);
        let sql = "SELECT k.id FROM keyctl.key k WHERE k.owner = $1 LIMIT $2";
        self.reading()?.0.query(sql.into(), &[owner.as_str().into(), most.into()], &mut |row| {
            affected.push(row.of("key").parsed(0, |text| text.parse().ok())?);
            Ok(())
        })?;
        self.touch_all(affected);
        Ok(())
    }

    /// Disables an owner, or enables it again with `None`. All its keys, and their children,
    /// follow.
    pub fn set_owner_disabled(&mut self, owner: &Owner, at: Option<Timestamp>) -> Result<()> {
        self.pending.push(Statement::new(
            "UPDATE keyctl.owner SET disabled_at = $2 WHERE name = $1",
            [owner.as_str().into(), at.map(Timestamp::as_millis).into()],
        ));
        self.rewrite_tokens_of_owner(owner);
        let mut affected = Vec::new();
        let session = self.reading()?;
        session.0.query(
            "SELECT k.id FROM keyctl.key k WHERE k.owner = $1 AND k.revoked_at IS NULL
             UNION SELECT c.id FROM keyctl.key k JOIN keyctl.key c ON c.parent = k.id
             WHERE k.owner = $1 AND c.revoked_at IS NULL"
                .into(),
            &[owner.as_str().into()],
            &mut |row| {
                affected.push(row.of("key").parsed(0, |text| text.parse().ok())?);
                Ok(())
            },
        )?;
        self.touch_all(affected);
        Ok(())
    }

    /// Takes an owner off the list. Its row stays, since its revoked keys do. It is disabled no
    /// more, and has no quota: one of the same name that is made later starts anew.
    pub fn delete_owner(&mut self, owner: &OwnerRow) {
        let now = self.now().as_millis();
        self.pending.push(Statement::new(
            "UPDATE keyctl.owner SET deleted_at = $2, disabled_at = NULL, quota = NULL WHERE name = $1",
            [owner.name.as_str().into(), now.into()],
        ));
        self.unbind_owner(&owner.name);
        if owner.disabled_at.is_some() || owner.quota.is_some() {
            self.rewrite_tokens_of_owner(&owner.name);
        }
    }
}
