//! `keyctl expiring` and `keyctl notify`

pub(in crate::cli) mod notify;

use crate::cli::arguments::values::OrNone;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::terminal::ui::Ui;
use crate::domain::expiring::Stage;
use crate::domain::time::Span;
use crate::ops::expiring::{self, Asked, Endings};
use crate::render::expiring::{EndingView, prometheus};

/// List what ends soon, the first end first
///
/// Keys, old tokens in their grace, secrets, keys that signed short-lived tokens, OAuth credentials that get no new
/// token, and trusts. Access tokens that are got anew are left out.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl expiring
  keyctl expiring --within 30d --since 7d -o csv
  keyctl expiring --within 3d --exit-code
  keyctl expiring --prometheus")]
pub(crate) struct Args {
    /// What ends within this
    #[arg(long, value_name = "DURATION", default_value = "14d")]
    within: Span,
    /// And what ended since, as in 7d; or none [default: none, and 7d with --prometheus]
    #[arg(long, value_name = "DURATION")]
    since: Option<OrNone<Span>>,
    /// At most so many; 0 for all
    #[arg(long, value_name = "NUMBER", default_value_t = 0, conflicts_with = "prometheus")]
    limit: u32,
    /// Count them instead, as a file for the textfile collector of Prometheus' node exporter
    #[arg(long)]
    prometheus: bool,
    /// End with 10 if there is anything
    #[arg(long)]
    exit_code: bool,
}

/// What ended so long ago is still told of.
pub(super) const TOLD_SINCE: Span = Span::days(7);

impl Args {
    fn asked(&self) -> Asked {
        let usual = if self.prometheus { TOLD_SINCE } else { Span::seconds(0) };
        let since = self.since.as_ref().map_or(usual, |since| since.0.unwrap_or(Span::seconds(0)));
        Asked { within: self.within, since }
    }
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    if args.prometheus && context.ui.chosen().is_some() {
        return Err(CliError::invalid("--prometheus is a format of its own", "leave -o out").into());
    }
    let mut store = context.open()?;
    let now = store.now()?;
    let window = args.asked().at(now);
    let any = if args.prometheus {
        let tally = expiring::tally(&mut store, &window)?;
        Ui::text(prometheus(&tally, now).as_bytes())?;
        tally.counts.iter().flatten().any(|count| *count > 0)
    } else {
        let (mut count, mut more) = (0, false);
        let mut endings = Endings::of(window);
        context.ui.list(now, |out| {
            while let Some(ending) = endings.next(&mut store)? {
                more = args.limit > 0 && count == args.limit;
                if more {
                    break;
                }
                count += 1;
                let stage = Stage::of(ending.ends_at, now);
                out.push(&EndingView { ending: &ending, stage })?;
            }
            anyhow::Ok(())
        })?;
        match count {
            0 => context.ui.note(&format!("nothing ends within {}", args.within)),
            _ if more => context.ui.note("there is more: --limit 0 for all"),
            _ => {}
        }
        count > 0
    };
    if any && args.exit_code {
        return Err(CliError::ended(10).into());
    }
    Ok(())
}
