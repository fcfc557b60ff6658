//! `keyctl suspend`

use super::reach;
use crate::cli::arguments::asked;
use crate::cli::arguments::selection::{SelectArgs, UnknownArgs};
use crate::cli::arguments::values;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::inputs::input::KeyArg;
use crate::domain::time::{Span, SpanError};
use crate::ops::keys::references::check_count;
use crate::ops::keys::select::{Selection, Stopped};
use crate::ops::keys::suspend::{Suspension, Until, suspend_until};

/// Stop keys for a while
///
/// Their tokens, and their children's, are refused until keyctl resume, or with --for until that time is over. Nothing else
/// changes. Another suspension of a key that is named takes the place of the one that it has.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl suspend alice/ci --reason 'odd requests at night'
  keyctl suspend alice/ci --for 1h             it works again in an hour, by itself
  keyctl suspend --owner alice --dry-run")]
pub(crate) struct Args {
    /// Keys: ids, owner/name, an owner's only key, token prefixes, or - for standard input; one
    /// is picked on a terminal
    #[arg(value_name = "KEY", add = Stored::LiveKeys)]
    keys: Vec<KeyArg>,
    #[command(flatten)]
    select: SelectArgs,
    /// Why, kept in the audit log
    #[arg(long, value_name = "TEXT", value_parser = values::reason)]
    reason: Option<String>,
    /// For how long, as in 1h; by itself, they work again then [default: until keyctl resume]
    #[arg(long = "for", value_name = "DURATION", value_parser = some_time)]
    lasts: Option<Span>,
    #[command(flatten)]
    unknown: UnknownArgs,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

fn some_time(text: &str) -> Result<Span, String> {
    let span: Span = text.parse().map_err(|error: SpanError| error.to_string())?;
    if span.is_zero() { Err("write how long, as in 1h".to_owned()) } else { Ok(span) }
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let selection = if args.keys.is_empty() && !args.select.is_given() {
        Selection::Named(vec![asked::key_to(context, "suspend", "<KEY>...")?])
    } else {
        args.select.selection(context, &args.keys, "suspend", args.dry_run)?
    };
    let mut env = context.open_env(args.dry_run)?;
    let selection = match selection {
        Selection::Named(keys) => {
            check_count(&keys)?;
            Selection::Named(args.unknown.known(&context.ui, &mut env.store, keys)?)
        }
        matching @ Selection::Matching(..) => matching,
    };
    let wanted = Suspension {
        reason: args.reason.as_deref(),
        until: args.lasts.map_or(Until::Resumed, Until::After),
        by_owner: false,
    };
    let done = suspend_until(&mut env, selection, &wanted)?;
    for stopped in done.keys.iter().filter(|stopped| stopped.already || !args.dry_run) {
        report(context, stopped);
    }
    if args.dry_run {
        reach::would(context, "suspend", &done.keys);
    }
    if done.keys.is_empty() {
        context.ui.note("no live key matches; nothing was changed");
    }
    super::revoke::show(context, &done, args.dry_run, "the keys are suspended")
}

fn report(context: &Context, stopped: &Stopped) {
    let key = &stopped.key;
    let named = format!("{} ({})", key.path(), key.id);
    let until = key.suspended_until.map(|end| format!(" until {end}")).unwrap_or_default();
    match (stopped.already, key.revoked_at, key.suspended_at) {
        (true, Some(at), _) => context.ui.note(&format!("{named} is revoked since {at} already")),
        (true, None, Some(at)) => {
            context.ui.note(&format!("{named} is suspended since {at} already{until}"));
        }
        _ if key.suspended_until.is_some() => {
            context.ui.note(&format!("suspended {named}{until}; before that: keyctl resume {}", key.path()));
        }
        _ => context.ui.note(&format!("suspended {named}; to undo: keyctl resume {}", key.path())),
    }
}
