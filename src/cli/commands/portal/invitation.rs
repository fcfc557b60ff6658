//! `keyctl invitation`

use crate::cli::arguments::values;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::domain::owners::owner::Owner;
use crate::domain::portal::ids::ClaimId;
use crate::ops::portal::claims;
use crate::render::portal::ClaimView;
use crate::store::ClaimFilter;

/// See whom links are out for, and take links back
///
/// Links are made by keyctl invite and keyctl mint --claim.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    #[command(visible_alias = "ls")]
    List(ListArgs),
    #[command(aliases = ["delete", "rm"])]
    Revoke(RevokeArgs),
}

/// List the invitations whose links work, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl invitation list
  keyctl invitation list --owner alice --all")]
pub(crate) struct ListArgs {
    /// Those of this owner
    #[arg(long, value_name = "OWNER", add = Stored::Owners)]
    owner: Option<Owner>,
    /// Also those that were redeemed, expired or taken back
    #[arg(long)]
    all: bool,
}

/// Take an invitation back
///
/// Its link works no more, and whoever is signed in with it is signed out. Keys that were made with it stay.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl invitation revoke clm_01k0sv6yz8f2tsx9m1q3b4c5d6 --reason \"wrong address\"")]
pub(crate) struct RevokeArgs {
    /// The invitation's id
    id: ClaimId,
    /// Why, kept in the audit log
    #[arg(long, value_name = "TEXT", value_parser = values::reason)]
    reason: Option<String>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::List(args) => list(context, args),
        Command::Revoke(args) => revoke(context, args),
    }
}

fn list(context: &mut Context, args: &ListArgs) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let filter = ClaimFilter { owner: args.owner.clone(), all: args.all };
    let mut any = false;
    context.ui.list(now, |out| {
        claims::list(&mut store, &filter, |claim| {
            any = true;
            out.push(&ClaimView { claim, now }).map_err(anyhow::Error::from)
        })
    })?;
    if !any {
        let none = if args.all { "nobody was invited" } else { "no link is out; --all shows the others" };
        context.ui.note(&format!("{none}; see keyctl invite --help"));
    }
    Ok(())
}

fn revoke(context: &mut Context, args: &RevokeArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    let revoked = claims::revoke(&mut env, args.id, args.reason.as_deref())?;
    let now = env.store.now()?;
    drop(env);
    let claim = &revoked.claim;
    let named = format!("the invitation {} of {}", claim.id, claim.owner);
    let session = if revoked.ended_session { "; whoever was signed in with it is signed out" } else { "" };
    let text = match (revoked.already, args.dry_run) {
        (true, _) => format!("{named} was taken back already"),
        (false, true) => format!("dry run: would take back {named}; nothing was changed"),
        (false, false) => format!("took back {named}{session}"),
    };
    context.ui.note(&text);
    context.show_if_asked(&ClaimView { claim, now }, now, args.dry_run, "the invitation is taken back")
}
