//! `keyctl audit`

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::ops::audit;
use crate::render::Format;
use crate::render::audit::RecordView;

/// Read the log of all changes, and check that it is whole
#[expect(missing_docs, reason = "the help of each variant stands on its arguments")]
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    List(ListArgs),
    Verify(VerifyArgs),
}

/// List the records, oldest first
///
/// On a terminal the newest 50 are shown, elsewhere all.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only the newest so many; 0 for all
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = super::list::limit)]
    limit: Option<u32>,
}

/// Check that no record is missing or altered
///
/// Each record's hash covers the one before. That proves order and completeness up to the
/// last hash, which is printed: keep it elsewhere, since who can write the database can
/// write a new chain.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {}

const SHOWN_TO_PEOPLE: u32 = 50;

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> Result<(), CliError> {
    match command {
        Command::List(args) => list(context, args),
        Command::Verify(VerifyArgs {}) => verify(context),
    }
}

fn list(context: &mut Context, args: &ListArgs) -> Result<(), CliError> {
    let mut store = context.open()?;
    let newest = match (args.limit, context.ui.format()) {
        (Some(0), _) => None,
        (Some(limit), _) => Some(limit),
        (None, Format::Table) => Some(SHOWN_TO_PEOPLE),
        (None, _) => None,
    };
    let after = match newest {
        Some(count) => audit::start_of_newest(&mut store, u64::from(count))?,
        None => 0,
    };
    let now = store.now()?;
    context.ui.list(now, |out| {
        audit::records(&mut store, after, |record| Ok::<_, CliError>(out.push(&RecordView(record))?))
    })
}

fn verify(context: &mut Context) -> Result<(), CliError> {
    let mut store = context.open()?;
    let now = store.now()?;
    let mut progress = context.ui.progress();
    progress.total(|| store.head().ok().map(|head| head.audit_seq));
    let verified = audit::verify(&mut store, |done| progress.rows(done));
    drop(progress);
    context.ui.show(&verified?, now)
}
