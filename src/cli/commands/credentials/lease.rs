//! `keyctl lease`

use super::refresh::warn_of_shortness;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::input;
use crate::domain::credentials::lease::{HolderToken, Lease, LeaseId};
use crate::domain::secrets::secret::SecretName;
use crate::domain::time::Span;
use crate::ops::credentials::current::How;
use crate::ops::credentials::hold;
use crate::ops::credentials::lease::{Asked, acquire};
use crate::render::lease::{HeldView, LeaseView};

/// Use the token of a credential for a while, in which nobody gets a new one that ends it
///
/// For credentials that were added with --refresh-invalidates. Many may use a token at once; a new one is got when all of them
/// have given it up, or their time is over. Of other credentials a lease is a token that is good now, and nobody waits for it.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Acquire(AcquireArgs),
    Renew(RenewArgs),
    Release(ReleaseArgs),
    #[command(visible_alias = "ls")]
    List(ListArgs),
    Break(BreakArgs),
}

/// Take a lease: print the token, and what the lease is given up with
///
/// Of several credentials, all or none. A lease ends after half of the token's life at the latest. A new token is got first
/// where one is needed. Exit code 6: others hold leases, and who.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl lease acquire github-ci -o json
  keyctl lease acquire github-ci jira --for 2m --wait 1m -o json")]
pub(crate) struct AcquireArgs {
    /// The credentials
    #[arg(value_name = "CREDENTIAL", required = true, add = Stored::Secrets)]
    names: Vec<SecretName>,
    /// How long it is held unless it is renewed
    #[arg(long = "for", value_name = "DURATION", default_value = "10m")]
    most: Span,
    /// How long others are waited for
    #[arg(long, value_name = "DURATION", default_value = "30s")]
    wait: Span,
    /// How long a token must still live; half of its life is enough
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    min_valid: Span,
}

/// Hold a lease for longer: its holder token is read from standard input
///
/// Refused while a new token is waited for (exit code 6): the lease ends as it was to. Exit code 4: it ended, or the
/// credential has another token; 5: no lease has this holder token.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl lease renew --for 5m < holder.txt")]
pub(crate) struct RenewArgs {
    /// How long from now on
    #[arg(long = "for", value_name = "DURATION", default_value = "10m")]
    most: Span,
}

/// Give a lease up: its holder token is read from standard input
///
/// Exit code 5: no lease has this holder token.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl lease release < holder.txt")]
pub(crate) struct ReleaseArgs {}

/// List the leases that are held
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl lease list
  keyctl lease list github-ci -o json")]
pub(crate) struct ListArgs {
    /// Only those of this credential
    #[arg(value_name = "CREDENTIAL", add = Stored::Secrets)]
    name: Option<SecretName>,
}

/// Take a lease from its holder
///
/// The holder is not told and may go on with the token, until a new one ends it. Recorded in the audit log.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl lease break lse_01h455vb4pex5vsknk084sn02q --yes")]
pub(crate) struct BreakArgs {
    /// The lease, as keyctl lease list shows it
    #[arg(value_name = "LEASE")]
    id: LeaseId,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Acquire(args) => take(context, args),
        Command::Renew(args) => renew(context, args),
        Command::Release(ReleaseArgs {}) => release(context),
        Command::List(args) => list(context, args),
        Command::Break(args) => take_away(context, args),
    }
}

fn take(context: &mut Context, args: &AcquireArgs) -> anyhow::Result<()> {
    let mut env = context.open_env_made(false)?;
    let ring = context.ring_of_secrets(&mut env.store)?;
    let outbound = context.outbound();
    let patience = std::time::Duration::from_secs(args.wait.as_secs().unsigned_abs());
    let how = How { outbound: &outbound, patience, narrower: false, hold: context.options.listen };
    let asked = Asked { names: &args.names, most: args.most, min_valid: args.min_valid, recipient: None };
    let held = acquire(&mut env, &ring, &how, &asked)?;
    for one in &held.credentials {
        if let (Some(because), Some(name)) = (one.because, &one.lease.name) {
            warn_of_shortness(context, name, because);
        }
    }
    let now = env.store.now()?;
    let shown = context.ui.list(now, |out| {
        held.credentials.iter().try_for_each(|one| Ok(out.push(&HeldView { held: &held, one })?))
    });
    if let Err(error) = shown {
        // Nobody has the holder's token.
        hold::release(&mut env, &held.token)?;
        return Err(CliError::of(error).after("the lease was given up again").into());
    }
    Ok(())
}

fn renew(context: &mut Context, args: &RenewArgs) -> anyhow::Result<()> {
    let token = holder_token(context)?;
    let mut env = context.open_env_made(false)?;
    let leases = hold::renew(&mut env, &token, args.most)?;
    for lease in &leases {
        context.ui.note(&format!("{} is held until {}", name(lease), lease.expires_at));
    }
    let now = env.store.now()?;
    show(context, &leases, now)
}

fn release(context: &mut Context) -> anyhow::Result<()> {
    let token = holder_token(context)?;
    let mut env = context.open_env_made(false)?;
    let leases = hold::release(&mut env, &token)?;
    context.ui.note(&format!("gave up {}", token.id));
    let now = env.store.now()?;
    show(context, &leases, now)
}

fn list(context: &mut Context, args: &ListArgs) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let leases = hold::list(&mut store, args.name.as_ref())?;
    context.ui.list(now, |out| leases.iter().try_for_each(|lease| Ok(out.push(&LeaseView(lease))?)))?;
    if leases.is_empty() {
        context.ui.note("no lease is held");
    }
    Ok(())
}

fn take_away(context: &mut Context, args: &BreakArgs) -> anyhow::Result<()> {
    let mut env = context.open_env_made(args.dry_run)?;
    let leases = hold::show(&mut env.store, args.id)?;
    let who = leases.first().and_then(|lease| lease.who.as_deref()).unwrap_or("somebody").to_owned();
    if !args.dry_run {
        context.confirm(&format!("take the lease {} from {who}, who may be using the token?", args.id))?;
    }
    let leases = hold::break_lease(&mut env, args.id)?;
    let dry = if args.dry_run { "dry run: would take" } else { "took" };
    context.ui.note(&format!("{dry} the lease {} from {who}", args.id));
    let now = env.store.now()?;
    show(context, &leases, now)
}

fn name(lease: &Lease) -> String {
    lease.name.as_ref().map_or_else(|| lease.secret.to_string(), |name| name.as_str().to_owned())
}

/// Where a format was asked for.
fn show(context: &Context, leases: &[Lease], now: crate::domain::time::Timestamp) -> anyhow::Result<()> {
    if context.ui.chosen().is_none() {
        return Ok(());
    }
    context.ui.list(now, |out| leases.iter().try_for_each(|lease| Ok(out.push(&LeaseView(lease))?)))
}

/// A text that is no holder's token shows nothing, as one of nobody's does.
fn holder_token(context: &Context) -> Result<HolderToken, CliError> {
    let text = input::read_token(&context.ui)?;
    HolderToken::parse(&text).ok_or_else(|| {
        CliError::invalid(
            "standard input has no holder token: lse_, 26 characters, _ and 64 digits; nothing was changed",
            "give the holder_token that keyctl lease acquire printed",
        )
    })
}
