//! The second addresses of the store, at which it is changed over HTTP: how they are opened, and what their roles may do.

use std::time::Duration;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::audit::event::Actor;
use crate::ops::env::Env;
use crate::store::{ChangingRole, Location};

/// How long the lock of a change is waited for.
const WITHIN: Duration = Duration::from_secs(2);

/// Opens a store at such an address, in the name of `actor`.
pub(super) fn opener(
    context: &Context,
    location: Location,
    actor: &str,
) -> anyhow::Result<impl Fn() -> Result<Env, crate::ops::Error> + Send + Sync + use<>> {
    let actor = Actor { claimed: Some(actor.to_owned()), ..context.actor()? };
    context.opener(location, actor, WITHIN)
}

/// An error of the store at this address, as the flag calls it.
pub(super) fn named(flag: &str, error: impl Into<anyhow::Error>) -> CliError {
    let mut error = CliError::of(error);
    error.message.insert_str(0, &format!("{flag}: "));
    error
}

/// Names shown at most.
const SHOWN: usize = 8;

/// What the role at this address lacks, or could do besides. `word` is what it is for, as `store grant` has it, and `deed` what it
/// then does.
pub(in crate::cli::commands) fn check_role(
    context: &Context,
    flag: &str,
    word: &str,
    deed: &str,
    role: &ChangingRole,
) -> anyhow::Result<()> {
    let hint = format!("make a role that may do this and nothing else: keyctl store grant ROLE --for {word}");
    let shown = |rights: &[String]| {
        let more = rights.len().saturating_sub(SHOWN);
        let first = rights.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{first} and {more} more") } else { first }
    };
    if !role.lacks.is_empty() {
        let message = format!("the role of {flag} may not {deed}: it lacks {}", shown(&role.lacks));
        return Err(CliError::invalid(message, hint).into());
    }
    if role.has_all {
        context.ui.warn(&format!("the role of {flag} owns the store, or may do everything; {hint}"));
    } else if !role.beyond.is_empty() {
        let beyond = shown(&role.beyond);
        context.ui.warn(&format!("the role of {flag} may do more than {deed}: {beyond}; {hint}"));
    }
    Ok(())
}
