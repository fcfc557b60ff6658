//! `keyctl oauth list` and `show`

use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::domain::secrets::secret::SecretName;
use crate::ops::credentials::show;
use crate::render::credential::CredentialView;

/// List OAuth credentials: when they end, and what went wrong with them
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl oauth list
  keyctl oauth list -o json | jq '.[] | select(.state == \"needs_reauth\")'")]
pub(crate) struct ListArgs {}

/// Show one credential, without its tokens
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl oauth show github-ci")]
pub(crate) struct ShowArgs {
    /// The credential
    #[arg(add = Stored::Secrets)]
    name: SecretName,
}

pub(super) fn list(context: &mut Context, _: &ListArgs) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let mut any = false;
    context.ui.list(now, |out| {
        show::list(&mut store, |credential| {
            any = true;
            anyhow::Ok(out.push(&CredentialView { credential, now })?)
        })
    })?;
    if !any {
        context.ui.note("no credentials; keep one with: keyctl oauth add NAME --help");
    }
    Ok(())
}

pub(super) fn show(context: &mut Context, args: &ShowArgs) -> anyhow::Result<()> {
    let mut store = context.open_to_find()?;
    let credential = show::show(&mut store, &args.name)?;
    let now = store.now()?;
    context.ui.show(&CredentialView { credential: &credential, now }, now)
}
