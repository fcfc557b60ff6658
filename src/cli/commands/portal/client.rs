//! `keyctl client`

use crate::cli::context::Context;
use crate::domain::mcp::client::{ClientName, Registered};
use crate::domain::mcp::ids::RegisteredId;
use crate::domain::mcp::redirect_uri::RedirectUri;
use crate::domain::texts::text::counted;
use crate::ops::portal::clients::registered::{self, Deleted, Request};
use crate::render::portal::ClientView;

/// Register programs that people may let in at the portal
///
/// A program that speaks MCP and has a metadata document of its own needs no registration: its client id is the https address of
/// that. Others get an id here, and no secret. See keyctl portal --issue.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    #[command(aliases = ["register", "create"])]
    Add(AddArgs),
    #[command(visible_alias = "ls")]
    List(ListArgs),
    #[command(aliases = ["remove", "rm"])]
    Delete(DeleteArgs),
}

/// Register a program, which gets a client id
///
/// Browsers are sent back to its redirect URIs and nowhere else: they are compared to the letter, but for the port of one of plain
/// http, which is on this machine: at 127.0.0.1 or localhost, or the loopback address of IPv6.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl client add \"Editor\" --redirect-uri http://127.0.0.1/callback
  keyctl client add \"Terminal\" --redirect-uri http://127.0.0.1/callback --device
  keyctl client add \"Chat\" --redirect-uri https://chat.example.com/oauth/callback")]
pub(crate) struct AddArgs {
    /// What people are told that it is
    name: ClientName,
    /// Where browsers may be sent back to: https, or http on this machine; repeat it for several
    #[arg(long = "redirect-uri", value_name = "URI", required = true)]
    redirect_uris: Vec<RedirectUri>,
    /// Let it show codes, as programs without a browser do
    #[arg(long)]
    device: bool,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// List the programs that are registered, the oldest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl client list
  keyctl client list -o json")]
pub(crate) struct ListArgs {}

/// Delete a program, and end all that people let it do
///
/// The keys that stood for that are revoked with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl client delete mcl_01k0sv6yz8f2tsx9m1q3b4c5d6")]
pub(crate) struct DeleteArgs {
    /// Its client id
    id: RegisteredId,
    /// Try everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Add(args) => add(context, args),
        Command::List(ListArgs {}) => list(context),
        Command::Delete(args) => delete(context, args),
    }
}

fn add(context: &mut Context, args: &AddArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    let request =
        Request { name: args.name.clone(), redirect_uris: args.redirect_uris.clone(), device: args.device };
    let client = registered::add(&mut env, &request)?;
    drop(env);
    if args.dry_run {
        context.ui.note(&format!("dry run: would register {}; nothing was changed", client.name));
    } else {
        context.ui.note(&format!("registered {}; its client id is {}", client.name, client.id));
    }
    let now = client.created_at;
    context.show_if_asked(&ClientView(&client), now, args.dry_run, "the client is registered")
}

fn list(context: &mut Context) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let now = store.now()?;
    let clients = registered::list(&mut store)?;
    context.ui.list(now, |out| clients.iter().try_for_each(|client| Ok(out.push(&ClientView(client))?)))?;
    if clients.is_empty() {
        context.ui.note("no program is registered; see keyctl client add --help");
    }
    Ok(())
}

fn delete(context: &mut Context, args: &DeleteArgs) -> anyhow::Result<()> {
    let mut env = context.open_env(args.dry_run)?;
    let Deleted { client, ended } = registered::delete(&mut env, args.id)?;
    let now = env.store.now()?;
    drop(env);
    let Registered { id, name, .. } = &client;
    let keys = match ended.len() {
        0 => String::new(),
        count => format!(", and {} of it", counted(count as u64, "key")),
    };
    let (what, rest) =
        if args.dry_run { ("dry run: would delete", "; nothing was changed") } else { ("deleted", "") };
    context.ui.note(&format!("{what} {name} ({id}){keys}{rest}"));
    context.show_if_asked(&ClientView(&client), now, args.dry_run, "the client is deleted")
}
