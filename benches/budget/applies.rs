//! A team's manifest of 10,000 keys: applied to an empty store, and planned where there is nothing to do.
//!
//! Applying is the whole process but for the deliveries, which are reported beside it: each is a file of its own, synced as
//! any file is that must not be lost. The reference is given the very rows that ours left, in memory, and writes
//! them in transactions of 500 keys. Planning is the whole process, manifest read and all, beside SQLite's shell that prints
//! what is read for it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::pairs::{Budget, Line, Measure, median, timed};
use super::{Bench, big_sqlite, fixture};

const KEYS: usize = 10_000;
const PER_OWNER: usize = 10;
/// Keys of one transaction, ours and theirs.
const BATCH: usize = 500;
const PAIRS: usize = 5;
const PLANS: usize = 15;

/// What an apply writes, each table in the order in which its rows come about.
const TABLES: [(&str, &str); 9] = [
    ("owner", "name"),
    ("scope", "name"),
    ("key", "id"),
    ("token", "key_id"),
    ("key_label", "key_id"),
    ("provisioned", "key_id"),
    ("delivered", "key_id"),
    ("audit", "seq"),
    ("change", "seq"),
];

/// What is read for a plan.
const READ: &str = "SELECT * FROM provisioned m JOIN key k ON k.id = m.key_id
    JOIN token t ON t.key_id = k.id AND t.generation = k.generation JOIN owner o ON o.name = k.owner
    WHERE m.manifest = 'team' AND k.revoked_at IS NULL;
    SELECT * FROM delivered; SELECT * FROM role;";

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let manifest = manifest(folder.path())?;
    let applied = folder.path().join("applied.db");
    let mut delivering = vec![apply(bench, &manifest, &applied)?.1.as_secs_f64()];
    let rows = rows(&applied)?;
    let batch = u32::try_from(KEYS).expect("few keys");
    let row = Measure {
        what: "apply of 10,000 keys, but for deliveries",
        reference: "rusqlite, the same rows, 500 keys at once",
        budget: Budget::AtLeast(0.6),
        pairs: PAIRS,
        batch,
    };
    let store = folder.path().join("keys.db");
    lines.push(row.run_cold(
        || {
            let (took, delivered) = apply(bench, &manifest, &store)?;
            delivering.push(delivered.as_secs_f64());
            Ok(took)
        },
        || insert(&folder.path().join("theirs.db"), &rows),
    )?);
    let seconds = median(&mut delivering);
    let empty = files(folder.path())?.as_secs_f64();
    lines.push(Line {
        what: "10,000 deliveries into files".to_owned(),
        reference: "as many files written, synced and renamed".to_owned(),
        ours: format!("{:.0} ms", seconds * 1e3),
        theirs: format!("{:.0} ms", empty * 1e3),
        ratio: seconds / empty,
        seconds: Some(seconds),
        budget: Budget::Shown,
    });
    let row = Measure {
        what: "plan of 10,000 keys without a change",
        reference: "sqlite3, the same rows",
        budget: Budget::AtMost(3.0),
        pairs: PLANS,
        batch: 1,
    };
    lines.push(row.run(|| plan(bench, &manifest, &applied), || read(&applied))?);
    Ok(())
}

/// The manifest in a folder of its own, with a folder for every hundred tokens.
fn manifest(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut text = "manifest: team\nkeys:\n".to_owned();
    for key in 0..KEYS {
        let (owner, name, place) = (key / PER_OWNER, key % PER_OWNER, key / 100);
        writeln!(
            text,
            "  owner-{owner:06}/key-{name}:\n    scopes: [memories:read, memories:write]\n    labels: {{team: search}}\n    \
             sinks: [{{file: tokens/{place:03}/{key:06}}}]"
        )?;
        fs::create_dir_all(folder.join(format!("tokens/{place:03}")))?;
    }
    let path = folder.join("keys.yaml");
    fs::write(&path, text)?;
    Ok(path)
}

fn command(bench: &Bench, words: &[&str], manifest: &Path, store: &Path) -> Command {
    let mut command = Command::new(&bench.program);
    command.env_clear().env("HOME", bench.home.path()).env("KEYCTL_STORE", store);
    command.args(words).arg("-f").arg(manifest).stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// How long an apply to an empty store took without its deliveries, and how long those.
fn apply(bench: &Bench, manifest: &Path, store: &Path) -> anyhow::Result<(Duration, Duration)> {
    empty(store)?;
    let words = ["apply", "--yes", "-o", "json"];
    let (took, ran) = timed(|| command(bench, &words, manifest, store).output())?;
    ensure!(ran.status.success(), "apply failed");
    let said: serde_json::Value = serde_json::from_slice(&ran.stdout)?;
    ensure!(said["delivered"] == KEYS, "{} tokens were delivered", said["delivered"]);
    let delivering =
        Duration::from_millis(said["delivering_ms"].as_u64().context("how long deliveries took")?);
    Ok((took.saturating_sub(delivering), delivering))
}

fn empty(store: &Path) -> anyhow::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", store.display()));
    }
    fixture::init(&big_sqlite::location(store))
}

/// The rows of one table, and the statement that inserts one.
struct Rows {
    insert: String,
    rows: Vec<Vec<Value>>,
}

/// What an apply left in a store that was empty.
fn rows(store: &Path) -> anyhow::Result<Vec<Rows>> {
    let connection = Connection::open(store)?;
    let mut all = Vec::new();
    for (table, order) in TABLES {
        let columns: Vec<String> = connection
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
        let names = columns.join(", ");
        let insert = format!("INSERT INTO {table} ({names}) VALUES ({})", places.join(", "));
        let mut statement = connection.prepare(&format!("SELECT {names} FROM {table} ORDER BY {order}"))?;
        let rows = statement
            .query_map([], |row| (0..columns.len()).map(|column| row.get(column)).collect())?
            .collect::<Result<Vec<Vec<Value>>, _>>()?;
        all.push(Rows { insert, rows });
    }
    Ok(all)
}

fn insert(store: &Path, tables: &[Rows]) -> anyhow::Result<Duration> {
    empty(store)?;
    let mut connection = Connection::open(store)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; DELETE FROM audit; DELETE FROM change",
    )?;
    let batches = KEYS / BATCH;
    let (took, ()) = timed(|| {
        for batch in 0..batches {
            let transaction = connection.transaction()?;
            for Rows { insert, rows } in tables {
                let mut statement = transaction.prepare_cached(insert)?;
                let share = rows.len().div_ceil(batches);
                for row in rows.iter().skip(batch * share).take(share) {
                    statement.execute(params_from_iter(row))?;
                }
            }
            transaction.commit()?;
        }
        anyhow::Ok(())
    })?;
    Ok(took)
}

/// As many small files as there are tokens, each written beside its place, synced and moved there.
fn files(folder: &Path) -> anyhow::Result<Duration> {
    let target = folder.join("bare");
    fs::create_dir(&target)?;
    let (took, ()) = timed(|| {
        for key in 0..KEYS {
            let draft = target.join("draft");
            let file = fs::File::create(&draft)?;
            std::io::Write::write_all(&mut &file, &[b'x'; 70])?;
            file.sync_all()?;
            fs::rename(&draft, target.join(format!("{key:06}")))?;
            fs::File::open(&target)?.sync_all()?;
        }
        anyhow::Ok(())
    })?;
    Ok(took)
}

fn plan(bench: &Bench, manifest: &Path, store: &Path) -> anyhow::Result<Duration> {
    let mut command = command(bench, &["plan", "--exit-code"], manifest, store);
    let (took, status) = timed(|| command.stdout(Stdio::null()).status())?;
    ensure!(status.success(), "there is something to change");
    Ok(took)
}

fn read(store: &Path) -> anyhow::Result<Duration> {
    let mut command = Command::new("sqlite3");
    command.env_clear().env("PATH", "/usr/bin:/bin").arg("-readonly").arg(store).arg(READ);
    let (took, status) = timed(|| command.stdin(Stdio::null()).stdout(Stdio::null()).status())?;
    ensure!(status.success(), "sqlite3 failed");
    Ok(took)
}
