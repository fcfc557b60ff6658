//! Audit records from elsewhere, as `audit export` and a sink write them: one JSON object a line.

use std::io::{BufRead, Read};

use serde::Deserialize;
use uuid::Uuid;

use crate::domain::audit::anchor::Anchor;
use crate::domain::audit::event::Record;
use crate::ops::error::{Error, Result};

/// Longer lines are none of ours.
const LONGEST: u64 = 64 * 1024 * 1024;

#[derive(Deserialize)]
struct Line {
    store_uuid: String,
    seq: u64,
    hash: String,
    body: String,
}

/// A record, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OfStore {
    pub store: Uuid,
    pub record: Record,
}

impl OfStore {
    /// Reads a line; `None` if it is no record.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let line: Line = serde_json::from_str(line).ok()?;
        let store = Uuid::try_parse(&line.store_uuid).ok()?;
        // The same form as in an anchor.
        let anchor: Anchor = format!("keyctl-anchor:v1:{store}:{}:{}", line.seq, line.hash).parse().ok()?;
        Some(Self { store, record: Record { seq: line.seq, body: line.body, hash: anchor.hash } })
    }

    pub(crate) fn end(&self) -> Anchor {
        Anchor { store: self.store, seq: self.record.seq, hash: self.record.hash }
    }
}

/// Reads all records in their order. A last line without its end is one that is still being written.
pub(super) fn each(input: &mut dyn BufRead, mut each: impl FnMut(OfStore) -> Result<()>) -> Result<()> {
    let invalid = |number: usize, what: &str| Error::Invalid {
        message: format!("line {number} of the audit log {what}; nothing was changed"),
        hint: "give lines as keyctl audit export, or a sink, writes them".to_owned(),
    };
    let mut text = String::new();
    for number in 1.. {
        text.clear();
        let read = Read::take(&mut *input, LONGEST).read_line(&mut text);
        let read = read.map_err(|error| invalid(number, &format!("cannot be read: {error}")))?;
        if read == 0 {
            break;
        }
        if text.trim().is_empty() {
            continue;
        }
        let record = OfStore::parse(text.trim_end()).ok_or_else(|| invalid(number, "is no audit record"))?;
        each(record)?;
    }
    Ok(())
}
