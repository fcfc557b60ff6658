//! A column as the database at hand describes it, for what reads and writes tables as they are.

use super::error::{Error, Result};

/// A column that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub name: String,
    pub kind: ColumnKind,
}

/// What a column holds, in both databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Int,
    Text,
    Blob,
}

impl Column {
    /// From its name and type. Only a name of ours becomes a part of a statement.
    pub(super) fn described(name: &str, kind: &str) -> Result<Self> {
        let is_ours =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"_".contains(&byte));
        let kind = match kind {
            "INTEGER" | "bigint" => ColumnKind::Int,
            "TEXT" | "text" => ColumnKind::Text,
            "BLOB" | "bytea" => ColumnKind::Blob,
            _ => return Err(Error::Database("a column has a type that is not keyctl's".into())),
        };
        if !is_ours {
            return Err(Error::Database("a column has a name that is not keyctl's".into()));
        }
        Ok(Self { name: name.to_owned(), kind })
    }

    /// Several as a statement names them.
    pub(super) fn names(columns: &[Self]) -> String {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        names.join(", ")
    }
}
