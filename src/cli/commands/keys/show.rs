//! `keyctl show`

use crate::cli::arguments::asked;
use crate::cli::arguments::selection::UnknownArgs;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::inputs::input::{self, KeyArg};
use crate::ops::keys::find::meant;
use crate::ops::keys::used;
use crate::render::key::{KeyDetails, KeyView};

/// Show keys
///
/// Of an owner, all its live keys; where there are none, those that were revoked. Also by a token that was replaced long ago: its prefix, or on standard input the whole token.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl show alice/default
  keyctl show alice                       all keys of alice
  keyctl show sks_4fTq9ZkPw2Xa -o json    whose token is this?")]
pub(crate) struct Args {
    /// Keys: ids, owner/name, owners, token prefixes, or - for standard input; one is picked on a terminal
    #[arg(value_name = "KEY", add = Stored::Keys)]
    keys: Vec<KeyArg>,
    #[command(flatten)]
    unknown: UnknownArgs,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let references = if args.keys.is_empty() {
        vec![asked::key_to(context, "show", "<KEY>...")?]
    } else {
        input::references(&context.ui, &args.keys)?
    };
    let mut store = context.open_to_find()?;
    if references.len() == 1 {
        store.reads_few();
    }
    let references = args.unknown.known(&context.ui, &mut store, references)?;
    let mut keys = Vec::with_capacity(references.len());
    for key in &references {
        keys.extend(meant(&mut store, key)?);
    }
    used::fill(&mut store, &mut keys);
    let now = store.now()?;
    let revoked: Vec<_> = keys.iter().filter(|key| key.revoked_at.is_some()).map(|key| key.id).collect();
    let canaries = store.canaries_among(&revoked);
    store.leave();
    for key in keys.iter().filter(|key| canaries.contains(&key.id)) {
        context
            .ui
            .note(&format!("{} is a canary: keyctl usage --canaries shows where it was seen", key.path()));
    }
    match keys.as_slice() {
        [key] => context.ui.show(&KeyDetails(KeyView { key, now }), now),
        many => {
            context.ui.list(now, |out| many.iter().try_for_each(|key| Ok(out.push(&KeyView { key, now })?)))
        }
    }
}
