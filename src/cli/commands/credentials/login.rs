//! `keyctl oauth login`

use super::sign_in::{Course, Signals};
use super::warn_of_gaps;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::tokens::TokensArgs;
use crate::domain::credentials::client::{Account, Client, ClientAuth, ClientId, KeyName};
use crate::domain::credentials::credential::Credential;
use crate::domain::credentials::granted::Granted;
use crate::domain::federation::parameters::{Parameter, Parameters};
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::secrets::secret::{Provider, SecretName};
use crate::domain::time::Span;
use crate::domain::tokens::audience::Issuer;
use crate::ops;
use crate::ops::credentials::Tokens;
use crate::ops::credentials::add::{self, New};
use crate::ops::credentials::replace::{self, Replacement};
use crate::ops::credentials::sign_in::place::{self, Known, Place, Way};
use crate::ops::credentials::sign_in::{Who, browser, tokens};
use crate::ops::env::Env;
use crate::ops::master_keys::Ring;
use crate::render::credential::CredentialView;

/// Sign in at a provider, and keep the credential
///
/// Prints an address to open in a browser on this machine, and waits on a port of 127.0.0.1 until the browser is sent back there;
/// with --device, prints a code to type on another device. The provider's endpoints are looked up at its --issuer, but for
/// those that are named. What a client with a secret proves itself by is read from standard input, as keyctl oauth add reads
/// it: in a JSON object. Exit code 8: there are no tokens, and why.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl oauth login jira --provider atlassian --issuer https://login.example.com --client-id app \
      --scope 'read:me offline_access'
  keyctl oauth login github-ci --provider github --client-id Iv1.8a61f9b3a7aba766 --device \
      --token-endpoint https://github.com/login/oauth/access_token \
      --device-endpoint https://github.com/login/device/code
  keyctl oauth login jira --replace")]
pub(crate) struct Args {
    /// What it is called here
    name: SecretName,
    /// Whose tokens they are
    #[arg(long, value_name = "PROVIDER", add = Stored::Providers, required_unless_present = "replace")]
    provider: Option<Provider>,
    /// Who says where its endpoints are, and in whose name it answers
    #[arg(long, value_name = "URL")]
    issuer: Option<Issuer>,
    /// Where somebody signs in
    #[arg(long, value_name = "URL", conflicts_with = "device")]
    authorization_endpoint: Option<Endpoint>,
    /// Where tokens are to be had
    #[arg(long, value_name = "URL")]
    token_endpoint: Option<Endpoint>,
    /// Where a code for another device is to be had
    #[arg(long, value_name = "URL", requires = "device")]
    device_endpoint: Option<Endpoint>,
    /// The client that the tokens are for
    #[arg(long, value_name = "ID", required_unless_present = "replace")]
    client_id: Option<ClientId>,
    // Not as comments, where such words would need marks that help does not have.
    #[arg(
        help = "How the client proves itself: none, client_secret_basic, client_secret_post or private_key_jwt"
    )]
    #[arg(long, value_name = "HOW", default_value = "none")]
    client_auth: ClientAuth,
    /// The id of the client's key, where the provider asks for one
    #[arg(long, value_name = "KID")]
    client_key_id: Option<KeyName>,
    /// Whose credential it is at the provider: those of one client and account may end together
    #[arg(long, value_name = "TEXT")]
    account: Option<Account>,
    /// What the tokens shall be able to do; may be repeated [default with --replace: what the old ones can]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Granted>,
    #[arg(help = "What else the provider is told with the address, as access_type=offline; may be repeated")]
    #[arg(long = "parameter", value_name = "NAME=VALUE", conflicts_with = "device")]
    parameters: Vec<Parameter>,
    /// A new token ends the one before, so that nobody may be using it
    #[arg(long)]
    refresh_invalidates: bool,
    #[command(flatten)]
    proof: TokensArgs,
    /// Sign in on another device, by a code
    #[arg(long)]
    device: bool,
    /// Show the address in a browser: by $BROWSER, else xdg-open
    #[arg(long)]
    open: bool,
    /// How long somebody is waited for [default: 5m; with --device as long as the code lives]
    #[arg(long, value_name = "DURATION")]
    wait: Option<Span>,
    /// Give a credential that is there new tokens
    #[arg(long, conflicts_with_all = ["provider", "token_endpoint", "client_id", "client_auth", "client_key_id", "account",
        "refresh_invalidates", "file"])]
    replace: bool,
    /// The new tokens may do less than the old ones, and may have no refresh token
    #[arg(long, requires = "replace")]
    allow_narrower: bool,
    /// Look at everything that can be looked at, and let nobody sign in
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    if args.wait.is_some_and(Span::is_zero) {
        let hint = "say how long somebody is waited for, as in --wait 5m";
        return Err(CliError::invalid("--wait is 1s at least: nobody signs in before", hint).into());
    }
    let mut env = context.open_env_made(args.dry_run)?;
    let ring = context.ring_of_secrets(&mut env.store)?;
    let found = match (&args.provider, args.replace) {
        (Some(provider), false) => {
            add::ready(&mut env.store, &ring, &args.name, provider)?;
            None
        }
        _ => Some(replace::ready(&mut env.store, &ring, &args.name)?),
    };
    let parameters = Parameters::of(&args.parameters)
        .ok_or_else(|| CliError::invalid("two parameters have one name", "give each once"))?;
    browser::check_parameters(&parameters)?;
    let way = if args.device { Way::Device } else { Way::Browser };
    let known = known(args, found.as_ref());
    let outbound = context.outbound();
    let place = place::find(&outbound, &known, way)?;
    let who = match &found {
        Some(credential) => {
            place::check_kept(&credential.client, &place, &known, way)?;
            Who::of(&mut env.store, &ring, credential)?
        }
        None => Who::new(client(args, &place), args.proof.read_proof(args.client_auth)?)?,
    };
    let scopes = match &found {
        Some(credential) if args.scopes.is_empty() => credential.scopes.clone(),
        _ => args.scopes.iter().cloned().collect(),
    };
    if args.dry_run {
        context
            .ui
            .note(&format!("dry run: would have somebody sign in at {}; nothing was changed", place.begin));
        return Ok(());
    }
    // From here on an end of the waiting is noticed, and what the provider gave is stored first.
    let signals = Signals::listen(context)?;
    let course = Course {
        outbound: &outbound,
        who: &who,
        place: &place,
        scopes: &scopes,
        parameters: &parameters,
        open: args.open,
        wait: args.wait,
    };
    course.run(context, &signals, &mut env, way, |context, env, answer| {
        let now = env.store.now()?;
        keep(context, args, env, &ring, &who, &tokens(answer, &scopes, now))
    })
}

fn known(args: &Args, found: Option<&Credential>) -> Known {
    let kept = found.map(|credential| &credential.client);
    let issuer = kept.and_then(|client| client.issuer.as_ref()?.as_str().parse().ok());
    let begin = if args.device { &args.device_endpoint } else { &args.authorization_endpoint };
    // Where the issuer is asked for the rest, its token endpoint is compared with the one that is kept.
    let kept = begin.as_ref().and(kept).map(|client| client.token_endpoint.clone());
    Known {
        issuer: args.issuer.clone().or(issuer),
        token_endpoint: args.token_endpoint.clone().or(kept),
        authorization_endpoint: args.authorization_endpoint.clone(),
        device_endpoint: args.device_endpoint.clone(),
    }
}

/// Of what is not there yet. An issuer is what assertions are for, too.
fn client(args: &Args, place: &Place) -> Client {
    Client {
        token_endpoint: place.token_endpoint.clone(),
        id: args.client_id.clone().expect("clap demands it without --replace"),
        auth: args.client_auth,
        issuer: place.issuer.as_ref().and_then(|issuer| issuer.as_str().parse().ok()),
        key_id: args.client_key_id.clone(),
    }
}

fn keep(
    context: &Context,
    args: &Args,
    env: &mut Env,
    ring: &Ring,
    who: &Who,
    tokens: &Tokens,
) -> anyhow::Result<()> {
    let credential = if let Some(provider) = &args.provider {
        let new = New {
            name: &args.name,
            provider,
            client: who.client(),
            client_secret: who.secret(),
            account: args.account.as_ref(),
            refresh_invalidates: args.refresh_invalidates,
        };
        let credential = add::add(env, ring, &new, tokens).map_err(lost)?;
        let key = credential.secret.master_key_id;
        context.ui.note(&format!(
            "keeps the {provider} credential {}, sealed under the master key {key}",
            args.name
        ));
        context.ui.note(&format!("nobody gets it yet: keyctl secret bind {} KEY|OWNER", args.name));
        credential
    } else {
        let new = Replacement { tokens, client_secret: None, narrower: args.allow_narrower };
        let credential = replace::replace(env, ring, &args.name, &new).map_err(lost)?;
        let (version, provider) = (credential.secret.version, &credential.secret.provider);
        context.ui.note(&format!(
            "set version {version} of the {provider} credential {}; services get it within 5s",
            args.name
        ));
        credential
    };
    let now = env.store.now()?;
    warn_of_gaps(context, &credential, now);
    context.show_if_asked(
        &CredentialView { credential: &credential, now },
        now,
        false,
        "the credential is kept",
    )
}

/// What the provider gave is lost with this process.
fn lost(error: ops::Error) -> anyhow::Error {
    let is_of_store = matches!(error, ops::Error::Store(_));
    let error = CliError::of(error);
    if is_of_store {
        error
            .after("the provider gave tokens, which are lost: sign in again, once the store can be written")
            .into()
    } else {
        error.into()
    }
}
