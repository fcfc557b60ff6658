//! `keyctl doctor`

mod opened;
mod surroundings;

use crate::cli::context::{Context, system_clock};
use crate::cli::error::CliError;
use crate::cli::terminal::ui::Ui;
use crate::domain::texts::text::counted;
use crate::ops;
use crate::ops::doctor::{self, Around, AtHand, Check, Finding, Level, Report, examine, rows_to_examine};
use crate::store::{self, Access, Location, Store};

/// Look for everything that can be wrong here, and say what to do about each
///
/// Looks at the store, at what is around it on this machine, and at what is in it: keys that end soon, were
/// never used or can be guessed, tokens that were never delivered, credentials that want a sign-in, and more. What cannot be looked
/// at is said, too. Changes nothing without --fix. Ends with 0 if nobody has to do anything; with 7 for a problem
/// of the store, with 8 for one of the master key, else with 1.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl doctor
  keyctl doctor --quick -o json            for a monitor
  keyctl doctor --fix --dry-run")]
pub(crate) struct Args {
    /// Leave out what takes long for a large store: the walks over all of it, and opening every envelope
    #[arg(long)]
    quick: bool,
    /// Do what is safe: take away rights to the store's files and folder that nobody gave, make a missing index anew,
    /// move a long log into its file
    #[arg(long)]
    fix: bool,
    /// With --fix: say what would be done, change nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
    /// Name the checks that found nothing, too
    #[arg(long)]
    all: bool,
}

impl Args {
    const fn fixes(&self) -> bool {
        self.fix && !self.dry_run
    }
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let mut report = Report::default();
    surroundings::look(context, &mut report);
    match context.find() {
        Ok(location) => look_at(context, args, &location, &mut report),
        Err(error) => report.look(Check::Store, Ok(vec![opened::unusable(CliError::of(error))])),
    }
    let findings = report.told(args.all);
    Ui::whether_or_not_read(context.ui.rows(&findings))?;
    say(context, args, &findings);
    match exit_code(&findings) {
        0 => Ok(()),
        code => Err(CliError::ended(code).into()),
    }
}

fn look_at(context: &Context, args: &Args, location: &Location, report: &mut Report) {
    surroundings::look_beside(location, args.fixes(), report);
    match opened::open(context, location, report) {
        Err(error) => report.look(Check::Store, Ok(vec![opened::unusable(error)])),
        Ok(mut store) => {
            if let Err(error) = look_into(context, args, &mut store, report) {
                report.look(Check::Store, Ok(vec![opened::unusable(CliError::of(error))]));
            }
        }
    }
    if args.fixes() {
        fix(context, location, report, Check::Schema, doctor::make_indexes);
        fix(context, location, report, Check::Wal, doctor::move_log);
    }
}

fn look_into(context: &Context, args: &Args, store: &mut Store, report: &mut Report) -> anyhow::Result<()> {
    let at_hand = match context.ring_if_given(store).map_err(CliError::of) {
        Ok(ring) => ring.map_or(AtHand::Nothing, AtHand::Ring),
        Err(CliError { message, hint, .. }) => AtHand::Unusable { message, hint: hint.unwrap_or_default() },
    };
    let is_local = context.is_local().unwrap_or(true);
    let around = Around { at_hand: &at_hand, is_local, quick: args.quick, clock: system_clock };
    let mut progress = context.ui.progress();
    progress.total(|| rows_to_examine(store, args.quick));
    Ok(examine(store, report, &around, &mut |rows| progress.rows(rows))?)
}

/// Does what is safe of this check, if something of that was found: the store is opened for changes only then.
fn fix(
    context: &Context,
    location: &Location,
    report: &mut Report,
    check: Check,
    done: fn(&mut Store) -> Result<(), ops::Error>,
) {
    let found = report.findings.iter_mut().find(|finding| finding.check == check && finding.fixable);
    let Some(finding) = found else { return };
    let fixed = Store::open(location, Access::Change, context.options())
        .map_err(Into::into)
        .and_then(|mut store| done(&mut store));
    match fixed {
        Ok(()) => finding.fixed = true,
        Err(error) => finding.what = format!("{}; it could not be done now: {error}", finding.what),
    }
}

/// In one line what it came to.
fn say(context: &Context, args: &Args, findings: &[Finding]) {
    for finding in findings.iter().filter(|finding| finding.fixed) {
        context.ui.note(&format!("fixed: {}", finding.what));
    }
    let fixable = || findings.iter().filter(|finding| finding.fixable && !finding.fixed);
    if args.dry_run {
        fixable().for_each(|finding| context.ui.note(&format!("dry run: would fix: {}", finding.what)));
    } else if !args.fix && fixable().next().is_some() {
        context.ui.note("some of it is safe to be done at once: keyctl doctor --fix --dry-run says what");
    }
    let of =
        |level| findings.iter().filter(|finding| finding.level == level && !finding.fixed).count() as u64;
    let named = [(Level::Problem, "problem"), (Level::Warning, "warning"), (Level::Note, "note")];
    let counts: Vec<String> = named
        .into_iter()
        .filter(|(level, _)| of(*level) > 0)
        .map(|(level, name)| counted(of(level), name))
        .collect();
    let left_out = if args.quick {
        "; --quick left out the walk over all of the store and the opening of envelopes"
    } else {
        ""
    };
    if counts.is_empty() {
        context.ui.note(&format!("nothing was found{left_out}"));
    } else {
        context.ui.note(&format!("{}{left_out}", counts.join(", ")));
    }
}

/// The worst of what somebody has to do something about.
fn exit_code(findings: &[Finding]) -> u8 {
    let needing = || findings.iter().filter(|finding| finding.needs_somebody());
    if needing().any(|finding| finding.level == Level::Problem && finding.check.is_of_store()) {
        7
    } else if needing().any(|finding| finding.check == Check::MasterKey && finding.looked) {
        8
    } else {
        u8::from(needing().next().is_some())
    }
}

/// What others may do with the files of a store, and whether that was ended.
fn exposed(location: &Location, fixes: bool) -> Vec<(store::Exposure, bool)> {
    let found = store::exposures(location);
    if !fixes || !found.iter().any(|one| one.mendable) {
        return found.into_iter().map(|one| (one, false)).collect();
    }
    // What did not work shows by what is still so.
    let _ = store::mend_exposures(location);
    let left = store::exposures(location);
    found
        .into_iter()
        .map(|one| {
            let ended = !left.contains(&one);
            (one, ended)
        })
        .collect()
}
