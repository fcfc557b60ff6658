//! `keyctl leaks`

mod rules;
mod scan;

use crate::cli::context::Context;

/// Find tokens that stand where they should not, and stop them
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Scan(scan::Args),
    Rules(rules::Args),
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Scan(args) => scan::run(context, args),
        Command::Rules(args) => rules::run(context, args),
    }
}
