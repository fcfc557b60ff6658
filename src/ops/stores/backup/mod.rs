//! All rows of a store in one file, and back.

pub(in crate::ops) mod error;
mod frame;
mod reading;
mod sealing;
mod writing;

pub(crate) use error::{BackupError, Sealed};
pub(crate) use frame::{NAME, Reader};
pub(crate) use reading::{Contents, Item, read};
pub(crate) use writing::{Backup, write, write_in_transaction};

pub(crate) use crate::crypto::backup::BackupKey;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::audit::anchor::Anchor;
use crate::domain::time::Timestamp;

/// What a backup says of the store that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    /// The end of its audit log.
    pub end: Anchor,
    /// The counter of its change mark.
    pub counter: i64,
    pub schema: i64,
    /// By the store's clock.
    pub made_at: Timestamp,
    /// The database's product.
    pub database: String,
}

/// The same as it is written.
#[derive(Debug, Serialize, Deserialize)]
struct AboutJson {
    store: String,
    schema: i64,
    audit_seq: u64,
    audit_hash: String,
    counter: i64,
    made_at: i64,
    database: String,
    keyctl: String,
}

/// What an entry says of the rows behind it.
#[derive(Debug, Serialize, Deserialize)]
struct TableJson {
    table: String,
    columns: Vec<String>,
}

/// What the end says: how many rows of each table there are, and the digest.
#[derive(Debug, Serialize, Deserialize)]
struct EndJson {
    rows: BTreeMap<String, u64>,
    sha256: String,
}

impl About {
    fn to_json(&self) -> AboutJson {
        AboutJson {
            store: self.end.store.to_string(),
            schema: self.schema,
            audit_seq: self.end.seq,
            audit_hash: frame::hex(&self.end.hash),
            counter: self.counter,
            made_at: self.made_at.as_millis(),
            database: self.database.clone(),
            keyctl: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    fn of_json(json: AboutJson) -> Option<Self> {
        Some(Self {
            end: Anchor {
                store: Uuid::try_parse(&json.store).ok()?,
                seq: json.audit_seq,
                hash: frame::unhex(&json.audit_hash)?,
            },
            counter: json.counter,
            schema: json.schema,
            made_at: Timestamp::from_millis(json.made_at)?,
            database: json.database,
        })
    }
}
