//! `keyctl leaks`

mod rules;
mod scan;
#[cfg(feature = "serve")]
mod serve;

use crate::cli::context::Context;

/// Find tokens that stand where they should not, and stop them
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Scan(scan::Args),
    Rules(rules::Args),
    #[cfg(feature = "serve")]
    Serve(Box<serve::Args>),
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Scan(args) => scan::run(context, args),
        Command::Rules(args) => rules::run(context, args),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(context, args),
    }
}
