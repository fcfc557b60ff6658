//! `keyctl import apollo`

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::keys::scope::Scopes;
use crate::domain::texts::text::counted;
use crate::domain::time::Expiry;
use crate::ops::apollo::check_place;
use crate::ops::imports::apollo::{Imported, KEPT_AS, Request, import};
use crate::render::apollo::ClientView;

/// Take over the clients of an OpenFn Apollo in the store's own database
///
/// Reads the table public.lightning_clients. Each row becomes a key named apollo; its owner is the
/// client's name, or what can be made of it; an owner that exists already is a fault of the row,
/// unless --into-existing-owners is given. Clients keep their tokens: the hashes are taken as they
/// are. Their keys for anthropic are sealed under the master key, equal ones once, and bound; those
/// that are encrypted need APOLLO_ENC_KEY (or _FILE, or _CMD), the key that Apollo runs with.
///
/// It is one change, all rows or none: what is at fault is listed by row. The table is renamed to
/// lightning_clients_before_keyctl; Apollo finds its clients again as soon as there is a view:
/// keyctl store compat apollo. PostgreSQL only.
#[expect(clippy::doc_markdown, clippy::struct_excessive_bools, reason = "help is plain text; each is a flag")]
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl import apollo --scope chat --dry-run
  keyctl import apollo --scope chat --expires never
  keyctl import apollo --scope chat --skip-unusable")]
pub(crate) struct Apollo {
    /// What the keys may do: chat, chat:write; repeat it or separate by commas
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Let the scope * stand, which allows everything
    #[arg(long)]
    allow_all: bool,
    /// When they end: a duration (30d), a time (2027-01-31T12:00:00Z) or never [default: 90d]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    /// Leave rows out whose key for anthropic is missing or does not open; their tokens end
    #[arg(long)]
    skip_unusable: bool,
    /// Take keys for anthropic that look wrong: with letters outside ASCII, in quotes, NAME=value
    #[arg(long)]
    any_text: bool,
    /// Let clients become owners that exist already under their names
    #[arg(long = "into-existing-owners")]
    into_existing: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(context: &mut Context, args: &Apollo) -> anyhow::Result<()> {
    let scopes = Scopes::parse_lists(args.scopes.iter().map(String::as_str))
        .map_err(|error| CliError::invalid(format!("--scope: {error}"), "as in --scope chat"))?;
    let request = Request {
        scopes,
        allow_all: args.allow_all,
        expiry: args.expires,
        skip_unusable: args.skip_unusable,
        any_text: args.any_text,
        into_existing: args.into_existing,
    };
    let mut env = context.open_env_made(args.dry_run)?;
    check_place(&env.store)?;
    let ring = context.with_apollo(context.ring(&mut env.store)?)?;
    let done = import(&mut env, &ring, &request)?;
    tell(context, &done, &request, args.dry_run);
    let view = |client| ClientView { client, dry_run: args.dry_run };
    let shown = context
        .ui
        .list(done.at, |out| done.clients.iter().try_for_each(|client| Ok(out.push(&view(client))?)));
    shown.map_err(|error| {
        if args.dry_run { error } else { CliError::of(error).after("the clients are imported").into() }
    })
}

/// Says what came of it, on standard error.
fn tell(context: &Context, done: &Imported, request: &Request, dry_run: bool) {
    let ui = &context.ui;
    let keys = counted(done.made(), "client");
    let secrets = counted(done.secrets, "secret");
    if dry_run {
        ui.note(&format!("dry run: would import {keys} and {secrets}; nothing was changed"));
    } else {
        ui.note(&format!("imported {keys} and {secrets}; Apollo's table is kept as {KEPT_AS}"));
    }
    if done.skipped() > 0 {
        let rows = counted(done.skipped(), "row");
        let left_out = if dry_run {
            "would be left out; those tokens would end"
        } else {
            "left out; those tokens do not work any more"
        };
        ui.warn(&format!("{rows} without a usable key for anthropic {left_out}"));
    }
    let end = done.clients.iter().find_map(|client| client.made.as_ref()?.expires_at);
    if let Some(end) = end.filter(|_| request.expiry.is_none()) {
        let verb = if dry_run { "would end" } else { "end" };
        ui.warn(&format!(
            "the keys {verb} at {end}, though Apollo's clients had no end: --expires never keeps them as they were"
        ));
    }
    if request.scopes.is_empty() {
        ui.warn("the keys have no scopes, so no view shows them: keyctl scope add, or import with --scope");
    }
    if !dry_run {
        let scope = request.scopes.iter().next().map_or("SCOPE".to_owned(), ToString::to_string);
        ui.note(&format!("Apollo finds no client until you run: keyctl store compat apollo --scope {scope}"));
        ui.note(&format!("once it works: DROP TABLE public.{KEPT_AS}, which may hold keys in the clear"));
    }
}
