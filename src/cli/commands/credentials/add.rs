//! `keyctl oauth add`

use super::{scopes, warn_of_gaps};
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::tokens::TokensArgs;
use crate::domain::credentials::client::{Account, Client, ClientAuth, ClientId, KeyName};
use crate::domain::credentials::granted::Granted;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::secrets::secret::{Provider, SecretName};
use crate::ops::credentials::Tokens;
use crate::ops::credentials::add::{self, New};
use crate::render::credential::CredentialView;

/// Keep a credential whose tokens you have
///
/// The tokens are read as a JSON object from standard input: what the provider's token endpoint answered will do. On a
/// terminal they are asked for. What the client proves itself by goes with them in the same object.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl oauth add github-ci --provider github --token-endpoint https://github.com/login/oauth/access_token \
      --client-id Iv1.8a61f9b3a7aba766 --client-auth client_secret_post < tokens.json")]
pub(crate) struct Args {
    /// What it is called here
    name: SecretName,
    /// Whose tokens they are
    #[arg(long, value_name = "PROVIDER", add = Stored::Providers)]
    provider: Provider,
    /// Where new tokens are to be had
    #[arg(long, value_name = "URL")]
    token_endpoint: Endpoint,
    /// The client that the tokens were given to
    #[arg(long, value_name = "ID")]
    client_id: ClientId,
    // Not as comments, where such words would need marks that help does not have.
    #[arg(
        help = "How the client proves itself: none, client_secret_basic, client_secret_post or private_key_jwt"
    )]
    #[arg(long, value_name = "HOW", default_value = "none")]
    client_auth: ClientAuth,
    #[arg(
        help = "What the provider calls itself, as assertions of private_key_jwt name it [default: the token endpoint]"
    )]
    #[arg(long, value_name = "URL")]
    issuer: Option<Endpoint>,
    /// The id of the client's key, where the provider asks for one
    #[arg(long, value_name = "KID")]
    client_key_id: Option<KeyName>,
    /// Whose credential it is at the provider: those of one client and account may end together
    #[arg(long, value_name = "TEXT")]
    account: Option<Account>,
    /// What the tokens may do, where their JSON does not say it; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Granted>,
    /// A new token ends the one before, so that nobody may be using it
    #[arg(long)]
    refresh_invalidates: bool,
    #[command(flatten)]
    tokens: TokensArgs,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// What would be kept and never be sent is a slip: of another way to prove it, or of the option.
fn check_auth(args: &Args) -> Result<(), CliError> {
    let named = [("--issuer", args.issuer.is_some()), ("--client-key-id", args.client_key_id.is_some())];
    match named.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) if args.client_auth != ClientAuth::PrivateKeyJwt => Err(CliError::invalid(
            format!(
                "{option} is for what a private_key_jwt client signs, and this one proves itself by {}",
                args.client_auth.as_str()
            ),
            format!("leave {option} out, or add --client-auth private_key_jwt"),
        )),
        _ => Ok(()),
    }
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    check_auth(args)?;
    let mut env = context.open_env_made(args.dry_run)?;
    let ring = context.ring_of_secrets(&mut env.store)?;
    add::ready(&mut env.store, &ring, &args.name, &args.provider)?;
    let given = args.tokens.read(args.client_auth)?;
    let now = env.store.now()?;
    let tokens = Tokens {
        expires_at: given.ends.resolve(now),
        scopes: scopes(context, given.scopes, &args.scopes),
        access_token: given.access_token,
        refresh_token: given.refresh_token,
    };
    let client = Client {
        token_endpoint: args.token_endpoint.clone(),
        id: args.client_id.clone(),
        auth: args.client_auth,
        issuer: args.issuer.clone(),
        key_id: args.client_key_id.clone(),
    };
    let new = New {
        name: &args.name,
        provider: &args.provider,
        client: &client,
        client_secret: given.client_secret.as_ref(),
        account: args.account.as_ref(),
        refresh_invalidates: args.refresh_invalidates,
    };
    let credential = add::add(&mut env, &ring, &new, &tokens)?;
    let named = format!("the {} credential {}", args.provider, args.name);
    if args.dry_run {
        context.ui.note(&format!("dry run: would keep {named}; nothing was changed"));
    } else {
        context
            .ui
            .note(&format!("keeps {named}, sealed under the master key {}", credential.secret.master_key_id));
        context.ui.note(&format!("nobody gets it yet: keyctl secret bind {} KEY|OWNER", args.name));
    }
    warn_of_gaps(context, &credential, now);
    context.show_if_asked(
        &CredentialView { credential: &credential, now },
        now,
        args.dry_run,
        "the credential is kept",
    )
}
