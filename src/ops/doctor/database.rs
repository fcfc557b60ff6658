//! The database, and the way to it.

use super::finding::{Check, Finding, Level, grouped};
use crate::domain::time::Timestamp;
use crate::ops::audit::checkpoint;
use crate::ops::error::{Error, Result};
use crate::ops::stores::store::{self, Fact, FactValue, Status};
use crate::store::{self as stored, LATEST_SCHEMA, Store};

/// Of what `store check` finds, so much is told.
const TOLD: usize = 10;

/// A log that is longer was not moved into the file in its time.
const LONG_LOG: i64 = 16 * 1024 * 1024;

/// Tokens are backdated by as much, so that clocks may differ by it.
const SKEW_MILLIS: i64 = 5_000;

pub(super) fn schema(store: &mut Store) -> Result<Vec<Finding>> {
    let found = store.schema();
    if found < LATEST_SCHEMA {
        let what = format!("the store has schema {found}, and this keyctl writes {LATEST_SCHEMA}");
        let why = "a PostgreSQL store takes no change by this keyctl before it is migrated; a file is migrated by the next \
                   change, and older programs must be able to read it then";
        return Ok(vec![
            Finding::new(Check::Schema, Level::Warning, what)
                .why(why)
                .advise("keyctl store migrate --dry-run, then without it"),
        ]);
    }
    let objects = store.check_objects()?;
    if objects.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = store.missing_indexes()?.iter().map(|index| index.name).collect();
    let others = objects.into_iter().map(|object| object.message).filter(|message| {
        let index = message.strip_prefix("index ").filter(|message| message.ends_with(" is missing"));
        // The server's words are those of a statement.
        let name = index.map(|words| words.trim_start_matches("CREATE ").trim_start_matches("UNIQUE "));
        let name =
            name.map(|words| words.trim_start_matches("INDEX ")).and_then(|words| words.split(' ').next());
        !name.is_some_and(|name| names.contains(&name))
    });
    let others = told(Check::Schema, others, "reads may be slow, or answers wrong; keyctl did not do that");
    Ok(missing(&names).into_iter().chain(others).collect())
}

/// Indexes, which can be made anew from what is there.
fn missing(names: &[&str]) -> Option<Finding> {
    let what = match names.len() {
        0 => return None,
        1 => "1 index is missing".to_owned(),
        many => format!("{many} indexes are missing"),
    };
    let few = stored::Few {
        count: names.len() as u64,
        names: names.iter().take(TOLD).map(|name| (*name).to_owned()).collect(),
    };
    let finding = Finding::new(Check::Schema, Level::Problem, what)
        .why("reads are slow without it, and two things of one name may be made where it would refuse that; keyctl did not do that")
        .advise("keyctl doctor --fix makes it anew; changes wait meanwhile. Who did what: docs/incidents.md (\"Who did that?\")")
        .fixable(true);
    Some(finding.about(few))
}

pub(super) fn make_indexes(store: &mut Store) -> Result<()> {
    if let Some(moved) = store.moved()? {
        return Err(moved.error().into());
    }
    Ok(store.make_missing_indexes()?)
}

/// Whether this is the place that the store left.
pub(super) fn moved(store: &mut Store) -> Result<Vec<Finding>> {
    let Some(moved) = store.moved()? else { return Ok(Vec::new()) };
    let (what, why, to_do) = if moved.at.is_some() {
        (
            format!("the store has moved to {}", moved.to),
            "who still reads this place is told that the store cannot be had, and nothing can be changed here",
            "let services and --store name the new place; to take the move back: keyctl store reopen",
        )
    } else {
        (
            format!("the store is being moved to {}", moved.to),
            "until that is done nothing can be changed here; if nobody is at it any more, it was interrupted",
            "run keyctl store copy --cut-over again, with the same --to; to take it back: keyctl store reopen",
        )
    };
    Ok(vec![Finding::new(Check::Moved, Level::Problem, what).why(why).advise(to_do)])
}

/// The walk over everything, or where that would take too long only over the end of the log.
pub(super) fn whole(store: &mut Store, quick: bool, progress: &mut dyn FnMut(u64)) -> Result<Vec<Finding>> {
    if quick || store.schema() < LATEST_SCHEMA {
        return match checkpoint(store) {
            Ok(_) => Ok(Vec::new()),
            Err(Error::Audit(broken)) => Ok(told(Check::Audit, [broken.to_string()].into_iter(), ALTERED)),
            Err(error) => Err(error),
        };
    }
    let findings = store::check(store, progress)?;
    let (audit, others): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .filter(|finding| finding.kind != "object")
        .partition(|finding| finding.kind == "audit");
    let audit = told(Check::Audit, audit.into_iter().map(|finding| finding.message), ALTERED);
    let why = "keyctl did not write it so: somebody or something else did, and keys may work that should not";
    Ok([audit, told(Check::Store, others.into_iter().map(|finding| finding.message), why)].concat())
}

const ALTERED: &str = "what was done, and by whom, cannot be proved any more";

/// The first of them, and how many there are.
fn told(check: Check, mut messages: impl Iterator<Item = String>, why: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = messages
        .by_ref()
        .take(TOLD)
        .map(|what| {
            Finding::new(check, Level::Problem, what)
                .why(why)
                .advise("see all: keyctl store check; who did what: docs/incidents.md (\"Who did that?\")")
        })
        .collect();
    let more = messages.count() as u64;
    if let (Some(last), true) = (findings.last_mut(), more > 0) {
        last.what = format!("{}, and {} more", last.what, grouped(more));
    }
    findings
}

fn number(facts: &[Fact], wanted: &str) -> Option<i64> {
    facts.iter().find(|(name, _)| *name == wanted).and_then(|(_, value)| match value {
        FactValue::Number(number) => Some(*number),
        FactValue::Text(_) | FactValue::Absent => None,
    })
}

/// A server on this machine is somebody's own, or has its standbys elsewhere.
pub(super) fn standby(status: &Status, is_local: bool) -> Vec<Finding> {
    if let Some(what) = store::standby_warning(&status.facts) {
        let to_do = "bring the standby back, or take it out of synchronous_standby_names: docs/postgresql.md";
        let why = "no key can be minted, rotated or revoked";
        return vec![Finding::new(Check::Standby, Level::Problem, what).why(why).advise(to_do)];
    }
    if is_local || !status.lacks_standby() {
        return Vec::new();
    }
    let what = "the server has no synchronous standby";
    vec![
        Finding::new(Check::Standby, Level::Warning, what)
            .why("a change can be lost with its disk: a key that was revoked works again after a failover")
            .advise("name one in synchronous_standby_names: docs/postgresql.md"),
    ]
}

pub(super) fn pooler(store: &mut Store) -> Result<Vec<Finding>> {
    if store.is_pooled_by_transaction()? != Some(true) {
        return Ok(Vec::new());
    }
    let what = "a pooler in transaction mode stands between here and the server";
    let why = "keyctl works through it; but whoever waits for news of changes hears none there and asks every few seconds \
               instead, and what the server says of clients' addresses is the pooler's";
    let to_do = "leave it so, or give keyctl serve an address without it: docs/postgresql.md";
    Ok(vec![Finding::new(Check::Pooler, Level::Note, what).why(why).advise(to_do)])
}

/// Where Litestream copies the log, it says when that is moved.
pub(super) fn log(status: &Status) -> Vec<Finding> {
    let bytes = number(&status.facts, "wal_bytes").unwrap_or_default();
    if bytes < LONG_LOG || store::litestream_note(&status.facts).is_some() {
        return Vec::new();
    }
    let what = format!("the log beside the file has {} MiB and was not moved into it", bytes / (1024 * 1024));
    vec![
        Finding::new(Check::Wal, Level::Note, what)
            .why("whoever opens the store reads all of it first; a program that keeps a read open does that")
            .advise(
                "keyctl doctor --fix moves it; if that is busy, end the program that reads: fuser -v FILE",
            )
            .fixable(true),
    ]
}

pub(super) fn move_log(store: &mut Store) -> stored::Result<()> {
    store.move_log()
}

/// The store's time beside the one here just before it was asked for and just after.
pub(crate) fn skew(before: Timestamp, there: Timestamp, after: Timestamp) -> Vec<Finding> {
    let (early, late) = (before.as_millis() - there.as_millis(), there.as_millis() - after.as_millis());
    let (off, word) = if early > late { (early, "behind") } else { (late, "ahead of") };
    if off <= SKEW_MILLIS {
        return Vec::new();
    }
    let what = format!("the database's clock is {} seconds {word} the one here", off / 1000);
    vec![clock(what)]
}

/// A record of what is still to come was written by a clock that was ahead, or this one is behind.
pub(super) fn last_record(store: &mut Store, now: Timestamp) -> Result<Vec<Finding>> {
    let last = store.audit_last()?;
    let Some(record) = store.audit_record(last)? else { return Ok(Vec::new()) };
    let body: serde_json::Value = serde_json::from_str(&record.body).unwrap_or_default();
    let at = body["at"].as_str().and_then(|at| Timestamp::parse(at).ok());
    let ahead = at.map_or(0, |at| at.as_millis() - now.as_millis());
    if ahead <= SKEW_MILLIS {
        return Ok(Vec::new());
    }
    let what = format!("the last record of the audit log is of {} seconds from now", ahead / 1000);
    Ok(vec![clock(what)])
}

fn clock(what: String) -> Finding {
    Finding::new(Check::Clock, Level::Warning, what)
        .why("keys end too early or too late by it, and short-lived tokens are refused")
        .advise("set both clocks by NTP: timedatectl status")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_differ_by_five_seconds_and_the_time_that_asking_takes() {
        let at = |millis: i64| Timestamp::from_millis(1_800_000_000_000 + millis).expect("a time");
        assert_eq!(skew(at(0), at(5_000), at(0)), []);
        assert_eq!(skew(at(5_000), at(0), at(5_100)), []);
        assert_eq!(skew(at(0), at(14_000), at(10_000)), []);
        let ahead = skew(at(0), at(19_500), at(10_000));
        assert_eq!(ahead[0].what, "the database's clock is 9 seconds ahead of the one here");
        let behind = skew(at(60_000), at(0), at(60_010));
        assert_eq!(behind[0].what, "the database's clock is 60 seconds behind the one here");
    }
}
