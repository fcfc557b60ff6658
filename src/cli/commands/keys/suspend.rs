//! `keyctl suspend`

use crate::cli::arguments::selection::{SelectArgs, UnknownArgs};
use crate::cli::arguments::values;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::inputs::input::KeyArg;
use crate::ops::keys::references::check_count;
use crate::ops::keys::select::Selection;
use crate::ops::keys::suspend::suspend;

/// Stop keys for a while
///
/// Their tokens, and their children's, are refused until keyctl resume. Nothing else changes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl suspend alice/ci --reason 'odd requests at night'
  keyctl suspend --owner alice --dry-run")]
pub(crate) struct Args {
    /// Keys: ids, owner/name, an owner's only key, token prefixes, or - for standard input
    #[arg(required_unless_present_any = ["owner", "labels", "created_after"], value_name = "KEY", add = Stored::LiveKeys)]
    keys: Vec<KeyArg>,
    #[command(flatten)]
    select: SelectArgs,
    /// Why, kept in the audit log
    #[arg(long, value_name = "TEXT", value_parser = values::reason)]
    reason: Option<String>,
    #[command(flatten)]
    unknown: UnknownArgs,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let selection = args.select.selection(context, &args.keys, "suspend", args.dry_run)?;
    let mut env = context.open_env(args.dry_run)?;
    let selection = match selection {
        Selection::Named(keys) => {
            check_count(&keys)?;
            Selection::Named(args.unknown.known(&context.ui, &mut env.store, keys)?)
        }
        matching @ Selection::Matching(..) => matching,
    };
    let done = suspend(&mut env, selection, args.reason.as_deref())?;
    for stopped in &done.keys {
        let key = &stopped.key;
        let named = format!("{} ({})", key.path(), key.id);
        match (stopped.already, key.revoked_at.or(key.suspended_at)) {
            (true, Some(at)) => {
                let state = if key.revoked_at.is_some() { "revoked" } else { "suspended" };
                context.ui.note(&format!("{named} is {state} since {at} already"));
            }
            _ if args.dry_run => {
                context.ui.note(&format!("dry run: would suspend {named}; nothing was changed"));
            }
            _ => context.ui.note(&format!("suspended {named}; to undo: keyctl resume {}", key.path())),
        }
    }
    if done.keys.is_empty() {
        context.ui.note("no live key matches; nothing was changed");
    }
    super::revoke::show(context, &done, args.dry_run, "the keys are suspended")
}
