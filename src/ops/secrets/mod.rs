//! Provider secrets: kept sealed, bound to those who use them, handed out to nobody else.

pub mod bind;
pub(crate) mod delete;
pub(crate) mod forms;
pub mod get;
#[cfg(feature = "serve")]
pub(crate) mod hand_out;
pub(crate) mod identity;
pub(crate) mod nearest;
pub(crate) mod providers;
pub mod resolve;
pub(crate) mod restore;
pub mod set;
pub(crate) mod show;

use serde_json::Value;

use super::error::{Error, Result};
use super::near;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::Key;
use crate::domain::owners::owner::Owner;
use crate::domain::secrets::secret::{Secret, SecretName};
use crate::domain::texts::near::nearest_name;
use crate::domain::texts::text::Shown;
use crate::store::SecretLookup;

/// The secret of this name. [`Error::NotFound`] if there is none.
pub(super) fn find(store: &mut impl SecretLookup, name: &SecretName) -> Result<Secret> {
    match store.secret(name)? {
        Some(secret) => Ok(secret),
        None => Err(unknown(store, name)?),
    }
}

/// The same, or the one that was deleted last where there is no other.
fn find_any(store: &mut impl SecretLookup, name: &SecretName) -> Result<Secret> {
    if let Some(secret) = store.secret(name)? {
        return Ok(secret);
    }
    match store.deleted_secret(name)? {
        Some(secret) => Ok(secret),
        None => Err(unknown(store, name)?),
    }
}

fn unknown(store: &mut impl SecretLookup, name: &SecretName) -> Result<Error> {
    let shown = Shown(name.as_str());
    if let Some(deleted) = store.deleted_secret(name)? {
        let when = deleted.deleted_at.map(|at| format!(" at {at}")).unwrap_or_default();
        return Ok(Error::NotFound {
            message: format!("the secret {shown} was deleted{when}"),
            hint: format!("bring it back with: keyctl secret rollback {shown}"),
        });
    }
    let names = store.secrets_beside(name)?;
    let meant = nearest_name(name.as_str(), names, SecretName::as_str);
    Ok(near::not_found(format!("there is no secret {shown}"), meant, "keyctl secret list shows all"))
}

/// What was done, about a key or an owner.
fn event_about(action: Action, key: Option<&Key>, owner: Option<&Owner>, details: Value) -> Event {
    let event = Event::done(action, details);
    match (key, owner) {
        (Some(key), _) => event.on(key),
        (None, Some(owner)) => event.of(owner),
        (None, None) => event,
    }
}
