//! `keyctl role`

use crate::cli::arguments::values;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::domain::owners::role::RoleName;
use crate::domain::texts::text::counted;
use crate::ops::owners::role;

/// Name sets of scopes that many keys share
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Set(SetArgs),
    #[command(visible_alias = "ls")]
    List(ListArgs),
    Show(ShowArgs),
    #[command(alias = "rm")]
    Delete(DeleteArgs),
}

/// Make a role, or give it other scopes
///
/// What it is given replaces what it had, and is in force for all its keys at once. Running
/// it again changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl role set reader --scope memories:read,files:read
  keyctl mint alice --role reader")]
pub(crate) struct SetArgs {
    /// The role
    #[arg(add = Stored::Roles)]
    role: RoleName,
    /// What its keys may do: memories, memories:read, files:*; repeat it or separate by commas
    #[arg(long = "scope", value_name = "SCOPE", required = true, add = Stored::Scopes)]
    scopes: Vec<String>,
    /// Let the scope * stand, which allows everything
    #[arg(long)]
    allow_all: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// List roles
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl role list")]
pub(crate) struct ListArgs {}

/// Show one role
///
/// Its keys are shown by keyctl list --role ROLE.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl role show reader")]
pub(crate) struct ShowArgs {
    /// The role
    #[arg(add = Stored::Roles)]
    role: RoleName,
}

/// Delete a role
///
/// A role that live keys have is deleted only with --from-keys, which takes it from them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl role delete reader --dry-run")]
pub(crate) struct DeleteArgs {
    /// The role
    #[arg(add = Stored::Roles)]
    role: RoleName,
    /// Take it from the keys that have it
    #[arg(long)]
    from_keys: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Set(args) => set(context, args),
        Command::List(ListArgs {}) => list(context),
        Command::Show(args) => show(context, args),
        Command::Delete(args) => delete(context, args),
    }
}

fn set(context: &mut Context, args: &SetArgs) -> anyhow::Result<()> {
    let scopes = values::scopes(&args.scopes)?;
    let mut env = context.open_env(args.dry_run)?;
    let done = role::set(&mut env, &args.role, &scopes, args.allow_all)?;
    let name = &args.role;
    let keys = counted(done.refreshed, "key");
    match (&done.before, args.dry_run) {
        (Some(before), _) if *before == scopes => {
            context.ui.note(&format!("the role {name} has these scopes already; nothing was changed"));
        }
        (_, true) => context
            .ui
            .note(&format!("dry run: would set the role {name}, in force for {keys}; nothing was changed")),
        (None, _) => context.ui.note(&format!("made the role {name}")),
        (Some(_), _) => {
            context.ui.note(&format!("set the role {name}, in force for {keys} from now on"));
        }
    }
    context.show_if_asked(&done.role, done.at, args.dry_run, "the role is set")
}

fn list(context: &mut Context) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let mut any = false;
    context.ui.list(now, |out| {
        role::list(&mut store, |role| {
            any = true;
            anyhow::Ok(out.push(role)?)
        })
    })?;
    if !any {
        context.ui.note("no roles; make one with: keyctl role set ROLE --scope SCOPE");
    }
    Ok(())
}

fn show(context: &mut Context, args: &ShowArgs) -> anyhow::Result<()> {
    let mut store = context.open_to_find()?;
    let found = role::show(&mut store, &args.role)?;
    let now = store.now()?;
    context.ui.show(&found, now)
}

fn delete(context: &mut Context, args: &DeleteArgs) -> anyhow::Result<()> {
    if args.from_keys && !args.dry_run {
        let found = role::show(&mut context.open_to_find()?, &args.role)?;
        if found.live_keys > 0 {
            let keys = counted(found.live_keys, "live key");
            context.confirm(&format!("take the role {} from {keys}?", args.role))?;
        }
    }
    let mut env = context.open_env(args.dry_run)?;
    let done = role::delete(&mut env, &args.role, args.from_keys)?;
    let what = if args.dry_run { "dry run: would delete" } else { "deleted" };
    let rest = if args.dry_run { "; nothing was changed" } else { "" };
    let keys = counted(done.role.live_keys, "live key");
    context.ui.note(&format!("{what} the role {}, which was in use by {keys}{rest}", args.role));
    context.show_if_asked(&done.role, done.at, args.dry_run, "the role is deleted")
}
