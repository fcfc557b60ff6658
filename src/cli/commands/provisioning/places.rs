//! Where the sinks of a plan are.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::cli::context::Context;
use crate::cli::files::guard::Keys;
use crate::cli::inputs::manifest::Manifests;
use crate::cli::outputs::delivery::to_stdout;
use crate::cli::outputs::sinks::{Leftovers, Places, Sink, SinkCommand};
use crate::config::environment;
use crate::domain::provisioning::manifest::{KeyPath, Manifest};
use crate::ops::provisioning::apply::makes_token;
use crate::ops::provisioning::plan::Plan;
use crate::ops::provisioning::step::Object;

/// What the places of sinks are made of.
pub(super) struct Named {
    root: PathBuf,
    kept: Vec<(PathBuf, &'static str)>,
    github_output: Option<PathBuf>,
    commands: BTreeMap<String, SinkCommand>,
    path: Option<OsString>,
}

impl Named {
    /// Below this folder, or that of the first manifest.
    pub(super) fn of(
        context: &Context,
        root: Option<&Path>,
        manifests: &Manifests,
        plan: Option<&Path>,
    ) -> Self {
        let mut kept = context.never_written(Keys::Kept);
        kept.extend(manifests.files.iter().map(|path| (path.clone(), "a file of the manifest")));
        kept.extend(plan.map(|path| (path.to_owned(), "the plan")));
        Self {
            root: root.unwrap_or(&manifests.folder).to_owned(),
            kept,
            github_output: environment::github_output(),
            commands: context.settings.sinks.clone(),
            path: environment::path(),
        }
    }

    pub(super) fn places(&self) -> Places<'_> {
        Places {
            root: &self.root,
            kept: &self.kept,
            github_output: self.github_output.as_deref(),
            commands: &self.commands,
            path: self.path.as_deref(),
            stdout: &to_stdout,
            leftovers: Leftovers::default(),
        }
    }
}

/// The sinks that wait for a token of a plan, each with the key that it is of.
pub(super) fn awaiting<'p>(
    plan: &'p Plan,
    manifest: &'p Manifest,
) -> impl Iterator<Item = (&'p KeyPath, &'p Sink)> {
    plan.steps.iter().filter(|step| makes_token(step)).flat_map(|step| {
        let path = if let Object::Key(path) = &step.object { Some(path) } else { None };
        path.into_iter().flat_map(|path| manifest.keys[path].sinks.iter().map(move |sink| (path, sink)))
    })
}
