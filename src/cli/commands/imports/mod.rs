//! `keyctl import`

mod apollo;
mod foreign;

use std::path::PathBuf;

use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files::guard::Keys;
use crate::cli::inputs::input;
use crate::cli::outputs::delivery;
use crate::domain::imports::mem0::{self, Keys as Mem0Keys, Order};
use crate::domain::keys::label::{LabelError, Labels};
use crate::domain::keys::scope::{ScopeError, Scopes};
use crate::domain::owners::role::RoleName;
use crate::domain::texts::text::counted;
use crate::domain::time::Expiry;
use crate::ops::imports::foreign::Told;
use crate::ops::imports::mem0::{Request, keep, remint};
use crate::ops::imports::rows::import as import_all;
use crate::ops::imports::{Import, LetIn, Named, Report, Source, invalid};
use crate::render::import::Imported;

/// Move keys in that exist elsewhere
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Mem0(Mem0),
    Csv(Csv),
    Jsonl(Jsonl),
    Apollo(apollo::Apollo),
    Litellm(foreign::Litellm),
    BetterAuth(foreign::BetterAuth),
}

#[expect(clippy::doc_markdown, reason = "help is plain text")]
/// Keep the keys working that stand in an .env file as API_KEYS
///
/// Reads API_KEYS='{"KEY": "owner", ...}' from an .env file, or that JSON alone. The file is read
/// as pydantic-settings reads it, which the server does; what cannot be known from the file, such
/// as a ${NAME} of the server's environment, is refused with its line. All keys are imported in
/// one transaction, or none. Their clients change nothing: a key that was made
/// elsewhere is verified as it is. Only hashes are stored. A key that may be guessed is stored
/// under a slow hash (Argon2id), is marked as weak by keyctl list, and must end: after 30 days
/// unless --expires says otherwise, at most 365. An id that cannot be an owner's name, as
/// auth0|5f7c or Alice, becomes the subject, as which services know the owner; the name is derived.
///
/// Importing the same file again changes nothing; with --remint, each run makes new keys.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command")]
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl import mem0 .env --scope memories
  keyctl import mem0 .env --scope memories --remint --out-file new-tokens.txt")]
pub(crate) struct Mem0 {
    /// The file, or - for standard input
    file: PathBuf,
    /// What the keys may do: memories, memories:read, files:*; repeat it or separate by commas
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A role whose scopes they get, too; repeat it for more
    #[arg(long = "role", value_name = "ROLE", add = Stored::Roles)]
    roles: Vec<RoleName>,
    /// Let the scope * stand, which allows everything
    #[arg(long)]
    allow_all: bool,
    /// Something to find them by, as in source=mem0
    #[arg(long = "label", value_name = "NAME=VALUE")]
    labels: Vec<String>,
    /// When they end: a duration (30d), a day (its end in UTC), a time (2027-01-31T12:00:00Z) or
    /// never [default: 90d, and 30d for keys that may be guessed]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    /// The file names the owner first: {"owner": "KEY"}
    #[arg(long)]
    owner_first: bool,
    /// The file names the key first, though owners look more like keys: ids that look random
    #[arg(long, conflicts_with = "owner_first")]
    key_first: bool,
    /// Give the owners new tokens instead, printed once as owner/name and token on each line
    #[arg(long)]
    remint: bool,
    /// Write the new tokens into this new file (mode 0600) instead
    #[arg(long, value_name = "PATH", requires = "remint")]
    out_file: Option<PathBuf>,
    /// Try everything, change nothing, print no token
    #[arg(long)]
    dry_run: bool,
}

/// Import keys as SHA-256 hashes of their tokens, from CSV
///
/// The first line names the columns, in any order: hash and owner, and where wanted name, scopes,
/// roles, not_before, expires_at, labels, subject. An id that cannot be an owner's name, as
/// auth0|5f7c or Alice, becomes the subject, as which services know the owner; then the name is
/// derived from it, and shown. The column subject says it beside the name. A hash is SHA-256 of the token's bytes, as 64 hex
/// digits or 43 characters of base64url; never put tokens themselves into the file. Scopes and
/// roles are separated by commas or blanks, labels are name=value separated by semicolons, times
/// are as in 2027-01-31T12:00:00Z, and expires_at may be never [default: as for new keys, 90d].
/// What keyctl export --with-hashes writes has more columns, and is read as it is: rate, quota,
/// allow_ip, suspended_at, allow_jwt, parent, previous_hash and previous_expires_at.
///
/// Everything is checked first: if one line is at fault, nothing is imported, and the faults are
/// listed by line. What is written is cut into transactions of about 0.2 seconds, so that other
/// changes need not wait; up to 1000 keys are always one. An import that was killed goes on when
/// it is run again: keys that are there already, with the same content, stay as they are.
#[expect(clippy::doc_markdown, reason = "help is plain text")]
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl import csv keys.csv
  keyctl import csv - --dry-run < keys.csv")]
pub(crate) struct Csv {
    #[command(flatten)]
    rows: Rows,
}

/// Import keys as SHA-256 hashes of their tokens, from JSON lines
///
/// One object on each line, with the fields of keyctl import csv: scopes and roles as arrays,
/// labels as an object. What is said there holds here, too.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl import jsonl keys.jsonl
  keyctl import jsonl - --dry-run < keys.jsonl")]
pub(crate) struct Jsonl {
    #[command(flatten)]
    rows: Rows,
}

/// What both take.
#[derive(Debug, clap::Args)]
struct Rows {
    /// The file, or - for standard input
    file: PathBuf,
    /// Let the scope * stand, which allows everything
    #[arg(long)]
    allow_all: bool,
    /// Take owners and subjects that look like tokens; they are kept in clear
    #[arg(long)]
    any_owner: bool,
    /// Check everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Rows {
    fn let_in(&self) -> LetIn {
        LetIn { all: self.allow_all, any_owner: self.any_owner, any_name: false }
    }
}

impl Mem0 {
    fn order(&self) -> Order {
        match (self.owner_first, self.key_first) {
            (true, _) => Order::OwnerFirst,
            (_, true) => Order::KeyFirst,
            _ => Order::Unsaid,
        }
    }

    fn request(&self) -> Result<Request, CliError> {
        let scopes = Scopes::parse_lists(self.scopes.iter().map(String::as_str));
        let labels = Labels::parse_all(self.labels.iter().map(String::as_str));
        Ok(Request {
            scopes: scopes.map_err(|error: ScopeError| {
                CliError::invalid(format!("--scope: {error}"), "as in --scope memories:read,files")
            })?,
            roles: self.roles.clone(),
            allow_all: self.allow_all,
            labels: labels.map_err(|error: LabelError| {
                CliError::invalid(format!("--label: {error}"), "as in --label source=mem0")
            })?,
            expiry: self.expires,
        })
    }
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Mem0(args) => import_mem0(context, args),
        Command::Csv(args) => import_rows(context, Source::Csv, &args.rows),
        Command::Jsonl(args) => import_rows(context, Source::Jsonl, &args.rows),
        Command::Apollo(args) => apollo::run(context, args),
        Command::Litellm(args) => foreign::litellm(context, args),
        Command::BetterAuth(args) => foreign::better_auth(context, args),
    }
}

fn import_mem0(context: &mut Context, args: &Mem0) -> anyhow::Result<()> {
    let request = args.request()?;
    let text = input::read_text(&args.file)?;
    let Mem0Keys { entries, left_out } =
        mem0::parse(&text, args.order()).map_err(|faults| invalid(&faults))?;
    drop(text);
    for told in &left_out {
        context.ui.note(told);
    }
    context.keep_off(args.out_file.as_deref(), Keys::Kept)?;
    let mut env = context.open_env(args.dry_run)?;
    let report = if args.remint {
        let mut deliver = delivery::to(context.ui, args.out_file.as_deref(), None);
        remint(&mut env, &entries, &request, deliver.as_mut())?
    } else {
        let mut progress = context.ui.progress();
        keep(&mut env, &entries, &request, &mut |done| progress.rows(done))?
    };
    context.note_day(args.expires);
    tell(context, &report, args.dry_run);
    if let Some(path) = &args.out_file {
        context.ui.note(&format!("the new tokens are in {}", path.display()));
    }
    if report.new > 0 && request.scopes.is_empty() && request.roles.is_empty() {
        context.ui.warn("the keys have no scopes: they authenticate and may do nothing; see --scope");
    }
    // New tokens on standard output stand there alone.
    if args.remint && args.out_file.is_none() { Ok(()) } else { show(context, report, args.dry_run) }
}

fn import_rows(context: &mut Context, source: Source, args: &Rows) -> anyhow::Result<()> {
    let (file, _) = input::open(&args.file)?;
    let mut env = context.open_env(args.dry_run)?;
    let mut progress = context.ui.progress();
    let import = Import {
        source,
        table: None,
        input: Box::new(file),
        let_in: args.let_in(),
        scratch: &input::temporary,
    };
    let report = import_all(&mut env, import, &mut |done| progress.rows(done))?;
    drop(progress);
    tell(context, &report, args.dry_run);
    show(context, report, args.dry_run)
}

fn show(context: &Context, report: Report, dry_run: bool) -> anyhow::Result<()> {
    show_told(context, report, None, dry_run)
}

fn show_told(context: &Context, report: Report, told: Option<Told>, dry_run: bool) -> anyhow::Result<()> {
    if context.ui.chosen().is_none() {
        return Ok(());
    }
    let at = report.at;
    let shown = context.ui.show(&Imported { report, told, dry_run }, at);
    shown.map_err(
        |error| if dry_run { error } else { CliError::of(error).after("the keys are imported").into() },
    )
}

/// Says what owners are called whose id is no name.
fn tell_names(context: &Context, named: &Named) {
    if named.count == 0 {
        return;
    }
    let told: Vec<String> =
        named.first.iter().map(|(subject, owner)| format!("\n  {subject} is called {owner}")).collect();
    let more = if named.count > told.len() as u64 { "\n  …" } else { "" };
    context.ui.note(&format!(
        "{} had no name; services know each by its id, and a name can be changed (keyctl owner rename):{}{more}",
        counted(named.count, "new owner"),
        told.concat()
    ));
}

/// Says what came of it, on standard error.
fn tell(context: &Context, report: &Report, dry_run: bool) {
    let Report { new, present, weak, .. } = report;
    let keys = |count: u64| format!("{count} key{}", if count == 1 { "" } else { "s" });
    let there = if *present > 0 { format!("; {present} were there already") } else { String::new() };
    if dry_run {
        context.ui.note(&format!("dry run: would import {}{there}; nothing was changed", keys(*new)));
    } else {
        context.ui.note(&format!("imported {}{there}", keys(*new)));
    }
    tell_names(context, &report.named);
    if let Some(end) = report.weak_until {
        context.ui.warn(&format!(
            "{weak} of them may be guessed and end at {end}; give each a new token: keyctl rotate KEY"
        ));
    }
}
