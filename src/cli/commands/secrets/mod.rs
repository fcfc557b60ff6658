//! `keyctl secret`

mod bind;
mod delete;
pub(crate) mod exec;
mod identity;
mod kept;
mod read;
pub(crate) mod resolve;
mod set;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::terminal::ui::Ui;
use crate::domain::credentials::credential::Renewal;
use crate::domain::secrets::secret::{Secret, SecretState};
use crate::domain::time::Timestamp;

/// Keep providers' keys, sealed under a master key, and say who gets which
///
/// A key gets the secret that it is bound to itself, else its owner's, else the store's default;
/// never another one. Only set, rotate and get need the master key.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Set(set::SetArgs),
    Rotate(set::RotateArgs),
    #[command(visible_alias = "ls")]
    List(read::ListArgs),
    Show(read::ShowArgs),
    Get(read::GetArgs),
    Rollback(delete::RollbackArgs),
    #[command(alias = "rm")]
    Delete(delete::DeleteArgs),
    Bind(bind::BindArgs),
    Unbind(bind::UnbindArgs),
}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Set(args) => set::set(context, args),
        Command::Rotate(args) => set::rotate(context, args),
        Command::List(args) => read::list(context, args),
        Command::Show(args) => read::show(context, args),
        Command::Get(args) => read::get(context, args),
        Command::Rollback(args) => delete::rollback(context, args),
        Command::Delete(args) => delete::delete(context, args),
        Command::Bind(args) => bind::bind(context, args),
        Command::Unbind(args) => bind::unbind(context, args),
    }
}

/// A secret is shown on a terminal only where that is asked for.
pub(super) fn revealing(reveal: bool) -> Result<(), CliError> {
    if reveal || !Ui::shows_data() {
        return Ok(());
    }
    Err(CliError::invalid(
        "the secret would show on this terminal",
        "send it into a pipe or a file, or add --reveal",
    ))
}

/// What is to be done about a value that ends, or ended. `credential`: of one, whether a new token is got for it.
pub(in crate::cli) fn warn_of_end(
    context: &Context,
    secret: &Secret,
    now: Timestamp,
    credential: Option<Renewal>,
) {
    let Secret { name, expires_at, .. } = secret;
    let Some(end) = expires_at else { return };
    let text = match (secret.state(now), credential) {
        (SecretState::Expiring, _) => {
            format!("the secret {name} ends at {end}; renew it with: keyctl secret rotate {name}")
        }
        (SecretState::Expired, None) => format!("the secret {name} ended at {end}; no key gets it any more"),
        (SecretState::Expired, Some(Renewal::Got)) => {
            format!(
                "the token of {name} ended at {end}; a new one is got for whoever asks: keyctl oauth refresh {name}"
            )
        }
        (SecretState::Expired, Some(Renewal::SignIn)) => format!(
            "the token of {name} ended at {end}, and no new one can be got; sign in again: keyctl oauth login {name} --replace, \
             or keyctl oauth replace {name}"
        ),
        (SecretState::Active | SecretState::Deleted, _) => return,
    };
    context.ui.warn(&text);
}
