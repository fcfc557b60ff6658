//! Questions to the person at the terminal. They stand on standard error, so that standard
//! output carries data only.

use std::fmt::Display;
use std::io;

use super::line;
use super::ui;
use crate::cli::error::{CliError, Kind};
use crate::domain::texts::leak;

/// Asks until the answer can be read; `None` if it is empty.
pub(in crate::cli) fn answer<T, E: Display>(
    question: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, CliError> {
    loop {
        let Some(typed) = line(question)? else { return Err(given_up()) };
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        if leak::secret_in(typed).is_some() {
            ui::ask("this is or contains a secret; it is not taken\n");
            continue;
        }
        match parse(typed) {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => ui::ask(&format!("{error}\n")),
        }
    }
}

/// Whether the answer is yes; everything but `y` and `yes` is no.
pub(in crate::cli) fn confirm(question: &str) -> Result<bool, CliError> {
    let answer = line(&format!("{question} [y/N] "))?;
    Ok(matches!(answer.as_deref().map(str::trim), Some("y" | "Y" | "yes" | "Yes" | "YES")))
}

/// The line that is typed behind the question; `None` where it is given up.
fn line(question: &str) -> Result<Option<String>, CliError> {
    let typed = line::ask(question, true).map_err(|error| unreadable(&error))?;
    Ok(typed.map(|typed| String::from_utf8_lossy(&typed).into_owned()))
}

/// Nothing is changed before all questions are answered.
pub(in crate::cli) fn given_up() -> CliError {
    CliError::new(
        Kind::Declined,
        "given up: nothing was changed",
        "answer the question, or give its answer as an argument",
    )
}

pub(in crate::cli) fn unreadable(error: &io::Error) -> CliError {
    let hint = "give the answer as an argument; see --help";
    CliError::invalid(format!("the terminal gave no answer, so nothing was changed: {error}"), hint)
}
