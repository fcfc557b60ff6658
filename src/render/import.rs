//! What came of an import.

use serde::Serialize;

use super::{Field, Screen, Tone, View};
use crate::domain::id::KeyId;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::Timestamp;
use crate::ops::imports::Report;
use crate::ops::imports::foreign::{NotTaken, Told};

/// A report; `dry_run` where nothing was changed.
#[derive(Clone, Debug)]
pub(crate) struct Imported {
    pub report: Report,
    /// Of another program's table, what else came of its rows.
    pub told: Option<Told>,
    pub dry_run: bool,
}

#[derive(Serialize)]
struct ImportedJson<'r> {
    source: &'static str,
    dry_run: bool,
    new: u64,
    present: u64,
    failed: u64,
    weak: u64,
    weak_until: Option<Timestamp>,
    first_key: Option<KeyId>,
    last_key: Option<KeyId>,
    transactions: u64,
    owners_named: u64,
    names: Vec<NamedJson<'r>>,
    rows: Option<u64>,
    left_out: Vec<NotTakenJson<'r>>,
    not_taken: Vec<NotTakenJson<'r>>,
    unusable: Vec<UnusableJson<'r>>,
    orphans: Option<u64>,
}

#[derive(Serialize)]
struct NotTakenJson<'r> {
    column: &'static str,
    why: &'static str,
    rows: u64,
    first: &'r [u64],
}

#[derive(Serialize)]
struct NamedJson<'r> {
    subject: &'r OwnerSubject,
    owner: &'r Owner,
}

#[derive(Serialize)]
struct UnusableJson<'r> {
    row: u64,
    column: &'r str,
    why: &'r str,
}

impl<'r> From<&'r NotTaken> for NotTakenJson<'r> {
    fn from(NotTaken { note, rows, first }: &'r NotTaken) -> Self {
        Self { column: note.what, why: note.why, rows: *rows, first }
    }
}

fn not_taken(all: &[NotTaken]) -> Vec<NotTakenJson<'_>> {
    all.iter().map(NotTakenJson::from).collect()
}

impl View for Imported {
    fn json(&self) -> impl Serialize {
        let Report { source, new, present, weak, weak_until, first, last, transactions, .. } = &self.report;
        let names = self.report.named.first.iter();
        let told = self.told.as_ref();
        let unusable = told.iter().flat_map(|told| told.faults());
        // Of a rehearsal nothing is there to be pointed at.
        let kept = |id: &Option<KeyId>| id.filter(|_| !self.dry_run);
        ImportedJson {
            source: source.as_str(),
            dry_run: self.dry_run,
            new: *new,
            present: *present,
            failed: told.map_or(0, |told| told.unusable.count()),
            weak: *weak,
            weak_until: *weak_until,
            first_key: kept(first),
            last_key: kept(last),
            transactions: if self.dry_run { 0 } else { *transactions },
            owners_named: self.report.named.count,
            names: names.map(|(subject, owner)| NamedJson { subject, owner }).collect(),
            rows: told.map(|told| told.rows),
            left_out: told.map(|told| not_taken(&told.left_out)).unwrap_or_default(),
            not_taken: told.map(|told| not_taken(&told.not_taken)).unwrap_or_default(),
            unusable: unusable
                .map(|fault| UnusableJson { row: fault.line, column: &fault.place, why: &fault.why })
                .collect(),
            orphans: told.map(|told| told.orphans),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let report = &self.report;
        let weak = Field::new("weak", report.weak.to_string());
        vec![
            Field::new("source", report.source.as_str()),
            Field::new("new", report.new.to_string()),
            Field::new("present", report.present.to_string()),
            if report.weak > 0 { weak.tone(Tone::Warn) } else { weak },
            super::key::moment("weak_until", report.weak_until, "", screen),
        ]
    }
}
