//! Owners.

use super::error::Result;
use super::session::{Cells, Row, Session, Statement};
use super::tx::Tx;
use super::{Lookup as _, Store};
use crate::domain::owner::{Owner, OwnerRow, OwnerState};
use crate::domain::time::Timestamp;

/// Owners read at once.
const PAGE: i64 = 500;

const COLUMNS: &str = "SELECT o.name, o.created_at, o.disabled_at, \
    (SELECT COUNT(*) FROM keyctl.key k WHERE k.owner = o.name AND k.revoked_at IS NULL), \
    (SELECT COUNT(*) FROM keyctl.key k WHERE k.owner = o.name AND k.revoked_at IS NOT NULL) FROM keyctl.owner o";

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
        created_at: time(&cells, 1)?.ok_or_else(|| cells.corrupt(1))?,
        disabled_at: time(&cells, 2)?,
        live_keys: count(3)?,
        revoked_keys: count(4)?,
    })
}

/// The owner of this name, unless it was deleted.
pub(super) fn find(session: &mut dyn Session, owner: &Owner) -> Result<Option<OwnerRow>> {
    let mut found = None;
    let sql = format!("{COLUMNS} WHERE o.name = $1 AND o.deleted_at IS NULL");
    session.query(super::session::Sql::Built(sql), &[owner.as_str().into()], &mut |row| {
        found = Some(read(row)?);
        Ok(())
    })?;
    Ok(found)
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

impl Store {
    /// Reads up to 500 owners behind `after` by name; fewer than that mean the end. Deleted
    /// ones are left out.
    pub fn owners(&mut self, after: Option<&Owner>) -> Result<Vec<OwnerRow>> {
        let mut owners = Vec::new();
        let sql = format!("{COLUMNS} WHERE o.name > $1 AND o.deleted_at IS NULL ORDER BY o.name LIMIT $2");
        let values = [after.map_or("", Owner::as_str).into(), PAGE.into()];
        self.session().query(super::session::Sql::Built(sql), &values, &mut |row| {
            owners.push(read(row)?);
            Ok(())
        })?;
        Ok(owners)
    }
}

impl Tx<'_> {
    /// Makes the owner, or brings a deleted one back; one that is there stays as it is.
    pub fn ensure_owner(&mut self, owner: &Owner) {
        let now = self.now().as_millis();
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.owner (name, created_at) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET created_at = $2, disabled_at = NULL, deleted_at = NULL
             WHERE owner.deleted_at IS NOT NULL",
            [owner.as_str().into(), now.into()],
        ));
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
    /// more: one of the same name that is made later starts anew.
    pub fn delete_owner(&mut self, owner: &OwnerRow) {
        let now = self.now().as_millis();
        self.pending.push(Statement::new(
            "UPDATE keyctl.owner SET deleted_at = $2, disabled_at = NULL WHERE name = $1",
            [owner.name.as_str().into(), now.into()],
        ));
        self.unbind_owner(&owner.name);
        if owner.disabled_at.is_some() {
            self.rewrite_tokens_of_owner(&owner.name);
        }
    }
}
