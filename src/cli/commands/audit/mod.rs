//! `keyctl audit`

mod checkpoint;
mod export;
mod filter;
mod list;
mod verify;

use crate::cli::context::Context;

/// Read the log of all changes, and check that it is whole
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    List(list::Args),
    Verify(verify::Args),
    Checkpoint(checkpoint::Args),
    Export(export::Args),
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::List(args) => list::run(context, args),
        Command::Verify(args) => verify::run(context, args),
        Command::Checkpoint(checkpoint::Args {}) => checkpoint::run(context),
        Command::Export(args) => export::run(context, args),
    }
}
