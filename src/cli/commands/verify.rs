//! `keyctl verify`

use std::net::IpAddr;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::input;
use crate::domain::owner::Owner;
use crate::domain::scope::Scope;
use crate::domain::verdict::{Asked, Verdict};
use crate::ops::verify::verify;

/// Verify a token, read from standard input
///
/// Prints the verdict. Exit code 0: allowed; 5: denied; 7: the store cannot be read, so
/// nothing is known of the token. No use is recorded, and no rate or quota is counted.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The permission that is needed
    #[arg(long, value_name = "SCOPE")]
    scope: Option<Scope>,
    /// Whose data is touched
    #[arg(long, value_name = "OWNER")]
    owner: Option<Owner>,
    /// The client's address, where it is known for sure
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<IpAddr>,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> Result<(), CliError> {
    let token = input::read_secret("Token")?;
    let asked = Asked { scope: args.scope.clone(), owner: args.owner.clone(), address: args.ip };
    let mut store = context.open_existing()?;
    let verdict = verify(&mut store, &token, &asked)?;
    let now = store.now()?;
    context.ui.show(&verdict, now)?;
    match verdict {
        Verdict::Allowed(_) => Ok(()),
        Verdict::Denied(reason) => Err(CliError::denied(reason.denial())),
    }
}
