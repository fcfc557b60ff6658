//! `keyctl store copy`

use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::opening::whole;
use crate::domain::texts::text::counted;
use crate::ops::change;
use crate::ops::env::{Env, SystemRandom};
use crate::ops::stores::copying::{self, Copied};
use crate::ops::stores::moves::{self, RefuseApollo as _};
use crate::ops::stores::report::Copy;
use crate::store::{self, Access, LATEST_SCHEMA, Location, Store, Unfinished};

/// Copy the store to another place, or move it there
///
/// All of it is copied as it is, from SQLite to PostgreSQL or back: ids, hashes, envelopes, the audit log, the store's uuid.
/// Others go on using it. What is there before the end is refused by everybody; if the copy is broken off, the same command
/// goes on with it. With --cut-over the store moves: the old place refuses all changes, what was changed meanwhile is carried,
/// and then the new one is the store, and the old one answers nobody. The way back is keyctl store reopen.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store copy --to /srv/keyctl/keys.db
  keyctl store copy --to postgres://keyctl@db.example.org/keys --cut-over --dry-run
  keyctl store copy --to postgres://keyctl@db.example.org/keys --cut-over")]
pub(crate) struct Args {
    /// Where to, with nothing in it: a path or the address of a PostgreSQL database, without its password
    #[arg(long, value_name = "STORE")]
    to: String,
    /// Move it: from then on the old place answers nobody
    #[arg(long)]
    cut_over: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let to = context.place(&args.to)?;
    if to.has_password() {
        context
            .ui
            .warn("the password in --to shows in process lists; use PGPASSWORD or a password file instead");
    }
    let from = whole(context.location()?)?;
    if from.to_string() == to.to_string() {
        let message = format!("the store is at {to} already; nothing was changed");
        return Err(CliError::invalid(message, "name another place with --to").into());
    }
    if args.cut_over { cut_over(context, args, &from, &to) } else { copy(context, args, &from, &to) }
}

fn copy(context: &mut Context, args: &Args, from: &Location, to: &Location) -> anyhow::Result<()> {
    let mut store = context.open_existing()?;
    demand_latest(&store)?;
    if let Some(moved) = store.moved()? {
        return Err(moved.error().into());
    }
    if args.dry_run {
        return rehearse(context, &mut store, to);
    }
    let target = open_target(context, &mut store, to)?;
    let mut progress = context.ui.progress();
    progress.total(|| store.rows_to_carry());
    let copied = copying::copy(&mut store, target, &mut |rows| progress.rows(rows));
    drop(progress);
    let copied = copied?;
    say(context, &copied, to);
    context.ui.note(&format!(
        "both take changes, and neither knows of the other's: use one of them, {from} or {to}"
    ));
    report(context, &Copy::of(copied, from, to, None))
}

fn cut_over(context: &mut Context, args: &Args, from: &Location, to: &Location) -> anyhow::Result<()> {
    let mut env = context.open_env_made(args.dry_run)?;
    demand_latest(&env.store)?;
    let place = to.to_string();
    let moved = env.store.moved()?;
    match &moved {
        Some(moved) => moves::goes_to(moved, &place)?,
        None => env.store.refuse_apollo()?,
    }
    let is_closed = moved.as_ref().is_some_and(|moved| moved.at.is_some());
    if is_closed {
        match open_there(context, &env.store.end()?.0.store, to)? {
            There::Store => return end(context, env, from, to, None),
            There::Unfinished => {}
            // It was there as this place was closed. Another store of this state would let in whom that one has revoked.
            There::Nothing => {
                let message =
                    format!("the store has moved to {to}, and nothing is there now; nothing was changed");
                let hint = "make sure that the place can be reached, as a volume that is to be mounted; if it is lost for \
                            good: keyctl store reopen --abandon";
                return Err(CliError::new(Kind::Conflict, message, hint).into());
            }
        }
    }
    if args.dry_run {
        return rehearse(context, &mut env.store, to);
    }
    if moved.is_none() {
        context.confirm(&format!("move the store to {to}? {from} answers nobody then"))?;
    }
    let mut target = open_target(context, &mut env.store, to)?;
    let pass = |env: &mut Env, target: Unfinished| {
        let mut progress = context.ui.progress();
        progress.total(|| env.store.rows_to_carry());
        copying::carry_only(&mut env.store, target, &mut |rows| progress.rows(rows))
    };
    let mut first = None;
    if moved.is_none() {
        // The most of it while others change it, so that they wait for the rest alone.
        let (copied, carried) = pass(&mut env, target)?;
        (first, target) = (Some(copied), carried);
        moves::refuse_changes(&mut env, &place)?;
        context.ui.note(&format!("{from} takes no changes any more"));
    }
    let (copied, target) = pass(&mut env, target).map_err(|error| unmoved(error, from))?;
    moves::close(&mut env, &place).map_err(|error| unmoved(error, from))?;
    env.store
        .snapshot(|store| {
            moves::check_closed(store, &place, &copied.end)?;
            Ok(target.finish(store)?)
        })
        .map_err(|error| unmoved(error, from))?;
    let copied = first.map_or(copied.clone(), |first| copied.and_before(&first));
    say(context, &copied, to);
    end(context, env, from, to, Some(copied))
}

/// The new place is a store; its first record says from where.
fn end(
    context: &mut Context,
    mut env: Env,
    from: &Location,
    to: &Location,
    copied: Option<Copied>,
) -> anyhow::Result<()> {
    let (old, counter) = env.store.end()?;
    let mut store = Store::open(to, Access::Change, context.options())?;
    let (new, _) = store.end()?;
    if new.seq == old.seq {
        let (actor, sink) = (context.actor()?, context.sink()?);
        let mut there =
            Env { store, random: Box::new(SystemRandom), actor, rehearse: false, sink, unmade: None };
        moves::opened(&mut there, &from.to_string(), counter).map_err(|error| {
            let mut error = CliError::of(error);
            error.message =
                format!("{}; the store is at {to} now, and its log does not say so yet", error.message);
            error.hint = Some("run the same command again, which ends the move".to_owned());
            error
        })?;
    }
    context.remember(to);
    context.ui.note(&format!("the store is at {to} now; {from} answers nobody"));
    context.ui.note("whoever still names the old place is told that it cannot be had, not that a token is bad; the way back: keyctl store reopen");
    let at = env.store.head()?.moved.and_then(|moved| moved.at);
    let copied = match copied {
        Some(copied) => copied,
        None => Copied::nothing(old, counter),
    };
    report(context, &Copy::of(copied, from, to, at))
}

fn rehearse(context: &Context, store: &mut Store, to: &Location) -> anyhow::Result<()> {
    let resumes = Unfinished::rehearse(to, context.options(), store.end()?.0.store)?;
    let what = if resumes { "go on with the copy" } else { "copy the store" };
    let rows = store.rows_to_carry().unwrap_or_default();
    context
        .ui
        .note(&format!("dry run: would {what} to {to}, about {}; nothing was changed", counted(rows, "row")));
    Ok(())
}

fn demand_latest(store: &Store) -> Result<(), store::Error> {
    let (found, known) = (store.schema(), LATEST_SCHEMA);
    if found < known { Err(store::Error::Older { found, known }) } else { Ok(()) }
}

fn open_target(context: &Context, store: &mut Store, to: &Location) -> anyhow::Result<Unfinished> {
    let nonce = change::nonce(&mut SystemRandom)?;
    let target = Unfinished::open(to, context.options(), store.end()?.0.store, &nonce)?;
    if target.resumed {
        context.ui.note(&format!("goes on with the copy that was begun at {to}"));
    }
    Ok(target)
}

/// What is at the new place of a store that is closed.
enum There {
    Nothing,
    Unfinished,
    Store,
}

fn open_there(context: &Context, store: &uuid::Uuid, to: &Location) -> anyhow::Result<There> {
    match Unfinished::store_at(to, Access::Read, context.options(), *store) {
        Err(store::Error::Missing(_)) => Ok(There::Nothing),
        Err(store::Error::Unfinished(_)) => Ok(There::Unfinished),
        Err(error) => Err(error.into()),
        Ok(mut found) => {
            if found.end()?.0.store == *store {
                return Ok(There::Store);
            }
            let message = format!("another store is at {to}; nothing was changed");
            Err(CliError::new(Kind::Conflict, message, "name the place to which this one was moved").into())
        }
    }
}

/// Between its two halves a move can be gone on with, and taken back.
fn unmoved(error: crate::ops::Error, from: &Location) -> anyhow::Error {
    let mut error = CliError::of(error);
    error.message =
        format!("{}; {from} takes no changes until the move is ended or taken back", error.message);
    error.hint = Some("run the same command again, which goes on; or: keyctl store reopen".to_owned());
    error.into()
}

fn say(context: &Context, copied: &Copied, to: &Location) {
    if copied.restarted {
        context.ui.note("what was there did not fit what the store is now, so all of it was carried anew");
    }
    context.ui.note(&format!(
        "{to} has all {} of the store at record {} of its audit log; {} written, all read again and compared",
        counted(copied.rows(), "row"),
        copied.end.seq,
        copied.written(),
    ));
}

fn report(context: &Context, copy: &Copy) -> anyhow::Result<()> {
    let now = crate::cli::context::system_clock().ok_or(store::Error::Clock)?;
    context.show_if_asked(copy, now, false, "the store is copied")
}
