//! `keyctl federation`

mod keeping;
mod making;
pub(in crate::cli) mod values;

use crate::cli::context::Context;

/// Get providers' tokens for a signed identity, and store no key of theirs
///
/// A provider is told once which keys sign for an issuer of yours; from then on keyctl signs who asks
/// and is given a token that lives for minutes. Each federation has keys of its own, apart from those
/// of short-lived tokens.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Add(making::AddArgs),
    #[command(visible_alias = "ls")]
    List(keeping::ListArgs),
    Show(keeping::ShowArgs),
    Export(keeping::ExportArgs),
    Activate(making::ActivateArgs),
    Rotate(making::RotateArgs),
    #[command(alias = "rm")]
    Delete(keeping::DeleteArgs),
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Add(args) => making::add(context, args),
        Command::List(args) => keeping::list(context, args),
        Command::Show(args) => keeping::show(context, args),
        Command::Export(args) => keeping::export(context, args),
        Command::Activate(args) => making::activate(context, args),
        Command::Rotate(args) => making::rotate(context, args),
        Command::Delete(args) => keeping::delete(context, args),
    }
}
