//! `keyctl apply`

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::places::{Named, awaiting};
use super::plan::{ChosenArgs, planned, show};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::files::plan_file::{self, PlanFile};
use crate::cli::inputs::manifest::Manifests;
use crate::cli::outputs::sinks::{self, Facts, Places};
use crate::cli::terminal::progress::Progress;
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::key::Key;
use crate::domain::keys::token::Token;
use crate::domain::provisioning::sink::Sink;
use crate::domain::texts::text::counted;
use crate::domain::time::Span;
use crate::ops::env::Env;
use crate::ops::provisioning::apply::{
    Applied, Deliveries, HOLD, Hold, Undelivered, apply, check_unchanged, makes_token, plan_as_of, plan_now,
};
use crate::ops::provisioning::plan::Plan;
use crate::ops::provisioning::step::Choice;
use crate::render::plan::AppliedView;

/// How often a manifest that somebody else applies is asked for.
const ASKED_EVERY: Duration = Duration::from_millis(250);

/// Make the store as a manifest declares it
///
/// New tokens go to the sinks that the manifest names for their keys; the old ones go on working until that is done, and
/// for their grace. Running it again changes nothing. Up to 500 changes are one transaction; what is interrupted is
/// finished by the next run.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl apply -f keys.yaml
  keyctl apply -f keys.yaml --yes              in a pipeline
  keyctl apply --plan plan.json                a plan of keyctl plan --out
  keyctl apply -f keys.yaml --select team=search --sink-root /etc/team")]
pub(crate) struct Args {
    #[command(flatten)]
    chosen: ChosenArgs,
    /// Carry out this plan of keyctl plan --out: just that, or nothing if what it read has changed
    #[arg(long, value_name = "PATH", conflicts_with_all = ["files", "select", "prune", "prune_max", "replace_revoked"])]
    plan: Option<PathBuf>,
    /// How long to wait while somebody else applies the same manifest, as in 10m
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    wait: Span,
    /// Try everything, change nothing, deliver nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let (manifests, choice, file) = match &args.plan {
        None => (args.chosen.read()?, args.chosen.choice(), None),
        Some(path) => {
            let file = PlanFile::read(path)?;
            let choice =
                file.choice().ok_or_else(|| CliError::invalid("the plan is damaged", "make it again"))?;
            (Manifests::of_plan(file.manifest.clone(), file.folder.clone()), choice, Some(file))
        }
    };
    let mut env = context.open_env(args.dry_run)?;
    let holder = Hold::name(&mut env)?;
    let lasts = lasts(context);
    let hold = Hold { manifest: manifests.manifest.name.value.as_str(), holder: &holder, lasts };
    if !args.dry_run {
        wait_for(context, &mut env, &hold, args.wait)?;
    }
    let done = held(context, args, &mut env, &manifests, &choice, file.as_ref(), &hold);
    if !args.dry_run {
        hold.release(&mut env);
    }
    done
}

/// How long a manifest is held: longer than any command may take that gets a token.
fn lasts(context: &Context) -> Span {
    let longest = context.settings.sinks.values().map(|command| command.timeout.as_secs()).max();
    let longest = longest.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or_default();
    Span::from_secs(longest.saturating_add(30)).map_or(HOLD, |lasts| lasts.max(HOLD))
}

/// Measures waits and deliveries.
#[expect(clippy::disallowed_methods, reason = "the one place of this command that measures")]
fn stopwatch() -> Instant {
    Instant::now()
}

/// One pipeline applies a manifest at a time: two would deliver two tokens to one place.
fn wait_for(context: &Context, env: &mut Env, hold: &Hold<'_>, wait: Span) -> anyhow::Result<()> {
    let begun = stopwatch();
    let most = Duration::from_secs(wait.as_secs().unsigned_abs());
    let mut told = false;
    while !hold.take(env)? {
        if begun.elapsed() >= most {
            let message = format!("somebody else applies the manifest {}; waited {wait}", hold.manifest);
            return Err(
                CliError::new(Kind::Busy, message, "try again later, or wait longer: --wait 30m").into()
            );
        }
        if !told {
            context.ui.note(&format!("somebody else applies the manifest {}: waiting …", hold.manifest));
            told = true;
        }
        Ui::pause(ASKED_EVERY)?;
    }
    Ok(())
}

fn held(
    context: &mut Context,
    args: &Args,
    env: &mut Env,
    manifests: &Manifests,
    choice: &Choice,
    file: Option<&PlanFile>,
    hold: &Hold<'_>,
) -> anyhow::Result<()> {
    let manifest = &manifests.manifest;
    let plan = match file {
        None => plan_now(&mut env.store, manifest, choice).map_err(|error| planned(error, manifests))?,
        Some(file) => as_planned(env, manifests, choice, file)?,
    };
    if !context.ui.reports_json() {
        show(context, &plan)?;
    }
    let named = Named::of(context, args.chosen.sink_root.as_deref(), manifests, args.plan.as_deref());
    let places = named.places();
    for (path, sink) in awaiting(&plan, manifest) {
        if matches!(sink, Sink::GithubOutput { .. }) && context.ui.reports_json() {
            return Err(CliError::invalid(
                format!("key {path}: {sink} has its token masked by a line on standard output, where JSON would stand; nothing was changed"),
                "leave -o json out",
            )
            .into());
        }
        sinks::check(sink, &places).map_err(|failure| {
            CliError::invalid(format!("key {path}: {failure}; nothing was changed"), failure.hint.clone())
        })?;
    }
    if !plan.steps.is_empty() && file.is_none() && !args.dry_run {
        let count = counted(plan.steps.len() as u64, "change");
        context.confirm(&format!("apply {count} of the manifest {}?", hold.manifest))?;
    }
    let progress = context.ui.progress();
    let of = plan.steps.iter().filter(|step| makes_token(step)).count() as u64;
    progress.total(|| Some(of));
    let mut to_sinks = ToSinks { places: &places, progress, notes: Vec::new(), begun: stopwatch() };
    let applied = apply(env, manifest, &plan, hold, &mut to_sinks)?;
    let ToSinks { notes, progress, .. } = to_sinks;
    drop(progress);
    for note in &notes {
        context.ui.note(note);
    }
    report(context, args, &plan, &applied)
}

/// The plan of a file, if it is still the one.
fn as_planned(
    env: &mut Env,
    manifests: &Manifests,
    choice: &Choice,
    file: &PlanFile,
) -> anyhow::Result<Plan> {
    let damaged =
        || CliError::invalid("the plan is damaged; nothing was changed", "make it again: keyctl plan --out");
    let at = file.at().ok_or_else(damaged)?;
    let plan = plan_as_of(&mut env.store, &manifests.manifest, choice, at)
        .map_err(|error| planned(error, manifests))?;
    if plan.store.hyphenated().to_string() != file.store {
        let message = "the plan is for another store; nothing was changed";
        return Err(
            CliError::new(Kind::Conflict, message, "name the store that it was made for: --store").into()
        );
    }
    check_unchanged(&file.seen, &plan)?;
    if plan_file::changes(&plan) != file.changes {
        let message = "the plan says something else than this keyctl would do; nothing was changed";
        return Err(CliError::new(Kind::Conflict, message, "make it again with this keyctl").into());
    }
    Ok(plan)
}

/// Tokens on their way to sinks, for who waits at a terminal.
struct ToSinks<'p> {
    places: &'p Places<'p>,
    progress: Progress,
    notes: Vec<String>,
    begun: Instant,
}

impl Deliveries for ToSinks<'_> {
    fn deliver(&mut self, sink: &Sink, token: &Token, key: &Key) -> Result<(), Undelivered> {
        let facts = facts(key, token);
        match sinks::deliver(sink, token, &facts, self.places) {
            Ok(delivered) => {
                self.notes.extend(delivered.notes);
                Ok(())
            }
            Err(failure) => Err(Undelivered { why: failure.what, hint: failure.hint }),
        }
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn progress(&mut self, done: u64, _: u64) {
        self.progress.rows(done);
    }
}

/// What a sink may be told of a token.
fn facts(key: &Key, token: &Token) -> Facts {
    let prefix = token.display_prefix();
    let others = key.token.iter().chain(&key.previous_token).chain(&key.pending_tokens);
    let living = others.map(|other| &other.prefix).filter(|other| **other != prefix);
    Facts {
        owner: key.owner.to_string(),
        name: key.name.to_string(),
        key_id: key.id.to_string(),
        living: living.map(ToString::to_string).collect(),
        prefix: prefix.to_string(),
    }
}

fn report(context: &Context, args: &Args, plan: &Plan, applied: &Applied) -> anyhow::Result<()> {
    let ui = &context.ui;
    for failed in &applied.failed {
        let place = failed.sink.as_ref().map(|sink| format!(", {sink}")).unwrap_or_default();
        ui.warn(&format!("key {}{place}: {}", failed.key, failed.why));
    }
    let done: u64 = applied.done.values().sum();
    let delivered = counted(applied.delivered, "token");
    if args.dry_run {
        ui.note(&format!("dry run: would make {}; nothing was changed", counted(done, "change")));
    } else if done > 0 {
        ui.note(&format!("made {}, delivered {delivered}", counted(done, "change")));
    }
    if ui.reports_json() {
        let shown = ui.show(&AppliedView { plan, applied }, plan.at);
        shown.map_err(|error| {
            if args.dry_run { error } else { CliError::of(error).after("the manifest is applied").into() }
        })?;
    }
    let Some(first) = applied.failed.first() else { return Ok(()) };
    let count = counted(applied.failed.len() as u64, "token");
    let message = format!(
        "{count} could not be brought to all that wait for them; the changes are made, and what worked before goes on working"
    );
    let hint = if first.hint.is_empty() { String::new() } else { format!("{}; ", first.hint) };
    Err(CliError::new(Kind::Output, message, format!("{hint}then run it again: it delivers new ones")).into())
}
