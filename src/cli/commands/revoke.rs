//! `keyctl revoke`

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::input::{self, KeyArg};
use crate::domain::text::check_free_text;
use crate::ops::revoke::{Revocation, Revoked, revoke};
use crate::render::key::KeyView;

/// Revoke keys
///
/// A revoked key stops working within seconds and cannot be restored. Use keyctl rotate to
/// replace a token without an outage.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Keys: ids, owner/name, an owner's only key, token prefixes, or - for standard input
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<KeyArg>,
    /// Why, kept with the key and in the audit log
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: Option<String>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

const LONGEST_REASON: usize = 512;

pub(super) fn reason(text: &str) -> Result<String, crate::domain::text::FreeTextError> {
    check_free_text(text, LONGEST_REASON).map(|()| text.to_owned())
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> Result<(), CliError> {
    let keys = input::references(&args.keys)?;
    let mut env = context.open_env(args.dry_run)?;
    let Revocation { keys: revoked, at: now } = revoke(&mut env, &keys, args.reason.as_deref())?;
    for Revoked { key, already } in &revoked {
        let named = format!("{}/{} ({})", key.owner, key.name, key.id);
        match (already, key.revoked_at) {
            (true, Some(at)) => context.ui.note(&format!("{named} was revoked already, at {at}")),
            _ if args.dry_run => {
                context.ui.note(&format!("dry run: would revoke {named}; nothing was changed"));
            }
            _ => context.ui.note(&format!("revoked {named}; its tokens are refused from now on")),
        }
    }
    if context.ui.chosen().is_none() {
        return Ok(());
    }
    let listed = context
        .ui
        .list(now, |out| revoked.iter().try_for_each(|done| Ok(out.push(&KeyView { key: &done.key, now })?)));
    listed.map_err(|error| if args.dry_run { error } else { error.after("the keys are revoked") })
}
