//! `keyctl rotate`

use std::path::PathBuf;

use crate::cli::arguments::asked;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files::guard::{self, Keys};
use crate::cli::inputs::input::{self, KeyArg};
use crate::cli::outputs::delivery;
use crate::domain::keys::key::{IssuedToken, State};
use crate::domain::keys::token::Prefix;
use crate::domain::time::{Expiry, Grace, Span, SpanError};
use crate::ops::keys::finish::{Finished, finish};
use crate::ops::keys::rotate::{Request, Rotated, rotate};
use crate::render::key as view;

/// Give a key a new token
///
/// The old token keeps working for a grace, so that clients can be moved over. Nothing else
/// of the key changes; its expiry only with --expires, which also renews an expired key.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl rotate alice/default
  keyctl rotate alice/default --grace 0        the old token leaked: it stops at once
  keyctl rotate alice/default --expires 90d    renew it
  keyctl rotate alice/default --finish-when-unused 24h --serve-only")]
pub(crate) struct Args {
    /// Key: an id, owner/name, an owner's only key, a token's prefix, or - for standard input;
    /// picked on a terminal
    #[arg(add = Stored::LiveKeys)]
    key: Option<KeyArg>,
    /// How long the old token keeps working, 0 to 30d [default: 24h]
    #[arg(long, value_name = "DURATION")]
    grace: Option<Grace>,
    /// When the key ends from now on: a duration, a day (its end in UTC), a time or never
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    /// What the new token starts with [default: as the old one]
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<Prefix>,
    /// Write the token into this file (mode 0600) instead, in place of a token that it holds
    #[arg(long, value_name = "PATH")]
    out_file: Option<PathBuf>,
    /// Replace the file also if it holds something else than a token
    #[arg(long, requires = "out_file")]
    overwrite: bool,
    /// Make no token, but end the old one of a rotation before its grace ends, if it was not used for this time, as
    /// in 24h; else say when and from where it was
    #[arg(
        long, value_name = "DURATION", requires = "serve_only", value_parser = unused_for,
        conflicts_with_all = ["grace", "expires", "prefix", "out_file", "overwrite"]
    )]
    finish_when_unused: Option<Span>,
    /// Your word that keyctl serve alone reads the store: what other services accept is written down by nobody
    #[arg(long, requires = "finish_when_unused")]
    serve_only: bool,
    /// Try everything, change nothing, print no token
    #[arg(long)]
    dry_run: bool,
}

/// What was used in the last seconds is not written down yet.
fn unused_for(text: &str) -> Result<Span, String> {
    let span: Span = text.parse().map_err(|error: SpanError| error.to_string())?;
    if span < Span::seconds(60) {
        return Err("write a minute at least: keyctl serve writes uses down every ten seconds".to_owned());
    }
    Ok(span)
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let key = match &args.key {
        Some(key) => input::reference(&context.ui, key)?,
        None => asked::key_to_rotate(context)?,
    };
    if let Some(unused_for) = args.finish_when_unused {
        let mut env = context.open_env(args.dry_run)?;
        let finished = finish(&mut env, &key, unused_for)?;
        drop(env);
        return report_end(context, args, &finished);
    }
    let request = Request {
        key,
        grace: args.grace.unwrap_or(Grace::DEFAULT),
        expiry: args.expires,
        prefix: args.prefix.clone(),
    };
    let out_file = args.out_file.as_deref();
    context.keep_off(out_file, Keys::Kept)?;
    let mut env = context.open_env(args.dry_run)?;
    let replaces = match out_file {
        Some(path) => guard::replaceable(&mut env.store, path, args.overwrite)?,
        None => None,
    };
    let mut deliver = delivery::to(context.ui, out_file, replaces);
    let rotated = rotate(&mut env, &request, deliver.as_mut())?;
    context.note_day(args.expires);
    report(context, args, &rotated)
}

fn report_end(context: &Context, args: &Args, finished: &Finished) -> anyhow::Result<()> {
    let Finished { key, ended, last_used, at } = finished;
    let named = key.path();
    match ended {
        None => context.ui.note(&format!("no old token of {named} works; nothing was changed")),
        Some(old) => {
            let prefix = &old.prefix;
            let used = last_used.at().map_or("never used".to_owned(), |at| format!("last used at {at}"));
            context.ui.note(&if args.dry_run {
                format!("dry run: would end the old token {prefix} of {named} ({used}); nothing was changed")
            } else {
                format!("ended the old token {prefix} of {named} ({used})")
            });
        }
    }
    context.show_if_asked(&view::KeyView { key, now: *at }, *at, args.dry_run, "the old token is ended")
}

fn report(context: &Context, args: &Args, rotated: &Rotated) -> anyhow::Result<()> {
    let key = &rotated.key;
    let named = format!("{}/{}", key.owner, key.name);
    let now = key.issued_at();
    let old = match key.previous_token.as_ref().and_then(|old| Some((&old.prefix, old.expires_at?))) {
        Some((prefix, end)) => format!("the old token {prefix} works until {end}"),
        None => "the old token works no more".to_owned(),
    };
    if args.dry_run {
        context.ui.note(&format!("dry run: would rotate {named}; {old}; nothing was changed"));
        look_out(context, args, rotated);
        return Ok(());
    }
    context.ui.note(&format!("rotated {named} ({}); {old}", key.id));
    match &args.out_file {
        Some(path) => context.ui.note(&format!("the new token is in {}", path.display())),
        None => context.ui.note("the new token is shown this once; only its hash is stored"),
    }
    look_out(context, args, rotated);
    if key.previous_token.is_some() {
        context.ui.note(&format!("if the old token leaked: keyctl rotate {named} --grace 0 (replaces both)"));
    }
    match (&args.out_file, context.ui.chosen()) {
        (Some(path), Some(_)) => {
            let view = view::Minted { token: None, created: true, key: view::KeyView { key, now } };
            let shown = context.ui.show(&view, now);
            shown.map_err(|error| {
                CliError::of(error).after(&format!("the new token is in {}", path.display())).into()
            })
        }
        _ => Ok(()),
    }
}

/// Keys that end within this time are soon to be renewed.
const SOON: Span = Span::days(14);

/// What whoever hands the new token on does not expect of it.
fn look_out(context: &Context, args: &Args, rotated: &Rotated) {
    let Rotated { key, superseded, .. } = rotated;
    let (named, now) = (key.path(), key.issued_at());
    if let Some(IssuedToken { prefix, expires_at: Some(end), .. }) = superseded {
        context
            .ui
            .note(&format!("the token before it, {prefix}, works no more; its grace was to end at {end}"));
    }
    let asked = args.grace.unwrap_or(Grace::DEFAULT).span();
    let granted = key.previous_token.as_ref().and_then(|old| old.expires_at);
    if let (Some(granted), Some(wanted)) = (granted, now.after(asked))
        && granted < wanted
    {
        context
            .ui
            .warn(&format!("the grace was cut from {asked}: the old token ends with the key, at {granted}"));
    }
    match key.state(now) {
        State::Suspended => {
            context
                .ui
                .warn(&format!("the key is suspended: no token of it works until keyctl resume {named}"));
        }
        State::OwnerDisabled => {
            let owner = &key.owner;
            let enable = format!("keyctl owner enable {owner}");
            context.ui.warn(&format!("the owner {owner} is disabled: no token of it works until {enable}"));
        }
        State::ParentDead => {
            context.ui.warn("the key's parent does not work now, so neither does any token of this key");
        }
        State::NotYetValid => {
            let start = key.not_before.map(|start| start.to_string()).unwrap_or_default();
            context.ui.warn(&format!("the key begins at {start}: no token of it works before"));
        }
        _ => {}
    }
    let ends = [key.expires_at, key.parent_lifetime.expires_at].into_iter().flatten().min();
    if let Some(end) = ends.filter(|end| now.after(SOON).is_some_and(|soon| *end <= soon)) {
        let later = if Some(end) == key.expires_at {
            format!("; later: keyctl edit {named} --expires 90d")
        } else {
            ", with its parent".to_owned()
        };
        context.ui.warn(&format!("the new token ends soon, at {end}{later}"));
    }
}
