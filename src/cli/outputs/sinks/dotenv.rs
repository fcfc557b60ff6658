//! One variable of an `.env` file.

use super::place::Place;
use super::{Fault, Places};
use crate::domain::keys::token::Token;
use crate::domain::provisioning::dotenv_entry;
use crate::domain::provisioning::sink::{SinkPath, VariableName};

/// As long as a token, and of its characters.
pub(super) const NO_TOKEN: &str = "sks_000000000000_0000000000000000000000000000000000000000000000000";

pub(super) fn check(path: &SinkPath, name: &VariableName, places: &Places<'_>) -> Result<(), Fault> {
    let place = Place::find(path, places)?;
    dotenv_entry::set(&place.text()?, name.as_str(), NO_TOKEN).map_err(|error| place.refused(&error))?;
    Ok(())
}

pub(super) fn deliver(
    path: &SinkPath,
    name: &VariableName,
    token: &Token,
    places: &Places<'_>,
) -> Result<Vec<String>, Fault> {
    let place = Place::find(path, places)?.lock()?;
    let before = place.text()?;
    let text =
        dotenv_entry::set(&before, name.as_str(), token.expose()).map_err(|error| place.refused(&error))?;
    let shell = before.contains("\r\n").then(|| {
        let shown = place.shown().display();
        format!("the lines of {shown} end with CRLF: a shell takes the CR for a part of each value")
    });
    let mut notes = place.write(text.as_bytes())?;
    notes.extend(shell);
    Ok(notes)
}
