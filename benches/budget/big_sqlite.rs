//! SQLite stores of many keys, written with plain SQL and kept between runs.

use std::path::{Path, PathBuf};

use keyctl::crypto::chain;
use keyctl::store::{Access, Head, Location, Store};
use rusqlite::{Connection, params};

use super::{Bench, fixture, say};

/// The library keeps this many changes.
pub(crate) const CHANGES_KEPT: u64 = 10_000;

/// The file of a store of `keys` keys; built if it is not there.
pub(crate) fn file(bench: &Bench, keys: u64) -> anyhow::Result<PathBuf> {
    let path = bench.data.join(format!("keys-{keys}.db"));
    if !path.exists() {
        say(&format!("building a SQLite store of {keys} keys …"));
        let draft = bench.data.join(format!("draft-{keys}.db"));
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", draft.display()));
        }
        fixture::init(&location(&draft))?;
        fill(&draft, keys)?;
        std::fs::rename(&draft, &path)?;
        // Opening it for a change leaves the -wal and -shm that readers need.
        open(&path, Access::Change)?.head()?;
    }
    Ok(path)
}

pub(crate) fn location(file: &Path) -> Location {
    Location::parse(file.to_str().expect("a path in UTF-8")).expect("a location")
}

pub(crate) fn open(file: &Path, access: Access) -> anyhow::Result<Store> {
    Ok(Store::open(&location(file), access, fixture::options())?)
}

/// One transaction without a journal: a draft that breaks is thrown away.
fn fill(draft: &Path, keys: u64) -> anyhow::Result<()> {
    let head = open(draft, Access::Change)?.head()?;
    let mut connection = Connection::open(draft)?;
    connection.execute_batch(
        "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
             PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -4000000",
    )?;
    let transaction = connection.transaction()?;
    insert(&transaction, &head, keys)?;
    transaction.commit()?;
    // Back to what the library made it; the file is left without -wal and -shm.
    connection.execute_batch("PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn insert(connection: &Connection, head: &Head, keys: u64) -> rusqlite::Result<()> {
    let mut owner = connection.prepare("INSERT INTO owner (name, created_at) VALUES (?1, ?2)")?;
    let mut key = connection.prepare(
        "INSERT INTO key (id, owner, name, scopes, networks, labels, rate, created_at, expires_at, revoked_at,
            generation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)",
    )?;
    let mut token = connection.prepare(
        "INSERT INTO token (token_hash, hash_alg, token_id, prefix, key_id, generation, created_at, key_name,
            owner, scopes, networks, labels, rate, expires_at, revoked_at)
         VALUES (?1, 'sha256', ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    let mut label = connection.prepare(fixture::LABEL)?;
    let mut audit = connection.prepare("INSERT INTO audit (seq, body, hash) VALUES (?1, ?2, ?3)")?;
    let mut change = connection.prepare("INSERT INTO change (seq, key_id, at) VALUES (?1, ?2, ?3)")?;
    let (mut seq, mut last) = (head.audit_seq, head.audit_hash);
    for number in 0..keys {
        let made = fixture::key(number);
        let (id, at) = (made.id.to_string(), made.created_at.as_millis());
        if made.owner_is_new {
            owner.execute(params![made.owner, at])?;
        }
        let (scopes, networks, labels) = (fixture::SCOPES, fixture::NETWORKS, fixture::LABELS);
        key.execute(params![
            id,
            made.owner,
            made.name,
            scopes,
            networks,
            labels,
            fixture::RATE,
            at,
            made.expires_at,
            made.revoked_at
        ])?;
        token.execute(params![
            made.hash,
            made.token_id,
            made.prefix,
            id,
            at,
            made.name,
            made.owner,
            scopes,
            networks,
            labels,
            fixture::RATE,
            made.expires_at,
            made.revoked_at
        ])?;
        label.execute(params![id])?;
        for body in made.records() {
            seq += 1;
            last = chain::link(&head.store_uuid, seq, &last, &body);
            audit.execute(params![seq.cast_signed(), body, last.as_slice()])?;
        }
        if number + CHANGES_KEPT >= keys {
            change.execute(params![(number + 1).cast_signed(), id, at])?;
        }
    }
    connection.execute(
        "UPDATE head SET mark_counter = ?1, audit_seq = ?2, audit_hash = ?3",
        params![keys.cast_signed(), seq.cast_signed(), last.as_slice()],
    )?;
    Ok(())
}
