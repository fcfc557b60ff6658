//! `keyctl store reopen`

use crate::cli::arguments::values;
use crate::cli::context::Context;
use crate::cli::opening::whole;
use crate::ops::change;
use crate::ops::env::{Env, SystemRandom};
use crate::ops::stores::moves::{self, New};
use crate::ops::stores::report::Reopened;
use crate::store::{self, Access, Location, Store, Unfinished};

/// Take a move back: the old place is the store again
///
/// Of the place where the store moved, keyctl first makes sure that it never became a store, or that nothing was changed there,
/// and closes it. A store that was changed there moves back by keyctl store copy --cut-over, to a new place.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store reopen --dry-run
  keyctl store reopen --reason 'the server is too slow'")]
pub(crate) struct Args {
    /// What was changed at the new place may be lost, or nobody can look: revocations are lost, too
    #[arg(long)]
    abandon: bool,
    /// Why, kept in the audit log
    #[arg(long, value_name = "TEXT", value_parser = values::reason)]
    reason: Option<String>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let here = whole(context.location()?)?;
    let mut env = context.open_env_made(args.dry_run)?;
    let moved = env.store.moved()?;
    let place = moved.as_ref().map(|moved| context.place(&moved.to)).transpose()?;
    let (new, there) = match &place {
        Some(place) => look(context, &mut env, place, &here),
        None => (New::Unopened, None),
    };
    moves::may_reopen(&mut env, &new, args.abandon)?;
    let to = moved.map(|moved| moved.to).unwrap_or_default();
    if args.dry_run {
        context.ui.note(&format!("dry run: would make {here} the store again; nothing was changed"));
        return Ok(());
    }
    context.confirm(&format!("make {here} the store again? {to} answers nobody then"))?;
    let (old, mut counter) = env.store.end()?;
    if let (New::Unopened, Some(place)) = (&new, &place) {
        // Whoever is still at the copy finds out that it is not theirs any more; one that was ended meanwhile is no more
        // unfinished, and is refused here.
        Unfinished::open(place, context.options(), old.store, &change::nonce(&mut SystemRandom)?)?;
    }
    if let New::Open { counter: seen, is_closed, end, .. } = &new {
        counter = counter.max(*seen);
        if let (false, Some(store)) = (is_closed, there) {
            let (actor, sink) = (context.actor()?, context.sink()?);
            let mut new =
                Env { store, random: Box::new(SystemRandom), actor, rehearse: false, sink, unmade: None };
            let to = here.to_string();
            moves::refuse_changes_after(&mut new, &to, end)?;
            moves::close(&mut new, &to)?;
            counter = counter.max(new.store.end()?.1);
            context.ui.note(&format!("{to} answers nobody any more"));
        }
    }
    if let (New::Unknown(why), true) = (&new, args.abandon) {
        context.ui.warn(&format!("{to} was not closed ({why}): make sure that nobody uses it"));
    }
    moves::reopen(&mut env, counter, args.reason.as_deref(), args.abandon)?;
    context.ui.note(&format!("{here} is the store again"));
    let (end, _) = env.store.end()?;
    let now = env.store.now()?;
    context.show_if_asked(&Reopened { end, from: to }, now, false, "the store is opened again")
}

/// What is where the store went.
fn look(context: &Context, env: &mut Env, place: &Location, here: &Location) -> (New, Option<Store>) {
    let unknown = |why: String| (New::Unknown(why), None);
    let old = match env.store.end() {
        Ok((old, _)) => old,
        Err(error) => return unknown(error.to_string()),
    };
    let mut store = match Unfinished::store_at(place, Access::Change, context.options(), old.store) {
        Ok(store) => store,
        Err(store::Error::Unfinished(_)) => return (New::Unopened, None),
        Err(error) => return unknown(error.to_string()),
    };
    let (end, counter) = match store.end() {
        Ok(end) => end,
        Err(error) => return unknown(error.to_string()),
    };
    if old.store != end.store {
        return unknown("another store is there".to_owned());
    }
    let is_untouched = match moves::is_untouched(&mut store, &old) {
        Ok(is_untouched) => is_untouched,
        Err(error) => return unknown(error.to_string()),
    };
    let open = |is_closed| New::Open { end, counter, is_closed, is_untouched };
    match store.moved() {
        // It went on from there: what is here is older than what is there.
        Ok(Some(moved)) if moved.to != here.to_string() => {
            unknown(format!("it has moved on to {}", moved.to))
        }
        // This was tried before, and may have come half way.
        Ok(Some(moved)) => (open(moved.at.is_some()), Some(store)),
        Ok(None) => (open(false), Some(store)),
        Err(error) => unknown(error.to_string()),
    }
}
