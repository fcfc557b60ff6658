//! `keyctl session`

use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::owners::owner::Owner;
use crate::domain::portal::ids::SessionId;
use crate::domain::texts::text::counted;
use crate::ops::portal::sessions::{self, Which};
use crate::render::portal::SessionView;
use crate::store::SessionFilter;

/// See who is signed in to the portal, and sign them out
///
/// A session ends by itself after 8 hours, after one without use, and with the key, invitation or owner that it came from.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    #[command(visible_alias = "ls")]
    List(ListArgs),
    #[command(aliases = ["revoke", "delete", "rm"])]
    End(EndArgs),
}

/// List the sessions that last, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl session list
  keyctl session list --owner alice --all")]
pub(crate) struct ListArgs {
    /// Those of this owner
    #[arg(long, value_name = "OWNER", add = Stored::Owners)]
    owner: Option<Owner>,
    /// Also those that are over
    #[arg(long)]
    all: bool,
}

/// End a session, or all of an owner
///
/// Whoever is signed in is signed out with their next click.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl session end pss_01k0sv6yz8f2tsx9m1q3b4c5d6
  keyctl session end --owner alice")]
#[command(group = clap::ArgGroup::new("which").required(true).args(["id", "owner"]))]
pub(crate) struct EndArgs {
    /// The session's id
    id: Option<SessionId>,
    /// All sessions of this owner
    #[arg(long, value_name = "OWNER", add = Stored::Owners)]
    owner: Option<Owner>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::List(args) => list(context, args),
        Command::End(args) => end(context, args),
    }
}

fn list(context: &mut Context, args: &ListArgs) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let filter = SessionFilter { owner: args.owner.clone(), all: args.all };
    let mut any = false;
    context.ui.list(now, |out| {
        sessions::list(&mut store, &filter, |session| {
            // One that nobody was seen in for an hour has no end in its row.
            if !args.all && !session.lasts(now) {
                return Ok(());
            }
            any = true;
            out.push(&SessionView { session, now }).map_err(anyhow::Error::from)
        })
    })?;
    if !any {
        context.ui.note("nobody is signed in");
    }
    Ok(())
}

fn end(context: &mut Context, args: &EndArgs) -> anyhow::Result<()> {
    let which = match (args.id, &args.owner) {
        (Some(id), _) => Which::One(id),
        (None, Some(owner)) => Which::Of(owner.clone()),
        (None, None) => {
            return Err(CliError::invalid("no session is named", "see keyctl session list").into());
        }
    };
    let mut env = context.open_env(args.dry_run)?;
    let ended = sessions::end(&mut env, &which)?;
    let now = env.store.now()?;
    drop(env);
    let count = counted(ended.len() as u64, "session");
    match (ended.len(), args.dry_run) {
        (0, _) => context.ui.note("no such session lasts; nothing was changed"),
        (_, true) => context.ui.note(&format!("dry run: would end {count}; nothing was changed")),
        (_, false) => context.ui.note(&format!("ended {count}")),
    }
    if context.ui.chosen().is_none() {
        return Ok(());
    }
    let shown = context
        .ui
        .list(now, |out| ended.iter().try_for_each(|session| Ok(out.push(&SessionView { session, now })?)));
    let what = "the sessions are ended";
    shown.map_err(|error| if args.dry_run { error } else { CliError::of(error).after(what).into() })
}
