//! `keyctl show`

use crate::cli::complete::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::input::{self, KeyArg};
use crate::cli::selection::UnknownArgs;
use crate::ops::resolve::resolve;
use crate::ops::used;
use crate::render::key::{KeyDetails, KeyView};

/// Show keys
///
/// Also by a token that was replaced long ago: its prefix, or on standard input the whole token.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl show alice/default
  keyctl show sks_4fTq9ZkPw2Xa -o json    whose token is this?")]
pub struct Args {
    /// Keys: ids, owner/name, an owner's only key, token prefixes, or - for standard input
    #[arg(required = true, value_name = "KEY", add = Stored::Keys)]
    keys: Vec<KeyArg>,
    #[command(flatten)]
    unknown: UnknownArgs,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> Result<(), CliError> {
    let references = input::references(&context.ui, &args.keys)?;
    let mut store = context.open()?;
    let references = args.unknown.known(&context.ui, &mut store, references)?;
    let keys = references.iter().map(|key| resolve(&mut store, key)).collect::<Result<Vec<_>, _>>();
    let mut keys = keys?;
    used::fill(&mut store, &mut keys);
    let now = store.now()?;
    match keys.as_slice() {
        [key] => context.ui.show(&KeyDetails(KeyView { key, now }), now),
        many => {
            context.ui.list(now, |out| many.iter().try_for_each(|key| Ok(out.push(&KeyView { key, now })?)))
        }
    }
}
