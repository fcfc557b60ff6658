//! `keyctl man`

use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::cli::arguments::meant::command_meant;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::generation;
use crate::cli::terminal::ui::Ui;
use crate::domain::texts::text::Shown;

/// Print the manual page of a command
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl man | man -l -
  keyctl man mint | man -l -")]
pub(crate) struct Args {
    /// Which command; none for the tool itself
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

pub(in crate::cli) fn run(_: &mut Context, args: &Args) -> anyhow::Result<()> {
    let name = std::iter::once("keyctl")
        .chain(args.command.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join("-");
    let pages = generation::man_pages();
    if let Some(page) = pages.into_iter().find(|page| page.name == name) {
        return Ui::text(page.roff.as_bytes());
    }
    let meant = command_meant(&Cli::command(), &args.command);
    let meant = meant.map(|meant| format!("did you mean keyctl man {meant}? ")).unwrap_or_default();
    let typed = args.command.join(" ");
    let message = format!("there is no command {}", Shown(&typed));
    Err(CliError::invalid(message, format!("{meant}keyctl --help lists them")).into())
}
