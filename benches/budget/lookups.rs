//! Uncached verification in one process, on the big SQLite store.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use keyctl::domain::keys::key::{Lifetime, ParentLifetime};
use keyctl::domain::keys::network::Networks;
use keyctl::domain::keys::presented::Presented;
use keyctl::domain::keys::scope::Scopes;
use keyctl::domain::keys::token::TokenHash;
use keyctl::domain::keys::verdict;
use keyctl::domain::keys::verdict::{Asked, KnownToken, Verdict};
use keyctl::domain::owners::owner::Owner;
use keyctl::domain::time::Timestamp;
use keyctl::ops::keys::verify::verify;
use keyctl::store::{Access, Store};
use rusqlite::{Connection, OpenFlags, Statement};
use sha2::{Digest as _, Sha256};

use super::fixture::{self, Seeded};
use super::pairs::{Budget, Line, Measure, timed};
use super::processes::SELECT;
use super::{Bench, big_sqlite};

const BATCH: u32 = 500;
const PAIRS: usize = 301;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let file = big_sqlite::file(bench, bench.keys)?;
    let mut store = big_sqlite::open(&file, Access::Read)?;
    let bare = connect(&file)?;
    let mut select = bare.prepare(&format!("{SELECT}?1"))?;
    let mut random = Seeded(4);
    let ours = || verify_some(&mut store, &mut random, bench.keys, BATCH);
    let mut others = Seeded(5);
    let theirs = || {
        let hashes: Vec<String> =
            (0..BATCH).map(|_| fixture::key(others.live_key(bench.keys)).hash).collect();
        let work = || {
            for hash in &hashes {
                select.query_row([hash], |row| Ok(black_box(read(row)?)))?;
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    };
    let lean = connect(&file)?;
    let mut deciding = lean.prepare(DECIDING)?;
    let mut thirds = Seeded(9);
    let leanest = || {
        let tokens: Vec<_> = (0..BATCH).map(|_| fixture::token(thirds.live_key(bench.keys))).collect();
        let work = || {
            for token in &tokens {
                ensure!(black_box(decide(&mut deciding, token.expose())?).is_some(), "a token was denied");
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    };
    let (kept, mut fourths) = (connect(&file)?, Seeded(13));
    let whole = || {
        let tokens: Vec<_> = (0..BATCH).map(|_| fixture::token(fourths.live_key(bench.keys))).collect();
        let asked = Asked::default();
        let work = || {
            for token in &tokens {
                let verdict = decide_whole(&kept, token.expose(), &asked)?;
                ensure!(matches!(black_box(verdict), Some(Verdict::Allowed(_))), "a token was denied");
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    };
    let row = Measure {
        what: "verify in process, uncached",
        reference: "rusqlite, prepared select",
        budget: Budget::AtLeast(0.82),
        pairs: PAIRS,
        batch: BATCH,
    };
    lines.extend(row.run_with_bounds(5, ours, whole, leanest, theirs)?);
    Ok(())
}

/// The columns that decide, or that are part of the answer.
const DECIDING: &str = "SELECT token_id, key_id, key_name, owner, scopes, networks, not_before, expires_at, \
     grace_ends_at, suspended_at, revoked_at, owner_disabled_at, parent_networks, parent_not_before, \
     parent_expires_at, parent_dead_at, subject FROM token WHERE token_hash = ?1";

/// What a verification answers, as values of the caller's own that nobody has looked into: token, key, its name and its
/// owner; the subject where that is another; scopes; the end.
pub(crate) type Answer = ([String; 4], Option<String>, Vec<String>, Option<i64>);

/// The leanest verification: the token's form and check, its hash, the row by a statement that stays prepared, the
/// clock, the state; nothing is asked for but that it is good. Cells are taken as they are.
fn decide(deciding: &mut Statement<'_>, token: &str) -> anyhow::Result<Option<Answer>> {
    if !matches!(Presented::parse(token), Some(Presented::Ours)) {
        return Ok(None);
    }
    let hash = TokenHash::from_digest(&Sha256::digest(token.as_bytes()).into());
    let mut rows = deciding.query([hash.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let text = |column| Ok::<_, anyhow::Error>(row.get_ref(column)?.as_str()?);
    let time = |column| Ok::<_, anyhow::Error>(row.get_ref(column)?.as_i64_or_null()?);
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let ends = [time(7)?, time(8)?, time(14)?];
    let expires_at = ends.into_iter().flatten().min();
    let is_dead = [time(9)?, time(10)?, time(11)?, time(15)?].iter().any(Option::is_some);
    let begins = time(6)?.max(time(13)?);
    let from_anywhere = text(5)? == "[]" && text(12)? == "[]";
    if is_dead || !from_anywhere || expires_at.is_some_and(|end| end <= now) || begins > Some(now) {
        return Ok(None);
    }
    let subject = row.get_ref(16)?.as_str_or_null()?.map(str::to_owned);
    let texts = [text(0)?.to_owned(), text(1)?.to_owned(), text(2)?.to_owned(), text(3)?.to_owned()];
    Ok(Some((texts, subject, scopes(text(4)?), expires_at)))
}

/// All columns that decide, and the hash, by which a row is named that is damaged.
const WHOLE: &str = "SELECT token_hash, token_id, key_id, key_name, owner, scopes, networks, not_before, expires_at, \
     grace_ends_at, suspended_at, revoked_at, owner_disabled_at, parent_networks, parent_not_before, \
     parent_expires_at, parent_dead_at, subject, suspended_until, parent_dead_until FROM token WHERE token_hash = ?1";

/// The leanest verification that keeps the whole contract: the connection may go to another thread, so no statement that
/// borrows it stays prepared outside of its own cache; the form of each cell is checked, and the domain decides.
fn decide_whole(connection: &Connection, token: &str, asked: &Asked) -> anyhow::Result<Option<Verdict>> {
    if !matches!(Presented::parse(token), Some(Presented::Ours)) {
        return Ok(None);
    }
    let hash = TokenHash::from_digest(&Sha256::digest(token.as_bytes()).into());
    let mut statement = connection.prepare_cached(WHOLE)?;
    let mut rows = statement.query([hash.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let text = |column| Ok::<_, anyhow::Error>(row.get_ref(column)?.as_str()?);
    let time = |column| {
        let millis = row.get_ref(column)?.as_i64_or_null()?;
        millis.map(|millis| Timestamp::from_millis(millis).context("no time")).transpose()
    };
    let networks = |column| Networks::from_json(text(column)?).context("no networks");
    let owner: Owner = text(4)?.parse()?;
    let subject = match row.get_ref(17)?.as_str_or_null()? {
        Some(subject) => subject.parse()?,
        None => (&owner).into(),
    };
    let ends = [time(8)?, time(9)?];
    let known = KnownToken {
        token_id: text(1)?.parse()?,
        key_id: text(2)?.parse()?,
        key_name: text(3)?.parse()?,
        owner,
        subject,
        scopes: words(text(5)?).map(str::parse).collect::<Result<Scopes, _>>()?,
        networks: networks(6)?,
        parent_networks: networks(13)?,
        lifetime: Lifetime {
            not_before: time(7)?,
            expires_at: ends.into_iter().flatten().min(),
            suspended_at: time(10)?,
            suspended_until: time(18)?,
            revoked_at: time(11)?,
            owner_disabled_at: time(12)?,
            parent: ParentLifetime {
                not_before: time(14)?,
                expires_at: time(15)?,
                dead_at: time(16)?,
                dead_until: time(19)?,
            },
        },
    };
    let now = (fixture::options().clock)().context("a clock")?;
    Ok(Some(verdict::decide(Some(known), asked, now)))
}

/// A list as keyctl writes it.
pub(crate) fn scopes(json: &str) -> Vec<String> {
    words(json).map(str::to_owned).collect()
}

pub(crate) fn words(json: &str) -> impl Iterator<Item = &str> {
    json.trim_start_matches("[\"").trim_end_matches("\"]").split("\",\"")
}

/// Verifies tokens drawn at random among `keys`; only the verification itself is timed.
pub(crate) fn verify_some(
    store: &mut Store,
    random: &mut Seeded,
    keys: u64,
    count: u32,
) -> anyhow::Result<Duration> {
    let tokens: Vec<_> = (0..count).map(|_| fixture::token(random.live_key(keys))).collect();
    let asked = Asked::default();
    let work = || {
        for token in &tokens {
            let verdict = verify(store, token.expose(), &asked)?;
            ensure!(matches!(verdict, Verdict::Allowed(_)), "{verdict:?}");
        }
        Ok(())
    };
    Ok(timed(work)?.0)
}

/// As the library opens a store to read it.
fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.execute_batch("PRAGMA mmap_size = 1073741824")?;
    Ok(connection)
}

type Columns = ([String; 7], [Option<i64>; 6]);

/// Every column, as values of the caller's own.
pub(crate) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Columns> {
    let text = |column| row.get::<_, String>(column);
    let time = |column| row.get::<_, Option<i64>>(column);
    Ok((
        [text(0)?, text(1)?, text(2)?, text(3)?, text(4)?, text(5)?, text(6)?],
        [time(7)?, time(8)?, time(9)?, time(10)?, time(11)?, time(12)?],
    ))
}
