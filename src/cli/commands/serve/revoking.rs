//! The second address of the store, at which holders of tokens revoke.

use std::time::Duration;

use uuid::Uuid;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::outputs::sink;
use crate::config;
use crate::config::serve::serve_settings::ServeSettings;
use crate::domain::audit::event::Actor;
use crate::ops::env::{Env, SystemRandom};
use crate::ops::keys::holder::{self, Opening};
use crate::store::{self, Access, LATEST_SCHEMA, Location, Options, RevokingRole, Store};

/// How long the lock of a change is waited for.
const WITHIN: Duration = Duration::from_secs(2);

/// Who asks, in the audit log. That the token was presented is all that is known of them.
const HOLDER: &str = "whoever holds the token";

/// Opens the store for it, if there is an address. A file of an older schema is left to be migrated by a command.
pub(super) fn opening(context: &Context, settings: &ServeSettings) -> anyhow::Result<Option<Opening>> {
    let Some(location) = location(context, settings)? else { return Ok(None) };
    let options = Options { lock_timeout: WITHIN, listen: store::unheard, alone: false, ..context.options };
    let actor = Actor { claimed: Some(HOLDER.to_owned()), ..context.actor()? };
    let (ui, named) = (context.ui, context.named_sink()?);
    let off = match &named {
        Some(config::Sink::File(path)) => context.no_sink(path),
        _ => None,
    };
    let is_file = matches!(location, Location::Sqlite(_));
    let open = move || {
        let store = Store::open_any_schema(&location, Access::Change, options)?;
        let found = store.schema();
        if found < LATEST_SCHEMA {
            return Err(store::Error::Older { found, known: LATEST_SCHEMA }.into());
        }
        let sink = named.clone().map(|named| sink::to(ui, named, off));
        let (random, actor) = (Box::new(SystemRandom), actor.clone());
        Ok(Env { store, random, actor, rehearse: false, sink, unmade: None })
    };
    Ok(Some(Opening { open: Box::new(open), is_file }))
}

fn location(context: &Context, settings: &ServeSettings) -> anyhow::Result<Option<Location>> {
    settings.changes_store.as_ref().map(|store| context.other(store)).transpose()
}

/// Whether keys of the store with this id can be revoked there, and whether that is all that can be done.
pub(super) fn check(context: &Context, settings: &ServeSettings, store: Uuid) -> anyhow::Result<()> {
    let (Some(location), Some(mut opening)) = (location(context, settings)?, opening(context, settings)?)
    else {
        context.ui.note("POST /revoke is off: no --changes-store is named");
        return Ok(());
    };
    let named = |error: crate::ops::Error| {
        let mut error = CliError::of(error);
        error.message.insert_str(0, "--changes-store: ");
        error
    };
    let mut env = (opening.open)().map_err(named)?;
    if env.store.end()?.0.store != store {
        let message = format!("--changes-store names another store than the one that is served: {location}");
        return Err(CliError::invalid(message, "name the same store, by a role that may revoke").into());
    }
    if let Some(role) = env.store.revoking_role()? {
        check_role(context, &role)?;
    }
    holder::rehearse(&mut env).map_err(named)?;
    context.ui.note(&format!("holders of tokens may revoke them: POST /revoke, in {location}"));
    Ok(())
}

/// Names shown at most.
const SHOWN: usize = 8;

fn check_role(context: &Context, role: &RevokingRole) -> anyhow::Result<()> {
    let hint = "make a role that may do this and nothing else: keyctl store grant ROLE --for revoke";
    let shown = |rights: &[String]| {
        let more = rights.len().saturating_sub(SHOWN);
        let first = rights.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{first} and {more} more") } else { first }
    };
    if !role.lacks.is_empty() {
        let message = format!("the role of --changes-store may not revoke: it lacks {}", shown(&role.lacks));
        return Err(CliError::invalid(message, hint).into());
    }
    if role.has_all {
        context.ui.warn(&format!("the role of --changes-store owns the store, or may do everything; {hint}"));
    } else if !role.beyond.is_empty() {
        let beyond = shown(&role.beyond);
        context.ui.warn(&format!("the role of --changes-store may do more than revoke: {beyond}; {hint}"));
    }
    Ok(())
}
