//! Values that several commands take alike.

use std::str::FromStr;

use crate::cli::error::CliError;
use crate::domain::keys::key_ref::KeyRefError;
use crate::domain::keys::network::{NetworkError, Networks};
use crate::domain::keys::note::Note;
use crate::domain::keys::scope::{ScopeError, Scopes};
use crate::domain::owners::owner::{KeyName, NameError, Owner};
use crate::domain::texts::text::{FreeTextError, check_reason};
use crate::domain::time::{Timestamp, TimestampError};

/// Whose a new key is, and what it is called where that was written behind a slash.
#[derive(Clone, Debug)]
pub(in crate::cli) struct NewName {
    pub(in crate::cli) owner: Owner,
    pub(in crate::cli) name: Option<KeyName>,
}

#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum NewNameError {
    #[error(transparent)]
    Owner(NameError),
    #[error(transparent)]
    Named(KeyRefError),
}

impl FromStr for NewName {
    type Err = NewNameError;

    fn from_str(text: &str) -> Result<Self, NewNameError> {
        let Some((owner, name)) = text.split_once('/') else {
            let owner = text.parse().map_err(NewNameError::Owner)?;
            return Ok(Self { owner, name: None });
        };
        let owner = owner.parse().map_err(|error| NewNameError::Named(KeyRefError::Owner(error)))?;
        let name = name.parse().map_err(|error| NewNameError::Named(KeyRefError::Name(error)))?;
        Ok(Self { owner, name: Some(name) })
    }
}

pub(in crate::cli) fn time(text: &str) -> Result<Timestamp, TimestampError> {
    Timestamp::parse(text)
}

/// What is written behind `--scope`.
pub(in crate::cli) fn scopes(lists: &[String]) -> Result<Scopes, CliError> {
    Scopes::parse_lists(lists.iter().map(String::as_str)).map_err(|error| no_scope(&error))
}

/// What is to be taken away, which a later version may have given.
pub(in crate::cli) fn held_scopes(lists: &[String]) -> Result<Scopes, CliError> {
    Scopes::parse_held(lists.iter().map(String::as_str)).map_err(|error| no_scope(&error))
}

fn no_scope(error: &ScopeError) -> CliError {
    CliError::invalid(format!("--scope: {error}"), "as in --scope memories:read,files")
}

/// What is written behind `--allow-ip`.
pub(in crate::cli) fn networks(lists: &[String]) -> Result<Networks, CliError> {
    Networks::parse_lists(lists.iter().map(String::as_str)).map_err(|error: NetworkError| {
        CliError::invalid(format!("--allow-ip: {error}"), "as in --allow-ip 10.0.0.0/8")
    })
}

/// A value, or the word `none`.
#[derive(Clone, Debug)]
pub(in crate::cli) struct OrNone<T>(pub(in crate::cli) Option<T>);

impl<T: FromStr> FromStr for OrNone<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text == "none" { Ok(Self(None)) } else { text.parse().map(|value| Self(Some(value))) }
    }
}

pub(in crate::cli) fn reason(text: &str) -> Result<String, FreeTextError> {
    check_reason(text).map(|()| text.to_owned())
}

/// What is written behind `--note`; `None` for the empty text, which takes it away.
#[derive(Clone, Debug)]
pub(in crate::cli) struct GivenNote(pub(in crate::cli) Option<Note>);

pub(in crate::cli) fn note(text: &str) -> Result<GivenNote, FreeTextError> {
    Note::parse(text).map(GivenNote)
}
