//! `keyctl secret list`, `show` and `get`

use super::{revealing, warn_of_end};
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::terminal::ui::Ui;
use crate::domain::secrets::secret::{Provider, SecretName};
use crate::ops::credentials::show::renewal;
use crate::ops::secrets::{get, show};
use crate::render::secret::{SecretView, ShownView};
use crate::store::SecretFilter;

/// List secrets, without their values
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl secret list
  keyctl secret list --provider anthropic -o json")]
pub(crate) struct ListArgs {
    /// Only those for this provider
    #[arg(long, value_name = "PROVIDER", add = Stored::Providers)]
    provider: Option<Provider>,
    /// Deleted ones, too
    #[arg(long)]
    deleted: bool,
}

/// Show one secret: its versions and who uses it, without its value
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl secret show team-a")]
pub(crate) struct ShowArgs {
    /// The secret
    #[arg(add = Stored::Secrets)]
    name: SecretName,
    /// Also one that was deleted
    #[arg(long)]
    deleted: bool,
}

/// Print a secret's value
///
/// To a pipe or a file; on a terminal only with --reveal. The audit log says who got it before
/// it is printed. To run a command with it, keyctl exec is safer.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl secret get team-a | wl-copy
  keyctl secret get team-a --version 1 > old-key.txt")]
pub(crate) struct GetArgs {
    /// The secret
    #[arg(add = Stored::Secrets)]
    name: SecretName,
    /// Another version than the current one
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    version: Option<u64>,
    /// Show it on a terminal, too
    #[arg(long)]
    reveal: bool,
}

pub(super) fn list(context: &mut Context, args: &ListArgs) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let filter = SecretFilter { provider: args.provider.clone(), deleted: args.deleted };
    let mut any = false;
    context.ui.list(now, |out| {
        show::list(&mut store, &filter, |secret| {
            any = true;
            anyhow::Ok(out.push(&SecretView { secret, now })?)
        })
    })?;
    if !any {
        context.ui.note("no secrets; keep one with: keyctl secret set PROVIDER NAME < FILE");
    }
    Ok(())
}

pub(super) fn show(context: &mut Context, args: &ShowArgs) -> anyhow::Result<()> {
    let mut store = context.open_to_find()?;
    let shown = show::show(&mut store, &args.name, args.deleted)?;
    let now = store.now()?;
    context.ui.show(&ShownView { shown: &shown, now }, now)
}

pub(super) fn get(context: &mut Context, args: &GetArgs) -> anyhow::Result<()> {
    revealing(args.reveal)?;
    Ui::demand_reader()?;
    let mut env = context.open_env_made(false)?;
    let ring = context.ring(&mut env.store)?;
    let got = get::get(&mut env, &ring, &args.name, args.version)?;
    let renewal = renewal(&mut env.store, &got.secret)?;
    drop(env);
    warn_of_end(context, &got.secret, got.at, renewal);
    let written = match context.ui.chosen() {
        None => Ui::secret(&[got.value.expose().as_bytes(), b"\n"]),
        Some(_) => Ui::demanded(context.ui.show(&got, got.at)),
    };
    written.map_err(|error| CliError::of(error).after("the audit log says that it was got").into())
}
