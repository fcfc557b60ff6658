//! A plan in a file: what is carried out later is what was looked at, or nothing.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cli::error::CliError;
use crate::domain::keys::label::LabelMatch;
use crate::domain::provisioning::manifest::Manifest;
use crate::domain::time::Timestamp;
use crate::ops::provisioning::plan::Plan;
use crate::ops::provisioning::seen::Seen;
use crate::ops::provisioning::step::Choice;
use crate::render::plan::StepView;

/// What its first number says. One that is not known is refused.
const VERSION: u32 = 1;

/// Bytes of a plan that is read.
const LONGEST: usize = 64 << 20;

#[derive(Deserialize)]
pub(in crate::cli) struct PlanFile {
    keyctl_plan: u32,
    /// The store that it is for, in hyphens.
    pub store: String,
    pub planned_at: String,
    /// Where its manifest stood: what sinks that are files are below.
    pub folder: PathBuf,
    pub manifest: Manifest,
    choice: ChoiceJson,
    pub seen: Seen,
    /// The steps as they were shown.
    pub changes: serde_json::Value,
}

/// As it is written: what is read back, in one order.
#[derive(Serialize)]
struct Written<'p> {
    keyctl_plan: u32,
    store: String,
    planned_at: Timestamp,
    folder: &'p Path,
    manifest: &'p Manifest,
    choice: ChoiceJson,
    seen: Seen,
    changes: serde_json::Value,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceJson {
    select: Option<String>,
    prune: Option<usize>,
    replace_revoked: bool,
}

/// The text of a plan's file.
pub(in crate::cli) fn text(plan: &Plan, manifest: &Manifest, folder: &Path, choice: &Choice) -> String {
    let label = |label: &LabelMatch| match &label.value {
        Some(value) => format!("{}={value}", label.name),
        None => label.name.clone(),
    };
    let written = Written {
        keyctl_plan: VERSION,
        store: plan.store.hyphenated().to_string(),
        planned_at: plan.at,
        folder,
        manifest,
        choice: ChoiceJson {
            select: choice.select.as_ref().map(label),
            prune: choice.prune,
            replace_revoked: choice.replace_revoked,
        },
        seen: plan.seen(),
        changes: changes(plan),
    };
    // Strings, numbers and maps with string keys: serializing them cannot fail.
    serde_json::to_string_pretty(&written).unwrap_or_default() + "\n"
}

/// The steps as a plan's file has them.
pub(in crate::cli) fn changes(plan: &Plan) -> serde_json::Value {
    plan.steps.iter().map(|step| serde_json::to_value(StepView(step).form()).unwrap_or_default()).collect()
}

impl PlanFile {
    pub(in crate::cli) fn read(path: &Path) -> Result<Self, CliError> {
        let name = path.display();
        let again = "make it again: keyctl plan -f FILE --out PLAN";
        let text = std::fs::read_to_string(path).map_err(|error| {
            CliError::invalid(format!("{name} cannot be read: {error}"), again).because(error)
        })?;
        if text.len() > LONGEST {
            return Err(CliError::invalid(format!("{name} is too large to be a plan"), again));
        }
        let no_plan = || {
            CliError::invalid(format!("{name} is no plan that this keyctl knows; nothing was changed"), again)
        };
        let read: Self = serde_json::from_str(&text).map_err(|_| no_plan())?;
        if read.keyctl_plan != VERSION {
            return Err(no_plan());
        }
        read.manifest.check().map_err(|_| no_plan())?;
        Ok(read)
    }

    pub(in crate::cli) fn choice(&self) -> Option<Choice> {
        let select = self.choice.select.as_ref().map(|label| label.parse().ok());
        if select == Some(None) {
            return None;
        }
        Some(Choice {
            select: select.flatten(),
            prune: self.choice.prune,
            replace_revoked: self.choice.replace_revoked,
        })
    }

    pub(in crate::cli) fn at(&self) -> Option<Timestamp> {
        Timestamp::parse(&self.planned_at).ok()
    }
}
