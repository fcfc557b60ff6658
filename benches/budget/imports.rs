//! Keys that move in, all at once, into a store that begins empty.
//!
//! Ours is the whole import: the CSV file is read and checked, kept in a temporary file, and
//! written in as many durable transactions as that takes. The reference is given its rows in
//! memory, for which its clock stands still, and writes them in one.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use keyctl::domain::time::Timestamp;
use keyctl::ops::imports::rows::import;
use keyctl::ops::imports::{Import, LetIn, Source};
use keyctl::store::Access;
use rusqlite::{Connection, Transaction, params};

use super::fixture::{self, Made};
use super::pairs::{Budget, Line, Measure, timed};
use super::server::Server;
use super::{Bench, big_sqlite, growth, say};

const PAIRS: usize = 3;
/// Rows of the reference that are made at once.
const CHUNK: u64 = 10_000;
/// Memory is compared with an import of this many: fewer end before a statement's buffers are
/// full.
const FEW: u64 = 10_000;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let (few, many) = (csv(bench, FEW)?, csv(bench, bench.keys)?);
    let row = Measure {
        what: "import, one process",
        reference: "rusqlite, the same rows",
        budget: Budget::AtLeast(0.7),
        pairs: PAIRS,
        batch: u32::try_from(bench.keys).expect("few keys"),
    };
    lines.push(row.run_cold(|| ours(bench, &many), || theirs(bench))?);
    memory(bench, [&few, &many], lines)
}

/// A file of `keys` rows; written if it is not there.
fn csv(bench: &Bench, keys: u64) -> anyhow::Result<PathBuf> {
    let path = bench.data.join(format!("import-{keys}.csv"));
    if !path.exists() {
        let draft = bench.data.join("import-draft.csv");
        let mut out = BufWriter::new(File::create(&draft)?);
        writeln!(out, "hash,owner,name,scopes,expires_at,labels")?;
        for number in 0..keys {
            let Made { hash, owner, name, expires_at, .. } = fixture::key(number);
            let end =
                expires_at.and_then(Timestamp::from_millis).map_or("never".to_owned(), |at| at.to_string());
            writeln!(out, "{hash},{owner},{name},memories:read memories:write,{end},team=search")?;
        }
        out.into_inner()?.sync_all()?;
        std::fs::rename(&draft, &path)?;
    }
    Ok(path)
}

fn ours(bench: &Bench, csv: &Path) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let file = folder.path().join("keys.db");
    fixture::init(&big_sqlite::location(&file))?;
    let store = big_sqlite::open(&file, Access::Change)?;
    let mut env = fixture::env(store);
    let scratch = || tempfile::tempfile_in(folder.path());
    let input = Box::new(File::open(csv)?);
    let request = Import { source: Source::Csv, input, let_in: LetIn::default(), scratch: &scratch };
    let (took, report) = timed(|| import(&mut env, request, &mut |_| {}))?;
    ensure!(report.new == bench.keys, "{} keys were imported", report.new);
    Ok(took)
}

fn theirs(bench: &Bench) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let file = folder.path().join("keys.db");
    fixture::init(&big_sqlite::location(&file))?;
    let mut connection = Connection::open(&file)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
    let (mut took, transaction) = timed(|| connection.transaction())?;
    for first in (0..bench.keys).step_by(usize::try_from(CHUNK).expect("small")) {
        let made: Vec<Made> = (first..bench.keys.min(first + CHUNK)).map(fixture::key).collect();
        took += timed(|| insert(&transaction, &made))?.0;
    }
    Ok(took + timed(|| transaction.commit())?.0)
}

fn insert(transaction: &Transaction<'_>, rows: &[Made]) -> rusqlite::Result<()> {
    let mut owner = transaction.prepare_cached("INSERT INTO owner (name, created_at) VALUES (?1, ?2)")?;
    let mut key = transaction.prepare_cached(
        "INSERT INTO key (id, owner, name, scopes, networks, labels, created_at, expires_at, generation)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)",
    )?;
    let mut token = transaction.prepare_cached(
        "INSERT INTO token (token_hash, hash_alg, token_id, prefix, key_id, generation, created_at, key_name,
            owner, scopes, networks, labels, expires_at)
         VALUES (?1, 'sha256', ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    let mut label = transaction.prepare_cached(fixture::LABEL)?;
    let (scopes, networks, labels) = (fixture::SCOPES, fixture::NETWORKS, fixture::LABELS);
    for made in rows {
        let (id, at) = (made.id.to_string(), made.created_at.as_millis());
        let (name, ends) = (&made.name, made.expires_at);
        if made.owner_is_new {
            owner.execute(params![made.owner, at])?;
        }
        key.execute(params![id, made.owner, name, scopes, networks, labels, at, ends])?;
        label.execute(params![id])?;
        token.execute(params![
            made.hash,
            made.token_id,
            made.prefix,
            id,
            at,
            name,
            made.owner,
            scopes,
            networks,
            labels,
            ends
        ])?;
    }
    Ok(())
}

/// One run each: memory hardly varies.
fn memory(bench: &Bench, files: [&Path; 2], lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let server = Server::start(bench)?;
    for database in ["SQLite", "Postgres"] {
        say(&format!("memory of import on {database} …"));
        let peak = |csv: &Path| {
            let folder = tempfile::tempdir_in(&bench.data)?;
            let store = if database == "SQLite" {
                folder.path().join("keys.db").display().to_string()
            } else {
                server.sql("postgres", "DROP DATABASE IF EXISTS draft")?;
                server.sql("postgres", "CREATE DATABASE draft")?;
                server.address("draft", false)
            };
            growth::peak(bench, "store init", &store)?.context("store init took too long")?;
            growth::peak(bench, &format!("import csv {}", csv.display()), &store)
        };
        let (theirs, ours) = (peak(files[0])?, peak(files[1])?);
        lines.push(growth::memory_line(format!("memory: import, {database}"), "10,000 rows", ours, theirs));
    }
    Ok(())
}
