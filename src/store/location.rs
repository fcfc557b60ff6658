//! Where a store is, as it is written.

use std::fmt;
use std::path::PathBuf;

use super::postgres::{Dsn, DsnError, Passwords};
use super::sqlite::File;

/// A SQLite file or a PostgreSQL database.
#[derive(Clone, Debug, PartialEq)]
pub enum Location {
    /// A file.
    Sqlite(File),
    /// A database on a server.
    Postgres(Box<Dsn>),
}

/// Why a text does not say where a store is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// Nothing.
    #[error("the name of the store is empty")]
    Empty,
    /// A scheme that is not known.
    #[error("a store is not reached by {0}://: name a path, sqlite:PATH or postgres://…")]
    Scheme(String),
    /// A PostgreSQL address in another form than `postgres://…`; not shown, since such a text
    /// may hold a password.
    #[error("a PostgreSQL address is written postgres://USER@HOST:PORT/DATABASE")]
    AddressForm,
    /// An unknown parameter behind a path.
    #[error("{0} is not known behind a path: there is only symlink=follow")]
    Parameter(String),
    /// The PostgreSQL address.
    #[error(transparent)]
    Dsn(#[from] DsnError),
}

impl Location {
    /// The default store, which creates itself on first use.
    pub fn default_file(path: PathBuf) -> Self {
        Self::Sqlite(File { path, is_default: true, follow_symlink: false })
    }

    /// Parses a path, `sqlite:PATH[?symlink=follow]` or `postgres://…`.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        if text.trim().is_empty() {
            return Err(LocationError::Empty);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(Box::new(text.parse()?)));
        }
        if is_other_address_form(text) {
            return Err(LocationError::AddressForm);
        }
        if let Some(rest) = text.strip_prefix("sqlite:") {
            let (path, parameter) = rest.split_once('?').map_or((rest, None), |(p, q)| (p, Some(q)));
            let follow_symlink = match parameter {
                None => false,
                Some("symlink=follow") => true,
                Some(other) => return Err(LocationError::Parameter(other.to_owned())),
            };
            if path.is_empty() {
                return Err(LocationError::Empty);
            }
            return Ok(Self::Sqlite(File { path: path.into(), is_default: false, follow_symlink }));
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(LocationError::Scheme(scheme.to_owned()));
        }
        Ok(Self::Sqlite(File { path: text.into(), is_default: false, follow_symlink: false }))
    }

    /// The same with another path, where it is a file.
    pub fn try_map_path<E>(self, map: impl FnOnce(PathBuf) -> Result<PathBuf, E>) -> Result<Self, E> {
        match self {
            Self::Sqlite(file) => Ok(Self::Sqlite(File { path: map(file.path)?, ..file })),
            Self::Postgres(dsn) => Ok(Self::Postgres(dsn)),
        }
    }

    /// Gives a PostgreSQL address without a password one from elsewhere.
    #[must_use]
    pub fn with_passwords(mut self, passwords: &Passwords) -> Self {
        if let Self::Postgres(dsn) = &mut self {
            dsn.fill_password(passwords);
        }
        self
    }

    /// Whether it is the default store.
    pub fn is_default(&self) -> bool {
        matches!(self, Self::Sqlite(file) if file.is_default)
    }

    /// The files that it is made of, there or not: the database, what SQLite keeps beside it, and
    /// the backups of its migrations. None of a database on a server.
    pub fn files(&self) -> Vec<PathBuf> {
        match self {
            Self::Sqlite(file) => file.files(),
            Self::Postgres(_) => Vec::new(),
        }
    }

    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(dsn) => dsn.is_local(),
        }
    }

    /// Whether the text held a password.
    pub fn has_password(&self) -> bool {
        matches!(self, Self::Postgres(dsn) if dsn.has_password)
    }
}

/// libpq's `host=… user=…` form, and slips such as `postgres:/…`.
fn is_other_address_form(text: &str) -> bool {
    let scheme = text.split(':').next().unwrap_or_default();
    let slip = text.contains(':')
        && (scheme.eq_ignore_ascii_case("postgres") || scheme.eq_ignore_ascii_case("postgresql"));
    let names = ["host", "hostaddr", "user", "password", "dbname", "port"];
    let pairs = text.split_whitespace().filter_map(|word| word.split_once('='));
    slip || pairs.into_iter().any(|(name, _)| names.contains(&name))
}

impl fmt::Display for Location {
    /// Without a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => file.path.display().fmt(f),
            Self::Postgres(dsn) => dsn.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_file_and_a_scheme_must_be_known() {
        let file = |text: &str| match Location::parse(text) {
            Ok(Location::Sqlite(file)) => (file.path.display().to_string(), file.follow_symlink),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(file("keys.db"), ("keys.db".to_owned(), false));
        assert_eq!(file("/a?b.db"), ("/a?b.db".to_owned(), false));
        assert_eq!(file("sqlite:/a.db?symlink=follow"), ("/a.db".to_owned(), true));
        assert!(matches!(Location::parse("postgresql://localhost/db"), Ok(Location::Postgres(_))));
        assert_eq!(Location::parse("mysql://localhost/db"), Err(LocationError::Scheme("mysql".to_owned())));
        assert_eq!(Location::parse("sqlite:a?mode=ro"), Err(LocationError::Parameter("mode=ro".to_owned())));
        assert_eq!(Location::parse(" "), Err(LocationError::Empty));
        for text in
            ["host=db user=u password=s3cr3t", "postgres:/u:s3cr3t@host/db", "POSTGRES://u:s3cr3t@host/db"]
        {
            assert_eq!(Location::parse(text), Err(LocationError::AddressForm), "{text}");
        }
    }
}
