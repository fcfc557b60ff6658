//! What is in a backup, and what a restored store came to.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Field, Screen, Tone, View, audit};
use crate::domain::time::Timestamp;
use crate::ops::stores::backup::{About, Backup, Contents, Sealed};
use crate::ops::stores::restore::{Outcome, Restored};

#[derive(Serialize)]
struct BackupJson<'b> {
    store_uuid: String,
    schema: i64,
    made_at: Timestamp,
    audit_records: u64,
    audit_hash: String,
    anchor: String,
    database: &'b str,
    sealed: &'static str,
    bytes: u64,
    rows: &'b BTreeMap<String, u64>,
}

fn json<'b>(about: &'b About, sealed: Sealed, bytes: u64, rows: &'b BTreeMap<String, u64>) -> BackupJson<'b> {
    BackupJson {
        store_uuid: about.end.store.to_string(),
        schema: about.schema,
        made_at: about.made_at,
        audit_records: about.end.seq,
        audit_hash: audit::hex(&about.end.hash),
        anchor: about.end.to_string(),
        database: &about.database,
        sealed: sealed.as_str(),
        bytes,
        rows,
    }
}

fn fields(about: &About, sealed: Sealed, bytes: u64, rows: &BTreeMap<String, u64>) -> Vec<Field> {
    let of = |table: &str| rows.get(table).copied().unwrap_or_default().to_string();
    let sealed_by = Field::new("sealed", sealed.as_str());
    vec![
        Field::new("store_uuid", about.end.store.to_string()),
        Field::new("schema", about.schema.to_string()),
        Field::new("made_at", about.made_at.to_string()),
        Field::new("audit_records", about.end.seq.to_string()),
        Field::new("anchor", about.end.to_string()),
        Field::new("database", about.database.as_str()),
        if sealed == Sealed::No { sealed_by.tone(Tone::Warn) } else { sealed_by },
        Field::new("bytes", bytes.to_string()),
        Field::new("keys", of("key")),
        Field::new("owners", of("owner")),
        Field::new("secrets", of("secret")),
    ]
}

impl View for Backup {
    fn json(&self) -> impl Serialize {
        json(&self.about, self.sealed, self.bytes, &self.rows)
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        fields(&self.about, self.sealed, self.bytes, &self.rows)
    }
}

impl View for Contents {
    fn json(&self) -> impl Serialize {
        json(&self.about, self.sealed, self.bytes, &self.rows)
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        fields(&self.about, self.sealed, self.bytes, &self.rows)
    }
}

#[derive(Serialize)]
struct RestoredJson<'r> {
    store_uuid: String,
    backup_record: u64,
    made_at: Timestamp,
    lost_record: Option<u64>,
    replayed_to: Option<u64>,
    anchor: String,
    kept: Option<String>,
    outcomes: Vec<OutcomeJson<'r>>,
}

#[derive(Serialize)]
struct OutcomeJson<'r> {
    what: &'static str,
    kind: &'static str,
    id: Option<&'r str>,
    name: &'r str,
    record: Option<u64>,
    note: Option<&'r str>,
}

impl<'r> OutcomeJson<'r> {
    fn of(outcome: &'r Outcome) -> Self {
        Self {
            what: outcome.what,
            kind: outcome.kind,
            id: outcome.id.as_deref(),
            name: &outcome.name,
            record: outcome.record,
            note: outcome.note.as_deref(),
        }
    }
}

impl View for Restored {
    fn json(&self) -> impl Serialize {
        let report = &self.report;
        RestoredJson {
            store_uuid: report.end.store.to_string(),
            backup_record: report.contents.about.end.seq,
            made_at: report.contents.about.made_at,
            lost_record: report.lost_record,
            replayed_to: report.replayed_to,
            anchor: report.end.to_string(),
            kept: self.kept.as_ref().map(|path| path.display().to_string()),
            outcomes: report.outcomes.iter().map(OutcomeJson::of).collect(),
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let report = &self.report;
        let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let kept = self.kept.as_ref().map(|path| path.display().to_string());
        vec![
            Field::new("store_uuid", report.end.store.to_string()),
            Field::new("backup_record", report.contents.about.end.seq.to_string()),
            Field::new("made_at", report.contents.about.made_at.to_string()),
            Field::new("lost_record", number(report.lost_record)),
            Field::new("replayed_to", number(report.replayed_to)),
            Field::new("anchor", report.end.to_string()),
            Field::new("kept", kept.unwrap_or_default()),
            Field::new("outcomes", report.outcomes.len().to_string()),
        ]
    }
}
