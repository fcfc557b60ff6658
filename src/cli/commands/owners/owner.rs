//! `keyctl owner`

use crate::cli::arguments::values::{self, OrNone};
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::domain::keys::limit::Quota;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::texts::text::counted;
use crate::ops::owners::owner::{self, Changed};

/// Keep the principals that keys act for
///
/// An owner is made with its first key, or by owner add. It has a name, which is what is typed here,
/// and a subject, as which services know it: the name unless it was set. Names and subjects are one
/// namespace: none of either is another owner's, also where that one was deleted.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Add(AddArgs),
    #[command(visible_alias = "ls")]
    List(ListArgs),
    Show(ShowArgs),
    Set(SetArgs),
    Rename(RenameArgs),
    Disable(DisableArgs),
    Enable(EnableArgs),
    #[command(alias = "rm")]
    Delete(DeleteArgs),
}

/// Make an owner without keys
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl owner add alice
  keyctl owner add alice --subject 'auth0|5f7c8ec7c33c6c004bbafe82'")]
pub(crate) struct AddArgs {
    /// A user, a service, an e-mail address
    owner: Owner,
    /// As whom services know it, as in auth0|5f7c [default: its name]
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<OwnerSubject>,
    /// If it is there already, do nothing
    #[arg(long)]
    if_absent: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// List owners
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl owner list -o json")]
pub(crate) struct ListArgs {}

/// Show one owner
///
/// Its keys are shown by keyctl list OWNER.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl owner show alice
  keyctl owner show 'auth0|5f7c8ec7c33c6c004bbafe82'    who is this?")]
pub(crate) struct ShowArgs {
    /// The owner: its name, or its subject
    #[arg(add = Stored::Owners)]
    owner: OwnerSubject,
}

/// Give an owner another subject, or a quota
///
/// The subject is the id that services get, and that a user's data stand under. Keys and tokens stay
/// as they are; within seconds services know their holder by the new one. The owner's own name as
/// the subject is what it was in the beginning. A quota is for all its keys together, beside those
/// that they have of their own: keyctl serve counts it, and a service that reads the store itself
/// refuses the keys, since it counts nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl owner set alice --subject 'auth0|5f7c8ec7c33c6c004bbafe82'
  keyctl owner set alice --subject alice
  keyctl owner set alice --quota 10000/day
  keyctl owner set alice --quota none")]
pub(crate) struct SetArgs {
    /// The owner
    #[arg(add = Stored::Owners)]
    owner: Owner,
    /// As whom services know it: 1 to 255 visible ASCII characters
    #[arg(long, value_name = "SUBJECT", required_unless_present = "quota")]
    subject: Option<OwnerSubject>,
    /// How often its keys may be used together, as in 10000/day, or none
    #[arg(long, value_name = "QUOTA")]
    quota: Option<OrNone<Quota>>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Call an owner otherwise
///
/// Keys, tokens, bindings and the subject stay, so services notice nothing; readers of a version that
/// knows no subjects go by the name, and to them it is another owner. What stands in the audit log
/// under the old name is found by the new one, too.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl owner rename alice alice.smith")]
pub(crate) struct RenameArgs {
    /// The owner
    #[arg(value_name = "OLD", add = Stored::Owners)]
    old: Owner,
    /// Its new name, which nobody has
    #[arg(value_name = "NEW")]
    new: Owner,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Stop all keys of an owner at once
///
/// Children of its keys stop, too. keyctl owner enable brings all of them back in the state
/// that they had.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl owner disable alice --reason 'contract ended'")]
pub(crate) struct DisableArgs {
    /// The owner
    #[arg(add = Stored::Owners)]
    owner: Owner,
    /// Why, kept in the audit log
    #[arg(long, value_name = "TEXT", value_parser = values::reason)]
    reason: Option<String>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Bring all keys of an owner back
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl owner enable alice")]
pub(crate) struct EnableArgs {
    /// The owner
    #[arg(add = Stored::Owners)]
    owner: Owner,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Take an owner off the list
///
/// It must have no live key, unless --revoke-keys revokes them with it. Its revoked keys can
/// still be traced.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl owner delete alice --dry-run")]
pub(crate) struct DeleteArgs {
    /// The owner
    #[arg(add = Stored::Owners)]
    owner: Owner,
    /// Revoke its live keys, which is final
    #[arg(long)]
    revoke_keys: bool,
    /// Why, kept with the keys and in the audit log
    #[arg(long, value_name = "TEXT", value_parser = values::reason)]
    reason: Option<String>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Add(args) => add(context, args),
        Command::List(ListArgs {}) => list(context),
        Command::Show(args) => show(context, args),
        Command::Set(args) => set(context, args),
        Command::Rename(args) => rename(context, args),
        Command::Disable(args) => disable(context, args),
        Command::Enable(args) => enable(context, args),
        Command::Delete(args) => delete(context, args),
    }
}

fn add(context: &mut Context, args: &AddArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    let done = owner::add(&mut env, &args.owner, args.subject.as_ref(), args.if_absent)?;
    report(context, &done, args.dry_run, ["made", "make", "is there already"])
}

fn list(context: &mut Context) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let mut any = false;
    context.ui.list(now, |out| {
        owner::list(&mut store, |owner| {
            any = true;
            anyhow::Ok(out.push(owner)?)
        })
    })?;
    if !any {
        context.ui.note("no owners; one is made with its first key: keyctl mint OWNER --scope SCOPE");
    }
    Ok(())
}

fn show(context: &mut Context, args: &ShowArgs) -> anyhow::Result<()> {
    let mut store = context.open_to_find()?;
    let found = owner::find_known_as(&mut store, &args.owner)?;
    let now = store.now()?;
    context.ui.show(&found, now)
}

fn set(context: &mut Context, args: &SetArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    let quota = args.quota.as_ref().map(|quota| quota.0);
    let edit = owner::Edit { subject: args.subject.clone(), quota };
    let done = owner::set(&mut env, &args.owner, &edit)?;
    let name = &done.owner.name;
    let Some(before) = &done.before else {
        let subject = args.subject.as_ref().map(|subject| format!("the subject {subject}"));
        let quota =
            quota.map(|quota| quota.map_or("no quota".to_owned(), |quota| format!("the quota {quota}")));
        let has = [subject, quota].into_iter().flatten().collect::<Vec<_>>().join(" and ");
        context.ui.note(&format!("{name} has {has} already; nothing was changed"));
        return context.show_if_asked(&done.owner, done.at, args.dry_run, "the owner is changed");
    };
    let mut changes = Vec::new();
    if before.subject != done.owner.subject {
        changes.push(("subject", before.subject.to_string(), done.owner.subject.to_string()));
    }
    if before.quota != done.owner.quota {
        let text = |quota: Option<Quota>| quota.map_or("none".to_owned(), |quota| quota.to_string());
        changes.push(("quota", text(before.quota), text(done.owner.quota)));
    }
    for (what, old, new) in &changes {
        let change = format!("the {what} of {name}: {old} → {new}");
        context.ui.note(&if args.dry_run {
            format!("dry run: would change {change}; nothing was changed")
        } else {
            format!("changed {change}")
        });
    }
    if let (Some(_), None, false) = (done.owner.quota, before.quota, args.dry_run) {
        context.ui.note(
            "keyctl serve counts it; services that read the store themselves refuse its keys from now on",
        );
    }
    context.show_if_asked(&done.owner, done.at, args.dry_run, "the owner is changed")
}

fn rename(context: &mut Context, args: &RenameArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    let done = owner::rename(&mut env, &args.old, &args.new)?;
    let owner = &done.owner;
    let what = format!(
        "{} → {} ({}), whom services know as {}",
        args.old,
        args.new,
        counted(owner.live_keys, "live key"),
        owner.subject
    );
    match (&done.before, args.dry_run) {
        (None, _) => {
            context.ui.note(&format!("the owner is called {} already; nothing was changed", args.old));
        }
        (Some(_), true) => context.ui.note(&format!("dry run: would rename {what}; nothing was changed")),
        (Some(_), false) => context.ui.note(&format!("renamed {what}")),
    }
    context.show_if_asked(owner, done.at, args.dry_run, "the owner is renamed")
}

fn disable(context: &mut Context, args: &DisableArgs) -> anyhow::Result<()> {
    if !args.dry_run {
        let found = owner::find(&mut context.open_existing()?, &args.owner)?;
        if found.disabled_at.is_none() {
            context.confirm(&format!("stop {} of {}?", counted(found.live_keys, "live key"), args.owner))?;
        }
    }
    let mut env = context.open_env(args.dry_run)?;
    let done = owner::disable(&mut env, &args.owner, args.reason.as_deref())?;
    report(context, &done, args.dry_run, ["disabled", "disable", "is disabled already"])?;
    if done.changed && !args.dry_run {
        context.ui.note(&format!("to bring its keys back: keyctl owner enable {}", args.owner));
    }
    Ok(())
}

fn enable(context: &mut Context, args: &EnableArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    let done = owner::enable(&mut env, &args.owner)?;
    report(context, &done, args.dry_run, ["enabled", "enable", "is enabled already"])
}

fn delete(context: &mut Context, args: &DeleteArgs) -> anyhow::Result<()> {
    if !args.dry_run {
        let found = owner::find(&mut context.open_existing()?, &args.owner)?;
        if args.revoke_keys || found.live_keys == 0 {
            let keys = match found.live_keys {
                0 => "which has no live keys".to_owned(),
                count => format!("and revoke {} for good", counted(count, "live key")),
            };
            context.confirm(&format!("delete the owner {}, {keys}?", args.owner))?;
        }
    }
    let mut env = context.open_env(args.dry_run)?;
    let done = owner::delete(&mut env, &args.owner, args.revoke_keys, args.reason.as_deref())?;
    report(context, &done, args.dry_run, ["deleted", "delete", "is deleted already"])
}

/// `words`: done, to do, and what it is if nothing was changed.
fn report(context: &Context, done: &Changed, dry_run: bool, words: [&str; 3]) -> anyhow::Result<()> {
    let owner = &done.owner;
    let keys = counted(owner.live_keys, "live key");
    match (done.changed, dry_run) {
        (false, _) => context.ui.note(&format!("the owner {} {}; nothing was changed", owner.name, words[2])),
        (true, true) => context.ui.note(&format!(
            "dry run: would {} the owner {} ({keys}); nothing was changed",
            words[1], owner.name
        )),
        (true, false) => context.ui.note(&format!("{} the owner {} ({keys})", words[0], owner.name)),
    }
    context.show_if_asked(owner, done.at, dry_run, &format!("the owner is {}", words[0]))
}
