//! `keyctl store set`

use crate::cli::arguments::values::OrNone;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::portal::url::PortalUrl;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::ops::tokens::settings::{self, Edit};

/// Set what the whole store has
///
/// Where short-lived tokens (JWTs) say that they are from, whom they may be for, and where the portal is.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Issuer(IssuerArgs),
    Audience(AudienceArgs),
    Portal(PortalArgs),
}

/// Set where short-lived tokens say that they are from
///
/// The URL at which keyctl serve is reached: verifiers look for the public keys below it. Tokens of before
/// are refused by whoever expects the new one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store set issuer https://keys.example.com")]
pub(crate) struct IssuerArgs {
    /// https, or http on a loopback address; or none
    #[arg(value_name = "URL")]
    issuer: OrNone<Issuer>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Set whom short-lived tokens may be for, besides the issuer
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store set audience https://mcp.example.com/mcp billing")]
pub(crate) struct AudienceArgs {
    /// All of them, in place of those that there are; or none
    #[arg(value_name = "AUDIENCE", required = true)]
    audiences: Vec<OrNone<Audience>>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Set where the portal is, at which people get keys of their own
///
/// Links of invitations begin with it. Those that are out stay as they are.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store set portal https://keys.example.com/")]
pub(crate) struct PortalArgs {
    /// https, or http on a loopback address; or none
    #[arg(value_name = "URL")]
    portal: OrNone<PortalUrl>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    let (edit, dry_run) = match command {
        Command::Issuer(args) => (Edit::Issuer(args.issuer.0.clone()), args.dry_run),
        Command::Audience(args) => {
            let named: Vec<Audience> =
                args.audiences.iter().filter_map(|audience| audience.0.clone()).collect();
            if named.len() != args.audiences.len() && args.audiences.len() > 1 {
                return Err(CliError::invalid("none stands alone", "name audiences, or none").into());
            }
            (Edit::Audiences(named), args.dry_run)
        }
        Command::Portal(args) => (Edit::Portal(args.portal.0.clone()), args.dry_run),
    };
    let mut env = context.open_env_made(dry_run)?;
    let edited = settings::set(&mut env, &edit)?;
    drop(env);
    let settings::Edited { settings, before, at } = &edited;
    let issuer = settings.issuer.as_ref().map_or("none".to_owned(), ToString::to_string);
    let audiences = settings.audiences.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let audiences = if audiences.is_empty() { "none".to_owned() } else { audiences };
    let portal = settings.portal.as_ref().map_or("none".to_owned(), ToString::to_string);
    let what = match edit {
        Edit::Portal(_) => format!("portal {portal}"),
        Edit::Issuer(_) | Edit::Audiences(_) => format!("issuer {issuer}, audiences besides it: {audiences}"),
    };
    match (settings == before, dry_run) {
        (true, _) => context.ui.note(&format!("it is so already: {what}; nothing was changed")),
        (false, true) => context.ui.note(&format!("dry run: would set {what}; nothing was changed")),
        (false, false) => context.ui.note(&format!("set {what}")),
    }
    context.show_if_asked(settings, *at, dry_run, "the store is changed")
}
