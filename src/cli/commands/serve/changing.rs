//! The second addresses of the store, at which it is changed over HTTP: how they are opened, and what their roles may do.

use std::time::Duration;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::outputs::sink;
use crate::config;
use crate::domain::audit::event::Actor;
use crate::ops::env::{Env, SystemRandom};
use crate::store::{self, Access, ChangingRole, LATEST_SCHEMA, Location, Options, Store};

/// How long the lock of a change is waited for.
const WITHIN: Duration = Duration::from_secs(2);

/// Opens a store for changes, anew each time, in the name of `actor`. A file of an older schema is left to be migrated by a
/// command.
pub(super) fn opener(
    context: &Context,
    location: Location,
    actor: &str,
) -> anyhow::Result<impl Fn() -> Result<Env, crate::ops::Error> + Send + Sync + use<>> {
    let options = Options { lock_timeout: WITHIN, listen: store::unheard, alone: false, ..context.options };
    let actor = Actor { claimed: Some(actor.to_owned()), ..context.actor()? };
    let (ui, named) = (context.ui, context.named_sink()?);
    let off = match &named {
        Some(config::Sink::File(path)) => context.no_sink(path),
        _ => None,
    };
    Ok(move || {
        let store = Store::open_any_schema(&location, Access::Change, options)?;
        let found = store.schema();
        if found < LATEST_SCHEMA {
            return Err(store::Error::Older { found, known: LATEST_SCHEMA }.into());
        }
        let sink = named.clone().map(|named| sink::to(ui, named, off));
        let (random, actor) = (Box::new(SystemRandom), actor.clone());
        Ok(Env { store, random, actor, rehearse: false, sink, unmade: None })
    })
}

/// An error of the store at this address, as the flag calls it.
pub(super) fn named(flag: &str, error: impl Into<anyhow::Error>) -> CliError {
    let mut error = CliError::of(error);
    error.message.insert_str(0, &format!("{flag}: "));
    error
}

/// Names shown at most.
const SHOWN: usize = 8;

/// What the role at this address lacks, or could do besides. `word` is what it is for, as `store grant` has it.
pub(super) fn check_role(
    context: &Context,
    flag: &str,
    word: &str,
    role: &ChangingRole,
) -> anyhow::Result<()> {
    let hint = format!("make a role that may do this and nothing else: keyctl store grant ROLE --for {word}");
    let shown = |rights: &[String]| {
        let more = rights.len().saturating_sub(SHOWN);
        let first = rights.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{first} and {more} more") } else { first }
    };
    if !role.lacks.is_empty() {
        let message = format!("the role of {flag} may not {word}: it lacks {}", shown(&role.lacks));
        return Err(CliError::invalid(message, hint).into());
    }
    if role.has_all {
        context.ui.warn(&format!("the role of {flag} owns the store, or may do everything; {hint}"));
    } else if !role.beyond.is_empty() {
        let beyond = shown(&role.beyond);
        context.ui.warn(&format!("the role of {flag} may do more than {word}: {beyond}; {hint}"));
    }
    Ok(())
}
