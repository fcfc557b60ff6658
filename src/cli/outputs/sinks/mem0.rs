//! A user's key in Mem0's `API_KEYS`.

use super::dotenv::NO_TOKEN;
use super::place::Place;
use super::{Fault, Places};
use crate::domain::keys::token::Token;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::provisioning::api_keys::{self, Set, Target};
use crate::domain::provisioning::sink::SinkPath;
use crate::domain::provisioning::sink_command::Facts;
use crate::domain::texts::text::counted;

pub(super) fn check(path: &SinkPath, user: &OwnerSubject, places: &Places<'_>) -> Result<(), Fault> {
    let place = Place::find(path, places)?;
    set(&place, path, user, NO_TOKEN, &[])?;
    Ok(())
}

pub(super) fn deliver(
    path: &SinkPath,
    user: &OwnerSubject,
    token: &Token,
    facts: &Facts,
    places: &Places<'_>,
) -> Result<Vec<String>, Fault> {
    let place = Place::find(path, places)?.lock()?;
    let Set { text, others } = set(&place, path, user, token.expose(), &facts.living)?;
    let told = (others > 0).then(|| {
        let others = counted(others as u64, "key");
        format!("{others} of {} in {} that keyctl did not make stay", user.as_str(), place.shown().display())
    });
    let mut notes = place.write(text.as_bytes())?;
    notes.extend(told);
    Ok(notes)
}

fn set(
    place: &Place<'_>,
    path: &SinkPath,
    user: &OwnerSubject,
    token: &str,
    living: &[String],
) -> Result<Set, Fault> {
    let is_json = path.as_path().extension().is_some_and(|ending| ending == "json");
    let target = Target { user: user.as_str(), living };
    api_keys::set(&place.text()?, is_json, &target, token).map_err(|error| place.refused(&error))
}
