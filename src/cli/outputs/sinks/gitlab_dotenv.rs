//! One variable of the file that a GitLab job hands on.

use super::dotenv::NO_TOKEN;
use super::place::Place;
use super::{Fault, Places};
use crate::domain::keys::token::Token;
use crate::domain::provisioning::gitlab_entry::{self, FEWEST};
use crate::domain::provisioning::sink::{SinkPath, VariableName};

pub(super) fn check(path: &SinkPath, name: &VariableName, places: &Places<'_>) -> Result<(), Fault> {
    let place = Place::find(path, places)?;
    gitlab_entry::set(&place.text()?, name.as_str(), NO_TOKEN).map_err(|error| place.refused(&error))?;
    Ok(())
}

pub(super) fn deliver(
    path: &SinkPath,
    name: &VariableName,
    token: &Token,
    places: &Places<'_>,
) -> Result<Vec<String>, Fault> {
    let place = Place::find(path, places)?.lock()?;
    let set = gitlab_entry::set(&place.text()?, name.as_str(), token.expose());
    let set = set.map_err(|error| place.refused(&error))?;
    let many = (set.variables > FEWEST).then(|| {
        let shown = place.shown().display();
        format!("{shown} has {} variables: GitLab takes {FEWEST} on its smallest plan", set.variables)
    });
    let mut notes = place.write(set.text.as_bytes())?;
    notes.extend(many);
    Ok(notes)
}
