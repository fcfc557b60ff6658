//! `keyctl store compat`

use crate::cli::context::Context;
use crate::domain::keys::scope::Scope;
use crate::domain::texts::text::counted;
use crate::ops::apollo::compat::{self, Compat, Request};
use crate::ops::apollo::{check_place, explain};
use crate::render::apollo::{CompatView, LeftOutView};
use crate::store::APOLLO_GRANT;

/// Let another program read the store in its own form
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Apollo(Apollo),
}

/// Let OpenFn Apollo read its clients from this store, unchanged
///
/// Makes the view public.lightning_clients, which Apollo reads in the place of its own table: the
/// active keys that hold the scope, have a secret for anthropic, and no networks, rate or quota,
/// which Apollo would not keep. Each version of each such secret is sealed once more, under the
/// key that Apollo runs with: so this needs the master key and APOLLO_ENC_KEY (or _FILE, or _CMD),
/// and secret set and secret rotate need it, too, from then on. Mint, bind, rotate and revoke do
/// not.
///
/// Again with another scope, the view has that scope. With --new-key, all is sealed anew under the
/// APOLLO_ENC_KEY given, in one change; whoever may read the view still may. PostgreSQL only.
#[expect(clippy::doc_markdown, clippy::struct_excessive_bools, reason = "help is plain text; each is a flag")]
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl store compat apollo --scope chat
  keyctl store compat apollo --explain
  keyctl store compat apollo --scope chat --new-key
  keyctl store compat apollo --remove --yes")]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["scope", "remove", "explain"]))]
pub(crate) struct Apollo {
    /// What a key must be allowed to do to be shown
    #[arg(long, value_name = "SCOPE")]
    scope: Option<Scope>,
    /// List the keys that are not shown, each with the reason; needs no key
    #[arg(long)]
    explain: bool,
    /// Let the APOLLO_ENC_KEY given replace the one before
    #[arg(long, requires = "scope", conflicts_with_all = ["explain", "remove"])]
    new_key: bool,
    /// Take the view away, with the right to read it, and all that was sealed for it
    #[arg(long, conflicts_with_all = ["scope", "explain"])]
    remove: bool,
    /// Try everything, change nothing
    #[arg(long, conflicts_with = "explain")]
    dry_run: bool,
}

pub(super) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    let Command::Apollo(args) = command;
    match &args.scope {
        _ if args.explain => explain(context, args.scope.as_ref()),
        Some(scope) => show(context, Request { scope, new_key: args.new_key }, args.dry_run),
        None => remove(context, args.dry_run),
    }
}

fn show(context: &mut Context, request: Request<'_>, dry_run: bool) -> anyhow::Result<()> {
    let scope = request.scope;
    let mut env = context.open_env_made(dry_run)?;
    check_place(&env.store)?;
    let ring = context.with_apollo(context.ring(&mut env.store)?)?;
    let done = compat::show(&mut env, &ring, request)?;
    let sealed = counted(done.sealed, "version");
    let ui = &context.ui;
    if dry_run {
        let rest = "nothing was changed";
        ui.note(&format!(
            "dry run: would show the keys that hold {scope}, and seal {sealed} for Apollo; {rest}"
        ));
    } else {
        let view = format!("the view public.lightning_clients shows the keys that hold {scope}");
        ui.note(&format!("{view}; sealed {sealed} for Apollo"));
        ui.note(&format!("its role needs, once: {APOLLO_GRANT}"));
        ui.note("what it leaves out, and why: keyctl store compat apollo --explain");
    }
    for (name, version) in &done.unopened {
        let why = "does not open under the master key, so Apollo cannot have it";
        ui.warn(&format!("version {version} of the secret {name} {why}"));
    }
    report(context, &done, dry_run, "the view is made")
}

fn remove(context: &mut Context, dry_run: bool) -> anyhow::Result<()> {
    let mut env = context.open_env_made(dry_run)?;
    check_place(&env.store)?;
    if !dry_run {
        context.confirm(&format!(
            "take public.lightning_clients away? Apollo then refuses every client, and the right to read goes \
             with the view; one made later needs it again: {APOLLO_GRANT}"
        ))?;
    }
    let done = compat::remove(&mut env)?;
    let removed = counted(done.removed, "ciphertext");
    context.ui.note(&match (done.changed, dry_run) {
        (false, _) => "there is no view for Apollo; nothing was changed".to_owned(),
        (true, true) => format!("dry run: would remove the view and {removed}; nothing was changed"),
        (true, false) if !done.had_view => format!("there was no view; removed {removed}"),
        (true, false) => format!("removed the view public.lightning_clients and {removed}"),
    });
    if done.had_view && !dry_run {
        context.ui.note(&format!("a view made later needs, once: {APOLLO_GRANT}"));
    }
    report(context, &done, dry_run, "the view is removed")
}

fn report(context: &Context, done: &Compat, dry_run: bool, what: &str) -> anyhow::Result<()> {
    context.show_if_asked(&CompatView { compat: done, dry_run }, done.at, dry_run, what)
}

fn explain(context: &mut Context, scope: Option<&Scope>) -> anyhow::Result<()> {
    let mut store = context.open_existing()?;
    let now = store.now()?;
    let found = context.ui.list(now, |out| {
        explain::explain(&mut store, scope, |key, reason| anyhow::Ok(out.push(&LeftOutView { key, reason })?))
    })?;
    let (shown, left_out) = (counted(found.shown, "key"), counted(found.left_out, "key"));
    let (verb, leaves) = match (found.is_there, found.is_of_view) {
        (true, true) => ("shows", "leaves"),
        (true, false) => ("would show", "leave"),
        (false, _) => ("is not there; it would show", "leave"),
    };
    context.ui.note(&format!(
        "the view public.lightning_clients {verb} {shown} for the scope {}, and {leaves} {left_out} out",
        found.scope
    ));
    Ok(())
}
