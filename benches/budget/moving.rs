//! A store that is written out while others use it.
//!
//! The reference is SQLite's own copy of the file, by its shell; both are whole processes, and neither reads back what it
//! wrote. Ours reads every row, digests and seals it. Beside it a writer makes one change after the other, on a
//! copy of its own, and the longest of its waits counts.
//!
//! A store that is copied, too: the reference is bare rusqlite, which reads all rows and inserts them into a new file of the same
//! tables, indexes and settings, in one transaction. Ours is the whole process, which checks the chain, and reads all of the copy again.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use keyctl::ops::owners::owner;
use keyctl::store::Access;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OpenFlags};

use super::pairs::{Budget, Line, Measure, timed};
use super::{Bench, big_sqlite, fixture, growth};

const PAIRS: usize = 9;
/// As the figures ask for.
const KEYS: u64 = 100_000;
const FEW: u64 = 1000;
/// What backups are sealed with here.
const KEY: &str = "Eb/Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=";
/// Backups, one after the other, beside the writer.
const BESIDE: u32 = 5;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let keys = KEYS.min(bench.keys);
    let file = big_sqlite::file(bench, keys)?;
    let folder = tempfile::tempdir_in(&bench.data)?;
    let row = Measure {
        what: "store backup, sealed, 100,000 keys",
        reference: "sqlite3 .backup",
        budget: Budget::AtLeast(0.7),
        pairs: PAIRS,
        batch: 1,
    };
    lines.push(row.run_cold(|| ours(bench, &file, folder.path()), || theirs(&file, folder.path()))?);
    let (alone, beside) = (wait(bench, &file, false)?, wait(bench, &file, true)?);
    lines.push(Line {
        what: "the longest wait of a writer beside store backup".to_owned(),
        reference: "alone".to_owned(),
        ours: format!("{:.1} ms", beside.as_secs_f64() * 1e3),
        theirs: format!("{:.1} ms", alone.as_secs_f64() * 1e3),
        ratio: beside.as_secs_f64() / alone.as_secs_f64(),
        seconds: Some(beside.as_secs_f64()),
        budget: Budget::Within(Duration::from_millis(200)),
    });
    let row = Measure {
        what: "store copy to SQLite, 100,000 keys",
        reference: "bare rusqlite, the same rows",
        budget: Budget::AtLeast(0.6),
        pairs: PAIRS,
        batch: 1,
    };
    lines.push(row.run_cold(|| copied(bench, &file, folder.path()), || inserted(&file, folder.path()))?);
    let few = big_sqlite::file(bench, FEW)?;
    let peak = |file: &Path| {
        let _ = fs::remove_file(folder.path().join("out"));
        let words = format!("store backup --no-encrypt {}", folder.path().join("out").display());
        growth::peak(bench, &words, &file.display().to_string())
    };
    let (theirs, ours) = (peak(&few)?, peak(&file)?);
    lines.push(growth::memory_line("memory: store backup".to_owned(), "1000 keys", ours, theirs));
    let peak = |file: &Path| {
        remove(&folder.path().join("copy"));
        let words = format!("store copy --to {}", folder.path().join("copy").display());
        growth::peak(bench, &words, &file.display().to_string())
    };
    let (theirs, ours) = (peak(&few)?, peak(&file)?);
    lines.push(growth::memory_line("memory: store copy".to_owned(), "1000 keys", ours, theirs));
    Ok(())
}

fn command(bench: &Bench, store: &Path, folder: &Path) -> Command {
    let mut command = Command::new(&bench.program);
    command
        .env_clear()
        .env("HOME", bench.home.path())
        .env("KEYCTL_STORE", store)
        .env("KEYCTL_BACKUP_KEY", KEY);
    command.args(["store", "backup", "--quiet"]).arg(folder.join("ours"));
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn ours(bench: &Bench, store: &Path, folder: &Path) -> anyhow::Result<Duration> {
    let _ = fs::remove_file(folder.join("ours"));
    let (took, status) = timed(|| command(bench, store, folder).status())?;
    ensure!(status.success(), "store backup failed");
    Ok(took)
}

fn theirs(store: &Path, folder: &Path) -> anyhow::Result<Duration> {
    let target = folder.join("theirs");
    let _ = fs::remove_file(&target);
    let mut command = Command::new("sqlite3");
    command.env_clear().env("PATH", "/usr/bin:/bin").arg(store).arg(format!(".backup {}", target.display()));
    let (took, status) = timed(|| command.stdin(Stdio::null()).stdout(Stdio::null()).status())?;
    ensure!(status.success() && target.exists(), "sqlite3 failed");
    Ok(took)
}

/// A database with what stands beside it.
fn remove(file: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(format!("{}{suffix}", file.display()));
    }
}

fn copied(bench: &Bench, store: &Path, folder: &Path) -> anyhow::Result<Duration> {
    let target = folder.join("copied");
    remove(&target);
    let mut command = Command::new(&bench.program);
    command.env_clear().env("HOME", bench.home.path()).env("KEYCTL_STORE", store);
    command.args(["store", "copy", "--quiet", "--to"]).arg(&target);
    let (took, status) = timed(|| command.stdin(Stdio::null()).stdout(Stdio::null()).status())?;
    ensure!(status.success(), "store copy failed");
    Ok(took)
}

fn inserted(store: &Path, folder: &Path) -> anyhow::Result<Duration> {
    let target = folder.join("inserted");
    remove(&target);
    timed(|| insert_all(store, &target)).map(|(took, ())| took)
}

fn insert_all(store: &Path, target: &Path) -> anyhow::Result<()> {
    let source = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut target = Connection::open(target)?;
    target
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192")?;
    target.execute_batch("PRAGMA foreign_keys = OFF")?;
    let texts = |sql: &str| -> rusqlite::Result<Vec<String>> {
        source.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
    };
    for sql in texts("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")? {
        target.execute_batch(&sql)?;
    }
    let transaction = target.transaction()?;
    for table in texts("SELECT name FROM sqlite_schema WHERE type = 'table'")? {
        let columns = texts(&format!("SELECT name FROM pragma_table_xinfo('{table}') WHERE hidden = 0"))?;
        let places = vec!["?"; columns.len()].join(", ");
        let columns = columns.join(", ");
        let mut select = source.prepare(&format!("SELECT {columns} FROM {table}"))?;
        let mut insert =
            transaction.prepare(&format!("INSERT INTO {table} ({columns}) VALUES ({places})"))?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            for at in 0..row.as_ref().column_count() {
                insert.raw_bind_parameter(at + 1, ToSqlOutput::Borrowed(row.get_ref(at)?))?;
            }
            insert.raw_execute()?;
        }
    }
    Ok(transaction.commit()?)
}

/// The longest of many changes, while backups are taken or while nothing else happens.
fn wait(bench: &Bench, file: &Path, is_backed_up: bool) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let store = folder.path().join("keys.db");
    fs::copy(file, &store)?;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut env = fixture::env(big_sqlite::open(&store, Access::Change)?);
            let who = "owner-000000".parse()?;
            let mut longest = Duration::ZERO;
            while !done.load(Ordering::Relaxed) {
                for disables in [true, false] {
                    let begun = Instant::now();
                    if disables {
                        owner::disable(&mut env, &who, None)?;
                    } else {
                        owner::enable(&mut env, &who)?;
                    }
                    longest = longest.max(begun.elapsed());
                }
            }
            anyhow::Ok(longest)
        });
        let worked = (0..BESIDE).try_for_each(|_| {
            if is_backed_up {
                return ours(bench, &store, folder.path()).map(drop);
            }
            std::thread::sleep(Duration::from_millis(400));
            Ok(())
        });
        done.store(true, Ordering::Relaxed);
        let longest = writer.join().expect("the writer does not panic");
        worked.and(longest)
    })
}
