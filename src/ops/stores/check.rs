//! Whether a store is as it should be: what can be recomputed is, and compared.

use std::collections::HashMap;

use crate::ops::audit::{self, Comparison};
use crate::ops::error::{Error, Result};
use crate::store::{self, Cursor, Finding, Page, Store};

/// Keys read at once.
const PAGE: u32 = 500;

/// How many rows [`check`] tells of, give or take one page.
pub fn rows_to_check(store: &mut Store) -> Result<u64> {
    let [live, revoked, _, tokens] = store.counts()?;
    Ok(u64::try_from(live + revoked + tokens).unwrap_or_default() + store.head()?.audit_seq)
}

/// Recomputes what can be recomputed: objects, pages, token rows, keys, the audit chain; and
/// compares what decides with what the audit log says. `progress` is called with the rows done
/// so far.
pub fn check(store: &mut Store, mut progress: impl FnMut(u64)) -> Result<Vec<Finding>> {
    let mut findings = store.check_objects()?;
    findings.extend(store.check_pages()?);
    findings.extend(store.check_keys()?);
    findings.extend(store.check_owners()?);
    findings.extend(store.check_secrets()?);
    findings.extend(store.check_view_for_apollo()?);
    let mut rows = 0;
    let mut count = |done: u64| {
        rows += done;
        progress(rows);
    };
    findings.extend(store.check_tokens(&mut count)?);
    findings.extend(store.snapshot(|store| check_log_and_keys(store, &mut count))?);
    Ok(findings)
}

/// The log and what it says of keys and secrets, in one state of the store.
fn check_log_and_keys(store: &mut Store, mut progress: impl FnMut(u64)) -> Result<Vec<Finding>> {
    let mut compared = Comparison::new(store.now()?)?;
    let walked = audit::verify_each(store, |record| {
        progress(1);
        compared.record(record)
    });
    let mut findings = Vec::new();
    let mut compared = match walked {
        Ok(_) => Some(compared),
        Err(Error::Audit(error)) => {
            let message = format!("{error}; what the store holds was not compared with it");
            findings.push(Finding { kind: "audit", message });
            None
        }
        Err(error) => return Err(error),
    };
    if let Some(compared) = &mut compared {
        compared.end_of_log();
    }
    match check_keys(store, compared.as_mut(), progress) {
        Ok(of_keys) => findings.extend(of_keys),
        // What cannot be read cannot be compared.
        Err(Error::Store(error @ store::Error::Corrupt { .. })) => {
            findings.push(Finding { kind: "cell", message: error.to_string() });
            return Ok(findings);
        }
        Err(error) => return Err(error),
    }
    if let Some(compared) = compared {
        match compared.finish(store) {
            Ok(differences) => findings.extend(differences),
            Err(Error::Store(error @ store::Error::Corrupt { .. })) => {
                findings.push(Finding { kind: "cell", message: error.to_string() });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(findings)
}

/// Reads every key as `list` does, newest first. [`store::Error::Corrupt`] names the first cell
/// that no keyctl wrote.
fn check_keys(
    store: &mut Store,
    mut compared: Option<&mut Comparison>,
    mut progress: impl FnMut(u64),
) -> Result<Vec<Finding>> {
    let mut page = Page { all: true, limit: PAGE, ..Page::default() };
    let (mut findings, mut labels) = (Vec::new(), 0);
    loop {
        let keys = store.keys_with_use(&page)?;
        let versions = match (keys.first(), keys.last()) {
            (Some(newest), Some(oldest)) => store.versions_between(oldest.id, newest.id)?,
            _ => HashMap::new(),
        };
        for key in &keys {
            labels += key.labels.iter().count() as u64;
            let version = versions.get(&key.id).copied().unwrap_or_default();
            compared.as_mut().map_or(Ok(()), |compared| compared.key(key, version))?;
        }
        findings.extend(store.check_labels(&keys)?);
        progress(keys.len() as u64);
        match keys.last() {
            Some(last) if keys.len() == PAGE as usize => page.after = Some(Cursor::from(last)),
            _ => break,
        }
    }
    findings.extend(store.check_label_count(labels)?);
    Ok(findings)
}
