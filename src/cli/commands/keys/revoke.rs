//! `keyctl revoke`

use super::reach;
use crate::cli::arguments::asked;
use crate::cli::arguments::selection::{SelectArgs, UnknownArgs};
use crate::cli::arguments::values::reason;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::inputs::input::KeyArg;
use crate::ops::keys::outlives::outliving;
use crate::ops::keys::references;
use crate::ops::keys::revoke::{Revocation, revoke};
use crate::ops::keys::select::{Outcome, Selection, Stopped};
use crate::render::stopped::StoppedView;
use crate::store::Store;

/// Revoke keys
///
/// A revoked key stops working within seconds and cannot be restored; its children are revoked
/// with it, and the keys that were made with it in the portal. Use keyctl rotate to replace a token without an outage, keyctl suspend to stop a key
/// for a while.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl revoke alice/ci --reason \"laptop lost\"
  keyctl revoke - < leaked-tokens.txt          whole tokens or references, one a line
  keyctl revoke - --skip-unknown < found.txt   those of them that are of this store
  keyctl revoke alice/ci --if-exists           when a deployment is torn down
  keyctl revoke --owner alice --dry-run        what would be revoked
  keyctl revoke alice/ci --wait=serve          until keyctl serve refuses it
  keyctl revoke alice/laptop --keep-made       not what was made with it in the portal
  keyctl revoke --label team=search --created-after 2027-01-31T12:00:00Z")]
pub(crate) struct Args {
    /// Keys: ids, owner/name, an owner's only key, token prefixes, or - for standard input; one
    /// is picked on a terminal
    #[arg(value_name = "KEY", add = Stored::LiveKeys)]
    keys: Vec<KeyArg>,
    #[command(flatten)]
    select: SelectArgs,
    /// Why, kept with the key and in the audit log
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: Option<String>,
    #[command(flatten)]
    unknown: UnknownArgs,
    /// Succeed also where there is no such key: nothing is to be revoked then
    #[arg(long)]
    if_exists: bool,
    /// Leave the keys that somebody made in the portal who had signed in with one of these, or was invited with it
    #[arg(long)]
    keep_made: bool,
    /// Return when it is in force everywhere, 5 seconds after the change, and say what may still be accepted where;
    /// --wait=serve returns as soon as each running keyctl serve answers by it, of which the audit log gets a receipt
    #[arg(long, value_name = "WHOM", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    wait: Option<WaitFor>,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum WaitFor {
    /// Whoever reads the store
    All,
    /// Every running keyctl serve
    Serve,
}

impl Args {
    /// The keys and the reason; somebody at a terminal is asked where nothing was named.
    fn wanted(&self, context: &Context) -> anyhow::Result<(Selection, Option<String>)> {
        if self.keys.is_empty() && !self.select.is_given() {
            let (key, reason) = asked::key_to_revoke(context, self.reason.clone(), self.dry_run)?;
            return Ok((Selection::Named(vec![key]), reason));
        }
        let selection = self.select.selection(context, &self.keys, "revoke", self.dry_run)?;
        Ok((selection, self.reason.clone()))
    }
}

impl Args {
    /// That what is not there need not be revoked: an owner, or a key that somebody purged meanwhile.
    fn nothing(context: &Context, error: &CliError) {
        context.ui.note(&format!("{}; nothing was changed", error.message));
    }

    /// What there is of the selection; `None` if that is nothing, and nothing is what may be.
    fn existing(
        &self,
        context: &Context,
        store: &mut Store,
        selection: Selection,
    ) -> anyhow::Result<Option<Selection>> {
        let references = match selection {
            Selection::Named(references) => references,
            matching @ Selection::Matching(..) => return Ok(Some(matching)),
        };
        references::check_count(&references)?;
        if !self.if_exists {
            return Ok(Some(Selection::Named(self.unknown.known(&context.ui, store, references)?)));
        }
        let (known, unknown) = references::known(store, &references)?;
        let unreadable: Vec<_> = unknown.iter().filter(|one| one.unreadable).cloned().collect();
        if !unreadable.is_empty() {
            let hint = "give ids, owner/name, token prefixes or whole tokens, one a line";
            return Err(references::none_of(&unreadable, references.len(), hint).into());
        }
        for one in &unknown {
            context.ui.note(&format!("no key is named by {}", one.name));
        }
        if known.is_empty() {
            context.ui.note("nothing was changed");
            return Ok(None);
        }
        Ok(Some(Selection::Named(known)))
    }
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let (selection, reason) = match args.wanted(context).map_err(CliError::of) {
        Err(error) if args.if_exists && error.kind == Kind::NotFound => {
            Args::nothing(context, &error);
            return Ok(());
        }
        wanted => wanted?,
    };
    let mut env = context.open_env(args.dry_run)?;
    let Some(selection) = args.existing(context, &mut env.store, selection)? else { return Ok(()) };
    let done = match revoke(
        &mut env,
        selection,
        Revocation { reason: reason.as_deref(), keep_made: args.keep_made },
    )
    .map_err(CliError::of)
    {
        Err(error) if args.if_exists && error.kind == Kind::NotFound => {
            Args::nothing(context, &error);
            return Ok(());
        }
        done => done?,
    };
    let changed =
        !args.dry_run && done.keys.iter().any(|stopped| !stopped.already || !stopped.made.is_empty());
    let waiting = args.wait.filter(|_| changed);
    let outliving = waiting.map(|_| outliving(&mut env.store, &done)).transpose()?.unwrap_or_default();
    let serve = (waiting == Some(WaitFor::Serve)).then_some(env);
    for stopped in done.keys.iter().filter(|stopped| stopped.already || !args.dry_run) {
        report(context, stopped);
    }
    if args.dry_run {
        reach::would(context, "revoke", &done.keys);
    }
    if done.keys.is_empty() {
        context.ui.note("no live key matches; nothing was changed");
    }
    show(context, &done, args.dry_run, "the keys are revoked")?;
    match (waiting, serve) {
        (Some(WaitFor::Serve), Some(mut env)) => context.wait_for_serve(&mut env, &outliving, done.at)?,
        (Some(WaitFor::All), _) => context.wait_until_in_force(&outliving, done.at),
        _ => {}
    }
    Ok(())
}

fn report(context: &Context, stopped: &Stopped) {
    let key = &stopped.key;
    let named = format!("{} ({})", key.path(), key.id);
    let with = reach::with_others(stopped);
    match (stopped.already, key.revoked_at) {
        (true, Some(at)) if stopped.made.is_empty() => {
            context.ui.note(&format!("{named} was revoked already, at {at}"));
        }
        (true, Some(at)) => {
            let made = reach::made_with(&stopped.made);
            context.ui.note(&format!("{named} was revoked already, at {at}; revoked {made}"));
        }
        _ => context.ui.note(&format!("revoked {named}{with}; its tokens are refused from now on")),
    }
    if !stopped.secrets.is_empty() {
        let held = reach::secrets(stopped);
        context.ui.note(&format!("it could get the secrets {held}; if it leaked, they may have, too"));
    }
}

/// The keys, where a format was asked for.
pub(in crate::cli::commands) fn show(
    context: &Context,
    done: &Outcome,
    dry_run: bool,
    what: &str,
) -> anyhow::Result<()> {
    if context.ui.chosen().is_none() {
        return Ok(());
    }
    let listed = context.ui.list(done.at, |out| {
        done.keys.iter().try_for_each(|stopped| Ok(out.push(&StoppedView { stopped, now: done.at })?))
    });
    listed.map_err(|error| if dry_run { error } else { CliError::of(error).after(what).into() })
}
