//! Questions to the person at the terminal. They stand on standard error, so that standard
//! output carries data only.

use super::error::CliError;
use super::terminal::{self, Mode};
use super::ui;

/// Whether the answer is yes; everything but `y` and `yes` is no.
pub(super) fn confirm(question: &str) -> Result<bool, CliError> {
    let answer = line(&format!("{question} [y/N] "))?;
    Ok(matches!(answer.as_deref().map(str::trim), Some("y" | "Y" | "yes" | "Yes" | "YES")))
}

/// The line that is typed behind the question; `None` where input ends.
fn line(question: &str) -> Result<Option<String>, CliError> {
    let typed = terminal::ask(Mode::Line, || {
        ui::ask(question);
        terminal::read_line()
    });
    let Some(typed) = typed.map_err(|error| unreadable(&error))? else {
        // Ctrl-D leaves the cursor behind the question.
        ui::ask("\n");
        return Ok(None);
    };
    Ok(Some(String::from_utf8_lossy(&typed).into_owned()))
}

/// Nothing is changed before all questions are answered.
pub(super) fn given_up() -> CliError {
    CliError::invalid(
        "given up: nothing was changed",
        "answer the question, or give its answer as an argument",
    )
}

fn unreadable(error: &std::io::Error) -> CliError {
    let hint = "give the answer as an argument; see --help";
    CliError::invalid(format!("the terminal gave no answer, so nothing was changed: {error}"), hint)
}
