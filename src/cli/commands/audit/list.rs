//! `keyctl audit list`

use crate::cli::commands::list::limit;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::audit_filter::Filter;
use crate::ops::audit::{newest, select};
use crate::render::Format;
use crate::render::audit::RecordView;

/// List the records, oldest first
///
/// On a terminal the newest 50 are shown, elsewhere all.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only the newest so many; 0 for all
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = limit)]
    limit: Option<u32>,
}

const SHOWN_TO_PEOPLE: u32 = 50;

pub(super) fn run(context: &mut Context, args: &Args) -> Result<(), CliError> {
    let mut store = context.open()?;
    let newest_wanted = match (args.limit, context.ui.format()) {
        (Some(0), _) => None,
        (Some(limit), _) => Some(limit),
        (None, Format::Table) => Some(SHOWN_TO_PEOPLE),
        (None, _) => None,
    };
    let filter = Filter::default();
    let last = store.audit_last()?;
    let after = match newest_wanted {
        Some(count) => newest(&mut store, &filter, u64::from(count), last)?,
        None => 0,
    };
    let now = store.now()?;
    context.ui.list(now, |out| {
        select(&mut store, &filter, after, last, |record| Ok::<_, CliError>(out.push(&RecordView(record))?))
    })
}
