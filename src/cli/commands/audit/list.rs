//! `keyctl audit list`

use std::time::Duration;

use super::filter::{FilterArgs, nothing};
use crate::cli::commands::keys::list::limit;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::terminal::ui::Ui;
use crate::ops::audit::{Follow, newest, select};
use crate::render::audit::RecordView;
use crate::render::{Format, ListWriter};
use crate::store::Store;

/// List the records, oldest first
///
/// On a terminal the newest 50 are shown, elsewhere all. With --follow, those are the newest
/// 10, and each new record follows until Ctrl-C; a database that is away for less than a minute
/// is waited for.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl audit list --since 24h --owner alice
  keyctl audit list --action revoke --actor ci-bot
  keyctl audit list --outcome refused --follow -o jsonl")]
pub(crate) struct Args {
    #[command(flatten)]
    filter: FilterArgs,
    /// Only the newest so many; 0 for all
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = limit)]
    limit: Option<u32>,
    /// Go on with each new record as it is committed
    #[arg(short, long)]
    follow: bool,
}

const SHOWN_TO_PEOPLE: u32 = 50;
const SHOWN_BEFORE_FOLLOWING: u32 = 10;

/// How often a followed log is looked at.
const INTERVAL: Duration = Duration::from_millis(500);
/// How often in a row that may fail: for about a minute.
const FAILURES: u32 = 120;

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    if args.follow && context.ui.format() == Format::Json {
        return Err(
            CliError::invalid("--follow has no end, and a JSON array needs one", "use -o jsonl").into()
        );
    }
    let mut store = context.open()?;
    let now = store.now()?;
    let filter = args.filter.resolve(&context.ui, &mut store, now)?;
    let last = store.audit_last()?;
    let after = match args.newest(context.ui.format()) {
        Some(count) => newest(&mut store, &filter, u64::from(count), last)?,
        None => 0,
    };
    if args.follow {
        let follow = Follow::from(&mut store, filter, after)?;
        let mut watch = Watch { store: Some(store), follow, failures: 0 };
        return context.ui.stream(|out| watch.run(context, out));
    }
    let mut listed = 0;
    context.ui.list(now, |out| {
        select(&mut store, &filter, after, last, |record| {
            listed += 1;
            anyhow::Ok(out.push(&RecordView(record))?)
        })
    })?;
    if listed == 0 {
        context.ui.note(&nothing(&filter));
    }
    Ok(())
}

impl Args {
    fn newest(&self, format: Format) -> Option<u32> {
        match self.limit {
            Some(0) => None,
            Some(limit) => Some(limit),
            None if format != Format::Table => None,
            None if self.follow => Some(SHOWN_BEFORE_FOLLOWING),
            None => Some(SHOWN_TO_PEOPLE),
        }
    }
}

/// A followed log, and the connection to it while there is one.
struct Watch {
    store: Option<Store>,
    follow: Follow,
    failures: u32,
}

impl Watch {
    /// Ends by an error alone; Ctrl-C ends the process, as nobody's catching it.
    fn run(&mut self, context: &Context, out: &mut ListWriter<'_>) -> anyhow::Result<()> {
        loop {
            match self.poll(context, out) {
                Ok(()) => self.failures = 0,
                Err(error) => self.bear(context, error)?,
            }
            out.flush()?;
            Ui::pause(INTERVAL)?;
        }
    }

    fn poll(&mut self, context: &Context, out: &mut ListWriter<'_>) -> anyhow::Result<()> {
        let store = if let Some(store) = &mut self.store {
            store
        } else {
            let mut store = context.reopen()?;
            self.follow.resume(&mut store)?;
            self.store.insert(store)
        };
        self.follow.poll(store, |record| anyhow::Ok(out.push(&RecordView(record))?))
    }

    /// A database that is away may come back: that is said once.
    fn bear(&mut self, context: &Context, error: anyhow::Error) -> anyhow::Result<()> {
        let error = CliError::of(error);
        let away = matches!(error.kind, Kind::Store | Kind::Busy);
        if !away || self.failures == FAILURES {
            return Err(error.into());
        }
        if self.failures == 0 {
            context.ui.note(&format!("{error}; waiting for the store to come back"));
        }
        self.failures += 1;
        self.store = None;
        Ok(())
    }
}
