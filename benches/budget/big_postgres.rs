//! PostgreSQL stores of many keys, loaded with COPY and kept between runs.

use std::fmt::Write as _;
use std::io::{self, Write};

use keyctl::crypto::chain;
use keyctl::store::{Access, Head, Location, Store};

use super::big_sqlite::CHANGES_KEPT;
use super::server::Server;
use super::{fixture, say};

/// The database of a store of `keys` keys; built if it is not there.
pub(crate) fn database(server: &Server, keys: u64) -> anyhow::Result<String> {
    let name = format!("keys_{keys}");
    let known = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    if server.sql("postgres", &known)? != "1" {
        say(&format!("building a PostgreSQL store of {keys} keys …"));
        server.sql("postgres", "DROP DATABASE IF EXISTS draft")?;
        server.sql("postgres", "CREATE DATABASE draft")?;
        fixture::init(&location(server, "draft")?)?;
        let head = open(server, "draft")?.head()?;
        server.script("draft", |out| fill(out, &head, keys))?;
        server.sql("draft", "VACUUM ANALYZE")?;
        server.sql("postgres", &format!("ALTER DATABASE draft RENAME TO {name}"))?;
        // Without it, the first measurements would share the disk with the load's pages.
        server.sql("postgres", "CHECKPOINT")?;
    }
    Ok(name)
}

pub(crate) fn location(server: &Server, database: &str) -> anyhow::Result<Location> {
    Ok(Location::parse(&server.secret_address(database))?)
}

pub(crate) fn open(server: &Server, database: &str) -> anyhow::Result<Store> {
    Ok(Store::open(&location(server, database)?, Access::Read, fixture::options())?)
}

const NULL: &str = "\\N";

fn or_null(value: Option<i64>) -> String {
    value.map_or_else(|| NULL.to_owned(), |number| number.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The keys' numbers and rows are the same as in SQLite. A record is JSON without a backslash,
/// so the text form of COPY needs no escapes.
fn fill(out: &mut dyn Write, head: &Head, keys: u64) -> io::Result<()> {
    // The rows refer to each other rightly; checking it row by row would double the time.
    writeln!(out, "SET search_path = keyctl; SET session_replication_role = replica; BEGIN;")?;
    copy(out, "owner (name, created_at)", keys, |number| {
        let made = fixture::key(number);
        made.owner_is_new.then(|| format!("{}\t{}", made.owner, made.created_at.as_millis()))
    })?;
    let columns = "key (id, owner, name, scopes, networks, labels, rate, created_at, expires_at, revoked_at, generation)";
    copy(out, columns, keys, |number| {
        let made = fixture::key(number);
        let (expires_at, revoked_at) = (or_null(made.expires_at), or_null(made.revoked_at));
        let at = made.created_at.as_millis();
        let copied = copied();
        Some(format!(
            "{}\t{}\t{}\t{copied}\t{at}\t{expires_at}\t{revoked_at}\t1",
            made.id, made.owner, made.name
        ))
    })?;
    let columns = "token (token_hash, hash_alg, token_id, prefix, key_id, generation, created_at, key_name, owner, \
                   scopes, networks, labels, rate, expires_at, revoked_at)";
    copy(out, columns, keys, |number| {
        let made = fixture::key(number);
        let (expires_at, revoked_at) = (or_null(made.expires_at), or_null(made.revoked_at));
        let own = format!("{}\tsha256\t{}\t{}\t{}\t1", made.hash, made.token_id, made.prefix, made.id);
        let (at, copied) = (made.created_at.as_millis(), copied());
        Some(format!("{own}\t{at}\t{}\t{}\t{copied}\t{expires_at}\t{revoked_at}", made.name, made.owner))
    })?;
    let (mut seq, mut last) = (head.audit_seq, head.audit_hash);
    copy(out, "key_label (name, value, key_id)", keys, |number| {
        Some(format!("team\tsearch\t{}", fixture::key(number).id))
    })?;
    copy(out, "audit (seq, body, hash)", keys, |number| {
        let lines = fixture::key(number).records().into_iter().map(|body| {
            seq += 1;
            last = chain::link(&head.store_uuid, seq, &last, &body);
            format!("{seq}\t{body}\t\\\\x{}", hex(&last))
        });
        Some(lines.collect::<Vec<_>>().join("\n"))
    })?;
    copy(out, "change (seq, key_id, at)", keys, |number| {
        let made = (number + CHANGES_KEPT >= keys).then(|| fixture::key(number))?;
        Some(format!("{}\t{}\t{}", number + 1, made.id, made.created_at.as_millis()))
    })?;
    let hash = hex(&last);
    writeln!(
        out,
        "UPDATE head SET mark_counter = {keys}, audit_seq = {seq}, audit_hash = '\\x{hash}'; COMMIT;"
    )
}

fn copied() -> String {
    [fixture::SCOPES, fixture::NETWORKS, fixture::LABELS, fixture::RATE].join("\t")
}

fn copy(
    out: &mut dyn Write,
    table: &str,
    keys: u64,
    mut line: impl FnMut(u64) -> Option<String>,
) -> io::Result<()> {
    writeln!(out, "COPY {table} FROM STDIN;")?;
    for line in (0..keys).filter_map(&mut line) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "\\.")
}
