//! What the server holds of memory that is in no file (`RssAnon`): idle, and after a flood.

use super::asking;
use super::programs::Program;
use crate::pairs::{Budget, Line};
use crate::{Bench, big_sqlite};

/// In KiB.
const MOST: f64 = 48.0 * 1024.0;
const UNKNOWN: u64 = 1_000_000;
const AT_ONCE: u32 = 40_000;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let store = big_sqlite::file(bench, bench.keys)?.display().to_string();
    let serve = Program::serve(bench, &store, &[])?;
    lines.push(line("serve, idle: anonymous memory", serve.anonymous()?));
    let mut load = serve.load(64)?;
    for part in 0..UNKNOWN / u64::from(AT_ONCE) {
        let begin = bench.keys + part * u64::from(AT_ONCE);
        let requests: Vec<_> = (begin..begin + u64::from(AT_ONCE)).map(asking).collect();
        load.send(&requests, AT_ONCE, b"HTTP/1.1 40")?;
    }
    lines.push(line("serve, after 1,000,000 unknown tokens: anonymous memory", serve.anonymous()?));
    Ok(())
}

fn line(what: &str, kibibytes: f64) -> Line {
    let shown = |kibibytes: f64| format!("{:.1} MiB", kibibytes / 1024.0);
    Line {
        what: what.to_owned(),
        reference: "what is promised".to_owned(),
        ours: shown(kibibytes),
        theirs: shown(MOST),
        ratio: kibibytes / MOST,
        seconds: None,
        budget: Budget::AtMost(1.0),
    }
}
