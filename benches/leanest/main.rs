//! The leanest program that does what `list --limit 20`, `verify` and `show` have to do on a SQLite store, by
//! bare rusqlite: the file is known for a store, opened read-only with the same settings, the same rows are selected, and
//! the same lines are printed. Where ours saves memory and does not take apart what ends with it, so does this.
//!
//! What it leaves out is all else: no command line is parsed beyond its four words, no configuration and no environment
//! is read, no other kind of reference or token looked for, nobody looked at who could replace the file or hold its
//! locks, no store noticed that went back, no cell checked, and no memory kept from a core dump. `scripts/bench`
//! measures it beside the program and beside the shell (`docs/performance.md`), and fails where its lines are not the program's.
//!
//! And the leanest server that does what `keyctl serve` does for a good key ([`serve`]).
//!
//!     leanest list|verify|show|serve STORE [OWNER/NAME|PORT]

#![allow(clippy::disallowed_methods, reason = "as the benches do")]

mod serve;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::mem::ManuallyDrop;
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use sha2::{Digest as _, Sha256};

/// `src/store/keys/mod.rs`; the time is a value here, and a function there.
macro_rules! key {
    ($last:literal, $from:literal, $end:literal) => {
        concat!(
            "SELECT k.id, k.owner, k.name, k.scopes, k.networks, k.labels, k.rate, k.quota, k.created_at, k.not_before, \
             k.expires_at, k.suspended_at, k.revoked_at, k.revoke_reason, o.disabled_at, k.generation, c.prefix, \
             c.created_at, c.hash_alg, p.prefix, p.created_at, p.hash_alg, p.grace_ends_at, \
             (SELECT string_agg(r.role, ',') FROM key_role r WHERE r.key_id = k.id) AS roles, c.scopes AS effective, \
             k.parent, c.parent_not_before, c.parent_expires_at, c.parent_dead_at, \
             COALESCE(o.subject, o.name) AS subject",
            $last,
            " FROM ",
            $from,
            " JOIN owner o ON o.name = k.owner JOIN token c ON c.key_id = k.id AND c.generation = k.generation \
             LEFT JOIN token p ON p.key_id = k.id AND p.generation = k.generation - 1 AND p.grace_ends_at > ?1 ",
            $end
        )
    };
}

const LIST: &str = key!(
    ", (SELECT u.last_used_at FROM key_use u WHERE u.key_id = k.id) AS last_used_at",
    "(SELECT k.* FROM key k WHERE k.revoked_at IS NULL ORDER BY k.id DESC LIMIT 21) k",
    "ORDER BY k.id DESC"
);

const SHOW: &str = key!(
    ", (SELECT u.last_used_at FROM key_use u WHERE u.key_id = k.id) AS last_used_at",
    "key k",
    "WHERE k.owner = ?2 AND k.name = ?3 AND k.revoked_at IS NULL"
);

/// `src/store/keys/tokens.rs`.
const VERIFY: &str = "SELECT token_hash, token_id, key_id, key_name, owner, scopes, networks, not_before, expires_at, \
     grace_ends_at, suspended_at, revoked_at, owner_disabled_at, parent_networks, parent_not_before, \
     parent_expires_at, parent_dead_at, COALESCE(subject, owner) FROM token WHERE token_hash = ?1";

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut out = Vec::new();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list", store] => list(&*open(store)?, &mut out)?,
        ["verify", store] => verify(store, &mut out)?,
        ["show", store, key] => show(&*open(store)?, key, &mut out)?,
        ["serve", store, port] => return serve::serve(Box::leak(Box::new(open(store)?)), port.parse()?),
        _ => anyhow::bail!("leanest list|verify|show|serve STORE [OWNER/NAME|PORT]"),
    }
    std::io::stdout().write_all(&out).context("standard output")
}

/// As `src/store/sqlite/opening.rs` opens it.
fn open(store: &str) -> anyhow::Result<ManuallyDrop<Connection>> {
    let mut head = [0; 100];
    File::open(store)?.read_exact_at(&mut head, 0)?;
    ensure!(head.starts_with(b"SQLite format 3\0") && head[68..72] == *b"kctl", "{store} is no store");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(store, flags)?;
    connection.busy_timeout(Duration::from_millis(1500))?;
    connection.execute_batch("PRAGMA temp_store = MEMORY")?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let schema: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    ensure!(schema > 0, "{store} has no schema");
    connection.execute_batch("PRAGMA cache_size = 24")?;
    // The process ends with it.
    Ok(ManuallyDrop::new(connection))
}

fn now() -> anyhow::Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}

fn list(store: &Connection, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let now = now()?;
    let mut statement = store.prepare(LIST)?;
    let mut rows = statement.query([now])?;
    let mut left = 20;
    while let Some(row) = rows.next()? {
        if left == 0 {
            break;
        }
        left -= 1;
        for (place, cell) in columns(row, now)?.into_iter().enumerate() {
            write!(out, "{}{}", if place > 0 { "\t" } else { "" }, cell.1)?;
        }
        out.push(b'\n');
    }
    Ok(())
}

fn show(store: &Connection, key: &str, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let now = now()?;
    let (owner, name) = key.split_once('/').context("OWNER/NAME")?;
    let mut statement = store.prepare(SHOW)?;
    let mut rows = statement.query((now, owner, name))?;
    let row = rows.next()?.context("no such key")?;
    for (name, cell) in columns(row, now)? {
        writeln!(out, "{name}\t{cell}")?;
    }
    for (name, cell) in [
        ("previous_token", text(row, 19)?.to_owned()),
        ("previous_token_expires_at", moment(row, 22)?),
        (
            "granted_scopes",
            if text(row, 3)? == text(row, 24)? { String::new() } else { words(text(row, 3)?) },
        ),
        ("roles", text(row, 23)?.to_owned()),
        ("parent", text(row, 25)?.to_owned()),
        ("not_before", moment(row, 9)?),
        ("suspended_at", moment(row, 11)?),
        ("revoked_at", moment(row, 12)?),
        ("revoke_reason", text(row, 13)?.to_owned()),
        ("rate", text(row, 6)?.to_owned()),
        ("quota", text(row, 7)?.to_owned()),
        ("allow_ip", words(text(row, 4)?)),
    ] {
        writeln!(out, "{name}\t{cell}")?;
    }
    let labels = text(row, 5)?.trim_matches(['{', '}']).replace("\":\"", "=").replace('"', "");
    Ok(writeln!(out, "labels\t{labels}\nsubject\t{}", text(row, 29)?)?)
}

fn verify(store: &str, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let mut token = String::new();
    std::io::stdin().read_to_string(&mut token)?;
    let mut hash = String::with_capacity(64);
    for byte in Sha256::digest(token.trim_ascii()) {
        use std::fmt::Write as _;
        write!(hash, "{byte:02x}")?;
    }
    let store = open(store)?;
    let now = now()?;
    let mut statement = store.prepare(VERIFY)?;
    let mut rows = statement.query([hash])?;
    let row = rows.next()?.context("unknown")?;
    let ends = [8, 9, 15].iter().filter_map(|column| row.get_ref(*column).ok()?.as_i64().ok()).min();
    let starts = [7, 14].iter().filter_map(|column| row.get_ref(*column).ok()?.as_i64().ok()).max();
    let is_dead =
        [10, 11, 12, 16].iter().any(|column| row.get_ref(*column).is_ok_and(|cell| cell != ValueRef::Null));
    ensure!(
        !is_dead && ends.is_none_or(|end| now < end) && starts.is_none_or(|start| now >= start),
        "denied"
    );
    writeln!(out, "allowed\ttrue\nprincipal\t{}\nkey\t{}/{}", text(row, 17)?, text(row, 4)?, text(row, 3)?)?;
    writeln!(out, "key_id\t{}\ntoken_id\t{}", text(row, 2)?, text(row, 1)?)?;
    let ends = ends.map_or_else(String::new, utc);
    Ok(writeln!(out, "scopes\t{}\nexpires_at\t{ends}", words(text(row, 5)?))?)
}

/// What a line of a list has, and the first lines of a key.
fn columns(row: &Row<'_>, now: i64) -> anyhow::Result<[(&'static str, String); 8]> {
    let time = |column: usize| row.get_ref(column).ok().and_then(|cell| cell.as_i64().ok());
    let dead = |column: usize| time(column).is_some();
    let state = if dead(12) {
        "revoked"
    } else if time(10).is_some_and(|end| now >= end) {
        "expired"
    } else if time(9).is_some_and(|start| now < start) {
        "not_yet_valid"
    } else if dead(11) {
        "suspended"
    } else if dead(14) {
        "owner_disabled"
    } else if dead(28) || time(27).is_some_and(|end| now >= end) || time(26).is_some_and(|start| now < start)
    {
        "parent_dead"
    } else {
        "active"
    };
    Ok([
        ("key", format!("{}/{}", text(row, 1)?, text(row, 2)?)),
        ("state", state.to_owned()),
        ("scopes", words(text(row, 24)?)),
        ("expires_at", moment(row, 10)?),
        ("token_prefix", text(row, 16)?.to_owned()),
        ("id", text(row, 0)?.to_owned()),
        ("created_at", moment(row, 8)?),
        ("last_used_at", moment(row, 30)?),
    ])
}

/// Nothing for NULL.
fn text<'r>(row: &'r Row<'_>, column: usize) -> anyhow::Result<&'r str> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(""),
        cell => Ok(cell.as_str()?),
    }
}

/// A list in JSON of words that need no escapes.
fn words(json: &str) -> String {
    json.trim_matches(['[', ']']).replace('"', "")
}

fn moment(row: &Row<'_>, column: usize) -> anyhow::Result<String> {
    Ok(row.get_ref(column)?.as_i64_or_null()?.map_or_else(String::new, utc))
}

/// A time in UTC, from milliseconds since 1970 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn utc(millis: i64) -> String {
    let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second, milli) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}
