//! Where a store is, as it is written.

use std::fmt;
use std::path::PathBuf;

use super::postgres::{Dsn, Passwords};
use super::sqlite::File;
use crate::domain::stores::store_text::StoreText;

/// A SQLite file or a PostgreSQL database.
#[derive(Clone, Debug, PartialEq)]
pub enum Location {
    Sqlite(File),
    Postgres(Box<Dsn>),
}

pub use crate::domain::stores::text_error::StoreTextError as LocationError;

impl Location {
    /// The default store, which creates itself on first use.
    pub fn default_file(path: PathBuf) -> Self {
        Self::Sqlite(File { path, is_default: true, follow_symlink: false })
    }

    /// Parses a path, `sqlite:PATH[?symlink=follow]` or `postgres://…`.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        Ok(match StoreText::parse(text)? {
            StoreText::File { path, follow_symlink } => {
                Self::Sqlite(File { path: path.into(), is_default: false, follow_symlink })
            }
            StoreText::Postgres(address) => Self::Postgres(Box::new(Dsn::new(address))),
        })
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

    pub fn is_local(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(dsn) => dsn.is_local(),
        }
    }

    pub fn has_password(&self) -> bool {
        matches!(self, Self::Postgres(dsn) if dsn.has_password())
    }
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
