//! `keyctl scope`

use crate::cli::arguments::{asked, values};
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::input::{self, KeyArg};
use crate::cli::terminal::prompt::given_up;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
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
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input; picked on a terminal
    #[arg(add = Stored::LiveKeys)]
    key: Option<KeyArg>,
}

/// Give a key more scopes
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl scope add alice/ci memories:write")]
pub(crate) struct AddArgs {
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input; picked on a terminal
    #[arg(add = Stored::LiveKeys)]
    key: Option<KeyArg>,
    /// Scopes, as in memories:read files:*
    #[arg(value_name = "SCOPE", requires = "key", add = Stored::Scopes)]
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
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input; picked on a terminal
    #[arg(add = Stored::LiveKeys)]
    key: Option<KeyArg>,
    /// Scopes, as keyctl scope list shows them
    #[arg(value_name = "SCOPE", requires = "key", add = Stored::Scopes)]
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
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input; picked on a terminal
    #[arg(add = Stored::LiveKeys)]
    key: Option<KeyArg>,
    /// Scopes, as in memories:read files:*
    #[arg(value_name = "SCOPE", requires = "key", add = Stored::Scopes)]
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
            let (key, scopes) = key_and(context, "add", args.key.as_ref(), &args.scopes, values::scopes)?;
            change(context, &key, &ScopeEdit::Add(scopes), args.allow_all, args.dry_run)
        }
        Command::Remove(args) => {
            let (key, scopes) =
                key_and(context, "remove", args.key.as_ref(), &args.scopes, values::held_scopes)?;
            change(context, &key, &ScopeEdit::Remove(scopes), false, args.dry_run)
        }
        Command::Set(args) if args.none => {
            let key = asked::key_or_picked(context, args.key.as_ref(), "scope set")?;
            change(context, &key, &ScopeEdit::Set(Scopes::default()), args.allow_all, args.dry_run)
        }
        Command::Set(args) => {
            let (key, scopes) = key_and(context, "set", args.key.as_ref(), &args.scopes, values::scopes)?;
            change(context, &key, &ScopeEdit::Set(scopes), args.allow_all, args.dry_run)
        }
    }
}

/// The key and the scopes that were typed; where neither was, both are picked.
fn key_and(
    context: &Context,
    verb: &str,
    key: Option<&KeyArg>,
    scopes: &[String],
    read: fn(&[String]) -> Result<Scopes, CliError>,
) -> anyhow::Result<(KeyRef, Scopes)> {
    let command = format!("scope {verb}");
    match key {
        Some(_) if scopes.is_empty() => Err(asked::missing(&command, "<KEY> <SCOPE>...").into()),
        Some(key) => {
            let scopes = read(scopes)?;
            Ok((input::reference(&context.ui, key)?, scopes))
        }
        None => {
            let key = asked::key_to(context, &command, "<KEY> <SCOPE>...")?;
            let scopes = asked::scopes(context)?;
            if scopes.is_empty() {
                return Err(given_up().into());
            }
            Ok((key, scopes))
        }
    }
}

fn list(context: &mut Context, args: &ListArgs) -> anyhow::Result<()> {
    let reference = asked::key_or_picked(context, args.key.as_ref(), "scope list")?;
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
    key: &KeyRef,
    edit: &ScopeEdit,
    allow_all: bool,
    dry_run: bool,
) -> anyhow::Result<()> {
    let mut env = context.open_env(dry_run)?;
    let edited = edit_scopes(&mut env, key, edit, allow_all)?;
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
