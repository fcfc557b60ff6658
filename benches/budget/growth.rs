//! The same work on few keys and on many, in both databases.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use keyctl::ops;
use keyctl::ops::keys::list::list;
use keyctl::store::{Access, Order, Page, Store};

use super::fixture::Seeded;
use super::pairs::{Budget, Line, Measure, timed};
use super::processes::{command, run};
use super::server::{PASSWORD, Server};
use super::{Bench, FEW, big_postgres, big_sqlite, lookups, say};

const FLAT: Budget = Budget::AtMost(1.25);
const PAGE: u32 = 20;
/// Several times of what a million rows take.
const PATIENCE_SECONDS: u32 = 600;
/// What timeout(1) exits with.
const TIMED_OUT: i32 = 124;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let (few, many) = (big_sqlite::file(bench, FEW)?, big_sqlite::file(bench, bench.keys)?);
    let mut stores = [big_sqlite::open(&few, Access::Read)?, big_sqlite::open(&many, Access::Read)?];
    in_process(bench, "SQLite", &mut stores, (301, 100), lines)?;
    drop(stores);
    in_processes(bench, "SQLite", [&few, &many].map(|file| file.display().to_string()), lines)?;
    let server = Server::start(bench)?;
    let names = [big_postgres::database(&server, FEW)?, big_postgres::database(&server, bench.keys)?];
    let mut stores = [big_postgres::open(&server, &names[0])?, big_postgres::open(&server, &names[1])?];
    in_process(bench, "Postgres", &mut stores, (151, 10), lines)?;
    drop(stores);
    in_processes(bench, "Postgres", names.each_ref().map(|name| server.address(name, false)), lines)?;
    memory(bench, "SQLite", [&few, &many].map(|file| file.display().to_string()), lines)?;
    memory(bench, "Postgres", names.each_ref().map(|name| server.address(name, false)), lines)
}

/// `(pairs, batch)` of the lookups; a page takes the time of several.
fn in_process(
    bench: &Bench,
    database: &str,
    [few, many]: &mut [Store; 2],
    (pairs, batch): (usize, u32),
    lines: &mut Vec<Line>,
) -> anyhow::Result<()> {
    let row = |what: &str, batch| {
        let what = format!("growth: {what}, {database}");
        move |ours: &mut dyn FnMut() -> _, theirs: &mut dyn FnMut() -> _| {
            let reference = "1,000 keys";
            Measure { what: &what, reference, budget: FLAT, pairs, batch }.run(ours, theirs)
        }
    };
    let (mut random, mut others) = (Seeded(6), Seeded(7));
    lines.push(row("verify", batch)(
        &mut || lookups::verify_some(many, &mut random, bench.keys, batch),
        &mut || lookups::verify_some(few, &mut others, FEW, batch),
    )?);
    for (name, order) in
        [("list", Order::Created), ("list by name", Order::Name), ("list by expiry", Order::Expiry)]
    {
        let batch = batch.div_ceil(10);
        lines.push(row(name, batch)(
            &mut || Ok(timed(|| (0..batch).try_for_each(|_| first_page(many, order)))?.0),
            &mut || Ok(timed(|| (0..batch).try_for_each(|_| first_page(few, order)))?.0),
        )?);
    }
    Ok(())
}

/// What reads the head row, or an index, whatever the size of the store.
const HARDLY_GROWS: Budget = Budget::AtMost(1.5);

fn in_processes(
    bench: &Bench,
    database: &str,
    [few, many]: [String; 2],
    lines: &mut Vec<Line>,
) -> anyhow::Result<()> {
    for words in
        ["store status", "audit checkpoint", "list --label team=none", "list --label team=search --limit 20"]
    {
        let what = format!("growth: {words}, {database}, whole process");
        let keyctl = |store: &str| {
            let mut command = command(bench, &bench.program);
            command.args(words.split(' ')).args(["--store", store]).env("PGPASSWORD", PASSWORD);
            run(command)
        };
        let reference = "1,000 keys";
        lines.push(
            Measure { what: &what, reference, budget: HARDLY_GROWS, pairs: 101, batch: 1 }
                .run(|| keyctl(&many), || keyctl(&few))?,
        );
    }
    Ok(())
}

fn first_page(store: &mut Store, order: Order) -> anyhow::Result<()> {
    let page = Page { order, ..Page::default() };
    let mut read = 0;
    let more = list(store, page, Some(PAGE), |key| {
        std::hint::black_box(key);
        read += 1;
        Ok::<_, ops::Error>(())
    })?;
    ensure!(more && read == PAGE, "no full page: {read} of {PAGE}");
    Ok(())
}

/// Peak memory, which hardly varies: one run each.
fn memory(
    bench: &Bench,
    database: &str,
    [few, many]: [String; 2],
    lines: &mut Vec<Line>,
) -> anyhow::Result<()> {
    for words in ["list --limit 0 -o jsonl", "audit verify", "audit export", "store check"] {
        say(&format!("memory of {words} on {database} …"));
        let theirs = peak(bench, words, &few)?.context("1,000 keys took too long")?;
        let ours = peak(bench, words, &many)?;
        lines.push(memory_line(format!("memory: {words}, {database}"), "1,000 keys", ours, Some(theirs)));
    }
    Ok(())
}

/// The line of two peaks; one that is missing was not reached in time.
pub(crate) fn memory_line(what: String, reference: &str, ours: Option<f64>, theirs: Option<f64>) -> Line {
    let shown = |peak: Option<f64>| peak.map_or_else(|| format!("> {PATIENCE_SECONDS} s"), mebibytes);
    Line {
        what,
        reference: reference.to_owned(),
        ours: shown(ours),
        theirs: shown(theirs),
        ratio: ours.zip(theirs).map_or(f64::INFINITY, |(ours, theirs)| ours / theirs),
        seconds: None,
        budget: FLAT,
    }
}

fn mebibytes(kibibytes: f64) -> String {
    format!("{:.1} MiB", kibibytes / 1024.0)
}

/// The largest resident set in KiB; `None` if the command did not end in time. GNU time starts
/// the program from a small process: what is spawned from here would count this process's own
/// pages.
pub(crate) fn peak(bench: &Bench, words: &str, store: &str) -> anyhow::Result<Option<f64>> {
    let report = bench.home.path().join("peak");
    let mut command = command(bench, Path::new("/usr/bin/time"));
    command.args(["-q", "-f", "%M", "-o"]).arg(&report).args(["timeout", &PATIENCE_SECONDS.to_string()]);
    command.arg(&bench.program).args(words.split(' ')).args(["--store", store]).env("PGPASSWORD", PASSWORD);
    let ended = command.stderr(Stdio::piped()).output().context("/usr/bin/time")?;
    if ended.status.code() == Some(TIMED_OUT) {
        return Ok(None);
    }
    ensure!(ended.status.success(), "{words}: {}", String::from_utf8_lossy(&ended.stderr));
    let text = std::fs::read_to_string(&report).context("a report")?;
    Ok(Some(text.trim().parse().context("a number of KiB")?))
}
