//! The end of a federation: nothing signs for it any more.

use serde_json::json;

use super::find;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::federation::settings::{Federation, FederationName};
use crate::domain::texts::text::counted;
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Result};
use crate::store::{FederationLookup as _, Tx};

#[derive(Clone, Debug)]
pub(crate) struct Deleted {
    pub federation: Federation,
    pub at: Timestamp,
}

/// Removes a federation with its keys. While a secret is got by it, also a deleted one, that is a conflict.
pub(crate) fn delete(env: &mut Env, name: &FederationName) -> Result<Deleted> {
    env.change(Action::FederationDelete, |tx| delete_in(tx, name))
}

pub(crate) fn delete_in(tx: &mut Tx<'_>, name: &FederationName) -> Result<Done<Deleted>> {
    let federation = find(tx, name)?;
    let secrets = tx.federated_by(name)?;
    if let Some(first) = secrets.first() {
        let count = counted(secrets.len() as u64, "secret");
        let message = format!("{count} of the federation {name}, among them {first}, are got by it");
        let hint = format!("delete them for good first: keyctl secret delete {first} --purge");
        return Err(Conflict::new(message, hint).into());
    }
    let mut keys = tx.federation_keys()?;
    keys.retain(|key| key.federation == *name);
    let kids: Vec<_> = keys.iter().map(|key| &key.public.kid).collect();
    let event = Event::done(Action::FederationDelete, json!({ "federation": name, "keys": kids }));
    tx.remove_federation(name);
    Ok(Done::with(Deleted { federation, at: tx.now() }, event))
}
