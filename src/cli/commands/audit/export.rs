//! `keyctl audit export`

use std::path::PathBuf;

use super::filter::{FilterArgs, nothing};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::files::guard::Keys;
use crate::cli::files::out_file::OutFile;
use crate::domain::audit::anchor::LAST_SEQ;
use crate::ops::audit::{Exported, export};
use crate::render::audit::LinkedView;
use crate::render::{Format, ListWriter};

/// Write the records out, with all that their hashes cover
///
/// As JSON lines, or CSV with -o csv. The chain is checked on the way. All records of a broken
/// log are written, too; then the exit code is 7.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl audit export --out-file audit.jsonl
  keyctl audit export --since-seq 1201 >> audit.jsonl
  keyctl audit export -o csv --since 30d")]
pub(crate) struct Args {
    /// From this record on
    #[arg(long, value_name = "NUMBER", default_value = "1", hide_default_value = true)]
    #[arg(allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..=LAST_SEQ))]
    since_seq: u64,
    #[command(flatten)]
    filter: FilterArgs,
    /// Write into this new file (mode 0600) instead; it appears complete or not at all
    #[arg(long, value_name = "PATH")]
    out_file: Option<PathBuf>,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let format = match context.ui.chosen() {
        None | Some(Format::Jsonl) => Format::Jsonl,
        Some(csv @ (Format::Csv | Format::RawCsv)) => csv,
        Some(_) => {
            return Err(
                CliError::invalid("records are exported as jsonl or csv", "use -o jsonl or -o csv").into()
            );
        }
    };
    context.keep_off(args.out_file.as_deref(), Keys::Kept)?;
    let mut store = context.open()?;
    let now = store.now()?;
    let filter = args.filter.resolve(&context.ui, &mut store, now)?;
    let mut write = |out: &mut ListWriter<'_>| {
        export(&mut store, args.since_seq, &filter, |record| anyhow::Ok(out.push(&LinkedView(record))?))
    };
    let exported = match &args.out_file {
        None => context.ui.list_as(format, &mut write)?,
        Some(path) => {
            let mut file = OutFile::create(path)?;
            let mut out = ListWriter::new(&mut file, format, context.ui.lasting_screen());
            let written = write(&mut out).and_then(|exported| {
                out.finish()?;
                Ok(exported)
            });
            let exported = written.map_err(|error| file.explain(error))?;
            file.finish()?;
            context.ui.note(&format!("{} records are in {}", exported.records, path.display()));
            exported
        }
    };
    if exported.records == 0 {
        context.ui.note(&nothing(&filter));
    }
    Ok(whole(&exported)?)
}

/// The records are out by now, whether or not they prove anything.
fn whole(exported: &Exported) -> Result<(), CliError> {
    let Some(broken) = &exported.broken else { return Ok(()) };
    Err(CliError::new(
        Kind::Damaged,
        format!(
            "the audit log is broken: {broken}; all {} records were exported as they are",
            exported.records
        ),
        "compare with an export or an anchor kept elsewhere",
    ))
}
