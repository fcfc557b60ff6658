//! `keyctl verify`

use std::net::IpAddr;

use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::inputs::input;
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::{Asked, Reason, Verdict};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::texts::bare::dress_of_token;
use crate::domain::time::Timestamp;
use crate::ops::keys::verify::verify;
use crate::render::verdict::Judged;

/// Verify a token, read from standard input
///
/// Prints the verdict. With - several tokens are read, one a line, and all must be allowed.
/// Tokens that were imported are verified as they are. Exit code 0: allowed; 5: denied; 7: the store cannot be read, so
/// nothing is known of the token. No use is recorded, and no rate or quota is counted.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl verify --scope memories:read < token.txt
  keyctl verify - < tokens.txt                 one a line")]
pub(crate) struct Args {
    /// Tokens on standard input, one a line
    #[arg(value_name = "-", value_parser = ["-"], hide_possible_values = true)]
    lines: Option<String>,
    /// The permission that is needed
    #[arg(long, value_name = "SCOPE", add = Stored::Scopes)]
    scope: Option<Scope>,
    /// Whose data is touched: an owner's subject, which is its name unless one was set
    #[arg(long, value_name = "SUBJECT", add = Stored::Owners)]
    owner: Option<OwnerSubject>,
    /// The client's address, where it is known for sure
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<IpAddr>,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let tokens = match args.lines {
        Some(_) => input::read_tokens(&context.ui)?,
        None => vec![(1, input::read_token(&context.ui)?)],
    };
    let asked = Asked { scope: args.scope.clone(), owner: args.owner.clone(), address: args.ip };
    let mut store = context.open_existing()?;
    if tokens.len() == 1 {
        store.reads_few();
    }
    let mut verdicts = Vec::with_capacity(tokens.len());
    for (line, token) in &tokens {
        let verdict = verify(&mut store, token, &asked)?;
        check_bare(&verdict, token, args.lines.is_some().then_some(*line))?;
        verdicts.push(verdict);
    }
    let now = store.now()?;
    store.leave();
    match verdicts.as_slice() {
        [verdict] => Ui::whether_or_not_read(context.ui.show(verdict, now))?,
        many => Ui::whether_or_not_read(show_all(context, many, now))?,
    }
    let denied = verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Allowed(_) => None,
        Verdict::Denied(reason) => Some(reason.denial()),
    });
    denied.map_or(Ok(()), |denial| Err(CliError::denied(denial).into()))
}

/// A text that no token was found in, and that may have one in it, is not judged: `malformed` would
/// be taken for dead. One that was made elsewhere may look like that, and is known then.
pub(in crate::cli::commands) fn check_bare(
    verdict: &Verdict,
    token: &str,
    line: Option<usize>,
) -> Result<(), CliError> {
    let unknown = matches!(verdict, Verdict::Denied(Reason::Malformed | Reason::Unknown));
    match dress_of_token(token).filter(|_| unknown) {
        Some(dress) => Err(input::no_bare_token(line, dress)),
        None => Ok(()),
    }
}

/// One verdict after the other, in the order of the lines.
fn show_all(context: &Context, verdicts: &[Verdict], now: Timestamp) -> anyhow::Result<()> {
    context.ui.list(now, |out| verdicts.iter().try_for_each(|verdict| Ok(out.push(&Judged(verdict))?)))
}
