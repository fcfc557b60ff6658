//! `keyctl store restore`

use std::path::{Path, PathBuf};

use super::backup;
use super::known_ends::{There, open_log};
use crate::cli::arguments::values;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::files::out_file::OutFile;
use crate::cli::inputs::anchors::{self, AnchorArg};
use crate::domain::texts::text::counted;
use crate::domain::time::Timestamp;
use crate::ops::env::SystemRandom;
use crate::ops::stores::backup::{BackupKey, write_in_transaction};
use crate::ops::stores::restore::{Known, Loaded, Ready, Report, Request, Restored, load};
use crate::store::{Location, Store};

/// Make the store of a backup, or put it in the place of the one that is there
///
/// What was revoked since the backup would work again. So it is compared with the store in its place, with what this
/// machine saw of it, with the audit sink's file and with anchors: a backup that is behind one of them is
/// refused without --accept-rollback. With --replay, an audit log that was kept elsewhere says what was taken away since
/// (revocations, suspensions, scopes, owners, trusts), and that is taken away again. Keys that got another token since are
/// suspended, and OAuth credentials must be signed in again. What was in the place before is kept in a file beside it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store restore keys-2027-01-31.backup --dry-run
  keyctl store restore keys.backup --accept-rollback --replay audit.jsonl
  keyctl store restore keys.backup --anchor @anchors.txt --store /srv/keyctl/keys.db")]
pub(crate) struct Args {
    /// What keyctl store backup wrote; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Go back behind a later state that is known
    #[arg(long)]
    accept_rollback: bool,
    /// An anchor of the store's log that the backup must contain; @FILE or - for many, one a line
    #[arg(long = "anchor", value_name = "ANCHOR")]
    anchors: Vec<AnchorArg>,
    /// The audit log, as audit export or a sink wrote it: what it takes away behind the backup is taken away again
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Put it in the place of another store, which is not the one that the backup is of
    #[arg(long)]
    replace_other: bool,
    /// Why, kept in the audit log
    #[arg(long, value_name = "TEXT", value_parser = values::reason)]
    reason: Option<String>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let location = context.location()?;
    let anchors = anchors::read(&args.anchors)?;
    let mut log = args.replay.as_deref().map(open_log).transpose()?;
    let (mut loaded, key) = read(context, &args.file)?;
    let store = loaded.contents.about.end.store;
    let there = context.there(&location)?;
    let remembered = context.remembered(&location, store);
    let known = context.known_ends(store, there.as_ref(), remembered, &anchors, args.replay.as_deref())?;
    let lost = loaded.lacks(&known)?;
    check(&loaded, there.as_ref(), &lost, args)?;
    let counters = there.iter().map(|there| there.seen).chain(remembered).map(|seen| seen.counter);
    let mut ready = loaded.prepare(Request {
        actor: context.actor()?,
        reason: args.reason.as_deref(),
        lost: &lost,
        counter: counters.max().unwrap_or_default(),
        log: log.as_mut().map(|log| log as _),
    })?;
    say(context, &ready.report, known.is_empty());
    let mut kept = None;
    if args.dry_run {
        context.ui.note("dry run: nothing was changed");
    } else {
        if let Some(there) = there.as_ref().filter(|there| !there.is_new) {
            context.confirm(&format!(
                "put the backup (record {}) in the place of the store at {location} (record {})?",
                ready.report.contents.about.end.seq, there.seen.end.seq
            ))?;
        }
        kept = put(context, &location, &args.file, &mut ready, there, key.as_ref())?;
        context.ui.note(&format!("restored the store at {location}; keyctl store check looks at all of it"));
        if let Some(kept) = &kept {
            let way_back = format!("keyctl store restore {} --accept-rollback", kept.display());
            context.ui.note(&format!("what was there before is kept, the way back is: {way_back}"));
        }
        let sink = context.sink()?;
        if let (Some(mut sink), false) = (sink, ready.records.is_empty()) {
            sink.send(&ready.records);
        }
        context.remember(&location);
    }
    let now = ready.report.contents.about.made_at;
    let restored = Restored { report: ready.report, kept };
    context.show_if_asked(&restored, now, args.dry_run, "the store is restored")
}

/// Reads the backup to its end, and returns what it is sealed by.
fn read(context: &Context, path: &Path) -> anyhow::Result<(Loaded, Option<BackupKey>)> {
    let mut input = backup::open(path)?;
    let options = context.options();
    context.read_backup(&mut *input, |reader, progress| Ok(load(reader, options, progress)?))
}

/// Refuses what would lose something that nobody said may be lost.
fn check(loaded: &Loaded, there: Option<&There>, lost: &[Known], args: &Args) -> Result<(), CliError> {
    let about = &loaded.contents.about;
    if let Some(there) = there
        && !there.is_new
        && there.seen.end.store != about.end.store
        && !args.replace_other
    {
        let (backup, store) = (about.end.store, there.seen.end.store);
        return Err(CliError::new(
            Kind::Conflict,
            format!(
                "the backup is of the store {backup}, and another one is in the place: {store}; nothing was changed"
            ),
            "name another place with --store; or, if that one is to go: --replace-other",
        ));
    }
    // Of several that know the same, the first is named.
    let worst = lost.iter().rev().max_by_key(|known| known.end.seq);
    let Some(worst) = worst.filter(|_| !args.accept_rollback) else { return Ok(()) };
    Err(CliError::new(
        Kind::Conflict,
        format!(
            "the backup ends at record {} of the audit log and does not contain record {}, which {} knows: what was \
             revoked since would work again; nothing was changed",
            about.end.seq, worst.end.seq, worst.whence
        ),
        "take a later backup; or keep the log there is (keyctl audit export --out-file audit.jsonl), and: \
         --accept-rollback --replay audit.jsonl",
    ))
}

/// Puts it into its place. What was there is kept first, sealed as the backup is.
fn put(
    context: &Context,
    location: &Location,
    file: &Path,
    ready: &mut Ready,
    there: Option<There>,
    key: Option<&BackupKey>,
) -> anyhow::Result<Option<PathBuf>> {
    let Some(mut there) = there else {
        ready.put_down(location, context.options())?;
        return Ok(None);
    };
    there.bring_up_to_date()?;
    let mut kept = None;
    let (is_new, end) = (there.is_new, there.seen.end);
    let replaced = ready.put_over(&mut there.store, end, |store: &mut Store| {
        if is_new {
            return Ok(());
        }
        let now = store.now()?;
        let path = beside(location, file, now);
        let mut out = OutFile::create(&path)?;
        write_in_transaction(store, key, &mut SystemRandom, &mut out, |_| {})
            .map_err(|error| out.explain(error))?;
        out.finish()?;
        kept = Some(path);
        anyhow::Ok(())
    });
    if let (Err(error), Some(path)) = (&replaced, &kept)
        && !matches!(error.downcast_ref(), Some(crate::store::Error::Unknown(_)))
    {
        let _ = std::fs::remove_file(path);
    }
    replaced.map(|()| kept)
}

/// What the state before is kept as: beside the database's file, or beside the backup where there is none.
fn beside(location: &Location, backup: &Path, now: Timestamp) -> PathBuf {
    let is_stream = backup == Path::new("-");
    let file = location.files().into_iter().next();
    let file = file.unwrap_or_else(|| if is_stream { "keyctl".into() } else { backup.to_owned() });
    let mut name = file.into_os_string();
    name.push(format!(".before-restore-{now}"));
    name.into()
}

fn say(context: &Context, report: &Report, nothing_known: bool) {
    let about = &report.contents.about;
    context.ui.note(&format!(
        "the backup was made at {} and ends at record {} of the audit log",
        about.made_at, about.end.seq
    ));
    if nothing_known {
        context.ui.warn(
            "nothing here knows a later state of the store: if you have an anchor of its log, give it with --anchor",
        );
    }
    if let Some(lost) = report.lost_record {
        let from = about.end.seq.min(lost.saturating_sub(1)) + 1;
        let which =
            if from == lost { format!("record {lost}") } else { format!("the records {from} to {lost}") };
        context.ui.warn(&format!("lost by it: {which} of the audit log"));
        if report.replayed_to.is_none_or(|to| to < lost) {
            let known = report.replayed_to.unwrap_or(about.end.seq);
            context.ui.warn(&format!(
                "what was taken away behind record {known} works again: revoke it again, or give the whole log with --replay"
            ));
        }
    }
    for outcome in &report.outcomes {
        let record = outcome.record.map(|record| format!(" (record {record})")).unwrap_or_default();
        let note = outcome.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        context.ui.note(&format!("{} {} {}{record}{note}", outcome.what, outcome.kind, outcome.name));
    }
    let lost = report.outcomes.iter().filter(|outcome| outcome.what == "lost").count();
    if lost > 0 {
        context.ui.warn(&format!("{} could not be had again", counted(lost as u64, "thing")));
    }
}
