//! `keyctl store accept-rollback`

use crate::cli::arguments::values;
use crate::cli::context::Context;
use crate::ops::stores::rollback::{Evidence, accept};

/// Go on with a store that lost changes
///
/// After a failover that lost changes, or where an older copy was put back, keys that were revoked
/// work again. Readers, and commands on a machine that saw the later state, therefore refuse the
/// store. Find out first what was lost, as docs/incidents.md says ("The store went back"); if the later state is to
/// be had, bring it back instead. This command records that the present state is the store's from
/// now on, and everybody accepts it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store accept-rollback --reason 'failover of db-1, see ticket 512'
  keyctl store accept-rollback --seen-elsewhere --yes")]
pub(crate) struct Args {
    /// Why, kept in the audit log
    #[arg(long, value_name = "TEXT", value_parser = values::reason)]
    reason: Option<String>,
    /// A service or another machine saw the later state, not this one
    #[arg(long)]
    seen_elsewhere: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let mut env = context.open_env_made(args.dry_run)?;
    let elsewhere = args.seen_elsewhere.then_some(Evidence::Elsewhere);
    let evidence = context.lost().map(Evidence::Here).or(elsewhere);
    if evidence.is_some() && !args.dry_run {
        context.confirm("take the store as it is now? what was revoked in the lost state works again")?;
    }
    let accepted = accept(&mut env, args.reason.as_deref(), evidence)?;
    let last = accepted.last;
    if args.dry_run {
        context.ui.note(&format!(
            "dry run: would accept the store as it is since record {last}; nothing was changed"
        ));
    } else {
        context
            .ui
            .note(&format!("accepted the store as it is since record {last}; readers and commands go on"));
        context
            .ui
            .note("revoke again what was revoked in the lost state: docs/incidents.md says how to find it");
    }
    let now = env.store.now()?;
    context.show_if_asked(&accepted, now, args.dry_run, "the state is accepted")
}
