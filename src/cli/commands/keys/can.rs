//! `keyctl can`

use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::input::{self, KeyArg};
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::Denial;
use crate::ops::keys::can::can;

/// Say whether a key or an owner may do something, and which rule decides
///
/// Asked of an owner, any of its live keys will do. The decision is the one that a verification
/// takes; networks are left out. Exit code 0: allowed; 5: denied.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl can alice memories:read
  keyctl can alice/ci files")]
pub(crate) struct Args {
    /// An owner, or a key: an id, owner/name, a token's prefix, or - for standard input
    #[arg(value_name = "OWNER|KEY", add = Stored::Keys)]
    key: KeyArg,
    /// What is to be done, as in memories:read
    #[arg(add = Stored::Scopes)]
    scope: Scope,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let reference = input::reference(&context.ui, &args.key)?;
    let mut store = context.open_to_find()?;
    let answer = can(&mut store, &reference, &args.scope)?;
    let now = store.now()?;
    match context.ui.chosen() {
        None => Ui::whether_or_not_read(Ui::line(&answer.to_string()))?,
        Some(_) => Ui::whether_or_not_read(context.ui.show(&answer, now))?,
    }
    if answer.is_allowed() { Ok(()) } else { Err(CliError::denied(Denial::Forbidden).into()) }
}
