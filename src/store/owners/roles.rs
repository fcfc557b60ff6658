//! Roles, which keys have them, and the names of scopes.

use std::collections::HashMap;
use std::rc::Rc;

use crate::domain::id::KeyId;
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::owners::role::{Role, RoleName};
use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::store::error::Result;
use crate::store::reading::Reads as _;
use crate::store::session::{Row, Session, Statement};
use crate::store::tx::Tx;

fn read(row: &Row<'_>) -> Result<Role> {
    let cells = row.of("role");
    let time = |column| Timestamp::from_millis(cells.int(column)?).ok_or_else(|| cells.corrupt(column));
    Ok(Role {
        name: cells.parsed(0, |text| text.parse().ok())?,
        scopes: cells.parsed(1, Scopes::from_json)?,
        created_at: time(2)?,
        changed_at: time(3)?,
    })
}

pub(in crate::store) fn find(session: &mut dyn Session, name: &RoleName) -> Result<Option<Role>> {
    let mut found = None;
    session.query(
        "SELECT name, scopes, created_at, changed_at FROM keyctl.role WHERE name = $1".into(),
        &[name.as_str().into()],
        &mut |row| {
            found = Some(read(row)?);
            Ok(())
        },
    )?;
    Ok(found)
}

/// Every role, by name.
pub(in crate::store) fn all(session: &mut dyn Session) -> Result<Vec<Role>> {
    let mut roles = Vec::new();
    let sql = "SELECT name, scopes, created_at, changed_at FROM keyctl.role ORDER BY name";
    session.query(sql.into(), &[], &mut |row| {
        roles.push(read(row)?);
        Ok(())
    })?;
    Ok(roles)
}

fn count(session: &mut dyn Session, name: &RoleName) -> Result<(u64, u64)> {
    let mut counted = (0, 0);
    session.query(
        "SELECT COUNT(*) FILTER (WHERE k.revoked_at IS NULL), COUNT(*) FILTER (WHERE k.revoked_at IS NOT NULL)
         FROM keyctl.key_role r JOIN keyctl.key k ON k.id = r.key_id WHERE r.role = $1"
            .into(),
        &[name.as_str().into()],
        &mut |row| {
            let cells = row.of("key_role");
            let number = |column| u64::try_from(cells.int(column)?).map_err(|_| cells.corrupt(column));
            counted = (number(0)?, number(1)?);
            Ok(())
        },
    )?;
    Ok(counted)
}

impl Store {
    /// How many keys have a role: those that are not revoked, and those that are.
    pub fn role_count(&mut self, name: &RoleName) -> Result<(u64, u64)> {
        count(self.session(), name)
    }
}

impl Tx<'_> {
    pub(in crate::store) fn roles_by_name(&mut self) -> Result<Rc<HashMap<RoleName, Role>>> {
        if let Some(roles) = &self.roles {
            return Ok(roles.clone());
        }
        let roles = all(self.reading()?.0)?;
        let roles: Rc<HashMap<_, _>> =
            Rc::new(roles.into_iter().map(|role| (role.name.clone(), role)).collect());
        Ok(self.roles.insert(roles).clone())
    }

    /// How many keys have a role: those that are not revoked, and those that are.
    pub fn role_count(&mut self, name: &RoleName) -> Result<(u64, u64)> {
        count(self.reading()?.0, name)
    }

    /// Stores a role. What follows for its keys is up to [`Tx::refresh_role`].
    pub fn put_role(&mut self, role: &Role) {
        self.roles = None;
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.role (name, scopes, created_at, changed_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO UPDATE SET scopes = $2, changed_at = $4",
            [
                role.name.as_str().into(),
                role.scopes.to_json().into(),
                role.created_at.as_millis().into(),
                role.changed_at.as_millis().into(),
            ],
        ));
        self.name_scopes(&role.scopes);
    }

    /// Removes a role, which no key must have any more.
    pub fn delete_role(&mut self, name: &RoleName) {
        self.roles = None;
        self.pending.push(Statement::new("DELETE FROM keyctl.role WHERE name = $1", [name.as_str().into()]));
    }

    pub fn take_role_from_all(&mut self, name: &RoleName) {
        self.pending
            .push(Statement::new("DELETE FROM keyctl.key_role WHERE role = $1", [name.as_str().into()]));
    }

    pub fn give_roles(&mut self, key: KeyId, roles: &[RoleName]) {
        for role in roles {
            self.pending.push(Statement::new(
                "INSERT INTO keyctl.key_role (role, key_id) VALUES ($1, $2) ON CONFLICT (role, key_id) DO NOTHING",
                [role.as_str().into(), key.to_string().into()],
            ));
        }
    }

    pub fn take_roles(&mut self, key: KeyId) {
        let values = [key.to_string().into()];
        self.pending.push(Statement::new("DELETE FROM keyctl.key_role WHERE key_id = $1", values));
    }

    /// Remembers the names of scopes that were given.
    pub(in crate::store) fn name_scopes(&mut self, scopes: &Scopes) {
        scopes.iter().for_each(|scope| self.name_scope(scope));
    }

    pub(in crate::store) fn name_scope(&mut self, scope: &Scope) {
        if !self.named_scopes.insert(scope.as_str().to_owned()) {
            return;
        }
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.scope (name) VALUES ($1) ON CONFLICT (name) DO NOTHING",
            [scope.as_str().into()],
        ));
    }
}
