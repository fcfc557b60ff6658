//! Keys that move in, all at once, into a store that begins empty.
//!
//! Ours is the whole import: the CSV file is read and checked, kept in a temporary file, and
//! written in as many durable transactions as that takes. The reference is given its rows in
//! memory, for which its clock stands still, and writes them in one.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use keyctl::crypto::chain;
use keyctl::domain::id::key_id;
use keyctl::domain::keys::foreign::display_prefix;
use keyctl::domain::keys::label::Labels;
use keyctl::domain::keys::scope::{Scope, Scopes};
use keyctl::domain::keys::token::TokenHash;
use keyctl::domain::owners::owner::{KeyName, Owner};
use keyctl::domain::random::Random as _;
use keyctl::domain::time::Timestamp;
use keyctl::ops::env::SystemRandom;
use keyctl::ops::imports::rows::import;
use keyctl::ops::imports::{Import, LetIn, Source};
use keyctl::store::Access;
use rusqlite::{Connection, Transaction, params};
use uuid::Uuid;

use super::fixture::{self, Made};
use super::mints::Pool;
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
    lines.extend(row.run_with_leanest(
        0,
        || ours(bench, &many),
        || leanest(bench, &many),
        || theirs(bench),
    )?);
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
    let request =
        Import { source: Source::Csv, table: None, input, let_in: LetIn::default(), scratch: &scratch };
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

/// Rows of a transaction of the leanest import: what ours comes to where it holds the lock for a fifth of a second.
const HELD: usize = 5_000;
/// How long the lock is left to others then, as ours leaves it.
const PAUSE: Duration = Duration::from_millis(5);
/// Looked up at once.
const LOOKED_UP: usize = 500;

/// A row of the file.
struct Row {
    hash: TokenHash,
    owner: Owner,
    name: KeyName,
    scopes: Scopes,
    expires_at: Option<i64>,
    labels: Labels,
}

/// The leanest import: every row is read, checked, compared with the others and with the store before anything is
/// written; what is written is cut into transactions, each with its audit record and its change. The rows are kept in
/// memory, not on disk, by statements that stay prepared.
fn leanest(bench: &Bench, csv: &Path) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let file = folder.path().join("keys.db");
    fixture::init(&big_sqlite::location(&file))?;
    let connection = Connection::open(&file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
         PRAGMA journal_size_limit = 4194304; PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 32768",
    )?;
    let work = || {
        let rows = checked(&connection, csv)?;
        for (place, rows) in rows.chunks(HELD).enumerate() {
            if place > 0 {
                std::thread::sleep(PAUSE);
            }
            write(&connection, rows)?;
        }
        anyhow::Ok(rows.len())
    };
    let (took, rows) = timed(work)?;
    ensure!(rows as u64 == bench.keys, "{rows} keys were imported");
    Ok(took)
}

fn checked(connection: &Connection, csv: &Path) -> anyhow::Result<Vec<Row>> {
    let mut reader = csv::Reader::from_path(csv)?;
    let (mut rows, mut hashes, mut names) = (Vec::new(), HashSet::new(), HashSet::new());
    let places: Vec<String> = (1..=LOOKED_UP).map(|place| format!("?{place}")).collect();
    let pairs: Vec<String> =
        (0..LOOKED_UP).map(|pair| format!("(?{}, ?{})", 2 * pair + 1, 2 * pair + 2)).collect();
    let (places, pairs) = (places.join(", "), pairs.join(", "));
    let mut known = connection.prepare(&format!("SELECT 1 FROM token WHERE token_hash IN ({places})"))?;
    let mut owners_named = connection.prepare(&format!("SELECT 1 FROM owner WHERE name IN ({places})"))?;
    let mut known_as = connection.prepare(&format!("SELECT 1 FROM owner WHERE subject IN ({places})"))?;
    let mut live = connection.prepare(&format!(
        "SELECT 1 FROM (VALUES {pairs}) AS v CROSS JOIN key k
         WHERE k.owner = v.column1 AND k.name = v.column2 AND k.revoked_at IS NULL"
    ))?;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let labels = cell(5).split(';').collect::<Vec<_>>();
        let row = Row {
            hash: TokenHash::parse(cell(0)).context("a hash")?,
            owner: cell(1).parse()?,
            name: cell(2).parse()?,
            scopes: Scopes::parse_lists(cell(3).split(' '))?,
            expires_at: match cell(4) {
                "never" => None,
                text => Some(Timestamp::parse(text)?.as_millis()),
            },
            labels: Labels::parse_all(labels)?,
        };
        ensure!(hashes.insert(row.hash.digest()), "the same hash twice");
        ensure!(names.insert((row.owner.clone(), row.name.clone())), "the same name twice");
        rows.push(row);
    }
    for rows in rows.chunks_exact(LOOKED_UP) {
        let hashes = rusqlite::params_from_iter(rows.iter().map(|row| row.hash.as_str()));
        let owners = || rusqlite::params_from_iter(rows.iter().map(|row| row.owner.as_str()));
        let names =
            rusqlite::params_from_iter(rows.iter().flat_map(|row| [row.owner.as_str(), row.name.as_str()]));
        let is_there = known.exists(hashes)? || owners_named.exists(owners())? || known_as.exists(owners())?;
        ensure!(!is_there && !live.exists(names)?, "something of it is there");
    }
    Ok(rows)
}

fn write(connection: &Connection, rows: &[Row]) -> anyhow::Result<()> {
    let mut random = vec![0; rows.len() * (10 + 2 * 64)];
    SystemRandom.fill(&mut random)?;
    let mut random = Pool(&random);
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut head =
        connection.prepare_cached("SELECT store_uuid, mark_counter, audit_seq, audit_hash FROM head")?;
    let (uuid, counter, last, previous) = head.query_row([], |row| {
        Ok((
            Uuid::from_bytes(row.get(0)?),
            row.get::<_, i64>(1)?,
            row.get::<_, i64>(2)?,
            row.get::<_, [u8; 32]>(3)?,
        ))
    })?;
    let now = (fixture::options().clock)().context("a clock")?;
    let at = now.as_millis();
    let mut owner = connection.prepare_cached(
        "INSERT INTO owner (name, created_at) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
    )?;
    let mut key = connection.prepare_cached(
        "INSERT INTO key (id, owner, name, scopes, networks, labels, created_at, expires_at, generation)
         VALUES (?1, ?2, ?3, ?4, '[]', ?5, ?6, ?7, 1)",
    )?;
    let mut token = connection.prepare_cached(
        "INSERT INTO token (token_hash, hash_alg, token_id, prefix, key_id, generation, created_at, key_name,
            owner, scopes, networks, labels, expires_at)
         VALUES (?1, 'sha256', ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, '[]', ?9, ?10)",
    )?;
    let mut label =
        connection.prepare_cached("INSERT INTO key_label (name, value, key_id) VALUES (?1, ?2, ?3)")?;
    let mut scope =
        connection.prepare_cached("INSERT INTO scope (name) VALUES (?1) ON CONFLICT (name) DO NOTHING")?;
    for owners in rows.chunk_by(|one, next| one.owner == next.owner) {
        owner.execute(params![owners[0].owner.as_str(), at])?;
    }
    let mut made = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, shown) = (key_id(now, &mut random)?.to_string(), display_prefix(&mut random)?);
        let (scopes, labels) = (list(&row.scopes), row.labels.to_json());
        key.execute(params![id, row.owner.as_str(), row.name.as_str(), scopes, labels, at, row.expires_at])?;
        made.push((row, id, shown, scopes, labels));
    }
    made.sort_unstable_by(|(one, ..), (other, ..)| one.hash.as_str().cmp(other.hash.as_str()));
    for (row, id, shown, scopes, labels) in &made {
        let (owner, name) = (row.owner.as_str(), row.name.as_str());
        let token_id = shown.token_id();
        let (shown, token_id, hash) = (shown.as_str(), token_id.as_str(), row.hash.as_str());
        token.execute(params![hash, token_id, shown, id, at, name, owner, scopes, labels, row.expires_at])?;
    }
    made.sort_unstable_by(|(_, one, ..), (_, other, ..)| one.cmp(other));
    for (row, id, ..) in &made {
        for (name, value) in row.labels.iter() {
            label.execute([name, value, id])?;
        }
    }
    let scopes: BTreeSet<&str> = rows.iter().flat_map(|row| row.scopes.iter()).map(Scope::as_str).collect();
    for name in scopes {
        scope.execute([name])?;
    }
    let mut nonce = [0; 8];
    random.fill(&mut nonce)?;
    let nonce = format!("{:016x}", u64::from_be_bytes(nonce));
    let (first, last_id) = (&made[0].1, &made[made.len() - 1].1);
    let body = format!(
        "{{\"v\":1,\"at\":\"{now}\",\"action\":\"import\",\"details\":{{\"source\":\"csv\",\"count\":{},\
         \"first_key\":\"{first}\",\"last_key\":\"{last_id}\"}}}}",
        rows.len()
    );
    let (seq, counter) = (last + 1, counter + 1);
    let link = chain::link(&uuid, seq.cast_unsigned(), &previous, &body);
    connection.execute(
        "INSERT INTO audit (seq, body, hash) VALUES (?1, ?2, ?3)",
        params![seq, body, link.as_slice()],
    )?;
    connection.execute(
        "INSERT INTO change (seq, key_id, at, nonce) VALUES (?1, '*', ?2, ?3)",
        params![counter, at, nonce],
    )?;
    connection.execute(
        "UPDATE head SET mark_counter = ?1, mark_nonce = ?2, audit_seq = ?3, audit_hash = ?4 WHERE id = 1",
        params![counter, nonce, seq, link.as_slice()],
    )?;
    Ok(connection.execute_batch("COMMIT")?)
}

fn list(scopes: &Scopes) -> String {
    let quoted: Vec<String> = scopes.iter().map(|scope| format!("\"{scope}\"")).collect();
    format!("[{}]", quoted.join(","))
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
