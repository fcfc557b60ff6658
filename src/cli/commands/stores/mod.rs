//! `keyctl store`

mod accept_rollback;
mod backup;
mod compat;
mod copy;
mod grant;
mod known_ends;
pub(in crate::cli) mod policy;
mod reopen;
mod restore;
mod set;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::outputs::sink;
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::token::Prefix;
use crate::domain::time::{Expiry, Span};
use crate::ops::env::SystemRandom;
use crate::ops::stores::store::{self, DEFAULT_EXPIRY, Defaults, Founding};
use crate::store::{Access, Error, Location, Store};

/// Make a store, look at it, bring it up to date, check it, back it up, copy it, move it
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Init(InitArgs),
    Status(StatusArgs),
    Migrate(MigrateArgs),
    Check(CheckArgs),
    Grant(grant::Args),
    #[command(subcommand)]
    Set(set::Command),
    Backup(backup::Args),
    Restore(restore::Args),
    Copy(copy::Args),
    Reopen(reopen::Args),
    AcceptRollback(accept_rollback::Args),
    #[command(subcommand)]
    Compat(compat::Command),
}

/// Create a store
///
/// Only the default store creates itself. A PostgreSQL database must exist; its tables are
/// made in a schema named keyctl.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store init
  keyctl store init --if-absent            when a service is deployed
  keyctl store init --store postgres://keyctl@db.example.org/keys --prefix acme")]
pub(crate) struct InitArgs {
    /// What tokens start with, as in acme or k2 [default: sks]
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<Prefix>,
    /// How long keys live where nobody says otherwise: a duration or never [default: 90d]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    /// If there is a store already, do nothing
    #[arg(long)]
    if_absent: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Show what the store is and holds
///
/// What there are more than 2000 of is not counted unasked, so that it is quick for a store of any
/// size.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store status -o json")]
pub(crate) struct StatusArgs {
    /// Count keys, owners and tokens, however many there are
    #[arg(long)]
    count: bool,
}

/// Bring an older store's schema up to date
///
/// On SQLite, a backup is kept beside the file; the first change does the same by itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store migrate --dry-run")]
pub(crate) struct MigrateArgs {
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Recompute and compare everything that can be
///
/// Lists what is not as it should be, and then exits with 7.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store check")]
pub(crate) struct CheckArgs {}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Init(args) => init(context, args),
        Command::Status(args) => status(context, args),
        Command::Migrate(args) => migrate(context, args.dry_run),
        Command::Check(CheckArgs {}) => check(context),
        Command::Grant(args) => grant::run(context, args),
        Command::Set(command) => set::run(context, command),
        Command::Backup(args) => backup::run(context, args),
        Command::Restore(args) => restore::run(context, args),
        Command::Copy(args) => copy::run(context, args),
        Command::Reopen(args) => reopen::run(context, args),
        Command::AcceptRollback(args) => accept_rollback::run(context, args),
        Command::Compat(command) => compat::run(context, command),
    }
}

impl InitArgs {
    fn expiry(&self) -> Result<Option<Span>, CliError> {
        match self.expires {
            None => Ok(Some(DEFAULT_EXPIRY)),
            Some(Expiry::Never) => Ok(None),
            Some(Expiry::After(span)) => Ok(Some(span)),
            Some(Expiry::At(_) | Expiry::EndOfDay(_)) => {
                Err(CliError::invalid("--expires of a store is a duration or never", "as in --expires 30d"))
            }
        }
    }
}

fn init(context: &mut Context, args: &InitArgs) -> anyhow::Result<()> {
    let location = context.location()?;
    let defaults = Defaults { prefix: args.prefix.clone().unwrap_or_default(), expiry: args.expiry()? };
    let founding = Founding { defaults: &defaults, actor: &context.actor()?, rehearse: args.dry_run };
    let sink = context.sink()?;
    if args.if_absent && is_there(context, args, &location)? {
        return Ok(());
    }
    let made = store::init(&location, context.options(), &founding, &mut SystemRandom);
    let record = match made.map_err(CliError::of) {
        // Somebody else made it a moment ago.
        Err(error) if args.if_absent && error.kind == Kind::Conflict => {
            return if is_there(context, args, &location)? { Ok(()) } else { Err(error.into()) };
        }
        made => made?,
    };
    if args.dry_run {
        context.ui.note(&format!("dry run: would create the store {location}; nothing was changed"));
    } else {
        context.ui.note(&format!("created the store {location}"));
    }
    sink::pass_on(sink, record);
    Ok(())
}

/// Whether there is a store, and it has the defaults that were asked for; another one is a conflict.
fn is_there(context: &Context, args: &InitArgs, location: &Location) -> anyhow::Result<bool> {
    let mut found = match Store::open_any_schema(location, Access::Read, context.options()) {
        Err(Error::Missing(_)) => return Ok(false),
        found => found?,
    };
    let head = found.head()?;
    let prefix = args.prefix.as_ref().filter(|prefix| **prefix != head.default_prefix);
    let expiry = if args.expires.is_some() { args.expiry()? } else { head.default_expiry };
    let differing = [(prefix.is_some(), "--prefix"), (expiry != head.default_expiry, "--expires")];
    let differing: Vec<&str> =
        differing.iter().filter(|(differs, _)| *differs).map(|(_, name)| *name).collect();
    if !differing.is_empty() {
        let message =
            format!("there is a store at {location} already, and it differs in {}", differing.join(", "));
        return Err(CliError::new(Kind::Conflict, message, "look at it: keyctl store status").into());
    }
    context.ui.note(&format!("there is a store at {location} already; nothing was changed"));
    Ok(true)
}

fn status(context: &mut Context, args: &StatusArgs) -> anyhow::Result<()> {
    let mut store = context.open_any_schema(Access::Read)?;
    let status = store::status(&mut store, args.count)?;
    let now = store.now()?;
    context.ui.show(&status, now)?;
    if status.counts.contains(&None) {
        let most = store::COUNTED;
        context.ui.note(&format!("what there are more than {most} of was not counted: --count does it"));
    }
    if status.lacks_standby() && !context.is_local()? {
        context.ui.warn("the server has no synchronous standby: a change can be lost with its disk");
    }
    warn_of_standby(context, &status.facts);
    if let Some(note) = store::copy_note(&status.facts) {
        context.ui.note(&note);
    }
    Ok(())
}

fn warn_of_standby(context: &Context, facts: &[store::Fact]) {
    if let Some(warning) = store::standby_warning(facts) {
        context.ui.warn(&warning);
    }
}

fn migrate(context: &mut Context, dry_run: bool) -> anyhow::Result<()> {
    let mut store = context.open_any_schema(Access::Change)?;
    let migrated = store::migrate(&mut store, dry_run)?;
    if migrated.from == migrated.to {
        context.ui.note(&format!("the store has schema {} already", migrated.to));
    } else if dry_run {
        let (from, to) = (migrated.from, migrated.to);
        context.ui.note(&format!("dry run: would migrate from schema {from} to {to}; nothing was changed"));
    } else {
        context.ui.note(&format!("migrated the store from schema {} to {}", migrated.from, migrated.to));
    }
    if let Some(backup) = &migrated.backup {
        context.ui.note(&format!("the state before is in {}", backup.display()));
    }
    if context.ui.chosen().is_none() {
        return Ok(());
    }
    let shown = store.now().map_err(Into::into).and_then(|now| context.ui.show(&migrated, now));
    shown.map_err(
        |error| if dry_run { error } else { CliError::of(error).after("the store is migrated").into() },
    )
}

fn check(context: &mut Context) -> anyhow::Result<()> {
    let mut store = context.open_existing()?;
    let facts = store.facts()?;
    warn_of_standby(context, &facts);
    if let Some(note) = store::litestream_note(&facts) {
        context.ui.note(&note);
    }
    let now = store.now()?;
    let mut progress = context.ui.progress();
    progress.total(|| store::rows_to_check(&mut store).ok());
    let findings = store::check(&mut store, |rows| progress.rows(rows));
    drop(progress);
    let findings = findings?;
    context.warn_of_leftovers();
    let listed = context.ui.list(now, |out| findings.iter().try_for_each(|finding| Ok(out.push(finding)?)));
    Ui::whether_or_not_read(listed)?;
    if findings.is_empty() {
        context.ui.note("the store is as it should be");
        return Ok(());
    }
    let message = format!("the store is not as it should be: {} found", findings.len());
    Err(CliError::new(
        Kind::Damaged,
        message,
        "compare with a backup; keyctl audit list shows what keyctl did",
    )
    .into())
}
