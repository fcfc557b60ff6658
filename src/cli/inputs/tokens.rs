//! A provider's tokens: as JSON on standard input or in a file, or by hidden prompts; never from the command line.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::input;
use crate::cli::error::CliError;
use crate::cli::terminal::line;
use crate::cli::terminal::ui::Ui;
use crate::config::master_key::SecretText;
use crate::domain::credentials::client::ClientAuth;
use crate::domain::credentials::given::{Ends, Given, parse_proof};
use crate::domain::secrets::secret::SecretValue;

/// Where tokens come from.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TokensArgs {
    /// Read the JSON object from this file instead of standard input
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
}

/// Bytes of an answer with three values of the longest kind in it.
const LONGEST: usize = 256 * 1024;

impl TokensArgs {
    /// Reads tokens, and what the client proves itself by.
    pub(in crate::cli) fn read(&self, auth: ClientAuth) -> Result<Given, CliError> {
        let text = match &self.file {
            Some(path) => bounded(path)?,
            None if !io::stdin().is_terminal() => bounded(Path::new("-"))?,
            None => return asked(auth),
        };
        Given::parse(text.expose(), auth).map_err(|error| {
            CliError::invalid(
                format!("the tokens cannot be used: {error}; nothing was changed"),
                "give a JSON object with \"access_token\" and \"refresh_token\", as the provider answers; of a client with a \
                 secret, \"client_secret\" or \"private_key\", too",
            )
        })
    }

    /// Reads what a client proves itself by, and nothing where it needs nothing.
    pub(in crate::cli) fn read_proof(&self, auth: ClientAuth) -> Result<Option<SecretValue>, CliError> {
        let Some(needed) = auth.needs() else { return Ok(None) };
        let hint = || format!("give a JSON object with \"{needed}\" on standard input, or with --file PATH");
        let text = match &self.file {
            Some(path) => bounded(path)?,
            None if !io::stdin().is_terminal() => bounded(Path::new("-"))?,
            None if Ui::can_ask() && auth != ClientAuth::PrivateKeyJwt => return answer("client secret"),
            None => {
                return Err(CliError::invalid(
                    format!("the client's {needed} is needed; nothing was changed"),
                    hint(),
                ));
            }
        };
        if text.expose().trim_ascii().is_empty() {
            let message =
                format!("the client's {needed} is needed, and nothing was given; nothing was changed");
            return Err(CliError::invalid(message, hint()));
        }
        parse_proof(text.expose(), auth).map_err(|error| {
            CliError::invalid(
                format!("the client's {needed} cannot be used: {error}; nothing was changed"),
                hint(),
            )
        })
    }
}

fn bounded(path: &Path) -> Result<SecretText, CliError> {
    // What grows leaves copies behind.
    let mut bytes = Vec::with_capacity(LONGEST + 1);
    let read = input::open(path)?.0.take(LONGEST as u64 + 1).read_to_end(&mut bytes);
    let (length, text) = (bytes.len(), SecretText::new(bytes));
    read.map_err(|error| {
        CliError::invalid(format!("the tokens cannot be read: {error}"), "").because(error)
    })?;
    if length > LONGEST {
        return Err(CliError::invalid(
            "the tokens are longer than 256 KiB; nothing was changed",
            "give the provider's answer",
        ));
    }
    Ok(text)
}

/// What is typed at a terminal, one after the other.
fn asked(auth: ClientAuth) -> Result<Given, CliError> {
    if !Ui::can_ask() {
        return Err(CliError::invalid(
            "no tokens were given; nothing was changed",
            "give the provider's JSON answer on standard input, or with --file PATH",
        ));
    }
    if auth == ClientAuth::PrivateKeyJwt {
        return Err(CliError::invalid(
            "a private key has many lines, and cannot be typed; nothing was changed",
            "give a JSON object with \"access_token\", \"refresh_token\" and \"private_key\" on standard input",
        ));
    }
    let access_token = answer("access token")?.ok_or_else(input::given_up)?;
    let ends = asked_end()?;
    let refresh_token = answer("refresh token, if there is one")?;
    let client_secret = auth.needs().map(|_| answer("client secret")).transpose()?.flatten();
    Ok(Given { access_token, refresh_token, ends, scopes: None, client_secret })
}

fn asked_end() -> Result<Ends, CliError> {
    let typed =
        line::ask("when the access token ends, as in 3600, 8h or a time (empty: nobody knows): ", true)
            .map_err(unanswered)?
            .ok_or_else(input::given_up)?;
    Ends::typed(String::from_utf8_lossy(&typed).trim()).map_err(|error| {
        CliError::invalid(format!("{error}; nothing was changed"), "the provider says it, as \"expires_in\"")
    })
}

fn unanswered(error: io::Error) -> CliError {
    CliError::invalid("the terminal gave no answer; nothing was changed", "").because(error)
}

fn answer(what: &str) -> Result<Option<SecretValue>, CliError> {
    let typed: Zeroizing<Vec<u8>> = line::ask(&format!("{what} (not shown): "), false)
        .map_err(unanswered)?
        .ok_or_else(input::given_up)?;
    if typed.is_empty() {
        return Ok(None);
    }
    if line::may_be_cut(&typed) {
        return Err(CliError::invalid(
            "it is too long to be typed; nothing was changed",
            "use --file PATH or a pipe",
        ));
    }
    SecretValue::from_bytes(typed.trim_ascii(), false).map(Some).map_err(|error| {
        CliError::invalid(
            format!("the {what} cannot be used: {error}; nothing was changed"),
            "give it as it was given to you",
        )
    })
}
