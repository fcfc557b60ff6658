//! `keyctl show`

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::input::{self, KeyArg};
use crate::ops::resolve::resolve;
use crate::render::key::{KeyDetails, KeyView};

/// Show one key
///
/// Also by the prefix of a token that was replaced long ago.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input
    key: KeyArg,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> Result<(), CliError> {
    let reference = input::reference(&args.key)?;
    let mut store = context.open()?;
    let key = resolve(&mut store, &reference)?;
    let now = store.now()?;
    context.ui.show(&KeyDetails(KeyView { key: &key, now }), now)
}
