//! `keyctl resolve`

use std::net::IpAddr;

use super::revealing;
use crate::cli::commands::federation::values::{Handed, takes_a_while, values};
use crate::cli::commands::keys::verify::check_bare;
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::input;
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::{Asked, Reason, Verdict};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::secrets::secret::Provider;
use crate::ops::secrets::nearest::bound_anew;
use crate::ops::secrets::resolve::{Resolved, resolve};
use crate::render::secret::ResolvedView;
use crate::store::Store;

/// Turn a client's token, read from standard input, into the provider's secret
///
/// What every service does with a request: verify the token, and find the secret that its key,
/// its owner or the store is bound to. Exit code 5: the token is denied, as by keyctl verify; 8:
/// there is no usable secret, and never another key's instead. Nothing is recorded. An OAuth token that ends within a
/// minute is followed by a new one first, if this store may be written. For a secret without a value, its federation is
/// asked for a token, which lives for minutes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl resolve --provider anthropic -o json < token.txt
  keyctl resolve --provider openai --scope chat:write < token.txt")]
pub(crate) struct Args {
    /// Whom the secret is for
    #[arg(long, value_name = "PROVIDER", add = Stored::Providers)]
    provider: Provider,
    /// The permission that is needed
    #[arg(long, value_name = "SCOPE", add = Stored::Scopes)]
    scope: Option<Scope>,
    /// Whose data is touched: an owner's subject, which is its name unless one was set
    #[arg(long, value_name = "SUBJECT", add = Stored::Owners)]
    owner: Option<OwnerSubject>,
    /// The client's address, where it is known for sure
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<IpAddr>,
    /// Show the secret on a terminal, too
    #[arg(long)]
    reveal: bool,
}

fn denied(context: &mut Context, store: &mut Store, token: &str, reason: Reason) -> anyhow::Result<()> {
    let verdict = Verdict::Denied(reason);
    check_bare(&verdict, token, None)?;
    let now = store.now()?;
    Ui::whether_or_not_read(context.ui.show(&verdict, now))?;
    Err(CliError::denied(reason.denial()).into())
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    revealing(args.reveal)?;
    let token = input::read_token(&context.ui)?;
    let asked = Asked { scope: args.scope.clone(), owner: args.owner.clone(), address: args.ip };
    let mut store = context.open_existing()?;
    match resolve(&mut store, &token, &asked, &args.provider)? {
        Resolved::Denied(reason) => denied(context, &mut store, &token, reason),
        Resolved::Found { grant, secret, at } => {
            Ui::demand_reader()?;
            let (id, is_looked_again) = (secret.secret.id, takes_a_while(&secret.secret, at));
            let handed = values(context, store, vec![*secret], &grant.owner, at)?;
            if is_looked_again {
                let mut store = context.reopen()?;
                match resolve(&mut store, &token, &asked, &args.provider)? {
                    Resolved::Denied(reason) => return denied(context, &mut store, &token, reason),
                    Resolved::Found { secret, .. } if secret.secret.id != id => {
                        return Err(bound_anew().into());
                    }
                    Resolved::Found { .. } => {}
                }
            }
            let shown = |Handed { secret, value, present, expires_at }: &Handed| {
                let (value_present, value_expires_at) = (*present, *expires_at);
                let view = ResolvedView { grant: &grant, secret, value, value_present, value_expires_at };
                Ui::demanded(context.ui.show(&view, at))
            };
            handed.iter().try_for_each(shown)
        }
    }
}
