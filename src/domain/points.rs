//! Named points on the way of a change, at which tests end the process (feature `internals`). In a program that is shipped
//! they are nothing: neither the functions nor their names are in it.

#[cfg(feature = "internals")]
use std::sync::OnceLock;

/// What is told of each point that is reached.
#[cfg(feature = "internals")]
static WATCHER: OnceLock<fn(&str)> = OnceLock::new();

/// From now on this process tells of its points. The first watcher stays.
#[cfg(feature = "internals")]
pub(crate) fn watch(watcher: fn(&str)) {
    let _ = WATCHER.set(watcher);
}

/// Whether somebody is told, so that what travels together is to be sent one by one.
#[cfg(feature = "internals")]
pub(crate) fn are_watched() -> bool {
    WATCHER.get().is_some()
}

#[cfg(feature = "internals")]
pub(crate) fn reached(point: &'static str) {
    if let Some(watcher) = WATCHER.get() {
        watcher(point);
    }
}

/// Reached behind a statement that writes: named by its first word and its table.
#[cfg(feature = "internals")]
pub(crate) fn wrote(sql: &str) {
    if let (Some(watcher), Some(kind)) = (WATCHER.get(), kind(sql)) {
        watcher(&kind);
    }
}

#[cfg(feature = "internals")]
fn kind(sql: &str) -> Option<String> {
    let mut words = sql.split(|c: char| c.is_whitespace() || c == '(').filter(|word| !word.is_empty());
    let verb = words.next()?;
    let is_write =
        ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "WITH", "DROP", "CREATE", "ALTER", "GRANT", "REVOKE"];
    let table =
        words.find(|word| !["INTO", "FROM", "TABLE", "VIEW", "ONLY", "OR", "REPLACE", "IF"].contains(word));
    is_write.contains(&verb).then(|| format!("wrote: {verb} {}", table.unwrap_or_default()))
}

#[cfg(not(feature = "internals"))]
#[inline(always)]
pub(crate) fn are_watched() -> bool {
    false
}

#[cfg(not(feature = "internals"))]
#[inline(always)]
pub(crate) fn reached(_: &'static str) {}

#[cfg(not(feature = "internals"))]
#[inline(always)]
pub(crate) fn wrote(_: &str) {}
