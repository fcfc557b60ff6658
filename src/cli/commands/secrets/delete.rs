//! `keyctl secret rollback` and `delete`

use super::warn_of_end;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::secrets::secret::SecretName;
use crate::domain::texts::text::counted;
use crate::ops;
use crate::ops::credentials::show::renewal;
use crate::ops::secrets::delete::{self, Deleted};
use crate::ops::secrets::{restore, show};
use crate::render::secret::SecretView;
use crate::store::Erased;

/// Hand out an earlier version again, or bring a deleted secret back
///
/// Needs no master key, but for a version that OpenFn Apollo is shown for the first time, and for an
/// OAuth credential that comes back while there are others. A deleted secret comes back unbound.
#[expect(clippy::doc_markdown, reason = "help is plain text")]
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl secret rollback team-a
  keyctl secret rollback team-a --to 3")]
pub(crate) struct RollbackArgs {
    /// The secret
    #[arg(add = Stored::Secrets)]
    name: SecretName,
    /// The version [default: the one before the current]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    to: Option<u64>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Take a secret off the list, or wipe it
///
/// Nobody gets it any more. keyctl secret rollback brings it back, unless --purge wiped it. If
/// it leaked, revoke it at the provider first: that alone helps.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl secret delete team-a
  keyctl secret delete team-a --purge          all its versions, for good
  keyctl secret delete team-a --purge --version 2")]
pub(crate) struct DeleteArgs {
    /// The secret
    #[arg(add = Stored::Secrets)]
    name: SecretName,
    /// Wipe all its versions; of a name that is not in use, those of the secret deleted last
    #[arg(long)]
    purge: bool,
    /// Wipe this version alone, which must not be the current one
    #[arg(long, value_name = "NUMBER", requires = "purge", conflicts_with = "unbind")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    version: Option<u64>,
    /// Take it from those who are bound to it
    #[arg(long)]
    unbind: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn rollback(context: &mut Context, args: &RollbackArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    let needed = restore::needs_keys(&mut env.store, &args.name, args.to)?;
    let ring = if needed { Some(context.ring_of_secrets(&mut env.store)?) } else { None };
    let done = restore::rollback(&mut env, ring.as_ref(), &args.name, args.to)?;
    let (name, version) = (&done.secret.name, done.secret.version);
    let note = match (done.changed, done.was_deleted, args.dry_run) {
        (false, ..) => format!("version {version} of {name} is handed out already; nothing was changed"),
        (_, true, true) => {
            format!("dry run: would bring {name} back with version {version}; nothing was changed")
        }
        (_, true, false) => format!("brought {name} back with version {version}; it is bound to nobody"),
        (_, false, true) => {
            format!("dry run: would hand out version {version} of {name}; nothing was changed")
        }
        (_, false, false) => {
            format!("hands out version {version} of {name} again, instead of {}", done.before)
        }
    };
    context.ui.note(&note);
    let renewal = renewal(&mut env.store, &done.secret)?;
    warn_of_end(context, &done.secret, done.at, renewal);
    let view = SecretView { secret: &done.secret, now: done.at };
    context.show_if_asked(&view, done.at, args.dry_run, "the secret is rolled back")
}

pub(super) fn delete(context: &mut Context, args: &DeleteArgs) -> anyhow::Result<()> {
    let mut name = args.name.clone();
    if args.purge && !args.dry_run {
        let found = show::show(&mut context.open_existing()?, &args.name, true)?;
        // What was asked about is what is wiped, whatever has the name by then.
        name = found.secret.id.into();
        confirm_purge(context, args, &found)?;
    }
    let mut env = context.open_env(args.dry_run)?;
    let done = match (args.purge, args.version) {
        (true, Some(version)) => delete::purge_version(&mut env, &name, version)?,
        (true, None) => delete::purge(&mut env, &name, args.unbind)?,
        (false, _) => delete::delete(&mut env, &name, args.unbind)?,
    };
    report(context, args, &done);
    if args.purge && !args.dry_run {
        say_what_remains(context, delete::erase(&mut env));
    }
    let view = SecretView { secret: &done.secret, now: done.at };
    context.show_if_asked(&view, done.at, args.dry_run, "the secret is deleted")
}

fn confirm_purge(context: &Context, args: &DeleteArgs, found: &show::Shown) -> Result<(), CliError> {
    let secret = &found.secret;
    let bound = match secret.bindings {
        0 => String::new(),
        number => format!(", which is in use by {}", counted(number, "binding")),
    };
    let what = match args.version {
        Some(version) => format!("version {version}"),
        None => counted(found.versions.len() as u64, "version"),
    };
    // What is in use is refused without a question.
    if args.version.is_none() && secret.bindings > 0 && !args.unbind {
        return Ok(());
    }
    context.confirm(&format!("wipe {what} of the secret {} ({}){bound}, for good?", secret.name, secret.id))
}

/// A removed row is not yet gone from everywhere.
fn say_what_remains(context: &Context, erased: Result<Erased, ops::Error>) {
    let erased = match erased {
        Ok(erased) => erased,
        Err(error) => {
            let again = "wipe it with: keyctl secret delete NAME --purge, of any other secret";
            return context.ui.warn(&format!("the database's log may still hold it: {error}; {again}"));
        }
    };
    if erased.complete {
        context.ui.note("the database's own files hold nothing of it any more");
    }
    for place in &erased.remains {
        context.ui.note(&format!("it may remain in: {place}"));
    }
    context.ui.note("what others may have copied is worthless only once the provider revoked it");
}

fn report(context: &Context, args: &DeleteArgs, done: &Deleted) {
    let name = &args.name;
    let versions = counted(done.versions, "version");
    context.ui.note(&match (args.purge, args.dry_run) {
        (true, true) => format!("dry run: would wipe {versions} of {name}; nothing was changed"),
        (true, false) => format!("wiped {versions} of {name}"),
        (false, true) => format!("dry run: would delete {name}; nothing was changed"),
        (false, false) => format!("deleted {name}; to bring it back: keyctl secret rollback {name}"),
    });
}
