//! Whether a store is as it should be: what can be recomputed is, and compared.

use super::error::{Error, Result};
use crate::store::{self, Cursor, Finding, Page, Store};

/// Keys read at once.
const PAGE: u32 = 500;

/// How many rows [`check`] tells of, give or take one page.
pub fn rows_to_check(store: &mut Store) -> Result<u64> {
    let [live, revoked, _, tokens] = store.counts()?;
    Ok(u64::try_from(live + revoked + tokens).unwrap_or_default() + store.head()?.audit_seq)
}

/// Recomputes what can be recomputed: objects, pages, token rows, keys, the audit chain.
/// `progress` is called with the rows done so far.
pub fn check(store: &mut Store, mut progress: impl FnMut(u64)) -> Result<Vec<Finding>> {
    let mut findings = store.check_objects()?;
    findings.extend(store.check_pages()?);
    findings.extend(store.check_keys()?);
    findings.extend(store.check_secrets()?);
    findings.extend(store.check_apollo()?);
    let mut rows = 0;
    let mut count = |done: u64| {
        rows += done;
        progress(rows);
    };
    findings.extend(store.check_tokens(&mut count)?);
    match store.snapshot(|store| check_keys(store, &mut count)) {
        Ok(of_keys) => findings.extend(of_keys),
        Err(Error::Store(error @ store::Error::Corrupt { .. })) => {
            findings.push(Finding { kind: "cell", message: error.to_string() });
        }
        Err(error) => return Err(error),
    }
    match super::audit::verify(store, |_| count(1)) {
        Ok(_) => {}
        Err(Error::Audit(error)) => findings.push(Finding { kind: "audit", message: error.to_string() }),
        Err(error) => return Err(error),
    }
    Ok(findings)
}

/// Reads every key as `list` does, newest first. [`store::Error::Corrupt`] names the first cell
/// that no keyctl wrote.
fn check_keys(
    store: &mut Store,
    mut progress: impl FnMut(u64),
) -> Result<Vec<Finding>> {
    let mut page = Page { all: true, limit: PAGE, ..Page::default() };
    let (mut findings, mut labels) = (Vec::new(), 0);
    loop {
        let keys = store.keys_with_use(&page)?;
        for key in &keys {
            labels += key.labels.iter().count() as u64;
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
