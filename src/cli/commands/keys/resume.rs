//! `keyctl resume`

use crate::cli::arguments::asked;
use crate::cli::arguments::selection::UnknownArgs;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::inputs::input::{self, KeyArg};
use crate::domain::keys::key::State;
use crate::ops::keys::references::check_count;
use crate::ops::keys::suspend::resume;

/// Let suspended keys work again
///
/// Also before a suspension ends by itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl resume alice/ci")]
pub(crate) struct Args {
    /// Keys: ids, owner/name, an owner's only key, token prefixes, or - for standard input; one
    /// that is suspended is picked on a terminal
    #[arg(value_name = "KEY", add = Stored::LiveKeys)]
    keys: Vec<KeyArg>,
    #[command(flatten)]
    unknown: UnknownArgs,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let keys = if args.keys.is_empty() {
        vec![asked::key_in(context, "resume", "<KEY>...", State::Suspended)?]
    } else {
        input::references(&context.ui, &args.keys)?
    };
    let mut env = context.open_env(args.dry_run)?;
    check_count(&keys)?;
    let keys = args.unknown.known(&context.ui, &mut env.store, keys)?;
    let done = resume(&mut env, keys)?;
    for stopped in &done.keys {
        let key = &stopped.key;
        let named = format!("{} ({})", key.path(), key.id);
        let state = key.state(done.at);
        match (stopped.already, args.dry_run) {
            (true, _) => context.ui.note(&format!("{named} is not suspended; nothing was changed")),
            (_, true) => context.ui.note(&format!("dry run: would resume {named}; nothing was changed")),
            _ => context.ui.note(&format!("resumed {named}")),
        }
        if state != State::Active {
            context.ui.warn(&format!("{} is {state}, so it does not work", key.path()));
        }
    }
    super::revoke::show(context, &done, args.dry_run, "the keys are resumed")
}
