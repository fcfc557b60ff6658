//! A file that holds the token and nothing else.

use std::fs::File;
use std::io::Read as _;

use zeroize::Zeroizing;

use super::place::Place;
use super::{Fault, Places};
use crate::domain::keys::token::Token;
use crate::domain::provisioning::sink::SinkPath;
use crate::ops::keys::known;

/// A longer line is no token.
const LONGEST: usize = 4096;

pub(super) fn check(path: &SinkPath, places: &Places<'_>) -> Result<(), Fault> {
    check_former(&Place::find(path, places)?)
}

pub(super) fn deliver(path: &SinkPath, token: &Token, places: &Places<'_>) -> Result<Vec<String>, Fault> {
    let place = Place::find(path, places)?.lock()?;
    check_former(&place)?;
    let line = Zeroizing::new(format!("{}\n", token.expose()));
    place.write(line.as_bytes())
}

/// What is written over must be a token alone, or nothing: a slip of the path could replace anything.
fn check_former(place: &Place<'_>) -> Result<(), Fault> {
    match place.file().map(holds_token) {
        None | Some(true) => Ok(()),
        Some(false) => Err(Fault::refused(
            format!("{} holds something else than one token", place.shown().display()),
            "name another file; or remove this one, if it is not needed",
        )),
    }
}

fn holds_token(mut file: &File) -> bool {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    let read = file.by_ref().take(LONGEST as u64 + 1).read_to_end(&mut bytes);
    let text = str::from_utf8(&bytes).unwrap_or("\n\n").trim_end_matches(['\r', '\n']);
    read.is_ok() && bytes.len() <= LONGEST && (bytes.is_empty() || known::has_form(text))
}
