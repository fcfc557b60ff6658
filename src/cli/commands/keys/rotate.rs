//! `keyctl rotate`

pub(crate) use super::rotate_args::Args;
use crate::cli::arguments::asked;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files::guard::{self, Keys};
use crate::cli::inputs::input;
use crate::cli::outputs::delivery;
use crate::domain::keys::key::{IssuedToken, State};
use crate::domain::time::{Grace, Span};
use crate::ops::keys::finish::{Finished, finish};
use crate::ops::keys::renew::{Renewed, renew};
use crate::ops::keys::rotate::{Request, Rotated, rotate};
use crate::render::key as view;

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    args.check()?;
    if args.is_of_many() {
        return super::rotate_many::run(context, args);
    }
    let key = match &args.key {
        Some(key) => input::reference(&context.ui, key)?,
        None => asked::key_to(context, "rotate", "<KEY>")?,
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
    let rotated = match args.if_expiring {
        None => rotate(&mut env, &request, deliver.as_mut())?,
        Some(ends_within) => match renew(&mut env, &request, ends_within, deliver.as_mut())? {
            Renewed::Rotated(rotated) => *rotated,
            Renewed::Left { key, why } => {
                let why = super::rotate_many::why_left(&why);
                context.ui.note(&format!("left {} as it is: {why}; nothing was changed", key.path()));
                if !context.ui.reports_json() {
                    return Ok(());
                }
                let now = env.store.now()?;
                let view =
                    view::Minted { token: None, created: false, key: view::KeyView { key: &key, now } };
                return context.ui.show(&view, now);
            }
        },
    };
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
    if let Some(most) = rotated.shortened {
        context.ui.note(&format!(
            "the store's policy lets keys live {most} at most, less than the key was given last"
        ));
    }
    let old = match key.expires_at.filter(|_| args.if_expiring.is_some()) {
        Some(end) if rotated.renewed => format!("{old}; renewed until {end}"),
        Some(end) => format!("{old}; the key ends as before, {end}"),
        None => old,
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
