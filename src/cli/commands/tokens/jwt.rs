//! `keyctl jwt`

use std::str::FromStr as _;

use crate::cli::arguments::values;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::input;
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::scope::Scope;
use crate::domain::time::Span;
use crate::domain::tokens::audience::Audience;
use crate::domain::tokens::claims::Ttl;
use crate::ops::tokens::issue::{Exchanged, Wanted, exchange};
use crate::ops::tokens::verify::{JwtVerdict, verify};
use crate::render::token::IssuedView;

/// Exchange a key for a short-lived token (JWT), and verify one
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Issue(IssueArgs),
    Verify(VerifyArgs),
}

/// Print a short-lived token for a key, whose own token is read from standard input
///
/// Any JWT library verifies it with the public keys. It never allows more than the key, and never
/// outlives it. A key with networks, a rate or a quota gets none unless it was minted with --allow-jwt.
/// The audit log says that it was issued before it is printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl jwt issue < token.txt
  keyctl jwt issue --scope memories:read --audience https://mcp.example.com/mcp --ttl 60s < token.txt")]
pub(crate) struct IssueArgs {
    /// What it may do, at most what the key may [default: all of that]
    #[arg(long = "scope", value_name = "SCOPE", add = Stored::Scopes)]
    scopes: Vec<String>,
    /// For whom it is: the issuer, or one of the store's audiences; repeat it for several [default: the issuer]
    #[arg(long = "audience", value_name = "AUDIENCE")]
    audiences: Vec<Audience>,
    /// How long it lives, at most 1h [default: 5m]
    #[arg(long, value_name = "DURATION", value_parser = ttl)]
    ttl: Option<Ttl>,
}

/// Verify a short-lived token, read from standard input
///
/// By the public keys of the store, and by the version of its key: what was taken away from the key since
/// ends it. Exit code 0: allowed; 5: denied, and why; 7: the store cannot be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl jwt verify --audience https://mcp.example.com/mcp < jwt.txt")]
pub(crate) struct VerifyArgs {
    /// For whom it must be [default: the issuer]
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<Audience>,
    /// The permission that is needed
    #[arg(long, value_name = "SCOPE", add = Stored::Scopes)]
    scope: Option<Scope>,
}

pub(super) fn ttl(text: &str) -> Result<Ttl, String> {
    let span = Span::from_str(text).map_err(|error| error.to_string())?;
    Ttl::try_from(span).map_err(|error| error.to_string())
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Issue(args) => issue(context, args),
        Command::Verify(args) => verify_one(context, args),
    }
}

fn issue(context: &mut Context, args: &IssueArgs) -> anyhow::Result<()> {
    let scopes = if args.scopes.is_empty() { None } else { Some(values::scopes(&args.scopes)?) };
    let wanted = Wanted { scopes, audience: args.audiences.clone(), ttl: args.ttl.unwrap_or(Ttl::DEFAULT) };
    let presented = input::read_token(&context.ui)?;
    Ui::demand_reader()?;
    let mut env = context.open_env_made(false)?;
    let ring = context.ring(&mut env.store)?;
    let issued = match exchange(&mut env, &ring, &presented, &wanted)? {
        Exchanged::Issued(issued) => issued,
        Exchanged::Denied(reason) => {
            context.ui.note(&format!("the key is denied: {}", reason.as_str()));
            return Err(CliError::denied(reason.denial()).into());
        }
    };
    let now = env.store.now()?;
    drop(env);
    let written = match context.ui.chosen() {
        None => Ui::secret(&[issued.token.as_bytes(), b"\n"]),
        Some(_) => Ui::demanded(context.ui.show(&IssuedView(&issued), now)),
    };
    written.map_err(|error| CliError::of(error).after("the audit log says that it was issued").into())
}

fn verify_one(context: &mut Context, args: &VerifyArgs) -> anyhow::Result<()> {
    let token = input::read_token(&context.ui)?;
    let mut store = context.open_existing()?;
    let verdict = verify(&mut store, &token, args.audience.as_ref(), args.scope.as_ref())?;
    let now = store.now()?;
    store.leave();
    Ui::whether_or_not_read(context.ui.show(&verdict, now))?;
    match verdict {
        JwtVerdict::Allowed(_) => Ok(()),
        JwtVerdict::Denied(refused) => {
            context.ui.note(&format!("denied: {refused}"));
            Err(CliError::denied(refused.denial()).into())
        }
    }
}
