//! `keyctl dump`

use crate::cli::context::Context;
use crate::cli::terminal::ui::Ui;
use crate::domain::provisioning::manifest::ManifestName;
use crate::ops::provisioning::dump::dump;
use crate::render::Format;
use crate::render::manifest::{json, yaml};

/// Write the manifest of what is in the store
///
/// Owners, roles, live keys, bindings and trusts, as YAML on standard output, or as JSON with -o json; no token and no secret, and no sinks,
/// which the store knows of keys of a manifest alone. keyctl plan on it shows no change.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl dump --name team-a > keys.yaml
  keyctl plan -f keys.yaml")]
pub(crate) struct Args {
    /// What the manifest is called
    #[arg(long, value_name = "NAME", default_value = "store")]
    name: String,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let name: ManifestName = args.name.parse().map_err(|error| {
        crate::cli::error::CliError::invalid(format!("--name: {error}"), "choose a name as of an owner")
    })?;
    let mut store = context.open()?;
    let manifest = dump(&mut store, &name)?;
    let text = match context.ui.chosen() {
        Some(Format::Json | Format::Jsonl) => json(&manifest),
        _ => yaml(&manifest),
    };
    Ui::text(text.as_bytes())
}
