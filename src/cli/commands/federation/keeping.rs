//! `keyctl federation list`, `show`, `export` and `delete`

use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::terminal::ui::Ui;
use crate::domain::federation::settings::FederationName;
use crate::ops::federation::{delete, show};

/// List federations
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl federation list")]
pub(crate) struct ListArgs {}

/// Show one federation, its keys and the secrets that are got by it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl federation show claude -o json")]
pub(crate) struct ShowArgs {
    /// The federation
    #[arg(add = Stored::Federations)]
    name: FederationName,
}

/// Print the document that the provider is given
///
/// The public keys of the one that signs and of the next, as a JWK Set (RFC 7517); of kind anthropic,
/// the issuer with these in it, as its API takes it. Works without a master key.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl federation export claude > issuer.json")]
pub(crate) struct ExportArgs {
    /// The federation
    #[arg(add = Stored::Federations)]
    name: FederationName,
}

/// Delete a federation and its keys
///
/// Refused while a secret is got by it, also a deleted one that can come back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl federation delete claude")]
pub(crate) struct DeleteArgs {
    /// The federation
    #[arg(add = Stored::Federations)]
    name: FederationName,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn list(context: &mut Context, _: &ListArgs) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let all = show::list(&mut store)?;
    context.ui.list(now, |out| all.iter().try_for_each(|shown| Ok(out.push(shown)?)))?;
    if all.is_empty() {
        context.ui.note("no federations; make one with: keyctl federation add NAME --kind KIND --issuer URL");
    }
    Ok(())
}

pub(super) fn show(context: &mut Context, args: &ShowArgs) -> anyhow::Result<()> {
    let mut store = context.open_to_find()?;
    let (found, now) = (show::show(&mut store, &args.name)?, store.now()?);
    context.ui.show(&found, now)
}

pub(super) fn export(context: &mut Context, args: &ExportArgs) -> anyhow::Result<()> {
    let document = show::export(&mut context.open_to_find()?, &args.name)?;
    Ui::line(&document.to_string())
}

pub(super) fn delete(context: &mut Context, args: &DeleteArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    let shown = show::show(&mut env.store, &args.name)?;
    let deleted = delete::delete(&mut env, &args.name)?;
    let (what, rest) =
        if args.dry_run { ("dry run: would delete", "; nothing was changed") } else { ("deleted", "") };
    context.ui.note(&format!(
        "{what} the federation {}; tell the provider that nothing is signed for {} any more{rest}",
        args.name, deleted.federation.issuer
    ));
    context.show_if_asked(&shown, deleted.at, args.dry_run, "the federation is deleted")
}
