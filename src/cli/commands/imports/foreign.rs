//! `keyctl import litellm` and `keyctl import better-auth`

use super::{show_told, tell};
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::input;
use crate::domain::keys::label::{LabelError, Labels};
use crate::domain::keys::scope::{ScopeError, Scopes};
use crate::domain::owners::owner::Owner;
use crate::domain::owners::role::RoleName;
use crate::domain::texts::text::counted;
use crate::ops::imports::foreign::{NotTaken, Request, Table, Told, import_foreign};
use crate::store::{Location, Passwords};

#[expect(clippy::doc_markdown, reason = "help is plain text")]
/// Keep the keys of a LiteLLM proxy working
///
/// Reads LiteLLM's database, which is PostgreSQL, in one snapshot and changes nothing there. Clients
/// keep their keys: LiteLLM stores SHA-256 hashes, as keyctl does. A key that was rotated with a
/// grace keeps its old token until that ends. Users become owners under their ids, called by their
/// addresses where LiteLLM has them; key_alias becomes the name, rpm_limit the rate, team,
/// organization and project become labels, and a blocked key is suspended. A key without an end
/// stays without one. What has no counterpart, as models, budgets and token limits, is not taken
/// over, and is listed with the reason. Keys get no scopes but those of --scope and --role.
///
/// The password of the database is not written into --from: it comes from PGPASSWORD or the
/// password file (PGPASSFILE), as for psql. Up to 1000 keys are one transaction, more are several;
/// an import that is run again imports the rest, and changes nothing of what is there.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl import litellm --from postgres://litellm@db.example.com/litellm --scope chat --dry-run
  keyctl import litellm --from postgres://litellm@db.example.com/litellm --scope chat -o json")]
pub(crate) struct Litellm {
    /// Whose the keys become that name no user
    #[arg(long, value_name = "OWNER", default_value = "litellm")]
    owner: Owner,
    #[command(flatten)]
    common: Common,
}

/// Keep the keys working that the API-key plugin of better-auth issued
///
/// Reads the plugin's table in a SQLite file or a PostgreSQL database, in one snapshot, and changes
/// nothing there. Clients keep their keys. Users become owners under their ids, called by their
/// addresses; permissions become scopes, as files:read for the action read on files; a disabled key is
/// suspended. Limits are taken over where keyctl has the like: a window of a second, a minute or an
/// hour as a rate, one of a day, which is the plugin's default of ten verifications, as a quota,
/// and what remains as a quota, too. Services that read the store themselves refuse keys with a
/// quota unless they are told otherwise; --no-limits leaves all limits out. What has no counterpart
/// is listed with the reason.
///
/// better-auth deletes a key that expired or was used up when somebody presents it: such keys are
/// missing here, too. Keys that it keeps elsewhere only (secondary storage) are not found.
///
/// The password of a database is not written into --from: it comes from PGPASSWORD or the password
/// file (PGPASSFILE), as for psql. An import that is run again imports the rest.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl import better-auth --from auth.db --dry-run
  keyctl import better-auth --from postgres://app@db.example.com/app --scope api")]
pub(crate) struct BetterAuth {
    /// The plugin's table
    #[arg(long, value_name = "NAME", default_value = "apikey", value_parser = table)]
    table: String,
    /// Leave rates and quotas out
    #[arg(long)]
    no_limits: bool,
    #[command(flatten)]
    common: Common,
}

/// What both take.
#[derive(Debug, clap::Args)]
struct Common {
    // Not as a comment, where the address would need marks that help does not have.
    #[arg(help = "The other program's database: postgres://USER@HOST/DATABASE, or a SQLite file")]
    #[arg(long, value_name = "DATABASE")]
    from: String,
    /// What all keys may do besides: chat, files:read; repeat it or separate by commas
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A role whose scopes they get, too; repeat it for more
    #[arg(long = "role", value_name = "ROLE", add = Stored::Roles)]
    roles: Vec<RoleName>,
    /// Let the scope * stand, which allows everything
    #[arg(long)]
    allow_all: bool,
    /// Something to find them by, as in source=litellm
    #[arg(long = "label", value_name = "NAME=VALUE")]
    labels: Vec<String>,
    /// Leave rows out that cannot be keys, and list them
    #[arg(long)]
    skip_unusable: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// The name of a table, which is not quoted anywhere.
fn table(text: &str) -> Result<String, &'static str> {
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_word && (1..=63).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("a table's name has letters, digits and _")
    }
}

pub(super) fn litellm(context: &mut Context, args: &Litellm) -> anyhow::Result<()> {
    run(context, Table::Litellm { owner: args.owner.clone() }, &args.common)
}

pub(super) fn better_auth(context: &mut Context, args: &BetterAuth) -> anyhow::Result<()> {
    run(context, Table::BetterAuth { name: args.table.clone(), limits: !args.no_limits }, &args.common)
}

fn run(context: &mut Context, table: Table, args: &Common) -> anyhow::Result<()> {
    let from = args.location(context)?;
    let scopes =
        Scopes::parse_lists(args.scopes.iter().map(String::as_str)).map_err(|error: ScopeError| {
            CliError::invalid(format!("--scope: {error}"), "as in --scope chat,files:read")
        })?;
    let labels = Labels::parse_all(args.labels.iter().map(String::as_str)).map_err(|error: LabelError| {
        CliError::invalid(format!("--label: {error}"), "as in --label source=litellm")
    })?;
    let is_better_auth = matches!(table, Table::BetterAuth { .. });
    let has_scopes = is_better_auth || !scopes.is_empty() || !args.roles.is_empty();
    let mut env = context.open_env(args.dry_run)?;
    let request = Request {
        table,
        from: &from,
        options: context.options,
        scopes,
        roles: args.roles.clone(),
        labels,
        allow_all: args.allow_all,
        skip_unusable: args.skip_unusable,
        scratch: &input::temporary,
    };
    let mut progress = context.ui.progress();
    let (report, told) = import_foreign(&mut env, &request, &mut |done| progress.rows(done))?;
    drop(progress);
    tell(context, &report, args.dry_run);
    if report.new > 0 && !has_scopes {
        context.ui.warn("the keys have no scopes: they authenticate and may do nothing; see --scope");
    }
    tell_rest(context, &told);
    if is_better_auth {
        context.ui.note("better-auth deletes keys that expired or are used up when they are presented: those are in neither place");
    }
    show_told(context, report, Some(told), args.dry_run)
}

impl Common {
    fn location(&self, context: &Context) -> anyhow::Result<Location> {
        let location = context.named(&self.from, None)?;
        if location.has_password() {
            let hint = "leave it out there, and give it in PGPASSWORD or a password file (PGPASSFILE)";
            return Err(CliError::invalid("the password in --from shows in process lists", hint).into());
        }
        Ok(location.with_passwords(&Passwords {
            password: context.environment.pg_password.clone(),
            file: context.environment.pg_passfile.clone(),
        }))
    }
}

/// Says what was not taken over, and why.
fn tell_rest(context: &Context, told: &Told) {
    let ui = &context.ui;
    let rows = |one: &NotTaken| {
        let named: Vec<String> = one.first.iter().map(ToString::to_string).collect();
        let more = if one.rows > one.first.len() as u64 { ", …" } else { "" };
        format!("{} ({}{more})", counted(one.rows, "row"), named.join(", "))
    };
    for one in &told.left_out {
        ui.note(&format!("left out {}: {}: {}", rows(one), one.note.what, one.note.why));
    }
    for one in &told.not_taken {
        ui.note(&format!("not taken over, {} of {}: {}", one.note.what, rows(one), one.note.why));
    }
    if told.orphans > 0 {
        let tokens = counted(told.orphans, "token");
        ui.note(&format!("left out {tokens} in a grace whose key was replaced again or deleted"));
    }
    if !told.unusable.is_empty() {
        ui.warn(&format!("left out what cannot be a key: {}", told.unusable));
    }
    if told.quotas > 0 {
        ui.warn(&format!(
            "{} with a quota: keyctl serve counts, and services that read the store refuse such keys unless they allow it; \
             --no-limits imports without",
            counted(told.quotas, "key")
        ));
    }
}
