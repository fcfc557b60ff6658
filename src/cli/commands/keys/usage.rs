//! `keyctl usage`

use clap::ValueEnum;

use crate::cli::arguments::filter::FilterArgs;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::domain::owners::owner::Owner;
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::Answers;
use crate::ops::usage::report::{self, Days, KeyUsed, OwnerUsed};
use crate::render::canary::SightingView;
use crate::render::usage::{Row, total};
use crate::render::{Format, View};
use crate::store::{Order, Page, SightingsRow, Store};

/// Show what keys were used for
///
/// As keyctl serve counted it: services that read the store themselves count nothing. Keys that were not asked about in
/// this time are left out; revoked ones that were are there. On a terminal the 100 most used are shown, elsewhere all.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl usage
  keyctl usage alice --days 90
  keyctl usage --by owner -o csv
  keyctl usage --would-deny        what policies that only observe would have denied
  keyctl usage --canaries          where keys were seen that are there to be found")]
pub(crate) struct Args {
    /// Only this owner's keys
    #[arg(add = Stored::Owners)]
    owner: Option<Owner>,
    /// The same
    #[arg(long = "owner", value_name = "OWNER", conflicts_with = "owner", add = Stored::Owners)]
    of_owner: Option<Owner>,
    #[command(flatten)]
    filter: FilterArgs,
    /// How many days, of which today in UTC is the last
    #[arg(long, value_name = "NUMBER", default_value = "30", value_parser = clap::value_parser!(u16).range(1..=400))]
    days: u16,
    /// By what it is summed up
    #[arg(long, value_name = "WHAT", default_value = "key")]
    by: By,
    /// What policies of keyctl serve that only observe would have denied, by policy and reason
    #[arg(long, conflicts_with_all = ["by", "owner", "of_owner", "role", "scopes", "states", "labels", "expiring", "unused"])]
    would_deny: bool,
    /// Where canaries were seen, by keyctl serve and by the intake of leaks: keys that mint --canary made
    #[arg(long, conflicts_with_all = ["by", "would_deny", "role", "scopes", "states", "labels", "expiring", "unused"])]
    canaries: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    Key,
    Owner,
    Day,
}

/// Rows that are shown to people.
const SHOWN: usize = 100;

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let days = Days::last(args.days, now);
    let store = &mut store;
    let owner = args.owner.as_ref().or(args.of_owner.as_ref());
    if args.canaries {
        return show_canaries(context, store, owner, days, now);
    }
    let any = if args.would_deny {
        let rows = report::would_deny(store, days)?;
        let most = rows.iter().map(report::WouldDeny::count).max().unwrap_or_default();
        show(context, now, &rows, days, most)?
    } else {
        let page = Page {
            owner: owner.cloned(),
            all: true,
            filter: args.filter.at(now, true),
            order: Order::Name,
            ..Page::default()
        };
        match args.by {
            By::Key => each(
                context,
                (days, now),
                |row: &KeyUsed| row.used.sum(),
                "keys",
                |each| report::by_key(store, &page, days, now, each),
            )?,
            By::Owner => each(
                context,
                (days, now),
                |row: &OwnerUsed| row.used.sum(),
                "owners",
                |each| report::by_owner(store, &page, days, now, each),
            )?,
            By::Day => {
                let rows = report::by_day(store, &page, days, now)?;
                let most = rows.iter().map(|row| total(row.answers)).max().unwrap_or_default();
                show(context, now, &rows, days, most)?
            }
        }
    };
    if !any {
        let what = match owner {
            _ if args.would_deny => "no policy that observes would have denied anything".to_owned(),
            Some(owner) => format!("no use of a key of {owner} was counted"),
            None => "no use was counted".to_owned(),
        };
        context.ui.note(&format!(
            "{what} since {}; keyctl serve counts, and writes that every ten seconds; services that read the store \
             themselves count nothing",
            days.from
        ));
    }
    Ok(())
}

/// Rows that are read at once.
const PAGE: i64 = 500;

fn show_canaries(
    context: &Context,
    store: &mut Store,
    owner: Option<&Owner>,
    days: Days,
    now: Timestamp,
) -> anyhow::Result<()> {
    let mut any = false;
    context.ui.list(now, |out| {
        let mut last = None;
        loop {
            let rows = store.sightings(days.from.number() * 86_400_000, last.as_ref(), PAGE)?;
            let is_of = |row: &SightingsRow| {
                owner.is_none_or(|owner| row.named.as_ref().is_some_and(|(name, _)| name == owner.as_str()))
            };
            for row in rows.iter().filter(|row| is_of(row)) {
                any = true;
                out.push(&SightingView(row))?;
            }
            last = rows.into_iter().next_back();
            if last.is_none() {
                return anyhow::Ok(());
            }
        }
    })?;
    if !any {
        context.ui.note(&format!(
            "no canary was seen since {}; keyctl list --canaries shows which there are",
            days.from
        ));
    }
    Ok(())
}

/// What a report hands out row by row: the most used of it on a terminal, else all.
fn each<T>(
    context: &Context,
    (days, now): (Days, Timestamp),
    sum: fn(&T) -> Answers,
    what: &str,
    report: impl FnOnce(&mut dyn FnMut(T) -> anyhow::Result<()>) -> anyhow::Result<()>,
) -> anyhow::Result<bool>
where
    for<'u> Row<'u, T>: View,
{
    if context.ui.format() == Format::Table {
        let mut top = Top::new(sum);
        report(&mut |row| {
            top.push(row);
            Ok(())
        })?;
        return top.show(context, now, days, what);
    }
    let mut any = false;
    context.ui.list(now, |out| {
        report(&mut |row| {
            any = true;
            Ok(out.push(&Row { of: &row, days, most: 0 })?)
        })
    })?;
    Ok(any)
}

fn show<T>(context: &Context, now: Timestamp, rows: &[T], days: Days, most: u64) -> anyhow::Result<bool>
where
    for<'u> Row<'u, T>: View,
{
    context
        .ui
        .list(now, |out| rows.iter().try_for_each(|row| Ok(out.push(&Row { of: row, days, most })?)))?;
    Ok(!rows.is_empty())
}

/// The most used of many, in flat memory.
struct Top<T> {
    rows: Vec<T>,
    sum: fn(&T) -> Answers,
    count: usize,
}

impl<T> Top<T> {
    fn new(sum: fn(&T) -> Answers) -> Self {
        Self { rows: Vec::new(), sum, count: 0 }
    }

    fn push(&mut self, row: T) {
        self.rows.push(row);
        self.count += 1;
        if self.rows.len() >= 2 * SHOWN {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let sum = self.sum;
        self.rows.sort_by_key(|row| std::cmp::Reverse(total(sum(row))));
        self.rows.truncate(SHOWN);
    }

    fn show(mut self, context: &Context, now: Timestamp, days: Days, what: &str) -> anyhow::Result<bool>
    where
        for<'u> Row<'u, T>: View,
    {
        self.cut();
        let most = self.rows.first().map(|row| total((self.sum)(row))).unwrap_or_default();
        show(context, now, &self.rows, days, most)?;
        if self.count > self.rows.len() {
            context.ui.note(&format!(
                "the {} most used of {} {what}; -o csv has all",
                self.rows.len(),
                self.count
            ));
        }
        Ok(self.count > 0)
    }
}
