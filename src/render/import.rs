//! What came of an import.

use serde::Serialize;

use super::{Field, Screen, Tone, View};
use crate::domain::id::KeyId;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::Timestamp;
use crate::ops::imports::Report;

/// A report; `dry_run` where nothing was changed.
#[derive(Clone, Debug)]
pub(crate) struct Imported {
    pub report: Report,
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
}

#[derive(Serialize)]
struct NamedJson<'r> {
    subject: &'r OwnerSubject,
    owner: &'r Owner,
}

impl View for Imported {
    fn json(&self) -> impl Serialize {
        let Report { source, new, present, weak, weak_until, first, last, transactions, .. } = &self.report;
        let names = self.report.named.first.iter();
        // Of a rehearsal nothing is there to be pointed at.
        let kept = |id: &Option<KeyId>| id.filter(|_| !self.dry_run);
        ImportedJson {
            source: source.as_str(),
            dry_run: self.dry_run,
            new: *new,
            present: *present,
            failed: 0,
            weak: *weak,
            weak_until: *weak_until,
            first_key: kept(first),
            last_key: kept(last),
            transactions: if self.dry_run { 0 } else { *transactions },
            owners_named: self.report.named.count,
            names: names.map(|(subject, owner)| NamedJson { subject, owner }).collect(),
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
