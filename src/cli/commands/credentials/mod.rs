//! `keyctl oauth` and `keyctl lease`

mod add;
mod browser;
pub(super) mod current;
pub(in crate::cli) mod lease;
mod login;
mod read;
pub(super) mod refresh;
mod replace;
mod sign_in;
mod watch;

use crate::cli::context::Context;
use crate::domain::credentials::credential::Credential;
use crate::domain::credentials::granted::Granted;
use crate::domain::texts::text::Shown;
use crate::domain::time::Timestamp;

/// Keep OAuth credentials, and have new tokens for them before the old ones end
///
/// A credential is a secret whose value is an access token: it is bound, resolved and deleted like one. keyctl gets a new
/// token from the provider when one is needed, once for all who need it.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Add(add::Args),
    Login(Box<login::Args>),
    #[command(visible_alias = "ls")]
    List(read::ListArgs),
    Show(read::ShowArgs),
    Refresh(refresh::Args),
    Replace(replace::Args),
    Watch(watch::Args),
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Add(args) => add::run(context, args),
        Command::Login(args) => login::run(context, args),
        Command::List(args) => read::list(context, args),
        Command::Show(args) => read::show(context, args),
        Command::Refresh(args) => refresh::run(context, args),
        Command::Replace(args) => replace::run(context, args),
        Command::Watch(args) => watch::run(context, args),
    }
}

/// What tokens may do: as their JSON says, which the provider wrote; else as was said beside it.
fn scopes(context: &Context, given: Option<Granted>, beside: &[Granted]) -> Granted {
    let beside: Granted = beside.iter().cloned().collect();
    match given {
        None => beside,
        Some(given) => {
            if !beside.is_empty() && beside != given {
                let given = given.to_string();
                context.ui.warn(&format!(
                    "--scope is not used: the tokens say what they may do, {}",
                    Shown(&given)
                ));
            }
            given
        }
    }
}

/// What is missing for a token that never stops.
fn warn_of_gaps(context: &Context, credential: &Credential, now: Timestamp) {
    let name = &credential.secret.name;
    if let Some(end) = credential.secret.expires_at.filter(|end| *end <= now) {
        context
            .ui
            .warn(&format!("the token of {name} ended at {end}: a new one is got first, for whoever asks"));
    }
    if !credential.has_refresh_token {
        context.ui.warn(&format!("there is no refresh token: {name} ends with its access token"));
    }
    if credential.secret.expires_at.is_none() {
        context.ui.note(&format!(
            "nobody said when the token of {name} ends: it is not followed by another one until keyctl oauth refresh --force"
        ));
    }
}
