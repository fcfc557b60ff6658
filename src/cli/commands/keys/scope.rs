//! `keyctl scope`

use crate::cli::arguments::values;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::inputs::input::{self, KeyArg};
use crate::domain::keys::key::Key;
use crate::domain::keys::scope::Scopes;
use crate::ops::keys::can::held;
use crate::ops::keys::edit::{ScopeEdit, edit_scopes};

/// See and change what a key may do
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    #[command(visible_alias = "ls")]
    List(ListArgs),
    Add(AddArgs),
    #[command(visible_alias = "rm")]
    Remove(RemoveArgs),
    Set(SetArgs),
}

/// List the scopes of a key, and where each comes from
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl scope list alice/ci")]
pub(crate) struct ListArgs {
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input
    #[arg(add = Stored::LiveKeys)]
    key: KeyArg,
}

/// Give a key more scopes
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl scope add alice/ci memories:write")]
pub(crate) struct AddArgs {
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input
    #[arg(add = Stored::LiveKeys)]
    key: KeyArg,
    /// Scopes, as in memories:read files:*
    #[arg(value_name = "SCOPE", required = true, add = Stored::Scopes)]
    scopes: Vec<String>,
    /// Let the scope * stand, which allows everything
    #[arg(long)]
    allow_all: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Take scopes from a key
///
/// Only what the key was given itself can be taken. What a role gives it is changed by keyctl
/// edit --role or keyctl role set.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl scope remove alice/ci memories:write")]
pub(crate) struct RemoveArgs {
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input
    #[arg(add = Stored::LiveKeys)]
    key: KeyArg,
    /// Scopes, as keyctl scope list shows them
    #[arg(value_name = "SCOPE", required = true, add = Stored::Scopes)]
    scopes: Vec<String>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Give a key these scopes in place of those it was given itself
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl scope set alice/ci memories:read files:read
  keyctl scope set alice/ci --none")]
pub(crate) struct SetArgs {
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input
    #[arg(add = Stored::LiveKeys)]
    key: KeyArg,
    /// Scopes, as in memories:read files:*
    #[arg(value_name = "SCOPE", required_unless_present = "none", add = Stored::Scopes)]
    scopes: Vec<String>,
    /// No scopes at all
    #[arg(long, conflicts_with = "scopes")]
    none: bool,
    /// Let the scope * stand, which allows everything
    #[arg(long)]
    allow_all: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::List(args) => list(context, args),
        Command::Add(args) => {
            let edit = ScopeEdit::Add(values::scopes(&args.scopes)?);
            change(context, &args.key, &edit, args.allow_all, args.dry_run)
        }
        Command::Remove(args) => {
            let edit = ScopeEdit::Remove(values::held_scopes(&args.scopes)?);
            change(context, &args.key, &edit, false, args.dry_run)
        }
        Command::Set(args) => {
            let scopes = if args.none { Scopes::default() } else { values::scopes(&args.scopes)? };
            change(context, &args.key, &ScopeEdit::Set(scopes), args.allow_all, args.dry_run)
        }
    }
}

fn list(context: &mut Context, args: &ListArgs) -> anyhow::Result<()> {
    let reference = input::reference(&context.ui, &args.key)?;
    let mut store = context.open_to_find()?;
    let (key, held) = held(&mut store, &reference)?;
    let now = store.now()?;
    context.ui.list(now, |out| held.iter().try_for_each(|one| Ok(out.push(one)?)))?;
    if held.is_empty() {
        context.ui.note(&format!("{} has no scopes; give it some: keyctl scope add", key.path()));
    }
    Ok(())
}

fn change(
    context: &mut Context,
    key: &KeyArg,
    edit: &ScopeEdit,
    allow_all: bool,
    dry_run: bool,
) -> anyhow::Result<()> {
    let key = input::reference(&context.ui, key)?;
    let mut env = context.open_env(dry_run)?;
    let edited = edit_scopes(&mut env, &key, edit, allow_all)?;
    if let ScopeEdit::Remove(taken) = edit {
        warn_of_kept(context, &edited.key, taken);
    }
    super::edit::report(context, &edited, dry_run)
}

/// What was taken by its name may still be covered by a wider scope, or come from a role.
fn warn_of_kept(context: &Context, key: &Key, taken: &Scopes) {
    for scope in taken.iter().filter(|scope| key.effective_scopes.cover(scope)) {
        let path = key.path();
        context.ui.warn(&format!("{path} may do {scope} all the same; see why: keyctl can {path} {scope}"));
    }
}
