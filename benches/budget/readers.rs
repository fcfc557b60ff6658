//! The reader for services: kept answers, look-ups, and how soon a revocation is seen.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, ensure};
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::keys::presented::Presented;
use keyctl::domain::keys::token::{Token, TokenHash};
use keyctl::ops::keys::revoke::revoke;
use keyctl::runtime::{Asked, Options, Reader, Verified};
use keyctl::store::{Access, Location, Store};
use quick_cache::sync::Cache;
use rusqlite::{Connection, OpenFlags, Statement};
use sha2::{Digest as _, Sha256};

use super::fixture::{self, Seeded};
use super::lookups::{Answer, scopes};
use super::pairs::{Budget, Line, Measure, timed};
use super::processes::SELECT;
use super::server::Server;
use super::{Bench, big_postgres, big_sqlite};

/// Tokens whose answers are kept; all fit.
const KEPT: u64 = 1_000;
const ROUNDS: u32 = 20;
const BATCH: u32 = 500;

/// Revocations that are waited for, on each database.
const REVOKED: u64 = 200;
const BETWEEN: Duration = Duration::from_millis(60);

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let file = big_sqlite::file(bench, bench.keys)?;
    lines.push(kept(&file)?);
    lines.extend(looked_up(bench, &file)?);
    let folder = tempfile::tempdir_in(&bench.data)?;
    let copy = folder.path().join("keys.db");
    std::fs::copy(big_sqlite::file(bench, super::FEW)?, &copy)?;
    lines.push(freshness("SQLite", &copy.display().to_string(), &big_sqlite::location(&copy))?);
    let server = Server::start(bench)?;
    let source = big_postgres::database(&server, super::FEW)?;
    server.sql("postgres", "DROP DATABASE IF EXISTS fresh")?;
    server.sql("postgres", &format!("CREATE DATABASE fresh TEMPLATE {source}"))?;
    let location = big_postgres::location(&server, "fresh")?;
    lines.push(freshness("PostgreSQL", &server.secret_address("fresh"), &location)?);
    Ok(())
}

fn reader(store: &str) -> anyhow::Result<Reader> {
    Ok(Reader::open(store, Options::default())?)
}

fn is_allowed(reader: &Reader, token: &Token, asked: &Asked) -> anyhow::Result<bool> {
    Ok(matches!(reader.verify(token.expose(), asked)?, Verified::Allowed(_)))
}

fn all_allowed(reader: &Reader, tokens: &[Token], asked: &Asked) -> anyhow::Result<()> {
    tokens.iter().try_for_each(|token| {
        ensure!(is_allowed(reader, token, asked)?, "a token was denied");
        Ok(())
    })
}

fn kept(file: &Path) -> anyhow::Result<Line> {
    let tokens: Vec<Token> = {
        let mut random = Seeded(6);
        (0..KEPT).map(|_| fixture::token(random.live_key(KEPT))).collect()
    };
    let asked = Asked { scope: "memories:read".parse().ok(), ..Asked::default() };
    let reader = reader(&file.display().to_string())?;
    let known: HashMap<[u8; 32], u64> = tokens
        .iter()
        .zip(0..)
        .map(|(token, n)| (Sha256::digest(token.expose().as_bytes()).into(), n))
        .collect();
    let ours = || {
        let work = || (0..ROUNDS).try_for_each(|_| all_allowed(&reader, &tokens, &asked));
        Ok(timed(work)?.0)
    };
    let theirs = || {
        let look = |token: &Token| {
            let digest: [u8; 32] = Sha256::digest(token.expose().as_bytes()).into();
            known.get(&digest).copied().is_some_and(|number| black_box(number) < KEPT)
        };
        let (time, all) = timed(|| anyhow::Ok((0..ROUNDS).all(|_| tokens.iter().all(look))))?;
        ensure!(all, "a token is not in the map");
        Ok(time)
    };
    let row = Measure {
        what: "reader, kept answer",
        reference: "SHA-256 and a hash map",
        budget: Budget::AtMost(1.5),
        pairs: 101,
        batch: ROUNDS * u32::try_from(KEPT).expect("few"),
    };
    row.run(ours, theirs)
}

fn looked_up(bench: &Bench, file: &Path) -> anyhow::Result<[Line; 3]> {
    let reader = reader(&file.display().to_string())?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let bare = Connection::open_with_flags(file, flags)?;
    bare.execute_batch("PRAGMA mmap_size = 1073741824")?;
    let mut select = bare.prepare(&format!("{SELECT}?1"))?;
    let (mut random, mut others) = (Seeded(7), Seeded(8));
    let asked = Asked::default();
    let ours = || {
        let tokens: Vec<_> = (0..BATCH).map(|_| fixture::token(random.live_key(bench.keys))).collect();
        Ok(timed(|| all_allowed(&reader, &tokens, &asked))?.0)
    };
    let theirs = || {
        let hashes: Vec<String> =
            (0..BATCH).map(|_| fixture::key(others.live_key(bench.keys)).hash).collect();
        let work = || {
            for hash in &hashes {
                select.query_row([hash], |row| Ok(black_box(super::lookups::read(row)?)))?;
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    };
    let lean = Connection::open_with_flags(file, flags)?;
    lean.execute_batch("PRAGMA mmap_size = 1073741824")?;
    let (mut look, mut thirds) = (Leanest::new(&lean)?, Seeded(10));
    let leanest = || {
        let tokens: Vec<_> = (0..BATCH).map(|_| fixture::token(thirds.live_key(bench.keys))).collect();
        let work = || {
            for token in &tokens {
                ensure!(look.up(token.expose())?, "a token was denied");
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    };
    let row = Measure {
        what: "reader, look-up",
        reference: "rusqlite, prepared select",
        budget: Budget::AtLeast(0.65),
        pairs: 301,
        batch: BATCH,
    };
    row.run_with_leanest(5, ours, leanest, theirs)
}

/// What the contract of readers asks of one read: row, mark and clock in one statement over the views.
const LOOK: &str = "SELECT (SELECT mark FROM keyctl_changes_v1 LIMIT 1), \
     CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER), hash_alg, state, networks, quota, token_id, key_id, \
     key_name, owner, subject, scopes, expires_at FROM keyctl_tokens_v1 WHERE token_hash = ?1";

/// The leanest reader that keeps answers: for one thread, by one statement that stays prepared. The answer is kept
/// under the text's SHA-256 among as many as ours keeps, with the time of the read and the mark's number.
struct Leanest<'c> {
    select: Statement<'c>,
    kept: Cache<[u8; 32], Arc<Kept>>,
    mark: String,
    marks: u64,
}

struct Kept {
    answer: Answer,
    read: Instant,
    good_for: Option<i64>,
    mark: u64,
}

impl<'c> Leanest<'c> {
    fn new(connection: &'c Connection) -> anyhow::Result<Self> {
        let (select, kept) = (connection.prepare(LOOK)?, Cache::new(10_000));
        Ok(Self { select, kept, mark: String::new(), marks: 0 })
    }

    fn up(&mut self, token: &str) -> anyhow::Result<bool> {
        let print: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let now = Instant::now();
        let is_good = |kept: &Kept| {
            let age = now.saturating_duration_since(kept.read).as_millis();
            kept.mark == self.marks && kept.good_for.is_none_or(|left| i128::from(left) > age.cast_signed())
        };
        if let Some(kept) = self.kept.get(&print).filter(|kept| is_good(kept)) {
            black_box(&kept.answer);
            return Ok(true);
        }
        if !matches!(Presented::parse(token), Some(Presented::Ours)) {
            return Ok(false);
        }
        let mut rows = self.select.query([TokenHash::from_digest(&print).as_str()])?;
        let Some(row) = rows.next()? else { return Ok(false) };
        let text = |column| Ok::<_, anyhow::Error>(row.get_ref(column)?.as_str()?);
        if text(0)? != self.mark {
            text(0)?.clone_into(&mut self.mark);
            self.marks += 1;
        }
        let (clock, expires_at) = (row.get_ref(1)?.as_i64()?, row.get_ref(12)?.as_i64_or_null()?);
        let has_quota = row.get_ref(5)?.as_str_or_null()?.is_some();
        if text(2)? != "sha256" || text(3)? != "active" || text(4)? != "[]" || has_quota {
            return Ok(false);
        }
        let own = |column| Ok::<_, anyhow::Error>(text(column)?.to_owned());
        let texts = [own(6)?, own(7)?, own(8)?, own(9)?];
        let answer = (texts, Some(own(10)?), scopes(text(11)?), expires_at);
        let good_for = expires_at.map(|end| end - clock);
        self.kept.insert(print, Arc::new(Kept { answer, read: now, good_for, mark: self.marks }));
        Ok(true)
    }
}

/// From the end of a revocation until a reader, which keeps the answer, denies the token. The
/// reference is the bound that is promised.
fn freshness(database: &str, address: &str, location: &Location) -> anyhow::Result<Line> {
    let keys: Vec<u64> =
        (0..).filter(|number| fixture::key(*number).revoked_at.is_none()).take(200).collect();
    let tokens: Vec<(Token, KeyRef)> =
        keys.iter().map(|number| (fixture::token(*number), KeyRef::Id(fixture::key(*number).id))).collect();
    let store = Store::open(location, Access::Change, fixture::options())?;
    let mut env = fixture::env(store);
    let reader = reader(address)?;
    let (sent, revoked) = std::sync::mpsc::channel::<(usize, Instant)>();
    let mut delays = thread::scope(|scope| {
        let (tokens, reader) = (&tokens, &reader);
        let watcher = scope.spawn(move || watch(reader, tokens, &revoked));
        for (place, (_, key)) in tokens.iter().enumerate() {
            revoke(&mut env, vec![key.clone()], None)?;
            sent.send((place, Instant::now())).context("nobody watches")?;
            thread::sleep(BETWEEN);
        }
        drop(sent);
        watcher.join().map_err(|_| anyhow!("the watcher panicked"))?
    })?;
    delays.sort();
    let at = |share: usize| delays[delays.len() * share / 100].as_secs_f64();
    let (p99, max) = (at(99), delays[delays.len() - 1].as_secs_f64());
    ensure!(delays.len() as u64 == REVOKED && max < 5.0, "{} seen, the last after {max} s", delays.len());
    Ok(Line {
        what: format!("{REVOKED} revocations seen, {database}, p99 (p50 {:.2} s, max {max:.2} s)", at(50)),
        reference: "the 5 s promised".to_owned(),
        ours: format!("{p99:.2} s"),
        theirs: "5.00 s".to_owned(),
        ratio: p99 / 5.0,
        seconds: Some(p99),
        budget: Budget::Within(Duration::from_millis(2500)),
    })
}

/// Verifies all tokens over and over; returns how long each revoked one was still let in.
fn watch(
    reader: &Reader,
    tokens: &[(Token, KeyRef)],
    revoked: &std::sync::mpsc::Receiver<(usize, Instant)>,
) -> anyhow::Result<Vec<Duration>> {
    let asked = Asked::default();
    let (mut waiting, mut delays) = (Vec::<(usize, Instant)>::new(), Vec::new());
    while delays.len() < tokens.len() {
        waiting.extend(revoked.try_iter());
        let mut alive = Vec::new();
        for (place, at) in waiting.drain(..) {
            if is_allowed(reader, &tokens[place].0, &asked)? {
                alive.push((place, at));
            } else {
                delays.push(at.elapsed());
            }
        }
        waiting = alive;
        for (token, _) in tokens {
            black_box(is_allowed(reader, token, &asked)?);
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(delays)
}
