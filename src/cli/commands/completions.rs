//! `keyctl completions`

use clap_complete::Shell;

use crate::cli::context::Context;
use crate::cli::generation;
use crate::cli::terminal::ui::Ui;

/// Print a completion script for a shell
///
/// In bash, zsh and fish it offers keys, owners, roles and scopes of the store, which it asks keyctl
/// for.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  source <(keyctl completions bash)
  keyctl completions zsh > ~/.zfunc/_keyctl
  keyctl completions fish > ~/.config/fish/completions/keyctl.fish")]
pub(crate) struct Args {
    /// Which shell
    shell: Shell,
}

pub(in crate::cli) fn run(_: &mut Context, args: &Args) -> anyhow::Result<()> {
    Ui::text(&generation::completions(args.shell))
}
