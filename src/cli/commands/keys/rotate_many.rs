//! `keyctl rotate` of many keys, and of a key that may not be due.

use std::fs;
use std::path::Path;

use super::reach;
use super::rotate_args::Args;
use crate::cli::arguments::selection;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files::guard;
use crate::cli::outputs::many::{Folder, Pages};
use crate::domain::keys::key::{IssuedToken, Key};
use crate::domain::texts::text::counted;
use crate::domain::time::{Grace, Timestamp};
use crate::ops::delivery::Deliver;
use crate::ops::env::Env;
use crate::ops::keys::references::MOST;
use crate::ops::keys::renew::{Due, Left};
use crate::ops::keys::rotate_many::{Many, Wanted, rotate_many};
use crate::ops::keys::select::{Selection, reach as in_reach};
use crate::render::stopped::StoppedView;
use crate::render::{Format, Unwritten};
use crate::store::Filter;

/// Keys of one transaction whose tokens are written into a file each: each file takes some milliseconds to be safe on its disk.
const FILES_AT_ONCE: usize = 50;

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    check_place(context, args)?;
    let (selection, due) = selected(context, args)?;
    let mut env = context.open_env(args.dry_run)?;
    let wanted = Wanted {
        grace: args.grace.unwrap_or(Grace::DEFAULT),
        prefix: args.prefix.clone(),
        due,
        at_once: if args.out_dir.is_some() { FILES_AT_ONCE } else { MOST },
    };
    let many = if let Some(folder) = &args.out_dir {
        rotated(context, &mut env, &selection, &wanted, &mut Folder::new(context.ui, folder))?
    } else {
        let mut pages = Pages::new(context.ui);
        let many = rotated(context, &mut env, &selection, &wanted, &mut pages);
        if !args.dry_run {
            // Also where it was interrupted: what was rotated by then is all that there is of these tokens.
            pages.finish().map_err(Unwritten)?;
        }
        many?
    };
    report(context, args, &many);
    let Some(at) = many.at.filter(|_| args.dry_run && context.ui.chosen().is_some()) else { return Ok(()) };
    context.ui.list(at, |out| {
        many.rotated.iter().try_for_each(|stopped| Ok(out.push(&StoppedView { stopped, now: at })?))
    })
}

fn rotated(
    context: &Context,
    env: &mut Env,
    selection: &Selection,
    wanted: &Wanted,
    deliver: &mut dyn Deliver,
) -> anyhow::Result<Many> {
    let mut progress = context.ui.progress();
    Ok(rotate_many(env, selection, wanted, deliver, &mut |keys| progress.rows(keys))?)
}

/// Where the new tokens go is said: they are shown once, and a table on a screen is no place for many.
fn check_place(context: &Context, args: &Args) -> Result<(), CliError> {
    let has_place = args.out_dir.is_some() || !matches!(context.ui.chosen(), None | Some(Format::Table));
    if has_place || args.dry_run {
        return Ok(());
    }
    Err(CliError::invalid(
        "the tokens of many keys are shown once, and it was not said where they go; nothing was changed",
        "add --out-dir FOLDER for a file each, or -o jsonl, csv or plain for lines on standard output",
    ))
}

/// The live keys that are meant, after a question that says how many these are, and when a rotation of each is due.
fn selected(context: &Context, args: &Args) -> anyhow::Result<(Selection, Due)> {
    let mut store = context.open_existing()?;
    let now = store.now()?;
    let issued_before = args.older_than.map(|span| now.before(span));
    let filter = Filter {
        now: Some(now),
        issued_before,
        expiring_before: args.if_expiring.map(|span| now.after(span).unwrap_or(now)),
        ..args.select.filter()
    };
    let due = Due { issued_before, ends_within: args.if_expiring };
    if !args.dry_run {
        let mut reach = in_reach(&mut store, args.select.owner(), &filter)?;
        // They have tokens of their own, which go on working.
        reach.counts.children = 0;
        if reach.counts.keys > 0 {
            context.confirm(&selection::question("rotate", &reach))?;
        }
    }
    Ok((Selection::Matching(args.select.owner().cloned(), filter), due))
}

fn report(context: &Context, args: &Args, many: &Many) {
    for (key, why) in &many.left {
        context.ui.note(&format!("left {} as it is: {}", key.path(), why_left(why)));
    }
    if args.dry_run {
        reach::would(context, "rotate", &many.rotated);
    }
    if let Some(most) = many.shortened {
        context
            .ui
            .note(&format!("the store's policy lets keys live {most} at most, less than was given last"));
    }
    for stopped in many.rotated.iter().filter(|_| !args.dry_run) {
        rotated_one(context, &stopped.key, args.out_dir.as_deref(), args.if_expiring.is_some());
    }
    superseded(context, args, many);
    if let Some(folder) = args.out_dir.as_deref().filter(|_| args.dry_run) {
        in_the_way(context, folder, many);
    }
    match (many.rotated.len(), many.left.len()) {
        (0, 0) => context.ui.note("no live key matches; nothing was changed"),
        (0, _) => context.ui.note("no rotation is due; nothing was changed"),
        _ if args.dry_run => {}
        (done, left) => {
            let left = if left == 0 { String::new() } else { format!(", left {left} as they are") };
            context.ui.note(&format!("rotated {}{left}", counted(done as u64, "key")));
        }
    }
}

/// What was in its grace and is so no more: nobody who names keys expects that of each.
fn superseded(context: &Context, args: &Args, many: &Many) {
    for stopped in &many.rotated {
        let Some(IssuedToken { prefix, expires_at: Some(end), .. }) = many.superseded.get(&stopped.key.id)
        else {
            continue;
        };
        let ends = if args.dry_run { "would work no more" } else { "works no more" };
        context.ui.note(&format!(
            "an older token of {}, {prefix}, {ends}; its grace was to end at {end}",
            stopped.key.path()
        ));
    }
}

/// A file that holds something else than a token keeps those of its page from being rotated.
fn in_the_way(context: &Context, folder: &Path, many: &Many) {
    for stopped in &many.rotated {
        let path = Folder::path(folder, &stopped.key);
        if fs::symlink_metadata(&path).is_ok() && guard::replaceable_token(&path).is_none() {
            let warning = format!("{} holds something else than a token, and is in the way", path.display());
            context.ui.warn(&warning);
        }
    }
}

fn rotated_one(context: &Context, key: &Key, folder: Option<&Path>, renewed: bool) {
    let old = match key.previous_token.as_ref().and_then(|old| Some((&old.prefix, old.expires_at?))) {
        Some((prefix, end)) => format!("the old token {prefix} works until {end}"),
        None => "the old token works no more".to_owned(),
    };
    let end = key.expires_at.filter(|_| renewed).map(|end| format!("; ends {end}")).unwrap_or_default();
    let place = folder.map(|folder| format!("; the new token is in {}", Folder::path(folder, key).display()));
    context.ui.note(&format!("rotated {} ({}); {old}{end}{}", key.path(), key.id, place.unwrap_or_default()));
}

/// In words, with what to do where that is not to wait.
pub(super) fn why_left(why: &Left) -> String {
    let until = |end: &Timestamp| end.to_string();
    match why {
        Left::Young(at) => format!("its token is of {}", until(at)),
        Left::EndsLater(Some(end)) => format!("it ends at {}", until(end)),
        Left::EndsLater(None) => "it never ends".to_owned(),
        Left::Grace(end) => {
            format!("its old token works until {}, and a rotation would end that", until(end))
        }
        Left::Pending => "another token of it waits to be delivered: run keyctl apply".to_owned(),
        Left::NoToken => "it has no token".to_owned(),
        Left::Expired(end) => format!("it expired at {}: keyctl rotate KEY --expires 90d", until(end)),
        Left::Revoked => "it was revoked".to_owned(),
        Left::Delivered => {
            "a manifest delivers its tokens: say rotate_after there, and run keyctl apply".to_owned()
        }
    }
}
