//! `keyctl oauth replace`

use super::{scopes, warn_of_gaps};
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::inputs::tokens::TokensArgs;
use crate::domain::credentials::granted::Granted;
use crate::domain::secrets::secret::SecretName;
use crate::ops::credentials::Tokens;
use crate::ops::credentials::replace::{self, Replacement};
use crate::render::credential::CredentialView;

/// Give a credential new tokens, after a new sign-in
///
/// They count at once, also while somebody uses or refreshes the old ones. They are read as keyctl oauth add reads them; the
/// client's secret may be left out, and stays. Where and by which client new tokens are asked for does not change: a
/// credential of another client is another one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl oauth replace github-ci < tokens.json")]
pub(crate) struct Args {
    /// The credential
    #[arg(add = Stored::Secrets)]
    name: SecretName,
    /// What the tokens may do, where their JSON does not say it; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Granted>,
    /// The new tokens may do less than the old ones, and may have no refresh token
    #[arg(long)]
    allow_narrower: bool,
    #[command(flatten)]
    tokens: TokensArgs,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let mut env = context.open_env_made(args.dry_run)?;
    let ring = context.ring_of_secrets(&mut env.store)?;
    let found = replace::ready(&mut env.store, &ring, &args.name)?;
    let given = args.tokens.read(found.client.auth)?;
    let now = env.store.now()?;
    let tokens = Tokens {
        expires_at: given.ends.resolve(now),
        scopes: scopes(context, given.scopes, &args.scopes),
        access_token: given.access_token,
        refresh_token: given.refresh_token,
    };
    let new = Replacement {
        tokens: &tokens,
        client_secret: given.client_secret.as_ref(),
        narrower: args.allow_narrower,
    };
    let credential = replace::replace(&mut env, &ring, &args.name, &new)?;
    let version = credential.secret.version;
    let named = format!("version {version} of the {} credential {}", credential.secret.provider, args.name);
    context.ui.note(&if args.dry_run {
        format!("dry run: would set {named}; nothing was changed")
    } else {
        format!("set {named}; services get it within 5s")
    });
    warn_of_gaps(context, &credential, now);
    context.show_if_asked(
        &CredentialView { credential: &credential, now },
        now,
        args.dry_run,
        "the credential has its new tokens",
    )
}
