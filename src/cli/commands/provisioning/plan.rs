//! `keyctl plan`

use std::io::Write as _;
use std::path::PathBuf;

use super::places::{Named, awaiting};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files::out_file::OutFile;
use crate::cli::files::plan_file;
use crate::cli::inputs::manifest::Manifests;
use crate::cli::outputs::sinks;
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::label::LabelMatch;
use crate::domain::texts::text::counted;
use crate::ops::provisioning::apply::plan_now;
use crate::ops::provisioning::plan::Plan;
use crate::ops::provisioning::step::{Choice, PlanError};
use crate::render::plan::{PlanView, StepView, lines};
use crate::render::{Format, Unwritten};

/// Of the sinks that cannot be written so many are told of, and all are counted.
const TOLD: u64 = 20;

/// What a manifest's keys may be revoked without being asked for on purpose.
const PRUNED_AT_ONCE: usize = 5;

/// Show what a manifest would change
///
/// A manifest declares owners, roles, keys, what is bound to them and where their tokens go, in YAML, TOML or
/// JSON; it never holds a token. Nothing is changed, and no command is run; what of the sinks could not be written from here is
/// said.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl plan -f keys.yaml
  keyctl plan -f keys.yaml --out plan.json     for keyctl apply --plan plan.json
  keyctl plan -f keys/ --exit-code             10 if there is something to change")]
pub(crate) struct Args {
    #[command(flatten)]
    chosen: ChosenArgs,
    /// Exit with 10 if there is something to change
    #[arg(long)]
    exit_code: bool,
    /// Write the plan into this file, for keyctl apply --plan
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Print the JSON Schema of manifests, for an editor, and do nothing else
    #[arg(long, exclusive = true)]
    schema: bool,
}

/// Which manifest, and what of it.
#[derive(Debug, clap::Args)]
pub(super) struct ChosenArgs {
    /// The manifest: a file, a folder of them, or - for standard input; repeat it for more of the same manifest
    #[arg(short, long = "file", value_name = "PATH")]
    pub files: Vec<PathBuf>,
    /// Only keys with this label, as in team=search or team, and nothing else of the manifest
    #[arg(long, value_name = "LABEL", conflicts_with = "prune")]
    select: Option<LabelMatch>,
    /// Revoke the keys that this manifest made and does not declare any more
    #[arg(long)]
    prune: bool,
    /// So many at most [default: 5]
    #[arg(long, value_name = "N", requires = "prune")]
    prune_max: Option<usize>,
    /// Make keys again that were revoked
    #[arg(long)]
    replace_revoked: bool,
    /// Below which all files of sinks are [default: the folder of the first manifest]
    #[arg(long, value_name = "FOLDER")]
    pub sink_root: Option<PathBuf>,
}

impl ChosenArgs {
    pub(super) fn choice(&self) -> Choice {
        Choice {
            select: self.select.clone(),
            prune: self.prune.then(|| self.prune_max.unwrap_or(PRUNED_AT_ONCE)),
            replace_revoked: self.replace_revoked,
        }
    }

    pub(super) fn read(&self) -> Result<Manifests, CliError> {
        if self.files.is_empty() {
            return Err(CliError::invalid(
                "no manifest was named",
                "name one: -f keys.yaml, or - for standard input",
            ));
        }
        Manifests::read(&self.files)
    }
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    if args.schema {
        return Ui::text(include_bytes!("../../../../docs/manifest.schema.json"));
    }
    let manifests = args.chosen.read()?;
    let choice = args.chosen.choice();
    let mut store = context.open_to_find()?;
    let plan =
        plan_now(&mut store, &manifests.manifest, &choice).map_err(|error| planned(error, &manifests))?;
    drop(store);
    if let Some(path) = &args.out {
        let mut file = OutFile::create(path)?;
        let text = plan_file::text(&plan, &manifests.manifest, &manifests.folder, &choice);
        file.write_all(text.as_bytes()).map_err(|error| file.explain(Unwritten(error)))?;
        file.finish()?;
    }
    show(context, &plan)?;
    look_at_sinks(context, args, &manifests, &plan);
    let is_something_to_do = !plan.steps.is_empty();
    // The process ends: to free ten thousand keys one by one would take a tenth of its time.
    std::mem::forget((plan, manifests));
    if args.exit_code && is_something_to_do {
        return Err(CliError::ended(10).into());
    }
    Ok(())
}

/// What could not be delivered from here: a plan may be made where its tokens never come to, so it is one all the same.
fn look_at_sinks(context: &Context, args: &Args, manifests: &Manifests, plan: &Plan) {
    let named = Named::of(context, args.chosen.sink_root.as_deref(), manifests, args.out.as_deref());
    let places = named.places();
    let failing = awaiting(plan, &manifests.manifest)
        .filter_map(|(path, sink)| Some((path, sinks::check(sink, &places).err()?)));
    let mut count = 0;
    for (path, failure) in failing {
        count += 1;
        if count <= TOLD {
            context.ui.warn(&format!("key {path}: {failure}; {}", failure.hint));
        }
    }
    if count > 0 {
        context.ui.note(&format!("keyctl apply would refuse that here: {}", counted(count, "sink")));
    }
}

/// What is wrong with the manifest, at its place; or with the store.
pub(super) fn planned(error: PlanError, manifests: &Manifests) -> anyhow::Error {
    match error {
        PlanError::Fault(fault) => manifests.refused(&fault).into(),
        PlanError::Forbidden(faults) => manifests.forbidden(&faults).into(),
        PlanError::Other(error) => error.into(),
    }
}

/// The plan, in the form that was asked for; for people with a line of what it comes to.
pub(super) fn show(context: &Context, plan: &Plan) -> anyhow::Result<()> {
    let ui = &context.ui;
    match ui.format() {
        Format::Json | Format::Jsonl => ui.show(&PlanView(plan), plan.at)?,
        Format::Table => {
            let screen = ui.screen(plan.at);
            let text: String = plan.steps.iter().map(|step| lines(step, &screen)).collect();
            Ui::text(text.as_bytes())?;
        }
        _ => ui.rows(&plan.steps.iter().map(StepView).collect::<Vec<_>>())?,
    }
    for held in &plan.held_back {
        ui.note(&format!("{} is left as it is: {}", held.object, held.why));
    }
    let name = plan.manifest.as_str();
    ui.note(&match plan.steps.len() as u64 {
        0 => format!("the store is as the manifest {name} declares it"),
        count => format!("the manifest {name} asks for {}", counted(count, "change")),
    });
    Ok(())
}
