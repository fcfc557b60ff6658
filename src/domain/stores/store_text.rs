//! What the text that names a store says, and why it says nothing.
//!
//! The rules are the same in every language (`tests/vectors/README.md`). No error has a part of the
//! text in it: any of it may belong to a password.

use super::address::Address;
use super::text_error::{Fault, OF_SQLITE, StoreTextError, has_control};
use crate::domain::texts::misplaced;

/// A file, or a database on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreText {
    File {
        path: String,
        /// Whether a symbolic link in its place is followed.
        follow_symlink: bool,
    },
    Postgres(Address),
}

/// Names in libpq's other form of an address, by which it is told.
const OTHER_FORM: [&str; 9] =
    ["host", "hostaddr", "user", "password", "dbname", "port", "service", "sslmode", "passfile"];

impl StoreText {
    /// Reads a path, `sqlite:PATH[?symlink=follow]` or `postgres://…`.
    pub(crate) fn parse(text: &str) -> Result<Self, StoreTextError> {
        let refuse = |fault| Err(StoreTextError::new(fault));
        if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
            return refuse(Fault::Empty);
        }
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        if let Some(rest) = rest {
            return Address::parse(rest).map(Self::Postgres);
        }
        let path = text.strip_prefix("sqlite:");
        if misplaced::is_secret(path.unwrap_or(text)) {
            return refuse(Fault::Secret);
        }
        if has_control(text) || text != text.trim_matches(' ') {
            return refuse(Fault::Character);
        }
        if is_other_form(text)
            || crate::domain::texts::credentials::is_broken_address(text)
            || (path.is_none() && lacks_its_scheme(text))
        {
            return refuse(Fault::Form);
        }
        path.map_or_else(|| Ok(Self::File { path: text.to_owned(), follow_symlink: false }), sqlite)
    }
}

/// Other schemes, slips such as `postgres:/…`, and libpq's `host=… user=…`.
fn is_other_form(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_slip = matches!(scheme.as_deref(), Some("postgres" | "postgresql"));
    let mut pairs = text.split(' ').filter_map(|word| word.split_once('='));
    text.contains("://") || is_slip || pairs.any(|(name, _)| OTHER_FORM.contains(&name))
}

/// `user:password@host/database`, which as a path would be shown.
fn lacks_its_scheme(text: &str) -> bool {
    let is_path = ["/", "./", "../"].iter().any(|start| text.starts_with(start));
    let colon = text.find(':').filter(|colon| !text[..*colon].contains('/'));
    !is_path && colon.is_some_and(|colon| text[colon..].contains('@'))
}

fn sqlite(rest: &str) -> Result<StoreText, StoreTextError> {
    let (path, parameter) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    if let Some(parameter) = parameter {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if name != "symlink" {
            let parameter = OF_SQLITE.into_iter().find(|known| *known == name);
            return Err(StoreTextError { fault: Fault::Parameter, parameter });
        }
        if value != "follow" {
            return Err(StoreTextError::of(Fault::Value, "symlink"));
        }
    }
    if path.is_empty() {
        return Err(StoreTextError::new(Fault::Empty));
    }
    Ok(StoreText::File { path: path.to_owned(), follow_symlink: parameter.is_some() })
}
