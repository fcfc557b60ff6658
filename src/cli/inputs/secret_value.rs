//! The value of a provider's secret: from standard input, a file, a command or a hidden prompt,
//! never from the command line.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::PathBuf;

use super::{command, input};
use crate::cli::error::CliError;
use crate::cli::terminal::line;
use crate::cli::terminal::ui::Ui;
use crate::config::master_key::SecretText;
use crate::domain::secrets::sealed::LONGEST_VALUE;
use crate::domain::secrets::secret::{SecretValue, SecretValueError};
use crate::domain::texts::bare::no_key;

/// Where a value comes from.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ValueArgs {
    /// Read the value from this file instead of standard input
    #[arg(long, value_name = "PATH", conflicts_with = "command")]
    file: Option<PathBuf>,
    /// Run this command with sh and take what it prints
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
    /// The value has several lines, as a PEM or JSON file
    #[arg(long)]
    multiline: bool,
    /// Take a value that looks wrong: with letters outside ASCII, in quotes, NAME=value, behind Bearer
    #[arg(long)]
    any_text: bool,
}

impl ValueArgs {
    /// Reads the value. One line end is taken off, and of a single line the blanks around it.
    pub(in crate::cli) fn read(&self, ui: &Ui, what: &str) -> Result<SecretValue, CliError> {
        let text = match (&self.file, &self.command) {
            (Some(path), _) => bounded(input::open(path)?.0)?,
            (None, Some(command)) => command::secret_of(command, LONGEST_VALUE + 2).map_err(|error| {
                CliError::invalid(
                    format!("the command for the value failed: {error}; nothing was changed"),
                    "run it by hand: it must print the value and nothing else",
                )
            })?,
            (None, None) => stdin(what)?,
        };
        let text = if self.multiline { text.without_line_end() } else { text };
        let bytes = if self.multiline { text.expose() } else { input::trimmed(ui, "value", text.expose()) };
        let value = SecretValue::from_bytes(bytes, self.multiline).map_err(refused)?;
        match no_key(value.expose()).filter(|_| !self.any_text) {
            None => Ok(value),
            Some(wrong) => Err(CliError::invalid(
                format!("the value is hardly a provider's key: {wrong}; nothing was changed"),
                "give the key and nothing else; if it is meant like this, add --any-text",
            )),
        }
    }
}

fn refused(error: SecretValueError) -> CliError {
    let hint = match error {
        SecretValueError::Empty => "give it on standard input, with --file PATH or --command COMMAND",
        SecretValueError::Lines => "if it is meant to have several lines, add --multiline",
        SecretValueError::Blank => "take the blank away; it is easily copied along",
        SecretValueError::TooLong | SecretValueError::Encoding | SecretValueError::Control(_) => {
            "give the provider's key itself, as text"
        }
    };
    CliError::invalid(format!("the value cannot be used: {error}; nothing was changed"), hint)
}

fn bounded(from: impl io::Read) -> Result<SecretText, CliError> {
    let mut bytes = room();
    let read = fill(&mut bytes, from);
    let text = SecretText::new(bytes);
    read.map_err(|error| CliError::invalid(format!("the value cannot be read: {error}"), "").because(error))?;
    Ok(text)
}

/// Room for the longest value, a line end and one byte more, which tells that it is too long: what
/// grows leaves copies behind.
fn room() -> Vec<u8> {
    Vec::with_capacity(LONGEST_VALUE + 3)
}

fn fill(room: &mut Vec<u8>, from: impl io::Read) -> io::Result<usize> {
    from.take(LONGEST_VALUE as u64 + 3).read_to_end(room)
}

fn stdin(what: &str) -> Result<SecretText, CliError> {
    if !io::stdin().is_terminal() {
        return bounded(input::open(std::path::Path::new("-"))?.0);
    }
    if !Ui::can_ask() {
        return Err(refused(SecretValueError::Empty));
    }
    let typed = line::ask(&format!("{what} (not shown): "), false);
    let typed = typed
        .map_err(|error| refused(SecretValueError::Empty).because(error))?
        .ok_or_else(input::given_up)?;
    if line::may_be_cut(&typed) {
        return Err(CliError::invalid(
            "the value is too long to be typed; nothing was changed",
            "use --file PATH or a pipe",
        ));
    }
    Ok(SecretText::new(typed.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_never_moves() {
        for length in [0, 1, LONGEST_VALUE, LONGEST_VALUE + 3, LONGEST_VALUE + 100] {
            let mut bytes = room();
            let place = bytes.as_ptr();
            let read = fill(&mut bytes, io::repeat(b'x').take(length as u64)).expect("read");
            assert_eq!((read, bytes.as_ptr()), (length.min(LONGEST_VALUE + 3), place));
        }
    }
}
