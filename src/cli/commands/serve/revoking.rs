//! The second address of the store, at which holders of tokens revoke.

use uuid::Uuid;

use super::changing::{check_role, named, opener};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config::serve::serve_settings::ServeSettings;
use crate::ops::desk::Opening;
use crate::ops::keys::holder;
use crate::store::{Changing, Location};

const FLAG: &str = "--changes-store";

/// Who asks, in the audit log. That the token was presented is all that is known of them.
const HOLDER: &str = "whoever holds the token";

/// Opens the store for it, if there is an address.
pub(super) fn opening(context: &Context, settings: &ServeSettings) -> anyhow::Result<Option<Opening>> {
    let Some(location) = location(context, settings)? else { return Ok(None) };
    let is_kept = !matches!(location, Location::Sqlite(_));
    Ok(Some(Opening { open: Box::new(opener(context, location, HOLDER)?), is_kept }))
}

fn location(context: &Context, settings: &ServeSettings) -> anyhow::Result<Option<Location>> {
    settings.changes_store.as_ref().map(|store| context.other(store)).transpose()
}

/// Whether keys of the store with this id can be revoked there, and whether that is all that can be done.
pub(super) fn check(context: &Context, settings: &ServeSettings, store: Uuid) -> anyhow::Result<()> {
    let (Some(location), Some(opening)) = (location(context, settings)?, opening(context, settings)?) else {
        context.ui.note("POST /revoke is off: no --changes-store is named");
        return Ok(());
    };
    let mut env = (opening.open)().map_err(|error| named(FLAG, error))?;
    if env.store.end()?.0.store != store {
        let message = format!("{FLAG} names another store than the one that is served: {location}");
        return Err(CliError::invalid(message, "name the same store, by a role that may revoke").into());
    }
    if let Some(role) = env.store.changing_role(Changing::Revoke)? {
        check_role(context, FLAG, "revoke", "revoke", &role)?;
    }
    holder::rehearse(&mut env).map_err(|error| named(FLAG, error))?;
    context.ui.note(&format!("holders of tokens may revoke them: POST /revoke, in {location}"));
    Ok(())
}
