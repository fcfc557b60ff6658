//! `keyctl audit verify`

use crate::cli::context::Context;
use crate::cli::inputs::anchors::{self, AnchorArg};
use crate::ops::audit::verify_against;

/// Check that no record is missing or altered
///
/// Each record's hash covers the one before, which proves order and completeness. Who can
/// write the database can also cut the log's end off, put an older database back or write a
/// new chain: that shows only against an anchor that keyctl audit checkpoint printed before and
/// that was kept elsewhere. An anchor of another store exits with 4, a log that is not as it was
/// with 7.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl audit verify
  keyctl audit verify --anchor @anchors.txt
  ssh elsewhere cat anchors.txt | keyctl audit verify --anchor -")]
pub(crate) struct Args {
    /// An anchor that the log must contain; @FILE or - for many, one a line
    #[arg(long = "anchor", value_name = "ANCHOR")]
    anchors: Vec<AnchorArg>,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let anchors = anchors::read(&args.anchors)?;
    let mut store = context.open()?;
    let now = store.now()?;
    let mut progress = context.ui.progress();
    progress.total(|| store.head().ok().map(|head| head.audit_seq));
    let verified = verify_against(&mut store, &anchors, |done| progress.rows(done));
    drop(progress);
    context.ui.show(&verified?, now)
}
