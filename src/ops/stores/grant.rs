//! Who may read a store without keyctl: a role of PostgreSQL's, or a group of the system's.

use serde_json::json;

use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
pub(crate) use crate::domain::stores::privileges::Privileges;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::store::{File, Store, Tx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GivenPrivileges {
    /// The role or the group; `None` where a group lost its access.
    pub to: Option<String>,
    pub privileges: Privileges,
    /// Whether it can reach the views at all: a role by the schema, a group by the folder.
    pub reaches_views: bool,
    /// What else of the store it can read or write, by other ways than this grant.
    pub others: Vec<String>,
}

fn event(details: serde_json::Value) -> Event {
    Event::done(Action::StoreGrant, details)
}

/// Gives a role of the database exactly these privileges.
pub(crate) fn to_role(env: &mut Env, role: &str, privileges: Privileges) -> Result<GivenPrivileges> {
    env.change(Action::StoreGrant, |tx| to_role_in(tx, role, privileges))
}

fn to_role_in(tx: &mut Tx<'_>, role: &str, privileges: Privileges) -> Result<Done<GivenPrivileges>> {
    let Some(known) = tx.server_role(role)? else {
        return Err(Error::NotFound {
            message: format!("the server has no role {role}"),
            hint: "make it first: CREATE ROLE … LOGIN, and give it a password".to_owned(),
        });
    };
    if known.has_all {
        let message =
            format!("the role {role} owns the store or is a superuser: it may do everything already");
        let hint = "make a role of its own for each service: CREATE ROLE … LOGIN".to_owned();
        return Err(Conflict::new(message, hint).into());
    }
    tx.set_privileges(role, privileges)?;
    let others = tx.other_privileges(role, privileges)?;
    let granted =
        GivenPrivileges { to: Some(role.to_owned()), privileges, reaches_views: known.reaches_views, others };
    Ok(Done::with(granted, event(json!({ "role": role, "group": null, "rights": privileges }))))
}

/// Lets a group of the system's read a SQLite file, all of it; or nobody but its owner. `find`
/// tells the number of a group.
pub(crate) fn to_group(
    env: &mut Env,
    file: &File,
    group: Option<&str>,
    find: impl Fn(&str) -> Option<u32>,
) -> Result<GivenPrivileges> {
    let number = match group {
        None => None,
        Some(name) => Some(find(name).ok_or_else(|| Error::NotFound {
            message: format!("the system has no group {name}"),
            hint: format!("make it first: groupadd {name}"),
        })?),
    };
    let privileges = if group.is_some() {
        Privileges { tokens: true, secrets: true, ..Privileges::NONE }
    } else {
        Privileges::NONE
    };
    let granted =
        GivenPrivileges { to: group.map(str::to_owned), privileges, reaches_views: true, others: Vec::new() };
    let recorded = event(json!({ "role": null, "group": group, "rights": privileges }));
    let work = |_: &mut Tx<'_>| Ok(Done::with(granted.clone(), recorded.clone()));
    // Before the commit, so that nothing is recorded that did not happen.
    let mut folder = true;
    let mut done = env.change_and_deliver(Action::StoreGrant, work, |_| {
        folder = Store::share(file, number)?;
        Ok(())
    })?;
    done.reaches_views = folder;
    Ok(done)
}
