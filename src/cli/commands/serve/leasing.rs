//! The second address of the store, at which tokens of credentials are got and handed out.

use uuid::Uuid;

use super::changing::{check_role, named, opener};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config::settings::Setting;
use crate::ops;
use crate::ops::desk::{Desk, Opening};
use crate::ops::keys::holder;
use crate::store::{self, Changing, Location, Store};

const FLAG: &str = "--lease-store";

/// Who gets tokens that somebody waits for, in the audit log.
const SERVER: &str = "keyctl serve";

/// Finds before anything is served that no token could be got there. Only where a server does not answer, that is seen when
/// the store itself is read: both may come back.
pub(super) fn look(context: &Context, named_store: Option<&Setting<String>>) -> anyhow::Result<()> {
    let Some(location) = named_store.map(|named| context.other(named)).transpose()? else { return Ok(()) };
    match opener(context, location, SERVER)?() {
        Ok(mut env) => {
            context.ring_of_secrets(&mut env.store).map_err(|error| named(FLAG, error))?;
            Ok(())
        }
        Err(ops::Error::Store(
            store::Error::Connect { refused: false, .. } | store::Error::Lost(_) | store::Error::Slow(_),
        )) => Ok(()),
        Err(error) => Err(named(FLAG, error).into()),
    }
}

/// Where tokens are got, if there is an address: the store with this id, once it can be read.
pub(super) fn desk(
    context: &Context,
    named_store: Option<&Setting<String>>,
    store: Uuid,
) -> anyhow::Result<Option<Desk>> {
    let Some(location) = named_store.map(|named| context.other(named)).transpose()? else { return Ok(None) };
    let is_kept = !matches!(location, Location::Sqlite(_));
    let open = opener(context, location.clone(), SERVER)?;
    let mut env = open().map_err(|error| named(FLAG, error))?;
    check_same(&mut env.store, store, &location)?;
    let ring = context.ring_of_secrets(&mut env.store).map_err(|error| named(FLAG, error))?;
    let store = Opening { open: Box::new(open), is_kept };
    Ok(Some(Desk { store, ring, outbound: Box::new(context.outbound()) }))
}

fn check_same(found: &mut Store, store: Uuid, location: &Location) -> anyhow::Result<()> {
    if found.end()?.0.store == store {
        return Ok(());
    }
    let message = format!("{FLAG} names another store than the one that is served: {location}");
    Err(CliError::invalid(message, "name the same store, by a role of --for lease").into())
}

/// Whether tokens can be got there for the store with this id, and whether that is all that can be done.
pub(super) fn check(
    context: &Context,
    named_store: Option<&Setting<String>>,
    store: Uuid,
) -> anyhow::Result<()> {
    let Some(location) = named_store.map(|named| context.other(named)).transpose()? else {
        context.ui.note("POST /lease is off: no --lease-store is named");
        return Ok(());
    };
    let mut env = opener(context, location.clone(), SERVER)?().map_err(|error| named(FLAG, error))?;
    check_same(&mut env.store, store, &location)?;
    if let Some(role) = env.store.changing_role(Changing::Lease)? {
        check_role(context, FLAG, "lease", "lease", &role)?;
    }
    context.ring_of_secrets(&mut env.store).map_err(|error| named(FLAG, error))?;
    holder::rehearse(&mut env).map_err(|error| named(FLAG, error))?;
    context.ui.note(&format!("tokens of credentials are got anew: POST /lease, in {location}"));
    Ok(())
}
