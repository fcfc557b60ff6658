//! `keyctl oauth refresh`

use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::domain::credentials::failure::Failure;
use crate::domain::credentials::next::Because;
use crate::domain::secrets::secret::SecretName;
use crate::domain::time::Span;
use crate::ops::credentials::current::How;
use crate::ops::credentials::refresh::{Found, Neighbour, Refreshed, Would, refresh, rehearse};
use crate::ops::credentials::sign_in_again;
use crate::render::credential::CredentialView;

/// Get a new token for a credential
///
/// If the one that is there ends within five minutes, or with --force. Whoever else is getting one is waited for, and nothing
/// is asked for twice. Exit code 8: there is none, and why. Where the provider refuses the credential, others of the same
/// client and account are tried, too, since they may have ended with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl oauth refresh github-ci
  keyctl oauth refresh github-ci --force")]
pub(crate) struct Args {
    /// The credential
    #[arg(add = Stored::Secrets)]
    name: SecretName,
    /// Also if the token that is there lives on
    #[arg(long)]
    force: bool,
    /// How long it must still live to be left as it is
    #[arg(long, value_name = "DURATION", default_value = "5m", conflicts_with = "force")]
    min_valid: Span,
    /// Take a token that may do less than the one before
    #[arg(long)]
    allow_narrower: bool,
    /// Say whether the provider would be asked, and do not ask it
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let mut env = context.open_env_made(args.dry_run)?;
    let ring = context.ring_of_secrets(&mut env.store)?;
    if args.dry_run {
        let what = match rehearse(&mut env, &ring, &args.name, args.min_valid, args.force)? {
            Would::Ask => "would ask the provider for a new token".to_owned(),
            Would::Wait => "would wait for somebody who is getting a new token".to_owned(),
            Would::Leave(None) => "would not ask the provider: the token does".to_owned(),
            Would::Leave(Some(because)) => {
                format!("would not ask the provider: {}", why_short(&args.name, because))
            }
        };
        context.ui.note(&format!("dry run: {what}; nothing was changed"));
        return Ok(());
    }
    let outbound = context.outbound();
    let how = How {
        outbound: &outbound,
        patience: context.patience(),
        narrower: args.allow_narrower,
        hold: context.options.listen,
    };
    let done = refresh(&mut env, &ring, &how, &args.name, args.min_valid, args.force)?;
    report(context, &done);
    let now = env.store.now()?;
    let view = CredentialView { credential: &done.credential, now };
    context.show_if_asked(&view, now, false, "the credential is as it is shown")?;
    match done.got?.because {
        Some(Because::NeedsReauth) => {
            let message = format!("the provider takes the refresh token of {} no more", args.name);
            let hint = sign_in_again(&done.credential);
            Err(CliError::new(Kind::KeyUnavailable, message, hint).into())
        }
        _ => Ok(()),
    }
}

fn report(context: &Context, done: &Refreshed) {
    let secret = &done.credential.secret;
    let ends = secret.expires_at.map_or(String::new(), |end| format!(", which ends at {end}"));
    match (&done.got, secret.version > done.before) {
        (Ok(_), true) => {
            context.ui.note(&format!("version {} of {} is a new token{ends}", secret.version, secret.name));
        }
        (Ok(got), false) => {
            context.ui.note(&format!("the token of {} does{ends}; nothing was changed", secret.name));
            if let Some(because) = got.because {
                warn_of_shortness(context, &secret.name, because);
            }
        }
        (Err(_), true) => {
            context.ui.note(&format!("of {}, the refresh token that came is kept", secret.name));
        }
        (Err(_), false) => {}
    }
    if let Some(attempt) = &done.credential.attempt
        && attempt.failure == Some(Failure::Shared)
        && attempt.version == secret.version
    {
        let advice = Failure::Shared.advice().replace("NAME", secret.name.as_str());
        context.ui.warn(&format!(
            "the refresh token that came is another credential's, and stays there: {} ends with this token; {advice}",
            secret.name
        ));
    }
    for Neighbour { name, found } in &done.neighbours {
        let named = format!("{name}, of the same client and account,");
        match found {
            Found::Good => context.ui.note(&format!("{named} works on")),
            Found::Refused => context.ui.warn(&format!("{named} is refused, too")),
            Found::Untold => context.ui.warn(&format!("{named} could not be tried")),
            Found::NotTried => context.ui.warn(&format!(
                "{named} was not tried, since others took too long: keyctl oauth refresh {name} --force"
            )),
        }
    }
}

/// A token that is handed out although it ends sooner than was asked.
pub(in crate::cli) fn warn_of_shortness(context: &Context, name: &SecretName, because: Because) {
    context.ui.warn(&format!("the token of {name} ends soon: {}", why_short(name, because)));
}

/// Why there is no other one.
pub(super) fn why_short(name: &SecretName, because: Because) -> String {
    match because {
        Because::NeedsReauth => format!(
            "the provider gives no other one: keyctl oauth login {name} --replace, or keyctl oauth replace {name}"
        ),
        Because::NoRefreshToken => "there is no refresh token".to_owned(),
        Because::Underway { .. } => "somebody is getting another one".to_owned(),
        Because::InUse { until } => format!("another one waits for those who use it, until {until}"),
        Because::Failed { failure, retry_at } => {
            format!("no other one could be got ({failure}); it is tried again from {retry_at}")
        }
    }
}
