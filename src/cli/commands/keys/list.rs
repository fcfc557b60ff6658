//! `keyctl list`

use clap::ValueEnum;

use crate::cli::arguments::filter::FilterArgs;
use crate::cli::arguments::meant::slip;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::id::KeyId;
use crate::domain::owners::owner::Owner;
use crate::domain::texts::text::Shown;
use crate::ops::keys::list::{cursor, list};
use crate::ops::near::owner_meant;
use crate::render::Format;
use crate::render::key::{COLUMNS, KeyColumns, KeyView, Listed};
use crate::store::{Filter, Order, Page};

/// List keys
///
/// Keys that are not revoked; --all shows those, too. On a terminal the first 100 are shown,
/// elsewhere all.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl list
  keyctl list alice --all
  keyctl list --sort expiry --limit 20 -o json")]
pub(crate) struct Args {
    /// Only this owner's keys
    #[arg(add = Stored::Owners)]
    owner: Option<Owner>,
    /// The same
    #[arg(long = "owner", value_name = "OWNER", conflicts_with = "owner", add = Stored::Owners)]
    of_owner: Option<Owner>,
    /// Revoked keys, too
    #[arg(short, long)]
    all: bool,
    /// Only canaries, which mint --canary made: every service refuses them as revoked keys
    #[arg(long)]
    canaries: bool,
    #[command(flatten)]
    filter: FilterArgs,
    /// In which order
    #[arg(long, value_name = "ORDER", default_value = "created")]
    sort: Sort,
    /// At most so many; 0 for all
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = limit)]
    limit: Option<u32>,
    /// Only those behind this key: the last one of the page before
    #[arg(long, value_name = "KEY_ID", add = Stored::Keys)]
    cursor: Option<KeyId>,
    /// Which columns, in this order, separated by commas, as in key,state,labels; where they do not
    /// fit side by side, each stands on a line of its own
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    columns: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sort {
    /// Newest first
    Created,
    /// By owner and name
    Name,
    /// The next to expire first
    Expiry,
}

/// A count, where 0 stands for all.
pub(in crate::cli) fn limit(text: &str) -> Result<u32, &'static str> {
    text.parse().map_err(|_| "write a whole number, 0 for all")
}

const SHOWN_TO_PEOPLE: u32 = 100;

impl Args {
    fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref().or(self.of_owner.as_ref())
    }

    /// What to say where there is nothing to list.
    fn nothing(&self, meant: Option<&Owner>) -> String {
        match (self.owner(), self.all) {
            _ if self.cursor.is_some() => "no more keys".to_owned(),
            _ if self.canaries => "no canaries; make one with: keyctl mint OWNER --canary".to_owned(),
            _ if self.filter.is_given() => "no key matches; keyctl list shows all live ones".to_owned(),
            (Some(owner), _) if meant.is_some() => {
                let meant = meant.map(Owner::as_str).unwrap_or_default();
                format!("{} has no keys; did you mean {meant}?", Shown(owner.as_str()))
            }
            (Some(owner), true) => format!("{} has no keys", Shown(owner.as_str())),
            (Some(owner), false) => {
                format!("{} has no live keys; --all shows revoked ones", Shown(owner.as_str()))
            }
            (None, true) => "no keys; make one with: keyctl mint OWNER --scope SCOPE".to_owned(),
            (None, false) => "no live keys; make one with: keyctl mint OWNER --scope SCOPE".to_owned(),
        }
    }
}

impl Args {
    fn columns(&self, context: &Context) -> Result<Option<Vec<&'static str>>, CliError> {
        if self.columns.is_empty() {
            return Ok(None);
        }
        if matches!(context.ui.format(), Format::Json | Format::Jsonl) {
            let hint = "JSON has every field; choose with -o csv, plain or table";
            return Err(CliError::invalid("--columns goes with tables, CSV and plain lines", hint));
        }
        let known = |name: &String| {
            COLUMNS.iter().copied().find(|column| column == name).ok_or_else(|| {
                let message = format!("there is no column {}", Shown(name));
                let meant = slip(name, COLUMNS.into_iter());
                let meant = meant.map(|meant| format!("did you mean {meant}? ")).unwrap_or_default();
                CliError::invalid(message, format!("{meant}columns are {}", COLUMNS.join(", ")))
            })
        };
        self.columns.iter().map(known).collect::<Result<_, _>>().map(Some)
    }
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let columns = args.columns(context)?;
    let mut store = context.open()?;
    let order = match args.sort {
        Sort::Created => Order::Created,
        Sort::Name => Order::Name,
        Sort::Expiry => Order::Expiry,
    };
    let after = args.cursor.map(|id| cursor(&mut store, id)).transpose()?;
    let now = store.now()?;
    let page = Page {
        owner: args.owner().cloned(),
        all: args.all || args.canaries || args.filter.names_revoked(),
        filter: Filter { canaries: args.canaries, ..args.filter.at(now, args.all || args.canaries) },
        order,
        after,
        limit: 0,
    };
    let limit = match (args.limit, context.ui.format()) {
        (Some(0), _) => None,
        (Some(limit), _) => Some(limit),
        (None, Format::Table) => Some(SHOWN_TO_PEOPLE),
        (None, _) => None,
    };
    if limit.is_some_and(|limit| limit <= SHOWN_TO_PEOPLE) {
        store.reads_few();
    }
    let in_table = context.ui.format() == Format::Table;
    let mut last = None;
    let more = context.ui.list(now, |out| {
        if columns.is_some() {
            out.keep_columns();
        }
        list(&mut store, page, limit, |key| {
            last = Some(key.id);
            let view = KeyView { key, now };
            match &columns {
                None => out.push(&Listed { view, in_table })?,
                Some(columns) => out.push(&KeyColumns { view, columns })?,
            }
            anyhow::Ok(())
        })
    })?;
    match last {
        None => {
            let meant = args.owner().map(|owner| owner_meant(&mut store, owner)).transpose()?.flatten();
            context.ui.note(&args.nothing(meant.as_ref()));
        }
        Some(last) if more => {
            context.ui.note(&format!("there are more: --cursor {last}, or --limit 0 for all"));
        }
        Some(_) => {}
    }
    store.leave();
    Ok(())
}
